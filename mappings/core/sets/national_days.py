"""What a day of a national data set says of the day its submission was made.

In      Days of a row (absent ones as None), and when the submission was made.
Out     Whether something had happened by then; a discharge in words.
Errors  UnreadableValueError, without the value.
"""

from typing import Any

from mappings.core.model import dates


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
