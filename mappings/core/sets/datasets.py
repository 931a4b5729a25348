"""National data sets: many tables in one delivery, read as rows with what they belong to.

In      Members of a delivery (name -> bytes), one CSV file for each table; a DataSet: which
        tables there are, which rows are items, and by which keys they hang together.
Out     Items: one primary row with its context. `facts` holds rows under their tables' names:
        the header, the row, the rows above it up to the person, the rows below it.
Errors  NotThisFormatError where no member is a table that is read. A row whose parent is not
        there, or whose key stands on two different rows, is an Item with an error saying so.
        A delivery with two different headers is two submissions: each row says so.
Rule    Keys match exactly. One that differs only by case joins nothing, and the error says so;
        but a child that is not `exact` is given to the one parent it can mean, with a warning.
        A table that stands in several files is read as one. A row of a list that no row names
        is told of with the last item; one that cannot be read is an Item with an error.
Pure    Context (its key and the columns asked for) is kept in memory; primary rows stream.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from mappings.core.model.dates import ordering_time
from mappings.core.model.outcome import (
    Facts,
    Issue,
    Item,
    NotThisFormatError,
    error,
    has_errors,
    warning,
)
from mappings.core.reading.keys import (
    Cells,
    Child,
    Context,
    Group,
    KeyIndex,
    Primary,
    fingerprint,
    grouped,
)
from mappings.core.reading.tables import Columns, TableRow
from mappings.core.sets import wording
from mappings.core.sets.listing import Listing
from mappings.core.sets.opening import Tables, opened, rows_of


@dataclass(frozen=True, slots=True)
class DataSet:
    """How the tables of a data set are called and hang together."""

    title: str
    prefix: str
    """What every table name starts with; three digits follow."""
    header: str
    created: str
    """The header's column for when the submission was made."""
    tables: Mapping[str, Columns]
    contexts: Mapping[str, Context]
    primaries: Mapping[str, Primary]
    children: Mapping[str, Child]
    ignored: Mapping[str, str]
    """Tables that are not read, and why."""
    groups: Mapping[str, Group] = field(default_factory=dict)

    def table_of(self, member: str) -> str | None:
        """The table a member's name stands for: `MHS008CarePlanType.csv` is MHS008.

        Where a CSV file's own name says none, the nearest folder's does: `MHS008/part-1.csv`.
        """
        *folders, file = member.replace("\\", "/").split("/")
        for step in (file, *(reversed(folders) if file.lower().endswith(".csv") else ())):
            found = re.match(rf"{self.prefix}\d{{3}}(?!\d)", step, re.IGNORECASE)
            if found:
                return found[0].upper()
        return None

    def recognises(self, members: Mapping[str, bytes]) -> bool:
        """Whether any member is a table of this data set."""
        return any(self.table_of(name) for name in members)

    @property
    def lists(self) -> tuple[str, ...]:
        """Contexts that are no items: their rows say more of what other rows name."""
        return tuple(name for name in self.contexts if name not in self.primaries)

    def read(self, members: Mapping[str, bytes]) -> Iterator[Item]:
        """The items, numbered over the whole delivery."""
        called = {name: self.table_of(name) for name in members}
        tables, issues = opened(members, called, self.tables, self.ignored, self.title)
        if not any(name in tables for name in (*self.primaries, *self.children)):
            raise NotThisFormatError("", f"holds no {self.title} table that is mapped")
        return _Reading(self, tables, issues).items()


class _Reading:
    """One delivery being read."""

    def __init__(self, dataset: DataSet, tables: Tables, issues: list[Issue]) -> None:
        self.dataset = dataset
        self.tables = tables
        self.issues = tuple(issues)
        self.number = 0
        self.header, self.faults = self._header()
        self.contexts = {
            name: KeyIndex(rows_of(tables, name), context)
            for name, context in dataset.contexts.items()
        }
        self.lists = {name: Listing(name, dataset.contexts[name].key) for name in dataset.lists}
        self.orphans: list[tuple[str, TableRow]] = []
        self.children = {
            name: self._children(name, child) for name, child in dataset.children.items()
        }
        asked = {group for name in tables for group in self._groups_of(name)}
        self.groups = {
            name: grouped(rows_of(tables, group.table), group)
            for name, group in dataset.groups.items()
            if name in asked
        }

    def items(self) -> Iterator[Item]:
        """Primary rows table by table, then what cannot be read or has no parent; the last item
        tells what of the lists was of no use."""
        last: Item | None = None
        for item in chain(self._own(), self._unread(), self._orphaned(), self._listed()):
            if last is not None:
                yield last
            last = item
        if last is not None:
            told = chain.from_iterable(listing.told() for listing in self.lists.values())
            yield replace(last, issues=(*last.issues, *told))

    def _unread(self) -> Iterator[Item]:
        for name, files in self.tables.items():
            for table in files:
                if not table.readable and name != self.dataset.header and has_errors(table.issues):
                    yield self._item(name, {name: {}}, tuple(table.issues))

    def _own(self) -> Iterator[Item]:
        for name in self.dataset.primaries:
            seen: dict[tuple[str | None, ...], int] = {}
            for row in rows_of(self.tables, name):
                yield self._primary(name, row, seen)

    def _orphaned(self) -> Iterator[Item]:
        for name, row in self.orphans:
            child = self.dataset.children[name]
            issues = row.issues
            if not row.cells or not has_errors(issues):
                issues += (self._no_parent(name, row.cells, child.parent, child.key),)
            yield self._item(name, {name: row.cells}, issues)

    def _listed(self) -> Iterator[Item]:
        for name, listing in self.lists.items():
            for row in listing.unusable(rows_of(self.tables, name)):
                yield self._item(name, {name: row.cells}, row.issues)

    def _header(self) -> tuple[Cells, tuple[Issue, ...]]:
        rows: dict[int, Cells] = {}
        faults: tuple[Issue, ...] = ()
        for row in rows_of(self.tables, self.dataset.header):
            rows[fingerprint(row.cells)] = row.cells
            if has_errors(row.issues):
                faults += row.issues
            else:
                self.issues += row.issues
        header: Cells = next(iter(rows.values()), {})
        return header, (*faults, *self._undated(header, len(rows)))

    def _undated(self, header: Cells, rows: int) -> Iterator[Issue]:
        name, created = self.dataset.header, self.dataset.created
        if rows > 1:
            yield error(name, "several-headers", wording.SEVERAL)
        elif created not in header:
            yield error(f"{name}.{created}", "missing", wording.UNDATED)
        elif not ordering_time(header[created]):
            yield error(f"{name}.{created}", "invalid-date", wording.NO_TIME)

    def _groups_of(self, name: str) -> tuple[str, ...]:
        primary = self.dataset.primaries.get(name)
        return primary.groups if primary else ()

    def _children(self, name: str, child: Child) -> dict[str, list[TableRow]]:
        found: dict[str, list[TableRow]] = {}
        parents = self.contexts[child.parent]
        for row in rows_of(self.tables, name):
            key = row.cells.get(child.key)
            meant = parents.key_of(key, exact=child.exact)
            if meant is None or has_errors(row.issues):
                self.orphans.append((name, row))
                continue
            if meant != key:
                by_case = warning(f"{name}.{child.key}", "joined-by-case", wording.BY_CASE)
                row = replace(row, issues=(*row.issues, by_case))
            found.setdefault(meant, []).append(row)
        return found

    def _primary(self, name: str, row: TableRow, seen: dict[tuple[str | None, ...], int]) -> Item:
        primary = self.dataset.primaries[name]
        facts: Facts = {name: row.cells}
        issues = list(row.issues)
        if row.cells:
            issues += self._twice(name, row.cells, primary, seen)
            issues += self._join_up(name, facts, primary)
            issues += self._join_rest(name, facts, primary)
        return self._item(name, facts, tuple(issues))

    def _twice(
        self,
        name: str,
        cells: Cells,
        primary: Primary,
        seen: dict[tuple[str | None, ...], int],
    ) -> Iterator[Issue]:
        key = tuple(cells.get(column) for column in primary.key)
        index = self.contexts.get(name)
        if index is not None:
            if key[0] in index.ambiguous:
                yield error(f"{name}.{primary.key[0]}", "ambiguous-key", wording.AMBIGUOUS)
            return
        said = fingerprint(cells)
        if seen.setdefault(key, said) != said:
            yield error(f"{name}.{primary.key[0]}", "duplicate-key", wording.DUPLICATE)

    def _join_up(self, name: str, facts: Facts, primary: Primary) -> Iterator[Issue]:
        below: Cells = facts[name]
        for above in primary.up:
            context = self.dataset.contexts[above]
            key = below.get(context.key)
            index = self.contexts[above]
            if key is None or key not in index.rows:
                yield self._no_parent(name, below, above, context.key)
                return
            if key in index.ambiguous:
                yield error(f"{name}.{context.key}", "ambiguous-key", wording.AMBIGUOUS)
                return
            below = facts[above] = index.rows[key]
            name = above

    def _join_rest(self, name: str, facts: Facts, primary: Primary) -> Iterator[Issue]:
        yield from self._join_beside(name, facts, facts[name], primary.beside)
        for group, said in self.groups.items():
            key = facts[name].get(self.dataset.groups[group].key, "").casefold()
            if group in primary.groups and key in said:
                facts[group] = said[key]
        for below in primary.down:
            child = self.dataset.children[below]
            rows = self.children[below].get(facts[name].get(child.key, ""))
            if rows:
                yield from dict.fromkeys(issue for row in rows for issue in row.issues)
                facts[below] = [dict(row.cells) for row in rows]
                for cells in facts[below]:
                    yield from self._join_beside(below, cells, cells, child.beside)

    def _join_beside(
        self, name: str, into: Facts, cells: Cells, contexts: tuple[str, ...]
    ) -> Iterator[Issue]:
        for beside in contexts:
            column, index = self.dataset.contexts[beside].key, self.contexts[beside]
            key = cells.get(column)
            if key is not None and beside in self.lists:
                self.lists[beside].named.add(key)
            if key in index.ambiguous:
                yield warning(f"{name}.{column}", "ambiguous-key", wording.AMBIGUOUS_LIST)
            elif key in index.rows:
                into[beside] = index.rows[key]
            elif key and beside in self.tables:
                yield warning(f"{name}.{column}", "not-in-list", f"{wording.NOT_LISTED} {beside}")

    def _no_parent(self, name: str, cells: Cells, parent: str, column: str) -> Issue:
        path = f"{name}.{column}"
        key = cells.get(column)
        if key is None:
            return error(path, "missing", f"needed to find the {parent} row, and not sent")
        text = f"no {parent} row of this delivery has this value; send that row too"
        if key.casefold() in self.contexts[parent].folded:
            text = f"no {parent} row has this value; {wording.CASE}"
        return error(path, "no-parent", text)

    def _item(self, kind: str, facts: Facts, issues: tuple[Issue, ...]) -> Item:
        self.number += 1
        if self.header:
            facts[self.dataset.header] = self.header
        issues += self.faults
        if self.number == 1:
            issues = (*self.issues, *issues)
        return Item(kind, self.number, facts, issues)
