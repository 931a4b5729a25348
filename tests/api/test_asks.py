"""Asks of one organisation to another: each side says what is its own to say, and both see it."""

from datetime import timedelta

import pytest

from mappings.core.checking.validate import validate
from tests.api.consents import organisation
from tests.api.rows import put as put_row
from tests.api.service import is_outcome, resources
from tests.api.world import COUNCIL, HOSPITAL, PRACTICE
from tests.api.writing import goal, on_shelf, put

WHY = {"text": "No therapist is free before January."}


def _ask(person, to=COUNCIL, **more):
    return {
        "resourceType": "Task", "status": "requested", "intent": "order",
        "description": "Please see her at home.",
        "for": {"reference": f"Patient/{person}"},
        "owner": organisation(to)["member"], **more,
    }  # fmt: skip


@pytest.fixture
def asked(gateway, world):
    """The practice asks the council, on a shelf on which the council's workers do not write."""
    answer = gateway.create(_ask(world.norma, meta=on_shelf("care-plan")), world.gp)
    assert answer.status_code == 201, answer.text
    return answer.json()


def _say(gateway, ask, who, status, **more):
    gateway.at += timedelta(minutes=1)
    seen = gateway.get(f"Task/{ask['id']}", who).json()
    sent = seen | {"status": status} | more
    return put(gateway, sent, who, int(seen["meta"]["versionId"]))


def test_an_ask_is_accepted_done_and_completed_and_both_sides_see_who_and_when(
    gateway, world, asked
):
    steps = [("accepted", {}), ("in-progress", {}),
             ("completed", {"note": [{"text": "Seen today; a rail is fitted."}]})]  # fmt: skip
    for status, more in steps:
        answer = _say(gateway, asked, world.social_worker, status, **more)
        assert answer.status_code == 200, answer.text
        assert validate(answer.json()) == ()
    for who in (world.gp, world.social_worker):
        history = resources(gateway.get(f"Task/{asked['id']}/_history", who).json())
        told = [(one["status"], one["meta"]["source"].rpartition(":")[2]) for one in history]
        assert told == [
            ("completed", COUNCIL), ("in-progress", COUNCIL), ("accepted", COUNCIL),
            ("requested", PRACTICE),
        ]  # fmt: skip
        times = [one["meta"]["lastUpdated"] for one in history]
        assert times == sorted(set(times), reverse=True)


def test_a_refusal_says_why(gateway, world, asked):
    answer = _say(gateway, asked, world.social_worker, "rejected")
    assert is_outcome(answer, 422, "business-rule")
    assert answer.json()["issue"][0]["expression"] == ["Task.statusReason"]
    answer = _say(gateway, asked, world.social_worker, "rejected", statusReason=WHY)
    assert answer.status_code == 200
    assert gateway.get(f"Task/{asked['id']}", world.gp).json()["statusReason"] == WHY
    assert is_outcome(_say(gateway, asked, world.social_worker, "accepted"), 422)


@pytest.mark.parametrize("status", ["accepted", "rejected", "completed"])
def test_nobody_answers_their_own_ask(gateway, world, asked, status):
    answer = _say(gateway, asked, world.gp, status, statusReason=WHY)
    wanted = 422 if status == "completed" else 403
    assert is_outcome(answer, wanted)
    assert gateway.get(f"Task/{asked['id']}", world.gp).json()["status"] == "requested"


def test_who_is_asked_does_not_say_what_is_asked_nor_call_it_off(gateway, world, asked):
    worker = world.social_worker
    answer = _say(gateway, asked, worker, "accepted", description="Something easier.")
    assert is_outcome(answer, 422, "business-rule")
    assert is_outcome(_say(gateway, asked, worker, "cancelled"), 403)
    assert is_outcome(gateway.ask("DELETE", f"Task/{asked['id']}", worker), 403)
    raised = asked["meta"] | on_shelf("care-plan", "PSY")
    made = _say(gateway, asked, worker, "accepted", meta=raised)
    assert made.json()["meta"]["security"] == asked["meta"]["security"]
    assert _say(gateway, asked, world.gp, "cancelled").status_code == 200


def test_an_ask_begins_as_one_and_stays_with_whom_it_was_asked_of(gateway, world, asked):
    done = _ask(world.norma, status="completed", meta=on_shelf("care-plan"))
    assert is_outcome(gateway.create(done, world.gp), 422, "business-rule")
    other = organisation("RAX")["member"]
    assert is_outcome(_say(gateway, asked, world.gp, "requested", owner=other), 422)
    mine = _ask(world.norma, PRACTICE, status="accepted", meta=on_shelf("care-plan"))
    assert gateway.create(mine, world.gp).status_code == 201, "what one does oneself is no ask"


def test_to_be_asked_opens_nothing_else(gateway, world, asked):
    """The shelf stays closed for other writing, and the record for who has no part in it."""
    worker = world.social_worker
    plain = gateway.create(goal(world.norma, meta=on_shelf("care-plan")), world.gp).json()
    assert is_outcome(put(gateway, plain | {"priority": {"text": "x"}}, worker, 1), 403)
    unrelated = gateway.create(_ask(world.norma, "RYZ", meta=on_shelf("care-plan")), world.gp)
    stranger = gateway.token("social-worker", "sw-9", "RYZ")
    name = unrelated.json()["id"]
    assert is_outcome(gateway.get(f"Task/{name}", stranger), 404)
    answer = put(gateway, unrelated.json() | {"status": "accepted"}, stranger, 1)
    assert is_outcome(answer, 405)
    third = _say(gateway, unrelated.json(), worker, "accepted")
    assert is_outcome(third, 403)


def test_an_ask_without_a_status_is_refused(gateway, world):
    absent = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    unsaid = {"_status": {"extension": [{"url": absent, "valueCode": "unknown"}]}}
    sent = {name: value for name, value in _ask(world.norma).items() if name != "status"} | unsaid
    assert is_outcome(gateway.create(sent, world.gp), 422, "business-rule")
    made = gateway.create(_ask(world.norma), world.gp).json()
    rest = {name: value for name, value in made.items() if name != "status"} | unsaid
    for who in (world.gp, world.social_worker):
        assert is_outcome(put(gateway, rest, who, 1), 422, "business-rule")


def test_who_says_what_of_an_ask_that_a_feed_states_is_the_same(gateway, world):
    owner = world.norma
    sent = _ask(owner) | {"id": "fed", "status": "accepted"}
    put_row(gateway, owner, sent, org=HOSPITAL, category="support-plan")
    named = {"resourceType": "Task", "id": "fed"}
    assert is_outcome(_say(gateway, named, world.gp, "completed"), 403)
    assert is_outcome(_say(gateway, named, world.social_worker, "cancelled"), 403)
    assert is_outcome(_say(gateway, named, world.social_worker, "draft"), 422)
    assert _say(gateway, named, world.social_worker, "completed").status_code == 200
