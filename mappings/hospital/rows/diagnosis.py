"""What an admission tells of the person's health: AL1 to AllergyIntolerance, DG1 to Condition.

In      ADT messages: AL1 and DG1 (0..n).
Out     An AllergyIntolerance for each AL1, a Condition for each DG1, each once.
Source  v2-to-FHIR guide (AL1, DG1); HL7 tables 0052, 0127, 0128.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from mappings.core import systems
from mappings.core.codes import Concept
from mappings.core.outcome import Fold
from mappings.core.paths import Found, Scope
from mappings.core.rows import Row, Target, local_reference
from mappings.hospital.codes import visit as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import component, first, repetitions, words
from mappings.hospital.rows import sensitivity, types
from mappings.hospital.rows.keys import (
    allergy_key,
    diagnosis_key,
    is_diagnosis,
    is_visit,
    visit_key,
)
from mappings.terms.access import Category

_ENCOUNTER_DIAGNOSIS: Final = Concept(
    systems.CONDITION_CATEGORY, "encounter-diagnosis", "Encounter Diagnosis"
)
_ALLERGY: Final = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"


def different_diagnoses(scope: Scope) -> Iterator[Found]:
    """Each diagnosis once."""
    return _once(scope, "DG1", diagnosis_key)


def different_allergies(scope: Scope) -> Iterator[Found]:
    """Each allergy once."""
    return _once(scope, "AL1", allergy_key)


def _once(scope: Scope, name: str, key_of: Callable[[Scope], str]) -> Iterator[Found]:
    seen = set()
    for index, entry in enumerate(scope.facts.get(name, ())):
        found = Found((name, index), entry)
        key = key_of(scope.inside(found))
        if key not in seen:
            seen.add(key)
            yield found


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


def to_visit(scope: Scope) -> Iterator[Found]:
    """A reference to the visit, where the message makes one."""
    for entry in scope.facts.get("PV1", ()):
        here = scope.inside(Found(("PV1", 0), entry))
        key = visit_key(scope) if is_visit(here) else None
        if key:
            yield Found(("PV1", 0, "19"), {"reference": local_reference("Encounter", key)})


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
                Row("reaction.severity", "severity", "4", fn=first, table=codes.ALLERGY_SEVERITY),
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
    reads=tuple(f"DG1[].{field}" for field in ("1", "3", "4", "5", "6", "16", "19", "20", "21")),
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
