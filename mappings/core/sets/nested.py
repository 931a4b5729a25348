"""A submission as nested records: one JSON object for a person or a referral, tables inside it.

In      The bytes of one body: a record or a list of records, as the publisher's own models hold
        them; which table each object and list inside a record is.
Out     The submission as a DataSet reads it: one CSV file for each table.
Errors  NotThisFormatError for what is not JSON, or holds something else than records.
Rule    A row stands once, however many records repeat it. A row inside another that lacks its key
        is given it. What is no table is a member that the reader reports. Records need not be all
        of a person's: nothing is said of what a person's rows come to together.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mappings.core.model.outcome import Item, NotThisFormatError
from mappings.core.reading.json_body import read_json
from mappings.core.sets.datasets import DataSet

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Nested:
    """The records of a data set."""

    dataset: DataSet
    record: str
    """The table a record is a row of."""
    tables: Mapping[str, str]
    """Name of an object or a list inside a record -> its table."""
    left_out: frozenset[str]
    """Objects that number the record, and hold nothing of the submission."""

    def recognises(self, members: Mapping[str, bytes]) -> bool:
        """Whether a body holds records with this data set's header."""
        marks = (b'"Header"', f'"{self.dataset.created}"'.encode())
        return any(
            body.lstrip()[:1] in (b"{", b"[") and all(mark in body for mark in marks)
            for body in members.values()
        )

    def read(self, members: Mapping[str, bytes]) -> Iterator[Item]:
        """The items of the submission."""
        found = _Tables(self)
        for body in members.values():
            sent = read_json(body)
            for record in sent if isinstance(sent, list) else [sent]:
                if not isinstance(record, dict):
                    raise NotThisFormatError("", "a record is an object")
                found.take(self.record, record, {})
        return replace(self.dataset, groups={}).read(found.members())


@dataclass(slots=True)
class _Tables:
    """Rows by table, and the names that are no table."""

    nested: Nested
    rows: dict[str, list[Row]] = field(default_factory=dict)
    seen: set[tuple[str, tuple[tuple[str, str], ...]]] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)

    def take(self, table: str, record: Mapping[str, Any], keys: Row) -> None:
        """A row, and the rows inside it."""
        dataset = self.nested.dataset
        known = dataset.tables[table].names if table in dataset.tables else ()
        row = {name: value for name, value in keys.items() if name in known}
        inside: list[tuple[str, Any]] = []
        for name, value in record.items():
            if isinstance(value, dict | list):
                inside.append((name, value))
            elif value not in (None, "") and name not in self.nested.tables:
                row[name] = str(value)
        self._keep(table, row)
        own = dataset.contexts.get(table)
        below = keys | ({own.key: row[own.key]} if own and own.key in row else {})
        for name, value in inside:
            self._inside(name, value, below)

    def _inside(self, name: str, value: Any, keys: Row) -> None:
        table = self.nested.tables.get(name)
        if table is None:
            self.unknown |= {name} - self.nested.left_out
            return
        for row in value if isinstance(value, list) else [value]:
            if isinstance(row, dict):
                self.take(table, row, keys)
            else:
                self.unknown.add(name)

    def _keep(self, table: str, row: Row) -> None:
        said = (table, tuple(sorted(row.items())))
        if said not in self.seen:
            self.seen.add(said)
            self.rows.setdefault(table, []).append(row)

    def members(self) -> dict[str, bytes]:
        """One CSV file for each table, and one for each name that is none."""
        tables = {f"{name}.csv": _written(rows) for name, rows in sorted(self.rows.items())}
        return tables | dict.fromkeys(sorted(self.unknown), b"")


def _written(rows: list[Row]) -> bytes:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
