"""The plan template as an Excel workbook: the rows of its first sheet, read as those of the CSV.

In      The rows of a sheet as the gateway unpacked them: values, and faults, by cell.
Out     As template.py: an Item for each plan, or for each visit.
Errors  A formula, an error or a merged area is an error at its cell: `goals.words[C5]`.
Rule    A date is taken as a day whatever it looks like; a number in a column of names is told,
        for Excel takes leading zeros off.
Pure    Yes.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mappings.core.model.outcome import Issue, Item, NotThisFormatError, error, warning
from mappings.core.reading.json_body import read_json
from mappings.core.reading.tables import Columns, TableRow
from mappings.plan_document.message import template

MEDIA_TYPES: Final = ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",)
_MARK: Final = b'{"workbook":'
_NAMES: Final = ("id", "local_id", "nhs_number", "phone", "who_ods", "scale")
"""Last steps of columns that hold a name of something, in digits or not."""

SHEETS: Final = {"other_sheets": "other-sheets", "hidden_sheets": "hidden-sheets"}
"""What the gateway says of a workbook's other sheets, and the issue of each."""
FAULTS: Final[Mapping[str, str]] = {
    "formula": "holds a formula; send the value that it gives (copy, paste as values)",
    "cell-kind": "holds what is neither text, number, date nor yes and no",
    "cell-error": "holds an error of Excel; send the value, or leave the cell empty",
}
_MERGED: Final = (
    "the row is part of a merged area, which has one value for several cells; divide it"
)
_Row = tuple[int, dict[str, Any], dict[str, str]]
"""Row, column letter -> value, column letter -> fault."""
_LETTERS: Final = re.compile(r"[A-Z]{1,3}").fullmatch
_AREA: Final = re.compile(r"[A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7}").fullmatch
_DIGITS: Final = "stands as a number: zeros in front are lost; format the column as text"
_TWICE: Final = "the heading stands twice; send one column of each"
_NOT_READ: Final = "the first visible sheet alone is read; send one sheet to a workbook"
_COLUMNS: Final = Columns((*template.PLAN_COLUMNS, *template.VISIT_COLUMNS))


def recognises(members: Mapping[str, bytes]) -> bool:
    """Whether a workbook's first sheet has the headings of a plan or a visit."""
    body = next(iter(members.values())) if len(members) == 1 else b""
    try:
        return body.startswith(_MARK) and template.kind_of(_sheet(body).columns) is not None
    except NotThisFormatError:
        return False


def read(members: Mapping[str, bytes]) -> Iterator[Item]:
    """The plans, or the visits, of one workbook."""
    sheet = _sheet(next(iter(members.values())) if len(members) == 1 else b"")
    kind = template.kind_of(sheet.columns)
    if kind is None:
        raise NotThisFormatError("", "the headings are not those of the plan template")
    return template.items_of(kind, sheet)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One sheet, read as a table."""

    headings: Mapping[str, str]
    """Column letter -> heading."""
    first: int
    """The heading's row."""
    content: list[_Row] = field(repr=False)
    merged: Mapping[str, str]
    issues: list[Issue]

    @property
    def columns(self) -> list[str]:
        """The headings, in order."""
        return list(self.headings.values())

    def rows(self) -> Iterator[TableRow]:
        """Each filled row below the heading, numbered from it."""
        for number, values, faults in self.content:
            issues = [
                error(self._cell(column, number), fault, FAULTS[fault])
                for column, fault in faults.items()
            ]
            if str(number) in self.merged:
                issues.append(error(f"[{self.merged[str(number)]}]", "merged-cells", _MERGED))
            cells = {}
            for column, value in values.items():
                heading = self.headings.get(column, f"column {column}")
                if heading.rpartition(".")[2] in _NAMES and not isinstance(value, str):
                    issues.append(warning(self._cell(column, number), "number-as-name", _DIGITS))
                if text := _text(value):
                    cells[heading] = text
            if cells or issues:
                yield TableRow(number - self.first, cells, tuple(issues))

    def _cell(self, column: str, number: int) -> str:
        return f"{self.headings.get(column, '')}[{column}{number}]"


def _text(value: Any) -> str:
    """A cell as the CSV template would hold it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()


def _sheet(body: bytes) -> _Sheet:
    """What the gateway unpacked."""
    try:
        found = read_json(body)
        rows = [
            (int(number), dict(values), dict(faults)) for number, values, faults in found["rows"]
        ]
        merged = {str(row): str(area) for row, area in found["merged"].items()}
        _check(rows, merged)
        others = [code for name, code in SHEETS.items() if found[name]]
        return _headed(*rows[0], rows[1:], merged, others)
    except (LookupError, TypeError, ValueError, AttributeError):
        raise NotThisFormatError("", "the first sheet of the workbook is empty") from None


def _check(rows: list[_Row], merged: Mapping[str, str]) -> None:
    """What is said of cells is what the gateway says: nothing else is repeated to anybody."""
    for _, values, faults in rows:
        if not {*faults.values()} <= {*FAULTS} or not all(map(_LETTERS, (*values, *faults))):
            raise ValueError
    if not all(map(_AREA, merged.values())):
        raise ValueError


def _headed(
    first: int,
    values: dict[str, Any],
    faults: dict[str, str],
    rows: list[_Row],
    merged: dict[str, str],
    others: list[str],
) -> _Sheet:
    """The sheet under its headings."""
    issues = [error(f"[{column}{first}]", fault, FAULTS[fault]) for column, fault in faults.items()]
    if str(first) in merged:
        issues.append(error(f"[{merged[str(first)]}]", "merged-cells", _MERGED))
    issues += [warning("", code, _NOT_READ) for code in others]
    headings: dict[str, str] = {}
    for column, value in values.items():
        text = _text(value)
        heading = _COLUMNS.known(text) or text
        if heading in headings.values():
            issues.append(error(f"{heading}[{column}{first}]", "repeated-heading", _TWICE))
            heading = f"{heading} ({column})"
        headings[column] = heading
    return _Sheet(headings, first, rows, merged, issues)
