"""A digital social care record's plan sent again: what it no longer names is withdrawn."""

import json
from dataclasses import replace
from itertools import permutations

from tests.integration.taking import (
    Delivery,
    all_taken,
    digest,
    resources,
    run,
    state_of,
    wiped,
)

PERSON = {
    "resourceType": "Patient",
    "id": "p",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000506"}],
    "birthDate": "1941-05-09",
}


def _bundle(written, goals, *, named=None, plan="plan-1"):
    held = {
        "resourceType": "CarePlan",
        "id": plan,
        "status": "active",
        "intent": "plan",
        "subject": {"reference": "Patient/p"},
        "goal": [{"reference": f"Goal/{one}"} for one in (named or goals)],
    }
    made = [
        {
            "resourceType": "Goal",
            "id": one,
            "lifecycleStatus": "active",
            "description": {"text": f"aim {one}"},
            "subject": {"reference": "Patient/p"},
        }
        for one in goals
    ]
    body = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": written,
        "entry": [{"resource": one} for one in (PERSON, held, *made)],
    }
    return Delivery("social-care", json.dumps(body).encode(), "application/fhir+json", "XK1")


FIRST = _bundle("2026-11-01T09:00:00Z", ["a", "b"])
SECOND = _bundle("2026-11-08T09:00:00Z", ["b", "c"])
OTHER = _bundle("2026-11-09T09:00:00Z", ["z"], plan="plan-2")
PARTLY = _bundle("2026-11-15T09:00:00Z", ["c"], named=["b", "c"])


async def _goals(store):
    held = [body for body, _ in (await resources(store)).values()]
    return sorted(one["description"]["text"] for one in held if one["resourceType"] == "Goal")


def test_a_goal_that_a_later_bundle_omits_is_withdrawn_in_any_order(database_url, tmp_path):
    async def work(store):
        found = []
        for order in permutations((FIRST, SECOND, OTHER)):
            await all_taken(store, order)
            found.append((await _goals(store), digest(await state_of(store))))
            await wiped(store)
        return found

    (goals, first), *rest = run(database_url, tmp_path, work)
    assert goals == ["aim b", "aim c", "aim z"]
    assert all(one == (goals, first) for one in rest)


BROKEN = _bundle("2026-11-20T09:00:00Z", ["c", "d"])
BROKEN = replace(BROKEN, body=BROKEN.body.replace(b'"id": "d", "lifecycleStatus": "active"',
    b'"id": "d", "lifecycleStatus": "underway"'))  # fmt: skip


def test_a_bundle_of_which_a_part_was_refused_withdraws_nothing(database_url, tmp_path):
    async def work(store):
        found = []
        for order in permutations((FIRST, SECOND, BROKEN)):
            await all_taken(store, order)
            found.append((await _goals(store), digest(await state_of(store))))
            await wiped(store)
        return found

    (goals, first), *rest = run(database_url, tmp_path, work)
    assert goals == ["aim b", "aim c"], "a was withdrawn by what is whole; b stands, d was refused"
    assert all(one == (goals, first) for one in rest)


def test_a_bundle_that_lacks_a_goal_it_names_withdraws_nothing(database_url, tmp_path):
    async def work(store):
        await all_taken(store, [SECOND, PARTLY])
        return await _goals(store)

    assert run(database_url, tmp_path, work) == ["aim b", "aim c"]
