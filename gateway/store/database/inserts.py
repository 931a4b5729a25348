"""Rows that a transaction adds to several tables, or takes from them, in one statement.

In      Inserts, updates and deletes, constants of the module that writes the table; their rows.
Out     SQL and its values: one statement for all of them (PostgreSQL), or for a row of one.
Rule    The parts of one statement do not see each other's rows, so that none may depend on another.
        Triggers do: they run after all of them. So the tables stand in the order of their names:
        each order is a statement that the server prepares and the connection keeps.
Pure    No connection.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from gateway.store.database.engine import Delete, Insert, Update

_ARRAYS: Final = ((str, "text[]"), (int, "bigint[]"), (bytes, "bytea[]"))
_Kinds = tuple[str, ...]
_Gone = tuple[Delete, _Kinds]
_Shape = tuple[Insert | Update, int, _Kinds]
"""An insert, how many values it binds, and of what kinds where they are columns of many rows."""
_SHAPES: Final = 1_024
"""Statements that are kept as they were written: which tables a transaction adds to differs."""


def in_one(waiting: Mapping[Insert | Update, Sequence[Sequence[Any]]]) -> tuple[str, list[Any]]:
    """The statement that adds all of these rows, at least one of each, and its values."""
    shapes: list[_Shape] = []
    args: list[Any] = []
    for insert, rows in sorted(waiting.items(), key=_table):
        row = rows[0]
        shapes.append((insert, len(row), tuple(map(_array, row)) if len(rows) > 1 else ()))
        args += zip(*rows, strict=True) if len(rows) > 1 else row
    return _written(tuple(shapes)), args


def away_in_one(
    several: Mapping[Delete, Sequence[Sequence[Any]]],
) -> tuple[str, list[Any]]:
    """The statement that takes away what these rows name, at least one of each, and its values."""
    shapes: list[_Gone] = []
    args: list[Any] = []
    for delete, rows in sorted(several.items(), key=_table):
        shapes.append((delete, tuple(map(_array, rows[0]))))
        args += zip(*rows, strict=True)
    return _taken_away(tuple(shapes)), args


def _table(one: tuple[Insert | Update | Delete, object]) -> str:
    return one[0].table


def _array(value: Any) -> str:
    for kind, name in _ARRAYS:
        if isinstance(value, kind):
            return name
    raise TypeError("a column of many rows holds text, numbers or bytes, and no nothing")


@lru_cache(maxsize=_SHAPES)
def _written(shapes: tuple[_Shape, ...]) -> str:
    """The last insert, with those before it as its parts."""
    first, parts = 1, []
    for insert, count, kinds in shapes:
        if kinds and isinstance(insert, Insert):
            columns = (f"${first + n}::{kind}" for n, kind in enumerate(kinds))
            parts.append(insert.of(f"SELECT * FROM unnest({', '.join(columns)})"))
        else:
            parts.append(insert.of_one(first))
        first += count
    return _together(parts)


@lru_cache(maxsize=_SHAPES)
def _taken_away(shapes: tuple[_Gone, ...]) -> str:
    first, parts = 1, []
    for delete, kinds in shapes:
        columns = ", ".join(f"${first + n}::{kind}" for n, kind in enumerate(kinds))
        names = ", ".join(f"v{n}" for n in range(len(kinds)))
        parts.append(delete.of(f"unnest({columns}) AS g ({names})"))
        first += len(kinds)
    return _together(parts)


def _together(parts: Sequence[str]) -> str:
    *before, last = parts
    named = ", ".join(f"w{n} AS ({part})" for n, part in enumerate(before))
    return f"WITH {named} {last}" if named else last
