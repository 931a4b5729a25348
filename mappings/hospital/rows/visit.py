"""A hospital visit: PV1, PV2 to Encounter.

In      ADT messages: PV1 (one), PV2, EVN; ROL and PRT of the visit; DG1.
Out     Encounter; its status by the trigger (codes/triggers.py).
Rule    A visit is keyed by the person and PV1-19, else by the time of admission (PV1-44); a
        message that gives neither makes no Encounter, and says so. Cancelling a discharge
        deletes when, how and where to the person was discharged.
Source  v2-to-FHIR guide (PV1, PV2), HL7 UK A.3 (PV1-16 is sensitivity, not courtesy).
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.outcome import Fold, Issue, warning
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target, local_reference
from mappings.hospital.codes import stay
from mappings.hospital.codes import visit as codes
from mappings.hospital.codes.triggers import TRIGGERS, Trigger
from mappings.hospital.message import times
from mappings.hospital.message.fields import component, first, repetitions
from mappings.hospital.message.reader import show
from mappings.hospital.rows import identity, roles, sensitivity, types
from mappings.hospital.rows.keys import (
    diagnosis_key,
    is_diagnosis,
    is_persons_visit,
    is_visit,
    visit_key,
)
from mappings.hospital.rows.sensitivity import CLEARED
from mappings.terms.access import Category

_UKCORE: Final = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"


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


def other_number(value: tuple[str, str]) -> dict[str, Any] | None:
    """The Identifier of PV1-50 (consultant episode) or PV1-5, with what it numbers in words."""
    field, what = value
    number = first(field)
    return {"type": {"text": what}, "value": number} if number else None


def other_numbers(scope: Scope) -> Iterator[Found]:
    """PV1-50 and PV1-5, beside the number of the visit."""
    for field, what in (("50", "Consultant episode"), ("5", "Pre-admission")):
        if scope.element.get("19") and repetitions(scope.element.get(field)):
            yield Found((*scope.here.steps, field), (scope.element[field], what))


def class_system(field: str) -> str | None:
    """Where the class comes from, where it is a known one."""
    return systems.ACT_CODE if codes.CLASS.find(first(field) or "") else None


def class_word(field: str) -> str | None:
    """The words of a known class; the sender's own for any other."""
    said = first(field)
    return codes.CLASS_WORDS.get(str(codes.CLASS.find(said or "")), said)


def participants(scope: Scope) -> Iterator[Found]:
    """PV1-7, 8, 9 and 17, with what each took part as; then ROL and PRT of the visit."""
    for field, code, shown in codes.PARTICIPANTS:
        for text in repetitions(scope.element.get(field)):
            yield Found((*scope.here.steps, field), (text, code, shown))
    yield from roles.of_visit(scope)


def participant(value: tuple[str, str, str] | dict[str, Any]) -> dict[str, Any] | None:
    """One who took part: of a field of PV1, or of a role."""
    if isinstance(value, dict):
        return roles.participant(value)
    text, code, shown = value
    who = types.practitioner(text)
    coding = {"system": codes.PARTICIPATION, "code": code, "display": shown}
    return {"type": [{"coding": [coding]}], "individual": who} if who else None


def location(field: str) -> dict[str, Any] | None:
    """Where the person is in the hospital."""
    place = types.place(field)
    return {"location": place} if place else None


def other_places(scope: Scope) -> Iterator[Found]:
    """PV1-42 (where the person will be), PV1-11 (is for a time), PV1-6 (was)."""
    for field, status in (("42", "planned"), ("11", "active"), ("6", "completed")):
        place = types.place(scope.element.get(field) or "")
        if place:
            yield Found((*scope.here.steps, field), {"location": place, "status": status})


def places_but_prior(scope: Scope) -> Iterator[Found]:
    """PV1-42 and PV1-11; where a move is taken back, PV1-6 is not where the person was."""
    return (found for found in other_places(scope) if found.steps[-1] != "6")


def extension_url(field: str) -> str | None:
    """The UK Core extension of the admission method, where there is one."""
    return f"{_UKCORE}AdmissionMethod" if types.code_or_words(field) else None


def discharge_extension_url(field: str) -> str | None:
    """The UK Core extension of the discharge method."""
    return f"{_UKCORE}DischargeMethod" if types.code_or_words(field) else None


def discharge_method(scope: Scope) -> Iterator[Found]:
    """PV1-36, where it is a code of one digit: how, not where to."""
    value = scope.element.get("36")
    if value and (value == CLEARED or _is_method(value)):
        yield Found((*scope.here.steps, "36"), value)


def discharge_place(scope: Scope) -> Iterator[Found]:
    """PV1-37, else PV1-36 where it is no discharge method."""
    for field in ("37", "36"):
        value = scope.element.get(field)
        if value and not (field == "36" and _is_method(value)):
            yield Found((*scope.here.steps, field), value)
            return


def _is_method(field: str) -> bool:
    return len(first(field) or "") == 1


def taken_back(scope: Scope) -> Iterator[Found]:
    """Deleted: the discharge has been cancelled."""
    yield Found(scope.here.steps, CLEARED)


def first_said(*fields: str | None) -> str | None:
    """The time of the first field that has one."""
    for field in fields:
        if field and field != CLEARED and (made := times.when(field)):
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
        if said in codes.NO_VISIT or (said in ("", "U") and _is_of_person(scope)):
            continue
        if visit_key(scope) is None:
            text = "no visit made: send the visit number here, or the time of admission in PV1-44"
            yield warning(show(("PV1", index, "19")), "no-key", text)


def _is_of_person(scope: Scope) -> bool:
    """Whether the message is of the person: its PV1 tells of a visit only where it has a class."""
    code = component(identity.segment(scope.facts, "MSH").get("9"), 2).upper()
    return code in TRIGGERS and TRIGGERS[code].is_of_person


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

_METHOD: Final = Row(
    "visit.method",
    "hospitalization.extension[0]",
    "4",
    rows=(
        Row("method.url", "url", ".", fn=extension_url),
        Row(
            "method.code",
            "valueCodeableConcept",
            ".",
            fn=types.code_or_words,
            table=stay.ADMISSION_METHOD,
        ),
    ),
)

_COMMON: Final = (
    Row("visit.number", "identifier[0]", "19", fn=visit_number),
    Row("visit.numbers", "identifier[+]", gather=other_numbers, fn=other_number,
        reads=("PV1[].5", "PV1[].50")),
    _CLASS,
    Row("visit.type", "type[0]", "18", fn=types.words_of_code),
    _METHOD,
    Row("visit.specialty", "serviceType", "10", fn=types.words_of_code),
    Row("visit.reason", "reasonCode[0]", "/PV2[].3", fn=types.concept),
    Row("visit.place", "location[0]", "3", fn=location),
    Row("visit.who", "participant[+]", gather=participants, fn=participant,
        reads=(*(f"PV1[].{field}" for field, _, _ in codes.PARTICIPANTS), *roles.READS)),
    Row("visit.diagnosis", "diagnosis[+].condition", gather=diagnoses,
        reads=("DG1[].3", "DG1[].4", "DG1[].20")),
    Row("visit.from", "hospitalization.admitSource", "14", fn=types.code_or_words,
        table=stay.ADMISSION_SOURCE),
    Row("visit.again", "hospitalization.reAdmission", "13", fn=types.words_of_code),
    Row("visit.diet", "hospitalization.dietPreference[0]", "38", fn=types.words_of_code),
)  # fmt: skip

_START: Final = Row("visit.start", "period.start", "44", fn=times.when)
_EXPECTED: Final = Row("visit.start", "period.start", ("44", "/PV2[].8"), fn=first_said,
    why="PV1-44, else when the person is expected (PV2-8)")  # fmt: skip
_PLACES: Final = ("PV1[].6", "PV1[].11", "PV1[].42")

_LEFT: Final = (
    Row("visit.how_left", "extension[0]", gather=discharge_method, reads=("PV1[].36",), rows=(
        Row("left.url", "url", ".", fn=discharge_extension_url),
        Row("left.code", "valueCodeableConcept", ".", fn=types.code_or_words,
            table=stay.DISCHARGE_METHOD),
    )),
    Row("visit.to", "hospitalization.dischargeDisposition", gather=discharge_place,
        reads=("PV1[].36", "PV1[].37"), fn=types.code_or_words, table=stay.DISCHARGE_DESTINATION),
)  # fmt: skip
_END: Final = Row("visit.end", "period.end", "45", fn=times.when)
_DISCHARGED: Final = Row("visit.end", "period.end", ("45", "/EVN[].6"), fn=first_said,
    why="PV1-45, else when the discharge took place (EVN-6)")  # fmt: skip

_NOT_LEFT: Final = (
    Row("visit.end", "period.end", gather=taken_back, reads=("PV1[].45",)),
    Row("visit.how_left", "extension", gather=taken_back, reads=("PV1[].36",)),
    Row("visit.to", "hospitalization.dischargeDisposition", gather=taken_back,
        reads=("PV1[].37",)),
)  # fmt: skip


def encounter(trigger: Trigger) -> Target:
    """The Encounter of one trigger."""
    status = (
        (Row("visit.status", "status", value=trigger.status, why=trigger.why),)
        if trigger.status
        else ()
    )
    places = Row(
        "visit.places",
        "location[+]",
        gather=places_but_prior if trigger.is_cancel else other_places,
        reads=_PLACES,
    )
    start = _EXPECTED if trigger.status == "planned" else _START
    end = (*_LEFT, _DISCHARGED if trigger.status == "finished" else _END)
    if trigger.code == "A13":
        end = _NOT_LEFT
    return Target(
        "Encounter",
        each="PV1[]",
        when=is_persons_visit if trigger.is_of_person else is_visit,
        key=encounter_key,
        category=Category.ENCOUNTERS,
        fold=Fold.MERGE,
        labels=sensitivity.of_stay,
        reads=("PV1[].16", "ZU8[].4"),
        rows=(*status, *_COMMON, places, start, *end),
        adds=("period", "hospitalization"),
        defaults={"status": trigger.otherwise, "class": codes.UNKNOWN_CLASS},
    )
