"""What a reader of a data set says of keys and headers that cannot be used: no value is quoted.

In      Nothing: constants.
Out     Texts of issues.
Pure    Yes.
"""

from typing import Final

AMBIGUOUS: Final = "stands on two different rows of this delivery; send the one that is right"
AMBIGUOUS_LIST: Final = "stands on two different rows of the list; neither is shown"
NOT_LISTED: Final = "is not in the list that was sent; shown without what the list says:"
DUPLICATE: Final = "an earlier row of this delivery says something else under the same key"
BY_CASE: Final = (
    "differs from its parent's only by upper and lower case; taken for the same, since no other "
    "row of this delivery can be meant"
)
CASE: Final = "one differs only by upper and lower case: send the same value in both tables"
SEVERAL: Final = "more than one header: send each submission as a delivery of its own"
UNORDERED: Final = "these rows cannot be put in order with other deliveries"
UNDATED: Final = f"without the header's creation time {UNORDERED}"
NO_TIME: Final = f"no time that can be read; without it {UNORDERED}"
