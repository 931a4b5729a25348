"""Which files replace what came before them, and which of their tables still count.

In      The files of one scope (whose data, which set), each with its rows by table; the guard.
Out     For each file its state, and for each of its tables whether what it says counts.
Rule    Files have an order of their own: by period, then by when they were made. One replaces what
        the earlier ones of its period say, table by table, unless some of its rows were refused,
        or a table shrank below the guard: then it adds and takes nothing away until somebody
        decides. Of files of one period that were made at one moment, or do not say when, none
        replaces another until one is chosen. So the result is that of the whole set, in whatever
        order they came.
Source  docs/adr/0027-what-absence-says.md.
Pure    Values in, values out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

OPEN: Final = "open"
IN_PART: Final = "in-part"
HELD: Final = "held"
APPLIED: Final = "applied"
SEVERAL: Final = "several"
"""Beside another of its period, and nothing says which was made later: both stand."""
REFUSED: Final = "refused"
CONFIRMED: Final = "confirmed"
"""The decision that a file is to be applied as it is."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A table of `least` rows or more that shrinks below `share` per cent holds its file."""

    share: int = 50
    least: int = 20

    def holds(self, before: int, now: int) -> bool:
        """Whether so few rows after so many are to be looked at first."""
        return before >= self.least and now * 100 < before * self.share


@dataclass(frozen=True, slots=True)
class Filed:
    """One file of a scope."""

    snapshot_id: str
    starts: str
    ends: str
    made: str
    received_at: int
    digest: str
    refused: int
    decided: str
    tables: Mapping[str, int]
    """Table -> rows."""

    @property
    def is_chosen(self) -> bool:
        """Whether it may replace others of its period."""
        return bool(self.made) or self.decided == CONFIRMED

    @property
    def order(self) -> tuple[str, str, int, str, str]:
        """Its place among the files of its scope."""
        chosen = int(self.decided == CONFIRMED)
        return (self.ends, self.made, chosen, self.digest, self.snapshot_id)


@dataclass(frozen=True, slots=True)
class Judged:
    """What is made of one file."""

    state: str
    counts: Mapping[str, bool]
    """Table -> whether no later file of the period has replaced it."""
    before: Mapping[str, int]
    """The rows by table of the file it was measured by; empty for the first."""

    @property
    def applies(self) -> bool:
        """Whether what it leaves out says something of earlier periods."""
        return self.state in (APPLIED, SEVERAL)


def judged(files: Iterable[Filed], guard: Guard) -> dict[str, Judged]:
    """What is made of each file, by its id."""
    ordered = sorted(files, key=lambda one: one.order)
    of_moment: dict[tuple[str, str], list[Filed]] = {}
    for one in ordered:
        of_moment.setdefault((one.ends, one.made), []).append(one)
    states: dict[str, str] = {}
    measured: dict[str, Mapping[str, int]] = {}
    floors: dict[tuple[str, str], tuple[str, str, int, str, str]] = {}
    last: Mapping[str, int] = {}
    for one in ordered:
        measured[one.snapshot_id] = last
        states[one.snapshot_id] = state = _state(one, last, guard, of_moment[one.ends, one.made])
        if state in (APPLIED, SEVERAL):
            last = one.tables
        if state == APPLIED and one.is_chosen:
            floors |= dict.fromkeys(((one.ends, name) for name in one.tables), one.order)
    return {
        one.snapshot_id: Judged(
            states[one.snapshot_id],
            {name: one.order >= floors.get((one.ends, name), one.order) for name in one.tables},
            measured[one.snapshot_id],
        )
        for one in ordered
    }


def _state(one: Filed, last: Mapping[str, int], guard: Guard, beside: Sequence[Filed]) -> str:
    """`beside`: the files of its moment, itself among them."""
    if one.decided:
        return APPLIED if one.decided == CONFIRMED else REFUSED
    if any(it.decided == CONFIRMED for it in beside):
        return REFUSED
    if one.refused:
        return IN_PART
    shrunk = (guard.holds(last[name], one.tables[name]) for name in one.tables if name in last)
    if any(shrunk):
        return HELD
    return SEVERAL if any(it.digest != one.digest for it in beside) else APPLIED
