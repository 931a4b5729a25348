"""S58: a log that cannot be written while the record can be read: nobody is answered, or let in."""

import asyncpg
import pytest

from gateway.errors import AuditUnavailableError
from gateway.flows.audit.verify_log import verify_log
from gateway.store.commit import log
from mappings.core.checking.validate import validate
from tests.api.opened import WHY, alert_rows, break_glass
from tests.api.service import is_outcome, resources
from tests.api.world import HIDDEN_WORDS
from tests.fake_log import FakeLog

ON_CALL = "020 7946 0999"


@pytest.fixture
def gateway(start):
    return start(on_call_number=ON_CALL)


@pytest.fixture
def lines(monkeypatch) -> FakeLog:
    made = FakeLog()
    monkeypatch.setattr(log, "_log", made)
    return made


def _execute(gateway, statement: str) -> None:
    async def run() -> None:
        async with gateway.site.store.engine.writing() as conn:
            await conn.execute(statement)

    gateway.run(run())


def _grants(gateway) -> int:
    async def count() -> int:
        async with gateway.site.store.engine.reading() as conn:
            return (await conn.fetch("SELECT COUNT(*) FROM access_grant"))[0][0]

    return gateway.run(count())


def _check_nothing_leaves(gateway, world, norma) -> None:
    answers = [
        gateway.get(f"Patient/{norma}", world.social_worker),
        gateway.get(f"Goal?patient={norma}", world.social_worker),
        gateway.get(f"Patient/{norma}/$everything", world.social_worker),
        break_glass(gateway, world.doctor, norma),
        gateway.get(f"Patient/{norma}", world.doctor),
    ]
    for answer in answers:
        assert is_outcome(answer, 503, "transient")
        assert ON_CALL in answer.text
        assert answer.headers["retry-after"] == "1"
        for words in (*HIDDEN_WORDS, norma, WHY):
            assert words not in answer.text


def test_s58_without_the_log_neither_a_read_nor_an_emergency_is_answered(gateway, world, lines):
    norma, size = world.norma, gateway.size()
    _execute(gateway, "ALTER TABLE audit_head RENAME TO audit_head_gone")
    _check_nothing_leaves(gateway, world, norma)
    assert gateway.get("/readyz").status_code == 503
    assert lines.events == ["audit-log-unavailable"], "once, however many ask"
    assert lines.lines[0][1]["fault"] in ("OperationalError", "UndefinedTableError"), "what it was"
    _execute(gateway, "ALTER TABLE audit_head_gone RENAME TO audit_head")
    assert (_grants(gateway), alert_rows(gateway), gateway.size()) == (0, [], size)
    assert gateway.get("/readyz").status_code == 200
    assert lines.events[1:] == ["audit-log-available"]
    (entry,) = gateway.entries(size)
    assert (entry.event, entry.reasons) == ("system", ("audit-log-unavailable",))
    borough = gateway.token("borough-governance", "cg-1", "ICB1")
    (shown,) = resources(gateway.get("AuditEvent?subtype=system", borough).json())
    assert validate(shown, local_references=False) == ()
    assert break_glass(gateway, world.doctor, norma).status_code == 201
    assert gateway.get(f"Patient/{norma}", world.doctor).status_code == 200
    store = gateway.site.store
    assert gateway.run(verify_log(store.engine, store.vault.provider.log_public_keys)).ok


async def _read_only(engine, *, on: bool) -> None:
    """As a full disk or a replica has it: what is stored is read, and nothing is taken."""
    if engine.one_writer:
        engine._writer.raw.execute(f"PRAGMA query_only = {int(on)}")
        return
    async with engine._pool.acquire() as raw:
        await raw.execute("SET default_transaction_read_only = off")
        name = await raw.fetchval("SELECT current_database()")
        await raw.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {on}')
    await engine._pool.expire_connections()


def test_s58_a_database_that_takes_nothing_answers_neither(gateway, world, lines):
    norma, engine = world.norma, gateway.site.store.engine
    gateway.run(_read_only(engine, on=True))
    try:
        _check_nothing_leaves(gateway, world, norma)
        assert gateway.get("/readyz").status_code == 503
        assert _grants(gateway) == 0
    finally:
        gateway.run(_read_only(engine, on=False))
    assert gateway.get("/readyz").status_code == 200
    assert gateway.get(f"Patient/{norma}", world.social_worker).status_code == 200


@pytest.mark.parametrize("fault", [ConnectionRefusedError, asyncpg.ConnectionDoesNotExistError])
def test_s58_a_database_that_is_not_there_is_asked_again_later(gateway, world, monkeypatch, fault):
    norma = world.norma

    def gone(_engine):
        raise fault(f"no way to {norma}")

    monkeypatch.setattr(type(gateway.site.store.engine), "reading", gone)
    monkeypatch.setattr(type(gateway.site.store.engine), "writing", gone)
    _check_nothing_leaves(gateway, world, norma)
    assert gateway.get("/readyz").status_code == 503


def test_an_entry_that_cannot_be_written_undoes_its_writing_in_our_own_words(gateway, world):
    """Whatever the engine said of it, with whatever values."""
    _execute(gateway, "ALTER TABLE audit_head RENAME TO audit_head_gone")
    with pytest.raises(AuditUnavailableError) as told:
        gateway.run(gateway.site.store.log.append(gateway.entries()[0]))
    assert told.value.__cause__ is None
    assert "audit_head" not in str(told.value)


def test_a_log_without_its_head_says_what_to_run(gateway, world):
    entries = gateway.entries()[:1]

    async def unit(conn):
        await log.append(conn, gateway.site.store.vault, entries)
        await conn.execute("DELETE FROM audit_head")

    with pytest.raises(AuditUnavailableError, match="db upgrade"):
        gateway.write(unit)
