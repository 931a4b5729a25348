"""Attacks by what is written over REST: nothing hidden is changed, told, or reached by it."""

import json

import pytest

from tests.api.consents import organisation, team
from tests.api.service import FHIR, is_outcome, resources
from tests.api.world import ALICE, COUNCIL, NHS, PRACTICE
from tests.api.writing import (
    PLANS,
    binary,
    bundle,
    entry,
    goal,
    on_shelf,
    patch,
    plan,
    put,
    send,
    statuses,
)

SECRET = "to hear the voices less"


@pytest.fixture
def nurse(gateway):
    return gateway.token("mental-health-nurse", "mh-1", PRACTICE)


@pytest.fixture
def hidden(gateway, world, nurse):
    """A goal that the council's workers do not see."""
    sent = goal(world.alice, SECRET, meta=on_shelf("mental-health", "PSY"))
    sent["identifier"] = [{"system": PLANS, "value": "h-1"}]
    return gateway.create(sent, nurse).json()


@pytest.fixture
def plain(gateway, world):
    return gateway.create(goal(world.alice, meta=on_shelf("support-plan")), world.gp).json()


@pytest.fixture
def both(gateway, world, hidden, plain):
    """A plan of one goal that the council's workers see, and one that they do not."""
    linked = (f"Goal/{hidden['id']}", f"Goal/{plain['id']}")
    sent = plan(world.alice, *linked, meta=on_shelf("support-plan"))
    return gateway.create(sent, world.gp).json()


def _links(gateway, path, who) -> set[str]:
    return {one["reference"] for one in gateway.get(path, who).json().get("goal", [])}


def test_a16_an_edit_leaves_what_its_writer_cannot_see(gateway, world, hidden, plain, both):
    path, worker = f"CarePlan/{both['id']}", world.social_worker
    seen = gateway.get(path, worker).json()
    assert seen["goal"] == [{"reference": f"Goal/{plain['id']}"}]
    changed = put(gateway, seen | {"title": "Shared"}, worker, 1)
    assert changed.json()["goal"] == seen["goal"]
    assert hidden["id"] not in changed.text
    everything = {f"Goal/{one['id']}" for one in (hidden, plain)}
    assert _links(gateway, path, world.gp) == everything
    emptied = {k: v for k, v in changed.json().items() if k != "goal"} | {"title": "Empty"}
    answer = put(gateway, emptied, worker, 2)
    assert "goal" not in answer.json()
    assert _links(gateway, path, world.gp) == {f"Goal/{hidden['id']}"}
    more = {"op": "add", "path": "/goal", "value": [{"reference": f"Goal/{plain['id']}"}]}
    assert patch(gateway, path, worker, more, version=3).json()["goal"] == seen["goal"]
    assert _links(gateway, path, world.gp) == everything


def test_a16_what_is_cut_whole_comes_back_whole(gateway, world, hidden):
    """An input that only points at something hidden is not shown, and is there after an edit."""
    link = {"reference": f"Goal/{hidden['id']}"}
    sent = {
        "resourceType": "Task", "status": "requested", "intent": "order", "basedOn": [link],
        "for": {"reference": f"Patient/{world.alice}"}, "meta": on_shelf("support-plan"),
        "input": [{"type": {"text": "See"}, "valueReference": link}],
    }  # fmt: skip
    made = gateway.create(sent, world.gp).json()
    seen = gateway.get(f"Task/{made['id']}", world.social_worker).json()
    assert seen.keys().isdisjoint(("input", "basedOn"))
    more = [{"type": {"text": "Bring"}, "valueString": "the frame"}]
    changed = put(gateway, seen | {"input": more}, world.social_worker, 1)
    assert changed.json()["input"] == more
    whole = gateway.get(f"Task/{made['id']}", world.gp).json()
    assert (whole["basedOn"], whole["input"]) == ([link], [*more, *made["input"]])


def test_a12_digits_do_not_tell_that_something_is_hidden(gateway, world, hidden):
    """A decimal is served as it was written to who sees a part, and outlasts their edit."""
    sent = {
        "resourceType": "Task", "status": "requested", "intent": "order",
        "for": {"reference": f"Patient/{world.alice}"}, "meta": on_shelf("support-plan"),
        "basedOn": [{"reference": f"Goal/{hidden['id']}"}],
        "input": [{"type": {"text": "Weight"}, "valueDecimal": "VALUE"}],
    }  # fmt: skip
    headers = {"Content-Type": FHIR}
    body = json.dumps(sent).replace('"VALUE"', "70.50")
    made = gateway.ask("POST", "Task", world.gp, content=body, headers=headers).json()
    path = f"Task/{made['id']}"
    seen = gateway.get(path, world.social_worker).text
    assert ("basedOn" in seen, "70.50" in seen) == (False, True)
    changed = seen.replace('"requested"', '"accepted"')
    match = {"If-Match": 'W/"1"'}
    put_back = gateway.ask(
        "PUT", path, world.social_worker, content=changed, headers=headers | match
    )
    for text in (put_back.text, gateway.get(path, world.gp).text):
        assert ('"accepted"' in text, "70.50" in text) == (True, True)


def test_a12_what_is_linked_unseen_moves_no_version_and_no_answer(
    gateway, world, hidden, plain, both, nurse
):
    """Adding and taking out a hidden goal is not told to who cannot see it."""
    path, worker = f"CarePlan/{both['id']}", world.social_worker
    before = gateway.get(path, worker)
    history = gateway.get(f"{path}/_history", worker).content
    without = both | {"goal": [{"reference": f"Goal/{plain['id']}"}]}
    for changed in (without, both):
        done = put(gateway, changed, world.gp, 1)
        assert (done.status_code, done.headers["etag"]) == (200, 'W/"1"')
        assert done.json()["goal"] == changed["goal"]
        after = gateway.get(path, worker)
        assert after.content == before.content
        assert gateway.get(f"{path}/_history", worker).content == history
    assert put(gateway, before.json() | {"title": "x"}, worker, 1).status_code == 200


def test_what_somebody_else_linked_is_not_lost_by_an_edit_that_never_saw_it(gateway, world, plain):
    alone = gateway.create(plan(world.alice, meta=on_shelf("support-plan")), world.gp).json()
    linked = alone | {"goal": [{"reference": f"Goal/{plain['id']}"}]}
    assert put(gateway, linked, world.gp, 1).headers["etag"] == 'W/"1"'
    stale = put(gateway, alone | {"title": "x"}, world.social_worker, 1)
    assert is_outcome(stale, 412, "conflict")
    assert stale.json()["issue"][0]["expression"] == ["CarePlan.goal"]
    fresh = gateway.get(f"CarePlan/{alone['id']}", world.social_worker).json()
    assert put(gateway, fresh | {"title": "x"}, world.social_worker, 1).status_code == 200
    out = {"op": "remove", "path": "/goal"}
    taken = patch(gateway, f"CarePlan/{alone['id']}", world.social_worker, out, version=2)
    assert "goal" not in taken.json()


def test_a11_no_write_tells_hidden_from_missing(gateway, world, hidden):
    """Row leak-05, of writes."""
    worker, condition = world.social_worker, f"identifier={PLANS}|h-1"
    operation = {"op": "test", "path": "/lifecycleStatus", "value": "active"}
    answers = []
    for name in (hidden["id"], "0" * 8 + hidden["id"][8:]):
        sent = goal(world.alice, id=name, meta=on_shelf("support-plan"))
        linked = plan(world.alice, f"Goal/{name}", meta=on_shelf("support-plan"))
        asked = (
            put(gateway, sent, worker, 1),
            put(gateway, sent, worker),
            put(gateway, sent, worker, 7, If_None_Match="*"),
            patch(gateway, f"Goal/{name}", worker, operation),
            gateway.ask("DELETE", f"Goal/{name}", worker),
            gateway.create(linked, worker),
            send(gateway, bundle("transaction", entry("POST", "CarePlan", linked)), worker),
            send(gateway, bundle("transaction", entry("DELETE", f"Goal/{name}")), worker),
            send(gateway, bundle("transaction", entry("GET", f"Goal/{name}")), worker),
            send(gateway, bundle("batch", entry("GET", f"Goal/{name}")), worker),
        )
        answers.append([(one.status_code, one.text.replace(name, "NAME")) for one in asked])
    assert answers[0] == answers[1]
    for method in ("DELETE", "PATCH"):
        both = [
            gateway.ask(method, f"Goal?identifier={PLANS}|{value}", worker,
                        content=json.dumps([operation]),
                        headers={"Content-Type": "application/json-patch+json"})
            for value in ("h-1", "none")
        ]  # fmt: skip
        assert both[0].status_code == both[1].status_code
        assert both[0].content == both[1].content
    made = gateway.create(goal(world.alice), worker, If_None_Exist=condition)
    assert made.status_code == 201
    assert gateway.get(f"Goal/{hidden['id']}", world.gp).json() == hidden


def test_a11_a_hidden_match_of_the_own_organisation_is_no_match(gateway, world, hidden):
    """S53: a colleague who does not see it makes another, and is answered as if there were none."""
    colleague = gateway.token("practice-nurse", "pn-1", PRACTICE)
    assert is_outcome(gateway.get(f"Goal/{hidden['id']}", colleague), 404)
    answers = []
    for value in ("h-1", "none"):
        sent = goal(world.alice, identifier=[{"system": PLANS, "value": value}])
        made = gateway.create(sent, colleague, If_None_Exist=f"identifier={PLANS}|{value}")
        body = made.json()
        body["identifier"][0]["value"] = body["id"] = ""
        answers.append((made.status_code, body))
    assert answers[0] == answers[1]
    again = gateway.create(goal(world.alice), colleague, If_None_Exist=f"identifier={PLANS}|h-1")
    assert again.status_code == 200


def test_a13_a_412_tells_nothing_hidden(gateway, world, hidden, plain, both):
    path, worker = f"CarePlan/{both['id']}", world.social_worker
    without = both | {"goal": [{"reference": f"Goal/{plain['id']}"}], "title": "One"}
    assert put(gateway, without, world.gp, 1).headers["etag"] == 'W/"2"'
    stale = put(gateway, gateway.get(path, worker).json(), worker, 1)
    told = [e for issue in stale.json()["issue"] for e in issue.get("expression", [])]
    assert told == ["CarePlan.title"]


def test_a35_what_the_server_says_is_not_the_writers_to_say(gateway, world, plain):
    meta = {
        "source": "urn:care-gateway:source:XK1:social-care",
        "versionId": "77",
        "lastUpdated": "2001-01-01T00:00:00Z",
    }
    for done in (
        put(gateway, plain | {"meta": meta, "priority": {"text": "x"}}, world.gp, 1),
        gateway.create(goal(world.alice, meta=meta), world.gp),
    ):
        told = done.json()["meta"]
        assert told["source"] == f"urn:care-gateway:team:{PRACTICE}"
        assert told["versionId"] in ("1", "2")
        assert told["lastUpdated"].startswith("2026-11-21")


def test_a_reference_reaches_no_other_person(gateway, world, plain):
    other = gateway.create(goal(world.norma), world.gp).json()
    for wrong in (
        f"Goal/{other['id']}",
        f"Condition/{plain['id']}",
        f"Goal/{plain['id']}/_history/1",
        "https://evil.example/fhir/Goal/1",
        "urn:uuid:0c1d3f00-0000-4000-8000-000000000009",
    ):
        sent = plan(world.alice, addresses=[{"reference": wrong}])
        if wrong.startswith("Goal") or "Goal" in wrong:
            sent = plan(world.alice, wrong)
        assert is_outcome(gateway.create(sent, world.gp), 422), wrong
    assert world.of("CarePlan", world.norma, world.gp) != []
    sent = {"resourceType": "Communication", "status": "completed"}
    sent |= {"subject": {"reference": f"Patient/{world.alice}"}}
    to_another = sent | {"recipient": [{"reference": f"Patient/{world.norma}"}]}
    assert is_outcome(gateway.create(to_another, world.gp), 422, "not-found")
    home = gateway.settings.base_url
    absolute = plan(world.alice, f"{home}/fhir/R4/Goal/{plain['id']}")
    made = gateway.create(absolute, world.gp).json()
    assert made["goal"] == [{"reference": f"Goal/{plain['id']}"}]


def test_a15_a_batch_gives_no_more_than_the_single_requests(gateway, world, hidden, plain):
    """Whatever is asked by whomever: the same statuses and bodies, entry by entry."""
    asked = [
        ("GET", f"Goal/{hidden['id']}"),
        ("GET", f"Goal/{plain['id']}"),
        ("GET", f"Goal/{hidden['id']}/_history"),
        ("GET", f"Goal?patient={world.alice}"),
        ("GET", f"Patient/{world.alice}/$everything"),
        ("GET", f"Goal/{plain['id']}/$lineage"),
        ("GET", "AuditEvent"),
        ("DELETE", f"Goal/{hidden['id']}"),
        ("GET", f"Patient/{world.bob}"),
    ]
    receptionist = gateway.token("receptionist", "r-1", PRACTICE)
    narrow = gateway.token("gp", "gp-1", PRACTICE, scope="user/Patient.r")
    researcher = gateway.token("researcher", "x", PRACTICE)
    system = gateway.token("provider", "s", COUNCIL, feeds=["social-care"])
    callers = (world.social_worker, receptionist, narrow, researcher, world.stranger, system)
    for who in (*callers, {}, {"Authorization": "Bearer x"}):
        answer = send(gateway, bundle("batch", *(entry(*one) for one in asked)), who)
        singles = [gateway.ask(method, path, who) for method, path in asked]
        if answer.status_code == 401:
            assert {one.status_code for one in singles} == {401}
            continue
        for single, told in zip(singles, answer.json()["entry"], strict=True):
            assert told["response"]["status"].startswith(str(single.status_code))
            body = told.get("resource") or told["response"].get("outcome")
            assert body == single.json()


def test_a15_a_transaction_writes_no_more_than_the_single_request(gateway, world, hidden, plain):
    receptionist = gateway.token("receptionist", "r-1", PRACTICE)
    narrow = gateway.token("gp", "gp-1", PRACTICE, scope="user/Goal.r")
    for who in (receptionist, narrow, world.stranger, world.other_gp):
        single = gateway.create(goal(world.alice), who)
        sent = bundle("transaction", entry("POST", "Goal", goal(world.alice)))
        assert send(gateway, sent, who).status_code == single.status_code
        change = binary({"op": "remove", "path": "/description"})
        sent = bundle("transaction", entry("PATCH", f"Goal/{plain['id']}", change, ifMatch='W/"1"'))
        assert send(gateway, sent, who).status_code in (403, 404)
    nested = bundle("batch", entry("POST", "Bundle", bundle("batch", entry("GET", "Goal"))))
    assert statuses(send(gateway, nested, world.gp)) in ([404], [405])
    for url in ("$everything", "_", "../../ig/alerts", "/ig/alerts"):
        assert statuses(send(gateway, bundle("batch", entry("GET", url)), world.gp)) == [404]
        asked = bundle("transaction", entry("GET", url))
        assert is_outcome(send(gateway, asked, world.gp), 400)


def test_a37_nobody_changes_a_team_on_a_claim_of_their_own(gateway, world):
    made = gateway.create(team(world.alice, organisation("RY9")), world.coordinator).json()
    doctor = gateway.token("hospital-doctor", "hd-9", "RYX")
    body = {"patient": world.alice, "reason": "seen-now", "text": "seen in the clinic today"}
    assert gateway.ask("POST", "/access/self-claim", doctor, json=body).status_code == 201
    assert gateway.get(f"CareTeam/{made['id']}", doctor).status_code == 200
    sent = made | {"participant": [organisation("RYX")]}
    assert is_outcome(put(gateway, sent, doctor, 1), 403, "forbidden")
    gone = gateway.ask("DELETE", f"CareTeam/{made['id']}", doctor)
    assert is_outcome(gone, 403, "forbidden")


def test_s29_an_emergency_is_for_reading(gateway, world):
    stored = gateway.create(goal(world.bob), world.other_gp).json()
    path, doctor = f"Goal/{stored['id']}", world.doctor
    body = {"patient": world.bob, "reason": "emergency", "text": "found unconscious at home"}
    assert gateway.ask("POST", "/access/break-glass", doctor, json=body).status_code == 201
    assert gateway.get(path, doctor).json() == stored
    operation = {"op": "add", "path": "/priority", "value": {"text": "x"}}
    for answer in (
        put(gateway, stored | {"priority": {"text": "x"}}, doctor, 1),
        patch(gateway, path, doctor, operation),
        gateway.ask("DELETE", path, doctor),
        gateway.create(goal(world.bob), doctor),
        send(gateway, bundle("transaction", entry("POST", "Goal", goal(world.bob))), doctor),
    ):
        assert is_outcome(answer, 403, "forbidden")
    assert gateway.get(path, world.other_gp).json() == stored


def test_a_provider_system_writes_what_is_its_own_and_sees_no_more(gateway, world):
    system = gateway.token("provider", "s", COUNCIL, feeds=["social-care"])
    mine = gateway.search("Patient", system, identifier=f"{NHS}|{ALICE['nhs_number']}")
    (known,) = [one["id"] for one in resources(mine.json())]
    made = gateway.create(goal(known, meta=on_shelf("support-plan")), system)
    assert made.status_code == 201, made.text
    body = made.json()
    assert body["subject"] == {"reference": f"Patient/{known}"}
    assert gateway.get(f"Goal/{body['id']}", world.gp).json()["subject"] == {
        "reference": f"Patient/{world.alice}"
    }
    assert put(gateway, body | {"priority": {"text": "x"}}, system, 1).status_code == 200
    others = gateway.create(goal(world.alice), world.gp).json()
    assert is_outcome(put(gateway, others, system, 1), 405)
    linked = plan(known, f"Goal/{others['id']}", meta=on_shelf("support-plan"))
    assert is_outcome(gateway.create(linked, system), 422, "not-found")
    for person in (world.bob, "no-such"):
        assert is_outcome(gateway.create(goal(person), system), 422, "not-found")
    stranger = gateway.token("provider", "s", "RZZ", feeds=["hospital"])
    assert is_outcome(gateway.create(goal(world.alice), stranger), 422, "not-found")


def test_a_provider_system_knows_a_person_by_its_own_id_alone(gateway, world):
    """Under the id that another organisation's record has, there is nobody to write about."""
    systems = {
        org: gateway.token("provider", "s", org, feeds=[feed])
        for org, feed in ((COUNCIL, "social-care"), (PRACTICE, "gp"))
    }
    own = {}
    for org, system in systems.items():
        found = gateway.search("Patient", system, identifier=f"{NHS}|{ALICE['nhs_number']}")
        (own[org],) = [one["id"] for one in resources(found.json())]
    assert own[COUNCIL] != own[PRACTICE]
    for org, system in systems.items():
        for other, person in own.items():
            made = gateway.create(goal(person, meta=on_shelf("support-plan")), system)
            nobody = gateway.create(goal("no-such", meta=on_shelf("support-plan")), system)
            expected = (201, made.content) if org == other else (422, nobody.content)
            assert (made.status_code, made.content) == expected


def test_a_writing_that_cannot_be_recorded_is_undone_whole(gateway, world, monkeypatch):
    async def failing(*_arguments):
        raise RuntimeError

    before = world.of("Goal", world.alice, world.gp)
    sent = bundle("transaction", *(entry("POST", "Goal", goal(world.alice)) for _ in range(3)))
    monkeypatch.setattr("gateway.flows.writing.write_steps.append", failing)
    answer = send(gateway, sent, world.gp)
    monkeypatch.undo()
    assert is_outcome(answer, 500)
    assert world.of("Goal", world.alice, world.gp) == before


def test_the_answer_to_a_write_is_what_a_read_gives(gateway, world, both):
    scoped = gateway.token("social-worker", "sw-1", COUNCIL, scope="user/CarePlan.u")
    changed = gateway.get(f"CarePlan/{both['id']}", world.social_worker).json()
    answer = put(gateway, changed | {"title": "x"}, scoped, 1)
    assert answer.status_code == 405, "who may not read it does not change it"
    body = json.dumps(changed | {"title": "x"})
    headers = {"Content-Type": FHIR, "If-Match": 'W/"1"'}
    path = f"CarePlan/{both['id']}"
    done = gateway.ask("PUT", path, world.social_worker, content=body, headers=headers)
    assert done.content == gateway.get(path, world.social_worker).content
