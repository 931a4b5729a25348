"""SNOMED CT codes: what can be one.

Source  SNOMED CT Release File Specification, section 2.1 (SCTID): 6 to 18 digits, no leading
        zero, the last a Verhoeff check digit. Spreadsheets damage long codes; the digit tells.
"""

from functools import cache
from typing import Final

_D5: Final = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
_PERMUTATION: Final = "1576283094"


@cache
def _permuted(digit: str, position: int) -> str:
    for _ in range(position % 8):
        digit = _PERMUTATION[int(digit)]
    return digit


def is_snomed_code(text: str) -> bool:
    """Whether the text has the form and the check digit of a SNOMED CT code."""
    if not 6 <= len(text) <= 18 or not text.isascii() or not text.isdigit() or text[0] == "0":
        return False
    check = "0"
    for position, digit in enumerate(reversed(text)):
        check = _D5[int(check)][int(_permuted(digit, position))]
    return check == "0"
