"""Data table: the shapes of STU3 plans, goals and teams.

Source  FHIR STU3 (3.0.2), cut down to what is read.
"""

from typing import Final

from mappings.gp.message.datatypes import (
    CONCEPT,
    FLAG,
    NOTE,
    PERIOD,
    QUANTITY,
    RANGE,
    REFERENCE,
    RESOURCE,
    TEXT,
    Shape,
)

CARE_PLAN: Final[Shape] = {
    **RESOURCE,
    "basedOn": [REFERENCE],
    "replaces": [REFERENCE],
    "partOf": [REFERENCE],
    "status": TEXT,
    "intent": TEXT,
    "category": [CONCEPT],
    "title": TEXT,
    "description": TEXT,
    "subject": REFERENCE,
    "context": REFERENCE,
    "period": PERIOD,
    "author": [REFERENCE],
    "careTeam": [REFERENCE],
    "addresses": [REFERENCE],
    "supportingInfo": [REFERENCE],
    "goal": [REFERENCE],
    "activity": [
        {
            "outcomeCodeableConcept": [CONCEPT],
            "outcomeReference": [REFERENCE],
            "progress": [NOTE],
            "reference": REFERENCE,
            "detail": {
                "code": CONCEPT,
                "reasonCode": [CONCEPT],
                "reasonReference": [REFERENCE],
                "goal": [REFERENCE],
                "status": TEXT,
                "statusReason": TEXT,
                "prohibited": FLAG,
                "scheduledPeriod": PERIOD,
                "scheduledString": TEXT,
                "location": REFERENCE,
                "performer": [REFERENCE],
                "productCodeableConcept": CONCEPT,
                "dailyAmount": QUANTITY,
                "quantity": QUANTITY,
                "description": TEXT,
            },
        }
    ],
    "note": [NOTE],
}
GOAL: Final[Shape] = {
    **RESOURCE,
    "status": TEXT,
    "category": [CONCEPT],
    "priority": CONCEPT,
    "description": CONCEPT,
    "subject": REFERENCE,
    "startDate": TEXT,
    "startCodeableConcept": CONCEPT,
    "target": {
        "measure": CONCEPT,
        "detailQuantity": QUANTITY,
        "detailRange": RANGE,
        "detailCodeableConcept": CONCEPT,
        "dueDate": TEXT,
        "dueDuration": QUANTITY,
    },
    "statusDate": TEXT,
    "statusReason": TEXT,
    "expressedBy": REFERENCE,
    "addresses": [REFERENCE],
    "note": [NOTE],
    "outcomeCode": [CONCEPT],
    "outcomeReference": [REFERENCE],
}
CARE_TEAM: Final[Shape] = {
    **RESOURCE,
    "status": TEXT,
    "category": [CONCEPT],
    "name": TEXT,
    "subject": REFERENCE,
    "context": REFERENCE,
    "period": PERIOD,
    "participant": [
        {"role": CONCEPT, "member": REFERENCE, "onBehalfOf": REFERENCE, "period": PERIOD}
    ],
    "reasonCode": [CONCEPT],
    "reasonReference": [REFERENCE],
    "managingOrganization": [REFERENCE],
    "note": [NOTE],
}
