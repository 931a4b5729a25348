"""Subscriptions that were altered in the store: nobody's word, and no harm to the others."""

from datetime import timedelta

import pytest

from gateway.flows.asking.search_log import Operator
from gateway.flows.identity import shred
from gateway.flows.identity.shred import Basis
from gateway.flows.subscriptions.subscription_sight import told_of
from gateway.store.keyring.keys import KeyUnavailableError
from gateway.store.leaving import subscriptions
from tests.api.consents import against, dissent
from tests.api.outside import outside
from tests.api.rows import goal_row, plan_row
from tests.api.service import is_outcome, resources
from tests.api.subscribing import look, look_at_calendar, pulled, put_noted, stay, subscribed, told
from tests.api.world import COUNCIL, HOSPITAL

__all__ = ["outside"]
ALTERED = [
    "scopes = 'user/*.cruds'",
    "purpose = 'ETREAT'",
    "client_id = 'another'",
    "registered = 1",
    "topic = 'goal-changed'",
    "topic = 'no-topic'",
    "ends_at = ends_at + 86400000000",
    "created_at = 0",
    "posted = 0",
    "user_id = 'gp-1'",
    "sealed = substr(sealed, 1, 30)",
]


def altered(gateway, name, change):
    """Somebody with the database at hand changes a row."""

    async def unit(conn):
        sql = f"UPDATE subscription SET {change} WHERE subscription_id = $1"  # noqa: S608
        await conn.execute(sql, (name,))

    gateway.write(unit)


def of_another_key(gateway, name):
    """What is sealed says of itself that it is of a key that is none of the deployment's."""

    async def unit(conn):
        sql = "SELECT sealed FROM subscription WHERE subscription_id = $1"
        ((sealed,),) = await conn.fetch(sql, (name,))
        made = bytes(sealed[:1]) + b"\x00\x00\x01\x00" + bytes(sealed[5:])
        sql = "UPDATE subscription SET sealed = $2 WHERE subscription_id = $1"
        await conn.execute(sql, (name, made))

    gateway.write(unit)


def in_store(gateway, name):
    async def unit():
        async with gateway.site.store.engine.reading() as conn:
            found = await subscriptions.all_standing(conn)
        return next(one for one in found if one.subscription_id == name)

    return gateway.run(unit())


@pytest.mark.parametrize("change", ALTERED)
def test_an_altered_subscription_is_switched_off_and_stops_no_other(
    gateway, world, outside, change
):
    bad = subscribed(gateway, world.social_worker, "plan-changed", outside.url)
    good = subscribed(gateway, world.doctor, "goal-changed", outside.url)
    look(gateway)
    altered(gateway, bad["id"], change)
    put_noted(gateway, world.alice, goal_row("goal-x", world.alice, "seen"), org=COUNCIL)
    assert look(gateway) == 1
    assert told(outside) == [(1, "Goal/goal-x")]
    off = in_store(gateway, bad["id"])
    assert (off.status, off.fault) == ("off", "altered")
    assert in_store(gateway, good["id"]).status == "active"


def test_one_that_is_sealed_with_no_key_of_ours_stops_no_other(gateway, world, outside):
    bad = subscribed(gateway, world.social_worker, "plan-changed", outside.url)
    subscribed(gateway, world.doctor, "goal-changed", outside.url)
    look(gateway)
    of_another_key(gateway, bad["id"])
    put_noted(gateway, world.alice, goal_row("goal-x", world.alice, "seen"), org=COUNCIL)
    assert look(gateway) == 1
    assert told(outside) == [(1, "Goal/goal-x")]
    assert in_store(gateway, bad["id"]).fault == "altered"


@pytest.mark.parametrize("found_by", [look, look_at_calendar])
def test_it_is_switched_off_though_nothing_happens(gateway, world, outside, found_by):
    bad = subscribed(gateway, world.social_worker, "plan-changed", outside.url)
    altered(gateway, bad["id"], "scopes = 'user/*.cruds'")
    assert found_by(gateway) == 0
    assert (in_store(gateway, bad["id"]).fault, outside.taken) == ("altered", [])


@pytest.mark.parametrize("change", ["scopes = 'user/*.cruds'", "topic = 'no-topic'"])
def test_its_owner_sees_that_and_deletes_it_and_has_the_others(gateway, world, outside, change):
    who = world.social_worker
    bad = subscribed(gateway, who, "plan-changed", outside.url)
    good = subscribed(gateway, who, "goal-changed")
    altered(gateway, bad["id"], change)
    look(gateway)
    found = gateway.get("Subscription", who).json()
    assert [one["id"] for one in resources(found)] == [good["id"]]
    (status,) = resources(gateway.get(f"Subscription/{bad['id']}/$status", who).json())
    said = {one["name"]: one for one in status["parameter"]}
    assert said["status"]["valueCode"] == "off"
    assert "delete it" in said["error"]["valueCodeableConcept"]["text"]
    assert gateway.get("Subscription/$status", who).json()["total"] == 2
    assert is_outcome(gateway.get(f"Subscription/{bad['id']}", who), 500)
    assert gateway.ask("DELETE", f"Subscription/{bad['id']}", who).status_code == 204
    assert gateway.get("Subscription/$status", who).json()["total"] == 1
    assert pulled(gateway, who, good)["events"] == []


def test_without_the_deployments_key_none_is_switched_off(gateway, world, outside):
    one = subscribed(gateway, world.social_worker, "goal-changed", outside.url)
    look(gateway)
    put_noted(gateway, world.alice, goal_row("goal-x", world.alice, "seen"), org=COUNCIL)
    vault = gateway.site.store.vault
    gone = []

    async def lose(conn):
        gone.extend(await conn.fetch("SELECT * FROM data_key WHERE owner = 'deployment'"))
        await conn.execute("DELETE FROM data_key WHERE owner = 'deployment'")

    gateway.write(lose)
    vault.forget("deployment")
    assert gone
    with pytest.raises(KeyUnavailableError):
        look(gateway)
    assert in_store(gateway, one["id"]).status == "active"


def test_what_fails_for_one_is_raised_when_the_others_were_told(
    gateway, world, outside, monkeypatch
):
    for who in (world.social_worker, world.doctor):
        subscribed(gateway, who, "goal-changed", outside.url)
    look(gateway)
    put_noted(gateway, world.alice, goal_row("goal-x", world.alice, "seen"), org=COUNCIL)
    failed: list[object] = []

    async def once(*given):
        if not failed:
            failed.append(given)
            raise RuntimeError
        return await told_of(*given)

    monkeypatch.setattr("gateway.flows.subscriptions.subscription_deliver.told_of", once)
    with pytest.raises(RuntimeError):
        look(gateway)
    assert told(outside) == [(1, "Goal/goal-x")]


def spoilt(gateway, name):
    """Somebody with the database at hand changes what is sealed of a resource."""

    async def unit(conn):
        sql = "UPDATE resource SET sealed = substr(sealed, 1, 30) WHERE resource_id = $1"
        await conn.execute(sql, (name,))
        await conn.execute("UPDATE site_epoch SET epoch = epoch + 1")

    gateway.write(unit)


def test_a_consent_that_was_altered_tells_nothing_of_that_person_and_all_of_others(
    gateway, world, outside
):
    alice, norma = world.alice, world.norma
    subscribed(gateway, world.social_worker, "goal-changed", outside.url)
    look(gateway)
    consent = gateway.create(dissent(alice, **against("RQY")), world.gp).json()["id"]
    spoilt(gateway, consent)
    for person in (alice, norma):
        put_noted(gateway, person, goal_row(f"goal-{person}", person, "seen"), org=COUNCIL)
    look(gateway)
    assert told(outside) == [(1, f"Goal/goal-{norma}")]


def test_a_stay_that_was_altered_is_passed_over(gateway, world, outside):
    alice = world.alice
    subscribed(gateway, world.doctor, "admitted", outside.url)
    look(gateway)
    for name in ("stay-1", "stay-2"):
        shelf = {"org": HOSPITAL, "category": "encounters"}
        began = stay(name, alice, "in-progress", start="2026-11-21T11:00:00Z")
        put_noted(gateway, alice, began, **shelf)
    spoilt(gateway, "stay-1")
    look(gateway)
    assert told(outside) == [(1, "Encounter/stay-2")]


def test_a_plan_that_was_altered_is_passed_over_as_reviews_are_looked_for(gateway, world, outside):
    alice = world.alice
    narrowed = f"CarePlan?patient=Patient/{alice}"
    subscribed(gateway, world.social_worker, "review-due", outside.url, filter=narrowed)
    look(gateway)
    due = {"status": "scheduled", "description": "Review", "scheduledPeriod": {"end": "2026-11-24"}}
    for name in ("plan-1", "plan-2"):
        plan = plan_row(name, alice, activity=[{"detail": due}])
        put_noted(gateway, alice, plan, org=COUNCIL)
    spoilt(gateway, "plan-1")
    gateway.at += timedelta(days=3)
    assert look_at_calendar(gateway) == 1
    look(gateway)
    assert told(outside) == [(1, "CarePlan/plan-2")]


def test_who_is_shredded_is_told_of_no_more_and_the_numbers_go_on(
    gateway, world, outside, tmp_path
):
    norma, alice, worker = world.norma, world.alice, world.social_worker
    one = subscribed(gateway, worker, "goal-changed", outside.url)
    look(gateway)
    for whom, name in ((alice, "g-1"), (norma, "g-2")):
        put_noted(gateway, whom, goal_row(name, whom, "words"), org=COUNCIL)
        look(gateway)
        gateway.at += timedelta(minutes=1)
    put_noted(gateway, alice, goal_row("g-3", alice, "not told yet"), org=COUNCIL)
    anne, ben = (Operator(who, gateway.at) for who in ("anne", "ben"))
    store, register = gateway.site.store, tmp_path / "register"
    asked = gateway.run(shred.ask(store, anne, alice, Basis.COURT, "file 112", whole=True))
    gateway.run(shred.confirm(store, ben, asked["request"], register))
    look(gateway)
    assert told(outside) == [(1, "Goal/g-1"), (2, "Goal/g-2")]
    gateway.at += timedelta(minutes=1)
    put_noted(gateway, norma, goal_row("g-4", norma, "words"), org=COUNCIL)
    look(gateway)
    assert told(outside)[2:] == [(3, "Goal/g-4")]
    worker = gateway.token("social-worker", "sw-1", COUNCIL)
    again = pulled(gateway, worker, one, "?eventsSinceNumber=1")
    assert again["events"] == [(2, "Goal/g-2"), (3, "Goal/g-4")]
    assert again["events-since-subscription-start"] == "3"
