"""Data table: the shape of what STU3 tells of a person's relatives.

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

FAMILY_HISTORY: Final[Shape] = {
    **RESOURCE,
    "status": TEXT,
    "notDone": FLAG,
    "notDoneReason": CONCEPT,
    "patient": REFERENCE,
    "date": TEXT,
    "relationship": CONCEPT,
    "gender": TEXT,
    "ageAge": QUANTITY,
    "ageRange": RANGE,
    "ageString": TEXT,
    "estimatedAge": FLAG,
    "deceasedBoolean": FLAG,
    "deceasedAge": QUANTITY,
    "deceasedRange": RANGE,
    "deceasedDate": TEXT,
    "deceasedString": TEXT,
    "reasonCode": [CONCEPT],
    "reasonReference": [REFERENCE],
    "note": [NOTE],
    "condition": [
        {
            "code": CONCEPT,
            "outcome": CONCEPT,
            "onsetAge": QUANTITY,
            "onsetRange": RANGE,
            "onsetPeriod": PERIOD,
            "onsetString": TEXT,
            "note": [NOTE],
        }
    ],
}
