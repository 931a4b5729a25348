"""The operator's commands over a real database: SQLite, and PostgreSQL where there is one."""

import asyncio
import base64
import http.client
import json
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import replace

import asyncpg
import pytest

from gateway.audit.merkle import is_included, leaf_hash
from gateway.clock import now
from gateway.custody import keys_of
from gateway.flows.intake.expire_deliveries import expire_deliveries
from gateway.flows.intake.finish_deliveries import finish_deliveries, provider
from gateway.flows.intake.push_update import Push, push
from gateway.settings import Settings
from gateway.store.commit.units import Store
from gateway.store.upkeep.operations import DELIVERY_KEYS
from mappings.registry import FEEDS
from tests.ports import free_port
from tests.unit.cli.running import PLAN, Commands, changed_plan

PERSON = ("ASHDOWN", "Norma", "999 000 0077", "9990000077", "SC-20417", "KT3 5ZZ")
SOCIAL = FEEDS["social-care"]
STUCK = 120
"""Seconds after which a process is given up."""


@pytest.fixture
def commands(tmp_path, monkeypatch, database_url):
    """The command line over an empty database with its tables made."""
    made = Commands(tmp_path, monkeypatch)
    made.set(database_url=database_url)
    made.good("db", "upgrade")
    return made


@pytest.fixture
def filled(commands):
    """The same with Norma's plan, from two organisations."""
    for org in ("X1K01", "X1K02"):
        commands.good("ingest", "social-care", PLAN, "--org", org)
    return commands


def _change(*statements: str) -> None:
    """Alter the database as somebody with its password could."""
    url = Settings().database_url
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.execute("DROP TRIGGER audit_entry_no_update")
            connection.execute("DROP TRIGGER audit_entry_no_delete")
            for statement in statements:
                connection.execute(statement)
            connection.commit()
        return

    async def run() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(run())


def _with_store(work):
    async def run():
        settings = Settings()
        store = await Store.open(settings.database_url, keys_of(settings), now)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


def test_a_fresh_database_is_made_and_is_fit(commands):
    found = commands.json("check")
    assert found["ok"] is True
    names = [line["name"] for line in found["checks"]]
    assert names == [
        "configuration", "keys", "issuers", "clients", "policy", "mllp", "sources", "alerts",
        "database", "migrations", "clock", "log", "labels", "denial",
    ]  # fmt: skip
    assert commands.json("db", "check")["ok"] is True
    current = commands.json("db", "current")
    assert current["current"] == current["newest"]
    assert commands.json("audit", "verify") == {
        "ok": True,
        "size": 0,
        "root": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }


def test_a_plan_is_taken_and_the_feed_says_so(commands):
    found = commands.json("ingest", "social-care", PLAN, "--org", "X1K01")
    (answer,) = found["deliveries"]
    assert answer["status"] == "taken"
    assert answer["items"] == {"taken": 1, "quarantined": 0}
    assert {one["reference"].split("/")[0] for one in answer["resources"]} >= {
        "CarePlan",
        "Goal",
        "Patient",
    }
    again = commands.json("ingest", "social-care", PLAN, "--org", "X1K01")["deliveries"][0]
    assert again == answer | {"duplicate": True}
    states = {one["feed"]: one for one in commands.json("feed", "list")["feeds"]}
    assert set(states) == set(FEEDS)
    assert states["social-care"]["deliveries"] == {"taken": 1}
    assert states["social-care"]["items"] == {"taken": 1}
    assert "social-care\ttaken 1\ttaken 1\t0\t" in commands.good("feed", "list")
    found = commands.json("feed", "errors")
    assert found == {"rules": [], "waiting": 0, "quarantined": [], "review": []}


def test_labels_altered_in_the_database_are_a_red_line(commands):
    commands.json("ingest", "social-care", PLAN, "--org", "X1K01")
    lines = {line["name"]: line for line in commands.json("check")["checks"]}
    assert re.fullmatch(r"as written, of \d\d rows", lines["labels"]["text"])

    async def alter(store):
        await store.write(
            lambda conn: conn.execute(
                "UPDATE resource SET confidentiality = 0 WHERE resource_type = 'CarePlan'"
            )
        )

    _with_store(alter)
    found = commands.json("check", code=1)
    (red,) = [line for line in found["checks"] if not line["ok"]]
    assert red["name"] == "labels"
    assert re.match(r"1 of \d\d rows have other labels", red["text"])


def test_the_error_queue_holds_paths_and_no_person(commands):
    path = changed_plan(commands.folder, state="no such state")
    found = commands.json("ingest", "social-care", path, "--org", "X1K01", code=1)
    assert found["deliveries"][0]["status"] == "quarantined"
    held = commands.json("feed", "errors")["quarantined"]
    assert [(one["feed"], one["organisation"], one["item"]) for one in held] == [
        ("social-care", "X1K01", 1)
    ]
    assert "plan.state" in {issue["path"] for issue in held[0]["issues"]}
    assert commands.json("feed", "errors", "gp")["quarantined"] == []
    text = json.dumps(held) + commands.good("feed", "errors", "social-care")
    assert "plan.state" in text
    assert not [word for word in (*PERSON, "no such state") if word in text]


def test_the_error_queue_says_how_many_there_are_where_it_is_cut(commands):
    for state in ("no such state", "nor this one"):
        path = changed_plan(commands.folder, state=state)
        commands("ingest", "social-care", path, "--org", "X1K01")
    cut = commands("feed", "errors", "--limit", "1", "--json")
    assert len(json.loads(cut.stdout)["quarantined"]) == 1
    assert "quarantined: 1 of 2 shown; --limit shows more" in cut.stderr
    whole = commands("feed", "errors", "social-care", "--limit", "2")
    assert "shown" not in whole.stderr
    assert "shown" not in commands("feed", "errors", "gp", "--limit", "1").stderr


def test_a_record_that_cannot_be_linked_waits_for_review(commands):
    content = json.loads(PLAN.read_text("utf-8"))
    content["person"]["nhs_number"] = "999 000 0078"
    path = commands.folder / "wrong-number.json"
    path.write_text(json.dumps(content))
    commands("ingest", "social-care", path, "--org", "X1K01")
    (one,) = commands.json("feed", "errors")["review"]
    assert (one["feed"], one["organisation"], one["state"]) == (
        "social-care",
        "X1K01",
        "unusable-number",
    )
    assert one["source_record"] in commands.good("feed", "errors")
    listed = {feed["feed"]: feed["review"] for feed in commands.json("feed", "list")["feeds"]}
    assert listed["social-care"] == 1


def test_what_is_not_the_format_is_refused_and_the_rest_is_taken(commands):
    (commands.folder / "letter.txt").write_text("Dear gateway, ASHDOWN fell.")
    done = commands("ingest", "social-care", "letter.txt", PLAN, "--org", "X1K01")
    assert done.exit_code == 2
    states = [line.split("\t")[1] for line in done.stdout.splitlines()[1:3]]
    assert states == ["refused", "taken"]
    assert "ASHDOWN" not in done.output
    listed = {one["feed"]: one for one in commands.json("feed", "list")["feeds"]}
    assert listed["social-care"]["deliveries"] == {"refused": 1, "taken": 1}


def test_an_archive_above_the_limit_is_refused(commands):
    (commands.folder / "plans").mkdir()
    (commands.folder / "plans/plan.json").write_bytes(PLAN.read_bytes())
    commands.set(limits__feed_unpacked_bytes="1024")
    found = commands.json("ingest", "social-care", "plans", "--org", "X1K01", code=2)
    assert [issue["code"] for issue in found["deliveries"][0]["issues"]] == ["too-large"]


def test_the_log_verifies_after_use(filled):
    found = filled.json("audit", "verify")
    assert found["ok"] is True
    assert found["size"] == 2
    assert filled.good("audit", "verify").startswith("ok: 2 entries, root ")


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE audit_entry SET record = leaf_hash WHERE seq = 1", 1),
        ("UPDATE audit_entry SET root_after = leaf_hash WHERE seq = 1", 1),
        ("UPDATE audit_entry SET person_id = 'somebody-else' WHERE seq = 0", 0),
        ("UPDATE audit_entry SET recorded_at = recorded_at + 1 WHERE seq = 1", 1),
        ("DELETE FROM audit_entry WHERE seq = 0", 0),
        ("DELETE FROM audit_entry WHERE seq = 1", 1),
        ("UPDATE audit_head SET size = 1", 1),
        ("DELETE FROM audit_head", 0),
    ],
)
def test_a30_s60_tampering_is_found_and_numbered(filled, statement, first_bad):
    _change(statement)
    found = filled.json("audit", "verify", code=1)
    assert found["ok"] is False
    assert found["first_bad"] == first_bad
    assert found["reason"]
    done = filled("audit", "verify")
    assert done.exit_code == 1
    assert done.stdout.startswith(f"entry {first_bad}: ")


def test_an_entry_put_beside_the_log_is_found(filled):
    _change(
        "INSERT INTO audit_entry SELECT 2, record, leaf_hash, root_after, recorded_at, event,"
        " outcome, org, user_id, person_id, owner_orgs, purpose, break_glass FROM audit_entry"
        " WHERE seq = 1"
    )
    assert filled.json("audit", "verify", code=1)["first_bad"] == 2
    red = {line["name"] for line in filled.json("check", code=1)["checks"] if not line["ok"]}
    assert red == {"log"}


def test_searching_shows_codes_and_is_itself_recorded(filled):
    first = filled.json("audit", "search", "--event", "push")["entries"]
    assert [(one["seq"], one["organisation"]) for one in first] == [(1, "X1K02"), (0, "X1K01")]
    person = first[0]["person"]
    assert len(filled.json("audit", "search", "--person", person)["entries"]) == 2
    assert len(filled.json("audit", "search", "--org", "X1K01")["entries"]) == 1
    assert filled.json("audit", "search", "--until", "2020-01-01")["entries"] == []
    looked = filled.json("audit", "search", "--event", "audit-view", "--limit", "3")["entries"]
    assert [one["role"] for one in looked] == ["operator"] * 3
    assert looked[0]["seq"] == 6
    assert filled.json("audit", "verify")["size"] == 7


def test_s61_an_export_verifies_without_the_database(filled):
    path = filled.folder / "log.jsonl"
    path.write_text(filled.good("audit", "export"))
    found = filled.json("audit", "verify", "--file", path)
    assert (found["ok"], found["size"]) == (True, 3)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[2]]))
    assert filled.json("audit", "verify", "--file", path, code=1)["first_bad"] == 1
    path.write_text("{}")
    assert filled("audit", "verify", "--file", path).exit_code == 2


def test_a_proof_holds_and_a_missing_entry_has_none(filled):
    found = filled.json("audit", "prove", 1)
    leaf, root = bytes.fromhex(found["leaf"]), bytes.fromhex(found["root"])
    proof = [bytes.fromhex(step) for step in found["proof"]]
    assert is_included(leaf, 1, found["size"], proof, root)
    assert found["root"] == filled.json("audit", "verify")["root"]
    assert leaf_hash(base64.b64decode(found["record"])) == leaf
    assert f"leaf\t{found['leaf']}" in filled.good("audit", "prove", 1)
    assert filled("audit", "prove", 99).exit_code == 1


def test_a30_s60_a_kept_checkpoint_finds_a_log_that_was_cut(filled):
    done = filled("audit", "checkpoint")
    note = filled.folder / "note.txt"
    note.write_text(done.stdout)
    key = filled.json("audit", "checkpoint")["verifier_keys"][-1]
    assert f"verifier key: {key}" in done.stderr
    assert filled("audit", "verify", "--checkpoint", note).exit_code == 0
    assert filled("audit", "verify", "--checkpoint", note, "--key", key).exit_code == 0
    filled.good("keys", "rotate", "log-signing")
    assert filled("audit", "verify", "--checkpoint", note).exit_code == 0
    log = filled.folder / "log.jsonl"
    log.write_text(filled.good("audit", "export").splitlines()[0] + "\n")
    assert filled("audit", "verify", "--file", log).exit_code == 0
    found = filled.json("audit", "verify", "--file", log, "--checkpoint", note, code=1)
    assert found["first_bad"] == 1
    later = filled.folder / "later.txt"
    later.write_text(filled.good("audit", "checkpoint"))
    both = ("--checkpoint", note, "--checkpoint", later)
    assert filled("audit", "verify", *both).exit_code == 0
    note.write_text(done.stdout.replace("\n2\n", "\n1\n"))
    assert filled("audit", "verify", "--checkpoint", note).exit_code == 1


def test_keys_rotate_and_data_keys_follow(filled):
    before = {row["id"]: row for row in filled.json("keys", "list")["keys"]}
    added = filled.good("keys", "rotate", "key-encryption").strip()
    after = {row["id"]: row for row in filled.json("keys", "list")["keys"]}
    (old,) = (name for name, row in before.items() if row["data_keys"])
    assert after[added]["current"] is True
    assert after[added]["data_keys"] == 0
    assert after[old]["data_keys"] == before[old]["data_keys"] > 0
    assert filled("keys", "rotate", "--rewrap").exit_code == 0
    final = {row["id"]: row["data_keys"] for row in filled.json("keys", "list")["keys"]}
    assert (final[old], final[added]) == (0, before[old]["data_keys"])
    path = changed_plan(filled.folder, title="Getting out more")
    filled.good("ingest", "social-care", path, "--org", "X1K01")
    acts = filled.json("audit", "search", "--event", "key")["entries"]
    assert len(acts) == 2


def _accept(body: bytes):
    """Keep a delivery to be taken later."""

    async def work(store):
        caller = provider("X1K01", "social-care", "system-1")
        what = Push(SOCIAL, caller, body, "application/json", "r-1", now(), later=True)
        return await push(store, what)

    assert _with_store(work)["status"] == "accepted"


def _finish(feeds):
    async def work(store):
        return await finish_deliveries(store, feeds, now())

    return _with_store(work)


def _states(commands) -> dict[str, int]:
    listed = {one["feed"]: one for one in commands.json("feed", "list")["feeds"]}
    return listed["social-care"]["deliveries"]


def test_the_worker_finishes_what_was_accepted(commands):
    _accept(PLAN.read_bytes())
    _accept(changed_plan(commands.folder, title="Another").read_bytes())
    assert _states(commands) == {"accepted": 2}
    commands.good("worker", "--once")
    assert _states(commands) == {"taken": 2}
    assert commands.json("audit", "verify")["ok"] is True


def test_an_accepted_delivery_that_turns_out_unreadable_is_closed(commands):
    _accept(PLAN.read_bytes())
    blind = tuple(
        replace(one, recognises=lambda _members: False, media_types=()) for one in SOCIAL.formats
    )
    finished, failed = _finish({"social-care": replace(SOCIAL, formats=blind)})
    assert (finished, failed) == (1, frozenset())
    assert _states(commands) == {"refused": 1}
    entries = commands.json("audit", "search", "--event", "push")["entries"]
    assert (entries[0]["outcome"], entries[0]["reasons"]) == ("refused", ["structure"])
    assert commands.json("audit", "verify")["ok"] is True


def test_a_delivery_that_cannot_be_finished_waits_and_is_passed_over(commands):
    _accept(PLAN.read_bytes())
    finished, failed = _finish({})
    assert finished == 0
    assert len(failed) == 1
    assert _states(commands) == {"accepted": 1}

    async def again(store):
        return await finish_deliveries(store, {}, now(), failed)

    assert _with_store(again) == (0, frozenset())


def test_the_key_of_old_deliveries_dies_and_what_was_taken_lives(commands):
    commands.good("ingest", "social-care", PLAN, "--org", "X1K01")
    _accept(changed_plan(commands.folder, title="Another").read_bytes())

    def expire(days):
        return _with_store(lambda store: expire_deliveries(store, now(), days))

    def owners():
        async def work(store):
            async with store.engine.reading() as conn:
                rows = await conn.fetch("SELECT owner FROM data_key ORDER BY owner")
            return [row[0] for row in rows]

        return _with_store(work)

    before = owners()
    assert any(owner.startswith(DELIVERY_KEYS) for owner in before)
    assert expire(0) == 0, "the day itself is not over"
    assert expire(-1) == 0, "a delivery waits to be finished"
    commands.good("worker", "--once")
    assert expire(-1) == 1
    assert owners() == [owner for owner in before if not owner.startswith(DELIVERY_KEYS)]
    assert expire(-1) == 0
    (entry,) = commands.json("audit", "search", "--event", "shred")["entries"]
    assert entry["role"] == "worker"
    assert commands.json("audit", "verify")["ok"] is True
    later = changed_plan(commands.folder, title="A third")
    assert commands("ingest", "social-care", later, "--org", "X1K01").exit_code == 0


def test_check_shows_each_red_line_and_hides_none(commands):
    commands.set(hots="x", trusted_issuers='[{"issuer":"https://a.example","jwks":{}}]')
    (commands.folder / "keys.json").write_text("{}")
    found = commands.json("check", code=1)
    red = {line["name"] for line in found["checks"] if not line["ok"]}
    assert red == {"configuration", "keys", "issuers", "labels"}
    assert "GATEWAY_HOTS" in commands("check").stdout


def test_a30_check_sees_an_entry_from_the_future(filled):
    _change("UPDATE audit_entry SET recorded_at = recorded_at + 3600000000 WHERE seq = 1")
    red = {line["name"] for line in filled.json("check", code=1)["checks"] if not line["ok"]}
    assert red == {"clock", "log"}, "and that the guards are gone"


def test_check_and_db_check_see_tables_that_are_not_as_declared(commands):
    _change("DROP TABLE permission")
    assert commands("db", "check").exit_code == 1
    assert "permission" in " ".join(commands.json("db", "check", code=1)["differences"])


def _start(*arguments: str) -> subprocess.Popen[str]:
    call = "import sys; from gateway.cli import app; app(sys.argv[1:])"
    return subprocess.Popen(
        [sys.executable, "-c", call, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _answers(port: int, path: str) -> int:
    """The status of an address of this machine, asked until something listens there."""
    until = time.monotonic() + STUCK
    while time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with closing(connection), suppress(OSError):
            connection.request("GET", path)
            return connection.getresponse().status
        time.sleep(0.05)
    return 0


def test_the_service_answers_and_ends_when_asked(filled):
    port = free_port()
    filled.set(port=str(port))
    process = _start("serve")
    try:
        assert _answers(port, "/readyz") == 200
        assert _answers(port, "/fhir/R4/Patient") == 401
    finally:
        process.terminate()
        out, err = process.communicate(timeout=STUCK)
    assert process.returncode in (0, -signal.SIGTERM)
    assert "/fhir/R4/Patient" not in out + err, "no addresses in the log"


def test_the_worker_ends_when_asked(commands):
    _accept(PLAN.read_bytes())
    process = _start("worker", "--every", "0.1")
    try:
        until = time.monotonic() + STUCK
        while _states(commands) != {"taken": 1} and time.monotonic() < until:
            time.sleep(0.05)
        assert process.poll() is None, "it goes on waiting for more"
    finally:
        process.terminate()
        _, err = process.communicate(timeout=STUCK)
    assert process.returncode == 0, err
    assert _states(commands) == {"taken": 1}
    for event in ("start", "stop"):
        assert len(commands.json("audit", "search", "--event", event)["entries"]) == 1


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_nothing_runs_over_tables_of_another_version(commands, command):
    _change("UPDATE alembic_version SET version_num = '0000'")
    done = commands(command)
    assert done.exit_code == 1
    assert "care-gateway db upgrade" in done.stderr
