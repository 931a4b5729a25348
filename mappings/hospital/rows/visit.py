"""A hospital visit: PV1, AL1, DG1 to Encounter, AllergyIntolerance and Condition.

In      ADT messages: PV1 (one), AL1 and DG1 (0..n).
Out     Encounter (status by trigger: A01 in progress, A03 finished; A08 changes no status), an
        AllergyIntolerance for each AL1, a Condition for each DG1.
Rule    A visit is keyed by the person and PV1-19, else by the time of admission (PV1-44); a
        message that gives neither makes no Encounter, and says so.
Source  v2-to-FHIR guide (PV1, AL1, DG1), HL7 UK A.3 (PV1-16 is sensitivity, not courtesy).
"""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from mappings.core import systems
from mappings.core.codes import Concept
from mappings.core.outcome import Fold, Issue, warning
from mappings.core.paths import Found, Scope
from mappings.core.rows import Row, Target, joined_key, local_reference
from mappings.hospital.codes import visit as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import component, first, repetitions, words
from mappings.hospital.message.reader import show
from mappings.hospital.rows import identity, sensitivity, types
from mappings.hospital.rows.whole import person_id
from mappings.terms.access import Category

_ENCOUNTER_DIAGNOSIS: Final = Concept(
    systems.CONDITION_CATEGORY, "encounter-diagnosis", "Encounter Diagnosis"
)
_ALLERGY: Final = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
_ADMISSION: Final = (
    "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AdmissionMethod"
)


def visit_key(scope: Scope) -> str | None:
    """The person and the visit number, else the time of admission; None without both."""
    visit = identity.segment(scope.facts, "PV1")
    person, number = person_id(scope), first(visit.get("19"))
    if number:
        return joined_key(person, "visit", number)
    started = component(visit.get("44"), 1)
    return joined_key(person, "visit from", started) if started else None


def is_visit(scope: Scope) -> bool:
    """Whether PV1 speaks of a visit that can be told from others."""
    said = (first(scope.element.get("2")) or "").upper()
    return said not in codes.NO_VISIT and visit_key(scope) is not None


def encounter_key(scope: Scope) -> str | None:
    """Key of the visit."""
    return visit_key(scope)


def to_visit(scope: Scope) -> Iterator[Found]:
    """A reference to the visit, where the message makes one."""
    for entry in scope.facts.get("PV1", ()):
        here = scope.inside(Found(("PV1", 0), entry))
        key = visit_key(scope) if is_visit(here) else None
        if key:
            yield Found(("PV1", 0, "19"), {"reference": local_reference("Encounter", key)})


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


def is_diagnosis(scope: Scope) -> bool:
    """Whether a DG1 says what was diagnosed."""
    return bool(
        first(scope.element.get("3")) or words(scope.element.get("4")) or _described(scope)
    )


def _described(scope: Scope) -> str:
    return component(scope.element.get("3"), 2)


def diagnosis_key(scope: Scope) -> str:
    """The visit (else the person), and DG1-20, else what was diagnosed."""
    entry = scope.element
    what = first(entry.get("20")) or _short(entry.get("3"), entry.get("4"))
    around = visit_key(scope) or person_id(scope)
    return joined_key(around, "diagnosis", what)


def different_diagnoses(scope: Scope) -> Iterator[Found]:
    """Each diagnosis once."""
    return _once(scope, "DG1", diagnosis_key)


def different_allergies(scope: Scope) -> Iterator[Found]:
    """Each allergy once."""
    return _once(scope, "AL1", allergy_key)


def _once(scope: Scope, name: str, key_of: Any) -> Iterator[Found]:
    seen = set()
    for index, entry in enumerate(scope.facts.get(name, ())):
        found = Found((name, index), entry)
        key = key_of(scope.inside(found))
        if key not in seen:
            seen.add(key)
            yield found


def allergy_key(scope: Scope) -> str:
    """The person and what they are allergic to."""
    what = _short(scope.element.get("3"), None)
    return joined_key(person_id(scope), "allergy", what)


def is_allergy(scope: Scope) -> bool:
    """Whether an AL1 says to what."""
    return bool(types.concept(scope.element.get("3") or ""))


def allergy_category(field: str) -> str | None:
    """AL1-2, where it states a category."""
    said = (first(field) or "").upper()
    return said if said and said not in codes.ALLERGY_ANY else None


def allergy_name(allergy: str) -> dict[str, Any] | None:
    """What the person is allergic to."""
    return types.concept(allergy)


def reactions(field: str) -> list[dict[str, str]] | None:
    """What happened (AL1-5), each in words."""
    made = [{"text": said} for text in repetitions(field) if (said := component(text, 1))]
    return made or None


def described(code: str | None, text: str | None) -> dict[str, Any] | None:
    """A diagnosis by its code, with the free text of DG1-4 where there is any."""
    made = types.concept(code) if code else None
    said = words(text)
    if said and made is not None:
        made["text"] = made.get("text") or said
    return made or ({"text": said} if said else None)


def _short(*fields: str | None) -> str:
    said = "|".join(
        component(field, 1).upper() or (words(field) or "") for field in fields if field
    )
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def doubts(scope: Scope) -> Iterator[Issue]:
    """A visit that cannot be told from others; a class that is in no table."""
    for index, entry in enumerate(scope.facts.get("PV1", ())):
        said = (first(entry.get("2")) or "").upper()
        if said in codes.NO_VISIT:
            continue
        if visit_key(scope) is None:
            text = (
                "no visit made: send the visit number here, or the time of admission in PV1-44"
            )
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


ALLERGY: Final = Target(
    "AllergyIntolerance",
    name="allergy",
    each=different_allergies,
    when=is_allergy,
    key=allergy_key,
    category=Category.SAFETY,
    fold=Fold.MERGE,
    reads=tuple(f"AL1[].{field}" for field in "123456"),
    rows=(
        Row(
            "allergy.state",
            "clinicalStatus",
            value={"coding": [{"system": _ALLERGY, "code": "active", "display": "Active"}]},
            why="the list of AL1 is the list of present allergies",
        ),
        Row(
            "allergy.kind",
            "category[0]",
            "2",
            fn=allergy_category,
            table=codes.ALLERGY_CATEGORY,
        ),
        Row("allergy.to", "code", "3", fn=allergy_name, must=True),
        Row(
            "allergy.reaction",
            "reaction[0]",
            ".",
            rows=(
                Row("reaction.what", "manifestation", "5", fn=reactions),
                Row(
                    "reaction.severity", "severity", "4", fn=first, table=codes.ALLERGY_SEVERITY
                ),
            ),
        ),
        Row("allergy.since", "onsetDateTime", "6", fn=times.when),
    ),
)

DIAGNOSIS: Final = Target(
    "Condition",
    name="diagnosis",
    each=different_diagnoses,
    when=is_diagnosis,
    key=diagnosis_key,
    category=Category.PROBLEMS,
    fold=Fold.MERGE,
    labels=sensitivity.of_visit,
    reads=tuple(
        f"DG1[].{field}" for field in ("1", "3", "4", "5", "6", "16", "19", "20", "21")
    ),
    rows=(
        Row("diagnosis.kind", "category[0]", value=_ENCOUNTER_DIAGNOSIS.concept(), why="a DG1"),
        Row("diagnosis.type", "category[1]", "6", fn=first, table=codes.DIAGNOSIS_TYPE),
        Row("diagnosis.what", "code", ("3", "4"), fn=described, must=True),
        Row("diagnosis.onset", "onsetDateTime", "5", fn=times.when),
        Row("diagnosis.recorded", "recordedDate", "19", fn=times.when),
        Row("diagnosis.by", "asserter", "16", fn=types.practitioner),
        Row("diagnosis.visit", "encounter", gather=to_visit, reads=("PV1[].19", "PV1[].44")),
    ),
)
