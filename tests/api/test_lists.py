"""A list that a team keeps of one person: what to speak of, in their own order. It names nobody
else, and proves no relationship."""

import pytest

from tests.api.rows import goal_row
from tests.api.rows import put as put_row
from tests.api.service import is_outcome, references
from tests.api.writing import bundle, entry, on_shelf, patch, put, send


@pytest.fixture
def norma(world):
    return world.norma


def listing(person_id, *items, **more):
    return {
        "resourceType": "List",
        "status": "current",
        "mode": "working",
        "title": "For the next meeting",
        "subject": {"reference": f"Patient/{person_id}"},
        **({"entry": [{"item": {"reference": one}} for one in items]} if items else {}),
        **more,
    }


def goals(gateway, person_id, who):
    return references(gateway.get(f"Goal?patient={person_id}", who).json())


def test_a_team_keeps_a_list_of_what_to_speak_of(gateway, world, norma):
    first, second = goals(gateway, norma, world.gp)
    answer = gateway.create(listing(norma, first, second), world.social_worker)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert [one["item"]["reference"] for one in made["entry"]] == [first, second]
    path = f"List/{made['id']}"
    assert gateway.get(path, world.gp).json() == made
    for query in (f"item={first}", "status=current", f"patient={norma}"):
        found = gateway.get(f"List?_id={made['id']}&{query}&_include=List:item", world.gp).json()
        assert found["total"] == 1, query
        assert set(references(found)) == {path, first, second}
    fewer = made | {"entry": made["entry"][1:], "title": "For Monday"}
    changed = put(gateway, fewer, world.gp, 1)
    assert (changed.status_code, changed.headers["ETag"]) == (200, 'W/"2"')
    assert put(gateway, fewer, world.gp, 1).status_code == 412
    assert gateway.get(path, world.social_worker).json()["entry"] == made["entry"][1:]
    told = patch(
        gateway, path, world.gp, {"op": "replace", "path": "/status", "value": "retired"}, version=2
    )
    assert told.json()["status"] == "retired"
    history = gateway.get(f"{path}/_history", world.social_worker).json()
    assert [one["resource"]["meta"]["versionId"] for one in history["entry"]] == ["3", "2", "1"]
    assert is_outcome(gateway.ask("DELETE", path, world.gp), 405)


def test_a4_a16_an_entry_that_leads_to_what_is_hidden_is_not_there_and_stays(gateway, world, norma):
    hidden = goal_row("g-psy", norma, "quieter voices")
    put_row(gateway, norma, hidden, category="mental-health", sens="PSY")
    seen = goals(gateway, norma, world.social_worker)[0]
    sent = listing(norma, seen, "Goal/g-psy", meta=on_shelf("support-plan"))
    made = gateway.create(sent, world.gp).json()
    path = f"List/{made['id']}"
    shown = gateway.get(path, world.social_worker).json()
    assert [one["item"]["reference"] for one in shown["entry"]] == [seen]
    assert gateway.get("List?item=Goal/g-psy", world.social_worker).json()["total"] == 0
    include = gateway.get(f"List?_id={made['id']}&_include=List:item", world.social_worker)
    assert b"g-psy" not in include.content
    changed = put(gateway, shown | {"title": "For Monday"}, world.social_worker, 1)
    assert (changed.status_code, changed.json()["title"]) == (200, "For Monday")
    assert b"g-psy" not in changed.content
    whole = gateway.get(path, world.gp).json()
    assert {one["item"]["reference"] for one in whole["entry"]} == {seen, "Goal/g-psy"}


@pytest.mark.parametrize("item", ["Goal/no-such", "Goal/g-psy", "Patient/{bob}", "Group/everyone"])
def test_a13_a_list_names_what_its_writer_sees_of_this_person_alone(gateway, world, norma, item):
    hidden = goal_row("g-psy", norma, "quieter voices")
    put_row(gateway, norma, hidden, category="mental-health", sens="PSY")
    answer = gateway.create(listing(norma, item.format(bob=world.bob)), world.social_worker)
    assert is_outcome(answer, 422, "not-found")
    (issue,) = answer.json()["issue"]
    assert issue["expression"] == ["List.entry[0].item"]
    assert "psy" not in answer.text


def test_a_list_is_of_one_person_and_opens_nobodys_record(gateway, world, norma):
    of_many = listing(norma) | {"subject": {"reference": "Group/caseload-XK1"}}
    assert is_outcome(gateway.create(of_many, world.gp), 422, "required")
    made = gateway.create(listing(norma, source={"display": "The team"}), world.gp).json()
    before = gateway.get(f"Patient/{norma}", world.doctor).status_code
    assert (before, gateway.get(f"List/{made['id']}", world.doctor).status_code) == (404, 404)
    stranger = gateway.create(listing(world.bob), world.social_worker)
    assert is_outcome(stranger, 422, "not-found")


def test_a_list_has_an_end(gateway, world, norma):
    words = [{"item": {"display": "x"}}] * 501
    assert is_outcome(gateway.create(listing(norma, entry=words), world.gp), 422, "too-long")
    (issue,) = gateway.create(listing(norma, entry=words), world.gp).json()["issue"]
    assert issue["expression"] == ["List.entry"]


def test_a_list_and_what_it_holds_are_made_together(gateway, world, norma):
    task = {"resourceType": "Task", "status": "requested", "intent": "order",
            "for": {"reference": f"Patient/{norma}"}}  # fmt: skip
    full = "urn:uuid:6f1c7a10-0000-4000-8000-00000000aa01"
    entries = entry("POST", "List", listing(norma, full)), entry("POST", "Task", task, full)
    answer = send(gateway, bundle("transaction", *entries), world.gp)
    assert answer.status_code == 200, answer.text
    places = [one["response"]["location"] for one in answer.json()["entry"]]
    made = gateway.get(places[0].partition("/fhir/R4/")[2], world.gp).json()
    assert made["entry"][0]["item"]["reference"] in places[1]


def test_a_receptionist_keeps_no_list(gateway, world, norma):
    who = gateway.token("receptionist", "rec-1", "H85001")
    assert is_outcome(gateway.create(listing(norma), who), 403)


def test_nobody_says_why_a_list_is_empty_that_may_hold_what_they_do_not_see(gateway, world, norma):
    put_row(gateway, norma, goal_row("g-psy", norma, "v"), category="mental-health", sens="PSY")
    hidden = listing(norma, "Goal/g-psy", meta=on_shelf("support-plan"))
    none = listing(norma, meta=on_shelf("support-plan"))
    reason = {"emptyReason": {"text": "Nothing known"}}
    for sent in (hidden, none):
        made = gateway.create(sent, world.gp).json()
        shown = gateway.get(f"List/{made['id']}", world.social_worker).json()
        assert "entry" not in shown
        answer = put(gateway, shown | reason, world.social_worker, 1)
        assert is_outcome(answer, 422, "not-supported")
        assert gateway.get(f"List/{made['id']}", world.gp).json() == made
