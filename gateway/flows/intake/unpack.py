"""A body to its members: one unnamed member, the files of a zip archive, or a workbook's rows.

Out     Names are whole paths within the archive; a name that stands twice is told apart.
Errors  NotTheFormatError for an archive that cannot be read or that is built to exhaust us, and
        for what people send in its place: what would mend it is said.
"""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

from gateway.errors import Fault, NotTheFormatError, TooLargeError
from gateway.flows.intake import workbook

LARGEST_MEMBERS: Final = 500
LARGEST_RATIO: Final = 200
_ZIP: Final = b"PK\x03\x04"
_ACCESS: Final = "an Access database; export its tables as CSV, and send them in one archive"
_CLOSED: Final = (
    (
        0,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an Office file with a password, or of before 2007; save it as .xlsx, without a password",
    ),
    (4, b"Standard Jet DB", _ACCESS),
    (4, b"Standard ACE DB", _ACCESS),
)
"""Where what is not opened here begins with which bytes, and what is said of it."""
DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    OverflowError,
    MemoryError,
)
"""What reading a damaged archive raises, by way of its directory and its four compressions."""


def members_of(body: bytes, largest_bytes: int) -> Mapping[str, bytes]:
    """Name -> bytes; a plain body has one member with an empty name."""
    for place, mark, text in _CLOSED:
        if body.startswith(mark, place):
            raise NotTheFormatError([Fault("structure", "", text)])
    if not body.startswith(_ZIP):
        return {"": body}
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            found = _read(archive, largest_bytes, len(body))
    except DAMAGED:
        fault = Fault("structure", "", "the archive cannot be read")
        raise NotTheFormatError([fault]) from None
    if workbook.is_of_another_make(found):
        fault = Fault("structure", "", "a workbook that is not .xlsx; save it as that")
        raise NotTheFormatError([fault])
    return {"": workbook.rows_of(body, found)} if workbook.is_workbook(found) else found


def _read(archive: zipfile.ZipFile, largest_bytes: int, packed: int) -> Mapping[str, bytes]:
    files = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(files) > LARGEST_MEMBERS or sum(entry.file_size for entry in files) > min(
        largest_bytes, packed * LARGEST_RATIO
    ):
        raise TooLargeError
    found: dict[str, bytes] = {}
    for entry in files:
        with archive.open(entry) as member:
            content = member.read(entry.file_size + 1)
        if len(content) > entry.file_size:
            raise TooLargeError
        found[_told_apart(entry.filename.replace("\\", "/"), found)] = content
    return found


def _told_apart(name: str, taken: Mapping[str, bytes]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free
