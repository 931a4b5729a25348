"""Orders for a problem, goal or pathway: ORC and OBR under it, to ServiceRequest.

In      PPR, PGL, PPP and PPG messages with orders.
Out     A ServiceRequest for each order, under the same key as in an order message; the plans
        refer to them (links.py).
Source  HL7 v2 chapter 12; rows as for order messages (request.py).
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from mappings.core.model.paths import Found, Scope
from mappings.hospital.rows import goal, problem, request, sensitivity
from mappings.hospital.rows.orders import every_order

PLACES: Final = (*problem.PLACES, *goal.PLACES, "PTH[]", "GOL[].PTH[]", "PRB[].PTH[]")
_FIELDS: Final = (
    *(f"ORC[].{field}" for field in (1, 2, 3, 5, 7, 9, 12)),
    *(
        f"ORC[].OBR[].{field}"
        for field in (2, 3, 4, 5, 6, 7, 13, 15, 16, 24, 27, 31, 36, 44, "NTE[].3")
    ),
)


def each_ordered(scope: Scope) -> Iterator[Found]:
    """Each order that stands under a problem, goal or pathway, once."""
    return (found for found in every_order(scope) if found.steps[0] in ("PRB", "GOL", "PTH"))


ORDERED: Final = replace(
    request.REQUEST,
    name="ordered",
    each=each_ordered,
    labels=sensitivity.of_goal,
    reads=(*(f"{place}.{field}" for place in PLACES for field in _FIELDS), "MSH[].8", "PV1[].16"),
)
