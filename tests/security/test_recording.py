"""Every attempt leaves one entry before its answer; no log says more; without a log, no answer."""

import json
import logging
import re

import pytest
import structlog

from gateway.audit.entry import AuditEntry
from gateway.errors import AuditUnavailableError
from gateway.store.audit import audit_reads
from gateway.store.commit.log import Appender
from gateway.store.database import schema
from tests.api.consents import against, dissent, organisation, team
from tests.api.service import Service, is_outcome
from tests.api.world import (
    ALICE,
    BOB,
    COUNCIL,
    HOSPITAL,
    NORMA,
    PRACTICE,
    World,
    fill,
    messages,
)


class FailingLog:
    """Stands for the appender of a log that cannot be written."""

    def __init__(self, log: Appender) -> None:
        self.log = log
        self.failing = True

    async def append(self, entry: AuditEntry) -> int:
        if self.failing:
            raise AuditUnavailableError
        return await self.log.append(entry)


@pytest.fixture
def paths(world) -> list[str]:
    norma = world.norma
    (plan,) = world.of("CarePlan", norma, world.gp)
    plan_id = plan["id"]
    return [
        f"CarePlan/{plan_id}",
        f"CarePlan/{plan_id}/_history",
        f"CarePlan/{plan_id}/_history/1",
        f"CarePlan/{plan_id}/$lineage",
        f"CarePlan?patient={norma}",
        f"CarePlan?patient={norma}&_include=CarePlan:goal",
        f"CarePlan?patient={norma}&_summary=count",
        "Goal?_count=1",
        f"Patient/{norma}",
        f"Patient/{norma}/$everything",
        "Patient?_count=1",
        "CarePlan/none",
        "CarePlan/none/_history",
        "CarePlan/none/_history/1",
        "CarePlan/none/$lineage",
        "Patient/none/$everything",
        "CarePlan?patient=none",
        f"Patient/{world.bob}",
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a28_each_attempt_leaves_one_entry(gateway, world, paths, method):
    for path in paths:
        before = gateway.size()
        answer = gateway.ask(method, path, world.gp | {"X-Request-Id": "one-request"})
        new = gateway.entries(before)
        assert len(new) == 1, (path, answer.status_code)
        assert new[0].request_id == "one-request"
        expected = {"served"} if answer.status_code == 200 else {"not-found", "refused"}
        empty = "none" in path or "summary" in path
        told = answer.status_code == 200 and not empty
        assert not told or (new[0].person_id and new[0].resources), "of whom, and what"
        assert str(new[0].outcome) in expected | ({"not-found", "refused"} if empty else set())


def test_a28_the_entry_is_there_before_the_first_byte(gateway, world, paths):
    who, sizes = world.gp, []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def ask(path, query):
        scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": f"/fhir/R4/{path}", "raw_path": b"", "root_path": "",
            "query_string": query.encode(), "server": ("t", 80), "client": ("t", 1),
            "headers": [(b"authorization", who["Authorization"].encode())],
        }  # fmt: skip

        async def send(message):
            if message["type"] == "http.response.start":
                async with gateway.site.store.engine.reading() as conn:
                    sizes.append((await audit_reads.head(conn))[0])

        await gateway.app(scope, receive, send)

    for path in paths:
        before = gateway.size()
        gateway.run(ask(*path.partition("?")[::2]))
        assert sizes[-1] == before + 1, path


def test_a28_a_304_is_recorded_as_a_look(gateway, world, paths):
    gateway.get(paths[0], world.gp)
    before = gateway.size()
    answer = gateway.get(paths[0], world.gp | {"If-None-Match": 'W/"1"'})
    assert answer.status_code == 304
    (entry,) = gateway.entries(before)
    assert (entry.outcome, len(entry.resources)) == ("served", 1)


def test_a28_what_is_served_is_named_exactly(gateway, world):
    before = gateway.size()
    answer = gateway.get(f"Patient/{world.norma}/$everything?_count=5", world.gp)
    entry = gateway.entries(before)[-1]
    shown = [e["resource"] for e in answer.json()["entry"]]
    served = {(r["resourceType"], r["id"], int(r["meta"]["versionId"])) for r in shown[1:]}
    named = set(entry.resources)
    assert served <= named
    assert {kind for kind, _, _ in named - served} == {"Patient"}
    assert entry.person_id == world.norma
    assert set(entry.reasons) >= {"relationship-registered-practice"}


def test_a28_a_search_over_many_names_each_person_once(gateway, world):
    before = gateway.size()
    gateway.get("Goal", world.gp)
    entries = gateway.entries(before)
    assert sorted(e.person_id for e in entries) == sorted([world.norma, world.alice])
    for entry in entries:
        assert {kind for kind, _, _ in entry.resources} == {"Goal"}
    assert sum(len(e.resources) for e in entries) == 7


@pytest.mark.parametrize("about", ["{norma}", "{norma},{alice}"])
def test_a28_a_count_is_served_and_none_is_not_found(gateway, world, about):
    people = about.format(norma=world.norma, alice=world.alice)
    for query, outcome in (("", "served"), ("&lifecycle-status=rejected", "not-found")):
        before = gateway.size()
        answer = gateway.get(f"Goal?patient={people}&_summary=count{query}", world.gp)
        (entry,) = gateway.entries(before)
        assert bool(answer.json()["total"]) is (outcome == "served")
        several = "," in people
        assert entry.outcome == ("refused" if several and outcome != "served" else outcome)
        assert bool(entry.person_id) is not several


def test_a29_without_the_log_nothing_is_answered(gateway, world, paths):
    norma = world.norma
    refused = dissent(norma, **against("RY9"))
    who, doctor, lead = world.gp, world.doctor, world.lead
    nobody = {"patient": "no-such", "asked_how": "paper", "kind": "visit"}
    object.__setattr__(gateway.site.store, "log", FailingLog(gateway.site.store.log))
    for path in paths:
        for method in ("GET", "HEAD"):
            answer = gateway.ask(method, path, who)
            assert answer.status_code == 503, path
            assert "ASHDOWN" not in answer.text
            assert answer.headers["retry-after"] == "1"
        assert is_outcome(gateway.get(path, who), 503, "transient")
    assert is_outcome(gateway.get("AuditEvent", lead), 503)
    assert is_outcome(gateway.create(team(norma, organisation("RY9")), doctor), 503)
    answer = gateway.ask("POST", "/access/permission", who, content=json.dumps(nobody))
    assert is_outcome(answer, 503)
    assert refused["resourceType"] == "Consent"


def test_a29_a_write_whose_entry_fails_is_undone(gateway, world, monkeypatch):
    norma, gp, before = world.norma, world.gp, gateway.size()

    async def failing(*_arguments):
        raise AuditUnavailableError

    monkeypatch.setattr("gateway.flows.writing.write_steps.append", failing)
    answer = gateway.create(dissent(norma, **against(COUNCIL)), gp)
    monkeypatch.undo()
    assert is_outcome(answer, 503)
    assert world.of("Consent", norma, world.gp) == []
    assert gateway.get(f"Patient/{norma}", world.social_worker).status_code == 200
    assert gateway.entries(before)[0].outcome == "failed"


def _strings(node):
    if isinstance(node, dict):
        for value in node.values():
            yield from _strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)
    elif isinstance(node, str):
        yield node


def _personal() -> set[str]:
    """Every value of the messages that could be about somebody, long enough to search for."""
    found = set()
    for feed, _, body, _ in messages():
        tree = json.loads(body)
        values = _strings(tree) if feed != "gp" else _strings(tree["entry"][0])
        found |= {v for v in values if len(v) > 5 and not v.startswith(("http", "urn:", "Org"))}
    ours = {"active", "female", "reablement", "official", "support-plan", "working on", "regain"}
    codes = {"community", "home-safety", "nutrition", "control", "metres", "going on", "Patient"}
    return found - ours - codes - {PRACTICE, "Reablement team", "Practitioner/P1"}


def test_a27_no_log_holds_anything_of_the_messages(key_file, tmp_path, caplog, capfd):
    """Everything is pushed, read, searched, refused and broken, with every logger at DEBUG."""
    url = f"sqlite:///{tmp_path}/logged.db"
    schema.upgrade(url)
    lines: list[dict] = []

    def noted(_logger, _method, event):
        lines.append(dict(event))
        return ""

    caplog.set_level(logging.DEBUG)
    gateway = Service(url, key_file)
    structlog.configure(
        processors=[noted],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
    )
    fill(gateway)
    world = World(gateway)
    for who in (world.gp, world.social_worker, world.stranger):
        for path in ("Patient", "Goal", f"Patient/{world.norma}/$everything", "Goal?name=ASHDOWN"):
            gateway.get(path, who)
        gateway.search("Patient", who, identifier="9990000077")
        gateway.create(dissent(world.norma, **against(HOSPITAL)) | {"status": "ASHDOWN"}, who)
    system = gateway.token("provider", "s", COUNCIL, feeds=["social-care"])
    broken = messages()[3][2].replace(b'"document"', b'"dokument"')
    gateway.ask("POST", "/feeds/social-care", system, content=broken)
    gateway.ask("POST", "/feeds/social-care", system, content=messages()[3][2][:500])
    gateway.close()
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))]
    out = capfd.readouterr()
    written = "\n".join([*ours, *map(str, lines), out.out, out.err])
    leaked = [value for value in _personal() if value in written]
    assert len(_personal()) > 60
    assert leaked == []


def test_a27_the_log_in_the_database_is_clear_of_content(gateway, world):
    gateway.search("Patient", world.gp, identifier="9990000077")
    gateway.get(f"Patient/{world.norma}/$everything", world.gp)

    async def records():
        async with gateway.site.store.engine.reading() as conn:
            return await conn.fetch("SELECT record FROM audit_entry")

    text = b"".join(bytes(row[0]) for row in gateway.run(records())).decode()
    assert "9990000077" not in text
    leaked = [value for value in _personal() if re.search(rf'"{re.escape(value)}', text)]
    assert leaked == []


def test_a27_person_data_in_the_store_is_sealed(key_file, tmp_path):
    schema.upgrade(f"sqlite:///{tmp_path}/sealed.db")
    gateway = Service(f"sqlite:///{tmp_path}/sealed.db", key_file)
    fill(gateway)
    gateway.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    born = {person["born"] for person in (NORMA, ALICE, BOB)}
    dated = {v for v in _personal() if re.fullmatch(r"\d{4}-\d\d-\d\d", v)} - born
    leaked = [value for value in _personal() - dated if value.encode() in stored]
    assert leaked == [], "dates of care stand clear under random ids, and nothing else does"


@pytest.mark.changes_nothing
@pytest.mark.parametrize("path", ["/livez", "/readyz", "/status", "/metrics", "metadata"])
def test_a28_health_pages_hold_nobody(gateway, world, path):
    before = gateway.size()
    answer = gateway.get(path)
    assert answer.status_code == 200
    assert gateway.size() == before
    whole = re.compile(r"(?<![\w.])(?:" + "|".join(map(re.escape, _personal())) + r")(?!\w)")
    assert whole.findall(answer.text) == [], "alone, not as digits of a measured number"
