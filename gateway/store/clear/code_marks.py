"""A few bits for each code that a row can be found by, small enough for an index to hold them.

In      The text of a row's codes (gateway.store.clear.search_index); a code that is searched for.
Out     Bits: a row that lacks one of a code's bits does not have the code. One that has them all
        may have it: its text says so. The default of the column, every bit, rules nothing out.
Rule    Whatever writes a row's codes writes its marks.
Pure    Values in, values out.
"""

import zlib
from typing import Final

from gateway.store.clear.search_index import BETWEEN, named_code

_BITS: Final = 63
"""Of a signed number of 64 bits those that leave it positive."""


def marks_of(codes: str) -> int:
    """Three bits for each code in the text, of any system: a row that lacks one of a code's bits
    does not have the code."""
    marks = 0
    for piece in codes.split("|"):
        if BETWEEN not in piece and piece[-1:] not in ("", ":"):
            marks |= _bits(piece)
    return marks


def mark_of(piece: str) -> int:
    """The bits of a whole code as the text holds it between bars; none of what is no code."""
    coding, between, code = piece.rpartition(BETWEEN)
    whole = named_code(coding.partition("=")[0], code) if between else piece
    return 0 if whole.endswith(":") else _bits(whole)


def _bits(code: str) -> int:
    drawn = zlib.crc32(code.encode())
    return 1 << drawn % _BITS | 1 << (drawn >> 8) % _BITS | 1 << (drawn >> 16) % _BITS
