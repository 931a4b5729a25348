"""Whether two user ids are of one user, for everything that is to be done by somebody else.

Rule    Letter case, width and blanks round it make nobody another person. What is compared so only
        takes away; a right is given to the id as its issuer writes it.
Pure    Values in, values out.
"""

import unicodedata


def one_form(user_id: str) -> str:
    """The id as it is compared with another's."""
    return unicodedata.normalize("NFKC", user_id).strip().casefold()
