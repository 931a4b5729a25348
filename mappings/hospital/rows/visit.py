"""A hospital visit: PV1, AL1, DG1 to Encounter, AllergyIntolerance and Condition.

In      ADT messages: PV1 (one), AL1 and DG1 (0..n).
Out     Encounter (status by trigger: A01 in progress, A03 finished; A08 changes no status), an
        AllergyIntolerance for each AL1, a Condition for each DG1.
Rule    A visit is keyed by the person and PV1-19, else by the time of admission (PV1-44); a
        message that gives neither makes no Encounter, and says so.
Source  v2-to-FHIR guide (PV1, AL1, DG1), HL7 UK A.3 (PV1-16 is sensitivity, not courtesy).
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core import systems
from mappings.core.outcome import Fold, Issue, warning
from mappings.core.paths import Found, Scope
from mappings.core.rows import Row, Target, local_reference
from mappings.hospital.codes import visit as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import component, first, repetitions
from mappings.hospital.message.reader import show
from mappings.hospital.rows import sensitivity, types
from mappings.hospital.rows.keys import diagnosis_key, is_diagnosis, is_visit, visit_key
from mappings.terms.access import Category

_ADMISSION: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AdmissionMethod"


def encounter_key(scope: Scope) -> str | None:
    """Key of the visit."""
    return visit_key(scope)


def visit_number(field: str) -> dict[str, Any] | None:
    """The Identifier of a visit (CX); its authority in words."""
    value, authority = first(field), component(field, 4)
    if not value:
        return None
    made: dict[str, Any] = {"system": systems.LOCAL_ID, "value": value}
    return made | ({"assigner": {"display": authority}} if authority else {})


def class_system(field: str) -> str | None:
    """Where the class comes from, where it is a known one."""
    return systems.ACT_CODE if codes.CLASS.find(first(field) or "") else None


def class_word(field: str) -> str | None:
    """The words of a known class; the sender's own for any other."""
    said = first(field)
    return codes.CLASS_WORDS.get(str(codes.CLASS.find(said or "")), said)


def participants(scope: Scope) -> Iterator[Found]:
    """PV1-7, 8, 9 and 17, with what each took part as."""
    for field, code, shown in codes.PARTICIPANTS:
        for text in repetitions(scope.element.get(field)):
            yield Found((*scope.here.steps, field), (text, code, shown))


def participant(value: tuple[str, str, str]) -> dict[str, Any] | None:
    """One who took part."""
    text, code, shown = value
    individual = types.practitioner(text)
    if individual is None:
        return None
    coding = {"system": codes.PARTICIPATION, "code": code, "display": shown}
    return {"type": [{"coding": [coding]}], "individual": individual}


def location(field: str) -> dict[str, Any] | None:
    """Where the person is in the hospital."""
    place = types.place(field)
    return {"location": place} if place else None


def admission_method(field: str) -> dict[str, Any] | None:
    """The UK Core extension, in words: the code's list is the hospital's own."""
    said = types.words_of_code(field)
    return {"url": _ADMISSION, "valueCodeableConcept": said} if said else None


def first_said(*fields: str | None) -> str | None:
    """The time of the first field that has one."""
    for field in fields:
        if field and field != sensitivity.CLEARED and (made := times.when(field)):
            return made
    return None


def diagnoses(scope: Scope) -> Iterator[Found]:
    """References to the Conditions of the message's DG1."""
    seen = set()
    for index, entry in enumerate(scope.facts.get("DG1", ())):
        here = scope.inside(Found(("DG1", index), entry))
        key = diagnosis_key(here)
        if is_diagnosis(here) and key not in seen:
            seen.add(key)
            yield Found(("DG1", index, "3"), {"reference": local_reference("Condition", key)})


def doubts(scope: Scope) -> Iterator[Issue]:
    """A visit that cannot be told from others; a class that is in no table."""
    for index, entry in enumerate(scope.facts.get("PV1", ())):
        said = (first(entry.get("2")) or "").upper()
        if said in codes.NO_VISIT:
            continue
        if visit_key(scope) is None:
            text = "no visit made: send the visit number here, or the time of admission in PV1-44"
            yield warning(show(("PV1", index, "19")), "no-key", text)


_CLASS: Final = Row(
    "visit.class",
    "class",
    "2",
    rows=(
        Row("class.system", "system", ".", fn=class_system),
        Row("class.code", "code", ".", fn=first, table=codes.CLASS),
        Row("class.word", "display", ".", fn=class_word),
    ),
)

_COMMON: Final = (
    Row("visit.number", "identifier[0]", "19", fn=visit_number),
    _CLASS,
    Row("visit.method", "extension[0]", "4", fn=admission_method),
    Row("visit.specialty", "serviceType", "10", fn=types.words_of_code),
    Row("visit.reason", "reasonCode[0]", "/PV2[].3", fn=types.concept),
    Row("visit.place", "location[0]", "3", fn=location),
    Row(
        "visit.who",
        "participant[+]",
        gather=participants,
        reads=tuple(f"PV1[].{field}" for field, _, _ in codes.PARTICIPANTS),
        fn=participant,
    ),
    Row(
        "visit.diagnosis",
        "diagnosis[+].condition",
        gather=diagnoses,
        reads=("DG1[].3", "DG1[].4", "DG1[].20"),
    ),
    Row("visit.from", "hospitalization.admitSource", "14", fn=types.words_of_code),
    Row("visit.to", "hospitalization.dischargeDisposition", "36", fn=types.words_of_code),
    Row("visit.start", "period.start", "44", fn=times.when),
)


def encounter(status: str | None, why: str) -> Target:
    """The Encounter of one trigger."""
    rows: tuple[Row, ...] = (
        (Row("visit.status", "status", value=status, why=why),) if status else ()
    )
    end = (
        Row(
            "visit.end",
            "period.end",
            ("45", "/EVN[].6"),
            fn=first_said,
            why="PV1-45, else when the discharge took place (EVN-6)",
        )
        if status == "finished"
        else Row("visit.end", "period.end", "45", fn=times.when)
    )
    return Target(
        "Encounter",
        each="PV1[]",
        when=is_visit,
        key=encounter_key,
        category=Category.ENCOUNTERS,
        fold=Fold.MERGE,
        labels=sensitivity.of_visit,
        reads=("PV1[].16",),
        rows=(*rows, *_COMMON, end),
        adds=("period", "hospitalization"),
        defaults={"status": "unknown", "class": codes.UNKNOWN_CLASS},
    )
