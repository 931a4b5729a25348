"""UK Core resources: one FHIR R4 Bundle about one person, or a single resource about them.

In      A resource of R4 in its JSON form; a Bundle of any kind, or a single resource.
Out     One Item for each bundle, its facts grouped as GP Connect's are (message/bundle.py); a
        Patient who stands inside what is about them is the Patient, where none came.
Errors  an error where nothing sent is of a type that is read for whom it is about; what is wrong
        with a resource is judged when it is mapped.
Source  FHIR R4 (4.0.1); UK Core.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model.outcome import Facts, Issue, Item, error, has_errors
from mappings.core.r4.codes import RESOURCE_TYPES
from mappings.gp.codes.carried import CARRIED, NAMED, NOT_CARRIED, whom
from mappings.gp.message.bundle import bundles_in, grouped, only_defines
from mappings.gp.message.inside import nhs_numbers
from mappings.gp.message.types import DEFINITIONS

RESOURCES: Final = "uk-core-r4"


def items(sent: dict[str, Any], issues: list[Issue]) -> Iterator[Item]:
    """An Item for each bundle in what was sent."""
    for number, bundle in enumerate(bundles_in(sent), 1):
        facts, found = grouped(bundle, RESOURCE_TYPES, {})
        _lift_person(facts)
        if not has_errors(found):
            found += _unnamed(facts)
        yield Item(RESOURCES, number, facts, (*issues, *found))


def _lift_person(facts: Facts) -> None:
    """Where no Patient came, the one inside the resources that are about them, as vaccination
    histories are sent. Its id is none: it names nobody outside what holds it."""
    if "Patient" in facts:
        return
    for one in _people_inside(facts):
        known = facts.setdefault("Patient", one)
        if not nhs_numbers(known) & nhs_numbers(one):
            facts.setdefault("OtherPatient", []).append(one)


def _people_inside(facts: Facts) -> Iterator[dict[str, Any]]:
    for section in CARRIED:
        for one in facts.get(section) or ():
            about = one.get(whom(section))
            named = about.get("reference") if isinstance(about, dict) else None
            inside = one.get("contained")
            for held in inside if isinstance(inside, list) else ():
                if isinstance(held, dict) and f"#{held.get('id')}" == named and nhs_numbers(held):
                    yield {name: value for name, value in held.items() if name != "id"}


def _unnamed(facts: Facts) -> Iterator[Issue]:
    """Why nobody can be named, where no type that was sent is read for whom it is about."""
    types = [name for name in facts if name in RESOURCE_TYPES and name != "Bundle"]
    if any(name == "Patient" or (name in CARRIED and whom(name)) for name in types):
        return
    unknown = next(
        (name for name in types if name not in {*CARRIED, *NOT_CARRIED, *DEFINITIONS}), None
    )
    if defines := only_defines(facts):
        yield defines
    elif unknown:
        yield error(unknown, "kind-not-mapped", _NOT_MAPPED)
    elif not types:
        yield error("Bundle.entry", "names-nobody", _NOTHING)
    else:
        read = next((name for name in types if name in _BESIDE), None)
        text = _NOBODY if read else f"is never taken into the record: {NOT_CARRIED[types[0]]}"
        yield error(read or types[0], "names-nobody", text)


_BESIDE: Final = frozenset({*CARRIED, *NAMED, "Medication"})
"""Types of which something is read where somebody is named beside them."""
_NOTHING: Final = "holds no resource of FHIR R4, so that nobody is named"
_NOT_MAPPED: Final = "this type of resource is not mapped yet; it is kept"
_NOBODY: Final = (
    "says by itself of nobody whose record it is about: what is read of it is read in a bundle with"
    " the Patient, or with a resource that names them"
)
