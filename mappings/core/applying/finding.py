"""Find what one row puts: the values at its paths, through its function and its code table.

In      A Row, made once into a function that finds one value (`finder_of_one`) or every value
        (`finder_of_every`); the scope it stands in.
Out     Values, each with where it came from; issues at the source's own paths.
Errors  None raised by values: a named function that meets a value of another kind than it was
        written for fails alone, and is an issue (`FAULTS`).
Pure    No value shares a part with the facts.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mappings.core.model.codes import CodeTable, Concept
from mappings.core.model.outcome import (
    Issue,
    Lineage,
    Resource,
    UnreadableValueError,
    error,
    fresh,
    warning,
)
from mappings.core.model.paths import Found, Gather, Scope, SourcePath, Steps, shown_by
from mappings.core.model.rows import Row

CLEARED: Final = '""'
"""HL7 v2's explicit null: the sender deletes the value."""


FAULTS: Final = (
    TypeError,
    ValueError,
    AttributeError,
    LookupError,
    ArithmeticError,
    RecursionError,
)
"""What a named function raises on a value of a kind it was not written for."""

UNREADABLE: Final = "not the kind of value that is expected at this place"

_CLEARED_ALONE: Final = (CLEARED,)
_NOTHING: Final = object()
_WORDS: Final = (str, int, float)
"""The kinds of value a source's code may be."""

Values = Sequence[tuple[Found, Any]]
"""What a row puts, each with where it came from."""


@dataclass(slots=True)
class Filling:
    """One resource, or one element nested in it, being filled."""

    show: Callable[[Steps], str]
    references: Callable[[str, Scope], Values]
    """To what a named target makes inside a scope."""
    issues: list[Issue]
    resource: Resource
    lineage: list[Lineage]

    def shown(self, steps: Steps) -> str:
        """A place as the feed's senders write it."""
        return shown_by(self.show, steps)


FindOne = Callable[[Filling, Scope], tuple[Found, Any] | None]
"""Finds at most one value, with where it came from."""
FindEvery = Callable[[Filling, Scope], Values]
"""Finds every value."""
_Maker = Callable[[Filling, Found, tuple[Any, ...]], Any]
"""What a row makes of the values at a place: None where it is cleared, _NOTHING to leave out."""


def finder_of_one(row: Row) -> FindOne | None:
    """For a row that finds one value at most; None for any other."""
    if isinstance(row.source, tuple):
        return _together(row.compiled.sources, _maker(row))
    if row.compiled.sources and row.compiled.sources[0].is_one:
        return _first(row.compiled.sources[0], _maker(row))
    return None


def finder_of_every(row: Row) -> FindEvery:
    """For any row but a constant."""
    one = finder_of_one(row)
    if one is not None:
        return _as_every(one)
    if row.refers_to is not None:
        name = row.refers_to
        return lambda filling, scope: filling.references(name, scope)
    if row.gather is not None:
        return _gathered(row, row.gather, _maker(row))
    return _at(row.compiled.sources[0], _maker(row))


def _as_every(find_one: FindOne) -> FindEvery:
    def find(filling: Filling, scope: Scope) -> Values:
        found = find_one(filling, scope)
        return () if found is None else (found,)

    return find


def _first(path: SourcePath, make: _Maker) -> FindOne:
    first = path.reader()

    def find(filling: Filling, scope: Scope) -> tuple[Found, Any] | None:
        found = first(scope)
        if found is None:
            return None
        value = make(filling, found, (found.value,))
        return None if value is _NOTHING else (found, value)

    return find


def _together(paths: tuple[SourcePath, ...], make: _Maker) -> FindOne:
    """Several sources handed to the row's function at once; absent ones are None."""

    readers = [path.reader() for path in paths]

    def find(filling: Filling, scope: Scope) -> tuple[Found, Any] | None:
        firsts = [first(scope) for first in readers]
        for present in firsts:
            if present is not None:
                break
        else:
            return None
        values = tuple([None if found is None else found.value for found in firsts])
        value = make(filling, present, values)
        return None if value is _NOTHING else (present, value)

    return find


def _at(path: SourcePath, make: _Maker) -> FindEvery:
    """Every value at a path."""

    def find(filling: Filling, scope: Scope) -> Values:
        return _made(filling, path.find(scope), make)

    return find


def _gathered(row: Row, gather: Gather, make: _Maker) -> FindEvery:
    def find(filling: Filling, scope: Scope) -> Values:
        try:
            every = list(gather(scope))
        except FAULTS:
            _report(filling, row, scope.here, "wrong-type", UNREADABLE)
            return ()
        return _made(filling, every, make)

    return find


def _made(filling: Filling, every: Iterable[Found], make: _Maker) -> Values:
    made = [(found, make(filling, found, (found.value,))) for found in every]
    return [one for one in made if one[1] is not _NOTHING]


def _maker(row: Row) -> _Maker:
    function, table = row.fn or fresh, row.table
    if row.rows and row.fn is None:
        return lambda _filling, _found, values: values[0]
    if row.fn is None and table is None:
        return _copied

    def make(filling: Filling, found: Found, values: tuple[Any, ...]) -> Any:
        if values == _CLEARED_ALONE:
            return None
        try:
            value = function(*values)
        except UnreadableValueError as broken:
            return _report(filling, row, found, broken.code, broken.text)
        except FAULTS:
            return _report(filling, row, found, "wrong-type", UNREADABLE)
        if value is None:
            return _NOTHING
        return value if table is None else _coded(filling, row, table, found, value)

    return make


def _copied(_filling: Filling, _found: Found, values: tuple[Any, ...]) -> Any:
    """The value as it was sent; None where it is cleared."""
    return None if values == _CLEARED_ALONE else fresh(values[0])


def _coded(filling: Filling, row: Row, table: CodeTable, found: Found, word: Any) -> Any:
    if not isinstance(word, _WORDS):
        return _report(filling, row, found, "wrong-type", UNREADABLE)
    meaning = table.find(str(word))
    if isinstance(meaning, Concept):
        said = str(word)
        return meaning.concept("" if table.bare and said == meaning.code else said)
    if meaning is not None:
        return meaning
    text = f"this code is not in the table for {row.to}"
    where = filling.shown(found.steps)
    if table.required:
        words = f"send one of: {', '.join(table.rows)}"
        text = f"{text}; {words if table.ours else 'add it to the table, or correct it'}"
        filling.issues.append(error(where, "unmapped-code", text))
        return _NOTHING
    kept = "left out, and kept with the delivery" if table.gives_codes else "kept as text"
    filling.issues.append(warning(where, "unmapped-code", f"{text}; {kept}"))
    return _NOTHING if table.gives_codes else {"text": str(word)}


def _report(filling: Filling, row: Row, found: Found, code: str, text: str) -> object:
    """Say it, and leave the element out."""
    refuses = row.must or (row.table is not None and row.table.required)
    report = error if refuses else warning
    filling.issues.append(report(filling.shown(found.steps), code, text))
    return _NOTHING
