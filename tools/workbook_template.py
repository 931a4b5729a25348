"""The blank workbook that a voluntary organisation fills in.

In      The headings.
Out     The bytes of an .xlsx file with one sheet, every cell of it text, the heading in view. The
        same headings give the same bytes.
"""

import io
import re
import zipfile
from collections.abc import Iterable
from typing import Final

from openpyxl import Workbook
from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

_WRITTEN: Final = (1980, 1, 1, 0, 0, 0)
_MOMENT: Final = re.compile(rb"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_TEXT: Final = "@"
_WIDEST: Final = 40


def blank(headings: Iterable[str]) -> bytes:
    """A workbook with these headings and no row."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Plans")
    sheet.freeze_panes = "A2"
    cells = []
    for place, heading in enumerate(headings, start=1):
        column = sheet.column_dimensions[get_column_letter(place)]
        column.width = min(len(heading) + 2, _WIDEST)
        column.number_format = _TEXT  # so that zeros in front stay
        cell = WriteOnlyCell(sheet, heading)
        cell.font = Font(bold=True)
        cell.number_format = _TEXT
        cells.append(cell)
    sheet.append(cells)
    made = io.BytesIO()
    book.save(made)
    return _timeless(made.getvalue())


def _timeless(content: bytes) -> bytes:
    """The same workbook without the moment it was written at."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in sorted(old.namelist()):
            entry = zipfile.ZipInfo(name, _WRITTEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, _MOMENT.sub(b"1980-01-01T00:00:00Z", old.read(name)))
    return made.getvalue()
