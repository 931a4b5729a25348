"""Diagnoses of a visit: DG1 to Condition.

In      ADT messages: DG1 (0..n).
Out     A Condition for each DG1, once.
Rule    DG1-21 D marks it entered in error; one that is told again is not.
Source  v2-to-FHIR guide (DG1); HL7 tables 0052 and 0206.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.codes import Concept
from mappings.core.model.outcome import Fold
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target, local_reference
from mappings.hospital.codes import visit as codes
from mappings.hospital.codes.care import ENTERED_IN_ERROR
from mappings.hospital.message import times
from mappings.hospital.message.fields import first, words
from mappings.hospital.rows import sensitivity, types
from mappings.hospital.rows.keys import diagnosis_key, is_diagnosis, is_visit, visit_key
from mappings.hospital.rows.sensitivity import CLEARED
from mappings.terms.access import Category

_ENCOUNTER_DIAGNOSIS: Final = Concept(
    systems.CONDITION_CATEGORY, "encounter-diagnosis", "Encounter Diagnosis"
)


def different_diagnoses(scope: Scope) -> Iterator[Found]:
    """Each diagnosis once."""
    seen = set()
    for index, entry in enumerate(scope.facts.get("DG1", ())):
        found = Found(("DG1", index), entry)
        key = diagnosis_key(scope.inside(found))
        if key not in seen:
            seen.add(key)
            yield found


def verification(scope: Scope) -> Iterator[Found]:
    """Entered in error where DG1-21 deletes it; cleared where it does not."""
    deleted = (first(scope.element.get("21")) or "").upper() == "D"
    steps = (*scope.here.steps, "21" if deleted else "3")
    yield Found(steps, ENTERED_IN_ERROR.concept() if deleted else CLEARED)


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
        Row("diagnosis.verified", "verificationStatus", gather=verification),
        Row("diagnosis.kind", "category[0]", value=_ENCOUNTER_DIAGNOSIS.concept(), why="a DG1"),
        Row("diagnosis.type", "category[1]", "6", fn=first, table=codes.DIAGNOSIS_TYPE),
        Row("diagnosis.what", "code", ("3", "4"), fn=described, must=True),
        Row("diagnosis.onset", "onsetDateTime", "5", fn=times.when),
        Row("diagnosis.recorded", "recordedDate", "19", fn=times.when),
        Row("diagnosis.by", "asserter", "16", fn=types.practitioner),
        Row("diagnosis.visit", "encounter", gather=to_visit, reads=("PV1[].19", "PV1[].44")),
    ),
)
