"""Subscriptions as tests write them, and the worker's part of them, at the test's own time."""

import base64
import hashlib
import hmac
import json
from typing import Any, Final

from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.flows.subscriptions.subscription_deliver import deliver_due
from gateway.flows.subscriptions.subscription_match import match, match_reviews
from gateway.flows.subscriptions.subscription_resource import SIGNING_KEY
from gateway.store.commit.log import append
from tests.api.rows import put
from tests.api.service import FHIR, Headers, Service

TOPIC: Final = "https://care-gateway.example/fhir/SubscriptionTopic/"
_BACKPORT: Final = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"


def subscription(topic: str = "plan-changed", url: str = "", **more: Any) -> dict[str, Any]:
    """A Subscription; `filter`, `content`, `heartbeat`, `most`, `header` and elements of it."""
    content = {"url": f"{_BACKPORT}backport-payload-content"}
    content["valueCode"] = more.pop("content", "id-only")
    channel: dict[str, Any] = {
        "type": "rest-hook",
        "payload": "application/fhir+json",
        "_payload": {"extension": [content]},
    }
    beside = []
    if "heartbeat" in more:
        heartbeat = f"{_BACKPORT}backport-heartbeat-period"
        beside.append({"url": heartbeat, "valueUnsignedInt": more.pop("heartbeat")})
    if "most" in more:
        most = f"{_BACKPORT}backport-max-count"
        beside.append({"url": most, "valuePositiveInt": more.pop("most")})
    channel |= {"extension": beside} if beside else {}
    channel |= {"endpoint": url} if url else {}
    channel |= {"header": more.pop("header")} if "header" in more else {}
    made: dict[str, Any] = {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "to know when to look",
        "criteria": TOPIC + topic,
        "channel": channel,
    }
    if "filter" in more:
        narrowed = {"url": f"{_BACKPORT}backport-filter-criteria"}
        narrowed["valueString"] = more.pop("filter")
        made["_criteria"] = {"extension": [narrowed]}
    return made | more


def subscribed(service: Service, who: Headers, *args: Any, **more: Any) -> dict[str, Any]:
    """A subscription that stands."""
    answer = service.create(subscription(*args, **more), who)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def changed(service: Service, who: Headers, one: dict[str, Any], **more: Any):
    """The answer to an update."""
    headers = {"Content-Type": FHIR}
    path, body = f"Subscription/{one['id']}", json.dumps(one | more)
    return service.ask("PUT", path, who, content=body, headers=headers)


def look(service: Service) -> int:
    """What a worker does at a look; how many requests were taken."""
    terms = service.app.state.subscriptions
    service.run(match(service.site, terms, service.at))
    return service.run(deliver_due(service.site, terms, lambda: service.at))


def look_at_calendar(service: Service) -> int:
    """What a worker does every quarter of an hour."""
    terms = service.app.state.subscriptions
    return service.run(match_reviews(service.site, terms, service.at))


def key_of(one: dict[str, Any]) -> bytes:
    """The key that its notices are signed with, as its owner was told."""
    (text,) = [
        part["valueString"] for part in one["channel"]["extension"] if part["url"] == SIGNING_KEY
    ]
    return base64.b64decode(text.removeprefix("whsec_"))


def is_signed(key: bytes, headers: dict[str, str], body: str) -> bool:
    """Whether a notice came from who holds the key."""
    covered = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    made = base64.b64encode(hmac.new(key, covered, hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{made}"


def said(bundle: dict[str, Any]) -> dict[str, Any]:
    """What the status in a notice says, by name; events as (number, reference)."""
    (entry,) = bundle["entry"]
    found: dict[str, Any] = {"events": []}
    for one in entry["resource"]["parameter"]:
        if one["name"] == "notification-event":
            parts = {part["name"]: part for part in one["part"]}
            focus = parts.get("focus", {}).get("valueReference", {}).get("reference", "")
            number = int(parts["event-number"]["valueString"])
            found["events"].append((number, "/".join(focus.split("/")[-2:]) if focus else ""))
        else:
            found[one["name"]] = next(value for name, value in one.items() if name != "name")
    return found


def notices(outside: Any) -> list[dict[str, Any]]:
    """What each notice that was taken says."""
    return [said(json.loads(body)) for body in outside.taken]


def told(outside: Any) -> list[tuple[int, str]]:
    """Every event that was told, in order."""
    return [event for one in notices(outside) for event in one["events"]]


def pulled(service: Service, who: Headers, one: dict[str, Any], query: str = "") -> dict[str, Any]:
    """What `$events` says."""
    answer = service.get(f"Subscription/{one['id']}/$events{query}", who)
    assert answer.status_code == 200, answer.text
    return said(answer.json())


def put_noted(service: Service, person_id: str, resource: dict[str, Any], **more: Any) -> str:
    """A row with these labels, and the entry that every writing leaves."""
    name = put(service, person_id, resource, **more)
    entry = AuditEntry(
        service.at, Event.PUSH, Outcome.STORED, Agent("test", "system"), patient_ids=(person_id,)
    )

    async def note(conn: Any) -> None:
        await append(conn, service.site.store.vault, [entry])

    service.write(note)
    return name


def stay(name: str, person_id: str, status: str, **period: str) -> dict[str, Any]:
    """An inpatient stay."""
    system = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    return {
        "resourceType": "Encounter",
        "id": name,
        "status": status,
        "class": {"system": system, "code": "IMP"},
        "subject": {"reference": f"Patient/{person_id}"},
        "period": period,
    }
