"""Small R4 resources about an invented person, and what they map to."""

import json
from typing import Any

from mappings.core.applying.apply import map_item
from mappings.gp import FEED
from tests.unit.mappings.gp.bundles import PRACTICE

WHO = {"reference": "Patient/ada-1"}
PERSON: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "ada-1",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
    "birthDate": "1950-02-01",
    "managingOrganization": {"reference": "Organization/o1"},
}
PRIVACY = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/consentscope",
            "code": "patient-privacy",
        }
    ]
}


def one(resource_type: str, id_: str = "x", **more: Any) -> dict[str, Any]:
    """A resource about the person."""
    return {"resourceType": resource_type, "id": id_, "subject": WHO} | more


def goal(id_: str = "g", **more: Any) -> dict[str, Any]:
    return one("Goal", id_, lifecycleStatus="active", description={"text": "Walk"}, **more)


def plan(id_: str = "p", **more: Any) -> dict[str, Any]:
    return one("CarePlan", id_, status="active", intent="plan", created="2026-01-01", **more)


def observed(id_: str = "o", **more: Any) -> dict[str, Any]:
    made = one("Observation", id_, status="final", encounter={"reference": "Encounter/e"})
    return {**made, "code": {"text": "Seen"}, **more}


def bundle(*resources: Any, person: Any = PERSON, **more: Any) -> dict[str, Any]:
    """An R4 bundle: something in it says that it is R4."""
    marker = {"resourceType": "ServiceRequest"} if not resources else None
    everything = [person, PRACTICE, *resources, marker]
    entries = [{"resource": resource} for resource in everything if resource]
    return {"resourceType": "Bundle", "type": "collection", **more, "entry": entries}


def read(sent: Any) -> list[Any]:
    body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    return list(FEED.formats[0].read({"": body}))


def mapped(sent: Any) -> Any:
    """The outcome of one body."""
    (item,) = read(sent)
    assert item.kind == "uk-core-r4"
    return map_item(FEED.kinds[item.kind], item)
