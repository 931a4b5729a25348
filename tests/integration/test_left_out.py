"""What a file has to withdraw, and was altered in the database, waits and is tried again."""

from collections import Counter
from datetime import timedelta

import pytest

from consent.label_rules import Decision, Marks
from gateway.clock import to_micros
from gateway.flows.upkeep.left_out import state_left_out
from gateway.store.absences import absence_left
from gateway.store.record import versions
from gateway.store.sealed.label_decisions import keep
from gateway.store.sealed.vault import Keys
from mappings.registry import FEEDS
from tests.fake_log import FakeLog
from tests.integration.returns import plan, submission
from tests.integration.taking import START, Clock, resources, run, taken, upgraded, verified

DAY = timedelta(days=1, hours=1)
PEOPLE = ("MH-1,RQY,9990000506,1961-05-09", "MH-2,RQY,9990000514,1962-05-09")
FIRST = ("2026-11-29T08:00:00", plan("1"), plan("2", person="MH-2"))
SECOND = ("2026-11-30T08:00:00", plan("2", person="MH-2"))
"""Leaves out the plan of the first person."""


def _file(made, *plans):
    return submission("2026-10-31", made, MHS001=PEOPLE, MHS008=plans)


@pytest.fixture
def log(monkeypatch):
    """What operators are told."""
    found = FakeLog()
    monkeypatch.setattr(versions, "_log", found)
    return found


async def _plan_of(store, patient):
    """The one plan of somebody: its place."""
    async with store.engine.reading() as conn:
        rows = await conn.fetch(
            "SELECT patient_id, resource_id FROM resource WHERE resource_type = 'CarePlan'"
            " ORDER BY resource_id"
        )
        keys = await store.vault.keys(conn, {row[0] for row in rows})
    shown = await resources(store)
    said = {
        tuple(row): shown[f"CarePlan/{row[1]}"][0]["identifier"][0]["value"]
        for row in rows
        if row[0] in keys.by_owner
    }
    return next(place for place, name in said.items() if patient in name)


async def _change(store, sql, place, *more):
    async with store.engine.writing() as conn:
        await conn.execute(f"{sql} WHERE patient_id = $1 AND resource_id = $2", (*place, *more))


async def _label(store, place):
    await _change(store, "UPDATE resource SET starts = starts + 1", place)


async def _unlabel(store, place):
    await _change(store, "UPDATE resource SET starts = starts - 1", place)


async def _decide(store, place):
    """A decision on its labels that nobody made."""
    async with store.engine.writing() as conn:
        keys = await store.vault.keys(conn, {place[0]})
        await keep(conn, keys, place, Decision(Marks(), Marks(sensitivities=1)))
    await _change(store, "UPDATE label_decision SET sealed = $3", place, b"no seal")


async def _undecide(store, place):
    await _change(store, "DELETE FROM label_decision", place)


async def _waits(store):
    async with store.engine.reading() as conn:
        rows = await conn.fetch("SELECT patient_id, resource_id FROM absence_left")
    return [tuple(row) for row in rows]


async def _is_gone(store, place):
    async with store.engine.reading() as conn:
        rows = await conn.fetch(
            "SELECT deleted FROM resource WHERE patient_id = $1 AND resource_id = $2", place
        )
    return bool(rows[0][0])


ALTERED = {"a label": (_label, _unlabel), "a decision": (_decide, _undecide)}


@pytest.mark.parametrize(("alter", "mend"), ALTERED.values(), ids=ALTERED)
def test_a_withdrawal_that_was_left_is_made_once_the_row_was_put_right(
    database_url, tmp_path, log, alter, mend
):
    upgraded(database_url)

    async def work(store):
        await taken(store, _file(*FIRST))
        place = await _plan_of(store, "P-1")
        await alter(store, place)
        answer = await taken(store, _file(*SECOND))
        seen = [(await _is_gone(store, place), await _waits(store), len(log.events))]
        for put_right, days in ((False, 0), (False, 1), (True, 2), (True, 3)):
            if put_right and days == 2:
                await mend(store, place)
            tried = await state_left_out(store, FEEDS, START + days * DAY)
            seen.append((tried, await _is_gone(store, place), await _waits(store)))
        return place, answer, seen, await verified(store), await resources(store)

    clock = Clock()
    place, answer, seen, is_whole, held = run(database_url, tmp_path, work, clock)
    assert answer["status"] == "taken"
    assert seen[0] == (False, [place], 1)
    assert seen[1] == (0, False, [place]), "not yet"
    assert seen[2] == (1, False, [place]), "altered still: it waits for the next day"
    assert seen[3] == (1, True, [])
    assert seen[4] == (0, True, [])
    assert log.events == ["altered-row-left"] * 2, "operators were told each time"
    assert is_whole
    assert sum(name.startswith("CarePlan/") for name in held) == 1


def test_what_is_gone_already_is_not_opened_again(database_url, tmp_path, log):
    upgraded(database_url)

    async def work(store):
        await taken(store, _file(*FIRST))
        place = await _plan_of(store, "P-1")
        await taken(store, _file(*SECOND))
        assert await _is_gone(store, place)
        await _label(store, place)
        async with store.engine.writing() as conn:
            [(name,)] = await conn.fetch("SELECT MAX(snapshot_id) FROM snapshot")
            await absence_left.note(conn, name, [place], to_micros(START - DAY))
        return await state_left_out(store, FEEDS, START), await _waits(store)

    assert run(database_url, tmp_path, work) == (1, [])
    assert log.events == []


def test_what_goes_is_opened_once(database_url, tmp_path, monkeypatch):
    upgraded(database_url)
    opened: Counter[bytes] = Counter()
    unheld = Keys.open

    def counted(self, owner, sealed, aad):
        opened[aad] += 1
        return unheld(self, owner, sealed, aad)

    async def work(store):
        await taken(store, _file(*FIRST))
        place = await _plan_of(store, "P-1")
        monkeypatch.setattr(Keys, "open", counted)
        await taken(store, _file(*SECOND))
        assert await _is_gone(store, place)
        return place

    _, resource_id = run(database_url, tmp_path, work)
    row, lineage = [n for aad, n in opened.items() if f"CarePlan|{resource_id}|".encode() in aad]
    assert (row, lineage) == (1, 1)


def test_the_log_tells_of_what_a_worker_withdrew(database_url, tmp_path, log):
    upgraded(database_url)

    async def entries(store):
        async with store.engine.reading() as conn:
            rows = await conn.fetch("SELECT person_id FROM audit_entry WHERE event = 'system'")
        return [row[0] for row in rows]

    async def work(store):
        await taken(store, _file(*FIRST))
        place = await _plan_of(store, "P-1")
        await _label(store, place)
        await taken(store, _file(*SECOND))
        await _unlabel(store, place)
        before = await entries(store)
        await state_left_out(store, FEEDS, START + DAY)
        async with store.engine.reading() as conn:
            rows = await conn.fetch(
                "SELECT person_id FROM source_record WHERE patient_id = $1", place[:1]
            )
        return before, await entries(store), [row[0] for row in rows]

    before, after, person = run(database_url, tmp_path, work)
    assert before == []
    assert after == person
