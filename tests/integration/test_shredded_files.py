"""What was shredded stands in none of SQLite's files, its write-ahead log no less (S65, A43)."""

import asyncio
from pathlib import Path

import pytest

from gateway.flows.identity import shred
from gateway.flows.identity.shred import Basis
from gateway.store.database import schema, sqlite
from gateway.store.upkeep import operations
from tests.integration.taking import opened, provider, run, taken
from tests.integration.test_ingest_identity import NORMA, OTHER, seen_by
from tests.integration.test_shredding import ANNE, BEN, rows


@pytest.fixture
def database(tmp_path) -> str:
    """SQLite's alone: a server's files are its own (docs/data-protection.md, Copies)."""
    url = f"sqlite:///{tmp_path}/x.db"
    schema.upgrade(url)
    return url


def found(folder: Path, words: list[bytes]) -> int:
    """How often any of these stands in the files of the database."""
    files = [one.read_bytes() for one in folder.glob("x.db*")]
    assert files
    return sum(content.count(word) for content in files for word in words)


async def wrapped(store) -> dict[str, list[bytes]]:
    """Organisation -> the wrapped keys of Norma's records; the day's key under `day`."""
    await taken(store, seen_by("RAX", NORMA))
    await taken(store, seen_by("RQY", OTHER, local="5500999"))
    keys = await rows(
        store,
        "SELECT COALESCE(s.source_org, 'day'), k.wrapped FROM data_key k"
        " LEFT JOIN source_record s ON s.patient_id = k.owner",
    )
    return {org: [bytes(key) for name, key in keys if name == org] for org, _ in keys}


async def shredded(store, register) -> None:
    [(record,)] = await rows(
        store, "SELECT patient_id FROM source_record WHERE source_org = $1", "RAX"
    )
    made = await shred.ask(store, ANNE, record, Basis.REQUEST, "file 112", whole=True)
    await shred.confirm(store, BEN, made["request"], register)


def test_s65_keys_that_went_stand_in_no_file_of_the_database(database, tmp_path):
    async def scenario(store):
        keys = await wrapped(store)
        assert found(tmp_path, keys["RAX"])
        await shredded(store, tmp_path / "shredded")
        assert not found(tmp_path, keys["RAX"])
        assert found(tmp_path, keys["RQY"]), "what others' records are opened with stays"

    run(database, tmp_path, scenario)


def test_s65_whoever_reads_at_that_moment_delays_it_to_a_later_writing(
    database, tmp_path, monkeypatch
):
    monkeypatch.setattr(sqlite, "_EMPTY_AGAIN_SECONDS", 0)

    async def scenario(store):
        keys = await wrapped(store)
        async with opened(database, provider(tmp_path)) as beside, beside.engine.reading() as conn:
            await conn.fetch("SELECT COUNT(*) FROM data_key")
            await shredded(store, tmp_path / "shredded")
            assert found(tmp_path, keys["RAX"]), "a snapshot of before is being read"
        await store.write(lambda _conn: asyncio.sleep(0))
        assert not found(tmp_path, keys["RAX"])

    run(database, tmp_path, scenario)


def test_s65_the_key_of_a_day_leaves_the_files_too(database, tmp_path):
    async def scenario(store):
        keys = await wrapped(store)
        [(owner,)] = await rows(
            store, "SELECT owner FROM data_key WHERE wrapped = $1", *keys["day"]
        )
        await store.write(lambda conn: operations.shred(conn, owner))
        assert not found(tmp_path, keys["day"])

    run(database, tmp_path, scenario)
