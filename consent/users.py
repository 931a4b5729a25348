"""Whether two user ids are of one user, for everything that is to be done by somebody else.

Rule    Letter case, width, blanks round it and what nobody sees make nobody another person: soft
        hyphens, joiners, marks of direction, as text that is copied brings them along. Letters of
        other scripts that look alike, dots and accents do. What is compared so only takes away; a
        right is given to the id as its issuer writes it.
Source  Unicode, section 3.13: caseless matching of compatibility forms (D146).
Pure    Values in, values out.
"""

import re
import unicodedata
from typing import Final

_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""What is drawn as nothing, though Unicode counts it among letters and marks."""


def one_form(user_id: str) -> str:
    """The id as it is compared with another's."""
    if user_id.isascii() and user_id.isprintable():
        return user_id.strip().lower()
    seen = "".join(one for one in _UNSEEN.sub("", user_id) if one.isprintable() or one.isspace())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", seen).casefold())
    return unicodedata.normalize("NFKC", folded.casefold()).strip()
