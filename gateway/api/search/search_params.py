"""Search parameters to a Query: what narrows it, what goes with it, in which order.

In      Name-value pairs of a GET query or a `_search` form.
Out     A Query of typed conditions. Every value travels as a parameter of the statement.
Errors  FaultyRequestError for an unknown parameter, modifier, prefix or malformed value: a search
        never ignores what was meant to narrow it.
Source  http://hl7.org/fhir/R4/search.html
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from gateway.api.search.search_criteria import NOT_TAKEN, Criteria, known
from gateway.api.search.search_grammar import (
    Name,
    Reverse,
    alternatives,
    fault,
    is_number,
    parse_name,
    parse_token,
    shown_name,
)
from gateway.flows.reading.query import PERSON, Include, Query
from gateway.flows.site.staff_seen import NOBODY, StaffNumbers
from gateway.store.clear.search_table import ANY, PARAMETERS, SORTED, Parameter
from gateway.store.keyring.keys import KeyedHasher
from gateway.store.record.conditions import ID, STARTS, UPDATED, Condition, Order
from mappings.core.model import systems
from mappings.core.shaping.identifiers import normalised

__all__ = ["MOST", "PARAMETERS", "SHAPES_ONLY", "TOTALS", "parse", "private_step", "shown_name"]

MOST: Final = 500
DEFAULT_COUNT: Final = 50
_MOST_CONDITIONS: Final = 30
_MOST_INCLUDES: Final = 20
TOTALS: Final = ("accurate", "estimate", "none")
"""What may be asked for as `_total`; each is exact."""
SHAPES_ONLY: Final = ("_format", "_pretty", "_summary", "_elements", "_totalMethod")
"""How an answer is written, never what is found; `api/shaping.py` and the routes look at them.
`_totalMethod` is what fhirpy asks for a total by: each is exact."""
_PRIVATE: Final = ("identifier", "name", "family", "given")
_DAYS: Final = ("birthdate", "death-date")
"""What a link may not repeat of a person, days where they are named to the day: it names those
who were found instead."""


def parse(
    types: tuple[str, ...],
    pairs: Iterable[tuple[str, str]],
    hasher: KeyedHasher,
    after: Callable[[str], str],
    base: str,
    at: datetime,
    staff: StaffNumbers = NOBODY,
) -> Query:
    """The query these pairs ask for, over these types; `after` opens a page token; `staff`: those
    whom an id may name."""
    built = Building(types, Criteria(hasher, base, at, staff))
    for name, value in pairs:
        if name == "_page":
            built.after = after(value)
        elif name.startswith("_") and not name.startswith(("_id", "_lastUpdated", "_has:")):
            built.control(name, value)
        else:
            built.add(name, value)
    return built.query()


class Building:
    """A Query as it grows."""

    def __init__(self, types: tuple[str, ...], criteria: Criteria) -> None:
        self.types = types
        self.criteria = criteria
        self.people: list[str] | None = None
        self.numbers: tuple[str, ...] = ()
        self.conditions: list[Condition] = []
        self.includes: dict[Include, None] = {}
        self._asked_beside = 0
        self.order: tuple[Order, ...] = ()
        self.count = DEFAULT_COUNT
        self.only_total = False
        self.counted = True
        self.after = ""
        self.private = False

    def query(self) -> Query:
        """What was collected."""
        return Query(
            self.types,
            None if self.people is None else tuple(self.people),
            self.numbers,
            tuple(self.conditions),
            tuple(self.criteria.about),
            tuple(self.includes),
            self.order,
            self.count,
            self.after,
            self.only_total,
            self.counted,
            self.criteria.at,
            self.private,
            self.criteria.names_staff,
        )

    def add(self, whole: str, value: str) -> None:
        """One criterion; several values of one parameter are alternatives."""
        name = parse_name(whole)
        step = private_step(self.types, whole, value)
        if step is not None:
            if step > (self.types != (PERSON,)):
                raise fault(whole, "asks for a person along other resources; search Patient first")
            self.private = True
        if isinstance(name, Name) and name.rest is None and self._of_people(name, value, whole):
            return
        if len(self.conditions) >= _MOST_CONDITIONS:
            raise fault(whole, "is one condition too many")
        for one in self.types[1:]:
            self._common(one, name, whole)
        self.conditions.append(self.criteria.condition(self.types[0], name, value, whole))

    def _common(self, resource_type: str, name: object, whole: str) -> None:
        """Over several types only what is the same for all of them."""
        if not isinstance(name, Name) or name.base not in ("_id", "_lastUpdated"):
            raise fault(whole, NOT_TAKEN)
        known(resource_type, name.base, whole)

    def _of_people(self, name: Name, value: str, whole: str) -> bool:
        """Whose records are searched: those who are named by id, or by number."""
        person = self.types == (PERSON,)
        parameters = [known(one, name.base, whole) for one in self.types]
        if name.modifier in ("", PERSON) and all(_names_people(one) for one in parameters):
            named = self.criteria.people(whole, value)
            kept = named if self.people is None else [p for p in self.people if p in named]
            self.people = list(kept)
            return True
        if person and name == Name("identifier"):
            self._numbered(whole, value)
        return False

    def _numbered(self, whole: str, value: str) -> None:
        """People are found by number wherever they are; that it is shown is asked afterwards."""
        found: list[str] = []
        for one in alternatives(whole, value):
            token = parse_token(whole, one)
            number = normalised(token.code)
            of_nhs = token.system == systems.NHS_NUMBER and token.code
            if not of_nhs and (token.system is not None or not is_number(number)):
                return
            found += self.criteria.hasher.keyed_hashes("nhs-number", number)
        if self.numbers:
            raise fault(whole, "give it once; several numbers are parted by commas")
        self.numbers = tuple(found)

    def control(self, name: str, value: str) -> None:
        """A parameter that shapes the answer."""
        if name == "_count":
            if not value.isascii() or not value.isdigit():
                raise fault(name, "a whole number")
            self.count = min(int(value[:6]), MOST)
        elif name == "_summary" and value == "count":
            self.only_total = True
        elif name == "_total" and value in TOTALS:
            self.counted = value != "none"
        elif name == "_sort":
            self.order = self._sorted(name, value)
        elif name.partition(":")[0] in ("_include", "_revinclude"):
            self._asked_beside += 1
            if self._asked_beside > _MOST_INCLUDES:
                raise fault(name, "is one include too many")
            self.includes |= dict.fromkeys(self._included(name, value))
        elif name not in SHAPES_ONLY:
            raise fault(name, NOT_TAKEN)

    def _sorted(self, name: str, value: str) -> tuple[Order, ...]:
        found: list[Order] = []
        for one in alternatives(name, value):
            column = self._column(one.removeprefix("-"))
            if not column or any(order.column in (column, ID) for order in found):
                raise fault(name, "cannot be by that; see /fhir/R4/metadata")
            found.append(Order(column, one.startswith("-")))
        return tuple(found)

    def _column(self, name: str) -> str:
        if name == "_id":
            return ID
        if self.types == (PERSON,):
            return ""
        if name == "_lastUpdated":
            return UPDATED
        return STARTS if len(self.types) == 1 and SORTED.get(self.types[0]) == name else ""

    def _included(self, name: str, value: str) -> list[Include]:
        """`Type:parameter`, `Type:parameter:Target`, `*`; what follows a step, not the matches."""
        word, _, modifier = name.partition(":")
        if modifier not in ("", "iterate"):
            raise fault(name, NOT_TAKEN)
        back, onward = word == "_revinclude", modifier == "iterate"
        if value == ANY and not back:
            parameters = [one for kind in self.types for one in _followed(kind)]
            return [Include(one, "", back, onward) for one in parameters]
        source, _, rest = value.partition(":")
        base, _, target = rest.partition(":")
        if base == ANY:
            several = [one for one in _followed(source) if not target or one.leads_to(target)]
        else:
            several = [PARAMETERS.get(source, {}).get(base) or _refused(name)]
        if not several or any(not _leads(one, target) for one in several):
            raise fault(name, NOT_TAKEN)
        if not onward and not (back or source in self.types):
            raise fault(name, NOT_TAKEN)
        return [Include(one, target, back, onward) for one in several]


def _refused(name: str) -> Parameter:
    raise fault(name, NOT_TAKEN)


def _followed(resource_type: str) -> list[Parameter]:
    several = PARAMETERS.get(resource_type, {}).values()
    return [one for one in several if one.kind in ("reference", "patient")]


def _leads(parameter: Parameter, target: str) -> bool:
    if parameter.kind == "patient":
        return target in ("", PERSON)
    return parameter.kind == "reference" and (not target or parameter.leads_to(target))


def _names_people(parameter: Parameter) -> bool:
    return parameter.kind == "patient" or (parameter.owner == PERSON and parameter.kind == "id")


def private_step(types: tuple[str, ...], whole: str, value: str) -> int | None:
    """After how many steps a parameter asks for what a link may not repeat; None where it does
    not: it would name a person, or give their number."""
    name, steps, of_person = parse_name(whole), 0, types == (PERSON,)
    while isinstance(name, Reverse) or name.rest is not None:
        of_person = isinstance(name, Name) and name.base in _WHOSE
        name, steps = name.rest or name, steps + 1
    tells = name.base in _PRIVATE or (name.base in _DAYS and _DAY.search(value) is not None)
    return steps if of_person and tells else None


_DAY: Final = re.compile(r"(?:^|,)(?:eq|ap)?\d{4}-\d\d-\d\d", re.ASCII)


_WHOSE: Final = {
    one.name for several in PARAMETERS.values() for one in several.values() if one.kind == "patient"
}
