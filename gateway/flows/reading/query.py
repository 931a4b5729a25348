"""A search, as the API understood it.

Pure    Values.
"""

from dataclasses import dataclass
from datetime import datetime

from gateway.clock import to_micros
from gateway.flows.reading.person_tests import PersonTest
from gateway.store.clear.search_table import Parameter
from gateway.store.record.conditions import Condition, Ids, Order

PERSON = "Patient"


@dataclass(frozen=True, slots=True)
class Include:
    """What goes with the matches: what they refer to, or what refers to them."""

    parameter: Parameter
    target: str = ""
    """The type that is meant; empty: every one."""
    back: bool = False
    """Whether it is what refers to them."""
    onward: bool = False
    """Whether it follows what was included too."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched, and how the answer goes on."""

    types: tuple[str, ...]
    people: tuple[str, ...] | None
    """Ids given as patient; None searches the caller's caseload."""
    numbers: tuple[str, ...]
    """Keyed hashes of NHS numbers; people are found by them."""
    conditions: tuple[Condition, ...]
    about: tuple[PersonTest, ...]
    """Questions about people, by the numbers that the conditions name them by."""
    includes: tuple[Include, ...]
    order: tuple[Order, ...]
    count: int
    after: str
    """Where the page begins, as the last one said; empty for the first."""
    only_total: bool
    counted: bool
    """Whether a total is wanted."""
    at: datetime
    private: bool = False
    """Whether it names somebody: links name those who were found instead."""
    names_staff: bool = False
    """Whether an id in it may be that of a Practitioner."""

    @property
    def label(self) -> str:
        """What the log calls it."""
        return " ".join(self.types)

    @property
    def named(self) -> int:
        """How many people are named, by id or number."""
        return len(self.people or ()) + len(self.numbers)

    @property
    def items(self) -> int:
        """How many resources are named by id."""
        each = (one.ids for one in self.conditions if isinstance(one, Ids))
        return max((len(set(ids)) for ids in each), default=0)

    @property
    def since(self) -> int:
        """When it was asked, in microseconds."""
        return to_micros(self.at)
