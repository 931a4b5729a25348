"""A team edits what a feed states: both stand apart, are shown together, and neither is lost."""

import asyncio
import json
from datetime import timedelta

import pytest

from gateway.flows.upkeep import label_queue
from gateway.store.upkeep import refolding
from mappings.core.checking.validate import validate
from mappings.registry import FEEDS
from tests.api.service import FHIR, is_outcome, resources
from tests.api.world import COUNCIL, EXAMPLE, PRACTICE
from tests.api.writing import bundle, entry, goal, patch, put, send, statuses

HIGH = {"text": "high"}
TOLD = "https://care-gateway.example/fhir/StructureDefinition/differs-from-source"


@pytest.fixture
def norma(world):
    return world.norma


@pytest.fixture
def shop(gateway, world, norma):
    """The council's first goal, as the practice sees it."""
    return _goal(world, norma, "corner shop")


def _goal(world, norma, words):
    found = world.of("Goal", norma, world.gp)
    return next(one for one in found if words in one["description"]["text"])


def _read(gateway, resource, who):
    answer = gateway.get(f"{resource['resourceType']}/{resource['id']}", who)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _version(resource):
    return int(resource["meta"]["versionId"])


def _said(resource):
    return {name: value for name, value in resource.items() if name != "meta"}


def _edited(gateway, resource, who, **more):
    gateway.at += timedelta(minutes=1)
    answer = put(gateway, resource | more, who, _version(resource))
    assert answer.status_code == 200, answer.text
    return answer.json()


def _told(resource):
    return [
        one for one in resource.get("note", ())
        if any(each["url"] == TOLD for each in one.get("extension", ()))
    ]  # fmt: skip


def _resend(gateway, world, at, **goal):
    """The council sends the plan again; its first goal says this."""
    document = json.loads(EXAMPLE.read_bytes()) | {"written_at": at}
    document["goals"][0] |= goal
    gateway.at += timedelta(minutes=5)
    gateway.push("social-care", COUNCIL, json.dumps(document).encode())


def test_another_organisation_adds_to_a_goal_that_a_feed_states(gateway, world, shop):
    note = {"text": "She walked to the gate today.", "authorString": "Elm Road Surgery"}
    made = _edited(gateway, shop, world.gp, note=[*shop.get("note", []), note], priority=HIGH)
    assert _version(made) == _version(shop) + 1
    assert made["meta"]["source"] == f"urn:care-gateway:team:{PRACTICE}"
    for who in (world.gp, world.social_worker):
        seen = _read(gateway, shop, who)
        assert (seen["note"][-1], seen["priority"]) == (note, HIGH)
        assert seen["description"] == shop["description"]
        assert validate(seen) == ()
    old = gateway.get(f"Goal/{shop['id']}/_history/{_version(shop)}", world.gp).json()
    assert _said(old) == _said(shop), "what the source said stays in the history"


def test_a_feeds_next_message_and_the_edit_leave_each_other_alone(gateway, world, shop):
    _edited(gateway, shop, world.gp, priority=HIGH)
    _resend(gateway, world, "2026-11-20T10:00:00Z", progress="no longer getting better")
    seen = _read(gateway, shop, world.social_worker)
    assert seen["priority"] == HIGH
    assert seen["meta"]["source"].startswith("urn:care-gateway:source:XK1")
    assert _told(seen) == []
    _resend(gateway, world, "2026-11-20T10:00:00Z", progress="no longer getting better")
    assert _read(gateway, shop, world.social_worker) == seen, "the same again is no new version"


def test_where_both_changed_one_element_both_are_told_with_who_and_when(gateway, world, shop):
    words = {"text": "I want to walk to the park."}
    made = _edited(gateway, shop, world.gp, description=words)
    at = made["meta"]["lastUpdated"]
    _resend(gateway, world, "2026-11-20T10:00:00Z", words="I want to take the bus.")
    for who in (world.gp, world.social_worker):
        seen = _read(gateway, shop, who)
        assert seen["description"]["text"] == "I want to take the bus."
        (told,) = _told(seen)
        assert (told["authorString"], told["time"]) == (PRACTICE, at)
        assert "I want to walk to the park." in told["text"]
        assert COUNCIL in told["text"]
        assert told["extension"] == [{"url": TOLD, "valueString": "Goal.description"}]
        assert validate(seen) == ()
    _resend(gateway, world, "2026-11-21T10:00:00Z")
    seen = _read(gateway, shop, world.gp)
    assert (seen["description"], _told(seen)) == (words, []), "it is as the edit knew it"


def test_who_edits_it_again_settles_what_they_were_told(gateway, world, shop):
    _edited(gateway, shop, world.gp, description={"text": "I want to walk to the park."})
    _resend(gateway, world, "2026-11-20T10:00:00Z", words="I want to take the bus.")
    seen = _read(gateway, shop, world.social_worker)
    kept = _edited(gateway, seen, world.social_worker, priority=HIGH)
    assert len(_told(kept)) == 1, "an edit of something else settles nothing"
    settled = {"text": "I want to take the bus to the park."}
    made = _edited(gateway, kept, world.social_worker, description=settled)
    assert (made["description"], _told(made)) == (settled, [])


def test_an_edit_that_says_again_what_the_source_says_is_taken_back(gateway, world, shop):
    made = _edited(gateway, shop, world.gp, priority=HIGH, description={"text": "Park."})
    back = made | {"description": shop["description"]}
    if "priority" in shop:
        back["priority"] = shop["priority"]
    else:
        del back["priority"]
    back = _edited(gateway, back, world.gp)
    assert _said(back) == _said(shop)
    _resend(gateway, world, "2026-11-20T10:00:00Z", words="I want to take the bus.")
    seen = _read(gateway, shop, world.gp)
    assert (seen["description"]["text"], _told(seen)) == ("I want to take the bus.", [])


def test_who_takes_out_the_note_on_their_own_edit_takes_it_back(gateway, world, shop):
    _edited(gateway, shop, world.gp, description={"text": "Park."}, priority=HIGH)
    _resend(gateway, world, "2026-11-20T10:00:00Z", words="I want to take the bus.")
    for who, left in ((world.social_worker, 1), (world.gp, 0)):
        seen = _read(gateway, shop, who)
        rest = [one for one in seen["note"] if one not in _told(seen)]
        sent = {name: value for name, value in seen.items() if name != "note"}
        made = _edited(gateway, sent | ({"note": rest} if rest else {}), who)
        assert len(_told(made)) == left, "it is for its own organisation to take back"
    assert (made["description"]["text"], made["priority"]) == ("I want to take the bus.", HIGH)


def test_an_entry_that_both_changed_stands_twice(gateway, world, shop):
    target = shop["target"][0]
    later = target | {"dueDate": "2027-01-10"}
    made = _edited(gateway, shop, world.gp, target=[later])
    assert made["target"] == [later]
    _resend(
        gateway, world, "2026-11-20T10:00:00Z",
        target={"value": 500, "unit": "metres", "by_date": "2026-12-01"},
    )  # fmt: skip
    seen = _read(gateway, shop, world.social_worker)
    assert [one.get("dueDate") for one in seen["target"]] == ["2026-12-01", "2027-01-10"]
    assert len(_told(seen)) == 1


def test_what_its_source_takes_back_is_gone_and_comes_back_with_the_edits(gateway, world, shop):
    _edited(gateway, shop, world.gp, priority=HIGH)
    world.revise("2026-11-20T10:00:00Z", without="G1")
    assert is_outcome(gateway.get(f"Goal/{shop['id']}", world.gp), 410)
    sent = put(gateway, shop, world.gp, _version(shop) + 2)
    assert is_outcome(sent, 422, "business-rule")
    world.revise("2026-11-21T10:00:00Z")
    assert _read(gateway, shop, world.gp)["priority"] == HIGH


def test_a_patch_adds_an_activity_to_a_plan_that_a_feed_states(gateway, world, norma):
    gp = world.gp
    (plan,) = [one for one in world.of("CarePlan", norma, gp) if one.get("goal")]
    activity = {"detail": {"status": "scheduled", "description": "Blood pressure at home"}}
    answer = patch(
        gateway, f"CarePlan/{plan['id']}", gp,
        {"op": "add", "path": "/activity/-", "value": activity}, version=_version(plan),
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert answer.json()["activity"] == [*plan["activity"], activity]
    world.revise("2026-11-20T10:00:00Z", without="G2")
    seen = _read(gateway, plan, gp)
    assert activity in seen["activity"]
    assert len(seen["goal"]) == len(plan["goal"]) - 1, "links of the source go on"
    world.revise("2026-11-21T10:00:00Z", title="Changed")
    seen = _read(gateway, plan, gp)
    assert (seen["title"], activity in seen["activity"]) == ("Changed", True)
    assert len(seen["goal"]) == len(plan["goal"])


def test_lineage_names_the_source_and_the_organisation_that_edited(gateway, world, shop):
    more = world.gp | {"X-Request-Id": "an-edit"}
    _edited(gateway, shop, more, priority=HIGH)
    for resent in (False, True):
        if resent:
            _resend(gateway, world, "2026-11-20T10:00:00Z", words="I want to take the bus.")
        told = {}
        answer = gateway.get(f"Goal/{shop['id']}/$lineage", world.social_worker).json()
        for element in answer["parameter"]:
            parts = {part["name"]: part for part in element["part"]}
            told[parts["path"]["valueString"]] = parts
            assert validate({"resourceType": "Parameters", "parameter": [element]}) == ()
        edited = told["priority"]
        assert edited["organization"]["valueString"] == PRACTICE
        assert (edited["delivery"]["valueString"], edited["kind"]["valueString"]) == (
            "an-edit", "rest",
        )  # fmt: skip
        assert any(path.startswith("description") for path in told)
        said = [parts for path, parts in told.items() if path.startswith("description")]
        assert all("organization" not in parts for parts in said)


def test_what_is_the_sources_alone_is_not_edited(gateway, world, shop):
    for changed in (
        {"identifier": [{"system": "https://x.example", "value": "1"}]},
        {"meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                                "code": "ETH"}]}},
        {"lifecycleStatus": "entered-in-error"},
    ):  # fmt: skip
        answer = put(gateway, shop | changed, world.gp, _version(shop))
        assert is_outcome(answer, 422, "business-rule")
    assert is_outcome(gateway.ask("DELETE", f"Goal/{shop['id']}", world.gp), 422)
    assert _read(gateway, shop, world.gp) == shop


def test_an_edit_is_found_by_what_it_says(gateway, world, norma, shop):
    _edited(gateway, shop, world.gp, lifecycleStatus="on-hold")
    found = gateway.get(f"Goal?patient={norma}&lifecycle-status=on-hold", world.social_worker)
    assert [one["id"] for one in resources(found.json())] == [shop["id"]]


def test_provenance_names_the_source_and_who_edited(gateway, world, shop):
    _edited(gateway, shop, world.gp, priority=HIGH)
    _resend(gateway, world, "2026-11-20T10:00:00Z", words="I want to take the bus.")
    answer = gateway.get(f"Provenance?target=Goal/{shop['id']}", world.gp).json()
    assert len(resources(answer)) == 3
    for one in resources(answer)[1:]:
        assert validate(one) == ()
        said = json.dumps(one["agent"])
        assert PRACTICE in said
        assert COUNCIL in said


def test_what_was_taken_is_mapped_again_and_labelled_anew_under_the_edit(gateway, world, shop):
    made = _edited(gateway, shop, world.gp, priority=HIGH)

    async def again(conn):
        store, feed = gateway.site.store, FEEDS["social-care"]
        records = await refolding.records_to_refold(conn, feed, COUNCIL, older=False)
        return [await refolding.refold(conn, store.vault, feed, one) for one in records]

    assert [(one.changed, one.withdrawn) for one in gateway.write(again)] == [(0, 0)] * 3
    assert _read(gateway, shop, world.gp) == made
    sensitive = {"coding": [{"system": "http://snomed.info/sct", "code": "86406008"}]}
    answer = put(gateway, made | {"category": [sensitive]}, world.gp, _version(made))
    assert is_outcome(answer, 403), "an edit is labelled by its content, and judged by that too"
    gateway.run(label_queue.relabel_all(gateway.site.store, gateway.at))
    assert _read(gateway, shop, world.gp) == made


def test_a_transaction_edits_and_undoes_as_one(gateway, world, norma, shop):
    edited = shop | {"priority": HIGH}
    mine = goal(norma)
    version = f'W/"{_version(shop)}"'
    parts = [entry("PUT", f"Goal/{shop['id']}", edited, ifMatch=version),
             entry("POST", "Goal", mine)]  # fmt: skip
    assert statuses(send(gateway, bundle("transaction", *parts), world.gp)) == [200, 201]
    assert _read(gateway, shop, world.social_worker)["priority"] == HIGH
    again = [entry("PUT", f"Goal/{shop['id']}", edited | {"priority": {"text": "low"}},
                   ifMatch=f'W/"{_version(shop) + 1}"'),
             entry("POST", "Goal", mine | {"lifecycleStatus": "no such"})]  # fmt: skip
    assert send(gateway, bundle("transaction", *again), world.gp).status_code == 422
    assert _read(gateway, shop, world.social_worker)["priority"] == HIGH


def test_of_two_edits_at_once_one_is_stale(gateway, world, shop):
    async def both():
        headers = {"Content-Type": FHIR, "If-Match": f'W/"{_version(shop)}"'}
        who, path = world.gp | headers, f"/fhir/R4/Goal/{shop['id']}"
        bodies = [shop | {"priority": {"text": text}} for text in ("one", "two")]
        client = gateway._client
        return await asyncio.gather(*(client.put(path, json=one, headers=who) for one in bodies))

    assert sorted(one.status_code for one in gateway.run(both())) == [200, 412]
