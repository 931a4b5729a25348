"""Attacks in the database itself: whence a thing came and who wrote it, as written or untold."""

from typing import Any

import pytest

from gateway.store.record import lineage
from gateway.store.sealed.sealing import SHORTEST
from gateway.store.upkeep.label_check import altered_labels
from tests.api.consents import against, dissent, organisation, team
from tests.api.world import COUNCIL, HOSPITAL
from tests.api.writing import put as update
from tests.fake_log import FakeLog

_VALID = b'[[["i","another-delivery",1,"support-plan","0",1]],[["description","x","y",0]]]'
ALTERED = {
    "nothing": b"",
    "no JSON": b"[[",
    "other JSON": b"{}",
    "lineage of their own": _VALID,
    "lineage that says nothing": b"[[],[]]",
    "a tag of their own": bytes(33) + _VALID,
}


def _alter(gateway: Any, name: str, change: str, *values: Any) -> None:
    """As whoever owns the database could."""

    async def unit(conn: Any) -> None:
        if conn.lock_rows:
            await conn.execute("ALTER TABLE resource_version DISABLE TRIGGER USER")
        else:
            await conn.execute("DROP TRIGGER IF EXISTS resource_version_no_update")
        await conn.execute(
            f"UPDATE resource_version SET lineage = {change} WHERE resource_id = $1",  # noqa: S608
            (name, *values),
        )

    gateway.write(unit)


def _another_delivery(gateway: Any, name: str) -> None:
    """A good lineage, of whose delivery one character is another."""

    async def held(conn: Any) -> bytes:
        rows = await conn.fetch(
            "SELECT lineage FROM resource_version WHERE resource_id = $1", (name,)
        )
        return bytes(rows[0][0])

    before = gateway.write(held)
    place = before.rindex(b"-")
    _alter(gateway, name, "$2", before[: place + 1] + b"0" * 12 + before[place + 13 :])


def _is_told_as_altered(gateway: Any, world: Any, name: str, monkeypatch: Any) -> None:
    log = FakeLog()
    monkeypatch.setattr(lineage, "_log", log)
    before = gateway.size()
    answer = gateway.get(f"Goal/{name}/$lineage", world.gp)
    assert answer.status_code == 200
    ((told,),) = [answer.json()["parameter"]]
    assert told["name"] == "outcome"
    assert told["resource"]["issue"][0]["severity"] == "error"
    assert log.lines == [("altered-lineage-met", {"resource_type": "Goal"})]
    assert [entry.outcome for entry in gateway.entries(before)] == ["served"]


@pytest.mark.parametrize("made", ALTERED.values(), ids=ALTERED)
def test_an_altered_lineage_is_not_told_and_its_row_is(gateway, world, monkeypatch, made):
    name = world.of("Goal", world.norma, world.gp)[0]["id"]
    whole = gateway.get(f"Goal/{name}/$lineage", world.gp).json()["parameter"]
    assert {one["name"] for one in whole} == {"element"}
    _alter(gateway, name, "$2", made)
    _is_told_as_altered(gateway, world, name, monkeypatch)
    assert gateway.get(f"Goal/{name}", world.gp).status_code == 200


@pytest.mark.parametrize("made", ["[[", 7])
def test_what_is_no_bytes_in_its_column_is_altered_too(gateway, world, monkeypatch, made):
    """SQLite's columns hold what is put there; PostgreSQL's would take the bytes of it."""
    name = world.of("Goal", world.norma, world.gp)[0]["id"]
    held = made if gateway.site.store.engine.one_writer else str(made).encode()
    _alter(gateway, name, "$2", held)
    _is_told_as_altered(gateway, world, name, monkeypatch)
    answer = gateway.get(f"Provenance?target=Goal/{name}", world.gp)
    assert answer.status_code == 200
    assert "entity" not in answer.json()["entry"][0]["resource"]

    async def altered(conn: Any) -> int:
        return (await altered_labels(conn, gateway.site.store.vault, 1_000))[1]

    assert gateway.write(altered) == 1


def test_its_tag_with_nothing_behind_it_is_altered(gateway, world, monkeypatch):
    name = world.of("Goal", world.norma, world.gp)[0]["id"]
    _alter(gateway, name, f"substr(lineage, 1, {SHORTEST})")
    _is_told_as_altered(gateway, world, name, monkeypatch)


def test_one_character_of_it_is_enough(gateway, world, monkeypatch):
    name = world.of("Goal", world.norma, world.gp)[0]["id"]
    _another_delivery(gateway, name)
    _is_told_as_altered(gateway, world, name, monkeypatch)


def test_the_lineage_of_another_goal_of_the_same_record_is_none_of_this_one(
    gateway, world, monkeypatch
):
    goals = world.of("Goal", world.norma, world.gp)
    mine = next(one for one in goals if one["meta"]["source"] == goals[0]["meta"]["source"])
    other = next(
        one for one in goals if one is not mine and one["meta"]["source"] == mine["meta"]["source"]
    )
    taken = "(SELECT v.lineage FROM resource_version v WHERE v.resource_id = $2)"
    _alter(gateway, mine["id"], taken, other["id"])
    _is_told_as_altered(gateway, world, mine["id"], monkeypatch)


def test_provenance_names_no_mapping_where_the_lineage_was_altered(gateway, world, monkeypatch):
    log = FakeLog()
    monkeypatch.setattr(lineage, "_log", log)
    name = world.of("Goal", world.norma, world.gp)[0]["id"]
    path = f"Provenance?target=Goal/{name}"
    before = gateway.get(path, world.gp).json()["entry"][0]["resource"]
    _alter(gateway, name, "$2", _VALID)
    answer = gateway.get(path, world.gp)
    assert answer.status_code == 200
    told = answer.json()["entry"][0]["resource"]
    assert "identifier" in before["agent"][-1]["who"]
    assert "identifier" not in told["agent"][-1]["who"]
    assert "entity" not in told, "nor a delivery: who made the version is bound with it"
    assert told["agent"][0] == before["agent"][0], "its source is a label of the row"
    assert log.lines == [("altered-lineage-met", {"resource_type": "Goal"})]
    assert gateway.get(f"Patient/{world.norma}/$everything", world.gp).status_code == 200


def test_who_wrote_a_version_is_not_told_otherwise(gateway, world, monkeypatch):
    log = FakeLog()
    monkeypatch.setattr(lineage, "_log", log)
    made = gateway.create(team(world.norma, organisation(HOSPITAL)), world.coordinator).json()
    path = f"Provenance?target=CareTeam/{made['id']}"
    before = gateway.get(path, world.gp).json()["entry"][0]["resource"]
    assert before["agent"][0]["who"]["type"] == "Practitioner"
    _alter(gateway, made["id"], "lineage, author_id = 'user:RAX:somebody-else'")
    told = gateway.get(path, world.gp).json()["entry"][0]["resource"]
    assert "somebody-else" not in str(told)
    assert told["agent"][0]["who"].get("type") != "Practitioner"
    assert log.lines == [("altered-lineage-met", {"resource_type": "CareTeam"})]


def test_check_counts_a_row_whose_lineage_was_altered(gateway, world):
    store = gateway.site.store
    name = world.of("Goal", world.norma, world.gp)[0]["id"]

    async def altered(conn: Any) -> int:
        return (await altered_labels(conn, store.vault, 1_000))[1]

    assert gateway.write(altered) == 0
    _another_delivery(gateway, name)
    assert gateway.write(altered) == 1


def test_a_dissent_whose_lineage_was_altered_is_ended_all_the_same(gateway, world, monkeypatch):
    """Its words are under a seal of their own: nobody keeps it in force by what stands beside."""
    log = FakeLog()
    monkeypatch.setattr(lineage, "_log", log)
    made = gateway.create(dissent(world.norma, **against(COUNCIL)), world.gp)
    name = made.headers["location"].partition("/_history")[0].rpartition("Consent/")[2]
    held = gateway.get(f"Consent/{name}", world.gp).json()
    _alter(gateway, name, "$2", _VALID)
    assert update(gateway, held | {"status": "inactive"}, world.gp, 1).status_code == 200
    assert ("altered-lineage-met", {"resource_type": "Consent"}) in log.lines


def test_nothing_is_laid_over_a_goal_whose_lineage_was_altered(gateway, world):
    shown = world.of("Goal", world.norma, world.gp)[0]
    _alter(gateway, shown["id"], "$2", _VALID)
    answer = update(gateway, shown | {"note": [{"text": "walks"}]}, world.gp, 1)
    assert answer.status_code in (409, 412)
    assert answer.json()["issue"][0]["code"] == "conflict"
