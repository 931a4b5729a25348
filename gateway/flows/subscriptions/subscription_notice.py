"""What a subscription is told: the notification Bundle of the R4 backport, and its entries.

In      How a subscription stands; events that its owner may be told of.
Out     A Bundle whose one entry is the status; an entry of the log for each person in it.
Rule    Of a resource its id and nothing else; where the owner asked for `empty`, not that, nor the
        topic.
Source  HL7 Subscriptions R5 Backport 1.1: backport-subscription-notification-r4 and
        backport-subscription-status-r4.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import orjson
from uuid_utils import uuid7

from consent.terms import Obligation
from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event
from gateway.clock import instant, to_micros
from gateway.flows.asking.access_log import entry_of
from gateway.flows.site.site import Asking, Site
from gateway.flows.subscriptions.subscription_resource import EMPTY, ID_ONLY, text_of
from gateway.flows.subscriptions.subscription_sight import Shown
from gateway.flows.subscriptions.subscription_topics import Topic
from gateway.store.leaving.subscriptions import Standing

_BACKPORT: Final = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
_BUNDLE: Final = f"{_BACKPORT}backport-subscription-notification-r4"
_STATUS: Final = f"{_BACKPORT}backport-subscription-status-r4"
HANDSHAKE, HEARTBEAT = "handshake", "heartbeat"
EVENTS, QUERY_EVENT, QUERY_STATUS = "event-notification", "query-event", "query-status"

Json = dict[str, Any]


def status_of(
    site: Site, row: Standing, kind: str, shown: Sequence[Shown] = (), content: str = ID_ONLY
) -> Json:
    """How a subscription stands, with what it is told."""
    base = f"{site.base_url}/fhir/R4"
    said: list[Json] = [
        {
            "name": "subscription",
            "valueReference": {"reference": f"{base}/Subscription/{row.subscription_id}"},
        },
        {"name": "status", "valueCode": row.status},
        {"name": "type", "valueCode": kind},
        {"name": "events-since-subscription-start", "valueString": str(row.told)},
    ]
    if content != EMPTY:
        topics = [one.url for one in Topic if one == row.topic]  # of an altered row perhaps none
        said[1:1] = [{"name": "topic", "valueCanonical": url} for url in topics]
    said += [_event(base, one, content) for one in shown]
    if row.fault:
        said.append({"name": "error", "valueCodeableConcept": {"text": text_of(row.fault)}})
    return {
        "resourceType": "Parameters",
        "id": str(uuid7()),
        "meta": {"profile": [_STATUS]},
        "parameter": said,
    }


def _event(base: str, one: Shown, content: str) -> Json:
    event = one.event
    parts: list[Json] = [
        {"name": "event-number", "valueString": str(event.number)},
        {"name": "timestamp", "valueInstant": instant(event.at)},
    ]
    if content != EMPTY:
        reference = f"{base}/{event.resource_type}/{event.resource_id}"
        parts.append({"name": "focus", "valueReference": {"reference": reference}})
    return {"name": "notification-event", "part": parts}


def notice(site: Site, status: Json, row: Standing, at: datetime) -> bytes:
    """The Bundle that is sent, or asked for."""
    entry = {
        "fullUrl": f"urn:uuid:{status['id']}",
        "resource": status,
        "request": {
            "method": "GET",
            "url": f"{site.base_url}/fhir/R4/Subscription/{row.subscription_id}/$status",
        },
        "response": {"status": "200"},
    }
    made = {
        "resourceType": "Bundle",
        "id": str(uuid7()),
        "meta": {"profile": [_BUNDLE]},
        "type": "history",
        "timestamp": instant(to_micros(at)),
        "entry": [entry],
    }
    return orjson.dumps(made)


def entries_of(
    site: Site, asking: Asking, row: Standing, shown: Iterable[Shown], event: Event
) -> list[tuple[tuple[Obligation, ...], AuditEntry]]:
    """What the log is told: an entry for each person, with what is owed for it."""
    by_person: dict[str, list[Shown]] = {}
    for one in shown:
        by_person.setdefault(one.sight.person_id, []).append(one)
    found = []
    for several in by_person.values():
        sight, views = several[0].sight, [one.view for one in several]
        entry = entry_of(site, asking, event, sight, views, "Subscription")
        detail = (*entry.detail, ("subscription", row.subscription_id), ("topic", row.topic))
        found.append((sight.allowed.obligations, replace(entry, detail=detail)))
    return found
