"""Reading FHIR JSON strictly: every value is of the expected shape, or refused by its path.

In      parts of a resource as parsed JSON, and the path they stand at.
Out     typed values.
Errors  UnsupportedConsentError(path, text): the path and our own words, never a value.
Pure    No look-ups.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Final

from consent.periods import BEGINNING, FOREVER, first_moment, next_moment

Json = Mapping[str, object]

IGNORABLE: Final = "id"
"""What FHIR lets every element carry and every reader pass over. An extension is not: elsewhere
it holds who is meant, or which data."""


class UnsupportedConsentError(Exception):
    """A Consent that cannot be understood in full, and is therefore refused as a whole."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(f"{path}: {text}")
        self.path = path
        self.text = text


def an_object(value: object, path: str) -> Json:
    """A JSON object."""
    if not isinstance(value, Mapping):
        raise UnsupportedConsentError(path, "an object is needed here")
    return value


def a_string(value: object, path: str) -> str:
    """A string that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise UnsupportedConsentError(path, "a non-empty string is needed here")
    return value


def each(parent: Json, name: str, path: str) -> Iterator[tuple[object, str]]:
    """The members of a repeating element with their paths; nothing when it is absent."""
    if name not in parent:
        return
    values = parent[name]
    if not isinstance(values, list) or not values:
        raise UnsupportedConsentError(f"{path}.{name}", "a list with members is needed here")
    for index, value in enumerate(values):
        yield value, f"{path}.{name}[{index}]"


def only_known(parent: Json, known: Collection[str], path: str) -> None:
    """Refuse an element that this profile gives no meaning to."""
    for name in sorted(str(key) for key in parent):
        if name not in known and name != IGNORABLE:
            raise UnsupportedConsentError(f"{path}.{name}", "this element is not supported")


def no_extension(value: object, path: str) -> None:
    """Refuse an extension at any depth: what it says of the rest is not known."""
    if isinstance(value, list):
        for index, member in enumerate(value):
            no_extension(member, f"{path}[{index}]")
    elif isinstance(value, Mapping):
        for name, part in value.items():
            where = f"{path}.{name}"
            if name in ("extension", "modifierExtension") or str(name).startswith("_"):
                raise UnsupportedConsentError(where, "an extension is not supported here")
            no_extension(part, where)


def coding(value: object, path: str) -> tuple[str, str]:
    """System and code of a Coding; both are needed."""
    holder = an_object(value, path)
    system = a_string(holder.get("system"), f"{path}.system")
    return system, a_string(holder.get("code"), f"{path}.code")


def codings(value: object, path: str) -> list[tuple[tuple[str, str], str]]:
    """The codings of a CodeableConcept with their paths; at least one is needed."""
    concept = an_object(value, path)
    found = [(coding(item, where), where) for item, where in each(concept, "coding", path)]
    if not found:
        raise UnsupportedConsentError(f"{path}.coding", "a coding is needed; text says nothing")
    return found


def period(value: object, path: str) -> tuple[datetime, datetime]:
    """A Period, half-open; one end at least is needed, and it must not be empty. One that ends with
    the last day of the calendar, as systems write "no end", never ends."""
    holder = an_object(value, path)
    only_known(holder, {"start", "end"}, path)
    if not {"start", "end"} & set(holder):
        raise UnsupportedConsentError(path, "a start or an end is needed")
    start, end = BEGINNING, FOREVER
    if "start" in holder:
        start = moment(holder["start"], f"{path}.start")
    if "end" in holder:
        end = _moment(holder["end"], f"{path}.end", next_moment)
    if start >= end:
        raise UnsupportedConsentError(path, "the period ends before it starts")
    return start, end


def moment(value: object, path: str) -> datetime:
    """The first moment of a FHIR dateTime."""
    return _moment(value, path, first_moment)


def _moment(value: object, path: str, edge: Callable[[str], datetime]) -> datetime:
    text = a_string(value, path)
    try:
        return edge(text)
    except (ValueError, OverflowError):
        words = "a FHIR date, or a dateTime with a time zone, is needed"
        raise UnsupportedConsentError(path, words) from None
