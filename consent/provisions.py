"""Consent.provision, read strictly: who asks, which data, from when until when.

In      one provision as parsed JSON, its path, and the actors that literal references name.
Out     Provision.
Errors  UnsupportedConsentError for anything not understood in full.
Rule    IRCP and PRCP actors ask. CST, PROV and AUT actors say whose data it is. Several codes
        of one element are alternatives; several elements must all hold.
        A category is a coding of the access-category system in provision.code; a resource type
        is a coding of the resource-types system in provision.class.
        Actions are access, correct and collect. "disclose" and "use" are refused: by the
        letter they could hide less than the person meant.
        A person is no data: a rule about all of the record names none.
Source  FHIR R4 Consent; v3-ParticipationType, v3-RoleClass, consentaction, v3-ActReason.
Pure    No look-ups.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from consent import fhir_values as fhir
from consent.fhir_values import Json, UnsupportedConsentError
from consent.labels import (
    CATEGORY_SYSTEM,
    CONFIDENTIALITIES,
    CONFIDENTIALITY_SYSTEM,
    SENSITIVITIES,
    SENSITIVITY_CODES,
)
from consent.periods import BEGINNING, FOREVER, to_micros
from consent.purposes import meant_by
from consent.rule import Actor, ActorKind, DataReference, Meaning, Provision
from consent.terms import CATEGORIES, Action, Purpose

ACTION_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/consentaction"
PURPOSE_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
PARTICIPATION_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
ROLE_CLASS_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/v3-RoleClass"
TYPE_SYSTEM: Final = "http://hl7.org/fhir/resource-types"
ROLE_SYSTEM: Final = "https://care-gateway.example/fhir/CodeSystem/role"

KnownActors = Mapping[str, frozenset[Actor]]

ACTOR_SYSTEMS: Final = {
    "https://fhir.nhs.uk/Id/ods-organization-code": ActorKind.ORGANISATION,
    "https://fhir.nhs.uk/Id/sds-user-id": ActorKind.PERSON,
    "https://care-gateway.example/fhir/Id/user": ActorKind.PERSON,
    ROLE_SYSTEM: ActorKind.ROLE,
}
_ASKING: Final = frozenset({(PARTICIPATION_SYSTEM, "IRCP"), (PARTICIPATION_SYSTEM, "PRCP")})
_HOLDING: Final = frozenset({(PARTICIPATION_SYSTEM, "CST"), (ROLE_CLASS_SYSTEM, "PROV")})
_WRITING: Final = frozenset({(PARTICIPATION_SYSTEM, "AUT")})
ACTIONS: Final = {
    "access": frozenset({Action.READ, Action.SEARCH, Action.HISTORY}),
    "correct": frozenset({Action.CREATE, Action.UPDATE, Action.DELETE}),
    "collect": frozenset({Action.CREATE, Action.PUSH}),
}
_ELEMENTS: Final = frozenset(
    {
        *("type", "period", "actor", "action", "securityLabel", "purpose"),
        *("class", "code", "dataPeriod", "data", "provision"),
    }
)
ROLES: Final = _ASKING | _HOLDING | _WRITING
ODS_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}", re.ASCII)
_TYPE_NAME: Final = re.compile(r"[A-Z][A-Za-z]{1,63}", re.ASCII)
_REFERENCE: Final = re.compile(r"([A-Z][A-Za-z]{1,63})/([A-Za-z0-9.-]{1,64})", re.ASCII)


def read_provision(value: object, path: str, known: KnownActors) -> Provision:
    """One permit or deny, without its exceptions."""
    part = fhir.an_object(value, path)
    fhir.only_known(part, _ELEMENTS, path)
    permit = _permit(part, path)
    start, end = _period(part, "period", path)
    data_start, data_end = _period(part, "dataPeriod", path)
    askers, source_orgs, authors = _actors(part, path, known)
    references, authored_by = _data(part, path, known)
    if authors and authored_by:
        raise UnsupportedConsentError(f"{path}.data", "the author is named in two ways")
    confidentiality, sensitivities = _labels(part, path, permit)
    return Provision(
        permit=permit,
        start=start,
        end=end,
        askers=askers,
        actions=_action_set(part, path),
        purposes=_purposes(part, path, permit),
        categories=_categories(part, path),
        confidentiality=confidentiality,
        sensitivities=sensitivities,
        source_orgs=source_orgs,
        authors=authors | authored_by,
        resource_types=_types(part, path),
        references=references,
        data_start=to_micros(data_start),
        data_end=to_micros(data_end),
    )


def _permit(part: Json, path: str) -> bool:
    kind = part.get("type")
    if kind not in ("permit", "deny"):
        raise UnsupportedConsentError(f"{path}.type", "permit or deny is needed")
    return kind == "permit"


def _period(part: Json, name: str, path: str) -> tuple[datetime, datetime]:
    if name not in part:
        return BEGINNING, FOREVER
    return fhir.period(part[name], f"{path}.{name}")


def _actors(
    part: Json, path: str, known: KnownActors
) -> tuple[frozenset[Actor], frozenset[str], frozenset[str]]:
    """Who asks, whose data, written by whom."""
    askers: set[Actor] = set()
    orgs: set[str] = set()
    authors: set[str] = set()
    for value, where in fhir.each(part, "actor", path):
        actor = fhir.an_object(value, where)
        fhir.only_known(actor, {"role", "reference"}, where)
        role = _role(actor.get("role"), f"{where}.role")
        named = _named(actor.get("reference"), f"{where}.reference", known)
        if role in _ASKING:
            askers |= named
        else:
            _add_data_side(named, role, where, orgs, authors)
    if orgs and authors:
        raise UnsupportedConsentError(f"{path}.actor", "organisations and authors are mixed")
    return frozenset(askers), frozenset(orgs), frozenset(authors)


def _add_data_side(
    named: frozenset[Actor],
    role: tuple[str, str],
    where: str,
    orgs: set[str],
    authors: set[str],
) -> None:
    for actor in named:
        if actor.kind is ActorKind.ORGANISATION:
            orgs.add(actor.value)
        elif actor.kind is ActorKind.PERSON and role in _WRITING:
            authors.add(actor.value)
        else:
            raise UnsupportedConsentError(where, "this actor cannot hold or write data")


def _role(value: object, path: str) -> tuple[str, str]:
    found = {system_and_code for system_and_code, _ in fhir.codings(value, path)}
    if len(found) != 1 or not found <= ROLES:
        raise UnsupportedConsentError(path, "one of IRCP, PRCP, CST, PROV and AUT is needed")
    return found.pop()


def _named(value: object, path: str, known: KnownActors) -> frozenset[Actor]:
    """The actor of a logical reference, or those a literal reference is known to name."""
    reference = fhir.an_object(value, path)
    if "identifier" in reference:
        return frozenset({_identified(reference["identifier"], f"{path}.identifier")})
    literal = fhir.a_string(reference.get("reference"), f"{path}.reference")
    if not known.get(literal):
        raise UnsupportedConsentError(f"{path}.reference", "nobody of that name is known here")
    return known[literal]


def _identified(value: object, path: str) -> Actor:
    identifier = fhir.an_object(value, path)
    system = fhir.a_string(identifier.get("system"), f"{path}.system")
    if system not in ACTOR_SYSTEMS:
        raise UnsupportedConsentError(f"{path}.system", "this identifier system is unknown")
    kind, value = ACTOR_SYSTEMS[system], fhir.a_string(identifier.get("value"), f"{path}.value")
    fits = value.isprintable() and value == value.strip()
    if not fits or (kind is ActorKind.ORGANISATION and ODS_CODE.fullmatch(value) is None):
        text = "a code is needed as it is issued: of an organisation capitals, digits, hyphens"
        raise UnsupportedConsentError(f"{path}.value", text)
    return Actor(kind, value)


def _action_set(part: Json, path: str) -> frozenset[str]:
    actions: set[str] = set()
    for value, where in fhir.each(part, "action", path):
        for (system, code), at in fhir.codings(value, where):
            if system != ACTION_SYSTEM or code not in ACTIONS:
                raise UnsupportedConsentError(at, "access, correct or collect is needed")
            actions |= ACTIONS[code]
    return frozenset(actions)


def _purposes(part: Json, path: str, permit: bool) -> frozenset[str]:
    """The purposes named, and those that are meant with them."""
    found: set[Purpose] = set()
    for value, where in fhir.each(part, "purpose", path):
        system, code = fhir.coding(value, where)
        if system != PURPOSE_SYSTEM or code not in set(Purpose):
            raise UnsupportedConsentError(where, "this code is not supported")
        found |= meant_by(Purpose(code), permit=permit)
    return frozenset(found)


def _categories(part: Json, path: str) -> frozenset[str]:
    found: set[str] = set()
    for value, where in fhir.each(part, "code", path):
        for (system, code), at in fhir.codings(value, where):
            if system != CATEGORY_SYSTEM or code not in CATEGORIES:
                raise UnsupportedConsentError(at, "an access category is needed")
            found.add(code)
    return frozenset(found)


def _types(part: Json, path: str) -> frozenset[str]:
    found: set[str] = set()
    for value, where in fhir.each(part, "class", path):
        system, code = fhir.coding(value, where)
        if system != TYPE_SYSTEM or not _TYPE_NAME.fullmatch(code):
            raise UnsupportedConsentError(where, "a FHIR resource type is needed")
        found.add(code)
    return frozenset(found)


def _labels(part: Json, path: str, permit: bool) -> tuple[int | None, int]:
    """The highest level a permit names or the lowest a deny names, and the sensitivities."""
    levels: list[int] = []
    mask = 0
    for value, where in fhir.each(part, "securityLabel", path):
        system, code = fhir.coding(value, where)
        if system == CONFIDENTIALITY_SYSTEM and code in CONFIDENTIALITIES:
            levels.append(int(CONFIDENTIALITIES[code]))
        elif code in SENSITIVITY_CODES.get(system, ()):
            mask |= SENSITIVITIES[code]
        else:
            raise UnsupportedConsentError(where, "this security label is not supported")
    if not levels:
        return None, mask
    return (max(levels) if permit else min(levels)), mask


def _data(
    part: Json, path: str, known: KnownActors
) -> tuple[frozenset[DataReference], frozenset[str]]:
    """The resources named, or the authors whose data is named; never both in one rule."""
    references: set[DataReference] = set()
    authors: set[str] = set()
    for meaning, reference, where in _data_entries(part, path):
        if meaning is Meaning.AUTHORED_BY:
            authors |= _authors_named(reference, f"{where}.reference", known)
        else:
            references.add(DataReference(_resource_id(reference, f"{where}.reference"), meaning))
        if references and authors:
            raise UnsupportedConsentError(where, "resources and authors are mixed")
    return frozenset(references), frozenset(authors)


def _data_entries(part: Json, path: str) -> Iterator[tuple[Meaning, Json, str]]:
    for value, where in fhir.each(part, "data", path):
        entry = fhir.an_object(value, where)
        fhir.only_known(entry, {"meaning", "reference"}, where)
        stated = fhir.a_string(entry.get("meaning"), f"{where}.meaning")
        if stated not in set(Meaning):
            raise UnsupportedConsentError(f"{where}.meaning", "this meaning is not supported")
        reference = fhir.an_object(entry.get("reference"), f"{where}.reference")
        yield Meaning(stated), reference, where


def _authors_named(reference: Json, path: str, known: KnownActors) -> frozenset[str]:
    """The people whose data is named; items say by number who wrote them."""
    named = _named(reference, path, known)
    if any(actor.kind is not ActorKind.PERSON for actor in named):
        raise UnsupportedConsentError(path, "the person who wrote it is needed")
    return frozenset(actor.value for actor in named)


def _resource_id(reference: Json, path: str) -> str:
    at = f"{path}.reference"
    match = _REFERENCE.fullmatch(fhir.a_string(reference.get("reference"), at))
    if match is None or match[1] == "Patient":
        raise UnsupportedConsentError(at, "a reference to a resource of the record is needed")
    return match[2]
