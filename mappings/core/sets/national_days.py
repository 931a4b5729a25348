"""What a day of a national data set says of the day its submission was made.

In      Days of a row (absent ones as None), and when the submission was made.
Out     Whether something had happened by then; a birth date; a discharge in words.
Errors  UnreadableValueError, without the value.
"""

from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.outcome import UnreadableValueError

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
