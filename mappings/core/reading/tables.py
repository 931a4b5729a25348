"""Tables: CSV files read as rows, whatever was done to them on the way here.

In      The bytes of one file; its official columns and older names of them.
Out     Table: its columns, issues of the file as a whole, and its rows one by one, each with
        its own issues. A row is a dict without empty cells.
Errors  None raised. A file without a known heading is not `readable`; a row that cannot be read
        holds an error and no cells, and the rows after it are read as if it were not there.
Pure    Rows are read again each time they are asked for; nothing is kept but the bytes.

Repaired with a warning: the encoding (encodings.py), Excel's `sep=` line, other separators,
headings in another case or by another name, `NULL`, blanks around a value, rows cut short at empty
cells. Two headings that are names of one column are read as that column; where they differ, the
row says so. A column of no table is not read, and is told of once: by its place where its heading
may hold a value.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TextIO

from mappings.core.model.outcome import Issue, error, warning
from mappings.core.model.paths import is_presentable
from mappings.core.reading.encodings import encoding_of

MOST_LINES_IN_A_ROW: Final = 500
"""A quote left open swallows what follows; no real cell has more lines than this."""

LONGEST_HEADING: Final = 64 * 1024
"""Bytes."""

_NULLS: Final = frozenset({"NULL", "(null)"})
_SEPARATORS: Final = ",\t;|"
_SEPARATOR_LINE: Final = re.compile(r'"?sep=([,\t;|])"?[,\t;| ]*\r?\n')
"""What Excel writes before the heading, for itself."""


@dataclass(frozen=True)
class Columns:
    """The columns of a table, and other names senders use for them."""

    names: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)

    def known(self, heading: str) -> str | None:
        """The official name of a heading, or None."""
        return self._folded.get(_fold(heading))

    @cached_property
    def _folded(self) -> dict[str, str]:
        others = {_fold(alias): name for alias, name in self.aliases.items()}
        return others | {_fold(name): name for name in self.names}


def columns_of(lines: str) -> dict[str, Columns]:
    """Table -> its columns. A line is `table|column|other name|...`; each table has RowNumber."""
    names: dict[str, list[str]] = {}
    aliases: dict[str, dict[str, str]] = {}
    for line in lines.split("\n"):
        if line:
            table, column, *others = line.split("|")
            names.setdefault(table, []).append(column)
            aliases.setdefault(table, {}).update(dict.fromkeys(others, column))
    return {
        table: Columns((*columns, "RowNumber"), aliases[table]) for table, columns in names.items()
    }


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its position below the heading (from 1) and its filled cells."""

    number: int
    cells: dict[str, str]
    issues: tuple[Issue, ...] = ()


class Table:
    """One CSV file with a heading."""

    def __init__(self, name: str, body: bytes, columns: Columns) -> None:
        self.name = name
        self._body = body
        self._encoding, self.issues = encoding_of(name, body)
        heading = self._read_heading()
        self.columns = [self._column(text, columns) for text in heading]
        self._number_repeats(heading)
        self._unread = {one for one in self.columns if one and one not in columns.names}
        self.readable = any(name in columns.names for name in self.columns)
        if heading and not self.readable:
            text = "no heading of this table in the first line; send the official column names"
            self.issues.append(error(name, "no-heading", text))

    def rows(self) -> Iterator[TableRow]:
        """The rows in order, read anew."""
        if not self.readable:
            return
        records = _Records(self._stream(), self._separator)
        next(records, None)
        number, untold = 0, set(self._unread)
        for cells, whole in records:
            if cells is not None and not any(cells):
                continue
            number += 1
            yield self._row(number, cells, untold, whole=whole)

    def _row(
        self, number: int, cells: list[str] | None, untold: set[str], *, whole: bool
    ) -> TableRow:
        width = len(self.columns)
        if cells is None:
            return self._broken(number, "a quotation mark is not closed, or a cell is too long")
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            return self._broken(number, "has more cells than the heading; quote the separators")
        if len(cells) < width and not whole:
            return self._broken(number, "is cut short at the end of the file; send it whole")
        found: dict[str, str] = {}
        blanks = nulls = False
        issues: tuple[Issue, ...] = ()
        for name, cell in zip(self.columns, cells, strict=False):
            if not cell:
                continue
            bare = cell.strip()
            if name in self._unread:
                issues += self._told_first(name, bare, untold)
                continue
            blanks = blanks or len(bare) != len(cell)
            if bare in _NULLS:
                nulls = True
            elif bare and found.setdefault(name, bare) != bare:
                issues += (error(self._path(name), "contradiction", _TWO_NAMES),)
        repairs = self._repairs(blanks, nulls, len(cells) < width)
        return TableRow(number, found, (*repairs, *issues))

    def _told_first(self, name: str, bare: str, untold: set[str]) -> tuple[Issue, ...]:
        if not bare or bare in _NULLS or name not in untold:
            return ()
        untold.discard(name)
        place = name if is_presentable(name) else f"(column {self.columns.index(name) + 1})"
        return (warning(self._path(place), "unknown-field", _NO_COLUMN),)

    def _repairs(self, blanks: bool, nulls: bool, short: bool) -> tuple[Issue, ...]:
        issues: tuple[Issue, ...] = ()
        if blanks:
            issues += (warning(self.name, "blanks", "blanks around a value were taken off"),)
        if nulls:
            issues += (warning(self.name, "null-word", "NULL was read as nothing sent"),)
        if short:
            issues += (warning(self.name, "short-row", "has fewer cells than the heading"),)
        return issues

    def _broken(self, number: int, what: str) -> TableRow:
        issue = error(self.name, "unreadable-row", f"row {number} below the heading {what}")
        return TableRow(number, {}, (issue,))

    def _column(self, heading: str, columns: Columns) -> str:
        bare = heading.strip()
        known = columns.known(bare)
        if known is None or known == bare:
            return bare
        text = "the heading is an older or otherwise written name of this column"
        self.issues.append(warning(self._path(known), "column-name", text))
        return known

    def _path(self, column: str) -> str:
        return f"{self.name}.{column}".lstrip(".")

    def _number_repeats(self, heading: list[str]) -> None:
        seen: dict[str, int] = {}
        for index, text in enumerate(heading):
            folded = _fold(text)
            seen[folded] = seen.get(folded, 0) + 1
            if seen[folded] > 1:
                self.columns[index] += f" ({seen[folded]})"

    def _stream(self) -> TextIO:
        """The text, decoded as it is read: a long file is never a long string."""
        source = io.BytesIO(self._body)
        stream = io.TextIOWrapper(source, self._encoding, errors="replace", newline="")
        if self._separator_line:
            stream.readline()
        return stream

    def _read_heading(self) -> list[str]:
        start = self._body[:LONGEST_HEADING].decode(self._encoding, errors="replace")
        told = _SEPARATOR_LINE.match(start)
        self._separator_line = bool(told)
        if told:
            text = "a line for Excel alone (sep=) stood before the heading"
            self.issues.append(warning(self.name, "separator-line", text))
            start = start[told.end() :]
        first = start.lstrip("\r\n").partition("\n")[0]
        self._separator = told[1] if told else max(_SEPARATORS, key=first.count)
        if self._separator != ",":
            text = "the cells are not separated by commas"
            self.issues.append(warning(self.name, "separator", text))
        cells, _ = next(_Records(io.StringIO(start, newline=""), self._separator), (None, True))
        if cells is None:
            self.issues.append(warning(self.name, "empty-table", "holds no heading and no row"))
        return cells or []


class _Lines:
    """Lines of a text, with those of the record at hand remembered so that they can go back."""

    def __init__(self, source: TextIO) -> None:
        self._source = source
        self._back: list[str] = []
        self.taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MOST_LINES_IN_A_ROW:
            raise StopIteration
        line = self._back.pop() if self._back else next(self._source)
        self.taken.append(line)
        return line

    def give_back(self, lines: list[str]) -> None:
        """These lines are read again, first line first."""
        self._back.extend(reversed(lines))


class _Records:
    """Records of a CSV text: cells (None where unreadable), and whether the record is whole."""

    def __init__(self, source: TextIO, separator: str) -> None:
        self._lines = _Lines(source)
        self._separator = separator
        self._reader = csv.reader(self._lines, delimiter=separator)
        self._width = 0

    def __iter__(self) -> "_Records":
        return self

    def __next__(self) -> tuple[list[str] | None, bool]:
        lines = self._lines
        lines.taken.clear()
        cells: list[str] | None
        try:
            cells = next(self._reader)
            while not cells:
                lines.taken.clear()
                cells = next(self._reader)
        except csv.Error:
            cells = None
        if not self._width and cells:
            self._width = len(cells)
        if cells is None or self._swallowed(cells):
            lines.give_back(lines.taken[1:])
            self._reader = csv.reader(lines, delimiter=self._separator)
            return None, True
        return cells, lines.taken[-1].endswith(("\n", "\r"))

    def _swallowed(self, cells: list[str]) -> bool:
        """Whether an open quote took the lines after it: a whole record's quotes are paired."""
        taken = self._lines.taken
        if len(taken) == 1:
            return cells[-1].endswith(("\n", "\r"))
        return len(cells) != self._width or sum(line.count('"') for line in taken) % 2 == 1


_NO_COLUMN: Final = "no column of this table; kept with the delivery"
_TWO_NAMES: Final = "two headings are names of this column, and their cells differ; send one"


def _fold(name: str) -> str:
    return "".join(name.casefold().split()).replace("_", "")
