"""Search parameters to a Query, by one table of what each type takes.

In      Name-value pairs of a GET query or a `_search` form.
Out     A Query over real columns. Every value travels as a parameter of the statement.
Errors  FaultyRequestError for an unknown parameter, modifier, prefix or malformed value: a search
        never ignores what was meant to narrow it.
Source  http://hl7.org/fhir/R4/search.html
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from consent.periods import MAX_MICROS, MIN_MICROS, first_moment, next_moment, to_micros
from gateway.errors import Fault, FaultyRequestError
from gateway.flows.assemble import Query
from gateway.store.columns import token
from gateway.store.keys import KeyedHasher
from gateway.store.reads import Criterion
from mappings.core import systems
from mappings.core.identifiers import normalised

MOST: Final = 500
DEFAULT_COUNT: Final = 50


@dataclass(frozen=True, slots=True)
class Parameter:
    """One search parameter of a type: its kind, and the column or code element it reads."""

    name: str
    kind: str
    element: str = ""


_COMMON: Final = (
    Parameter("_id", "id"),
    Parameter("_lastUpdated", "updated"),
    Parameter("patient", "patient"),
)
_SUBJECT: Final = Parameter("subject", "patient")


def _of(*more: Parameter) -> dict[str, Parameter]:
    return {parameter.name: parameter for parameter in (*_COMMON, *more)}


_STATUS: Final = Parameter("status", "status")
_CATEGORY: Final = Parameter("category", "code", "category")
_CODE: Final = Parameter("code", "code", "code")
_DATE: Final = Parameter("date", "date")

PARAMETERS: Final[Mapping[str, Mapping[str, Parameter]]] = {
    "Patient": {
        "_id": Parameter("_id", "patient"),
        "_lastUpdated": Parameter("_lastUpdated", "updated"),
        "identifier": Parameter("identifier", "number"),
    },
    "CarePlan": _of(_SUBJECT, _STATUS, _CATEGORY, _DATE),
    "Goal": _of(
        _SUBJECT,
        Parameter("lifecycle-status", "status"),
        Parameter("achievement-status", "code", "achievementStatus"),
        _CATEGORY,
    ),
    "Condition": _of(_SUBJECT, Parameter("clinical-status", "status"), _CATEGORY, _CODE),
    "Observation": _of(_SUBJECT, _STATUS, _CATEGORY, _CODE, _DATE),
    "ServiceRequest": _of(_SUBJECT, _STATUS, _CATEGORY, _CODE),
    "Encounter": _of(_SUBJECT, _STATUS, Parameter("type", "code", "type"), _DATE),
    "CareTeam": _of(_SUBJECT, _STATUS, _CATEGORY, _DATE),
    "Consent": _of(_STATUS, _CATEGORY, Parameter("scope", "code", "scope"), _DATE),
}
"""Type -> its parameters; the CapabilityStatement is made from this table."""

_TOTAL: Final = {"accurate", "estimate", "none"}


def parse(
    resource_type: str,
    pairs: Iterable[tuple[str, str]],
    hasher: KeyedHasher,
    after: Callable[[str], str],
) -> Query:
    """The query these pairs ask for; `after` opens a page token."""
    known = PARAMETERS[resource_type]
    built = _Building(resource_type, hasher)
    for name, value in pairs:
        plain = name.removesuffix(":Patient")
        if name in known or (plain in known and known[plain].kind == "patient" and plain != "_id"):
            built.add(known[plain], value)
        elif name == "_page":
            built.after = after(value)
        else:
            built.control(name, value)
    return built.query()


class _Building:
    def __init__(self, resource_type: str, hasher: KeyedHasher) -> None:
        self.resource_type = resource_type
        self.hasher = hasher
        self.people: list[str] | None = None
        self.numbers: tuple[str, ...] = ()
        self.criteria: list[Criterion] = []
        self.include_goals = False
        self.count = DEFAULT_COUNT
        self.only_total = False
        self.after = ""

    def query(self) -> Query:
        """What was collected."""
        return Query(
            self.resource_type,
            None if self.people is None else tuple(self.people),
            self.numbers,
            tuple(self.criteria),
            self.include_goals,
            self.count,
            self.after,
            self.only_total,
        )

    def add(self, parameter: Parameter, value: str) -> None:
        """One criterion; several values of one parameter are alternatives."""
        if parameter.kind == "patient":
            named = [_an_id(parameter.name, one) for one in _values(parameter.name, value)]
            kept = named if self.people is None else [p for p in self.people if p in named]
            self.people = kept
        elif parameter.kind == "number":
            self._number(parameter.name, value)
        else:
            ways = [
                _CRITERIA[parameter.kind](parameter, one) for one in _values(parameter.name, value)
            ]
            text = " OR ".join(f"({way.sql})" for way in ways)
            self.criteria.append(Criterion(text, tuple(v for way in ways for v in way.values)))

    def _number(self, name: str, value: str) -> None:
        if self.numbers:
            raise _fault(name, "give it once; several numbers are parted by commas")
        for one in _values(name, value):
            system, bar, number = one.rpartition("|")
            if not number or (bar and system != systems.NHS_NUMBER):
                raise _fault(name, "search by NHS number: " + systems.NHS_NUMBER + "|number")
            self.numbers += self.hasher.keyed_hashes("nhs-number", normalised(number))

    def control(self, name: str, value: str) -> None:
        """A parameter that shapes the answer."""
        if name == "_count":
            if not value.isascii() or not value.isdigit():
                raise _fault(name, "a whole number")
            self.count = min(int(value[:6]), MOST)
        elif name == "_summary" and value in ("count", "false"):
            self.only_total = value == "count"
        elif name == "_total" and value in _TOTAL:
            return
        elif name == "_include" and self.resource_type == "CarePlan" and value in _INCLUDES:
            self.include_goals = True
        elif name not in SHAPES_ONLY:
            raise _fault(name, "this search does not take it so; see /fhir/R4/metadata")


SHAPES_ONLY: Final = ("_format", "_pretty")
"""How an answer is written, never what is in it; `_format` was looked at before."""
_INCLUDES: Final = ("CarePlan:goal", "CarePlan:goal:Goal")


def _values(name: str, value: str) -> list[str]:
    if not value.isprintable():
        raise _fault(name, "holds a character that no value has")
    values = [_ESCAPED.sub(r"\1", one) for one in _VALUE.findall(value)]
    if not values:
        raise _fault(name, "has no value")
    if len(values) > 100 or len(value) > 4000:
        raise _fault(name, "has too many values")
    return values


_VALUE: Final = re.compile(r"(?:\\.|[^,])+")
_ESCAPED: Final = re.compile(r"\\([\\,$|])")


def _an_id(name: str, value: str) -> str:
    """The id that a value names; an NHS number is none, and no link may repeat one."""
    found = patient_id(value)
    if _NUMBER.fullmatch(normalised(found)):
        raise _fault(name, "takes an id; search Patient by identifier, by POST")
    return found


_NUMBER: Final = re.compile(r"\d{10}", re.ASCII)


def patient_id(reference: str) -> str:
    """The id in `123`, `Patient/123` or `http://host/base/Patient/123`."""
    return reference.rpartition("Patient/")[2]


def shown_name(name: str) -> str:
    """A parameter's name as an answer may repeat it."""
    return name if _NAME.fullmatch(name) else "parameter"


_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_:.-]{0,39}", re.ASCII)


def _fault(name: str, text: str) -> FaultyRequestError:
    return FaultyRequestError([Fault("invalid", shown_name(name), text)])


def _by_id(_parameter: Parameter, value: str) -> Criterion:
    return Criterion("r.resource_id = ?", (value,))


def _by_status(_parameter: Parameter, value: str) -> Criterion:
    return Criterion("r.status = ?", (value.rpartition("|")[2],))


def _by_code(parameter: Parameter, value: str) -> Criterion:
    system, bar, code = value.rpartition("|")
    if not code and not system:
        raise _fault(parameter.name, "needs a code or a system")
    text = token(parameter.element, system if bar else None, code)
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    end = "|" if code else ""
    return Criterion("r.codes LIKE ? ESCAPE '\\'", (f"%|{escaped}{end}%",))


_PREFIXES: Final = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb")


def _by_date(parameter: Parameter, value: str) -> Criterion:
    return _range(parameter, value, "r.starts", "r.ends")


def _by_updated(parameter: Parameter, value: str) -> Criterion:
    return _range(parameter, value, "r.updated_at", "r.updated_at + 1")


def _range(parameter: Parameter, value: str, start: str, end: str) -> Criterion:
    prefix, text = (value[:2], value[2:]) if value[:2] in _PREFIXES else ("eq", value)
    try:
        low, high = to_micros(first_moment(text)), to_micros(next_moment(text))
    except (ValueError, OverflowError):
        raise _fault(parameter.name, "not a date, with eq ne gt lt ge le sa eb before it") from None
    inside = (f"{start} >= ? AND {end} <= ?", (low, high))
    made: dict[str, tuple[str, tuple[int, ...]]] = {
        "eq": inside,
        "ne": (f"NOT ({inside[0]})", inside[1]),
        "gt": (f"{end} > ?", (high,)),
        "lt": (f"{start} < ?", (low,)),
        "ge": (f"{end} > ? OR ({inside[0]})", (high, *inside[1])),
        "le": (f"{start} < ? OR ({inside[0]})", (low, *inside[1])),
        "sa": (f"{start} >= ?", (high,)),
        "eb": (f"{end} <= ?", (low,)),
    }
    sql, values = made[prefix]
    dated = (
        f"NOT (r.starts = {MIN_MICROS} AND r.ends = {MAX_MICROS})"
        if start == "r.starts"
        else "1 = 1"
    )
    return Criterion(f"({sql}) AND {dated}", values)


_CRITERIA: Final[Mapping[str, Callable[[Parameter, str], Criterion]]] = {
    "id": _by_id,
    "status": _by_status,
    "code": _by_code,
    "date": _by_date,
    "updated": _by_updated,
}
