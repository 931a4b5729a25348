"""The person: PID and PD1 to Patient.

In      A message's PID (one), PD1, ZU8.
Out     Patient. Each message changes what it names of the person; a field that repeats replaces all
        its values; `""` deletes.
Rule    Where ZU8-4 hides the location, address, telephone and GP are deleted.
Source  HL7 UK A.3; v2-to-FHIR guide (PID), without its US fields; UK Core.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.outcome import Fold
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target
from mappings.core.shaping.elements import nhs_number
from mappings.hospital.codes import person as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import component, first, repetitions
from mappings.hospital.rows import identity, sensitivity, types
from mappings.hospital.rows.sensitivity import CLEARED
from mappings.hospital.rows.whole import whole
from mappings.terms.access import Category

_UKCORE: Final = "https://fhir.hl7.org.uk"
_TRACE: Final = f"{_UKCORE}/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
_ETHNIC: Final = f"{_UKCORE}/CodeSystem/UKCore-EthnicCategoryEngland"


def local_numbers(scope: Scope) -> Iterator[Found]:
    """The hospital's own number first, then any other that is no NHS number."""
    found = list(whole(scope).numbers)
    own = identity.local_number(found)
    for number in sorted(found, key=lambda n: n is not own):
        if not number.is_nhs and number.type not in codes.NOT_LOCAL:
            yield Found(number.steps, (number, number is own))


def hospital_number(value: tuple[identity.Number, bool]) -> dict[str, Any]:
    """The Identifier of a hospital number; only the source's own has its system."""
    number, own = value
    made: dict[str, Any] = {"value": number.value}
    if own:
        made = {"system": systems.LOCAL_ID} | made
    coding = {
        "system": systems.IDENTIFIER_TYPE,
        "code": "MR",
        "display": "Medical record number",
    }
    made = {"type": {"coding": [coding]}} | made
    return made | ({"assigner": {"display": number.authority}} if number.authority else {})


def nhs_numbers(scope: Scope) -> Iterator[Found]:
    """Every number sent as an NHS number, with the trace status the message gives."""
    if identity.is_pseudonymous(scope.element):
        return
    status = identity.trace_status(scope.facts)
    for number in list(whole(scope).numbers):
        if number.is_nhs:
            yield Found(number.steps, (number.value, status))


def nhs_identifier(value: tuple[str, str]) -> dict[str, Any]:
    """The Identifier of an NHS number, with its verification status where one was sent."""
    number, status = value
    made = nhs_number(number)
    if not status:
        return made
    concept = {"coding": [{"system": _TRACE, "code": status}]}
    url = f"{_UKCORE}/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
    return {"extension": [{"url": url, "valueCodeableConcept": concept}]} | made


def address(scope: Scope) -> Iterator[Found]:
    """PID-11, unless the location is hidden."""
    return sensitivity.unless_hidden(scope, "11")


def telephones(scope: Scope) -> Iterator[Found]:
    """PID-13 and 14 together, unless the location is hidden."""
    fields = [scope.element.get(field) for field in ("13", "14")]
    if sensitivity.is_hidden(scope.facts):
        yield Found((*scope.here.steps, "13"), CLEARED)
    elif any(fields) and sensitivity.is_location_said(scope.facts):
        joined = [text for text in fields if text and text != CLEARED]
        steps = (*scope.here.steps, "13" if fields[0] else "14")
        yield Found(steps, "~".join(joined) if joined else CLEARED)


def died_at(scope: Scope) -> Iterator[Found]:
    """PID-29; deleted where PID-30 says that the person has not died."""
    field, said = scope.element.get("29"), first(scope.element.get("30"))
    if field:
        yield Found((*scope.here.steps, "29"), field)
    if said:
        yield Found((*scope.here.steps, "30"), CLEARED)


def died(scope: Scope) -> Iterator[Found]:
    """PID-30, where PID-29 gives no time; deleted where it does: FHIR takes one of the two."""
    field, said = scope.element.get("29"), scope.element.get("30")
    if times.is_time(field):
        yield Found((*scope.here.steps, "29"), CLEARED)
    elif said:
        yield Found((*scope.here.steps, "30"), said)


def yes_or_no(field: str) -> bool | None:
    """True or false; None for any other word."""
    said = (first(field) or "").upper()
    return True if said in ("Y", "YES") else False if said in ("N", "NO") else None


def general_practitioners(scope: Scope) -> Iterator[Found]:
    """PD1-3 (practice), then PD1-4 (doctor); deleted where the location is hidden."""
    entry = identity.segment(scope.facts, "PD1")
    if sensitivity.is_hidden(scope.facts):
        yield Found(("PD1", 0, "3"), CLEARED)
        return
    if not sensitivity.is_location_said(scope.facts):
        return
    made = [types.practice(text) for text in repetitions(entry.get("3"))]
    made += [types.practitioner(text) for text in repetitions(entry.get("4"))]
    if any(made):
        field = "3" if entry.get("3") else "4"
        yield Found(("PD1", 0, field), [reference for reference in made if reference])


def ethnic_category(field: str) -> dict[str, Any] | None:
    """The UK Core extension; a code only where it is an NHS category."""
    for text in repetitions(field):
        code, said, system = (component(text, number) for number in (1, 2, 3))
        concept: dict[str, Any] = {"text": said} if said else {}
        named = "".join(system.upper().split())
        if code.upper() in codes.ETHNIC_CATEGORIES and named in codes.UK_ETHNIC_SYSTEMS:
            concept = {"coding": [{"system": _ETHNIC, "code": code.upper()}]} | concept
        url = f"{_UKCORE}/StructureDefinition/Extension-UKCore-EthnicCategory"
        return {"url": url, "valueCodeableConcept": concept} if concept else None
    return None


PATIENT: Final = Target(
    "Patient",
    each="PID[]",
    category=Category.DEMOGRAPHICS,
    fold=Fold.MERGE,
    labels=sensitivity.of_hidden_person,
    reads=("ZU8[].4",),
    rows=(
        Row(
            "person.local",
            "identifier[+]",
            gather=local_numbers,
            reads=identity.READS,
            fn=hospital_number,
        ),
        Row(
            "person.nhs",
            "identifier[+]",
            gather=nhs_numbers,
            reads=(*identity.PLACES, "PID[].32", "ZU1[].27"),
            fn=nhs_identifier,
            why="a number that fails its check digit is kept in the claim, and does not link",
        ),
        Row("person.name", "name", ("5", "9"), fn=types.names),
        Row("person.gender", "gender", "8", fn=first, table=codes.GENDER),
        Row("person.born", "birthDate", "7", fn=times.day, why="the day as written"),
        Row(
            "person.born_about",
            "_birthDate",
            gather=identity.estimate_of_birth,
            reads=("PID[].32",),
            why="PID-32 is sent whole: without ED the date is none that was estimated",
        ),
        Row(
            "person.died_at",
            "deceasedDateTime",
            gather=died_at,
            reads=("PID[].29",),
            fn=times.when,
        ),
        Row("person.died", "deceasedBoolean", gather=died, reads=("PID[].30",), fn=yes_or_no),
        Row("person.address", "address", gather=address, reads=("PID[].11",), fn=types.addresses),
        Row(
            "person.phone",
            "telecom",
            gather=telephones,
            reads=("PID[].13", "PID[].14"),
            fn=types.telecoms,
        ),
        Row("person.language", "communication[0].language", "15", fn=types.language),
        Row("person.marital", "maritalStatus", "16", fn=types.words_of_code),
        Row("person.ethnic", "extension[0]", "22", fn=ethnic_category),
        Row(
            "person.gp",
            "generalPractitioner",
            gather=general_practitioners,
            reads=("PD1[].3", "PD1[].4"),
            why="managingOrganization would be the hospital, which keeps this record",
        ),
    ),
)


def deleted(scope: Scope) -> Iterator[Found]:
    """Deleted, whatever the segment says."""
    yield Found(scope.here.steps, CLEARED)


DELETED_PATIENT: Final = Target(
    "Patient",
    each="PID[]",
    category=Category.DEMOGRAPHICS,
    fold=Fold.MERGE,
    labels=sensitivity.of_hidden_person,
    reads=("PID[]", "PD1[]", "ZU8[].4"),
    rows=(
        *PATIENT.rows[:2],
        *(
            Row(f"deleted.{row.id.partition('.')[2]}", row.to, gather=deleted)
            for row in PATIENT.rows[2:]
        ),
    ),
)
"""What is left of a person the sender deletes: the numbers, by which the rest is found."""
