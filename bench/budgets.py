"""Budgets that are counts, made comparable between machines by what the machine itself can do.

In      The rows of one run, by store; the bare route among them.
Out     The machine factor: the bare route here over the bare route where the budgets were written.
        Each counted budget as written, and times that factor, beside the count itself.
Rule    A count is given as it was measured. Only the budget is scaled, and both are shown.
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
    """A count that a row must reach."""

    row: str
    must: int
    what: str = "a second"


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
    measured: float
    must: int
    scaled: float

    @property
    def is_met(self) -> bool:
        """Whether the count reaches the budget as this machine can be asked for it."""
        return self.measured >= self.scaled


def factor(a_second: float, a_core_second: float) -> float:
    """What this machine does of what the other did, by the bare route on both.

    The better of its two rates, so that who sends the load cannot make the machine look slow.
    """
    return max(a_second, a_core_second) / BARE_THERE


def held(rows: Rows) -> Iterator[Held]:
    """Every counted budget whose row was measured."""
    machine: float = rows[BARE]["factor"]
    for budget in BUDGETS:
        row = rows.get(budget.row)
        if row is not None:
            yield Held(budget.row, row[budget.what], budget.must, budget.must * machine)
