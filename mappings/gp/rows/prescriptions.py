"""Prescriptions, authorised (intent plan) and issued (intent order): STU3 MedicationRequest to R4.

Rule    An authorisation says what may be issued, an issue what was; neither says what is taken,
        which the MedicationStatement does.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.outcome import UnreadableValueError
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target
from mappings.gp.codes import states
from mappings.gp.rows import degraded, shaping
from mappings.gp.rows.looking_up import (
    PEOPLE,
    extension,
    is_sound,
    key,
    linked,
    medicine_labels,
    parts_of,
)
from mappings.gp.rows.medicines import lost_code, medicine
from mappings.terms.access import Category

_ENCOUNTER: Final = frozenset({"Encounter"})
_BASES: Final = frozenset({"CarePlan", "MedicationRequest", "ServiceRequest"})
_ORIGINAL: Final = frozenset({"MedicationRequest"})
_AUTHORS: Final = PEOPLE | {"Organization"}
_DISPENSERS: Final = frozenset({"Organization"})
_NUMBER: Final = re.compile(r"\d{1,9}(\.\d{1,6})?", re.ASCII)
_QUANTITY_TEXT: Final = "MedicationQuantityText"


def quantity(value: Any) -> dict[str, Any] | None:
    """How much, or for how long; a number sent as text is one, and a unit alone says nothing."""
    number, code = value.get("value"), value.get("code")
    if isinstance(number, str):
        if not _NUMBER.fullmatch(number):
            raise UnreadableValueError("invalid-number", "not a number; left out")
        number = float(number) if "." in number else int(number)
    named = code if isinstance(code, str) else None
    return None if number is None else shaping.quantity({**value, "value": number, "code": named})


def quantity_in_words(scope: Scope) -> Iterator[Found]:
    """How much, in the practice's words, where a number or its unit is not told."""
    held = (scope.element.get("dispenseRequest") or {}).get("quantity") or {}
    steps = (*scope.here.steps, "dispenseRequest", "quantity")
    is_told = held.get("value") is not None and held.get("unit")
    for position, one in enumerate(held.get("extension") or ()):
        said = one.get("valueString")
        if said and not is_told and _QUANTITY_TEXT in str(one.get("url")):
            yield Found((*steps, "extension", position, "valueString"), f"Quantity: {said}")


def repeats(value: Any) -> dict[str, str] | None:
    """How many were issued of how many, as a note."""
    issued = (value.get("numberOfRepeatPrescriptionsIssued") or {}).get("valueUnsignedInt")
    of = (value.get("numberOfRepeatPrescriptionsAllowed") or {}).get("valuePositiveInt")
    said = [f"{issued} issued"] if issued is not None else []
    said += [f"{of} allowed"] if of is not None else []
    return {"text": f"Repeat prescriptions: {', '.join(said)}"} if said else None


def authorised_until(value: Any) -> dict[str, str] | None:
    """Until when a repeat prescription may be issued, as a note."""
    until = (value.get("authorisationExpiryDate") or {}).get("valueDateTime")
    return {"text": f"Repeats authorised until {_day(until)}"} if until else None


def stopped_because(value: Any) -> dict[str, Any] | None:
    """Why a prescription was changed or stopped."""
    reason = (value.get("statusReason") or {}).get("valueCodeableConcept")
    return shaping.concept(reason) if reason else None


def stopped_on(value: Any) -> dict[str, str] | None:
    """When it was changed or stopped, as a note."""
    on = (value.get("statusChangeDate") or {}).get("valueDateTime")
    return {"text": f"Status changed on {_day(on)}"} if on else None


def _day(on: Any) -> str:
    return dates.fhir_date_in_part(str(on))


_ROOT: Final = "MedicationRequest[]"

PRESCRIPTIONS: Final = Target(
    "MedicationRequest",
    each=_ROOT,
    when=is_sound,
    key=key,
    category=Category.MEDICINES,
    labels=medicine_labels,
    reads=(f"{_ROOT}.meta.security", f"{_ROOT}.extension"),
    rows=(
        degraded.tag_row("prescription", lost_code, ("Medication[].code",)),
        Row("prescription.identifier", "identifier[+]", "identifier[]", fn=shaping.identifier),
        Row("prescription.status", "status", "status", table=states.PRESCRIPTION_STATUS,
            must=True),
        Row("prescription.why", "statusReason",
            gather=parts_of("MedicationStatusReason", "statusReason"),
            reads=(f"{_ROOT}.extension",), fn=stopped_because),
        Row("prescription.intent", "intent", "intent", table=states.PRESCRIPTION_INTENT,
            must=True),
        Row("prescription.where", "category[+]", "category", fn=shaping.concept),
        Row("prescription.priority", "priority", "priority", table=states.REQUEST_PRIORITY),
        Row("prescription.what", "medicationCodeableConcept", gather=medicine,
            reads=(f"{_ROOT}.medicationReference", "Medication[].code",
                   f"{_ROOT}.medicationCodeableConcept"),
            fn=shaping.concept, must=True),
        Row("prescription.encounter", "encounter", gather=linked("context", _ENCOUNTER),
            reads=(f"{_ROOT}.context",), fn=shaping.kept),
        Row("prescription.on", "authoredOn", "authoredOn", fn=dates.fhir_date_time),
        Row("prescription.by", "requester", gather=linked("requester.agent", _AUTHORS),
            reads=(f"{_ROOT}.requester.agent",), fn=shaping.kept),
        Row("prescription.recorder", "recorder",
            gather=linked("recorder", frozenset({"Practitioner", "PractitionerRole"})),
            reads=(f"{_ROOT}.recorder",), fn=shaping.kept),
        Row("prescription.reason", "reasonCode[+]", "reasonCode[]", fn=shaping.concept),
        Row("prescription.based", "basedOn[+]", gather=linked("basedOn[]", _BASES),
            reads=(f"{_ROOT}.basedOn",), fn=shaping.kept),
        Row("prescription.group", "groupIdentifier", "groupIdentifier", fn=shaping.identifier),
        Row("prescription.course", "courseOfTherapyType",
            gather=extension("PrescriptionType", "valueCodeableConcept"),
            reads=(f"{_ROOT}.extension",), fn=shaping.concept),
        Row("prescription.note", "note[+]", "note[]", fn=shaping.annotation),
        Row("prescription.repeats", "note[+]",
            gather=parts_of("MedicationRepeatInformation", "numberOfRepeatPrescriptionsIssued",
                            "numberOfRepeatPrescriptionsAllowed"),
            reads=(f"{_ROOT}.extension",), fn=repeats),
        Row("prescription.authorised", "note[+]",
            gather=parts_of("MedicationRepeatInformation", "authorisationExpiryDate"),
            reads=(f"{_ROOT}.extension",), fn=authorised_until),
        Row("prescription.changed", "note[+]",
            gather=parts_of("MedicationStatusReason", "statusChangeDate"),
            reads=(f"{_ROOT}.extension",), fn=stopped_on),
        Row("prescription.quantity_words", "note[+]", gather=quantity_in_words,
            reads=(f"{_ROOT}.dispenseRequest.quantity",), fn=shaping.words),
        Row(
            "prescription.dosage",
            "dosageInstruction[+]",
            "dosageInstruction[]",
            rows=(
                Row("dosage.words", "text", "text"),
                Row("dosage.patient", "patientInstruction", "patientInstruction"),
            ),
        ),
        Row("prescription.valid", "dispenseRequest.validityPeriod",
            "dispenseRequest.validityPeriod", fn=shaping.period),
        Row("prescription.allowed", "dispenseRequest.numberOfRepeatsAllowed",
            "dispenseRequest.numberOfRepeatsAllowed", fn=shaping.count),
        Row("prescription.quantity", "dispenseRequest.quantity", "dispenseRequest.quantity",
            fn=quantity),
        Row("prescription.lasts", "dispenseRequest.expectedSupplyDuration",
            "dispenseRequest.expectedSupplyDuration", fn=quantity),
        Row("prescription.pharmacy", "dispenseRequest.performer",
            gather=linked("dispenseRequest.performer", _DISPENSERS),
            reads=(f"{_ROOT}.dispenseRequest.performer",), fn=shaping.kept),
        Row("prescription.before", "priorPrescription",
            gather=linked("priorPrescription", _ORIGINAL),
            reads=(f"{_ROOT}.priorPrescription",), fn=shaping.kept),
    ),
)  # fmt: skip
