"""Medicines as they are taken: STU3 MedicationStatement to R4."""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target
from mappings.gp.codes import states
from mappings.gp.rows import degraded, shaping
from mappings.gp.rows.looking_up import (
    assembled,
    extension,
    is_sound,
    key,
    linked,
    medicine_labels,
)
from mappings.terms.access import Category

_ENCOUNTER: Final = frozenset({"Encounter"})
_BASES: Final = frozenset({"CarePlan", "MedicationRequest", "ServiceRequest"})


def medicine(scope: Scope) -> Iterator[Found]:
    """The medicine's code, from the statement or from the Medication it names."""
    own = scope.element.get("medicationCodeableConcept")
    if own:
        yield Found((*scope.here.steps, "medicationCodeableConcept"), own)
        return
    record = assembled(scope).record
    named = scope.element.get("medicationReference")
    place = record.place_of(named)
    if place and place[0] == "Medication":
        yield Found((*place, "code"), record.get(place).get("code"))
    elif named and named.get("display"):
        steps = (*scope.here.steps, "medicationReference", "display")
        yield Found(steps, {"text": named["display"]})


def lost_code(scope: Scope) -> Iterator[Found]:
    """A tag where the medicine lost its code in a transfer between practices."""
    return degraded.tags(medicine(scope))


def medication_status(word: Any, taken: Any) -> str:
    """STU3's code; R4 says in it that a medicine is not taken."""
    return "not-taken" if taken == "n" and word != "entered-in-error" else str(word)


def last_issue(on: Any) -> dict[str, str]:
    """When it was last issued, as a note."""
    return {"text": f"Last issued on {dates.fhir_date(on)}"}


MEDICATIONS: Final = Target(
    "MedicationStatement",
    each="MedicationStatement[]",
    when=is_sound,
    key=key,
    category=Category.MEDICINES,
    labels=medicine_labels,
    reads=("MedicationStatement[].meta.security", "MedicationStatement[].extension"),
    rows=(
        degraded.tag_row("medicine", lost_code, ("Medication[].code",)),
        Row("medicine.identifier", "identifier[+]", "identifier[]", fn=shaping.identifier),
        Row("medicine.status", "status", ("status", "taken"), fn=medication_status,
            table=states.MEDICATION_STATUS, must=True),
        Row("medicine.what", "medicationCodeableConcept", gather=medicine,
            reads=("MedicationStatement[].medicationReference", "Medication[].code",
                   "MedicationStatement[].medicationCodeableConcept"),
            fn=shaping.concept, must=True),
        Row("medicine.based", "basedOn[+]", gather=linked("basedOn[]", _BASES),
            reads=("MedicationStatement[].basedOn",), fn=shaping.kept),
        Row("medicine.context", "context", gather=linked("context", _ENCOUNTER),
            reads=("MedicationStatement[].context",), fn=shaping.kept),
        Row("medicine.when", "effectiveDateTime", "effectiveDateTime", fn=dates.fhir_date_time),
        Row("medicine.period", "effectivePeriod", "effectivePeriod", fn=shaping.period),
        Row("medicine.asserted", "dateAsserted", "dateAsserted", fn=dates.fhir_date_time),
        Row("medicine.reason", "reasonCode[+]", "reasonCode[]", fn=shaping.concept),
        Row("medicine.note", "note[+]", "note[]", fn=shaping.annotation),
        Row("medicine.issued", "note[+]",
            gather=extension("MedicationStatementLastIssueDate", "valueDateTime"),
            reads=("MedicationStatement[].extension",), fn=last_issue),
        Row(
            "medicine.dosage",
            "dosage[+]",
            "dosage[]",
            rows=(
                Row("dosage.words", "text", "text"),
                Row("dosage.patient", "patientInstruction", "patientInstruction"),
            ),
        ),
    ),
)  # fmt: skip
