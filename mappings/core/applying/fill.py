"""Fill one resource: what each row puts where, with its lineage, and what it could not put.

In      Rows, each made once into a function (`fillers`); the scope they stand in.
Out     Elements of the resource; a line of lineage for each; issues at the source's own paths.
Errors  None raised by values (finding.py).
Pure    No two resources, and no resource and its facts, share a part.
"""

from collections.abc import Callable, Iterable

from mappings.core.applying.finding import (
    Filling,
    FindEvery,
    FindOne,
    finder_of_every,
    finder_of_one,
)
from mappings.core.model.outcome import Lineage, error, fresh
from mappings.core.model.paths import EVERY, Scope, Steps, shown_by
from mappings.core.model.rows import Row

_HOLLOW: tuple[object, ...] = (None, "", [], {})
"""What comes to nothing when the resource is made (`hollow.without_hollow`)."""

_Filler = Callable[[Filling, Scope], bool]
"""Puts what one row finds in this scope; whether it put anything."""

Fillers = tuple[tuple[tuple[str, ...], _Filler], ...]
"""Rows made into functions, each with the fields of the element at hand of which one must be
there for it to put anything; none where that cannot be told."""


def fillers(rows: Iterable[Row]) -> Fillers:
    """The rows as functions, made once and called for each resource."""
    return tuple((_fields_needed(row), _filler(row)) for row in rows)


def fill(rows: Fillers, filling: Filling, scope: Scope) -> None:
    """Put what the rows find in this scope."""
    element = scope.here.value
    here = element if isinstance(element, dict) else {}
    for names, put in rows:
        if not names:
            put(filling, scope)
        else:
            for name in names:
                if name in here:
                    put(filling, scope)
                    break


def _fields_needed(row: Row) -> tuple[str, ...]:
    sources = row.compiled.sources
    if row.must or any(path.from_root or path.up or not path.steps for path in sources):
        return ()
    return tuple(dict.fromkeys(str(path.steps[0]) for path in sources))


def _filler(row: Row) -> _Filler:
    """The row as a function; where it must put something and cannot, it says so."""
    if row.value is not None:
        return _put_constant(row)
    find_one = finder_of_one(row)
    if row.rows:
        put = _put_nested(row, finder_of_every(row))
    elif find_one is not None:
        put = _put_one(row, find_one)
    else:
        put = _put_every(row, finder_of_every(row))
    return _needed(row, put) if row.must else put


def _put_constant(row: Row) -> _Filler:
    place, value, rule = row.compiled.to.putter(), row.value, row.id

    def put(filling: Filling, _scope: Scope) -> bool:
        filling.lineage.append(Lineage(place(filling.resource, fresh(value)), "", rule))
        return True

    return put


def _put_one(row: Row, find: FindOne) -> _Filler:
    place, rule = row.compiled.to.putter(), row.id

    def put(filling: Filling, scope: Scope) -> bool:
        found = find(filling, scope)
        if found is None:
            return False
        source, value = found
        at = place(filling.resource, value)
        filling.lineage.append(Lineage(at, shown_by(filling.show, source.steps), rule))
        return value not in _HOLLOW

    return put


def _put_every(row: Row, find: FindEvery) -> _Filler:
    """Every value where the element makes new entries, else the first."""
    place, appends, rule = row.compiled.to.putter(), row.compiled.to.appends, row.id

    def put(filling: Filling, scope: Scope) -> bool:
        values = find(filling, scope)
        for source, value in values if appends else values[:1]:
            at = place(filling.resource, value)
            filling.lineage.append(Lineage(at, shown_by(filling.show, source.steps), rule))
        return bool(values)

    return put


def _put_nested(row: Row, find: FindEvery) -> _Filler:
    """An element made of rows of its own, for each value found; an empty one is left out."""
    place, appends = row.compiled.to.putter(), row.compiled.to.appends
    rows = fillers(row.rows)

    def put(filling: Filling, scope: Scope) -> bool:
        done = False
        for source, _ in find(filling, scope):
            inner = Filling(filling.show, filling.references, filling.issues, {}, [])
            fill(rows, inner, scope.inside(source))
            if inner.resource:
                at = place(filling.resource, inner.resource)
                filling.lineage += [Lineage(f"{at}.{p}", s, rule) for p, s, rule in inner.lineage]
                done = True
                if not appends:
                    break
        return done

    return put


def _needed(row: Row, put: _Filler) -> _Filler:
    def put_or_say(filling: Filling, scope: Scope) -> bool:
        before = len(filling.issues)
        if put(filling, scope):
            return True
        if len(filling.issues) == before:
            text = "needed and not sent, or not readable"
            filling.issues.append(error(filling.shown(_expected(row, scope)), "missing", text))
        return False

    return put_or_say


def _expected(row: Row, scope: Scope) -> Steps:
    """Where a row looked first for a value that was not there."""
    if not row.compiled.sources:
        return (*scope.here.steps, row.to)
    path = row.compiled.sources[0]
    return (*path.origin(scope).steps, *(step for step in path.steps if step != EVERY))
