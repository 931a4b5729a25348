"""Whoever asks that a person be shredded, whoever confirms it, and what stands in the way."""

from datetime import timedelta

import pytest

from gateway.audit.entry import AuditEntry, decode
from gateway.audit.events import Event, Outcome
from gateway.errors import FaultyRequestError, NotFoundError
from gateway.flows.asking.search_log import Operator
from gateway.flows.identity import shred, shred_again, shred_hold
from gateway.store.audit import audit_opening, shown
from gateway.store.sealed import shred_register
from gateway.store.upkeep import shredding
from tests.integration.taking import run, taken
from tests.integration.test_ingest_identity import NORMA, seen_by
from tests.integration.test_shredding import (
    ANNE,
    BEN,
    _killed,
    _KilledError,
    about,
    asked,
    register,
    rows,
    shredded,
    two_people,
)

__all__ = ["register"]


def test_the_reason_stays_readable_and_words_about_the_person_do_not(
    database_url, tmp_path, register
):
    async def scenario(store):
        norma, _, _ = await two_people(store)
        await shredded(store, register, norma)
        entries = await rows(store, "SELECT record FROM audit_entry WHERE event = 'shred'")
        async with store.engine.reading() as conn:
            words = [
                await audit_opening.opened(conn, store.vault, decode(bytes(row[0])))
                for row in entries
            ]
        assert {one.free_text for one in words} == {"file 112", ""}

    run(database_url, tmp_path, scenario)


def test_a_look_of_before_that_is_listed_later_brings_nothing_back(
    database_url, tmp_path, register
):
    """What was written of the log by then is no sign that somebody's data came back."""

    async def scenario(store):
        norma, _, other = await two_people(store)
        looked = AuditEntry(
            ANNE.at, Event.READ, Outcome.SERVED, ANNE.agent, patient_ids=(norma, other)
        )
        await store.log.append(looked)
        await shredded(store, register, norma)
        await shown.catch_up(store)
        async with store.engine.reading() as conn:
            assert await shredding.left(conn) == {}
        assert await shred_again.shred_again(store, register) == 0
        assert [seq async for seq, _ in shown.entries(store.engine, [other])]
        assert not [seq async for seq, _ in shown.entries(store.engine, [norma])]

    run(database_url, tmp_path, scenario)


def test_whoever_asked_cannot_confirm_and_nobody_can_for_ever(database_url, tmp_path, register):
    async def scenario(store):
        norma, twin, _ = await two_people(store)
        request = await asked(store, norma)
        late = Operator("ben", ANNE.at + shred.LONGEST_WAIT + timedelta(seconds=1))
        same = [Operator(name, ANNE.at) for name in ("Anne", "anne@R9Z", "\uff41nne")]
        for who in (ANNE, *same, late):
            with pytest.raises(FaultyRequestError):
                await shred.confirm(store, who, request, register)
        await shred.withdraw(store, ANNE, request, "the wrong record", register)
        with pytest.raises(FaultyRequestError):
            await shred.confirm(store, BEN, request, register)
        with pytest.raises(NotFoundError):
            await shred.confirm(store, BEN, "nothing", register)
        assert (await about(store, norma, twin))["data_key"] == 2
        assert not register.exists()

    run(database_url, tmp_path, scenario)


def test_the_database_itself_refuses_one_operator_twice(database_url, tmp_path):
    async def scenario(store):
        norma, _, _ = await two_people(store)
        request = await asked(store, norma)

        async def alone(conn):
            await conn.execute(
                "UPDATE shred_request SET confirmed_by = asked_by WHERE request_id = $1", (request,)
            )

        with pytest.raises(Exception, match="shred_request_two"):
            await store.write(alone)

    run(database_url, tmp_path, scenario)


def test_a_hold_on_any_record_of_the_person_stands_in_the_way(database_url, tmp_path, register):
    async def scenario(store):
        norma, twin, _ = await two_people(store)
        request = await asked(store, norma)
        held = await shred_hold.hold(store, ANNE, twin, "2027-06-30", "an inquiry")
        with pytest.raises(FaultyRequestError):
            await shred.confirm(store, BEN, request, register)
        with pytest.raises(FaultyRequestError):
            await asked(store, norma)
        [shown] = (await shred_hold.listed(store, ANNE))["holds"]
        assert not shown["due"]
        later = Operator("anne", ANNE.at.replace(year=2028))
        assert (await shred_hold.listed(store, later))["holds"][0]["due"]
        with pytest.raises(FaultyRequestError):
            await shred_hold.lift(store, ANNE, held["hold"], "it is closed")
        assert (await shred_hold.listed(store, ANNE))["holds"] == [shown]
        await shred_hold.lift(store, BEN, held["hold"], "it is closed")
        with pytest.raises(NotFoundError):
            await shred_hold.lift(store, BEN, held["hold"], "again")
        assert (await shred.confirm(store, BEN, request, register))["state"] == "done"

    run(database_url, tmp_path, scenario)


async def _cut_short(store, register, monkeypatch, request: str, place) -> None:
    """The confirmation of a request, by a process that ends there."""
    with monkeypatch.context() as patched:
        patched.setattr(*place, _killed)
        with pytest.raises(_KilledError):
            await shred.confirm(store, BEN, request, register)


def test_a_hold_stands_in_the_way_of_what_was_cut_short_after_the_register(
    database_url, tmp_path, register, monkeypatch
):
    async def scenario(store):
        norma, twin, _ = await two_people(store)
        request = await asked(store, norma)
        await _cut_short(store, register, monkeypatch, request, (shredding, "erase"))
        assert norma in shred_register.read(register)
        held = await shred_hold.hold(store, ANNE, twin, "2027-06-30", "an inquiry")
        assert await shred_again.shred_again(store, register) == 0
        assert (await about(store, norma, twin))["data_key"] == 2
        with pytest.raises(FaultyRequestError):
            await shred.withdraw(store, ANNE, request, "it has begun", register)
        await shred_hold.lift(store, BEN, held["hold"], "it is closed")
        assert await shred_again.shred_again(store, register) == 2
        assert "data_key" not in await about(store, norma, twin)

    run(database_url, tmp_path, scenario)


def test_what_was_confirmed_and_cannot_be_carried_out_can_be_withdrawn(
    database_url, tmp_path, register, monkeypatch
):
    """Else it would be carried out years later, when the hold is lifted."""

    async def scenario(store):
        norma, twin, _ = await two_people(store)
        request = await asked(store, norma)
        await _cut_short(store, register, monkeypatch, request, (shred_register, "add"))
        held = await shred_hold.hold(store, ANNE, twin, "2027-06-30", "an inquiry")
        assert await shred_again.shred_again(store, register) == 0
        done = await shred.withdraw(store, ANNE, request, "the inquiry needs it", register)
        assert done["state"] == "withdrawn"
        await shred_hold.lift(store, BEN, held["hold"], "it is closed")
        assert await shred_again.shred_again(store, register) == 0
        assert (await about(store, norma, twin))["data_key"] == 2

    run(database_url, tmp_path, scenario)


async def arrived(store, org: str) -> str:
    """What another organisation sends of Norma meanwhile: its record."""
    await taken(store, seen_by(org, NORMA))
    [(record,)] = await rows(
        store, "SELECT patient_id FROM source_record WHERE source_org = $1", org
    )
    return str(record)


@pytest.mark.parametrize("place", [(shredding, "erase"), (shred_register, "add")])
def test_what_was_confirmed_goes_whoever_is_linked_with_it_by_then(
    database_url, tmp_path, register, monkeypatch, place
):
    """In a copy that was put back, too, whose links are others: only a hold waits."""

    async def scenario(store):
        norma, twin, _ = await two_people(store)
        request = await asked(store, norma)
        await _cut_short(store, register, monkeypatch, request, place)
        late = await arrived(store, "RY9")
        assert await shred_again.shred_again(store, register) == 2
        assert "data_key" not in await about(store, norma, twin)
        assert (await about(store, late))["data_key"] == 1, "nobody agreed on that one"
        assert not (await shred_hold.listed(store, ANNE))["requests"]

    run(database_url, tmp_path, scenario)


def test_whoever_confirms_again_is_told_of_records_that_came_meanwhile(
    database_url, tmp_path, register, monkeypatch
):
    async def scenario(store):
        norma, _, _ = await two_people(store)
        request = await asked(store, norma)
        await _cut_short(store, register, monkeypatch, request, (shred_register, "add"))
        late = await arrived(store, "RY9")
        done = await shred.confirm(store, BEN, request, register)
        assert done["other_records"] == [late]

    run(database_url, tmp_path, scenario)


def test_a_hold_needs_a_day_to_come(database_url, tmp_path):
    async def scenario(store):
        norma, _, _ = await two_people(store)
        with pytest.raises(FaultyRequestError):
            await shred_hold.hold(store, ANNE, norma, ANNE.at.date().isoformat(), "an inquiry")

    run(database_url, tmp_path, scenario)


def test_a_person_who_has_other_records_by_then_is_asked_for_anew(database_url, tmp_path, register):
    async def scenario(store):
        norma, _, _ = await two_people(store)
        request = await asked(store, norma)
        await taken(store, seen_by("RY9", NORMA))
        with pytest.raises(FaultyRequestError):
            await shred.confirm(store, BEN, request, register)
        assert (await about(store, norma))["data_key"] == 1

    run(database_url, tmp_path, scenario)
