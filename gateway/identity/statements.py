"""What is said of two source records: that they are one person, or are not.

In      Statements: of messages (a hospital joins two of its numbers), and decisions of an operator.
Out     What stands of each pair.
Rule    An operator's newest decision on a pair stands; where there is none, or the pair was opened
        again, the newest thing a source said of it, in source-time order. Direction is who goes
        and who stays: the record that is put with another, or taken from it, and the other.
Pure    Any order of the statements gives the same.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from gateway.identity.sayings import Sayings

MOST_MERGED: Final = 50
"""With how many others a source may merge a record: one that it merges with more is a placeholder's
(docs/adr/0081)."""


class Verdict(StrEnum):
    """What a statement says of its two records."""

    SAME = "same"
    DIFFERENT = "different"
    OPEN = "open"
    """Nothing any more: what was said before is taken back."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement about two source records."""

    patient_id: str
    """The record that goes: the merged one, or the one that is taken out."""
    other_id: str
    """The record that stays."""
    verdict: Verdict
    order: tuple[str, str]
    """Source time and hash of the item; moment and id of a decision."""
    decided: bool = False
    """By an operator, not by a message."""
    seen: tuple[Sayings, Sayings] = field(default=(frozenset(), frozenset()), repr=False)
    """What was said of the two records, in that order, by the time of the decision."""

    @property
    def pair(self) -> frozenset[str]:
        """The two records, whichever way round."""
        return frozenset((self.patient_id, self.other_id))


def standing(statements: Iterable[Statement]) -> list[Statement]:
    """What holds of each pair of which something holds, in one order."""
    newest: dict[tuple[frozenset[str], bool], Statement] = {}
    for one in sorted(statements, key=_place):
        newest[one.pair, one.decided] = one
    made = []
    for (pair, _), one in newest.items():
        by_operator = newest.get((pair, True), one)
        stands = by_operator if by_operator.verdict is not Verdict.OPEN else one
        if stands is one and one.verdict is not Verdict.OPEN and len(pair) > 1:
            made.append(one)
    return sorted(made, key=_place)


def merged_by(statements: Iterable[Statement]) -> Mapping[str, Collection[str]]:
    """Each record with those that sources merge it with here."""
    others: defaultdict[str, set[str]] = defaultdict(set)
    for one in statements:
        if one.verdict is Verdict.SAME and not one.decided:
            others[one.patient_id].add(one.other_id)
            others[one.other_id].add(one.patient_id)
    return others


def _place(one: Statement) -> tuple[tuple[str, str], str, str, str]:
    return one.order, one.patient_id, one.other_id, one.verdict
