"""NHS numbers and other identifiers: what counts as a usable one.

Source  NHS Data Dictionary, NHS NUMBER (Modulus 11), NHS NUMBER STATUS INDICATOR CODE;
        placeholders seen in published samples.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import nhs_number

from mappings.core.model import systems
from mappings.core.model.outcome import Issue, warning

PLACEHOLDERS: Final = frozenset(
    {"1234567890", "9999999999", "0123456789", "9876543210"}
    | {str(digit) * 10 for digit in range(10)}
)
"""Numbers systems send when they have none; some of them pass the check digit."""

TRACE_STATUSES: Final = frozenset(f"0{number}" for number in range(1, 9))
"""01 verified; 02 not traced; 03 trace required; 04 no match or several; 05 to be resolved: number
or person conflict; 06 in progress; 07 no number, none needed; 08 postponed (a baby)."""

VERIFIED: Final = "01"

DOES_NOT_FIT: Final = frozenset({"04", "05"})
"""A trace was made, and the number may be another's."""


def trace_status(said: object) -> str:
    """The status as 01 to 08; empty for anything else."""
    code = said.strip().zfill(2) if isinstance(said, str) else ""
    return code if code in TRACE_STATUSES else ""


def normalised(text: str) -> str:
    """The text without blanks and hyphens, as numbers are compared."""
    return "".join(text.split()).replace("-", "")


def is_usable_nhs_number(text: str) -> bool:
    """Ten digits whose check digit holds, and not a known placeholder."""
    number = normalised(text)
    if len(number) != 10 or not number.isascii() or not number.isdigit():
        return False
    return number not in PLACEHOLDERS and bool(nhs_number.is_valid(number))


def names_nobody(text: str) -> bool:
    """Whether what was sent as a number is none: a placeholder, or no digit at all."""
    number = normalised(text)
    return number in PLACEHOLDERS or not any(sign.isdigit() for sign in number)


def number_conflicts(sent: Iterable[tuple[str, str]]) -> Iterator[Issue]:
    """An issue at each path whose number is another than the first usable one."""
    said = [(path, normalised(text)) for path, text in sent if not names_nobody(text)]
    first = next((number for _, number in said if is_usable_nhs_number(number)), None)
    for path, number in said if first else ():
        if number != first:
            yield warning(path, "number-conflict", _TWO_NUMBERS)


_TWO_NUMBERS: Final = (
    "another NHS number than the usable one: the record is kept and not linked; send the right"
    " one alone"
)


def nhs_number_identifier(text: str) -> dict[str, Any]:
    """FHIR Identifier of an NHS number, as sent (normalised); usable or not."""
    return {"system": systems.NHS_NUMBER, "value": normalised(text)}


def organisation(ods_code: str, display: str = "") -> dict[str, Any]:
    """A logical reference to an organisation by its ODS code."""
    made: dict[str, Any] = {
        "type": "Organization",
        "identifier": {"system": systems.ODS, "value": ods_code.strip().upper()},
    }
    return made | {"display": display} if display else made
