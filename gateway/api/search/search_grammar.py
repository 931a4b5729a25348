"""The grammar of a search: a parameter's name, and the values that it may be given.

In      A name such as `subject:Patient.family`, `_has:Goal:patient:category`; a value.
Out     Steps of a name; tokens, dates with their prefix, references, words.
Errors  FaultyRequestError, and no other, for what the grammar does not hold. No fault repeats a
        value.
Source  http://hl7.org/fhir/R4/search.html: modifiers, prefixes, chaining, escaping.
Pure    What is parsed prints again as a text that parses to the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from consent.periods import LONDON, after, first_moment, next_moment, to_micros
from gateway.errors import Fault, FaultyRequestError
from gateway.store.record.spans import PREFIXES, Span

MOST_STEPS: Final = 2
"""How far a search may follow references, in either direction."""
MOST_VALUES: Final = 100
MOST_IDS: Final = 500
_LONGEST: Final = 40
"""Characters of a value, on the average of as many as there may be."""
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", re.ASCII)
_SHOWN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_:.-]{0,60}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter, its modifier, and what is asked of what it refers to."""

    base: str
    modifier: str = ""
    rest: "Name | Reverse | None" = None

    def __str__(self) -> str:
        modifier = f":{self.modifier}" if self.modifier else ""
        rest = f".{self.rest}" if self.rest else ""
        return f"{self.base}{modifier}{rest}"


@dataclass(frozen=True, slots=True)
class Reverse:
    """`_has`: something of a type that refers here by a parameter, and what is asked of it."""

    resource_type: str
    reference: str
    rest: "Name | Reverse"

    def __str__(self) -> str:
        return f"_has:{self.resource_type}:{self.reference}:{self.rest}"


@dataclass(frozen=True, slots=True)
class Token:
    """`code` (system None), `|code` (system empty), `system|code`, `system|` (code empty)."""

    system: str | None
    code: str

    def __str__(self) -> str:
        code = escaped(self.code)
        return code if self.system is None else f"{escaped(self.system)}|{code}"


@dataclass(frozen=True, slots=True)
class Reference:
    """An id, with its type where one was said; both empty where it is nothing of ours."""

    resource_type: str
    resource_id: str

    def __str__(self) -> str:
        kind = f"{self.resource_type}/" if self.resource_type else ""
        return f"{kind}{self.resource_id}"


def fault(name: str, text: str) -> FaultyRequestError:
    """What is wrong with a parameter."""
    return FaultyRequestError([Fault("invalid", shown_name(name), text)])


def shown_name(name: str) -> str:
    """A parameter's name as an answer may repeat it."""
    return name if _SHOWN.fullmatch(name) else "parameter"


def parse_name(text: str) -> Name | Reverse:
    """The steps of a parameter's name."""
    return _steps(text, text, 0)


def _steps(text: str, whole: str, steps: int) -> Name | Reverse:
    if steps > MOST_STEPS:
        raise fault(whole, f"follows more than {MOST_STEPS} references")
    if text.startswith("_has:"):
        parts = text.split(":", 3)
        if len(parts) < 4 or not all(_WORD.fullmatch(one) for one in parts[1:3]):
            raise fault(whole, "is written _has:Type:reference:parameter")
        return Reverse(parts[1], parts[2], _steps(parts[3], whole, steps + 1))
    head, dot, tail = text.partition(".")
    base, colon, modifier = head.partition(":")
    if not _WORD.fullmatch(base) or (colon and not _WORD.fullmatch(modifier)):
        raise fault(whole, "is no parameter's name")
    return Name(base, modifier, _steps(tail, whole, steps + 1) if dot else None)


_VALUE: Final = re.compile(r"(?:\\[\\,$|]|[^,])+")
_PART: Final = re.compile(r"(?:\\[\\,$|]|[^|])*")
_ESCAPE: Final = re.compile(r"\\([\\,$|])")
_SPECIAL: Final = re.compile(r"[\\,$|]")


def escaped(text: str) -> str:
    """A text as it stands in a value, where what parts values is part of it."""
    return _SPECIAL.sub(lambda found: "\\" + found[0], text)


def unescaped(text: str) -> str:
    """What a part of a value says."""
    return _ESCAPE.sub(r"\1", text)


def alternatives(name: str, value: str, most: int = MOST_VALUES) -> list[str]:
    """What commas part, still escaped."""
    if not value.isprintable():
        raise fault(name, "holds a character that no value has")
    found = _VALUE.findall(value)
    if not found:
        raise fault(name, "has no value")
    if len(found) > most or len(value) > most * _LONGEST:
        raise fault(name, "has too many values")
    return found


def parse_token(name: str, text: str) -> Token:
    """One token."""
    parts = list(_parted(text))
    if len(parts) > 2:
        raise fault(name, "has one bar at most, between a system and a code")
    system = unescaped(parts[0]) if len(parts) == 2 else None
    code = unescaped(parts[-1])
    if not code and not system:
        raise fault(name, "needs a code or a system")
    return Token(system, code)


def _parted(text: str) -> Iterator[str]:
    start = 0
    while True:
        found = _PART.match(text, start)
        end = found.end() if found else len(text)
        yield text[start:end]
        if end >= len(text):
            return
        start = end + 1


def parse_reference(text: str, base: str) -> Reference:
    """`id`, `Type/id`, or the address of one under `base`, of which a version stands for the
    resource; anything else is nothing of ours."""
    plain = unescaped(text).removeprefix(f"{base}/").partition("/_history/")[0]
    kind, slash, resource_id = plain.rpartition("/")
    if slash and not _WORD.fullmatch(kind):
        return Reference("", "")
    return Reference(kind, resource_id)


def is_number(text: str) -> bool:
    """Whether this has the shape of an NHS number."""
    return re.fullmatch(r"\d{10}", text, re.ASCII) is not None


def parse_boolean(name: str, text: str) -> bool:
    """True or false."""
    if text not in ("true", "false"):
        raise fault(name, "true or false")
    return text == "true"


_DATE: Final = re.compile(
    r"(?P<prefix>[a-z]{2})?(?P<day>\d{4}(?:-\d\d(?:-\d\d)?)?)"
    r"(?:T(?P<minute>\d\d:\d\d)(?::(?P<second>\d\d)(?P<part>\.\d{1,9})?)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)
_NO_DATE: Final = f"not a date, with {' '.join(PREFIXES)} before it"


def parse_date(name: str, text: str, at: datetime) -> Span:
    """One date with its prefix, as the span its precision covers; `ap` by a tenth of how far it
    is from now."""
    found = _DATE.fullmatch(unescaped(text))
    prefix = (found["prefix"] or "eq") if found else ""
    if found is None or prefix not in PREFIXES:
        raise fault(name, _NO_DATE)
    try:
        low, high = _moments(found)
        if prefix == "ap":
            margin = abs(at - low) / 10
            low, high = low - margin, high + margin
        return Span(prefix, to_micros(low), to_micros(high))
    except (ValueError, OverflowError):
        raise fault(name, _NO_DATE) from None


def _moments(found: re.Match[str]) -> tuple[datetime, datetime]:
    day, minute, second = found["day"], found["minute"], found["second"]
    if minute is None:
        return first_moment(day), next_moment(day)
    part = (found["part"] or "")[:7]
    start = datetime.fromisoformat(f"{day}T{minute}:{second or '00'}")
    start += timedelta(microseconds=int(part[1:].ljust(6, "0") or 0))
    zone = found["zone"]
    aware = (
        start.replace(tzinfo=LONDON)
        if zone is None
        else datetime.fromisoformat(f"{start.isoformat()}{zone.replace('Z', '+00:00')}")
    )
    length = timedelta(minutes=1) if second is None else timedelta(seconds=1)
    if part:
        length = timedelta(microseconds=10 ** (7 - len(part)))
    low = aware.astimezone(UTC)
    return low, after(low, length)
