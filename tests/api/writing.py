"""What a team writes, and how it is sent, for tests over HTTP."""

import base64
import json
from typing import Any, Final

import httpx

from tests.api.service import FHIR, Headers, Service

PATCH: Final = "application/json-patch+json"
PLANS: Final = "https://records.example/plan"
CATEGORY: Final = "https://care-gateway.example/fhir/CodeSystem/access-category"


def goal(person_id: str, words: str = "I want to bake again.", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "description": {"text": words},
        "subject": {"reference": f"Patient/{person_id}"},
        **more,
    }


def plan(person_id: str, *goals: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "CarePlan",
        "status": "active",
        "intent": "plan",
        "title": "Together",
        "subject": {"reference": f"Patient/{person_id}"},
        **({"goal": [{"reference": one} for one in goals]} if goals else {}),
        **more,
    }


def weight(person_id: str, value: str) -> bytes:
    """An Observation as bytes: its value is written as it is given."""
    body = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "subject": {"reference": f"Patient/{person_id}"},
        "valueQuantity": {"value": "VALUE", "unit": "kg"},
    }
    return json.dumps(body).replace('"VALUE"', value).encode()


def others(person_id: str) -> list[dict[str, Any]]:
    """One of each other type that a team writes."""
    about = {"reference": f"Patient/{person_id}"}
    return [
        {"resourceType": "Task", "status": "requested", "intent": "order", "for": about},
        {"resourceType": "Communication", "status": "completed", "subject": about},
        {
            "resourceType": "ServiceRequest", "status": "active", "intent": "order",
            "subject": about,
        },
    ]  # fmt: skip


def on_shelf(category: str, *codes: str) -> dict[str, Any]:
    """`meta` with this access category and these sensitivities."""
    system = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    labels = [{"system": system, "code": code} for code in codes]
    return {"security": [{"system": CATEGORY, "code": category}, *labels]}


def put(
    gateway: Service,
    resource: dict[str, Any],
    who: Headers,
    version: int | None = None,
    **more: str,
) -> httpx.Response:
    """An update of the resource by its id."""
    path = f"{resource['resourceType']}/{more.pop('id', resource.get('id'))}"
    headers = {"Content-Type": FHIR} | {k.replace("_", "-"): v for k, v in more.items()}
    if version is not None:
        headers["If-Match"] = f'W/"{version}"'
    return gateway.ask("PUT", path, who, content=json.dumps(resource), headers=headers)


def patch(
    gateway: Service, path: str, who: Headers, *listed: Any, version: int | None = 1, **more: str
) -> httpx.Response:
    """A JSON Patch of these operations."""
    headers = {"Content-Type": PATCH} | {k.replace("_", "-"): v for k, v in more.items()}
    if version is not None:
        headers["If-Match"] = f'W/"{version}"'
    return gateway.ask("PATCH", path, who, content=json.dumps(listed), headers=headers)


def entry(method: str, url: str, resource: Any = None, full: str = "", **more: str) -> dict:
    """One entry of a batch or transaction."""
    return {
        **({"fullUrl": full} if full else {}),
        **({"resource": resource} if resource is not None else {}),
        "request": {"method": method, "url": url, **more},
    }


def binary(*listed: Any) -> dict[str, Any]:
    """A patch as it stands in a bundle."""
    data = base64.b64encode(json.dumps(listed).encode()).decode()
    return {"resourceType": "Binary", "contentType": PATCH, "data": data}


def bundle(kind: str, *entries: dict) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, **({"entry": list(entries)} if entries else {})}


def send(gateway: Service, sent: Any, who: Headers, **headers: str) -> httpx.Response:
    """A Bundle to the base."""
    more = {"Content-Type": FHIR} | headers
    return gateway.ask("POST", "/fhir/R4", who, content=json.dumps(sent), headers=more)


def statuses(answer: httpx.Response) -> list[int]:
    """The status of each entry."""
    assert answer.status_code == 200, answer.text
    return [int(one["response"]["status"][:3]) for one in answer.json().get("entry", [])]
