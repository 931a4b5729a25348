"""What a day of a national data set says of the day its submission was made.

In      Days of a row (absent ones as None), and when the submission was made.
Out     Whether something had happened by then; a birth date; a discharge in words; a warning of
        days that contradict what stands beside them.
Errors  UnreadableValueError, without the value.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.outcome import Facts, Issue, UnreadableValueError, warning
from mappings.core.sets.national_codes import ATTENDANCE

_NOT_BIRTH_DATES: Final = frozenset({"1800-01-01", "1900-01-01", "1901-01-01"})


def born(day: Any, made: Any) -> str | None:
    """A birth date, unless it stands for none or is after the submission was made."""
    if day is None:
        return None
    on = dates.fhir_date(str(day))
    if on in _NOT_BIRTH_DATES or not has_come(on, made):
        raise UnreadableValueError("dummy-date", "nobody's birth date; taken as not known")
    return on


def has_come(day: Any, made: Any) -> bool:
    """Whether something with a day had happened when the submission was made: no day to come ends
    a referral or a stay."""
    said, by = dates.day_said(day), dates.day_said(made)
    return day is not None and not (said and by and said > by)


def discharge_note(day: Any, made: Any) -> dict[str, str] | None:
    """When the person was, or is to be, discharged from the service, as a note."""
    if day is None:
        return None
    word = "Discharged" if has_come(day, made) else "To be discharged"
    return {"text": f"{word} on {dates.fhir_date(str(day))}"}


def attended_to_come(made: str, on: str, status: str, facts: Facts) -> Iterator[Issue]:
    """That a contact is said to have been attended on a day after the submission was made."""
    day, code = _cell(facts, on), _cell(facts, status)
    happened = ATTENDANCE.get(str(code)) == "finished"
    if happened and day is not None and not has_come(day, _cell(facts, made)):
        yield warning(on, "contradiction", _ATTENDED)


def updated_before_created(created: str, updated: str, facts: Facts) -> Iterator[Issue]:
    """That a plan is said to have been updated before the day it was created."""
    first, last = (dates.day_said(_cell(facts, one)) for one in (created, updated))
    if first and last and last < first:
        yield warning(updated, "contradiction", _UPDATED)


def _cell(facts: Facts, path: str) -> Any:
    table, _, column = path.partition(".")
    return (facts.get(table) or {}).get(column)


_ATTENDED: Final = "attended on a day after the submission was made; shown as it was sent"
_UPDATED: Final = "updated before it was created; shown as it was sent"
