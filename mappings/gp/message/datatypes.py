"""Data table: the shapes of the STU3 data types, and of what several resource types share.

Source  FHIR STU3 (3.0.2), cut down to what is read.
Pure    A shape is a JSON kind, a list of one shape, or a mapping of element -> shape.
"""

from typing import Any, Final

Shape = Any

TEXT: Final = str
NUMBER: Final = float
FLAG: Final = bool

EXTENSION: Final[Shape] = {"url": TEXT, "extension": [{"url": TEXT}]}
CODING: Final[Shape] = {
    "system": TEXT,
    "version": TEXT,
    "code": TEXT,
    "display": TEXT,
    "userSelected": FLAG,
    "extension": [EXTENSION],
}
CONCEPT: Final[Shape] = {"coding": [CODING], "text": TEXT}
IDENTIFIER: Final[Shape] = {"system": TEXT, "value": TEXT, "extension": [EXTENSION]}
REFERENCE: Final[Shape] = {"reference": TEXT, "display": TEXT, "identifier": IDENTIFIER}
PERIOD: Final[Shape] = {"start": TEXT, "end": TEXT}
QUANTITY: Final[Shape] = {
    "value": NUMBER,
    "comparator": TEXT,
    "unit": TEXT,
    "system": TEXT,
    "code": TEXT,
}
RANGE: Final[Shape] = {"low": QUANTITY, "high": QUANTITY}
RATIO: Final[Shape] = {"numerator": QUANTITY, "denominator": QUANTITY}
NOTE: Final[Shape] = {
    "text": TEXT,
    "time": TEXT,
    "authorString": TEXT,
    "authorReference": REFERENCE,
}
NAME: Final[Shape] = {
    "use": TEXT,
    "text": TEXT,
    "family": TEXT,
    "given": [TEXT],
    "prefix": [TEXT],
    "suffix": [TEXT],
    "period": PERIOD,
}
ADDRESS: Final[Shape] = {
    "use": TEXT,
    "type": TEXT,
    "text": TEXT,
    "line": [TEXT],
    "city": TEXT,
    "district": TEXT,
    "state": TEXT,
    "postalCode": TEXT,
    "country": TEXT,
    "period": PERIOD,
}
TELECOM: Final[Shape] = {
    "system": TEXT,
    "value": TEXT,
    "use": TEXT,
    "rank": NUMBER,
    "period": PERIOD,
}

RESOURCE: Final[dict[str, Shape]] = {
    "id": TEXT,
    "meta": {"lastUpdated": TEXT, "security": [CODING], "profile": [TEXT]},
    "extension": [EXTENSION],
    "modifierExtension": [EXTENSION],
    "identifier": [IDENTIFIER],
}
VALUES: Final[dict[str, Shape]] = {
    "valueQuantity": QUANTITY,
    "valueCodeableConcept": CONCEPT,
    "valueString": TEXT,
    "valueBoolean": FLAG,
    "valueRange": RANGE,
    "valueRatio": RATIO,
    "valueTime": TEXT,
    "valueDateTime": TEXT,
    "valuePeriod": PERIOD,
}
REFERENCE_RANGE: Final[Shape] = {
    "low": QUANTITY,
    "high": QUANTITY,
    "type": CONCEPT,
    "appliesTo": [CONCEPT],
    "age": RANGE,
    "text": TEXT,
}
ONSET: Final[dict[str, Shape]] = {
    "onsetDateTime": TEXT,
    "onsetAge": QUANTITY,
    "onsetPeriod": PERIOD,
    "onsetRange": RANGE,
    "onsetString": TEXT,
}
REQUEST: Final[dict[str, Shape]] = {
    **RESOURCE,
    "status": TEXT,
    "intent": TEXT,
    "priority": TEXT,
    "subject": REFERENCE,
    "context": REFERENCE,
    "occurrenceDateTime": TEXT,
    "occurrencePeriod": PERIOD,
    "authoredOn": TEXT,
    "requester": {"agent": REFERENCE, "onBehalfOf": REFERENCE},
    "reasonCode": [CONCEPT],
    "reasonReference": [REFERENCE],
    "supportingInfo": [REFERENCE],
    "note": [NOTE],
}
