"""Budgets that are counts, made comparable between machines by what the machine itself can do.

In      The rows of one run, by store; in each what the bare route did beside it.
Out     The machine factor of the moment: the bare route here over the bare route where the budgets
        were written. Each counted budget as written, and times that factor, beside the counts.
Rule    Counts are given as they were measured. Only the budget is scaled, and all is shown. A
        budget is of a core of the application: it is held against what the service's own processor
        time brought; what the clock says stands beside it.
Source  The budgets of docs/bench.md; docs/adr/0024-budgets-as-ratios.md.
Pure    Values in, values out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

BARE: Final = "bare route, small answer"
BARE_THERE: Final = 17_600
"""Small answers a second of a bare route on one core, where the budgets were written."""
PACE: Final = 300
"""Requests a second at which the budgets ask for latency."""

Rows = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Budget:
    """A count that a row must reach, of each second of a core."""

    row: str
    must: int


BUDGETS: Final = (
    Budget("read one", 4_000),
    Budget("create one", 2_000),
    Budget("ingest, support plan (4 resources)", 500),
    Budget("ingest, HL7 v2 problems (3 resources)", 500),
    Budget("HL7 v2 problems over MLLP, 16 at once", 300),
    Budget("bulk CSV", 2_000),
)


@dataclass(frozen=True, slots=True)
class Held:
    """A budget held against what was measured."""

    row: str
    of_core: float
    by_clock: float
    must: int
    factor: float

    @property
    def scaled(self) -> float:
        """The budget as this machine can be asked for it."""
        return self.must * self.factor

    @property
    def is_met(self) -> bool:
        """Whether a core second brings as many."""
        return self.of_core >= self.scaled


def factor(*bare: tuple[float, float]) -> float:
    """What this machine does of what the other did, by the bare route on both: the mean of its
    turns before and after a row, each by the clock and by processor time.

    The better of the two rates counts, so that who sends the load cannot make it look slow.
    """
    return sum(max(rates) for rates in bare) / len(bare) / BARE_THERE


def held(rows: Rows) -> Iterator[Held]:
    """Every counted budget whose row was measured."""
    for budget in BUDGETS:
        row = rows.get(budget.row)
        if row is not None:
            core, clock = row["a core second"], row["a second"]
            yield Held(budget.row, core, clock, budget.must, row["factor"])
