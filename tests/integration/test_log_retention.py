"""How long the log keeps what was typed into it: the key of a month dies, and no proof with it."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.audit.entry import AuditEntry, Sensitive, decode, words_owner
from gateway.audit.events import Event, Outcome
from gateway.errors import ConfigurationError
from gateway.flows.asking.search_log import Operator
from gateway.flows.intake.expire_words import expire_words
from gateway.settings import Settings
from gateway.store.audit import audit_opening, audit_reads
from gateway.store.keyring.keys import KeyUnavailableError
from tests.integration.taking import START, run, verified

YEARS = 30
LONG_AGO = datetime(1996, 11, 30, 23, 59, tzinfo=UTC)
SAID = "looked for Norma Ashdown, 9990000077"


async def _said(store, at: datetime, patient: str = "") -> int:
    entry = AuditEntry(
        at,
        Event.SEARCH,
        Outcome.NOT_FOUND,
        Operator("ig-1", at).agent,
        patient_ids=(patient,) if patient else (),
        sensitive=Sensitive(raw_query=SAID),
    )
    return await store.log.append(entry)


async def _words(store, number: int) -> str | None:
    """What the entry seals; None where the key is gone."""
    async with store.engine.reading() as conn:
        ((_, record),) = await audit_reads.stretch(conn, number, number + 1)
        try:
            return (await audit_opening.opened(conn, store.vault, decode(record))).raw_query
        except KeyUnavailableError:
            return None


async def _events(store, first: int) -> list[AuditEntry]:
    return [decode(one[1]).entry async for one in audit_reads.entries(store.engine, first)]


def test_words_of_months_that_are_over_for_long_enough_are_gone_and_the_log_verifies(
    database_url, tmp_path
):
    async def scenario(store) -> None:
        old = await _said(store, LONG_AGO)
        edge = await _said(store, LONG_AGO + timedelta(days=1))
        fresh = await _said(store, START)
        assert await expire_words(store, START, YEARS) == 1
        assert await _words(store, old) is None
        assert await _words(store, edge) == await _words(store, fresh) == SAID
        (swept,) = await _events(store, fresh + 1)
        assert (swept.event, swept.outcome) == (Event.SHRED, Outcome.STORED)
        assert dict(swept.detail) == {"owner": "log:1996-11"}
        assert await verified(store)

    run(database_url, tmp_path, scenario)


def test_what_is_about_a_person_lives_as_long_as_their_own_key(database_url, tmp_path):
    async def scenario(store) -> None:
        about = await _said(store, LONG_AGO, patient="a-record")
        assert await expire_words(store, START, YEARS) == 0
        assert await _words(store, about) == SAID

    run(database_url, tmp_path, scenario)


def test_without_the_setting_nothing_ends(database_url, tmp_path):
    async def scenario(store) -> None:
        old = await _said(store, LONG_AGO)
        assert await expire_words(store, START, None) == 0
        assert await _words(store, old) == SAID
        assert await _events(store, old + 1) == []

    run(database_url, tmp_path, scenario)


def test_a_sweep_that_was_stopped_goes_on_and_one_that_is_done_does_nothing(
    database_url, tmp_path, monkeypatch
):
    async def scenario(store) -> None:
        told = [await _said(store, LONG_AGO - timedelta(days=31 * n)) for n in range(3)]
        written = type(store).write
        done = []

        async def stopping(self, unit):
            done.append(unit)
            if len(done) == 2:
                raise ConnectionError
            return await written(self, unit)

        with monkeypatch.context() as patched:
            patched.setattr(type(store), "write", stopping)
            with pytest.raises(ConnectionError):
                await expire_words(store, START, YEARS)
        assert [await _words(store, one) is None for one in told] == [False, False, True]
        assert await expire_words(store, START, YEARS) == 2
        assert [await _words(store, one) for one in told] == [None] * 3
        assert await expire_words(store, START, YEARS) == 0
        assert await verified(store)

    run(database_url, tmp_path, scenario)


def test_another_process_forgets_the_key_at_once(database_url, tmp_path):
    """It had it open, and would have kept it for minutes."""

    async def scenario(store) -> None:
        old = await _said(store, LONG_AGO)

        async def beside(other) -> None:
            assert await _words(other, old) == SAID
            await expire_words(store, START, YEARS)
            assert await _words(other, old) is None

        await _beside(store, database_url, tmp_path, beside)

    run(database_url, tmp_path, scenario)


async def _beside(store, url, folder, work) -> None:
    other = type(store)
    opened = await other.open(url, store.vault.provider, store.vault.now)
    try:
        await work(opened)
    finally:
        await opened.close()


def test_a_month_is_one_of_utc_and_never_shorter_than_the_floor(tmp_path):
    late = datetime.fromisoformat("2026-11-01T00:30:00+01:00")
    assert words_owner(late) == "log:2026-10"
    assert words_owner(late.replace(tzinfo=UTC)) == "log:2026-11"
    assert Settings(key_file=tmp_path / "k").audit_retention_years is None
    for years in (0, 29):
        with pytest.raises(ConfigurationError, match="GATEWAY_AUDIT_RETENTION_YEARS"):
            Settings(key_file=tmp_path / "k", audit_retention_years=years)
