"""One parameter of a search, by its step in the table, to a condition on rows or on a person.

In      A name and a value as parsed; the type that is asked about.
Out     A Condition; questions about people, which rows only name by number.
Errors  FaultyRequestError for a parameter, modifier, prefix or value that is not taken: a search
        never ignores what was meant to narrow it.
Source  http://hl7.org/fhir/R4/search.html; gateway.store.clear.search_table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from gateway.api.search.search_grammar import (
    MOST_IDS,
    Name,
    Reverse,
    alternatives,
    fault,
    is_number,
    parse_boolean,
    parse_date,
    parse_reference,
    parse_token,
    unescaped,
)
from gateway.api.search.search_pieces import PIECES
from gateway.flows.reading.person_tests import (
    Absent,
    Coded,
    Dated,
    Having,
    Named,
    PersonTest,
    Words,
)
from gateway.flows.reading.query import PERSON
from gateway.flows.site.staff_seen import StaffNumbers
from gateway.store.clear.search_index import named_code
from gateway.store.clear.search_table import PARAMETERS, PRACTITIONER, Parameter
from gateway.store.keyring.keys import KeyedHasher
from gateway.store.record.conditions import (
    AnyOf,
    Chain,
    Codes,
    Condition,
    Dates,
    Ids,
    Missing,
    Nothing,
    OfPeople,
    Referred,
    Refers,
    Updated,
)
from gateway.store.record.provenance_sql import Agent, HasProvenance
from mappings.core.shaping.identifiers import normalised

MOST_VALUES_TOGETHER: Final = 200
MOST_JOINS: Final = 16  # types that all steps together may lead to
NOT_TAKEN: Final = "this search does not take it so; see /fhir/R4/metadata"


@dataclass(slots=True)
class Criteria:
    """Reads parameters; keeps the questions about people that they ask."""

    hasher: KeyedHasher
    base: str
    """The address that references to our own resources begin with."""
    at: datetime
    staff: StaffNumbers
    about: list[PersonTest] = field(default_factory=list)
    names_staff: bool = False
    """Whether an id may have been that of a member of staff."""
    _left: int = MOST_VALUES_TOGETHER
    _joins: int = MOST_JOINS

    def join(self, whole: str, several: int = 1) -> None:
        """Count the types that a step leads to."""
        self._joins -= several
        if self._joins < 0:
            raise fault(whole, "follows too many references, with those before it: name the types")

    def several(self, whole: str, value: str) -> list[str]:
        """The alternatives of a value; of all conditions together no more than can be asked."""
        found = alternatives(whole, value)
        self._left -= len(found)
        if self._left < 0:
            raise fault(whole, "has too many values, with those before it")
        return found

    def condition(
        self, resource_type: str, name: Name | Reverse, value: str, whole: str
    ) -> Condition:
        """What a parameter asks of rows of a type; `whole`: its name as it came."""
        if resource_type == PERSON:
            return OfPeople(self._question(self.person_test(name, value, whole)))
        if isinstance(name, Reverse):
            return self._reversed(resource_type, name, value, whole)
        parameter = known(resource_type, name.base, whole)
        if parameter.kind == "patient":
            return self._of_person(parameter, name, value, whole)
        if name.rest is not None:
            return self._chained(parameter, name, value, whole)
        if name.modifier == "missing" and parameter.kind not in ("id", "updated"):
            self.join(whole, parameter.kind == "reference")
            return Missing(parameter, parse_boolean(whole, value))
        by_name = parameter.kind == "who" and name.modifier != "identifier"
        if parameter.kind == "reference" or by_name:
            return self._refers(parameter, name.modifier, value, whole)
        return _KINDS[parameter.kind](self, parameter, name.modifier, value, whole)

    def person_test(self, name: Name | Reverse, value: str, whole: str) -> PersonTest:
        """What a parameter asks of a person."""
        if isinstance(name, Reverse):
            source = known(name.resource_type, name.reference, whole)
            if source.kind != "patient":
                raise fault(whole, NOT_TAKEN)
            self.join(whole)
            return Having(source.owner, (self.condition(source.owner, name.rest, value, whole),))
        parameter = known(PERSON, name.base, whole)
        if name.rest is not None:
            raise fault(whole, NOT_TAKEN)
        if parameter.kind == "id":
            _plain(name.modifier, whole)
            return Named(self.people(whole, value))
        if name.modifier == "missing" and parameter.kind != "updated":
            return Absent(parameter, parse_boolean(whole, value))
        return self._own(parameter, name.modifier, value, whole)

    def people(self, whole: str, value: str) -> tuple[str, ...]:
        """Ids of people, however they are written."""
        found = []
        for one in alternatives(whole, value, MOST_IDS):
            reference = parse_reference(one, self.base)
            named = reference.resource_id if reference.resource_type in ("", PERSON) else ""
            if is_number(normalised(named)):
                raise fault(whole, "takes an id; search Patient by identifier, by POST")
            found.append(named)
        return tuple(found)

    def _own(self, parameter: Parameter, modifier: str, value: str, whole: str) -> PersonTest:
        several = self.several(whole, value)
        if parameter.fhir == "string":
            _plain(modifier, whole, "exact")
            return Words(parameter, tuple(map(unescaped, several)), modifier == "exact")
        if parameter.fhir == "date":
            _plain(modifier, whole)
            return Dated(parameter, tuple(parse_date(whole, one, self.at) for one in several))
        _plain(modifier, whole, "not")
        tokens = [parse_token(whole, one) for one in several]
        values = tuple((token.system, token.code) for token in tokens)
        return Coded(parameter, values, modifier == "not")

    def _of_person(self, parameter: Parameter, name: Name, value: str, whole: str) -> Condition:
        if name.rest is not None:
            _plain(name.modifier, whole, PERSON)
            return OfPeople(self._question(self.person_test(name.rest, value, whole)))
        if name.modifier == "missing":
            return Missing(parameter, parse_boolean(whole, value))
        _plain(name.modifier, whole, PERSON)
        return OfPeople(self._question(Named(self.people(whole, value))))

    def _question(self, test: PersonTest) -> int:
        """Its number; the same for what a step to another type asked already."""
        if test not in self.about:
            self.about.append(test)
        return self.about.index(test)

    def _reversed(self, resource_type: str, name: Reverse, value: str, whole: str) -> Condition:
        source = known(name.resource_type, name.reference, whole)
        if source.kind != "reference" or not source.leads_to(resource_type):
            raise fault(whole, NOT_TAKEN)
        self.join(whole)
        inner = (self.condition(source.owner, name.rest, value, whole),)
        referred = Referred(source, inner)
        return AnyOf((referred, HasProvenance(inner))) if source.name == "target" else referred

    def _chained(self, parameter: Parameter, name: Name, value: str, whole: str) -> Condition:
        if name.rest == Name("_id") and parameter.kind in ("reference", "who"):
            return self._refers(parameter, name.modifier, value, whole)
        if parameter.kind != "reference" or name.rest is None:
            raise fault(whole, NOT_TAKEN)
        types = [name.modifier] if name.modifier else sorted(parameter.targets & set(PARAMETERS))
        first = name.rest.base if isinstance(name.rest, Name) else ""
        if first and not name.modifier:
            types = [one for one in types if first in PARAMETERS[one]]
        types = [one for one in types if one != PERSON and one in PARAMETERS]
        if not types or not all(parameter.leads_to(one) for one in types):
            raise fault(whole, NOT_TAKEN)
        self.join(whole, len(types))
        ways = [
            Chain(parameter, one, (self.condition(one, name.rest, value, whole),)) for one in types
        ]
        return ways[0] if len(ways) == 1 else AnyOf(tuple(ways))

    def _refers(self, parameter: Parameter, modifier: str, value: str, whole: str) -> Condition:
        if modifier and not parameter.leads_to(modifier):
            raise fault(whole, NOT_TAKEN)
        named: list[tuple[str, str]] = []
        people: list[str] = []
        pieces: list[tuple[str, bool]] = []
        for one in self.several(whole, value):
            found = parse_reference(one, self.base)
            kind = found.resource_type or modifier
            if modifier and kind != modifier:
                continue
            if kind == PERSON:
                people += self.people(whole, one)
                continue
            if parameter.names_staff and kind in ("", PRACTITIONER):
                pieces += self._of_staff(parameter, found.resource_id)
            if found.resource_id:
                named.append((kind, found.resource_id))
        self.join(whole, len({kind for kind, _ in named}))
        question = self._question(Named(tuple(people))) if people else None
        refers = Refers(parameter, tuple(named), question) if named or people else Nothing()
        by_number = Codes(replace(parameter, kind="who"), tuple(pieces))
        return AnyOf((refers, by_number)) if pieces else refers

    def _of_staff(self, parameter: Parameter, name: str) -> list[tuple[str, bool]]:
        """A member of staff, as records name them: by number."""
        self.names_staff, made, of = True, PIECES["who"], parameter.name
        several = [(one["system"], one["value"]) for one in self.staff.get(name, ())]
        return [piece for one in several for piece in made(self.hasher, of, *one)]


def known(resource_type: str, name: str, whole: str) -> Parameter:
    """The parameter of the table. Errors: FaultyRequestError."""
    parameter = PARAMETERS.get(resource_type, {}).get(name)
    if parameter is None:
        raise fault(whole, NOT_TAKEN)
    return parameter


def _plain(modifier: str, whole: str, *taken: str) -> None:
    if modifier and modifier not in taken:
        raise fault(whole, NOT_TAKEN)


def _ids(
    _read: Criteria, _parameter: Parameter, modifier: str, value: str, whole: str
) -> Condition:
    _plain(modifier, whole)
    return Ids(tuple(unescaped(one) for one in alternatives(whole, value, MOST_IDS)))


def _updated(
    read: Criteria, _parameter: Parameter, modifier: str, value: str, whole: str
) -> Condition:
    _plain(modifier, whole)
    return Updated(tuple(parse_date(whole, one, read.at) for one in read.several(whole, value)))


def _dates(
    read: Criteria, parameter: Parameter, modifier: str, value: str, whole: str
) -> Condition:
    _plain(modifier, whole)
    spans = tuple(parse_date(whole, one, read.at) for one in read.several(whole, value))
    return Dates(parameter, spans)


def _uris(read: Criteria, parameter: Parameter, modifier: str, value: str, whole: str) -> Condition:
    _plain(modifier, whole)
    several = [unescaped(one) for one in read.several(whole, value)]
    return Codes(parameter, tuple((named_code(parameter.name, one), True) for one in several))


def _tokens(
    read: Criteria, parameter: Parameter, modifier: str, value: str, whole: str
) -> Condition:
    _plain(modifier, whole, "not")
    pieces: list[tuple[str, bool]] = []
    for one in read.several(whole, value):
        token = parse_token(whole, one)
        pieces += PIECES[parameter.kind](read.hasher, parameter.name, token.system, token.code)
    return Codes(parameter, tuple(pieces), modifier == "not")


def _who(read: Criteria, parameter: Parameter, _modifier: str, value: str, whole: str) -> Condition:
    """By identifier, as organisations and staff are named here."""
    tokens = [parse_token(whole, one) for one in read.several(whole, value)]
    pieces: list[tuple[str, bool]] = []
    for token in tokens:
        pieces += PIECES[parameter.kind](read.hasher, parameter.name, token.system, token.code)
    return Agent(Codes(parameter, tuple(pieces)), tuple((one.system, one.code) for one in tokens))


_KINDS: Final[Mapping[str, Callable[[Criteria, Parameter, str, str, str], Condition]]] = {
    "id": _ids,
    "updated": _updated,
    "date": _dates,
    "uri": _uris,
    "code": _tokens,
    "token": _tokens,
    "identifier": _tokens,
    "who": _who,
}
