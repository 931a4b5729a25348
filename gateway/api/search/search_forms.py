"""How each search parameter can be asked: what R4 has a SearchParameter say of it.

In      The parameter, as the search itself reads it; of what is held in memory its FHIR type.
Out     `modifier`, `comparator`, `target`, `multipleOr` and `multipleAnd` of its definition.
Source  http://hl7.org/fhir/R4/searchparameter.html
Pure    Values in, values out; a test asks each of them, and those that are not named.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Final

from gateway.api.search.held_match import MODIFIERS
from gateway.api.search.site_params import LEADS
from gateway.flows.reading.query import PERSON
from gateway.store.clear.search_table import ANY, PARAMETERS, Parameter
from gateway.store.record.spans import PREFIXES

_UNLESS_IT_IS_ALWAYS_THERE: Final = ("id", "updated")


@cache
def forms() -> dict[str, dict[str, Any]]:
    """Of each definition, by its canonical URL, how the record is searched by it."""
    found: dict[str, list[Parameter]] = {}
    for several in PARAMETERS.values():
        for one in several.values():
            found.setdefault(one.definition, []).append(one)
    return {url: _form(several) for url, several in found.items()}


def of_held(base: str, name: str, fhir: str) -> dict[str, Any]:
    """How what is held in memory is searched by a parameter of a type."""
    made: dict[str, Any] = {"multipleOr": True, "multipleAnd": True}
    target = LEADS.get(f"{base}:{name}")
    made |= {"target": [target]} if target else {}
    return made | {"modifier": list(MODIFIERS[fhir])}


def _form(several: Sequence[Parameter]) -> dict[str, Any]:
    modifiers = sorted({name for one in several for name in _modifiers(one)})
    made: dict[str, Any] = {"multipleOr": True, "multipleAnd": True}
    made |= {"comparator": sorted(PREFIXES)} if any(one.fhir == "date" for one in several) else {}
    targets = {target for one in several for target in _targets(one)}
    made |= {"target": sorted(targets)} if targets else {}
    return made | ({"modifier": modifiers} if modifiers else {})


def _modifiers(one: Parameter) -> Iterator[str]:
    """As R4 codes them: a reference's type is `type`."""
    if one.kind not in _UNLESS_IT_IS_ALWAYS_THERE:
        yield "missing"
    if one.fhir == "reference" and one.kind != "who":
        yield "type"
    if one.kind == "who":
        yield "identifier"
    if one.fhir == "string":
        yield "exact"
    if one.fhir == "token" and one.kind != "id":
        yield "not"


def _targets(one: Parameter) -> Iterable[str]:
    if one.kind == "patient":
        return (PERSON,)
    return one.targets - {ANY} if one.kind == "reference" else ()
