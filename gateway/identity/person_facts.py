"""What stands on a person as a whole: protection, opt-out, death, a review before the person sees
what is new; told of each source record.

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
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Final


class Fact(StrEnum):
    """What may be said of a person as a whole."""

    PDS = "pds"
    OPTED_OUT = "opted-out"
    DECEASED = "deceased"
    REVIEW = "review-from"


NO, YES = "no", "yes"
OPEN: Final = "open"
"""An operator takes back what an operator said."""

VALUES: Final[Mapping[Fact, tuple[str, ...]]] = {
    Fact.PDS: ("U", "R", "V", "REDACTED"),
    Fact.OPTED_OUT: (NO, YES),
    Fact.DECEASED: (NO, YES),
    Fact.REVIEW: (NO,),
}
"""What may be said of each, the mildest first; of `REVIEW` the day from which it holds, too."""


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
        known = found.get(one.fact, VALUES[one.fact][0])
        found[one.fact] = max(one.value, known, key=partial(_strictness, one.fact))
    return found


def deaths_decided(said: Iterable[Said]) -> dict[str, bool]:
    """Of which records an operator says that the person died, or did not: it stands in what is
    shown of them."""
    words = [one for one in said if one.fact is Fact.DECEASED and one.decided]
    return {one.patient_id: one.value == YES for one in words if one.value != OPEN}


def is_value(fact: Fact, value: str) -> bool:
    """Whether this may be said of it."""
    return value in VALUES[fact] or (fact is Fact.REVIEW and _is_day(value))


def _strictness(fact: Fact, value: str) -> int:
    """The later in its order; the earlier day."""
    if fact is Fact.REVIEW:
        return (
            0 if value == NO else date.max.toordinal() - date.fromisoformat(value).toordinal() + 1
        )
    return VALUES[fact].index(value)


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
