"""A person's data is shredded: two operators, no hold, nothing left, and it stays so (S65, A43)."""

import asyncio
import itertools
import shutil
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlmodel import SQLModel

from gateway.audit.entry import decode
from gateway.audit.events import Event
from gateway.errors import ConfigurationError
from gateway.flows.asking.search_log import Operator
from gateway.flows.feeds.replay import replay
from gateway.flows.identity import shred, shred_again, shred_hold
from gateway.flows.identity.shred import Basis
from gateway.store.access import facts
from gateway.store.identity import people
from gateway.store.keyring.keys import KeyUnavailableError
from gateway.store.keyring.wrapping import FileWrapping
from gateway.store.leaving import outbound
from gateway.store.sealed import shred_register
from gateway.store.upkeep import shredding
from tests.fake_log import FakeLog
from tests.integration.taking import START, opened, provider, resources, run, taken, verified
from tests.integration.test_ingest_identity import NORMA, OTHER, seen_by
from tests.integration.test_replay import ALL

ANNE, BEN = (
    Operator("anne", START + timedelta(hours=1)),
    Operator("ben", START + timedelta(hours=2)),
)


@pytest.fixture
def register(tmp_path):
    path = tmp_path / "apart" / "shredded"
    path.parent.mkdir()
    return path


async def rows(store, sql: str, *args: object):
    async with store.engine.reading() as conn:
        return await conn.fetch(sql, args)


async def two_people(store) -> tuple[str, str, str]:
    """Norma's records at a trust and at another, and somebody else's."""
    await taken(store, seen_by("RAX", NORMA))
    await taken(store, seen_by("RQY", NORMA))
    await taken(store, seen_by("RAX", OTHER, local="5500999"))
    found = await rows(store, "SELECT patient_id, source_org, person_id FROM source_record")
    by_person: dict[str, dict[str, str]] = {}
    for patient_id, org, person in found:
        by_person.setdefault(person, {})[org] = patient_id
    norma = next(one for one in by_person.values() if len(one) == 2)
    other = next(one for one in by_person.values() if len(one) == 1)
    return norma["RAX"], norma["RQY"], other["RAX"]


async def asked(store, record: str, *, whole: bool = True) -> str:
    made = await shred.ask(store, ANNE, record, Basis.REQUEST, "file 112", whole=whole)
    return str(made["request"])


async def shredded(store, register, record: str, *, whole: bool = True):
    request = await asked(store, record, whole=whole)
    return await shred.confirm(store, BEN, request, register)


async def about(store, *records: str) -> dict[str, int]:
    """Table -> how many rows say something of these records, their keys too."""
    tables = [t.name for t in SQLModel.metadata.sorted_tables if "patient_id" in t.columns]
    wanted = ", ".join(f"${n + 1}" for n in range(len(records)))
    found = {}
    for table in tables:
        [(number,)] = await rows(
            store,
            f"SELECT COUNT(*) FROM {table} WHERE patient_id IN ({wanted})",  # noqa: S608 - ours
            *records,
        )
        found[table] = number
    [(keys,)] = await rows(
        store,
        f"SELECT COUNT(*) FROM data_key WHERE owner IN ({wanted})",  # noqa: S608 - ours
        *records,
    )
    return {table: number for table, number in (found | {"data_key": keys}).items() if number}


def test_nothing_of_a_shredded_person_is_left_and_everybody_elses_stays(
    database_url, tmp_path, register
):
    async def scenario(store):
        norma, twin, other = await two_people(store)
        before = await resources(store)
        [(size,)] = await rows(store, "SELECT COUNT(*) FROM audit_entry")
        done = await shredded(store, register, norma)
        assert done["shredded"]["keys"] == 2
        assert done["shredded"]["bodies"] == 2
        assert await about(store, norma, twin) == {"shredded": 2, "shred_request": 1}
        after = await resources(store)
        assert after
        assert after.items() < before.items()
        assert {body["id"] for body, _ in after.values() if body["resourceType"] == "Patient"} == {
            other
        }
        seen = await rows(store, "SELECT patient_id FROM item_seen")
        assert {row[0] for row in seen} == {other}
        assert set(shred_register.read(register)) == {norma, twin}
        assert register.stat().st_mode & 0o777 == 0o600
        assert await verified(store)
        entries = await rows(store, "SELECT record FROM audit_entry WHERE seq >= $1", size)
        acts = [
            dict(decode(bytes(row[0])).entry.detail)["act"]
            for row in entries
            if decode(bytes(row[0])).entry.event is Event.SHRED
        ]
        assert acts == ["ask", "ask", "confirm", "confirm", "done", "done"]

    run(database_url, tmp_path, scenario)


def test_every_table_of_a_record_is_emptied_or_kept_for_a_reason():
    ours = {t.name for t in SQLModel.metadata.sorted_tables if "patient_id" in t.columns}
    assert set(shredding.EMPTIED) | set(shredding.KEPT) == ours
    assert not set(shredding.EMPTIED) & set(shredding.KEPT)


def test_one_sources_record_goes_alone_and_the_person_keeps_the_rest(
    database_url, tmp_path, register
):
    async def scenario(store):
        norma, twin, other = await two_people(store)
        await shredded(store, register, norma, whole=False)
        assert "source_record" not in await about(store, norma)
        links = await rows(store, "SELECT patient_id, person_id FROM source_record")
        assert dict(links) == {twin: twin, other: other}, "nobody is found under an id that is gone"

    run(database_url, tmp_path, scenario)


def test_another_process_forgets_the_key_at_its_next_look(database_url, tmp_path, register):
    async def scenario(store):
        norma, _, other = await two_people(store)
        async with opened(database_url, provider(tmp_path)) as beside:
            async with beside.engine.reading() as conn:
                assert len((await beside.vault.keys(conn, [norma, other])).by_owner) == 2
            await shredded(store, register, norma)
            async with beside.engine.reading() as conn:
                keys = await beside.vault.keys(conn, [norma, other])
            assert set(keys.by_owner) == {other}
            with pytest.raises(KeyUnavailableError):
                keys.current(norma)

    run(database_url, tmp_path, scenario)


class _Slow(FileWrapping):
    """Opens the first keys that it is asked for when it is told to."""

    def __init__(self, provider) -> None:
        super().__init__(provider)
        self.asked, self.told = asyncio.Event(), asyncio.Event()

    async def unwrap(self, keys):
        opened = await super().unwrap(keys)
        if not self.asked.is_set():
            self.asked.set()
            await self.told.wait()
        return opened


def test_a_key_that_was_looked_up_while_its_owner_was_shredded_is_not_kept(
    database_url, tmp_path, register
):
    async def scenario(store):
        norma, _, other = await two_people(store)
        async with opened(database_url, provider(tmp_path)) as beside:
            slow = beside.vault.wrapping = _Slow(beside.vault.provider)

            async def looked(*owners: str) -> set[str]:
                async with beside.engine.reading() as conn:
                    return set((await beside.vault.keys(conn, owners)).by_owner)

            early = asyncio.create_task(looked(norma))
            await slow.asked.wait()
            await shredded(store, register, norma)
            assert await looked(norma, other) == {other}
            slow.told.set()
            assert await early == {norma}, "it was looked up before"
            assert await looked(norma, other) == {other}

    run(database_url, tmp_path, scenario)


def test_what_is_sent_again_is_refused_until_somebody_allows_it(database_url, tmp_path, register):
    async def scenario(store):
        norma, twin, _ = await two_people(store)
        await shredded(store, register, norma)
        for delivery in (seen_by("RAX", NORMA), seen_by("RAX", NORMA, at="20261002090000")):
            answer = await taken(store, delivery)
            assert answer["items"] == {"taken": 0, "quarantined": 1}
            assert [one["code"] for one in answer["issues"]] == ["shredded"]
        assert await about(store, norma, twin) == {"shredded": 2, "shred_request": 1}
        done = await replay(store, ALL, ANNE)
        assert not await rows(store, "SELECT 1 FROM resource WHERE patient_id = $1", norma), done
        await shred_hold.allow(store, BEN, norma, "asked to be shared again")
        await replay(store, ALL, ANNE)
        kinds = await rows(
            store, "SELECT DISTINCT resource_type FROM resource WHERE patient_id = $1", norma
        )
        assert ("Patient",) in kinds
        assert await shred_again.shred_again(store, register) == 0, "what is new is not shredded"
        assert (await about(store, norma))["data_key"] == 1
        assert await verified(store)

    run(database_url, tmp_path, scenario)


@pytest.fixture
def night(request, database_url, tmp_path):
    """Copies the database as it is; gives the copy's address."""
    made = []

    def copied() -> str:
        if database_url.startswith("sqlite"):
            shutil.copy(tmp_path / "x.db", tmp_path / "night.db")
            return f"sqlite:///{tmp_path}/night.db"
        cluster = request.getfixturevalue("postgres_cluster")
        made.append(cluster.create_database(urlsplit(database_url).path[1:]))
        return str(cluster.url(made[0]))

    yield copied
    for name in made:
        request.getfixturevalue("postgres_cluster").drop_database(name)


def test_s65_last_nights_backup_is_shredded_again_and_its_log_holds(
    database_url, tmp_path, register, night, monkeypatch
):
    log = FakeLog()
    monkeypatch.setattr(shred_again, "_log", log)
    norma, twin, other = run(database_url, tmp_path, two_people)
    copy = night()
    run(database_url, tmp_path, lambda store: shredded(store, register, norma))

    async def restored(store):
        assert (await about(store, norma, twin))["data_key"] == 2, "the copy has them still"
        assert await shred_again.shred_again(store, register) == 2
        assert log.events == ["shredded-again"]
        assert await about(store, norma, twin) == {"shredded": 2}
        patients = [one for one in await resources(store) if one.startswith("Patient/")]
        assert patients == [f"Patient/{other}"]
        assert await verified(store)
        answer = await taken(store, seen_by("RAX", NORMA, at="20261003090000"))
        assert answer["items"]["quarantined"] == 1
        assert await shred_again.shred_again(store, register) == 0

    run(copy, tmp_path, restored)


def test_a43_a_copy_elsewhere_opens_nothing_without_the_keys(
    database_url, tmp_path, night, monkeypatch
):
    norma, _, _ = run(database_url, tmp_path, two_people)
    copy = night()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    async def stolen(store):
        assert (await about(store, norma))["data_key"] == 1
        with pytest.raises(KeyUnavailableError):
            await resources(store)
        hashes = store.vault.hasher.keyed_hashes("nhs-number", NORMA)
        async with store.engine.reading() as conn:
            assert await facts.persons_by_number(conn, hashes) == []

    run(copy, elsewhere, stolen)


class _KilledError(Exception):
    """The process ends here."""


def _killed(*_given: object) -> None:
    raise _KilledError


@pytest.mark.parametrize("where", ["register", "erase", "change"])
def test_what_was_confirmed_is_carried_out_after_a_kill(
    database_url, tmp_path, register, monkeypatch, where
):
    """Killed before the register, before the rows go, and before it is noted as done."""
    place = {
        "register": (shred_register, "add"),
        "erase": (shredding, "erase"),
        "change": (people, "relink"),
    }[where]

    async def scenario(store):
        norma, twin, _ = await two_people(store)
        whole = where != "change"
        request = await asked(store, norma, whole=whole)
        with monkeypatch.context() as patched:
            patched.setattr(*place, _killed)
            with pytest.raises(_KilledError):
                await shred.confirm(store, BEN, request, register)
        assert (await about(store, norma, twin))["data_key"] == 2, "all of it, or nothing"
        async with opened(database_url, provider(tmp_path)) as after:
            assert await shred_again.shred_again(after, register)
            left = await about(after, norma)
            assert left == {"shredded": 1, "shred_request": 1}
            assert await shred_again.shred_again(after, register) == 0
            assert await verified(after)
        assert norma in shred_register.read(register)

    run(database_url, tmp_path, scenario)


def test_a_writing_that_was_under_way_is_shredded_too(database_url, tmp_path, register):
    async def scenario(store):
        norma, _, _ = await two_people(store)
        await shredded(store, register, norma)

        async def late(conn):
            await store.vault.ensure(conn, [norma])

        await store.write(late)
        assert "data_key" in await about(store, norma)
        assert await shred_again.shred_again(store, register) == 1
        assert "data_key" not in await about(store, norma)

    run(database_url, tmp_path, scenario)


def test_whatever_row_a_writing_left_is_shredded_too(database_url, tmp_path, register):
    """Not keys and resources alone: what somebody was granted says of the person as much."""

    async def scenario(store):
        norma, _, _ = await two_people(store)
        await shredded(store, register, norma)

        async def late(conn):
            await conn.execute(
                "INSERT INTO caseload (patient_id, entry_id, org, user_id, kind, starts, ends,"
                " evidence, why, recorded_at)"
                " VALUES ($1, 'e', 'X1K01', '', 'team', 0, 1, '', '', 0)",
                (norma,),
            )

        await store.write(late)
        assert "caseload" in await about(store, norma)
        assert await shred_again.shred_again(store, register) == 1
        assert await about(store, norma) == {"shredded": 1, "shred_request": 1}
        assert await shred_again.shred_again(store, register) == 0

    run(database_url, tmp_path, scenario)


def test_what_others_are_taken_in_beside_a_refused_one_in_one_body(
    database_url, tmp_path, register
):
    """Whoever is refused stands in nobody else's way."""

    async def scenario(store):
        norma, _, other = await two_people(store)
        await shredded(store, register, norma)
        sent = [
            seen_by("RAX", NORMA, at="20261004090000"),
            seen_by("RAX", OTHER, local="5500999", at="20261004090000"),
        ]
        first, second = await asyncio.gather(*(taken(store, one) for one in sent))
        assert first["items"] == {"taken": 0, "quarantined": 1}
        assert second["items"] == {"taken": 1, "quarantined": 0}
        assert (await about(store, other))["item"] == 2
        assert await about(store, norma) == {"shredded": 1, "shred_request": 1}

    run(database_url, tmp_path, scenario)


def test_pushes_and_a_shredding_beside_one_another_leave_nothing(database_url, tmp_path, register):
    """Whichever comes first: the person's items are taken and go, or are refused."""

    async def scenario(store):
        norma, twin, _ = await two_people(store)
        request = await asked(store, norma)
        async with opened(database_url, provider(tmp_path)) as beside:
            sent = (
                taken(beside, seen_by("RAX", NORMA, at=f"202610{day:02}090000"))
                for day in range(3, 15)
            )
            answers, done = await asyncio.gather(
                asyncio.gather(*sent), shred.confirm(store, BEN, request, register)
            )
        assert done["state"] == "done"
        assert {one["status"] for one in answers} <= {"taken", "quarantined"}
        assert await about(store, norma, twin) == {"shredded": 2, "shred_request": 1}
        assert await verified(store)

    run(database_url, tmp_path, scenario)


def test_without_a_register_that_can_be_written_nothing_is_shredded(database_url, tmp_path):
    async def scenario(store):
        norma, _, _ = await two_people(store)
        with pytest.raises(ConfigurationError):
            await shredded(store, tmp_path / "no-such-folder" / "x", norma)
        assert (await about(store, norma))["data_key"] == 1

    run(database_url, tmp_path, scenario)


def test_a_lost_register_is_written_again(database_url, tmp_path, register):
    async def scenario(store):
        norma, twin, _ = await two_people(store)
        await shredded(store, register, norma)
        before = shred_register.read(register)
        register.unlink()
        assert await shred_again.shred_again(store, register) == 0
        assert shred_register.read(register) == before
        assert set(before) == {norma, twin}

    run(database_url, tmp_path, scenario)


def test_an_organisation_is_told_to_drop_what_it_has(database_url, tmp_path, register):
    async def scenario(store):
        norma, _, other = await two_people(store)

        async def given(conn):
            for patient_id in (norma, other):
                one = outbound.Given(patient_id, f"r-{patient_id}", "Goal", "look")
                await outbound.give(conn, "H85001", [one], [])

        await store.write(given)
        assert (await shredded(store, register, norma))["has_copies"] == ["H85001"]
        async with store.engine.reading() as conn:
            [gone] = await outbound.ownerless(conn, "H85001")
        assert gone.patient_id == norma

    run(database_url, tmp_path, scenario)


def test_versions_of_whoever_was_not_shredded_cannot_be_removed(database_url, tmp_path, register):
    async def scenario(store):
        norma, _, other = await two_people(store)
        await shredded(store, register, norma)
        for change in ("DELETE FROM resource_version", "UPDATE resource_version SET version = 9"):
            sql = f"{change} WHERE patient_id = $1"

            async def unit(conn, sql=sql):
                await conn.execute(sql, (other,))

            with pytest.raises(Exception, match="append-only"):
                await store.write(unit)

    run(database_url, tmp_path, scenario)


def test_the_tables_are_emptied_look_ups_first():
    """A look-up that is found by another table's rows goes before them."""
    order = list(shredding.EMPTIED)
    for first, then in itertools.product(("resource_owner", "item_seen"), ("resource", "item")):
        assert order.index(first) < order.index(then)
    assert order[-1] == "source_record"
