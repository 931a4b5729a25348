"""Subscriptions over HTTP, and the worker's part of them: written, told of, told again."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.auth.clients import RegisteredClient
from gateway.flows.subscriptions.subscription_deliver import deliver_due
from gateway.flows.subscriptions.subscription_match import match
from tests.api.consents import against, dissent
from tests.api.outside import outside
from tests.api.rows import goal_row, plan_row
from tests.api.service import is_outcome, resources
from tests.api.subscribing import (
    TOPIC,
    changed,
    is_signed,
    key_of,
    look,
    look_at_calendar,
    notices,
    pulled,
    put_noted,
    stay,
    subscribed,
    subscription,
    told,
)
from tests.api.world import COUNCIL, EXAMPLE, HOSPITAL, PRACTICE
from tests.api.writing import send

__all__ = ["outside"]
FIRST, SECOND, THIRD = "2026-11-21T13:00:00Z", "2026-11-21T14:00:00Z", "2026-11-21T15:00:00Z"


def stands(gateway, world, one):
    """The social worker's subscription, as it stands."""
    return gateway.get(f"Subscription/{one['id']}", world.social_worker).json()


def test_an_address_takes_a_handshake_and_is_then_told_signed_by_id_alone(gateway, world, outside):
    one = subscribed(gateway, world.social_worker, "plan-changed", outside.url)
    assert one["status"] == "requested"
    assert look(gateway) == 1
    (handshake,) = notices(outside)
    assert (handshake["type"], handshake["status"]) == ("handshake", "requested")
    assert (
        gateway.get(f"Subscription/{one['id']}", world.social_worker).json()["status"] == "active"
    )
    before = gateway.size()
    world.revise(FIRST, what_matters="Tea at four.")
    assert look(gateway) == 1
    told_of = notices(outside)[-1]
    assert (told_of["type"], told_of["topic"]) == ("event-notification", f"{TOPIC}plan-changed")
    assert told_of["events-since-subscription-start"] == "1"
    ((number, reference),) = told_of["events"]
    assert number == 1
    assert gateway.get(reference, world.social_worker).json()["meta"]["versionId"] == "2"
    for headers, body in zip(outside.headers, outside.taken, strict=True):
        assert is_signed(key_of(one), headers, body)
        assert headers["Content-Type"] == "application/fhir+json"
    (entry,) = [e for e in gateway.entries(before) if e.event == "notify"]
    assert (entry.person_id, entry.agent.user_id, entry.outcome) == (world.norma, "sw-1", "served")
    assert [f"{kind}/{name}" for kind, name, _ in entry.resources] == [reference]
    assert dict(entry.detail)["subscription"] == one["id"]
    assert look(gateway) == 0, "nobody is told twice"


def test_a_change_of_a_goal_and_its_withdrawal_are_told(gateway, world, outside):
    subscribed(gateway, world.social_worker, "goal-changed", outside.url)
    look(gateway)
    (gone, *_) = [g["id"] for g in json.loads(_example())["goals"]]
    kept = {f"Goal/{one['id']}" for one in world.of("Goal", world.norma, world.gp)}
    world.revise(FIRST, without=gone)
    look(gateway)
    ((number, reference),) = told(outside)
    assert (number, reference in kept) == (1, True)
    assert is_outcome(gateway.get(reference, world.social_worker), 410)


def _example() -> bytes:
    return EXAMPLE.read_bytes()


def test_a_consent_that_is_recorded_is_told(gateway, world, outside):
    subscribed(gateway, world.gp, "consent-changed", outside.url)
    look(gateway)
    made = gateway.create(dissent(world.alice, **against("RQY")), world.gp)
    assert made.status_code == 201, made.text
    look(gateway)
    assert told(outside) == [(1, f"Consent/{made.json()['id']}")]


def test_admission_and_discharge_are_each_told_once(gateway, world, start, outside):
    alice = world.alice
    for topic in ("admitted", "discharged"):
        subscribed(gateway, world.doctor, topic, outside.url)
    look(gateway)
    shelf = {"org": HOSPITAL, "category": "encounters"}
    began = {"start": "2026-11-21T11:00:00Z"}
    put_noted(gateway, alice, stay("stay-1", alice, "in-progress", **began), **shelf)
    look(gateway)
    assert told(outside) == [(1, "Encounter/stay-1")]
    gateway.at += timedelta(hours=1)
    moved = stay("stay-1", alice, "in-progress", **began) | {"type": [{"text": "moved"}]}
    put_noted(gateway, alice, moved, version=2, **shelf)
    look(gateway)
    assert len(told(outside)) == 1, "a move is neither"
    gateway.at += timedelta(hours=1)
    ended = stay("stay-1", alice, "finished", **began, end="2026-11-21T14:00:00Z")
    put_noted(gateway, alice, ended, version=3, **shelf)
    look(gateway)
    by_topic = [(one["topic"], one["events"]) for one in notices(outside) if one["events"]]
    assert by_topic == [
        (f"{TOPIC}admitted", [(1, "Encounter/stay-1")]),
        (f"{TOPIC}discharged", [(1, "Encounter/stay-1")]),
    ]


def test_a_review_is_told_as_its_day_comes_and_once(gateway, world, outside):
    alice = world.alice
    narrowed = f"CarePlan?patient=Patient/{alice}"
    subscribed(gateway, world.social_worker, "review-due", outside.url, filter=narrowed)
    look(gateway)
    named = {"end": "2026-11-24"}
    detail = {"status": "scheduled", "description": "Review of the plan", "scheduledPeriod": named}
    later = detail | {"description": "Bath rail is fitted"}
    plan = plan_row("plan-r", alice, activity=[{"detail": detail}, {"detail": later}])
    put_noted(gateway, alice, plan, org=COUNCIL)
    gateway.at += timedelta(days=2)
    assert (look_at_calendar(gateway), look(gateway), told(outside)) == (0, 0, [])
    gateway.at += timedelta(days=1)
    assert look_at_calendar(gateway) == 1
    look(gateway)
    look_at_calendar(gateway)
    look(gateway)
    assert told(outside) == [(1, "CarePlan/plan-r")]


def test_what_is_sent_again_unchanged_and_what_was_before_is_not_told(gateway, world, outside):
    world.revise(FIRST, what_matters="Tea at four.")
    subscribed(gateway, world.social_worker, "plan-changed", outside.url)
    look(gateway)
    world.revise(SECOND, what_matters="Tea at four.")
    look(gateway)
    assert told(outside) == []
    world.revise(THIRD, what_matters="Tea at five.")
    look(gateway)
    assert [number for number, _ in told(outside)] == [1]


def test_a_filter_narrows_to_people(gateway, world, outside):
    narrowed = f"CarePlan?patient=Patient/{world.alice}"
    subscribed(gateway, world.social_worker, "plan-changed", outside.url, filter=narrowed)
    look(gateway)
    world.revise(FIRST, what_matters="Tea at four.")
    look(gateway)
    assert told(outside) == []
    alice = world.alice
    put_noted(gateway, alice, plan_row("plan-a", alice), org=COUNCIL)
    look(gateway)
    assert told(outside) == [(1, "CarePlan/plan-a")]


def test_empty_notices_name_nothing(gateway, world, outside):
    subscribed(gateway, world.social_worker, "plan-changed", outside.url, content="empty")
    look(gateway)
    world.revise(FIRST, what_matters="Tea at four.")
    look(gateway)
    assert told(outside) == [(1, "")]
    assert "topic" not in notices(outside)[-1]
    assert all("CarePlan" not in body for body in outside.taken)


_CHANNEL = subscription(url="https://there.example/in")["channel"]
_BARE = {name: value for name, value in _CHANNEL.items() if name != "_payload"}


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"criteria": "Observation?code=1"}, "Subscription.criteria"),
        ({"content": "full-resource"}, "Subscription.channel.payload.extension"),
        ({"channel": _BARE}, "Subscription.channel.payload.extension"),
        ({"channel": _CHANNEL | {"payload": "text/plain"}}, "Subscription.channel.payload"),
        ({"channel": _CHANNEL | {"type": "websocket"}}, "Subscription.channel.type"),
        ({"channel": _CHANNEL | {"type": "pigeon"}}, "Subscription.channel.type"),
        ({"filter": "CarePlan?status=active"}, "Subscription.criteria.extension"),
        ({"filter": "Goal?patient=Patient/a"}, "Subscription.criteria.extension"),
        ({"filter": "CarePlan?patient=Patient/a&status=x"}, "Subscription.criteria.extension"),
        ({"heartbeat": 5}, "Subscription.channel.extension"),
        ({"most": 1000}, "Subscription.channel.extension"),
        ({"end": "2020-01-01T00:00:00Z"}, "Subscription.end"),
        ({"end": "9999-12-31T23:59:59-14:00"}, "Subscription.end"),
        ({"status": "sleepy"}, "Subscription.status"),
        (
            {"url": "https://there.example/in", "header": ["no colon"]},
            "Subscription.channel.header",
        ),
    ],
)
def test_what_is_not_offered_is_refused_with_its_path(gateway, world, change, path):
    answer = gateway.create(subscription(**change), world.social_worker)
    assert is_outcome(answer, 422)
    assert path in [one["expression"][0] for one in answer.json()["issue"]], answer.text


@pytest.mark.changes_nothing
def test_why_content_is_not_sent_is_said(gateway, world):
    answer = gateway.create(subscription(content="full-resource"), world.social_worker)
    assert "fetched by who may read it" in answer.json()["issue"][0]["diagnostics"]


def test_it_is_read_searched_updated_and_deleted_by_its_owner(gateway, world, outside):
    who = world.social_worker
    made = gateway.create(subscription("plan-changed", outside.url), who)
    assert made.headers["ETag"] == 'W/"1"'
    one = made.json()
    assert made.headers["Location"].endswith(f"/fhir/R4/Subscription/{one['id']}")
    assert one["end"] == "2026-12-21T12:00:00Z"
    read = gateway.get(f"Subscription/{one['id']}", who)
    assert "extension" not in read.json()["channel"], "the key is told once"
    found = gateway.get(f"Subscription?status=requested&criteria={TOPIC}plan", who)
    assert [each["id"] for each in resources(found.json())] == [one["id"]]
    assert resources(gateway.get("Subscription?status=off", who).json()) == []
    assert resources(gateway.search("Subscription", who, url=outside.url).json()) != []
    stale = {"Content-Type": "application/fhir+json", "If-Match": 'W/"7"'}
    path = f"Subscription/{one['id']}"
    body = json.dumps(one | {"reason": "because"})
    assert is_outcome(gateway.ask("PUT", path, who, content=body, headers=stale), 412)
    answer = changed(gateway, who, one, reason="because")
    assert (answer.status_code, answer.json()["reason"]) == (200, "because")
    assert answer.json()["meta"]["versionId"] == "2"
    assert gateway.ask("DELETE", path, who).status_code == 204
    assert is_outcome(gateway.get(path, who), 404)
    events = [e.event for e in gateway.entries() if ("topic", "plan-changed") in e.detail]
    assert events == ["create", "update", "delete"]


def test_a_new_address_has_a_new_key_and_takes_a_handshake_of_its_own(gateway, world, outside):
    who = world.social_worker
    one = subscribed(gateway, who, "plan-changed", outside.url)
    look(gateway)
    same = changed(gateway, who, one, status="active", reason="still").json()
    assert (same["status"], "extension" in same["channel"]) == ("active", False)
    moved = one["channel"] | {"endpoint": outside.url + "/elsewhere"}
    other = changed(gateway, who, one, channel=moved).json()
    assert other["status"] == "requested"
    assert key_of(other) != key_of(one)
    assert look(gateway) == 1
    assert notices(outside)[-1]["type"] == "handshake"
    assert is_signed(key_of(other), outside.headers[-1], outside.taken[-1])


def test_what_is_switched_off_is_told_nothing(gateway, world, outside):
    who = world.social_worker
    one = subscribed(gateway, who, "plan-changed", outside.url)
    look(gateway)
    assert changed(gateway, who, one, status="off").json()["status"] == "off"
    world.revise(FIRST, what_matters="Tea at four.")
    assert look(gateway) == 0
    assert changed(gateway, who, one, status="requested").json()["status"] == "requested"
    world.revise(SECOND, what_matters="Tea at five.")
    look(gateway)
    assert [number for number, _ in told(outside)] == [1]


@pytest.mark.parametrize("status", [307, 400, 503])
def test_what_is_not_taken_is_sent_again_later_in_order_and_under_one_id(
    gateway, world, outside, status
):
    one = subscribed(gateway, world.social_worker, "plan-changed", outside.url, most=1)
    look(gateway)
    outside.answers = status
    world.revise(FIRST, what_matters="Tea at four.")
    assert look(gateway) == 0
    failing = stands(gateway, world, one)
    assert (failing["status"], "did not take" in failing["error"]) == ("error", True)
    alice = world.alice
    put_noted(gateway, alice, plan_row("plan-a", alice), org=COUNCIL)
    tries = len(outside.headers)
    assert (look(gateway), len(outside.headers)) == (0, tries), "not before its time"
    gateway.at += timedelta(minutes=1)
    assert (look(gateway), len(outside.headers)) == (0, tries + 1)
    outside.answers = 204
    gateway.at += timedelta(hours=1)
    assert look(gateway) == 2
    assert [number for number, _ in told(outside)] == [1, 2]
    ids = [headers["webhook-id"] for headers in outside.headers[1:]]
    assert len(set(ids[:-1])) == 1
    assert ids[-1] != ids[0]
    mended = stands(gateway, world, one)
    assert (mended["status"], "error" in mended) == ("active", False)


def test_an_address_that_fails_for_days_is_switched_off_and_its_owner_sees_it(
    gateway, world, outside
):
    one = subscribed(gateway, world.social_worker, "plan-changed", outside.url)
    look(gateway)
    outside.answers = 500
    world.revise(FIRST, what_matters="Tea at four.")
    look(gateway)
    gateway.at += timedelta(days=6)
    look(gateway)
    status = gateway.get(f"Subscription/{one['id']}/$status", world.social_worker).json()
    ((_, code),) = _named(status, "status")
    assert code == "error"
    gateway.at += timedelta(days=1)
    look(gateway)
    given_up = stands(gateway, world, one)
    assert (given_up["status"], "switched off" in given_up["error"]) == ("off", True)
    outside.answers = 200
    assert look(gateway) == 0
    changed(gateway, world.social_worker, one, status="requested")
    assert look(gateway) == 2
    assert [number for number, _ in told(outside)] == [1], "what waited is told"


def _named(bundle, name):
    return [
        tuple(part.values())
        for one in resources(bundle)
        for part in one["parameter"]
        if part["name"] == name
    ]


def test_a_heartbeat_says_that_all_is_well_and_counts_nothing(gateway, world, outside):
    subscribed(gateway, world.social_worker, "plan-changed", outside.url, heartbeat=60)
    look(gateway)
    gateway.at += timedelta(seconds=59)
    assert look(gateway) == 0
    gateway.at += timedelta(seconds=1)
    before = gateway.size()
    assert (look(gateway), look(gateway)) == (1, 0)
    beat = notices(outside)[-1]
    assert (beat["type"], beat["events-since-subscription-start"]) == ("heartbeat", "0")
    (entry,) = gateway.entries(before)
    assert (entry.event, entry.person_id) == ("notify", "")


def test_without_an_address_what_there_is_is_asked_for(gateway, world):
    who, alice = world.social_worker, world.alice
    one = subscribed(gateway, who, "goal-changed")
    assert one["status"] == "active"
    for name in ("one", "two", "three"):
        put_noted(gateway, alice, goal_row(f"goal-{name}", alice, name), org=COUNCIL)
        assert look(gateway) == 0
        gateway.at += timedelta(minutes=1)
    before = gateway.size()
    first = pulled(gateway, who, one)
    assert first["type"] == "query-event"
    assert first["events"] == [(1, "Goal/goal-one"), (2, "Goal/goal-two"), (3, "Goal/goal-three")]
    (entry,) = gateway.entries(before)
    assert (entry.event, entry.person_id, len(entry.resources)) == ("operation", alice, 3)
    assert pulled(gateway, who, one)["events"] == first["events"], "asked again, told again"
    assert pulled(gateway, who, one, "?eventsSinceNumber=3")["events"] == first["events"][2:]
    assert pulled(gateway, who, one, "?eventsUntilNumber=1")["events"] == first["events"][:1]
    assert pulled(gateway, who, one, "?content=empty")["events"] == [(1, ""), (2, ""), (3, "")]
    path = f"Subscription/{one['id']}/$events"
    assert is_outcome(gateway.get(f"{path}?eventsSinceNumber=soon", who), 400)
    assert is_outcome(gateway.get(f"{path}?content=full-resource", who), 422)
    assert is_outcome(gateway.get(f"{path}?patient=1", who), 400)


def test_two_workers_at_once_tell_once(gateway, world, outside):
    subscribed(gateway, world.social_worker, "plan-changed", outside.url)
    look(gateway)
    world.revise(FIRST, what_matters="Tea at four.")
    terms = gateway.app.state.subscriptions

    async def worker():
        await match(gateway.site, terms, gateway.at)
        return await deliver_due(gateway.site, terms, lambda: gateway.at)

    async def both():
        return await asyncio.gather(worker(), worker())

    assert sum(gateway.run(both())) == 1
    assert [number for number, _ in told(outside)] == [1]


def test_several_events_go_together_up_to_what_is_asked(gateway, world, outside):
    alice = world.alice
    subscribed(gateway, world.social_worker, "goal-changed", outside.url, most=2)
    look(gateway)
    for name in ("a", "b", "c"):
        put_noted(gateway, alice, goal_row(f"goal-{name}", alice, name), org=COUNCIL)
        look_later(gateway)
    outside.answers = 200
    assert look(gateway) == 2
    assert [len(one["events"]) for one in notices(outside)] == [0, 2, 1]
    assert [number for number, _ in told(outside)] == [1, 2, 3]


def look_later(gateway):
    """Find what happened, and tell nobody yet."""
    gateway.at += timedelta(seconds=1)
    gateway.run(match(gateway.site, gateway.app.state.subscriptions, gateway.at))


def test_it_ends_by_itself_and_goes_on_where_it_is_written_again(gateway, world, outside):
    who = world.social_worker
    one = subscribed(gateway, who, "plan-changed", outside.url, end="2026-11-22T12:00:00Z")
    look(gateway)
    gateway.at += timedelta(days=1)
    world.revise(FIRST, what_matters="Tea at four.")
    look(gateway)
    assert told(outside) == []
    ended = stands(gateway, world, one)
    assert (ended["status"], ended["end"]) == ("off", "2026-11-22T12:00:00Z")
    again = changed(gateway, world.social_worker, one, end="2026-11-30T12:00:00Z")
    assert again.json()["status"] == "requested"


def test_a_system_is_told_for_as_long_as_it_is_registered(gateway, world, outside):
    client = RegisteredClient(
        id="council-system", name="Council", org=COUNCIL, feeds=("social-care",),
        scopes=("system/*.cruds",), jwks_file=Path("keys.json"),
    )  # fmt: skip
    terms = gateway.app.state.subscriptions
    known = type(terms)(terms.reach, terms.longest, terms.keep, {client.id: client})
    gateway.app.state.subscriptions = known
    who = gateway.token("provider", client.id, COUNCIL, feeds=["social-care"])
    one = subscribed(gateway, who, "plan-changed", outside.url)
    look(gateway)
    world.revise(FIRST, what_matters="Tea at four.")
    look(gateway)
    assert [number for number, _ in told(outside)] == [1], "its own organisation's"
    gateway.app.state.subscriptions = type(terms)(terms.reach, terms.longest, terms.keep, {})
    world.revise(SECOND, what_matters="Tea at five.")
    look(gateway)
    assert len(told(outside)) == 1
    gateway.at += timedelta(hours=1)
    look(gateway)
    who = gateway.token("provider", client.id, COUNCIL, feeds=["social-care"])
    off = gateway.get(f"Subscription/{one['id']}", who).json()
    assert (off["status"], "not registered" in off["error"]) == ("off", True)


def test_how_each_stands_is_told_together(gateway, world):
    who = world.social_worker
    several = {subscribed(gateway, who, topic)["id"] for topic in ("admitted", "plan-changed")}
    found = gateway.get("Subscription/$status", who).json()
    named = {ref["reference"].rpartition("/")[2] for _, ref in _named(found, "subscription")}
    assert (found["type"], found["total"], named) == ("searchset", 2, several)
    (one,) = resources(gateway.get(f"Subscription/$status?id={min(several)}", who).json())
    assert one["resourceType"] == "Parameters"
    assert gateway.get("Subscription/$status?status=off", who).json()["total"] == 0


@pytest.mark.changes_nothing
def test_topics_are_declared(gateway):
    (rest,) = gateway.get("metadata").json()["rest"]
    (one,) = [each for each in rest["resource"] if each["type"] == "Subscription"]
    topics = {each["valueCanonical"].removeprefix(TOPIC) for each in one["extension"]}
    assert topics == {
        "plan-changed", "goal-changed", "review-due", "admitted", "discharged", "consent-changed",
    }  # fmt: skip
    assert {each["name"] for each in one["operation"]} >= {"status", "events", "validate"}


@pytest.mark.changes_nothing
@pytest.mark.parametrize("name", ["%00", "a%00b", "%27", "a" * 65, "%F0%9F%98%80"])
def test_what_can_be_no_id_is_not_there(gateway, world, name):
    for path in (f"Subscription/{name}", f"Subscription/{name}/$events"):
        assert gateway.get(path, world.social_worker).status_code in (404, 405)


def test_a_batch_asks_for_one_as_by_itself_and_a_transaction_writes_none(gateway, world):
    entry = {"resource": subscription(), "request": {"method": "POST", "url": "Subscription"}}
    who, total = world.social_worker, []
    for kind in ("transaction", "batch"):
        answer = send(gateway, {"resourceType": "Bundle", "type": kind, "entry": [entry]}, who)
        assert answer.status_code == (200 if kind == "batch" else 405), answer.text
        total.append(gateway.get("Subscription", who).json()["total"])
    assert total == [0, 1]


@pytest.mark.changes_nothing
def test_none_is_patched_or_made_on_a_condition(gateway, world):
    headers = {"Content-Type": "application/json-patch+json"}
    path = "Subscription/any-one"
    patched = gateway.ask("PATCH", path, world.social_worker, content="[]", headers=headers)
    assert patched.status_code == 405
    made = gateway.create(subscription(), world.social_worker, If_None_Exist="identifier=a|b")
    assert made.status_code == 405


def test_so_many_are_one_owners_and_no_more(gateway, world, monkeypatch):
    monkeypatch.setattr("gateway.flows.subscriptions.subscription_desk.MOST", 2)
    for _ in range(2):
        subscribed(gateway, world.gp, "plan-changed")
    assert is_outcome(gateway.create(subscription(), world.gp), 422, "too-costly")
    subscribed(gateway, gateway.token("gp", "gp-9", PRACTICE), "plan-changed")
