"""Fill one resource: what each row puts where, with its lineage, and what it could not put.

In      Rows; the scope they stand in.
Out     Elements of the resource; a line of lineage for each; issues at the source's own paths.
Errors  None raised by values: a named function that meets a value of another kind than it was
        written for fails alone, and is an issue (`FAULTS`).
Pure    No two resources, and no resource and its facts, share a part.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from mappings.core.codes import CodeTable, Concept
from mappings.core.outcome import Issue, Lineage, Resource, UnreadableValueError, error, warning
from mappings.core.paths import EVERY, Found, Scope, Steps
from mappings.core.rows import Row

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

_NOTHING: Final = object()

Values = list[tuple[Found | None, Any]]
"""What a row puts, each with where it came from; None for a constant."""


@dataclass(frozen=True, slots=True)
class Filling:
    """One resource, or one element nested in it, being filled."""

    show: Callable[[Steps], str]
    references: Callable[[str, Scope], Values]
    """To what a named target makes inside a scope."""
    issues: list[Issue]
    resource: Resource
    lineage: list[Lineage]

    def row(self, row: Row, scope: Scope) -> None:
        """Put what this row finds; where it must and cannot, say so."""
        before, to = len(self.issues), row.compiled.to
        put = False
        for source, value in self._values(row, scope):
            if row.rows and source is not None:
                nested = Filling(self.show, self.references, self.issues, {}, [])
                for child in row.rows:
                    nested.row(child, scope.inside(source))
                if not nested.resource:
                    continue
                at = to.put(self.resource, nested.resource)
                for line in nested.lineage:
                    self.lineage.append(Lineage(f"{at}.{line.path}", line.source, line.rule))
            else:
                at = to.put(self.resource, value)
                shown = self.show(source.steps) if source else ""
                self.lineage.append(Lineage(at, shown, row.id))
            put = True
            if not to.appends:
                break
        if row.must and not put and len(self.issues) == before:
            text = "needed and not sent, or not readable"
            self.issues.append(error(self.show(_expected(row, scope)), "missing", text))

    def _values(self, row: Row, scope: Scope) -> Values:
        if row.value is not None:
            return [(None, fresh(row.value))]
        if row.refers_to is not None:
            return self.references(row.refers_to, scope)
        if isinstance(row.source, tuple):
            return self._together(row, scope)
        if row.gather is not None:
            every: Iterable[Found] = self._gathered(row, scope)
        else:
            path = row.compiled.sources[0]
            if path.is_one:
                one = path.first(scope)
                every = () if one is None else (one,)
            else:
                every = path.find(scope)
        made: Values = []
        for found in every:
            value = self._converted(row, found, (found.value,))
            if value is not _NOTHING:
                made.append((found, value))
        return made

    def _together(self, row: Row, scope: Scope) -> Values:
        """Several sources handed to the row's function at once; absent ones are None."""
        firsts = [path.first(scope) for path in row.compiled.sources]
        present = next((found for found in firsts if found is not None), None)
        if present is None:
            return []
        values = tuple(found.value if found else None for found in firsts)
        value = self._converted(row, present, values)
        return [] if value is _NOTHING else [(present, value)]

    def _gathered(self, row: Row, scope: Scope) -> list[Found]:
        try:
            return list(row.gather(scope)) if row.gather else []
        except FAULTS:
            self._report(row, scope.here, "wrong-type", UNREADABLE)
            return []

    def _converted(self, row: Row, found: Found, values: tuple[Any, ...]) -> Any:
        """What the row makes of a value: None where it is cleared, _NOTHING to leave out."""
        if values == (CLEARED,):
            return None
        if row.rows and row.fn is None:
            return values[0]
        try:
            value = row.fn(*values) if row.fn else fresh(values[0])
        except UnreadableValueError as broken:
            self._report(row, found, broken.code, broken.text)
            return _NOTHING
        except FAULTS:
            self._report(row, found, "wrong-type", UNREADABLE)
            return _NOTHING
        if value is not None and row.table is not None:
            value = self._coded(row, row.table, found, value)
        return _NOTHING if value is None else value

    def _coded(self, row: Row, table: CodeTable, found: Found, word: Any) -> Any:
        if not isinstance(word, str | int | float):
            self._report(row, found, "wrong-type", UNREADABLE)
            return None
        meaning = table.find(str(word))
        if isinstance(meaning, Concept):
            return meaning.concept(str(word))
        if meaning is not None:
            return meaning
        text = f"this code is not in the table for {row.to}"
        where = self.show(found.steps)
        if table.required:
            words = f"send one of: {', '.join(table.rows)}"
            text = f"{text}; {words if table.ours else 'add it to the table, or correct it'}"
            self.issues.append(error(where, "unmapped-code", text))
            return None
        kept = "left out, and kept with the delivery" if table.gives_codes else "kept as text"
        self.issues.append(warning(where, "unmapped-code", f"{text}; {kept}"))
        return None if table.gives_codes else {"text": str(word)}

    def _report(self, row: Row, found: Found, code: str, text: str) -> None:
        refuses = row.must or (row.table is not None and row.table.required)
        report = error if refuses else warning
        self.issues.append(report(self.show(found.steps), code, text))


def _expected(row: Row, scope: Scope) -> Steps:
    """Where a row looked first for a value that was not there."""
    if not row.compiled.sources:
        return (*scope.here.steps, row.to)
    path = row.compiled.sources[0]
    return (*path.origin(scope).steps, *(step for step in path.steps if step != EVERY))


def fresh(value: Any) -> Any:
    """A copy of JSON, so that no two resources, and no resource and its facts, share a part."""
    if isinstance(value, dict):
        return {name: fresh(child) for name, child in value.items()}
    if isinstance(value, list):
        return [fresh(child) for child in value]
    return value
