"""What one who holds the database, and perhaps the signing key, would do to the log: each is named
by its first entry or its missing checkpoint, by `audit verify` and by the one-file verifier."""

import asyncio
import base64
import importlib.util
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import Checkpoint, Verifier, sign
from gateway.audit.merkle import Frontier, leaf_hash, tree_root
from gateway.audit.tiles import WIDTH
from gateway.flows.asking import search_log
from gateway.flows.asking.search_log import Operator
from gateway.flows.audit import publish_log
from gateway.store.audit import published, shown, witnesses
from gateway.store.audit.witnesses import Witnessed
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from tests.integration.taking import START, run, upgraded
from tests.integration.test_tampered_log import (
    ORIGIN,
    fill,
    published_log,
    unguarded,
    verdict,
)

FILE: Final = Path(__file__).parents[2] / "deploy" / "verify_log.py"
Attack = Callable[[Store, Connection], Awaitable[None]]
Records = list[bytes]


class Told(NamedTuple):
    """The first bad entry: from inside, with what was kept outside, by the one-file verifier."""

    inside: int | None
    kept: int | None
    alone: int | None


def _alone():
    spec = importlib.util.spec_from_file_location("verify_alone", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def _notes(store) -> list[str]:
    """What somebody outside was given."""
    return [made.note async for page in published.checkpoints(store.engine) for made, _ in page]


def _roots(store, notes: Sequence[str]) -> dict[int, bytes]:
    keys = store.vault.provider.log_public_keys
    held = [key.verifier(ORIGIN).verify(note, ORIGIN) for note in notes for key in keys[:1]]
    return {one.size: one.root for one in held}


async def _exported(store) -> list[bytes]:
    lines: list[bytes] = []
    async with store.engine.reading() as conn:
        [(last,)] = await conn.fetch("SELECT MAX(seq) FROM audit_entry")
    who = Operator("anne", START)
    await search_log.export(store, who, 0, last, lambda some, _: lines.extend(some.splitlines()))
    return lines


async def _told(store, notes: Sequence[str]) -> Told:
    inside, kept = await verdict(store), await verdict(store, _roots(store, notes))
    module = _alone()
    key = store.vault.provider.log_public_keys[0].verifier(ORIGIN).to_line()
    held = [module.open_note(note, [key]) for note in notes]
    alone, _ = module.verify_log(await _exported(store), held)
    return Told(inside.first_bad, kept.first_bad, alone)


async def _records(conn) -> Records:
    return [
        bytes(row[0]) for row in await conn.fetch("SELECT record FROM audit_entry ORDER BY seq")
    ]


async def rewrite(conn, records: Records, key: Ed25519PrivateKey | None = None) -> None:
    """The whole log again, of these records, right in itself: head, subtrees, checkpoints. What
    they did not sign is signed anew where a key was stolen, and else gone."""
    frontier, roots = Frontier(), []
    rows = await conn.fetch("SELECT seq FROM audit_entry WHERE seq >= $1", [len(records)])
    for number, record in enumerate(records):
        frontier, root = frontier.append(leaf_hash(record))
        roots.append(root)
        await conn.execute(
            "UPDATE audit_entry SET record = $2, leaf_hash = $3, root_after = $4 WHERE seq = $1",
            (number, record, leaf_hash(record), root),
        )
    for table in ("audit_entry", "shown"):
        await conn.execute(f"DELETE FROM {table} WHERE seq >= $1", [len(records)])  # noqa: S608
    if rows:
        await conn.execute("UPDATE log_reader SET seq = $1", [len(records)])
    await conn.execute(
        "UPDATE audit_head SET size = $1, frontier = $2", (len(records), frontier.to_bytes())
    )
    for table in ("log_subtree", "log_witness", "serving"):
        await conn.execute(f"DELETE FROM {table}")  # noqa: S608
    subtree = tree_root([leaf_hash(one) for one in records[:WIDTH]])
    await conn.execute("INSERT INTO log_subtree (level, number, root) VALUES (1, 0, $1)", [subtree])
    for (size,) in await conn.fetch("SELECT size FROM log_checkpoint"):
        if key is None or size > len(records):
            await conn.execute("DELETE FROM log_checkpoint WHERE size = $1", [size])
            continue
        note = sign(Checkpoint(ORIGIN, size, roots[size - 1]), key, ORIGIN)
        await conn.execute("UPDATE log_checkpoint SET note = $2 WHERE size = $1", (size, note))


def _swapped(records: Records, one: int, other: int) -> Records:
    """Two entries with each other's sealed part."""
    first, second = json.loads(records[one]), json.loads(records[other])
    first["sealed"], second["sealed"] = second["sealed"], first["sealed"]
    made = list(records)
    for number, members in ((one, first), (other, second)):
        made[number] = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    return made


async def _swap(_store, conn):
    records = _swapped(await _records(conn), 100, 200)
    for number in (100, 200):
        await conn.execute(
            "UPDATE audit_entry SET record = $2 WHERE seq = $1", (number, records[number])
        )


async def _swap_and_mend_the_leaf(_store, conn):
    records = _swapped(await _records(conn), 100, 200)
    for number in (100, 200):
        await conn.execute(
            "UPDATE audit_entry SET record = $2, leaf_hash = $3 WHERE seq = $1",
            (number, records[number], leaf_hash(records[number])),
        )


async def _swap_and_write_the_rest_again(_store, conn):
    await rewrite(conn, _swapped(await _records(conn), 280, 290))


async def _sign_the_rest_again_with_a_stolen_key(store, conn):
    records = _swapped(await _records(conn), 280, 290)
    await rewrite(conn, records, store.vault.provider.log_keys.at(310))


async def _sign_the_rest_again_with_a_key_of_their_own(_store, conn):
    records = _swapped(await _records(conn), 280, 290)
    await rewrite(conn, records, Ed25519PrivateKey.generate())


async def _take_the_last_entries_with_all_that_speaks_of_them(_store, conn):
    await rewrite(conn, (await _records(conn))[:300])


async def _move_an_entry_under_another_months_key(_store, conn):
    records = await _records(conn)
    members = json.loads(records[100])
    members["sealed"]["owner"] = "log:2020-01"
    records[100] = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    await rewrite(conn, records)


ATTACKS: Final[dict[Attack, Told]] = {
    _swap: Told(100, 100, 100),
    _swap_and_mend_the_leaf: Told(100, 100, 100),
    _swap_and_write_the_rest_again: Told(None, 270, 270),
    _sign_the_rest_again_with_a_stolen_key: Told(None, 270, 270),
    _sign_the_rest_again_with_a_key_of_their_own: Told(0, 270, 270),
    _take_the_last_entries_with_all_that_speaks_of_them: Told(None, 300, 300),
    _move_an_entry_under_another_months_key: Told(None, 0, 0),
}
"""What is done, and what is named. Beginning and size of the second checkpoint: 270 and 310."""


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.__name__.strip("_"))
def test_a30_s60_what_was_done_is_named_by_its_first_entry(database_url, tmp_path, attack):
    async def scenario(store):
        await published_log(store)
        notes = await _notes(store)
        assert await _told(store, notes) == Told(None, None, None)
        await unguarded(store)
        async with store.engine.writing() as conn:
            await attack(store, conn)
        return await _told(store, notes)

    assert run(upgraded(database_url), tmp_path, scenario) == ATTACKS[attack]


def test_a30_s60_of_two_logs_that_began_as_one_each_is_refused_by_what_the_other_signed(
    database_url, tmp_path
):
    """As after a backup was restored, and written on."""

    async def scenario(store):
        await published_log(store)
        first = await _notes(store)
        await unguarded(store)
        async with store.engine.writing() as conn:
            await rewrite(conn, (await _records(conn))[:290], store.vault.provider.log_keys.at(310))
        await fill(store, 60)
        assert (await verdict(store)).ok, "nothing inside it can tell"
        return await _told(store, first)

    assert run(upgraded(database_url), tmp_path, scenario) == Told(None, 270, 270)


def test_a_log_that_is_written_while_it_is_verified_is_whole(database_url, tmp_path):
    async def scenario(store):
        async def written():
            for turn in range(30):
                await fill(store, 20)
                await shown.catch_up(store)
                at = store.vault.now() + timedelta(hours=turn)
                made = await publish_log.checkpoint(store, ORIGIN, at)
                taken = Witnessed("board", made.size, turn)
                await store.write(lambda conn, taken=taken: witnesses.note(conn, taken))

        writing = asyncio.create_task(written())
        found = []
        while not writing.done():
            found.append(await verdict(store))
        await writing
        return found

    found = run(upgraded(database_url), tmp_path, scenario)
    assert [one.reason for one in found if not one.ok] == []
    assert len({one.size for one in found}) > 1, "it grew meanwhile"


def test_two_checkpoints_of_one_size_and_different_roots_are_a_fork(tmp_path):
    key = Ed25519PrivateKey.generate()
    notes = [sign(Checkpoint(ORIGIN, 7, bytes([one]) * 32), key, ORIGIN) for one in (1, 2)]
    module = _alone()
    held = [
        module.open_note(note, [Verifier(ORIGIN, key.public_key()).to_text()]) for note in notes
    ]
    assert module.verify_log([], held)[0] == 7


def test_a_log_signed_by_two_keys_one_after_the_other_is_verified_with_both(tmp_path):
    module, old, new = _alone(), Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    _, root = Frontier().append(leaf_hash(b"one"))
    keys = [Verifier(ORIGIN, one.public_key()).to_text() for one in (old, new)]
    line = json.dumps(
        {
            "seq": 0,
            "record": base64.b64encode(b"one").decode(),
            "leaf": leaf_hash(b"one").hex(),
            "root": root.hex(),
        }
    ).encode()
    notes = [sign(Checkpoint(ORIGIN, 1, root), key, ORIGIN) for key in (old, new)]
    held = [module.open_note(note, keys) for note in notes]
    assert module.verify_log([line], held)[0] is None
    with pytest.raises(module.UnreadableError):
        module.open_note(notes[1], keys[:1])
    with pytest.raises(module.UnreadableError):
        list(module._entries([line.replace(b'"seq": 0', b'"seq": false')]))
