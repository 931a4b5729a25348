"""Attacks in the database itself: a row is served only with the labels it was written with."""

from typing import Any

import pytest

from gateway.api.around import errors
from gateway.flows.asking.search_log import Operator
from gateway.flows.intake import set_aside
from gateway.flows.upkeep import label_queue
from gateway.flows.upkeep.label_queue import Choice
from gateway.store.upkeep.label_check import altered_labels
from tests.api.messages import goal, support_plan
from tests.api.rows import goal_row, plan_row, put
from tests.api.service import is_outcome
from tests.api.world import COUNCIL, HIDDEN_WORDS, NORMA, council_person
from tests.fake_log import FakeLog

_ALTERED = [
    ("category = 'demographics'", {}),
    ("confidentiality = 2", {"conf": "V"}),
    ("confidentiality = 0", {}),
    ("sensitivities = 0", {"sens": "PSY HIV"}),
    ("holds = 0", {"hold": "NOPAT"}),
    ("legal = 0", {"legal": "GRA"}),
    ("source_org = 'H85001'", {}),
    ("author = 'H85001'", {}),
    ("starts = starts + 1", {}),
    ("ends = ends - 1", {}),
    ("refs = ''", {}),
]


def _alter(gateway: Any, name: str, change: str, table: str = "resource") -> None:
    async def unit(conn: Any) -> None:
        if table == "resource_version":
            await _unguard(conn)
        await conn.execute(f"UPDATE {table} SET {change} WHERE resource_id = $1", (name,))  # noqa: S608

    gateway.write(unit)


async def _unguard(conn: Any) -> None:
    """As whoever owns the database could."""
    if conn.lock_rows:
        await conn.execute("ALTER TABLE resource_version DISABLE TRIGGER USER")
    else:
        await conn.execute("DROP TRIGGER IF EXISTS resource_version_no_update")


@pytest.mark.parametrize(("change", "labels"), _ALTERED)
def test_s64_a_row_whose_labels_were_altered_is_not_served(gateway, world, change, labels):
    """What a row links to as well: it decides what is cut out of the row."""
    norma = world.norma
    put(gateway, norma, plan_row("p-1", norma, "g-shut", title="words of a plan"), **labels)
    paths = ("CarePlan/p-1", "CarePlan?_id=p-1", "CarePlan/p-1/_history")
    for path in paths if not labels else ():
        assert gateway.get(path, world.gp).status_code == 200
    _alter(gateway, "p-1", change)
    for path in paths:
        answer = gateway.get(path, world.gp)
        seen_before = path.endswith("_history") and labels and answer.status_code == 404
        assert seen_before or is_outcome(answer, 500, "exception"), path
        assert "words of a plan" not in answer.text


def test_s64_an_altered_label_ends_the_whole_answer_and_is_noted_without_a_name(
    gateway, world, monkeypatch
):
    hidden = {g["id"] for g in world.of("Goal", world.alice, world.gp)}
    hidden -= {g["id"] for g in world.of("Goal", world.alice, world.social_worker)}
    for name in hidden:
        _alter(gateway, name, "confidentiality = 0, sensitivities = 0")
    name = min(hidden)
    before, person = gateway.size(), world.alice
    paths = (
        f"Goal/{name}", f"Goal/{name}/$lineage", f"Goal?patient={person}",
        f"Patient/{person}/$everything", f"CarePlan?patient={person}&_include=CarePlan:goal",
    )  # fmt: skip
    for path in paths:
        log = FakeLog()
        monkeypatch.setattr(errors, "_log", log)
        answer = gateway.get(path, world.social_worker)
        (noted,) = log.lines
        assert is_outcome(answer, 500, "exception"), path
        assert not any(words in answer.text for words in HIDDEN_WORDS)
        assert "UnsealError" in str(noted)
        assert name not in str(noted)
        assert person not in str(noted)
    outcomes = [entry.outcome for entry in gateway.entries(before)]
    assert outcomes.count("failed") == len(paths)


def test_labels_that_were_raised_are_not_put_back_to_what_they_were(gateway, world):
    """What the row bore before is in the database, seal and all: it was of another linking."""
    norma, store = world.norma, gateway.site.store
    plan = support_plan(council_person(NORMA), {"id": "SP-R"}, goals=[goal("G-R", "words of old")])
    gateway.push("social-care", COUNCIL, plan)
    name = next(
        one["id"]
        for one in world.of("Goal", norma, world.gp)
        if one["description"]["text"] == "words of old"
    )
    choice, operator = Choice(name, level="V"), Operator("lead", gateway.at)
    gateway.run(label_queue.decide(store, operator, choice, "asked by her"))
    assert is_outcome(gateway.get(f"Goal/{name}", world.gp), 404)

    async def put_back(conn: Any, more: str) -> None:
        columns = "confidentiality, sensitivities, holds, legal, sealed" + more
        await conn.execute(
            f"UPDATE resource SET ({columns}) = (SELECT {columns} FROM resource_version v"  # noqa: S608
            " WHERE v.patient_id = resource.patient_id AND v.resource_id = resource.resource_id"
            " AND v.linking = 0) WHERE resource_id = $1",
            (name,),
        )

    async def altered(conn: Any) -> int:
        return (await altered_labels(conn, store.vault, 1_000))[1]

    assert gateway.write(altered) == 0
    gateway.write(lambda conn: put_back(conn, ""))
    assert is_outcome(gateway.get(f"Goal/{name}", world.gp), 500)
    gateway.write(lambda conn: put_back(conn, ", linking"))
    assert gateway.write(altered) == 1


def test_an_old_version_is_judged_by_labels_of_today_that_were_not_altered(gateway, world):
    norma = world.norma
    put(gateway, norma, goal_row("g-1", norma, "words of old"))
    put(gateway, norma, goal_row("g-1", norma, "words of old"), version=2, conf="V")
    assert is_outcome(gateway.get("Goal/g-1/_history/1", world.gp), 404)
    _alter(gateway, "g-1", "confidentiality = 2")
    assert is_outcome(gateway.get("Goal/g-1/_history/1", world.gp), 500)
    put(gateway, norma, goal_row("g-2", norma, "words of old"), conf="V")
    put(gateway, norma, goal_row("g-2", norma, "words of now"), version=2)
    _alter(gateway, "g-2", "confidentiality = 2", table="resource_version")
    assert is_outcome(gateway.get("Goal/g-2/_history/1", world.gp), 500)
    assert gateway.get("Goal/g-2", world.gp).status_code == 200


def test_a_row_put_back_to_an_earlier_version_is_found(gateway, world):
    """It opens, for it is what was written once: what was written since is in the database."""
    norma, store = world.norma, gateway.site.store
    put(gateway, norma, goal_row("g-1", norma, "words of old"))
    put(gateway, norma, goal_row("g-1", norma, "words of now"), version=2, conf="V")

    async def put_back(conn: Any) -> None:
        columns = "version, linking, confidentiality, sensitivities, holds, legal, sealed"
        await conn.execute(
            f"UPDATE resource SET ({columns}) = (SELECT {columns} FROM resource_version v"  # noqa: S608
            " WHERE v.patient_id = resource.patient_id AND v.resource_id = resource.resource_id"
            " AND v.version = 1) WHERE resource_id = 'g-1'"
        )

    async def altered(conn: Any) -> int:
        return (await altered_labels(conn, store.vault, 1_000))[1]

    assert gateway.write(altered) == 0
    gateway.write(put_back)
    assert gateway.write(altered) == 1


def test_a_row_under_a_key_that_its_owner_never_had_is_counted_with_the_altered(gateway, world):
    norma, store = world.norma, gateway.site.store
    put(gateway, norma, goal_row("g-1", norma, "words"))

    async def rekey(conn: Any) -> None:
        rows = await conn.fetch("SELECT sealed FROM resource WHERE resource_id = 'g-1'")
        sealed = bytes(rows[0][0])
        other = sealed[:1] + (77).to_bytes(4, "big") + sealed[5:]
        await conn.execute("UPDATE resource SET sealed = $1 WHERE resource_id = 'g-1'", (other,))

    async def altered(conn: Any) -> int:
        return (await altered_labels(conn, store.vault, 1_000))[1]

    gateway.write(rekey)
    assert gateway.write(altered) == 1


def test_an_altered_patient_is_left_out_of_the_identity_queue_and_stops_nobody_else(gateway, world):
    officer = gateway.token("identity-officer", "io-1", COUNCIL)
    before = gateway.get("/identity/queue", officer)
    assert before.status_code == 200

    async def patients(conn: Any) -> list[str]:
        rows = await conn.fetch(
            "SELECT resource_id FROM resource WHERE resource_type = 'Patient' ORDER BY resource_id"
        )
        return [row[0] for row in rows]

    for name in gateway.write(patients):
        _alter(gateway, name, "starts = starts + 1")
        assert gateway.get("/identity/queue", officer).status_code == 200
        _alter(gateway, name, "starts = starts - 1")
    assert gateway.get("/identity/queue", officer).json() == before.json()


def test_a_push_onto_an_altered_row_is_answered_and_waits(gateway, world, monkeypatch):
    """Nothing is laid over it, and nothing that was said is lost."""
    log, norma = FakeLog(), world.norma
    monkeypatch.setattr(set_aside, "_log", log)
    person, system = council_person(NORMA), {"id": "SP-P"}

    def sent(words: str) -> bytes:
        return support_plan(person, system, goals=[goal("G-P", words)])

    gateway.push("social-care", COUNCIL, sent("words of old"))
    name = next(
        one["id"]
        for one in world.of("Goal", norma, world.gp)
        if one["description"]["text"] == "words of old"
    )
    _alter(gateway, name, "confidentiality = 0")
    who = gateway.token("provider", "system", COUNCIL, feeds=["social-care"])
    headers = {"Content-Type": "application/json"}
    answer = gateway.ask(
        "POST", "/feeds/social-care", who, content=sent("words of now"), headers=headers
    )
    assert answer.status_code == 202
    assert next(one["code"] for one in answer.json()["issues"]) == "altered-in-store"
    assert answer.json()["items"] == {"taken": 0, "quarantined": 1}
    assert log.lines == [("altered-row-met", {"items": 1})]


def test_a_row_that_was_marked_as_withdrawn_is_found(gateway, world):
    norma, store = world.norma, gateway.site.store
    put(gateway, norma, goal_row("g-1", norma, "words"))

    async def altered(conn: Any) -> int:
        return (await altered_labels(conn, store.vault, 1_000))[1]

    assert gateway.write(altered) == 0
    _alter(gateway, "g-1", "deleted = 1")
    assert gateway.write(altered) == 1
