"""What stands on a person as a whole: protection, opt-out, death; told of each source record.

In      What sources and operators say of source records of one person.
Out     One value of each fact that anybody speaks of: the strictest.
Rule    Of one record an operator's word stands before its source's, until it is opened again.
        Of several records the strictest word stands: so a fact follows its record through every
        link and back, and nothing is lost or left behind.
Source  docs/adr/0031-what-stands-on-a-person.md.
Pure    Any order gives the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Fact(StrEnum):
    """What may be said of a person as a whole."""

    PDS = "pds"
    OPTED_OUT = "opted-out"
    DECEASED = "deceased"


NO, YES = "no", "yes"
OPEN: Final = "open"
"""An operator takes back what an operator said."""

VALUES: Final[Mapping[Fact, tuple[str, ...]]] = {
    Fact.PDS: ("U", "R", "V", "REDACTED"),
    Fact.OPTED_OUT: (NO, YES),
    Fact.DECEASED: (NO, YES),
}
"""What may be said of each, the mildest first."""


@dataclass(frozen=True, slots=True)
class Said:
    """One word on one source record."""

    patient_id: str
    fact: Fact
    value: str
    decided: bool = False
    """By an operator, not by its source."""


def standing(said: Iterable[Said]) -> dict[Fact, str]:
    """The value of each fact, for all these records as one person."""
    of_record: dict[tuple[str, Fact], Said] = {}
    for one in sorted(said, key=lambda one: one.decided):
        if one.value != OPEN:
            of_record[one.patient_id, one.fact] = one
    found: dict[Fact, str] = {}
    for one in of_record.values():
        order = VALUES[one.fact]
        found[one.fact] = max(one.value, found.get(one.fact, order[0]), key=order.index)
    return found
