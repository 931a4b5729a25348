"""Each key that signs the log does so for sizes of its own: what a retired key signs later is
named, by `audit verify` and by the one-file verifier, and the service does not sign by it."""

import asyncio
import shutil
from datetime import timedelta
from functools import partial

import pytest

from gateway.audit.checkpoint import Checkpoint, RetiredKeyError, sign
from gateway.errors import ConfigurationError
from gateway.flows.asking.search_log import Operator
from gateway.flows.audit import publish_log
from gateway.flows.audit.prove_entry import prove
from gateway.store.audit import published
from gateway.store.keyring.keys import FileKeyProvider, add_key
from tests.fake_log import FakeLog
from tests.integration.taking import opened, provider, run, upgraded
from tests.integration.test_attacked_log import _alone
from tests.integration.test_tampered_log import ORIGIN, fill, unguarded, verdict


async def _rotated(store, path):
    """A log signed by one key at 5 and by the next from 9 on; the first size of that."""
    await fill(store, 5)
    at = store.vault.now()
    await publish_log.checkpoint(store, ORIGIN, at)
    await fill(store, 4)
    await publish_log.hand_over(store, ORIGIN, 9, at, partial(add_key, path, "log-signing"))
    await fill(store, 3)
    return await publish_log.checkpoint(store, ORIGIN, at + timedelta(hours=1))


async def _notes(store):
    return [made.note async for page in published.checkpoints(store.engine) for made, _ in page]


def _lines(store):
    return [key.verifier(ORIGIN).to_line() for key in store.vault.provider.log_public_keys]


def test_the_new_key_signs_from_its_size_on_and_both_verifiers_take_it(database_url, tmp_path):
    async def scenario(store):
        made = await _rotated(store, tmp_path / "keys.json")
        found, notes, lines = await verdict(store), await _notes(store), _lines(store)
        return made, found, notes, lines

    made, found, notes, lines = run(upgraded(database_url), tmp_path, scenario)
    assert (made.size, found.ok, len(notes)) == (12, True, 3)
    assert [line.split(" ")[1:] for line in lines] == [["0", "9"], ["9"]]
    module = _alone()
    assert [module.open_note(note, lines)[0] for note in notes] == [5, 9, 12]
    old, new = (line.partition(" ")[0] for line in lines)
    assert module.open_note(notes[0], [old])[0] == 5
    with pytest.raises(module.UnreadableError):
        module.open_note(notes[2], [old])
    assert module.open_note(notes[2], [new])[0] == 12


def test_a30_what_a_retired_key_signs_later_is_named(database_url, tmp_path):
    async def scenario(store):
        await _rotated(store, tmp_path / "keys.json")
        await unguarded(store)
        async with store.engine.writing() as conn:
            root = await published.root_at(conn, 12)
            stolen = store.vault.provider.log_keys.at(5)
            note = sign(Checkpoint(ORIGIN, 12, root), stolen, ORIGIN)
            await conn.execute("UPDATE log_checkpoint SET note = $1 WHERE size = 12", [note])
        return note, await verdict(store), store.vault.provider.log_public_keys

    note, found, keys = run(upgraded(database_url), tmp_path, scenario)
    assert (found.ok, found.first_bad) == (False, 9)
    assert found.reason == "the stored checkpoint of 12 entries is signed by a key of other sizes"
    with pytest.raises(RetiredKeyError):
        keys[0].verifier(ORIGIN).verify(note, ORIGIN)
    module = _alone()
    with pytest.raises(module.RetiredKeyError):
        module.open_note(note, [key.verifier(ORIGIN).to_line() for key in keys])


def test_a_key_does_not_sign_before_its_size_either(database_url, tmp_path):
    async def scenario(store):
        await _rotated(store, tmp_path / "keys.json")
        await unguarded(store)
        async with store.engine.writing() as conn:
            root = await published.root_at(conn, 5)
            note = sign(Checkpoint(ORIGIN, 5, root), store.vault.provider.log_keys.at(9), ORIGIN)
            await conn.execute("UPDATE log_checkpoint SET note = $1 WHERE size = 5", [note])
        return await verdict(store)

    found = run(upgraded(database_url), tmp_path, scenario)
    assert (found.ok, found.first_bad) == (False, 0)


def test_a_machine_without_the_new_key_signs_nothing_and_somebody_is_called(
    database_url, tmp_path, monkeypatch
):
    log = FakeLog()
    monkeypatch.setattr(publish_log, "_log", log)
    upgraded(database_url)
    provider(tmp_path)
    elsewhere = tmp_path / "elsewhere.json"
    shutil.copy(tmp_path / "keys.json", elsewhere)

    async def scenario():
        async with opened(database_url, provider(tmp_path)) as store:
            await _rotated(store, tmp_path / "keys.json")
        async with opened(database_url, FileKeyProvider.read(elsewhere)) as store:
            await fill(store, 2)
            last = await publish_log.checkpoint(
                store, ORIGIN, store.vault.now() + timedelta(hours=2)
            )
            with pytest.raises(ConfigurationError):
                await publish_log.signed(store, ORIGIN, store.vault.now())
            with pytest.raises(ConfigurationError):
                await prove(store, Operator("anne", store.vault.now()), 3, ORIGIN)
            shutil.copy(tmp_path / "keys.json", elsewhere)
            after = await publish_log.checkpoint(
                store, ORIGIN, store.vault.now() + timedelta(hours=3)
            )
            return last.size, after.size, (await verdict(store)).reason

    last, after, wrong = asyncio.run(scenario())
    assert (last, wrong) == (12, "")
    assert after > last, "given the file it signs, without a restart"
    assert log.events == ["log-key-missing"]


def test_no_key_takes_over_a_size_that_was_signed(database_url, tmp_path):
    async def scenario(store):
        await fill(store, 5)
        await publish_log.checkpoint(store, ORIGIN, store.vault.now())
        add = partial(add_key, tmp_path / "keys.json", "log-signing")
        with pytest.raises(ConfigurationError):
            await publish_log.hand_over(store, ORIGIN, 5, store.vault.now(), add)
        return len(FileKeyProvider.read(tmp_path / "keys.json").log_public_keys)

    assert run(upgraded(database_url), tmp_path, scenario) == 1


def test_no_key_takes_over_a_size_that_was_signed_for_a_proof(database_url, tmp_path):
    async def scenario(store):
        await fill(store, 5)
        proof = await prove(store, Operator("anne", store.vault.now()), 3, ORIGIN)
        add = partial(add_key, tmp_path / "keys.json", "log-signing")
        with pytest.raises(ConfigurationError):
            await publish_log.hand_over(store, ORIGIN, proof["size"], store.vault.now(), add)
        return proof["checkpoint"], await _notes(store)

    note, kept = run(upgraded(database_url), tmp_path, scenario)
    assert kept == [note]


def test_no_entry_is_proved_of_a_log_that_was_rewritten(database_url, tmp_path):
    async def scenario(store):
        await fill(store, 5)
        await unguarded(store)
        async with store.engine.writing() as conn:
            await conn.execute("UPDATE audit_entry SET leaf_hash = root_after WHERE seq = 2")
        with pytest.raises(publish_log.ForkedLogError):
            await prove(store, Operator("anne", store.vault.now()), 3, ORIGIN)

    run(upgraded(database_url), tmp_path, scenario)


def test_a_key_file_of_before_the_last_rotation_is_given_no_key(database_url, tmp_path):
    async def scenario(store):
        path = tmp_path / "keys.json"
        old = path.read_bytes()
        await _rotated(store, path)
        await fill(store, 2)
        path.write_bytes(old)
        stale = FileKeyProvider.read(path)
        async with opened(database_url, stale) as behind:
            add = partial(add_key, path, "log-signing")
            with pytest.raises(ConfigurationError):
                await publish_log.hand_over(behind, ORIGIN, 14, behind.vault.now(), add)
        return path.read_bytes() == old

    assert run(upgraded(database_url), tmp_path, scenario)
