"""One message from an emergency: who leaves it, whom it reaches, and that it stays as it is."""

import json
from datetime import timedelta

import pytest

from mappings.core.checking.validate import validate
from tests.api.consents import organisation, team
from tests.api.opened import break_glass, post
from tests.api.rows import mark, plan_row, put
from tests.api.service import is_outcome, resources
from tests.api.world import COUNCIL, HOSPITAL, PRACTICE, put_on_caseload
from tests.api.writing import put as put_over_rest

WORDS = "Taken to hospital; her neighbour holds the cat. Ring the ward."


@pytest.fixture
def norma(world):
    return world.norma


@pytest.fixture
def grant(gateway, world, norma):
    return break_glass(gateway, world.doctor, norma).json()["grant"]


def leave(gateway, who, grant, text=WORDS):
    return post(gateway, f"/access/break-glass/{grant}/message", who, text=text)


def shown(gateway, norma, who):
    """Every message of this kind that a caller is shown, and the words of it in all they see."""
    everything = gateway.get(f"Patient/{norma}/$everything?_count=500", who).text
    found = gateway.get(f"Communication?patient={norma}&_count=500", who)
    entries = found.json().get("entry", []) if found.status_code == 200 else []
    return [one["resource"] for one in entries], everything.count("neighbour holds the cat")


def test_a31_s29_one_message_reaches_who_leads_the_persons_care(gateway, world, norma, grant):
    before = gateway.size()
    left = leave(gateway, world.doctor, grant)
    assert left.status_code == 201, left.text
    assert left.json()["message"] == f"Communication/{grant}"
    (entry,) = gateway.entries(before)
    assert (entry.event, entry.outcome, entry.person_id) == ("create", "stored", norma)
    assert "break-glass" in entry.reasons
    assert WORDS not in repr(entry)
    (message,), times = shown(gateway, norma, world.social_worker)
    assert (message["payload"], times) == ([{"contentString": WORDS}], 1)
    assert message["recipient"][0]["identifier"]["value"] == COUNCIL
    assert message["sender"]["identifier"]["value"] == HOSPITAL
    plan = gateway.get(message["about"][0]["reference"], world.social_worker).json()
    assert plan["author"]["display"] == "Dan Okoro, case co-ordinator"
    tasks = [
        one for one in world.of("Task", norma, world.social_worker)
        if one.get("focus", {}).get("reference") == f"Communication/{grant}"
    ]  # fmt: skip
    owners = {one["owner"]["identifier"]["value"]: one for one in tasks}
    assert owners.keys() == {COUNCIL, PRACTICE}, "the practice has it beside the lead contact"
    assert [validate(one) for one in (message, *tasks)] == [(), (), ()]
    for who, org in ((world.social_worker, COUNCIL), (world.gp, PRACTICE)):
        seen = gateway.get(f"Task/{owners[org]['id']}", who).json()
        assert put_over_rest(gateway, seen | {"status": "accepted"}, who, 1).status_code == 200


def test_a31_there_is_no_second_and_none_of_two_at_once(gateway, world, norma, grant):
    path = f"/access/break-glass/{grant}/message"
    asked = [("POST", path, {"text": f"{WORDS} {number}"}) for number in range(3)]
    answers = gateway.at_once(asked, world.doctor)
    assert sorted(one.status_code for one in answers) == [201, 400, 400]
    assert is_outcome(leave(gateway, world.doctor, grant), 400, "business-rule")
    messages, _ = shown(gateway, norma, world.gp)
    assert len(messages) == 1


def test_a31_nobody_edits_it_or_takes_it_away(gateway, world, norma, grant):
    leave(gateway, world.doctor, grant)
    for who in (world.doctor, world.social_worker, world.gp):
        seen = gateway.get(f"Communication/{grant}", who)
        assert seen.status_code == 200
        changed = seen.json() | {"payload": [{"contentString": "Nothing happened."}]}
        assert put_over_rest(gateway, changed, who, 1).status_code == 403
        away = gateway.ask("DELETE", f"/fhir/R4/Communication/{grant}", who)
        assert away.status_code == 403
    (message,), _ = shown(gateway, norma, world.gp)
    assert message["meta"]["versionId"] == "1"
    assert message["payload"] == [{"contentString": WORDS}]


def test_a31_it_is_left_by_who_opened_the_record_while_it_is_open(gateway, world, norma, grant):
    others = [
        gateway.token("hospital-doctor", "hd-2", HOSPITAL),
        gateway.token("hospital-doctor", "hd-1", "RJ1"),
        gateway.token("pharmacist", "hd-1", HOSPITAL),
        gateway.token("receptionist", "hd-1", HOSPITAL),
        world.gp,
    ]
    missing = leave(gateway, world.doctor, "0199a1b2-0000-7000-8000-000000000000")
    assert is_outcome(missing, 404)
    for who in others:
        before = gateway.size()
        answer = leave(gateway, who, grant)
        assert (answer.status_code, answer.content) == (404, missing.content)
        (entry,) = gateway.entries(before)
        assert (entry.outcome, entry.person_id) == ("not-found", "")
    gateway.at += timedelta(hours=4)
    assert is_outcome(leave(gateway, world.doctor, grant), 404)
    again = break_glass(gateway, world.doctor, norma).json()["grant"]
    gateway.ask("POST", f"/access/break-glass/{again}/close", world.doctor)
    assert is_outcome(leave(gateway, world.doctor, again), 404)
    assert shown(gateway, norma, world.gp) == ([], 0)


def test_a31_a_claim_leaves_none(gateway, world, norma):
    claimed = post(
        gateway, "/access/self-claim", world.doctor, patient=norma, reason="seen-now", text=WORDS
    )
    assert claimed.status_code == 201
    assert is_outcome(leave(gateway, world.doctor, claimed.json()["grant"]), 404)


def test_a31_s62_who_may_not_hear_of_the_emergency_is_shown_nothing_of_it(gateway, world, norma):
    """The person under coercion, and lay callers and roles that read no restricted item."""
    callers = [
        gateway.token("patient", "norma-herself", patient=norma),
        gateway.token("home-care", "hc-1", COUNCIL),
        gateway.token("reablement-worker", "rw-1", COUNCIL),
        gateway.token("receptionist", "re-1", PRACTICE),
        gateway.token("community-nurse", "cn-1", "RY9"),
        gateway.token("safeguarding-adviser", "sa-1", HOSPITAL),
    ]
    before = [shown(gateway, norma, who) for who in callers]
    tasks = [gateway.get(f"Task?patient={norma}", who).json().get("total") for who in callers]
    grant = break_glass(gateway, world.doctor, norma, defer="coercion").json()["grant"]
    assert leave(gateway, world.doctor, grant).status_code == 201
    for who in callers:
        assert is_outcome(gateway.get(f"Communication/{grant}", who), 404)
    assert [shown(gateway, norma, who) for who in callers] == before
    after = [gateway.get(f"Task?patient={norma}", who).json().get("total") for who in callers]
    assert after == tasks
    told = gateway.get("/access/log", callers[0]).text
    copied = gateway.get("/access/record", callers[0]).text
    assert grant not in told + copied
    assert "neighbour holds the cat" not in told + copied


def test_a31_where_it_goes_tells_of_no_plan_that_is_hidden(gateway, world, norma):
    """The newest plan is very restricted: who writes is not shown it, so it changes nothing."""
    gateway.at += timedelta(minutes=1)
    author = {"display": "A lead who is hidden"}
    hidden = plan_row("hidden-plan", norma, author=author)
    put(gateway, norma, hidden, org="RQY", category="care-plan", conf="V")
    put_on_caseload(gateway, norma, "RQY")
    grant = break_glass(gateway, world.doctor, norma).json()["grant"]
    assert leave(gateway, world.doctor, grant).status_code == 201
    (message,), _ = shown(gateway, norma, world.gp)
    assert message["recipient"][0]["identifier"]["value"] == COUNCIL


def test_a31_a_plan_of_whose_lead_nobody_sees_it_is_passed_over(gateway, world, norma, grant):
    """The newest plan is of an organisation without a tie to the person now: the next one's lead
    is told, and the practice is not told for somebody who never hears of it."""
    gateway.at += timedelta(minutes=1)
    author = {"display": "A lead who went"}
    put(gateway, norma, plan_row("left-plan", norma, author=author), org="RQY")
    shown_to = gateway.get("CarePlan/left-plan", world.doctor)
    assert shown_to.json()["author"] == author
    assert leave(gateway, world.doctor, grant).status_code == 201
    (message,), _ = shown(gateway, norma, world.gp)
    assert message["recipient"][0]["identifier"]["value"] == COUNCIL
    assert message["about"][0]["reference"] != "CarePlan/left-plan"


def test_a31_without_a_plan_that_names_a_lead_it_goes_to_the_practice(gateway, world):
    bob = world.bob
    grant = break_glass(gateway, world.doctor, bob).json()["grant"]
    assert leave(gateway, world.doctor, grant).status_code == 201
    (message,), _ = shown(gateway, bob, world.other_gp)
    assert message["recipient"][0]["identifier"]["value"] == "H85002"
    assert "about" not in message


def test_a31_where_nobody_is_known_the_writer_is_told_so_and_may_try_again(gateway, world):
    """Olive's plan names no lead contact, and no practice says that she is theirs."""
    found = gateway.search("Patient", world.social_worker, family="GREENFIELD")
    (olive,) = (one["id"] for one in resources(found.json()))
    grant = break_glass(gateway, world.doctor, olive).json()["grant"]
    before = gateway.size()
    answers = [leave(gateway, world.doctor, grant) for _ in range(2)]
    for one in answers:
        assert is_outcome(one, 400, "business-rule")
    assert "nobody who leads" in answers[1].text
    assert [one.outcome for one in gateway.entries(before)] == ["refused"] * 2
    assert shown(gateway, olive, world.doctor) == ([], 0)


def test_a31_a_restricted_persons_whereabouts_are_in_no_answer(gateway, world, norma, grant):
    mark(gateway, norma, pds="R")
    left = leave(gateway, world.doctor, grant)
    assert left.status_code == 201
    assert COUNCIL not in left.text
    seen = gateway.get(f"Communication/{grant}", world.doctor)
    assert seen.status_code == 200
    assert COUNCIL not in json.dumps(seen.json().get("recipient", []))


@pytest.mark.parametrize("text", ["", "short", "x" * 2001, 7, None])
def test_a31_a_message_says_something(gateway, world, norma, grant, text):
    assert is_outcome(leave(gateway, world.doctor, grant, text), 400)
    assert shown(gateway, norma, world.gp) == ([], 0)


def test_a31_it_gives_no_lasting_tie_and_no_other_writing(gateway, world, norma, grant):
    leave(gateway, world.doctor, grant)
    assert is_outcome(gateway.create(team(norma, organisation(HOSPITAL)), world.doctor), 403)
    gateway.at += timedelta(hours=5)
    assert is_outcome(gateway.get(f"Communication/{grant}", world.doctor), 404)
