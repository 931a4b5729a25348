"""What a delivery says by leaving something out: rules of a format, as data.

In      The kind and facts of an item of a delivery that states something whole.
Out     Where the item stands (`Placed`): whose file, which period, which table; and, where later
        periods restate earlier ones, on which day it falls and whether it goes on.
Rule    A file replaces what an earlier one of the same organisation, period and table said. A
        later period says nothing of an earlier one, unless the format is `rolling`: then a day
        inside the later window that is no longer named was a mistake, and what went on and is no
        longer named ended with the last period that named it. A table that is not in the file, and
        the Patient of anybody, is never taken away.
Source  docs/adr/0027-what-absence-says.md.
Pure    Facts in, values out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.outcome import Facts, Resource, UnreadableValueError


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an item stands in a snapshot. Days are ISO dates."""

    scope: str
    """Whose data the file states: the provider or council that it names."""
    starts: str
    ends: str
    """The period the file covers."""
    made: str
    """When the file was made (`dates.ordering_time`); empty where it does not say: then no other of
    its period is replaced by it until somebody chooses."""
    table: str
    falls: str = ""
    """The day by which a later window judges it; empty where no later period says of it."""
    lasts: bool = False
    """Whether it goes on beyond the period, for all the file says."""
    begins: str = ""
    thread: str = ""
    """What two rows have in common that may be one thing under two first days."""

    @property
    def period(self) -> tuple[str, str, str, str]:
        """What all rows of one file have in common."""
        return self.scope, self.starts, self.ends, self.made


@dataclass(frozen=True, slots=True)
class Change:
    """One element of a resource as absence leaves it."""

    element: str
    value: Any
    rule: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The rules of one format whose deliveries are whole."""

    title: str
    placed: Callable[[str, Facts], Placed | None]
    rolling: bool = False
    """Whether a file restates what earlier periods said."""
    ended: Callable[[Resource, str], tuple[Change, ...]] | None = None
    """Rolling: how a resource looks that ended, for all that is known, on that day."""
    begun: Callable[[Resource, str], tuple[Change, ...]] | None = None
    """Rolling: how a resource looks that began earlier than its row says."""


@dataclass(frozen=True, slots=True)
class OfHeader:
    """A named function: where an item stands by the header of its national data set."""

    header: str
    provider: str
    starts: str
    ends: str
    created: str
    prefix: str

    def __call__(self, kind: str, facts: Facts) -> Placed | None:
        """The place; None where the item is of another format, or its header says too little."""
        head: Mapping[str, str] = facts.get(self.header) or {}
        made, ends = dates.ordering_time(head.get(self.created)), day(head.get(self.ends))
        if not kind.startswith(self.prefix) or not made or not ends:
            return None
        starts = day(head.get(self.starts)) or ends
        return Placed(head.get(self.provider, ""), starts, ends, made, kind)


def day(text: Any) -> str:
    """An ISO day; empty where there is none to be read."""
    try:
        return dates.fhir_date(str(text)) if text else NO_DAY
    except UnreadableValueError:
        return NO_DAY


NO_DAY: Final = ""
