"""Hidden looks like missing, and feeds open nothing: the named scenarios and attacks over HTTP.

Each test bears the id of its scenario or attack; docs/security-ids.md lists them.
"""

import json
import socket
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from consent.terms import Caller, CallerKind, Purpose
from gateway.api.answers.copies import Copies
from gateway.api.answers.steady import shows_nothing, until_tick
from gateway.audit.events import Outcome
from gateway.flows.asking.record_answer import SINGLE
from gateway.flows.asking.views import View
from tests.api.consents import against, dissent, of_label
from tests.api.messages import goal as said
from tests.api.messages import gp_record, support_plan
from tests.api.rows import SYSTEMS, goal_row, plan_row, put
from tests.api.service import FHIR, is_outcome, resources
from tests.api.world import ALICE, BOB, COUNCIL, EXAMPLE, NHS, NORMA, PRACTICE, council_person
from tests.api.writing import bundle, entry, goal, plan, send

IDS = ("x-request-id", "traceparent")
CANARY = "the canary words"


def _seen(answer):
    """Status, body and headers, apart from the ids of the request itself."""
    headers = {name: value for name, value in answer.headers.items() if name not in IDS}
    return answer.status_code, answer.content, headers


def _secret(gateway, person, name="g-psy", **more):
    """A goal that a social worker does not see, and a mental-health trust does."""
    put(gateway, person, goal_row(name, person, CANARY, **more), conf="R", sens="PSY")


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    "path",
    ["Goal/_history", "/fhir/R4/_history", "Goal/_history?_since=2020-01-01", "Patient/_history"],
)
def test_a3_no_history_of_a_type_or_of_everything_is_offered(gateway, world, path):
    hidden = {g["id"] for g in world.of("Goal", world.alice, world.gp)}
    for who in (world.gp, world.social_worker, world.stranger):
        answer = gateway.get(path, who)
        assert is_outcome(answer, 405, "not-supported")
        assert not any(name in answer.text for name in hidden)
    offered = json.dumps(gateway.get("metadata").json()["rest"])
    assert "history-instance" in offered
    assert "history-type" not in offered
    assert "history-system" not in offered


ASKED = {
    "hidden and missing": ("Goal/{hidden}", "Goal/{missing}"),
    "a version of either": ("Goal/{hidden}/_history/1", "Goal/{missing}/_history/1"),
    "a person without a tie and nobody": ("Patient/{bob}", "Patient/{nobody}"),
    "their whole record": ("Patient/{bob}/$everything", "Patient/{nobody}/$everything"),
    "a search": ("Goal?_id={hidden}", "Goal?_id={missing}"),
    "a search for several": ("Goal?_id=g-open,{hidden}", "Goal?_id=g-open,{missing}"),
    "beside somebody who is shown": ("Goal?patient={alice},{bob}", "Goal?patient={alice},{nobody}"),
    "by number beside one who is": (
        f"Patient?identifier={NHS}|{ALICE['nhs_number']},{NHS}|{BOB['nhs_number']}",
        f"Patient?identifier={NHS}|{ALICE['nhs_number']},{NHS}|9990000042",
    ),
}


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_a23_what_shows_nothing_leaves_on_a_tick_and_what_shows_something_at_once(
    gateway, world, monkeypatch, asked
):
    alice, bob, worker = world.alice, world.bob, world.social_worker
    _secret(gateway, alice)
    put(gateway, alice, goal_row("g-open", alice, "words"))
    waited = []

    async def wait(seconds):
        waited.append(seconds)

    gateway.app.state.tick = 3_600.0
    monkeypatch.setattr("gateway.api.around.recording.asyncio.sleep", wait)
    names = {"hidden": "g-psy", "missing": "g-none", "bob": bob, "nobody": "0" * 8 + bob[8:]}
    names["alice"] = alice
    for path in ASKED[asked]:
        gateway.get(path.format(**names), worker)
    assert len(waited) == 2
    assert all(3_500 < seconds <= 3_600 for seconds in waited)
    assert gateway.get("Goal/g-open", worker).status_code == 200
    pair = f"g-open,{world.of('Goal', alice, worker)[0]['id']}"
    assert gateway.get(f"Goal?_id={pair}&_count=1", worker).json()["total"] == 2
    both = gateway.get(f"Goal?patient={alice},{world.norma}&_count=500", worker).json()
    assert {one["subject"]["reference"][8:] for one in resources(both)} == {alice, world.norma}
    assert gateway.get(f"Goal?patient={alice}&_summary=count", worker).json()["total"]
    assert len(waited) == 2


def test_a23_a_refusal_that_is_only_counted_leaves_on_a_tick_too(gateway, world, monkeypatch):
    waited = []

    def wait(_taken, tick):
        waited.append(tick)
        return 0.0

    monkeypatch.setattr("gateway.api.around.recording.until_tick", wait)
    before = gateway.size()
    for _ in range(SINGLE + 3):
        assert is_outcome(gateway.get("Goal?_page=none", world.social_worker), 404)
    assert gateway.size() == before + SINGLE
    assert len(waited) == SINGLE + 3


def test_a23_a_refusal_that_records_what_others_did_leaves_on_a_tick_too(
    gateway, world, monkeypatch
):
    """The first of a minute records the counts of the one before: answers to nobody known among
    them, and those were served."""
    waited = []

    def wait(_taken, tick):
        waited.append(tick)
        return 0.0

    for _ in range(SINGLE + 3):
        assert gateway.get("/sign-in").status_code == 200
    gateway.at += timedelta(minutes=1)
    monkeypatch.setattr("gateway.api.around.recording.until_tick", wait)
    before = gateway.size()
    assert is_outcome(gateway.get("Goal?_page=none", world.social_worker), 404)
    counted, own = gateway.entries(before)
    assert (counted.outcome, dict(counted.detail)) == (Outcome.SERVED, {"count": "3"})
    assert own.outcome == Outcome.NOT_FOUND
    assert len(waited) == 1


def test_a23_a_tick_is_counted_from_when_the_request_came():
    assert until_tick(0.004, 0.025) == pytest.approx(0.021)
    assert until_tick(0.031, 0.025) == pytest.approx(0.019)
    assert until_tick(0.0, 0.025) == 0.025, "a loop's clock stands still between its turns"
    assert until_tick(0.031, 0) == 0
    assert shows_nothing([Outcome.REFUSED, Outcome.NOT_FOUND], 404)
    assert not shows_nothing([Outcome.NOT_FOUND, Outcome.SERVED], 200)
    assert shows_nothing([], 404)
    assert not shows_nothing([], 503)


def test_a35_s45_a_feed_says_nothing_of_anothers_record_and_lowers_no_label(gateway, world):
    """F-MH sends what names a record of F-GP as its own, with the source and labels it likes."""
    before = gateway.get(f"Patient/{world.alice}/$everything?_type=Condition", world.gp).json()
    stolen = json.loads(gp_record(PRACTICE, ALICE, [("38341003", "Stolen words")]))
    for one in stolen["entry"]:
        one["resource"].setdefault("meta", {}).update(
            security=[{"system": SYSTEMS["conf"], "code": "N"}],
            source=f"urn:care-gateway:source:{PRACTICE}:gp",
        )
    sent = json.dumps(stolen).replace("2026-10-22T11", "2026-11-21T11").encode()
    trust = gateway.token("provider", "system", "RQY", feeds=["mental-health"])
    headers = {"Content-Type": FHIR}
    refused = gateway.ask("POST", "/feeds/gp", trust, content=sent, headers=headers)
    assert is_outcome(refused, 403, "forbidden")
    gateway.push("gp", "RQY", sent, FHIR)
    after = gateway.get(f"Patient/{world.alice}/$everything?_type=Condition", world.gp).json()
    kept = {one["id"]: one for one in resources(before)}
    assert {one["id"]: one for one in resources(after) if one["id"] in kept} == kept
    new = [one for one in resources(after) if one["id"] not in kept]
    assert {one["meta"]["source"] for one in new} == {"urn:care-gateway:source:RQY:gp"}


def test_a35_s46_a_label_that_a_feed_raises_hides_at_once_and_in_every_version(gateway, world):
    """N to R by the sender's own word: who is cleared for N alone sees no version of it."""
    alice, desk = world.alice, gateway.token("receptionist", "r-1", COUNCIL)
    worker = world.social_worker
    (before,) = [g for g in world.of("Goal", alice, worker) if "swim again" in json.dumps(g)]
    path = f"Goal/{before['id']}"
    versions = (path, f"{path}/_history", f"{path}/_history/1", f"{path}/$lineage")
    assert [gateway.get(way, worker).status_code for way in versions] == [200] * 4
    held = gateway.get(path, worker).headers["etag"]
    again = support_plan(
        council_person(ALICE),
        {"id": "SP-A", "written_at": "2026-11-20T14:30:00Z"},
        goals=[said("G1", "I want to swim again.", sharing=["mental health"])],
    )
    gateway.push("social-care", COUNCIL, again)
    for who in (worker, desk):
        for way in versions:
            assert is_outcome(gateway.get(way, who), 404)
        assert is_outcome(gateway.get(path, who | {"If-None-Match": held}), 404)
    assert gateway.get(f"{path}/_history/1", world.gp).status_code == 200
    assert gateway.get(path, world.gp).json()["meta"]["versionId"] == "2"


@pytest.mark.parametrize(
    "question",
    [
        "Patient?_id={person}&_has:Goal:patient:_id=g-psy",
        "CarePlan?patient={person}&goal._id=g-psy",
        "CarePlan?patient={person}&_has:Provenance:target:recorded=ge2020&goal=Goal/g-psy",
        "Goal?patient={person}&_has:CarePlan:goal:_id=p-psy",
    ],
)
def test_a5_s49_a_question_over_hidden_rows_is_answered_as_if_they_were_not(start, world, question):
    answers = []
    for hidden in (True, False):
        gateway = start()
        worker = gateway.token("social-worker", "sw-1", COUNCIL)
        person = world.alice
        put(gateway, person, goal_row("g-open", person, "words"))
        put(gateway, person, plan_row("p-open", person, "g-open", "g-psy"))
        if hidden:
            _secret(gateway, person)
            psy = plan_row("p-psy", person, "g-open")
            put(gateway, person, psy, conf="R", sens="PSY")
        answers.append(_seen(gateway.get(question.format(person=person), worker)))
        if hidden:
            own = gateway.token("gp", "gp-1", PRACTICE)
            assert gateway.get(question.format(person=person), own).json()["total"] > 0
    assert answers[0] == answers[1]


def test_a6_s50_a_count_changes_for_whom_it_counts_alone(gateway, world):
    alice, count = world.alice, "Goal?patient={}&_summary=count"

    def counted():
        return [
            gateway.get(count.format(alice), who).json()["total"]
            for who in (world.gp, world.social_worker)
        ]

    entitled, other = counted()
    _secret(gateway, alice)
    assert counted() == [entitled + 1, other]
    put(gateway, alice, goal_row("g-psy", alice, CANARY), version=2, conf="V")
    assert counted() == [entitled, other]


@pytest.mark.changes_nothing
def test_a7_s51_a_page_of_the_practice_is_none_of_the_councils(gateway, world):
    links = gateway.get(f"Goal?patient={world.alice}&_count=1", world.gp).json()["link"]
    (following,) = [one["url"] for one in links if one["relation"] == "next"]
    assert gateway.get(following, world.gp).status_code == 200
    assert is_outcome(gateway.get(following, world.social_worker), 404, "not-found")


def test_a12_s52_a_tag_counts_for_whom_it_was_given_to_alone(gateway, world):
    """Of the plan the practice sees two goals and the council one: the tag is the same."""
    alice, held = world.alice, {"If-None-Match": 'W/"1"'}
    _secret(gateway, alice)
    put(gateway, alice, goal_row("g-open", alice, "words"))
    put(gateway, alice, plan_row("p-both", alice, "g-psy", "g-open"))
    assert gateway.get("CarePlan/p-both", world.gp).headers["etag"] == 'W/"1"'
    who = world.social_worker
    colleague = gateway.token("gp", "gp-3", PRACTICE)
    for other, goals in ((who, 1), (colleague, 2)):
        answer = gateway.get("CarePlan/p-both", other | held)
        assert answer.status_code == 200
        assert len(answer.json()["goal"]) == goals
    for one in (world.gp, who, colleague):
        assert gateway.get("CarePlan/p-both", one | held).status_code == 304
    missing = gateway.get("Goal/g-none", who | held)
    assert _seen(gateway.get("Goal/g-psy", who | held)) == _seen(missing)
    own = dissent(alice, **against("RAX"))
    assert gateway.get("CarePlan/p-both", world.doctor).status_code == 200
    assert gateway.create(own, world.gp).status_code == 201
    assert is_outcome(gateway.get("CarePlan/p-both", world.doctor | held), 404)


def test_a12_a_copy_of_before_a_change_of_access_is_not_called_current(gateway, world):
    """The version is the same, what is shown of it is not."""
    alice, held = world.alice, {"If-None-Match": 'W/"1"'}
    _secret(gateway, alice)
    put(gateway, alice, plan_row("p-both", alice, "g-psy"))
    assert "goal" in gateway.get("CarePlan/p-both", world.gp).json()
    assert gateway.create(dissent(alice, **of_label("PSY")), world.gp).status_code == 201
    answer = gateway.get("CarePlan/p-both", world.gp | held)
    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"1"')
    assert "goal" not in answer.json()


def test_the_latest_answers_are_remembered_and_no_more():
    copies, caller = Copies(b"k" * 32, most=2), Caller(
        "u", CallerKind.STAFF, "gp", "o", Purpose.TREATMENT, "c", frozenset(), frozenset(), None,
        "", "",
    )  # fmt: skip
    views = [View("Goal", str(number), 1, 0, b"{}") for number in range(3)]
    for view in views:
        copies.give(caller, view)
    assert [copies.has(caller, view) for view in views] == [False, True, True]
    assert not copies.has(replace(caller, user_id="v"), views[2])
    assert not copies.has(caller, views[2]._replace(body=b"{ }"))


def test_a11_s53_a_conditional_create_that_meets_a_hidden_row_meets_none(gateway, world):
    alice, worker = world.alice, world.social_worker
    name = [{"system": "https://records.example/goal", "value": "one"}]
    _secret(gateway, alice, identifier=name)
    condition = "identifier=https://records.example/goal|"
    answers = []
    for value in ("one", "two"):
        sent = goal(alice, identifier=[name[0] | {"value": value}])
        made = gateway.create(sent, worker, If_None_Exist=condition + value)
        own = (made.json()["id"], made.headers["location"])
        text = made.text.replace(own[0], "id").replace(f'"{value}"', '"value"')
        answers.append((made.status_code, text, len(made.headers)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 201


def test_a16_a17_s54_a_plan_tells_nothing_of_the_activity_that_is_hidden(gateway, world):
    alice = world.alice
    put(gateway, alice, {
        "resourceType": "ServiceRequest", "id": "r-psy", "status": "active", "intent": "order",
        "subject": {"reference": f"Patient/{alice}"}, "code": {"text": CANARY},
    }, conf="R", sens="PSY")  # fmt: skip
    sent = plan_row("p-acts", alice, "g-open") | {
        "text": {"status": "generated", "div": f'<div xmlns="x">{CANARY}</div>'},
        "activity": [
            {"reference": {"reference": "ServiceRequest/r-psy", "display": CANARY}},
            {"detail": {"status": "scheduled", "description": "Walk on Mondays"}},
        ],
    }
    put(gateway, alice, goal_row("g-open", alice, "words"))
    put(gateway, alice, sent)
    who = world.social_worker
    ways = ("CarePlan/p-acts", "CarePlan?_id=p-acts&_include=*", "CarePlan/p-acts/_history",
            "CarePlan/p-acts?_format=xml", f"Patient/{alice}/$everything?_count=500")  # fmt: skip
    for way in ways:
        answer = gateway.get(way, who)
        assert answer.status_code == 200
        assert "Walk on Mondays" in answer.text
        for word in (CANARY, "r-psy"):
            assert word not in answer.text + str(answer.headers), way
    assert CANARY in gateway.get("CarePlan/p-acts", world.gp).text


def test_a16_s55_what_a_goal_addresses_and_is_hidden_goes_whole(gateway, world):
    alice = world.alice
    (hiv,) = [c for c in world.of("Condition", alice, world.gp) if "86406008" in json.dumps(c)]
    about = {"reference": f"Condition/{hiv['id']}", "display": "HIV"}
    put(gateway, alice, goal_row("g-why", alice, "words", addresses=[about]))
    assert gateway.get("Goal/g-why", world.gp).json()["addresses"] == [about]
    answer = gateway.get("Goal/g-why", world.social_worker)
    assert "addresses" not in answer.json()
    assert "HIV" not in answer.text
    assert hiv["id"] not in answer.text


def test_a15_s56_of_hidden_reads_a_transaction_says_what_it_says_of_none(gateway, world):
    alice, who = world.alice, world.social_worker
    _secret(gateway, alice)
    put(gateway, alice, goal_row("g-open", alice, "words"))
    told = []
    for name in ("g-psy", "g-none"):
        for kind in ("batch", "transaction"):
            asked = [entry("GET", f"Goal/{one}") for one in ("g-open", name)]
            answer = send(gateway, bundle(kind, *asked), who)
            told.append((answer.status_code, answer.content.replace(name.encode(), b"name")))
            assert CANARY not in answer.text
    assert told[:2] == told[2:]
    shown = json.loads(told[0][1])["entry"]
    assert [one["response"]["status"][:3] for one in shown] == ["200", "404"]


def test_a2_s57_what_is_restricted_now_is_so_in_the_versions_of_before(gateway, world):
    norma, carer = world.norma, gateway.token("home-care", "hc-1", COUNCIL)
    put(gateway, norma, goal_row("g-then", norma, "words"), category="support-plan")
    assert gateway.get("Goal/g-then/_history/1", carer).status_code == 200
    then = goal_row("g-then", norma, "words")
    put(gateway, norma, then, version=2, conf="R", category="support-plan")
    for way in ("Goal/g-then/_history/1", "Goal/g-then/_history/2", "Goal/g-then/_history"):
        assert _seen(gateway.get(way, carer)) == _seen(
            gateway.get(way.replace("g-then", "g-none"), carer)
        )
    assert gateway.get("Goal/g-then/_history/1", world.gp).status_code == 200


EVIL = "https://evil.example/x"


def _reaching(monkeypatch) -> list:
    """Every name that is looked up and every address that is connected to, other than this
    machine's own."""
    reached, connect = [], socket.socket.connect

    def looked_up(host, *rest, **more):
        reached.append(host)
        raise OSError

    def connecting(self, address):
        if self.family != socket.AF_UNIX and not str(address[0]).startswith("127."):
            reached.append(address)
            raise OSError
        return connect(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(socket.socket, "connect", connecting)
    return reached


def test_a44_no_address_that_a_caller_sends_is_ever_asked(gateway, world, monkeypatch):
    norma, who, code = world.norma, world.gp, "Goal/1"
    reached = _reaching(monkeypatch)
    with pytest.raises(httpx.TransportError):
        httpx.get(EVIL)
    assert reached, "what is asked would be seen"
    reached.clear()
    about = {"reference": f"{EVIL}/Patient/{norma}"}
    for sent in (
        plan(norma, f"{EVIL}/{code}"),
        plan(norma, instantiatesUri=[EVIL], instantiatesCanonical=[EVIL]),
        goal(norma) | {"subject": about},
        goal(norma, meta={"profile": [EVIL]}),
        dissent(norma, data=[{"meaning": "instance", "reference": {"reference": EVIL}}]),
        dissent(norma) | {"policy": [{"uri": EVIL}]},
    ):
        gateway.create(sent, who)
    for path in (
        f"CarePlan?goal={EVIL}/{code}", f"Goal?_profile={EVIL}", f"Goal?patient={EVIL}",
        f"CarePlan?patient={norma}&_include=*", f"Patient?identifier={EVIL}|1",
        f"Goal?_id={EVIL}",
    ):  # fmt: skip
        gateway.get(path, who)
    bodies = (EXAMPLE.read_bytes(), gp_record(PRACTICE, NORMA, []))
    for feed, body in zip(("social-care", "gp"), bodies, strict=True):
        system = gateway.token("provider", "s", COUNCIL, feeds=[feed])
        elsewhere = body.replace(b"https://", b"https://evil.example/")
        headers = {"Content-Type": FHIR}
        gateway.ask("POST", f"/feeds/{feed}", system, content=elsewhere, headers=headers)
    for entered in (entry("GET", EVIL), entry("POST", "Goal", goal(norma), EVIL)):
        send(gateway, bundle("batch", entered), who)
    assertion = {"client_assertion": "a.b.c", "jwks_uri": EVIL, "redirect_uri": EVIL}
    gateway.ask("POST", "/oauth/token", data={"grant_type": "client_credentials", **assertion})
    gateway.search("Patient", who, identifier=f"{NHS}|9990000077", _include=EVIL)
    assert reached == []
