"""By what the site's own resources are searched, and what can go with what is found.

In      parameters and includes of a search; the resources, as they are shown to the caller.
Out     what a resource has where a parameter reads; what goes along, each once.
Errors  FaultyRequestError for an include that is not taken.
Rule    What goes along is taken from what this caller is shown of its type, one step from a match.
Pure    Values in, values out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.api.search.search_grammar import fault

Resource = Mapping[str, Any]
_COMMON: Final = {"_id": "token", "name": "string", "identifier": "token"}
PARAMETERS: Final[Mapping[str, Mapping[str, str]]] = {
    "Organization": _COMMON | {"type": "token", "partof": "reference"},
    "Location": _COMMON | {"organization": "reference", "partof": "reference"},
    "HealthcareService": {
        "_id": "token",
        "name": "string",
        "service-type": "token",
        "organization": "reference",
        "coverage-area": "reference",
    },
    "Practitioner": _COMMON | {"family": "string", "given": "string", "active": "token"},
    "PractitionerRole": {
        "_id": "token",
        "active": "token",
        "practitioner": "reference",
        "organization": "reference",
        "service": "reference",
        "phone": "token",
        "email": "token",
    },
}
"""Type -> each search parameter with its FHIR type."""
_ELEMENTS: Final = {
    "service-type": "type",
    "partof": "partOf",
    "coverage-area": "coverageArea",
    "service": "healthcareService",
    "family": "name",
    "given": "name",
    "phone": "telecom",
    "email": "telecom",
    "Location.organization": "managingOrganization",
    "HealthcareService.organization": "providedBy",
}
"""The element that a parameter, of a type where it is named, reads; else the one of its name."""
LEADS: Final = {
    "Organization:partof": "Organization",
    "Location:organization": "Organization",
    "Location:partof": "Location",
    "HealthcareService:organization": "Organization",
    "HealthcareService:coverage-area": "Location",
    "PractitionerRole:practitioner": "Practitioner",
    "PractitionerRole:organization": "Organization",
    "PractitionerRole:service": "HealthcareService",
}
"""Each reference that an include follows -> the type it leads to."""
ALONG: Final = ("_include", "_revinclude")


@dataclass(frozen=True, slots=True)
class Along:
    """One include: the reference it follows, the type that goes along, and whether backwards."""

    source: str
    name: str
    shown: str
    back: bool


def along(resource_type: str, word: str, value: str) -> Along:
    """What an include asks of a search of this type. Errors: FaultyRequestError."""
    source, _, rest = value.partition(":")
    name, _, target = rest.partition(":")
    leads = LEADS.get(f"{source}:{name}", "")
    back = word == "_revinclude"
    if not leads or target not in ("", leads) or resource_type != (leads if back else source):
        raise fault(word, f"takes {', '.join(LEADS)}, from or to what is searched")
    return Along(source, name, source if back else leads, back)


def gone_along(
    asked: Iterable[Along], others: Mapping[str, Mapping[str, Resource]], page: Iterable[Resource]
) -> Iterator[Resource]:
    """What goes with the matches of a page, each once and none of them again."""
    matches = {f"{one['resourceType']}/{one['id']}": one for one in page}
    told = set(matches)
    for one in asked:
        held = others[one.shown].values()
        if one.back:
            found = [r for r in held if not matches.keys().isdisjoint(_led(r, one.name))]
        else:
            led = {to for match in matches.values() for to in _led(match, one.name)}
            found = [r for r in held if f"{one.shown}/{r['id']}" in led]
        for resource in found:
            own = f"{one.shown}/{resource['id']}"
            if own not in told:
                told.add(own)
                yield resource


def _led(one: Resource, name: str) -> Iterator[str]:
    return (str(part["reference"]) for part in _parts(one, name))


def parts(name: str, one: Resource) -> Iterable[Any]:
    """What a resource has where the parameter of this name reads."""
    if name == "_id":
        return (one["id"],)
    several = _parts(one, name)
    kind = PARAMETERS[one["resourceType"]][name]
    if kind == "string":
        return (text for part in several for text in _words(part, name))
    if name in ("phone", "email"):
        return (part for part in several if part["system"] == name)
    return several


def _parts(one: Resource, name: str) -> Iterable[Any]:
    element = _ELEMENTS.get(f"{one['resourceType']}.{name}", _ELEMENTS.get(name, name))
    held = one.get(element, ())
    return held if isinstance(held, list | tuple) else (held,)


def _words(held: Any, name: str) -> Iterator[str]:
    """A text; of a HumanName the part that is meant, or each."""
    if isinstance(held, str):
        yield held
        return
    for part in ("text", "family", "given", "prefix") if name == "name" else (name,):
        said = held.get(part, ())
        yield from (said,) if isinstance(said, str) else said
