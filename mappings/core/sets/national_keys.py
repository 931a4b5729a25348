"""Named functions that find or name rows of a national data set.

In      The scope of a row: facts under their tables' names.
Out     Keys (None where the first part is missing), statements of a child table, conditions.
Rule    A part that is not sent stands in a key as nothing, so that it keeps its place. A day or
        moment stands in it in one spelling, however it was written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.codes import folded
from mappings.core.model.outcome import Facts, UnreadableValueError
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import joined_key


class Using:
    """A named function that is given its code tables beforehand."""

    def __init__(self, func: Callable[..., Any], *tables: Any) -> None:
        self.func = func
        self.tables = tables
        self.args = ()
        self.__name__ = func.__name__

    def __call__(self, *values: Any) -> Any:
        """What the function makes of the values."""
        return self.func(*self.tables, *values)


class KeyedReference:
    """A named function: a reference to a resource whose key begins with a word."""

    def __init__(self, to: Callable[[Any], dict[str, str]], word: str) -> None:
        self.to = to
        self.word = word
        self.__name__ = f"reference_to_{word.replace('-', '_')}"

    def __call__(self, key: Any) -> dict[str, str]:
        """The local reference."""
        return self.to(joined_key(self.word, str(key)))


class RowKey:
    """A named function: a key made of a table's name and some of its columns.

    The first column must be there; the others may be blank and then stand as nothing.
    """

    def __init__(self, table: str, *columns: str) -> None:
        self.table = table
        self.columns = columns
        self.paths = tuple(f"{table}.{column}" for column in columns)
        self.__name__ = f"key_of_{table}({', '.join(columns)})"

    def __call__(self, scope: Scope) -> str | None:
        """The key, or None."""
        return self.of(scope.facts)

    def of(self, facts: Facts) -> str | None:
        """The key of an item's row."""
        row = facts.get(self.table) or {}
        if not row.get(self.columns[0]):
            return None
        first, *others = self.columns
        return "|".join((self.table, row[first], *_parts(row, others)))


class Statements:
    """A named function: each different statement of a child table, by some of its columns."""

    def __init__(self, table: str, columns: tuple[str, ...]) -> None:
        self.table = table
        self.columns = columns
        self.__name__ = f"statements_of_{table}({', '.join(columns)})"

    def __call__(self, scope: Scope) -> Iterator[Found]:
        """The first row of each."""
        seen: set[tuple[str, ...]] = set()
        for index, row in enumerate(scope.facts.get(self.table) or ()):
            said = _parts(row, self.columns)
            if any(said) and said not in seen:
                seen.add(said)
                yield Found((self.table, index), row)


class StatementKey:
    """A named function: the key of what a statement is about, a word, and what it says."""

    def __init__(self, about: str, word: str, columns: tuple[str, ...] = ()) -> None:
        self.table, _, self.column = about.partition(".")
        self.word = word
        self.columns = columns
        self.__name__ = f"key_of_{word}({', '.join((about, *columns))})"

    def __call__(self, scope: Scope) -> str:
        """The key."""
        about = scope.facts[self.table].get(self.column, "")
        return "|".join((about, self.word, *_parts(scope.element, self.columns)))


class Filled:
    """A named function: whether any of some columns was sent."""

    def __init__(self, *paths: str) -> None:
        self.paths = tuple(path.partition(".")[::2] for path in paths)
        self.__name__ = f"filled({', '.join(paths)})"

    def __call__(self, scope: Scope) -> bool:
        """Whether it was."""
        return any(column in (scope.facts.get(table) or {}) for table, column in self.paths)


class _Holds:
    """A named function about what a column holds, its codes in any spelling of the tables."""

    def __init__(self, path: str, *codes: str) -> None:
        self.table, _, self.column = path.partition(".")
        self.codes = frozenset(map(folded, codes))
        self.__name__ = f"{type(self).__name__.lower()}({path}: {' '.join(codes)})"

    def said(self, scope: Scope) -> str | None:
        """The code, as it is looked up; None where the column was not sent."""
        held = (scope.facts.get(self.table) or {}).get(self.column)
        return None if held is None else folded(held)


class Among(_Holds):
    """Whether a column holds one of some codes."""

    def __call__(self, scope: Scope) -> bool:
        """Whether it does."""
        return self.said(scope) in self.codes


class Besides(_Holds):
    """Whether a column holds anything but some codes."""

    def __call__(self, scope: Scope) -> bool:
        """Whether it does."""
        said = self.said(scope)
        return said is not None and said not in self.codes


class InForce:
    """A named function: whether something had begun, and neither ended nor lapsed, when sent."""

    def __init__(self, created: str, begun: str, ended: str, lapsed: str = "") -> None:
        self.created = created.partition(".")[::2]
        self.begun = begun.partition(".")[::2]
        self.ended = ended.partition(".")[::2]
        self.lapsed = lapsed.partition(".")[::2]
        self.__name__ = f"in_force({', '.join(filter(None, (begun, ended, lapsed)))})"

    def __call__(self, scope: Scope) -> bool:
        """Whether it had."""
        return self.of(scope.facts)

    def of(self, facts: Facts) -> bool:
        """Whether an item's row had. A day that cannot be read does not end it."""
        return self.against(facts) is None

    def against(self, facts: Facts) -> tuple[str, str] | None:
        """Where it is said that an item's row is not in force, and why."""
        made, begun = _day(facts, self.created), _day(facts, self.begun)
        ended, lapsed = _day(facts, self.ended), _day(facts, self.lapsed)
        if made and begun and begun > made:
            return ".".join(self.begun), _TO_COME
        is_over = made and ((ended and ended <= made) or (lapsed and lapsed < made))
        return (".".join(self.ended), _OVER) if is_over else None


class Applies(InForce):
    """A named function: whether a column also says that there is anything to be in force."""

    def __init__(self, said: str, none: tuple[str, ...], *days: str) -> None:
        super().__init__(*days)
        self.said = Among(said, *none)
        self.__name__ = f"{self.__name__} and not {self.said.__name__}"

    def against(self, facts: Facts) -> tuple[str, str] | None:
        """Where it is said that an item's row is not in force, and why."""
        if self.said(Scope(facts, Found((), facts))):
            return f"{self.said.table}.{self.said.column}", _NONE
        return super().against(facts)


_SHOWN: Final = "not shown, and taken away where it was shown"
_OVER: Final = f"over when the submission was made; {_SHOWN}"
_TO_COME: Final = f"had not begun when the submission was made; {_SHOWN}"
_NONE: Final = f"says that there is none, or that none is known; {_SHOWN}"


def _parts(row: Mapping[str, Any], columns: Iterable[str]) -> tuple[str, ...]:
    return tuple(dates.one_spelling(row.get(column, "")) for column in columns)


def _day(facts: Facts, path: tuple[Any, ...]) -> str | None:
    table, column = path
    text = (facts.get(table) or {}).get(column)
    try:
        return dates.fhir_date(text) if text else None
    except UnreadableValueError:
        return None
