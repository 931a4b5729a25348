"""Data table: the shapes of the STU3 elements that rows read, and what does not fit them.

In      one resource of a bundle as JSON.
Out     the paths whose JSON is of another kind than STU3 has there; the lists sent as a single
        object, which reading mends.
Source  FHIR STU3 (3.0.2), cut down to what is read. An element that is not here is not judged.
Pure    A shape is a JSON kind, a list of one shape, or a mapping of element -> shape.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mappings.core.paths import Steps

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

_RESOURCE: Final[dict[str, Shape]] = {
    "id": TEXT,
    "meta": {"lastUpdated": TEXT, "security": [CODING], "profile": [TEXT]},
    "extension": [EXTENSION],
    "modifierExtension": [EXTENSION],
    "identifier": [IDENTIFIER],
}
_VALUES: Final[dict[str, Shape]] = {
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
_REFERENCE_RANGE: Final[Shape] = {
    "low": QUANTITY,
    "high": QUANTITY,
    "type": CONCEPT,
    "appliesTo": [CONCEPT],
    "age": RANGE,
    "text": TEXT,
}
_ONSET: Final[dict[str, Shape]] = {
    "onsetDateTime": TEXT,
    "onsetAge": QUANTITY,
    "onsetPeriod": PERIOD,
    "onsetRange": RANGE,
    "onsetString": TEXT,
}
_REQUEST: Final[dict[str, Shape]] = {
    **_RESOURCE,
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

_CARE_PLAN: Final[Shape] = {
    **_RESOURCE,
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
_GOAL: Final[Shape] = {
    **_RESOURCE,
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
_CARE_TEAM: Final[Shape] = {
    **_RESOURCE,
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

_QUESTION: Final[dict[str, Shape]] = {"linkId": TEXT, "text": TEXT, "definition": TEXT}
_QUESTION["item"] = [_QUESTION]
_QUESTION["answer"] = [{"item": [_QUESTION]}]
"""A question holds answers, and both hold questions."""

SHAPES: Final[Mapping[str, Shape]] = {
    "Patient": {
        **_RESOURCE,
        "active": FLAG,
        "name": [NAME],
        "telecom": [TELECOM],
        "gender": TEXT,
        "birthDate": TEXT,
        "deceasedBoolean": FLAG,
        "deceasedDateTime": TEXT,
        "address": [ADDRESS],
        "maritalStatus": CONCEPT,
        "contact": [
            {
                "relationship": [CONCEPT],
                "name": NAME,
                "telecom": [TELECOM],
                "address": ADDRESS,
                "gender": TEXT,
                "organization": REFERENCE,
                "period": PERIOD,
            }
        ],
        "generalPractitioner": [REFERENCE],
        "managingOrganization": REFERENCE,
    },
    "Condition": {
        **_RESOURCE,
        **_ONSET,
        "clinicalStatus": TEXT,
        "verificationStatus": TEXT,
        "category": [CONCEPT],
        "severity": CONCEPT,
        "code": CONCEPT,
        "bodySite": [CONCEPT],
        "subject": REFERENCE,
        "context": REFERENCE,
        "abatementDateTime": TEXT,
        "abatementString": TEXT,
        "assertedDate": TEXT,
        "asserter": REFERENCE,
        "note": [NOTE],
    },
    "Observation": {
        **_RESOURCE,
        **_VALUES,
        "status": TEXT,
        "category": [CONCEPT],
        "code": CONCEPT,
        "subject": REFERENCE,
        "context": REFERENCE,
        "effectiveDateTime": TEXT,
        "effectivePeriod": PERIOD,
        "issued": TEXT,
        "performer": [REFERENCE],
        "dataAbsentReason": CONCEPT,
        "interpretation": CONCEPT,
        "comment": TEXT,
        "bodySite": CONCEPT,
        "method": CONCEPT,
        "referenceRange": [_REFERENCE_RANGE],
        "related": [{"type": TEXT, "target": REFERENCE}],
        "component": [
            {
                **_VALUES,
                "code": CONCEPT,
                "dataAbsentReason": CONCEPT,
                "interpretation": CONCEPT,
                "referenceRange": [_REFERENCE_RANGE],
            }
        ],
    },
    "AllergyIntolerance": {
        **_RESOURCE,
        **_ONSET,
        "clinicalStatus": TEXT,
        "verificationStatus": TEXT,
        "type": TEXT,
        "category": [TEXT],
        "criticality": TEXT,
        "code": CONCEPT,
        "patient": REFERENCE,
        "assertedDate": TEXT,
        "recorder": REFERENCE,
        "asserter": REFERENCE,
        "lastOccurrence": TEXT,
        "note": [NOTE],
        "reaction": [
            {
                "substance": CONCEPT,
                "manifestation": [CONCEPT],
                "description": TEXT,
                "onset": TEXT,
                "severity": TEXT,
                "exposureRoute": CONCEPT,
                "note": [NOTE],
            }
        ],
    },
    "ProcedureRequest": {
        **_REQUEST,
        "doNotPerform": FLAG,
        "category": [CONCEPT],
        "code": CONCEPT,
        "performer": REFERENCE,
        "performerType": CONCEPT,
        "bodySite": [CONCEPT],
    },
    "ReferralRequest": {
        **_REQUEST,
        "type": CONCEPT,
        "serviceRequested": [CONCEPT],
        "specialty": CONCEPT,
        "recipient": [REFERENCE],
        "description": TEXT,
    },
    "Encounter": {
        **_RESOURCE,
        "status": TEXT,
        "class": CODING,
        "type": [CONCEPT],
        "subject": REFERENCE,
        "participant": [{"type": [CONCEPT], "individual": REFERENCE, "period": PERIOD}],
        "period": PERIOD,
        "length": QUANTITY,
        "reason": [CONCEPT],
        "location": [{"location": REFERENCE}],
        "serviceProvider": REFERENCE,
    },
    "MedicationStatement": {
        **_RESOURCE,
        "status": TEXT,
        "medicationCodeableConcept": CONCEPT,
        "medicationReference": REFERENCE,
        "context": REFERENCE,
        "effectiveDateTime": TEXT,
        "effectivePeriod": PERIOD,
        "dateAsserted": TEXT,
        "subject": REFERENCE,
        "taken": TEXT,
        "reasonCode": [CONCEPT],
        "note": [NOTE],
        "dosage": [{"text": TEXT, "patientInstruction": TEXT}],
    },
    "DocumentReference": {
        **_RESOURCE,
        "status": TEXT,
        "type": CONCEPT,
        "subject": REFERENCE,
        "created": TEXT,
        "indexed": TEXT,
        "author": [REFERENCE],
        "custodian": REFERENCE,
        "description": TEXT,
        "content": [
            {"attachment": {"contentType": TEXT, "url": TEXT, "title": TEXT, "size": NUMBER}}
        ],
        "context": {"encounter": REFERENCE, "period": PERIOD, "practiceSetting": CONCEPT},
    },
    "Flag": {
        **_RESOURCE,
        "status": TEXT,
        "category": CONCEPT,
        "code": CONCEPT,
        "subject": REFERENCE,
        "period": PERIOD,
        "encounter": REFERENCE,
        "author": REFERENCE,
    },
    "CarePlan": _CARE_PLAN,
    "Goal": _GOAL,
    "CareTeam": _CARE_TEAM,
    "DiagnosticReport": {
        **_RESOURCE,
        "basedOn": [REFERENCE],
        "status": TEXT,
        "category": CONCEPT,
        "code": CONCEPT,
        "subject": REFERENCE,
        "context": REFERENCE,
        "effectiveDateTime": TEXT,
        "effectivePeriod": PERIOD,
        "issued": TEXT,
        "performer": [{"role": CONCEPT, "actor": REFERENCE}],
        "result": [REFERENCE],
        "conclusion": TEXT,
        "codedDiagnosis": [CONCEPT],
    },
    "QuestionnaireResponse": {
        **_RESOURCE,
        "identifier": IDENTIFIER,
        "status": TEXT,
        "subject": REFERENCE,
        "context": REFERENCE,
        "authored": TEXT,
        "author": REFERENCE,
        "source": REFERENCE,
        "item": [_QUESTION],
    },
    "List": {
        **_RESOURCE,
        "status": TEXT,
        "mode": TEXT,
        "title": TEXT,
        "code": CONCEPT,
        "encounter": REFERENCE,
        "date": TEXT,
        "note": [NOTE],
        "entry": [{"item": REFERENCE}],
        "contained": [{"resourceType": TEXT}],
    },
    "Medication": {**_RESOURCE, "code": CONCEPT},
    "Organization": {**_RESOURCE, "name": TEXT},
    "Practitioner": {**_RESOURCE, "name": [NAME]},
    "PractitionerRole": {**_RESOURCE, "practitioner": REFERENCE, "organization": REFERENCE},
    "HealthcareService": {**_RESOURCE, "name": TEXT},
    "Location": {**_RESOURCE, "name": TEXT},
}
"""By resource type. A type that is not here is kept and not read."""


def misfits(shape: Shape, value: Any, steps: Steps = ()) -> Iterator[Steps]:
    """Every place whose JSON is of another kind than the shape's; null counts as absent."""
    if value is None:
        return
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            yield steps
            return
        for name, child in value.items():
            if name in shape:
                yield from misfits(shape[name], child, (*steps, name))
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield steps
            return
        for position, child in enumerate(value):
            if child is None:
                yield (*steps, position)
            else:
                yield from misfits(shape[0], child, (*steps, position))
    elif not _is_of(shape, value):
        yield steps


def _is_of(kind: Shape, value: Any) -> bool:
    if kind is NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind)


def single_lists(shape: Shape, value: Any, steps: Steps = ()) -> Iterator[Steps]:
    """Lists of objects that were sent as one object; outer places first."""
    if isinstance(shape, list) and isinstance(shape[0], dict):
        if isinstance(value, dict):
            yield steps
        for position, child in enumerate(value if isinstance(value, list) else ()):
            yield from single_lists(shape[0], child, (*steps, position))
    elif isinstance(shape, dict) and isinstance(value, dict):
        for name, child in value.items():
            if name in shape and isinstance(child, dict | list):
                yield from single_lists(shape[name], child, (*steps, name))
