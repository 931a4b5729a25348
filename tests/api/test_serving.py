"""What a serving process says of itself, and what is said of one that ended without a word."""

from datetime import timedelta

import pytest

from gateway.audit.events import Event
from gateway.errors import AuditUnavailableError
from gateway.flows.upkeep import serving
from gateway.flows.upkeep.serving import LOST_AFTER, Serving, settle_lost
from gateway.store.commit.log import Outcomes
from tests.api.messages import support_plan
from tests.api.world import COUNCIL, NORMA

MOMENT = timedelta(seconds=1)


@pytest.fixture
def norma(world):
    """Looked up before anything is counted."""
    return world.norma


@pytest.fixture
def process(gateway, norma):
    """Begins a process that serves over this gateway's store, and does not go on by itself."""

    def begun(name, under_way=None):
        shown = gateway.app.state.under_way if under_way is None else under_way
        made = Serving(gateway.site.store, lambda: gateway.at, name, shown)
        gateway.site.store.writer.serve_as(name)
        gateway.run(made.turn())
        return made

    return begun


def _settled(gateway, after=LOST_AFTER + MOMENT):
    """The entries that are new when processes silent for that long are looked for."""
    gateway.at += after
    before = gateway.size()
    gateway.run(settle_lost(gateway.site.store, gateway.at, LOST_AFTER))
    return gateway.entries(before)


def _of(entries, event):
    return [one for one in entries if one.event is event]


def test_a_process_says_that_it_began_and_that_it_ended(gateway, world, norma):
    before = gateway.size()
    own = Serving(gateway.site.store, lambda: gateway.at, "one", gateway.app.state.under_way)
    gateway.run(own.begin())
    gateway.get(f"Goal?patient={norma}", world.gp)
    gateway.run(own.end())
    entries = gateway.entries(before)
    assert [one.event for one in entries] == [Event.START, Event.SEARCH, Event.STOP]
    assert {dict(one.detail)["process"] for one in entries} == {"one"}
    assert _settled(gateway) == []


def test_s59_what_a_killed_process_served_last_is_unknown(gateway, world, norma, process):
    own = process("one")
    gateway.get(f"Goal?patient={norma}", world.gp | {"X-Request-Id": "long-ago"})
    gateway.run(own.turn())
    gateway.run(own.turn())
    before = gateway.size()
    gateway.get(f"Goal?patient={norma}", world.gp | {"X-Request-Id": "just-now"})
    (read,) = gateway.entries(before)
    ended, unknown = _settled(gateway)
    assert (ended.event, ended.outcome, ended.reasons) == ("system", "unknown", ("process-lost",))
    assert (dict(ended.detail)["from"], dict(ended.detail)["answers"]) == (str(before), "1")
    assert (unknown.event, unknown.outcome) == ("completion", "unknown")
    assert (unknown.request_id, unknown.person_id) == ("just-now", norma)
    assert (unknown.agent, unknown.patient_ids) == (read.agent, read.patient_ids)
    assert dict(unknown.detail)["entry"] == str(before)
    assert _settled(gateway) == [], "it is said once"


def test_s59_what_a_killed_process_was_still_answering_is_unknown_however_long_ago(
    gateway, world, norma, process
):
    number = gateway.size() + 1
    own = process("one", {0: Outcomes(numbers=[number])})
    for _ in range(2):
        gateway.get(f"Goal?patient={norma}", world.gp)
    for _ in range(2):
        gateway.run(own.turn())
    unknown = _of(_settled(gateway), Event.COMPLETION)
    assert [dict(one.detail)["entry"] for one in unknown] == [str(number)]


def test_s59_a_worker_answers_nobody_so_that_only_what_it_served_is_unknown(
    gateway, world, norma, process
):
    process("worker-1")
    pushed = gateway.push("social-care", COUNCIL, support_plan(NORMA, {"id": "SP-77"}))
    assert pushed["status"] == "taken"
    gateway.get(f"Goal?patient={norma}", world.gp | {"X-Request-Id": "served"})
    unknown = _of(_settled(gateway), Event.COMPLETION)
    assert [one.request_id for one in unknown] == ["served"]


def test_nothing_is_said_of_what_another_process_served(gateway, world, norma, process):
    process("one")
    other = process("two")
    gateway.get(f"Goal?patient={norma}", world.gp)
    gateway.at += LOST_AFTER - MOMENT
    gateway.run(other.turn())
    entries = _settled(gateway, 2 * MOMENT)
    assert [dict(one.detail)["lost"] for one in entries] == ["one"]
    gateway.run(other.turn())
    assert _settled(gateway, LOST_AFTER) == [], "who speaks is not lost"


def test_a_request_is_under_way_until_its_answer_is_handed_over(gateway, world, norma):
    under_way = gateway.app.state.under_way
    seen: list[list[int]] = []
    before = gateway.size()

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_message):
        seen.extend([*one.numbers] for one in under_way.values())

    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/fhir/R4/Goal", "raw_path": b"", "root_path": "",
        "query_string": f"patient={norma}".encode(), "server": ("t", 80),
        "client": ("t", 1), "headers": [(b"authorization", world.gp["Authorization"].encode())],
    }  # fmt: skip
    gateway.run(gateway.app(scope, receive, send))
    assert seen
    assert all(numbers == [before] for numbers in seen)
    assert under_way == {}


def test_a_process_that_cannot_say_it_serves_says_so_later(gateway, monkeypatch):
    async def refused(*_args):
        raise AuditUnavailableError

    before = gateway.size()
    own = Serving(gateway.site.store, lambda: gateway.at, "one", {})
    with monkeypatch.context() as broken:
        broken.setattr(serving, "append", refused)
        gateway.run(own.begin())
    assert gateway.size() == before
    gateway.run(own.turn())
    gateway.run(own.end())
    assert [one.event for one in gateway.entries(before)] == [Event.START, Event.STOP]


def test_s59_the_person_is_told_that_a_look_may_not_have_arrived(gateway, world, norma, process):
    who = gateway.token("patient", "norma-herself", patient=norma)
    gateway.get(f"Goal?patient={norma}", world.gp)
    own = process("one")
    for _ in range(2):
        gateway.run(own.turn())
    gateway.get(f"Goal?patient={norma}", world.social_worker)
    _settled(gateway)
    lines = gateway.get("/access/log", who).json()["accesses"]
    said = "Whether the answer arrived is not known: the service was interrupted."
    assert lines[0]["role"] == "Social worker"
    assert lines[0]["words"].endswith(said)
    assert [one for one in lines[1:] if said in one["words"]] == []


def test_s59_governance_finds_it_as_an_audit_event(gateway, world, norma, process):
    process("one")
    gateway.get(f"Goal?patient={norma}", world.gp)
    _settled(gateway)
    found = gateway.get("AuditEvent?subtype=completion&outcome=8", world.lead).json()["entry"]
    event = found[0]["resource"]
    assert event["outcomeDesc"] == "unknown process-lost"
    assert "gp-1" in [one.get("altId") for one in event["agent"]]
    assert {"reference": f"Patient/{norma}"} in [one["what"] for one in event["entity"]]
