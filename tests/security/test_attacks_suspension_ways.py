"""No way round a suspension: what is asked beside others, told by subscription, held before, tried
in writing, copied by governance, or worked out from what other answers say.
"""

import json
from datetime import timedelta

import pytest

from tests.api.acting import a_child, proxy, recorded
from tests.api.consents import against, dissent
from tests.api.opened import post
from tests.api.outside import outside
from tests.api.rows import goal_row, put
from tests.api.service import FHIR, is_outcome, resources
from tests.api.subscribing import look, pulled, put_noted, subscribed, told
from tests.api.world import COUNCIL, NHS, NORMA, PRACTICE, put_on_caseload
from tests.api.writing import bundle, entry, goal, send
from tests.security.test_attacks_safeguarding import raise_concern, seen, suspend

__all__ = ["outside"]
NUMBER = "99999"


@pytest.fixture
def adviser(gateway):
    return gateway.token("safeguarding-adviser", "sa-1", COUNCIL)


@pytest.fixture
def worker(gateway, world):
    for person in (world.norma, world.alice):
        put_on_caseload(gateway, person, "XHC", "hc-9")
    return gateway.token("social-worker", "hc-9", "XHC")


def _without_ids(answer):
    """An answer without what names this very request."""
    told = answer.json()
    for name in ("id", "meta", "link"):
        told.pop(name, None)
    return answer.status_code, json.dumps(told)


def test_a12_a_copy_from_before_is_not_called_current(gateway, world, adviser, worker):
    norma = world.norma
    put(gateway, norma, goal_row("g-1", norma, "words"))
    tag = gateway.get("Goal/g-1", worker).headers["etag"]
    page = gateway.get(f"Goal?patient={norma}&_count=1", worker).json()
    (more,) = [one["url"] for one in page["link"] if one["relation"] == "next"]
    suspend(gateway, adviser, norma, "hc-9")
    asked = worker | {"If-None-Match": tag}
    assert seen(gateway.get("Goal/g-1", asked)) == seen(gateway.get("Goal/none", asked))
    assert gateway.get(more, worker).json().get("entry", []) == []
    put(gateway, world.alice, goal_row("g-2", world.alice, "words"))
    shown = gateway.get("Goal?_id=g-1,g-2", worker).json()
    assert (shown["total"], len(shown["entry"])) == (1, 1)
    for path in (
        "Goal?_id=g-2&_include=*",
        f"Patient?_id={norma},{world.alice}&_revinclude=Goal:patient",
        "Patient?_has:Goal:patient:_id=g-1",
        "Goal?patient.family=ASHDOWN",
    ):
        assert norma not in json.dumps(resources(gateway.get(path, worker).json())), path


def test_a_meeting_with_who_is_suspended_sees_nothing(gateway, world, adviser, worker):
    norma = world.norma
    beside = world.gp | {"X-Present": "social-worker;XHC;hc-9"}
    assert gateway.get(f"Patient/{norma}", beside).status_code == 200
    suspend(gateway, adviser, norma, "hc-9")
    assert is_outcome(gateway.get(f"Patient/{norma}", beside), 404)
    assert gateway.get(f"Goal?patient={norma}", beside).json()["total"] == 0
    assert gateway.get(f"Patient/{norma}", world.gp).status_code == 200


def test_a26_a_subscriber_is_told_nothing_from_then_on(gateway, world, adviser, worker, outside):
    norma, alice = world.norma, world.alice
    one = subscribed(gateway, worker, "goal-changed", outside.url)
    look(gateway)
    put_noted(gateway, norma, goal_row("g-1", norma, "first"), org=COUNCIL)
    look(gateway)
    assert told(outside) == [(1, "Goal/g-1")]
    gateway.at += timedelta(minutes=1)
    put_noted(gateway, norma, goal_row("g-2", norma, "second"), org=COUNCIL)
    suspend(gateway, adviser, norma, "hc-9")
    look(gateway)
    gateway.at += timedelta(minutes=1)
    put_noted(gateway, alice, goal_row("g-3", alice, "third"), org=COUNCIL)
    look(gateway)
    assert told(outside) == [(1, "Goal/g-1"), (2, "Goal/g-3")]
    worker = gateway.token("social-worker", "hc-9", "XHC")
    assert [name for _, name in pulled(gateway, worker, one)["events"]] == ["Goal/g-3"]


def test_a11_no_writing_tells_that_the_person_is_there(gateway, world, adviser, worker):
    norma = world.norma
    mine = gateway.create(goal(norma), worker)
    assert mine.status_code == 201, mine.text
    path, tag = f"Goal/{mine.json()['id']}", {"If-Match": 'W/"1"', "Content-Type": FHIR}
    suspend(gateway, adviser, norma, "hc-9")

    def tries(name, person):
        body = json.dumps(goal(person) | {"id": name})
        patched = tag | {"Content-Type": "application/json-patch+json"}
        both = bundle("batch", entry("GET", f"Goal/{name}"), entry("DELETE", f"Goal/{name}"))
        yield gateway.ask("PUT", f"Goal/{name}", worker, content=body, headers=tag)
        yield gateway.ask("PATCH", f"Goal/{name}", worker, content=b"[]", headers=patched)
        yield gateway.ask("DELETE", f"Goal/{name}", worker, headers=tag)
        yield gateway.create(goal(person), worker)
        yield send(gateway, both, worker)
        yield gateway.get(f"Goal/{name}/$lineage", worker)
        yield gateway.get(f"Goal/{name}/_history", worker)
        yield gateway.get(f"Provenance?target=Goal/{name}", worker)
        yield gateway.get(f"/access/explain?resource=Goal/{name}", worker)

    name, nobody = path.partition("/")[2], "00000000-0000-4000-8000-000000000000"
    for theirs, none in zip(tries(name, norma), tries(nobody, nobody), strict=True):
        shown, missing = _without_ids(theirs), _without_ids(none)
        assert shown == (missing[0], missing[1].replace(nobody, name)), theirs.request.url


def test_a1_every_other_question_is_answered_as_of_nobody(gateway, world, adviser, worker):
    norma, nobody = world.norma, "00000000-0000-4000-8000-000000000000"
    put(gateway, norma, goal_row("g-1", norma, "words"))
    suspend(gateway, adviser, norma, "hc-9")

    def sent(path, body):
        headers = {"Content-Type": FHIR}
        return gateway.ask("POST", path, worker, content=json.dumps(body), headers=headers)

    def answers(name, person, number):
        asked = {"patient": f"Patient/{person}", "asked_how": "in-person", "kind": "visit"}
        said = {"system": NHS, "value": number}
        whom = {"resourceType": "Patient", "identifier": [said], "birthDate": NORMA["born"]}
        described = {"name": "resource", "resource": whom}
        refused = dissent(person, **against(COUNCIL))
        yield post(gateway, "/access/permission", worker, **asked)
        yield post(gateway, "/access/preview", worker, **refused)
        yield gateway.create(refused, worker)
        yield sent(f"Goal/{name}/$validate", goal(person) | {"id": name})
        yield sent("Goal/$validate?mode=create", goal(person))
        yield sent("Patient/$match", {"resourceType": "Parameters", "parameter": [described]})
        path, why = f"/access/disputes/{name}/answer", "it was looked into"
        yield post(gateway, path, worker, outcome="stands", reason=why)
        for way in ("Patient/{}/Goal", "Patient/{}/*", "/fhir/R4?_type=Goal&patient={}"):
            yield gateway.get(way.format(person), worker)
        yield gateway.get(f"Task?focus=Goal/{name}", worker)
        yield gateway.get(f"Goal/{name}?_format=json&_summary=text", worker)

    theirs = answers("g-1", norma, NORMA["nhs_number"])
    for one, none in zip(theirs, answers("g-0", nobody, "9990000042"), strict=True):
        status, text = _without_ids(one)
        named = text.replace(norma, nobody).replace("g-1", "g-0")
        assert (status, named) == _without_ids(none), one.request.url


@pytest.mark.parametrize("role", ["governance-lead", "borough-governance"])
def test_a14_governance_that_is_named_is_given_no_copy_of_the_record(gateway, world, adviser, role):
    norma, who = world.norma, gateway.token(role, "ig-9", PRACTICE)
    path, asked = "/ig/reports/subject-access", {"reference": "SAR 12/2026"}
    assert post(gateway, path, who, patient=norma, **asked).status_code == 200
    suspend(gateway, adviser, norma, "ig-9")
    before = gateway.size()
    refused = post(gateway, path, who, patient=norma, **asked)
    assert seen(refused) == seen(post(gateway, path, who, patient="none", **asked))
    mine, missing = gateway.entries(before)
    assert (mine.outcome, mine.reasons, mine.person_id) == (missing.outcome, missing.reasons, "")


def test_a39_no_direct_question_finds_an_entry_of_safeguarding(gateway, world, adviser):
    norma = world.norma
    raise_concern(gateway, world.stranger, patient=norma)
    number = gateway.size() - 1
    caldicott = gateway.token("borough-governance", "bg-1", COUNCIL)
    assert seen(gateway.get(f"AuditEvent/{number}", caldicott)) == seen(
        gateway.get(f"AuditEvent/{NUMBER}", caldicott)
    )
    again = [post(gateway, "/access/replay", caldicott, entry=one) for one in (number, 99999)]
    assert seen(again[0]) == seen(again[1])
    for path in (
        "AuditEvent?_count=500",
        "AuditEvent?subtype=safeguarding",
        f"AuditEvent?patient=Patient/{norma}",
        "/ig/log/ndjson",
        "/ig/log/csv",
        "/ig/alerts?unsettled=false",
        "/ig/reports/board?month=2026-10",
    ):
        answer = gateway.get(path, caldicott)
        assert "cn-1" not in answer.text, path
        assert "concern" not in answer.text.replace("concerns", ""), path
    own = gateway.token("patient", "p-1", patient=norma, purpose="PATRQT")
    copy = gateway.get("/access/record", own)
    assert copy.status_code == 200
    assert "safeguard" not in copy.text
    for path in ("/access/log", f"Patient/{norma}/$everything?_count=500"):
        assert "cn-1" not in gateway.get(path, own).text


def test_a39_the_log_of_others_looks_does_not_tell_that_something_moved(gateway, world, adviser):
    """Not even by which state of the person a look was decided on."""
    norma = world.norma
    lead = gateway.token("borough-governance", "bg-1", COUNCIL)

    def told():
        gateway.get(f"Patient/{norma}", world.gp)
        (event, *_) = resources(gateway.get("AuditEvent?agent=gp-1&_count=1", lead).json())
        (request,) = [one for one in event["entity"] if "detail" in one]
        return [one for one in request["detail"] if one["type"] != "token"]

    before = told()
    assert before
    suspend(gateway, adviser, norma, "hc-9")
    assert told() == before


def test_a23_a_concern_leaves_on_a_tick_whoever_it_is_about(gateway, world, monkeypatch):
    waited = []

    async def wait(seconds):
        if seconds:
            waited.append(seconds)

    gateway.app.state.tick = 3_600.0
    monkeypatch.setattr("gateway.api.around.recording.asyncio.sleep", wait)
    for whom in (world.bob, "none"):
        assert raise_concern(gateway, world.stranger, patient=whom).status_code == 202
    assert len(waited) == 2


def test_s37_what_a_proxy_says_and_is_named_by_is_nobody_elses(gateway, world):
    child = a_child(gateway)
    put(gateway, child, goal_row("g-1", child, "words"))
    recorded(gateway, child)
    mum = proxy(gateway, child)
    made = post(gateway, "/access/disputes", mum, resource="Goal/g-1", text="he can swim already")
    assert made.status_code == 201, made.text
    (task,) = made.json()["disputes"]
    shown = gateway.get(task, world.gp)
    assert shown.status_code == 200, shown.text
    assert "sams-mother" not in shown.text
    for path in ("/access/log", "/access/record", "AuditEvent", "Consent", "/identity/queue"):
        assert "sams-mother" not in gateway.get(path, mum).text
