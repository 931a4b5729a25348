"""An Excel workbook as plain rows, for a mapping to read: cells as they are, faults by cell.

In      The bytes of an .xlsx file, and its members.
Out     JSON of one sheet: its heading, its filled rows, and what stands in cells that is no value.
Errors  NotTheFormatError for what is no workbook; TooLargeError for one built to exhaust us.
Rule    Nothing is worked out: a formula, an error and a merged area are told, and not read. A
        sheet is shown by its position, for its name may hold a person's.
Source  ECMA-376; read by openpyxl without entities (defusedxml), and within our own limits.
"""

import io
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, Final

import orjson

from gateway.errors import Fault, NotTheFormatError, TooLargeError

LARGEST_BYTES: Final = 32 * 1024 * 1024
"""Unpacked: a workbook is held whole."""
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 200
WORKBOOK: Final = b'{"workbook":'
"""How a workbook begins, once it is plain rows."""
_PARTS: Final = frozenset({"[Content_Types].xml", "xl/workbook.xml"})
_OPEN_DOCUMENT: Final = frozenset({"mimetype", "content.xml"})
_MERGED: Final = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"'
)
_FILLED: Final = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,3})(\d{1,7})"[^>]*?(?<!/)>')
_MOST_MERGED: Final = 1000
_FORMULA: Final = "formula"
_ERROR: Final = "cell-error"

_KIND: Final = "cell-kind"


def is_workbook(members: Iterable[str]) -> bool:
    """Whether an archive of these members is a workbook."""
    return {*members} >= _PARTS


def is_of_another_make(members: Iterable[str]) -> bool:
    """Whether an archive of these members is a workbook, but no .xlsx (binary, or OpenDocument)."""
    return "xl/workbook.bin" in members or {*members} >= _OPEN_DOCUMENT


def rows_of(body: bytes, members: Mapping[str, bytes]) -> bytes:
    """The first visible sheet as JSON; how many others there are."""
    if sum(map(len, members.values())) > LARGEST_BYTES:
        raise TooLargeError
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions it does not know
            return orjson.dumps(_read(body, members))
    except (TooLargeError, NotTheFormatError):
        raise
    except Exception:  # noqa: BLE001 - a damaged workbook raises whatever its reader meets
        fault = Fault("structure", "", "the workbook cannot be read; save it again as .xlsx")
        raise NotTheFormatError([fault]) from None


def _read(body: bytes, members: Mapping[str, bytes]) -> dict[str, Any]:
    from openpyxl import load_workbook  # it takes a while to come, and few send workbooks

    book = load_workbook(io.BytesIO(body), read_only=True, data_only=False, keep_links=False)
    try:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not visible:
            fault = Fault("structure", "", "every sheet of the workbook is hidden")
            raise NotTheFormatError([fault])
        sheet: Any = visible[0]
        content = members.get(sheet._worksheet_path.lstrip("/"), b"")
        _check_reach(content)
        return {
            "workbook": 1,
            "rows": list(_rows(sheet)),
            "merged": _merged(content),
            "other_sheets": len(visible) - 1,
            "hidden_sheets": len(book.worksheets) - len(visible),
        }
    finally:
        book.close()


def _rows(sheet: Any) -> Iterator[list[Any]]:
    """[row number, {column: value}, {column: fault}] of each row that holds anything."""
    from openpyxl.utils import get_column_letter

    found = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS + 1)
    for number, cells in enumerate(found, start=1):
        values: dict[str, Any] = {}
        faults: dict[str, str] = {}
        for place, cell in enumerate(cells, start=1):
            if cell.value is None or cell.value == "":
                continue
            if number > MOST_ROWS or place > MOST_COLUMNS:
                raise TooLargeError
            column = get_column_letter(place)
            value, fault = _value(cell)
            if fault:
                faults[column] = fault
            else:
                values[column] = value
        if values or faults:
            yield [number, values, faults]


def _value(cell: Any) -> tuple[Any, str]:
    """What a cell holds, or why it is not read."""
    value = cell.value
    if cell.data_type == "f":
        return None, _FORMULA
    if cell.data_type == "e":
        return None, _ERROR
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return (value.date() if is_day else value).isoformat(), ""
    if isinstance(value, time):
        return value.isoformat("auto" if value.second else "minutes"), ""
    if isinstance(value, date):
        return value.isoformat(), ""
    if isinstance(value, float):
        return (int(value) if value.is_integer() else value), ""
    return (value, "") if isinstance(value, str | int) else (None, _KIND)


def _check_reach(sheet: bytes) -> None:
    """No cell that holds something lies beyond what is read. Errors: TooLargeError."""
    from openpyxl.utils import column_index_from_string

    for column, row in {*_FILLED.findall(sheet)}:
        if int(row) > MOST_ROWS or column_index_from_string(column.decode()) > MOST_COLUMNS:
            raise TooLargeError


def _merged(sheet: bytes) -> dict[str, str]:
    """Row -> the first merged area that reaches into it."""
    from openpyxl.utils import range_boundaries

    found: dict[str, str] = {}
    for area in _MERGED.findall(sheet)[:_MOST_MERGED]:
        _, first, _, last = range_boundaries(area.decode())
        for row in range(int(first or 1), min(int(last or 1), MOST_ROWS) + 1):
            found.setdefault(str(row), area.decode())
    return found
