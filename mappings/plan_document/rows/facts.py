"""Reading a document that may be built wrongly: its parts where they are what they should be.

In      The facts of a plan document, or one element of it, as sent.
Out     Lists of objects, texts, numbers, days; nothing where something else stands there.
Errors  None.
"""

from typing import Any

from mappings.core.model import dates
from mappings.core.model.outcome import Facts, UnreadableValueError


def entries(element: Any, section: str) -> list[dict[str, Any]]:
    """The objects of a list of an element."""
    found = element.get(section) if isinstance(element, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def part(element: Any, name: str) -> dict[str, Any]:
    """An object of an element, or an empty one."""
    found = element.get(name) if isinstance(element, dict) else None
    return found if isinstance(found, dict) else {}


def text(value: Any) -> str | None:
    """A text that says something."""
    return value if isinstance(value, str) and value.strip() else None


def number(value: Any) -> float | None:
    """A number; true and false are none."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def day(value: Any) -> str | None:
    """A real day, as ISO."""
    try:
        return dates.fhir_date(value) if text(value) else None
    except UnreadableValueError:
        return None


def plan_id(facts: Facts) -> str | None:
    """The source's number for the plan."""
    return text(part(facts, "plan").get("id"))


def folded(value: Any) -> str:
    """A text as it is compared: without regard to case and blanks."""
    return " ".join(value.split()).casefold() if isinstance(value, str) else ""
