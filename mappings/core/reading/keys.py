"""The keys by which tables hang together: which row a key means, and which keys are ambiguous.

In      The rows of the table; its key, and the columns that the rows below are given.
Out     KeyIndex: key -> the columns asked for. Primary, Child, Group: how a table hangs on others.
Rule    A key on two different rows is ambiguous. Rows that say the same are one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from mappings.core.reading.tables import TableRow

Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Context:
    """A table that other rows belong to: its key, and the columns those rows are given."""

    key: str
    keep: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Primary:
    """A table whose rows are items."""

    key: tuple[str, ...]
    """Columns that name a row within the delivery."""
    up: tuple[str, ...] = ()
    """Contexts it must hang on: its parent, the parent's parent, ... the person."""
    beside: tuple[str, ...] = ()
    """Contexts that are joined where they are found."""
    down: tuple[str, ...] = ()
    """Tables whose rows are given to it."""
    groups: tuple[str, ...] = ()
    """Groups of which it is given the one of its own key."""


@dataclass(frozen=True, slots=True)
class Child:
    """A table whose rows are given to a parent."""

    parent: str
    key: str
    exact: bool = True
    """Whether a key that differs only by case is another key."""
    beside: tuple[str, ...] = ()
    """Contexts that are joined into each of its rows where they are found."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of a table that share a key: what they say together is asked, and no more of them."""

    table: str
    key: str
    keep: tuple[str, ...]
    """The columns that are given; a row where none is filled counts."""


class KeyIndex:
    """The rows of a context table by key; a key on two different rows is ambiguous."""

    def __init__(self, rows: Iterable[TableRow], context: Context) -> None:
        self.rows: dict[str, Cells] = {}
        self.ambiguous: set[str] = set()
        whole: dict[str, int] = {}
        for row in rows:
            key = row.cells.get(context.key)
            if key is None:
                continue
            said = fingerprint(row.cells)
            if whole.setdefault(key, said) != said:
                self.ambiguous.add(key)
            self.rows[key] = {name: row.cells[name] for name in context.keep if name in row.cells}

    @cached_property
    def folded(self) -> dict[str, list[str]]:
        """The keys that a key without regard to case can mean."""
        found: dict[str, list[str]] = {}
        for key in self.rows:
            found.setdefault(key.casefold(), []).append(key)
        return found

    def key_of(self, key: str | None, *, exact: bool) -> str | None:
        """The key a child's key means, or None."""
        if key is None or key in self.rows:
            return key
        meant = [] if exact else self.folded.get(key.casefold(), [])
        return meant[0] if len(meant) == 1 else None


def fingerprint(cells: Cells) -> int:
    """What two rows share that say the same, whatever their line numbers and order of columns."""
    return hash(frozenset(item for item in cells.items() if item[0] != "RowNumber"))


def grouped(rows: Iterable[TableRow], group: Group) -> dict[str, list[Cells]]:
    """By key without regard to case, what the rows that share it say in the group's columns."""
    found: dict[str, list[Cells]] = {}
    for row in rows:
        if key := row.cells.get(group.key):
            said = {name: row.cells[name] for name in group.keep if name in row.cells}
            found.setdefault(key.casefold(), []).append(said)
    return found
