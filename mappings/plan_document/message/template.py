"""The plan document, or visits, as rows of a CSV template.

In      One CSV file whose headings are the fields of the document by their paths:
        `person.nhs_number`, `goals.words`, `goals.baseline.value`. Any of them may be left out.
        A row states one thing or several: rows of one plan are joined by person and `plan.id`,
        entries of a list by their id; words of a list in one cell are divided by semicolons.
Out     For plans an Item for each plan, numbered by its first row; for visits one for each row.
        Their facts are the document as it would have been sent as JSON.
Errors  NotThisFormatError where no heading is one of the template. Rows of one plan that
        contradict each other, or say nothing of which plan or entry they belong to, are errors.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from mappings.core.model.outcome import Facts, Issue, Item, NotThisFormatError, error, warning
from mappings.core.reading.tables import Columns, Table, TableRow
from mappings.core.shaping.identifiers import normalised
from mappings.plan_document.message import document, visit
from mappings.plan_document.message.columns import Column, columns_of
from mappings.plan_document.message.fields import Strict
from mappings.plan_document.message.shape import PlanDocument

MEDIA_TYPES: Final = ("text/csv",)

PLAN_COLUMNS: Final = columns_of(PlanDocument)
VISIT_COLUMNS: Final = columns_of(visit.VisitDocument)


def recognises(members: Mapping[str, bytes]) -> bool:
    """Whether a file has the headings of a plan or a visit."""
    return len(members) == 1 and _kind_of(next(iter(members.values()))) is not None


def _kind_of(body: bytes) -> str | None:
    if body.lstrip()[:1] in (b"{", b"["):
        return None
    return kind_of(
        Table("", body[:8192], Columns(tuple({**PLAN_COLUMNS, **VISIT_COLUMNS}))).columns
    )


def kind_of(columns: Collection[str]) -> str | None:
    """Which document rows under these headings are."""
    if "visit.id" in columns:
        return visit.KIND
    return document.KIND if "plan.id" in columns and "written_at" in columns else None


def read(members: Mapping[str, bytes]) -> Iterator[Item]:
    """The plans, or the visits, of one file."""
    body = next(iter(members.values())) if len(members) == 1 else b""
    kind = _kind_of(body)
    if kind is None:
        raise NotThisFormatError("", "the headings are not those of the plan template")
    columns = VISIT_COLUMNS if kind == visit.KIND else PLAN_COLUMNS
    return items_of(kind, Table("", body, Columns(tuple(columns))))


class Rows(Protocol):
    """What a template is read from: rows of cells by heading."""

    @property
    def issues(self) -> Sequence[Issue]:
        """Of the file as a whole."""
        ...

    def rows(self) -> Iterator[TableRow]:
        """The rows in order."""
        ...


def items_of(kind: str, table: Rows) -> Iterator[Item]:
    """The items that these rows state."""
    return _visits(table) if kind == visit.KIND else _plans(table)


def _visits(table: Rows) -> Iterator[Item]:
    issues = tuple(table.issues)
    for row in table.rows():
        made = _Joined(visit.KIND, VISIT_COLUMNS, visit.VisitDocument, row.number)
        made.add(row)
        yield made.item(issues)
        issues = ()


def _plans(table: Rows) -> Iterator[Item]:
    joined: list[_Joined] = []
    plans: dict[tuple[str, str, str], _Joined] = {}
    for row in table.rows():
        keys = _plan_keys(row.cells)
        found = list({id(plans[key]): plans[key] for key in keys if key in plans}.values())
        if not found:
            found = [_Joined(document.KIND, PLAN_COLUMNS, PlanDocument, row.number)]
            joined += found
        for one in found:
            one.add(row)
        if len(found) > 1:
            for one in found:
                one.issues[error("person", "contradiction", _NAMED_APART)] = None
        plans |= {key: found[0] for key in keys if key not in plans}
    issues = tuple(table.issues)
    for one in joined:
        yield one.item(issues)
        issues = ()


def _plan_keys(cells: dict[str, str]) -> list[tuple[str, str, str]]:
    """The names of the plan a row is of: its number with each number of the person."""
    plan = cells.get("plan.id", "")
    named = ((heading, normalised(cells.get(heading, ""))) for heading in _WHOSE)
    return [(plan, heading, number) for heading, number in named if plan and number]


_WHOSE: Final = ("person.local_id", "person.nhs_number")


class _Joined:
    """One document being joined from its rows."""

    def __init__(
        self, kind: str, columns: Mapping[str, Column], shape: type[Strict], number: int
    ) -> None:
        self.kind = kind
        self.columns = columns
        self.parts = {step.path for column in columns.values() for step in column.above}
        self.shape = shape
        self.number = number
        self.facts: Facts = {"document": kind, "version": "1"}
        self.issues: dict[Issue, None] = {}
        self.entries: dict[tuple[object, ...], dict[str, Any]] = {}
        """By the list's owner, its name and the ids; every owner is kept in `facts`."""

    def add(self, row: TableRow) -> None:
        """What one row says more."""
        self.issues |= dict.fromkeys(row.issues)
        for heading, cell in row.cells.items():
            column = self.columns.get(heading)
            if column is None:
                self._unknown(heading, cell)
                continue
            place = self._place(column, row.cells)
            if place is not None:
                self._set(place, column, cell)

    def _unknown(self, heading: str, cell: str) -> None:
        """A column that is none of the template's; one that names a part holds nothing of it."""
        if heading in self.parts:
            self.issues[warning(heading, "unknown-field", _A_PART)] = None
        else:
            self.facts[heading] = cell

    def _place(self, column: Column, cells: dict[str, str]) -> dict[str, Any] | None:
        """The object the column's field stands in; lists are entered by their ids."""
        node = self.facts
        for step in column.above:
            if not step.ids:
                node = node.setdefault(step.name, {})
                continue
            wanted = {name: cells.get(f"{step.path}.{name}", "") for name in step.ids}
            missing = [name for name, value in wanted.items() if not value]
            if missing:
                self.issues[error(f"{step.path}.{missing[0]}", "missing", _NO_ID)] = None
                return None
            node = self._entry(node, step.name, wanted)
        return node

    def _entry(self, node: dict[str, Any], name: str, wanted: dict[str, str]) -> dict[str, Any]:
        """The entry of a list that is known by these ids, found again or begun."""
        key = (id(node), name, *wanted.values())
        if key not in self.entries:
            self.entries[key] = wanted
            node.setdefault(name, []).append(wanted)
        return self.entries[key]

    def _set(self, place: dict[str, Any], column: Column, cell: str) -> None:
        value = column.value_of(cell)
        if place.setdefault(column.name, value) != value:
            self.issues[error(column.path, "contradiction", _TWO_ROWS)] = None

    def item(self, issues: tuple[Issue, ...]) -> Item:
        """The item, with what is not to the shape."""
        unread = any(issue.code == "unreadable-row" for issue in self.issues)
        found = () if unread else tuple(document.faults(self.shape, self.facts))
        return Item(self.kind, self.number, self.facts, (*issues, *self.issues, *found))


_NO_ID: Final = "a row that fills this part of the plan says which entry it is"
_A_PART: Final = "a part of the plan, not a column of it; kept with the delivery"
_NAMED_APART: Final = "rows of one plan name its person in ways that only another row joins"
_TWO_ROWS: Final = "two rows of this plan say different things here; send the one that is right"
