"""Which source records are one person: computed from the whole set, never from arrival order.

In      Every source record that claims one NHS number (as keyed hashes), whatever its state.
Out     For each, the person it belongs to and why.
Rule    Records link when their usable NHS number is the same and their birth dates agree. Where
        dates differ, the largest agreeing group links if it is larger than every other; the rest
        stand alone, for review. A person bears the id of the earliest-created record.
Source  Design decision D4.
Pure    Any order of the records gives the same links.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class LinkState(StrEnum):
    """How a source record stands to others."""

    LINKED = "linked"
    ALONE = "alone"
    """A usable number that no other record shares yet."""
    NO_NUMBER = "no-number"
    UNUSABLE_NUMBER = "unusable-number"
    NUMBER_CONFLICT = "number-conflict"
    NO_BIRTH_DATE = "no-birth-date"
    DATE_CONFLICT = "date-conflict"


NEEDS_REVIEW: Final = frozenset(
    {
        LinkState.UNUSABLE_NUMBER,
        LinkState.NUMBER_CONFLICT,
        LinkState.NO_BIRTH_DATE,
        LinkState.DATE_CONFLICT,
    }
)
"""States a person at the source, or at the gateway, has to look at."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one source record says of whom it is about."""

    patient_id: str
    created_at: int
    nhs_hash: str
    """Keyed hash of a usable number; empty without one."""
    birth_hash: str
    unlinkable: LinkState | None = None
    """Why this record cannot be linked whatever others say."""
    serves: bool = False
    """Its id serves as a person's already: between records made at one moment it stays so."""


@dataclass(frozen=True, slots=True)
class Link:
    """Whom a source record belongs to, and how it came to that."""

    person_id: str
    state: LinkState


def links(claims: Iterable[Claim]) -> Mapping[str, Link]:
    """The link of every record that claims one NHS number."""
    able: list[Claim] = []
    made: dict[str, Link] = {}
    for claim in claims:
        reason = claim.unlinkable or (None if claim.birth_hash else LinkState.NO_BIRTH_DATE)
        if reason is None:
            able.append(claim)
        else:
            made[claim.patient_id] = Link(claim.patient_id, reason)
    agreed = _agreed_date([claim.birth_hash for claim in able])
    group = [claim for claim in able if claim.birth_hash == agreed]
    first = min(group, key=_by_age, default=None)
    for claim in able:
        if first is None or claim.birth_hash != agreed:
            made[claim.patient_id] = Link(claim.patient_id, LinkState.DATE_CONFLICT)
        else:
            state = LinkState.LINKED if len(group) > 1 else LinkState.ALONE
            made[claim.patient_id] = Link(first.patient_id, state)
    return made


def _by_age(claim: Claim) -> tuple[int, bool, str]:
    return claim.created_at, not claim.serves, claim.patient_id


def _agreed_date(hashes: list[str]) -> str | None:
    """The birth date more records agree on than on any other; None when there is no such."""
    counts = Counter(hashes).most_common(2)
    if not counts or (len(counts) > 1 and counts[0][1] == counts[1][1]):
        return None
    return counts[0][0]
