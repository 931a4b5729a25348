"""Who a GP record names: the person, the practice, practitioners and organisations.

In      The facts of a bundle.
Out     The PersonClaim; logical references to organisations and practitioners, who are named in
        the record and never copied from it.
Source  GP Connect: the patient's id is the GP system's own for the person.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any, Final

from mappings.core.model import dates, systems
from mappings.core.model.outcome import Facts, Issue, PersonClaim, UnreadableValueError
from mappings.core.shaping.identifiers import normalised, number_conflicts, organisation
from mappings.core.shaping.person_said import deceased_of, protection_of, trace_of
from mappings.core.shaping.review_codes import review_from
from mappings.gp.codes.carried import CARRIED, whom
from mappings.gp.message.fitting import misfits
from mappings.gp.message.shapes import SHAPES

_PATIENT: Final = re.compile(r"(?:^|/)Patient/([A-Za-z0-9.-]{1,64})(?:/_history/.*)?$", re.ASCII)
_ORGANISATION: Final = re.compile(
    r"(?:^|/)Organization/([A-Za-z0-9.-]{1,64})(?:/_history/.*)?$", re.ASCII
)
_REGISTRATION: Final = re.compile(r"RegistrationDetails-\d+$", re.ASCII)
_TEMPORARY: Final = "T"
_PROFESSIONAL: Final = (systems.SDS_USER, systems.GMC_NUMBER, systems.GMP_NUMBER)


def person_claim(facts: Facts) -> PersonClaim:
    """Whom the bundle is about. A bundle about two people is about nobody."""
    patient = facts.get("Patient")
    if facts.get("OtherPatient"):
        raise UnreadableValueError("names-nobody", "names more than one patient")
    if not isinstance(patient, dict):
        return PersonClaim(None)
    if any(True for _ in misfits(SHAPES["Patient"], patient)):
        raise UnreadableValueError("wrong-type", "the Patient is not what FHIR STU3 has")
    identifiers = patient.get("identifier") or []
    numbers = [i["value"] for i in identifiers if _is_nhs(i) and i.get("value")]
    return PersonClaim(
        local_id=_own_number(patient, identifiers),
        nhs_numbers=tuple(dict.fromkeys(normalised(number) for number in numbers)),
        birth_date=_full_date(patient.get("birthDate")),
        registered_practice=None if _is_for_a_time(patient) else practice_of(facts),
        trace=trace_of(patient),
        protection=protection_of(patient),
        deceased=deceased_of(patient),
        review=review_from([*listed(facts, "Observation"), *listed(facts, "Condition")]),
    )


def sent_claim(facts: Facts) -> PersonClaim:
    """Whom R4 resources are about: their Patient, else the one person they all name.

    The logical id is the source's own number for the person, as every reference uses it.
    """
    if "Patient" in facts or facts.get("OtherPatient"):
        claim = person_claim(facts)
        return replace(claim, local_id=subject_id(facts) or claim.local_id)
    ids, numbers = _named_by_resources(facts)
    if len(ids) > 1 or len(numbers) > 1:
        raise UnreadableValueError("names-nobody", "names more than one person")
    return PersonClaim(local_id=subject_id(facts) or None, nhs_numbers=tuple(numbers))


def listed(facts: Facts, section: str) -> list[object]:
    """The resources of one type, whatever they are."""
    found = facts.get(section)
    return found if isinstance(found, list) else []


def subject_id(facts: Facts) -> str:
    """The logical id of the person at the source; empty where nothing says it."""
    patient = facts.get("Patient")
    if isinstance(patient, dict):
        known = patient.get("id")
        return known if isinstance(known, str) else ""
    ids, _ = _named_by_resources(facts)
    return next(iter(ids), "")


def _named_by_resources(facts: Facts) -> tuple[dict[str, None], dict[str, None]]:
    """The ids, and the NHS numbers, by which carried resources name a person."""
    ids: dict[str, None] = {}
    numbers: dict[str, None] = {}
    for section in CARRIED:
        for one in facts.get(section) or ():
            about = one.get(whom(section)) if isinstance(one, dict) else None
            about = about if isinstance(about, dict) else {}
            found = _PATIENT.search(str(about.get("reference", "")))
            own = about.get("identifier")
            if found:
                ids[found[1]] = None
            if isinstance(own, dict) and _is_nhs(own) and isinstance(own.get("value"), str):
                numbers[normalised(own["value"])] = None
    return ids, numbers


def conflicts(facts: Facts) -> Iterator[Issue]:
    """The person's NHS numbers that contradict the first."""
    patient = facts.get("Patient")
    identifiers = (patient.get("identifier") or []) if isinstance(patient, dict) else []
    return number_conflicts(
        (f"Patient.identifier[{place}].value", one["value"])
        for place, one in enumerate(identifiers)
        if _is_nhs(one) and one.get("value")
    )


def practice_of(facts: Facts) -> str | None:
    """ODS code of the practice that manages the record."""
    patient = facts.get("Patient")
    managing = patient.get("managingOrganization") if isinstance(patient, dict) else None
    reference = managing.get("reference") if isinstance(managing, dict) else None
    if not isinstance(managing, dict):
        return None
    own = managing.get("identifier")
    if isinstance(own, dict) and own.get("system") == systems.ODS and own.get("value"):
        return str(own["value"]).strip().upper()
    if not isinstance(reference, str):
        return None
    held = facts.get("Organization", ())
    tail = _ORGANISATION.search(reference)
    by_url = (held[url[2]] for url in _full_urls(facts) if url[:2] == [reference, "Organization"])
    by_id = (one for one in held if tail and isinstance(one, dict) and one.get("id") == tail[1])
    named = next(chain(by_url, by_id), None)
    return ods_of(named) if isinstance(named, dict) else None


def _is_for_a_time(patient: dict[str, Any]) -> bool:
    """Whether the practice says that the registration is temporary, or has an end: then the person
    is not registered with it for good, and nobody would say here that it is over."""
    for one in _objects(patient.get("extension")):
        if _REGISTRATION.search(str(one.get("url", ""))):
            for part in _objects(one.get("extension")):
                period, kind = part.get("valuePeriod"), part.get("valueCodeableConcept")
                if isinstance(period, dict) and period.get("end"):
                    return True
                codings = _objects(kind.get("coding")) if isinstance(kind, dict) else ()
                if any(coding.get("code") == _TEMPORARY for coding in codings):
                    return True
    return False


def _objects(values: Any) -> list[dict[str, Any]]:
    return [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []


def _full_urls(facts: Facts) -> list[list[Any]]:
    """Each full URL of the bundle, and where what it names stands."""
    bundle = facts.get("Bundle")
    return bundle.get("fullUrl") or [] if isinstance(bundle, dict) else []


def ods_of(resource: dict[str, Any]) -> str | None:
    """The ODS code of an Organization."""
    held = resource.get("identifier")
    for identifier in held if isinstance(held, list) else ():
        is_ods = isinstance(identifier, dict) and identifier.get("system") == systems.ODS
        if is_ods and identifier.get("value"):
            return str(identifier["value"]).strip().upper()
    return None


def organisation_reference(resource: dict[str, Any]) -> dict[str, Any]:
    """A logical reference to an organisation, or its name alone."""
    name = str(resource.get("name") or "")
    if code := ods_of(resource):
        return organisation(code, name)
    return {"type": "Organization", "display": name} if name else {}


def practitioner_reference(resource: dict[str, Any]) -> dict[str, Any]:
    """A logical reference to a practitioner by a professional number, or the name alone."""
    made: dict[str, Any] = {"type": "Practitioner"}
    held = {i.get("system"): i.get("value") for i in resource.get("identifier") or ()}
    system = next((name for name in _PROFESSIONAL if held.get(name)), None)
    if system:
        made["identifier"] = {"system": system, "value": held[system]}
    if name := _name_of(resource):
        made["display"] = name
    return made if len(made) > 1 else {}


def named_practitioner(reference: Any) -> dict[str, Any]:
    """The same of a practitioner whom a reference alone names, by number or in words."""
    said = reference if isinstance(reference, dict) else {}
    number, shown = said.get("identifier"), said.get("display")
    numbers = [number] if isinstance(number, dict) else []
    names = [{"text": shown}] if isinstance(shown, str) else []
    return practitioner_reference({"identifier": numbers, "name": names})


def _name_of(resource: dict[str, Any]) -> str:
    for name in resource.get("name") or ():
        if name.get("text"):
            return str(name["text"])
        parts = [*(name.get("prefix") or ()), *(name.get("given") or ()), name.get("family")]
        if any(parts):
            return " ".join(str(part) for part in parts if part)
    return ""


def _own_number(patient: dict[str, Any], identifiers: list[dict[str, Any]]) -> str | None:
    for one in identifiers:
        if one.get("value") and one.get("system") and not _is_nhs(one):
            return f"{one['system']}|{one['value']}"
    known = patient.get("id")
    return known if isinstance(known, str) and known else None


def _is_nhs(identifier: dict[str, Any]) -> bool:
    return identifier.get("system") == systems.NHS_NUMBER


def _full_date(text: Any) -> str | None:
    try:
        return dates.fhir_date(text) if isinstance(text, str) and text else None
    except UnreadableValueError:
        return None
