"""A text in a table, so that no spreadsheet takes it for a formula.

Pure    Values in, values out.
"""

from typing import Final

_FORMULA: Final = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")
"""What begins a formula, or a line in which one may: the full-width forms too."""


def cell_text(text: str) -> str:
    """The text; behind an apostrophe where it begins as a formula may."""
    return f"'{text}" if text.startswith(_FORMULA) else text
