"""Data table: the shapes of what STU3 says of medicines and immunisations.

Source  FHIR STU3 (3.0.2), cut down to what is read.
Rule    Counts (how many repeats, which dose) have no shape here: one that cannot be read costs that
        element, not the prescription or the immunisation.
"""

from collections.abc import Mapping
from typing import Final

from mappings.gp.message.datatypes import (
    CONCEPT,
    FLAG,
    NOTE,
    PERIOD,
    QUANTITY,
    REFERENCE,
    RESOURCE,
    TEXT,
    Shape,
)

_DOSAGE: Final[Shape] = [{"text": TEXT, "patientInstruction": TEXT}]
_DISPENSED: Final[dict[str, Shape]] = {
    name: kind for name, kind in QUANTITY.items() if name not in ("value", "code")
}
"""Some systems send its number as text, and its code as a number."""
_WHAT: Final[dict[str, Shape]] = {
    **RESOURCE,
    "status": TEXT,
    "medicationCodeableConcept": CONCEPT,
    "medicationReference": REFERENCE,
    "context": REFERENCE,
    "subject": REFERENCE,
    "reasonCode": [CONCEPT],
    "note": [NOTE],
    "basedOn": [REFERENCE],
}

MEDICINES: Final[Mapping[str, Shape]] = {
    "MedicationStatement": {
        **_WHAT,
        "effectiveDateTime": TEXT,
        "effectivePeriod": PERIOD,
        "dateAsserted": TEXT,
        "taken": TEXT,
        "dosage": _DOSAGE,
    },
    "MedicationRequest": {
        **_WHAT,
        "intent": TEXT,
        "category": CONCEPT,
        "priority": TEXT,
        "groupIdentifier": {"system": TEXT, "value": TEXT},
        "authoredOn": TEXT,
        "requester": {"agent": REFERENCE, "onBehalfOf": REFERENCE},
        "recorder": REFERENCE,
        "dosageInstruction": _DOSAGE,
        "dispenseRequest": {
            "validityPeriod": PERIOD,
            "quantity": {**_DISPENSED, "extension": [{"url": TEXT, "valueString": TEXT}]},
            "expectedSupplyDuration": _DISPENSED,
            "performer": REFERENCE,
        },
        "priorPrescription": REFERENCE,
    },
    "Immunization": {
        **RESOURCE,
        "status": TEXT,
        "notGiven": FLAG,
        "vaccineCode": CONCEPT,
        "patient": REFERENCE,
        "encounter": REFERENCE,
        "date": TEXT,
        "primarySource": FLAG,
        "reportOrigin": CONCEPT,
        "location": REFERENCE,
        "manufacturer": REFERENCE,
        "lotNumber": TEXT,
        "expirationDate": TEXT,
        "site": CONCEPT,
        "route": CONCEPT,
        "doseQuantity": QUANTITY,
        "practitioner": [{"role": CONCEPT, "actor": REFERENCE}],
        "note": [NOTE],
        "explanation": {"reason": [CONCEPT], "reasonNotGiven": [CONCEPT]},
        "vaccinationProtocol": [
            {
                "description": TEXT,
                "series": TEXT,
                "targetDisease": [CONCEPT],
                "doseStatus": CONCEPT,
            }
        ],
    },
}
"""By resource type."""
