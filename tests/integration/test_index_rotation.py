"""S66: the index key is rotated while people are looked up and feeds come in; whoever is found by
the old key is found by the new one, what comes again is known again, and links stay as they are."""

import asyncio
import itertools
import shutil
from functools import partial

import pytest

from gateway.cli import keyring
from gateway.custody import keys_of
from gateway.flows.identity.decide_identity import decide
from gateway.identity.statements import Verdict
from gateway.settings import Settings
from gateway.store.access import facts
from gateway.store.identity import people, source_records
from gateway.store.identity.people_said import number_hash
from gateway.store.identity.source_records import is_usable
from gateway.store.keyring.keys import FileKeyProvider, KeyUnavailableError, add_key
from gateway.store.sealed import key_state
from gateway.store.sealed.staff_book import StaffBook
from gateway.store.upkeep import rehashing
from tests.api.world import NHS, World
from tests.integration.taking import (
    all_taken,
    authored,
    opened,
    provider,
    run,
    state_of,
    taken,
    verified,
    waits_or_ends,
)
from tests.integration.test_identity_decisions import by, groups, records
from tests.integration.test_identity_decisions import people as people_of
from tests.integration.test_ingest_identity import NORMA, OTHER, seen_by
from tests.integration.test_key_rotation import operated, own_keys

__all__ = ["own_keys"]

FEEDS_OF_ALL = ("gp", "hospital", "community", "mental-health", "social-care")


def _settings(url, folder) -> Settings:
    return Settings(database_url=url, key_file=folder / "keys.json")


async def _rotated(store, url, folder) -> tuple[int, int]:
    """Another index key, and everything hashed again under it, by a process of its own."""
    settings = _settings(url, folder)
    async with opened(url, keys_of(settings)) as beside:
        await keyring.rotated(settings, beside, "index")
        return await keyring.rehashed(settings, beside)


async def _stored(store) -> tuple[list[tuple[str, ...]], list[tuple[str, list[str]]]]:
    """What is hashed under the index keys: of people, and of resources."""
    async with store.engine.reading() as conn:
        people = await conn.fetch(
            "SELECT patient_id, nhs_hash, birth_hash, called_hash, trace, own_hash, since_hash,"
            " said_hash FROM source_record ORDER BY patient_id"
        )
        codes = await conn.fetch(
            "SELECT resource_id, codes, code_marks FROM resource ORDER BY patient_id, resource_id"
        )
    return (
        [tuple(row) for row in people],
        [(name, [*sorted(text.split("|")), str(marks)]) for name, text, marks in codes],
    )


def test_what_is_hashed_again_is_what_would_have_been_stored(database_url, tmp_path, request):
    """A database that was rotated twice, and one that was filled under the last key."""
    sent = [one for feed in FEEDS_OF_ALL for one in authored(feed)]

    async def rotated(store):
        await all_taken(store, sent)
        before = await _stored(store)
        for _ in range(2):
            people, resources = await _rotated(store, database_url, tmp_path)
            assert people
            assert resources
        settings = _settings(database_url, tmp_path)
        async with opened(database_url, keys_of(settings)) as again:
            assert await keyring.rehashed(settings, again) == (0, 0), "nothing is made twice"
        now = await _stored(store)
        numbers = {row[1] for row in before[0] if is_usable(row[1])}
        assert numbers
        assert not numbers & {row[1] for row in now[0]}
        return now

    async def filled(store):
        async def raised(conn):
            await key_state.raise_to(conn, 3)

        await store.write(raised)
        await all_taken(store, sent)
        return await _stored(store)

    first = run(database_url, tmp_path, rotated)
    shutil.copy(request.getfixturevalue("tables_on_sqlite"), tmp_path / "second.db")
    second = run(f"sqlite:///{tmp_path}/second.db", tmp_path, filled)
    for one, other in zip(first, second, strict=True):
        assert [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]] == []


def test_links_and_what_comes_again_are_as_before(database_url, tmp_path):
    async def scenario(store):
        await taken(store, seen_by("RAX", NORMA))
        await taken(store, seen_by("RQY", NORMA))
        await taken(store, seen_by("RAX", OTHER, local="2"))
        before = await state_of(store)
        await _rotated(store, database_url, tmp_path)
        assert await state_of(store) == before
        again = await taken(store, seen_by("RAX", NORMA))
        assert again["duplicate"] is True
        assert await state_of(store) == before
        await taken(store, seen_by("RY9", NORMA))
        groups = {len(group) for group in (await state_of(store)).groups}
        assert groups == {3, 1}, "a record that comes after links with those from before"
        assert await verified(store)

    run(database_url, tmp_path, scenario)


def test_a_decision_holds_for_what_it_was_made_on_under_another_key(database_url, tmp_path):
    """What was said by then is known again, and so is what contradicts it."""

    async def scenario(store):
        for sent in (seen_by("RAX", NORMA), seen_by("RQY", NORMA, "19430403")):
            await taken(store, sent)
        ids = await records(store)
        await decide(store, by(store), (ids["RQY"], ids["RAX"], Verdict.SAME), "the ward rang")
        await _rotated(store, database_url, tmp_path)
        await taken(store, seen_by("RQY", NORMA, "19430403", at="20261005090000"))
        assert await people_of(store) == groups("RAX RQY")
        oliver = seen_by("RQY", OTHER, "19510622", at="20261006090000", name="Oliver")
        await taken(store, oliver)
        assert await people_of(store) == groups("RAX", "RQY")

    run(database_url, tmp_path, scenario)


def test_a_writer_takes_the_generation_before_any_key_of_its_own(postgres_url, tmp_path):
    """Else it and whoever raises the generation could wait for each other; a writing that claims
    no number and names no record waits as well."""
    mine = "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = {pid}"

    async def scenario(store):
        async def locks(conn, keys):
            (pid,) = (await conn.fetch("SELECT pg_backend_pid()"))[0]
            begun.append(pid)
            await people._one_at_a_time(conn, keys)
            return await conn.fetch(mine.format(pid=pid))

        async with opened(postgres_url, provider(tmp_path)) as beside:
            for keys in ((), ("ab" * 32, "cd" * 32)):
                begun: list[int] = []
                async with store.engine.writing() as holder:
                    await key_state.take(holder)
                    waits = asyncio.create_task(beside.write(partial(locks, keys=keys)))
                    waiting = "SELECT pid FROM pg_locks WHERE NOT granted"
                    while begun not in [[row[0]] for row in await holder.fetch(waiting)]:
                        await asyncio.sleep(0.01)
                    assert await holder.fetch(mine.format(pid=begun[0])) == []
                assert len(await waits) == 1 + len(keys)

    run(postgres_url, tmp_path, scenario)


def test_s66_whoever_is_looked_up_is_found_by_either_key_all_the_while(database_url, tmp_path):
    """Look-ups and feeds go on in a process that was started before, and in one that is new."""

    async def scenario(store):
        await taken(store, seen_by("RAX", NORMA))
        settings = _settings(database_url, tmp_path)
        found: list[int] = []
        done = asyncio.Event()

        async def look(one):
            while not done.is_set():
                hashes = one.vault.hasher.keyed_hashes("nhs-number", NORMA)
                async with one.engine.reading() as conn:
                    found.append(len(await facts.persons_by_number(conn, hashes)))
                await asyncio.sleep(0)

        async def looked_again():
            """Some more look-ups have come to their end, or one has failed."""
            enough = len(found) + 4
            while len(found) < enough and not any(one.done() for one in looking):
                await asyncio.sleep(0)

        async def feed(one, org):
            for day in range(1, 13):
                await taken(one, seen_by(org, NORMA, at=f"202610{day:02}090000"))

        async def rotate(beside):
            for _ in range(3):
                await keyring.rotated(settings, beside, "index")
                await looked_again()
                await keyring.rehashed(settings, beside)
                await looked_again()

        async with (
            opened(database_url, keys_of(settings)) as beside,
            opened(database_url, keys_of(settings)) as new,
        ):
            looking = [asyncio.create_task(look(one)) for one in (store, new)]
            await asyncio.gather(feed(store, "RQY"), feed(new, "RY9"), rotate(beside))
            done.set()
            await asyncio.gather(*looking)
            async with store.engine.reading() as conn:
                state = await key_state.read(conn)
                rows = await conn.fetch("SELECT DISTINCT nhs_hash, person_id FROM source_record")
        assert state.generation == 4
        assert set(found) == {1}, "one person at every moment"
        assert len(rows) == 1, "one number has one hash"

    run(database_url, tmp_path, scenario)


def test_identifiers_are_searched_by_before_between_and_after(start, own_keys):
    gateway = start()
    norma, gp = World(gateway).norma, World(gateway).gp
    path = f"Patient?identifier={NHS}|{NORMA}"

    async def asked() -> list[str]:
        answer = await gateway._client.request("GET", f"/fhir/R4/{path}", headers=gp)
        return [one["resource"]["id"] for one in answer.json()["entry"]]

    async def rotate(settings, store):
        await keyring.rotated(settings, store, "index")
        found = [await asked()]
        await store.write(lambda conn: rehashing.raise_generation(conn, store.vault.hasher, 2))
        return [*found, await asked(), await keyring.rehashed(settings, store), await asked()]

    between, raised, (people, resources), after = gateway.run(operated(gateway, rotate))
    assert between == raised == after
    assert norma in after
    assert people == 0, "they were raised before"
    assert resources


def test_a_process_without_the_key_hashes_nothing(database_url, tmp_path):
    """A machine that was not given the new file stops; it does not part people."""

    async def scenario(store):
        elsewhere = tmp_path / "elsewhere.json"
        shutil.copy(tmp_path / "keys.json", elsewhere)
        await taken(store, seen_by("RAX", NORMA))
        await _rotated(store, database_url, tmp_path)
        async with opened(database_url, FileKeyProvider.read(elsewhere)) as late:
            with pytest.raises(KeyUnavailableError):
                await taken(late, seen_by("RQY", NORMA))
        async with store.engine.reading() as conn:
            rows = await conn.fetch("SELECT source_org FROM source_record")
        assert [row[0] for row in rows] == ["RAX"]

    run(database_url, tmp_path, scenario)


def test_a_writing_and_the_raising_wait_for_each_other(postgres_url, tmp_path):
    """Whoever hashes a number holds its generation until the transaction ends."""

    async def scenario(store):
        add_key(tmp_path / "keys.json", "index")
        store.vault.provider.refresh()

        async def raises():
            async with store.engine.writing() as conn:
                await rehashing.raise_generation(conn, store.vault.hasher, 2)

        async with store.engine.writing() as conn:
            await people.relink(conn, ["00000000"])
            raising = asyncio.create_task(raises())
            await waits_or_ends(store, raising)
            assert not raising.done()
        await raising

    run(postgres_url, tmp_path, scenario)


def test_staff_are_known_as_people_by_a_key_that_came_later(tmp_path):
    keys = provider(tmp_path)
    book = StaffBook(keys.hasher)
    book.know([(NORMA, "u-1")])
    for _ in range(2):
        add_key(tmp_path / "keys.json", "index")
        keys.notice()
        keys.hasher.generation = keys.hasher.known
        assert book.users_of([number_hash(keys.hasher, NORMA)]) == {"u-1"}
        assert not book.users_of([number_hash(keys.hasher, OTHER)])


def test_records_come_in_the_order_of_their_ids(database_url, tmp_path, monkeypatch):
    """Hashing again goes through everybody, however few at a time."""
    monkeypatch.setattr(rehashing, "_AT_ONCE", 1)

    async def scenario(store):
        for number, org in itertools.product((NORMA, OTHER), ("RAX", "RQY")):
            await taken(store, seen_by(org, number, local=number[-3:]))
        people, resources = await _rotated(store, database_url, tmp_path)
        assert people == 4
        assert resources
        async with store.engine.reading() as conn:
            found = await source_records.after(conn, "", 10)
        assert [one.patient_id for one in found] == sorted(one.patient_id for one in found)
        hashes = {one.nhs_hash for one in found}
        assert hashes == {
            store.vault.hasher.keyed_hashes("nhs-number", one)[0] for one in (NORMA, OTHER)
        }

    run(database_url, tmp_path, scenario)
