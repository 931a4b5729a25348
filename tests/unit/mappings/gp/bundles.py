"""Small STU3 bundles about an invented person, and what they map to."""

import copy
import json
from typing import Any

from mappings.core.applying.apply import map_item
from mappings.core.model.systems import SOURCE_ORGANISATION
from mappings.gp import FEED
from mappings.gp.assemble.whole import RECORD_SECTIONS

ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
UK = "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-"
GPC = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-"
SNOMED = "http://snomed.info/sct"

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "pat-1",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
    "birthDate": "1950-02-01",
    "managingOrganization": {"reference": "Organization/o1"},
}
PRACTICE = {
    "resourceType": "Organization",
    "id": "o1",
    "identifier": [{"system": ODS, "value": "h85001"}],
    "name": "Elm Road Surgery",
}


def observation(id_, code, on=None, **more):
    made = {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {"coding": [{"system": SNOMED, "code": code, "display": "term"}]},
    }
    return made | ({"effectiveDateTime": on} if on else {}) | more


def diary(id_, code="314529007", due=None, **more):
    made = {
        "resourceType": "ProcedureRequest",
        "id": id_,
        "status": "active",
        "intent": "plan",
        "code": {"coding": [{"system": SNOMED, "code": code}]},
    }
    return made | ({"occurrenceDateTime": due} if due else {}) | more


def problem(id_, significance="major", status="active", **more):
    return {
        "resourceType": "Condition",
        "id": id_,
        "extension": [{"url": f"{UK}ProblemSignificance-1", "valueCode": significance}],
        "clinicalStatus": status,
        "code": {"text": "something"},
    } | more


def section(code, *extension):
    """The list of a section of the record."""
    concept = {"coding": [{"system": SNOMED, "code": code}]}
    return {"resourceType": "List", "code": concept, "extension": list(extension)}


def every_section():
    """The lists that together are the whole record."""
    return [section(code) for code in sorted(RECORD_SECTIONS)]


def bundle(*resources, person=PATIENT, **more):
    everything = [*([person] if person else []), PRACTICE, *resources]
    entries = [{"resource": copy.deepcopy(one)} for one in everything]
    return {"resourceType": "Bundle", "type": "collection", **more, "entry": entries}


def read(body):
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return list(FEED.formats[0].read({"": text}))


def mapped(*resources, **more):
    """The outcome of one bundle."""
    (item,) = read(bundle(*resources, **more))
    return map_item(FEED.kinds[item.kind], item)


def of_type(outcome, name):
    """The resources of a type, as the practice sends them itself."""
    return [_sent_by("H85001", one.resource) for one in outcome.resources if one.type == name]


def _sent_by(org, node):
    """With the organisation that sends in its place, as the store puts it there."""
    if isinstance(node, dict):
        return {name: _sent_by(org, value) for name, value in node.items()}
    if isinstance(node, list):
        return [_sent_by(org, value) for value in node]
    return org if node == SOURCE_ORGANISATION else node


def _is_made(consent):
    return consent["policy"][0]["uri"].endswith("/policy/gp-consent-unread")


def closings(outcome):
    """For each Consent about privacy: whether what the practice holds is closed for it."""
    return [one["status"] == "active" for one in of_type(outcome, "Consent") if _is_made(one)]


def taken_consents(outcome):
    """The Consents that are taken as they were sent."""
    return [one for one in of_type(outcome, "Consent") if not _is_made(one)]


def issues(outcome, code):
    return [(str(i.severity), i.path) for i in outcome.issues if i.code == code]
