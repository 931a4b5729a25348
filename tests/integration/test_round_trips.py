"""How often a writing goes to the server: what is written again costs no more ways for being more.

Counted on PostgreSQL, where each way costs more than a row.
"""

import asyncio
import re
from typing import Any

import pytest

from gateway.flows.feeds.discard import discard
from gateway.flows.feeds.feed_errors import Choice
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.database.inserts import away_in_one
from gateway.store.database.postgres import PostgresConnection
from gateway.store.intake import told
from gateway.store.intake.told import EarlierItems
from gateway.store.record.localising import Localisers
from gateway.store.record.search_writing import forgotten
from mappings.registry import FEEDS
from tests.integration import mixed_errors
from tests.integration.returns import plan, submission
from tests.integration.taking import ROOT, Delivery, resources, run, taken, upgraded, wiped
from tests.integration.test_ingest_crash import _message
from tests.integration.test_replay import OPERATOR

VISITS = (ROOT / "examples" / "social-care" / "norma-visits.csv").read_text()
LATER = (
    VISITS.replace("2026-11-10T08:40", "2026-11-15T08:40")
    .replace("2026-11-11T09:10", "2026-11-16T09:10")
    .replace("T07:45", "T07:50")
    .replace("VM2XX,", "VM2XY,")
)
"""The same visits, by others and at another time."""
KEPT = {
    "search_date": "patient_id, resource_id, name, low, high",
    "search_link": "patient_id, resource_id, name, kind, target",
    "home_visit": "patient_id, resource_id, org, starts, ends",
}
"""What a version can be found by, and opens."""


class _Ways:
    """Stands for a connection: passes all on, and keeps what was sent."""

    def __init__(self, raw: Any, sent: list[str]) -> None:
        self._raw = raw
        self._sent = sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    async def fetch(self, sql: str, *args: Any, **more: Any) -> Any:
        self._sent.append(sql)
        return await self._raw.fetch(sql, *args, **more)

    async def execute(self, sql: str, *args: Any) -> Any:
        self._sent.append(sql)
        return await self._raw.execute(sql, *args)

    async def executemany(self, sql: str, rows: Any) -> Any:
        self._sent.append(sql)
        return await self._raw.executemany(sql, rows)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that goes to the server."""
    found: list[str] = []
    unheld = PostgresConnection.__init__

    def made(self: PostgresConnection, raw: Any, **more: Any) -> None:
        unheld(self, _Ways(raw, found), **more)

    monkeypatch.setattr(PostgresConnection, "__init__", made)
    return found


def _messages(many: int) -> Delivery:
    """About so many people, one of each."""
    return Delivery("hospital", b"\r".join(_message(number) for number in range(many)))


async def _push(store: Store, body: str) -> None:
    answer = await taken(store, Delivery("social-care", body.encode(), "text/csv"))
    assert (answer["status"], answer["items"]["taken"]) == ("taken", 3)


def test_what_is_written_again_goes_in_one_way_after_what_was_kept_of_it(
    postgres_url, tmp_path, sent
):
    upgraded(postgres_url)

    async def work(store: Store) -> list[str]:
        await _push(store, VISITS)
        sent.clear()
        await _push(store, LATER)
        return list(sent)

    said = run(postgres_url, tmp_path, work)
    [gone] = [place for place, one in enumerate(said) if "DELETE FROM" in one]
    [added] = [place for place, one in enumerate(said) if "INSERT INTO resource_version" in one]
    assert gone < added
    for table in KEPT:
        assert f"DELETE FROM {table} " in said[gone]  # noqa: S608
    for table in (*KEPT, "resource", "item", "item_seen", "item_resource"):
        assert f"INSERT INTO {table} (" in said[added]
    assert not [one for one in said[gone + 1 : added] if not one.startswith("SELECT")]


async def _found_by(store: Store) -> list[list[Any]]:
    """What is kept of each visit beside its versions."""
    async with store.engine.reading() as conn:
        return [
            sorted(tuple(row) for row in await conn.fetch(f"SELECT {columns} FROM {table}"))  # noqa: S608
            for table, columns in KEPT.items()
        ]


def test_nothing_is_left_of_what_was_kept_before(database_url, tmp_path):
    upgraded(database_url)

    async def work(store: Store) -> list[list[list[Any]]]:
        await _push(store, VISITS)
        await _push(store, LATER)
        after = await _found_by(store)
        await wiped(store)
        await _push(store, LATER)
        return [after, await _found_by(store)]

    after, alone = run(database_url, tmp_path, work)
    assert after == alone
    assert all(after), "each of them keeps something"


def test_a_visit_that_is_called_off_is_kept_no_more(database_url, tmp_path):
    upgraded(database_url)

    async def work(store: Store) -> tuple[int, int]:
        held = []
        for body in (VISITS, LATER.replace(",planned,", ",cancelled,")):
            await _push(store, body)
            held.append(len((await _found_by(store))[2]))
        return held[0], held[1]

    before, after = run(database_url, tmp_path, work)
    assert after == before - 1


def test_what_goes_is_found_by_its_key(postgres_url, tmp_path):
    """By the plan of the server, and not by the clock."""
    upgraded(postgres_url)
    places = [(f"p-{number}", f"r-{number}") for number in range(1_000)]

    async def work(store: Store) -> list[str]:
        sql, args = away_in_one(forgotten(places))
        async with store.engine.reading() as conn:
            return [str(row[0]) for row in await conn.fetch(f"EXPLAIN {sql}", args)]

    steps = run(postgres_url, tmp_path, work)
    assert not [one for one in steps if "Seq Scan" in one]
    looked_up = [one for one in steps if "Index Cond" in one and "resource_id" in one]
    assert len(looked_up) == len(forgotten(places))


def test_what_was_said_earlier_is_found_by_its_key(postgres_url, tmp_path):
    """By the plan of the server, which knows nothing yet of how many items one record has."""
    upgraded(postgres_url)

    async def work(store: Store) -> list[str]:
        await store.write(_many_of_one)
        asked: Any = _Asked()
        said: Any = EarlierItems(asked, Localisers(store.vault.hasher, "RAX"))
        place: Any = ("p", "r")
        await said.of(place, None)
        await said.kinds_since(place, "Patient", ("", ""))
        await said.newer("p", ["i-1", "i-2", "i-3"], ("", ""))
        async with store.engine.reading() as conn:
            found = [await conn.fetch(f"EXPLAIN {sql}", args) for sql, args in asked.said]
        return ["\n".join(str(row[0]) for row in rows) for rows in found]

    plans = run(postgres_url, tmp_path, work)
    assert len(plans) == 3
    for steps in plans:
        assert "item_pkey" in steps
        assert not re.search(r"Seq Scan|Join Filter|item_(container|delivery)", steps), steps


class _Asked:
    """Stands for a connection: keeps what it is asked, and finds nothing."""

    def __init__(self) -> None:
        self.said: list[tuple[str, Any]] = []

    async def fetch(self, sql: str, args: Any = ()) -> list[Any]:
        self.said.append((sql, args))
        return []


async def _many_of_one(conn: Connection) -> None:
    """Thousands of items of one record, which all speak of the same."""
    await conn.execute(
        "INSERT INTO item (patient_id, item_id, delivery_id, number, source_org, feed, kind, state,"
        " container, source_time, content_hash, mapping_version, received_at, issues, key_owner,"
        " sealed) SELECT 'p', 'i-' || n, 'd-' || n, 1, 'RAX', 'hospital', 'k', 'taken', '', '',"
        " 'h-' || n, '1', n, '', 'p', '' FROM generate_series(1, 5000) AS n"
    )
    await conn.execute(
        "INSERT INTO item_resource (patient_id, resource_id, item_id, sealed)"
        " SELECT 'p', 'r', 'i-' || n, '' FROM generate_series(1, 5000) AS n"
    )


def test_a_discard_takes_as_many_ways_whatever_it_is_of(postgres_url, tmp_path, sent):
    upgraded(postgres_url)
    community = Choice({"community": FEEDS["community"]})

    async def work(store: Store) -> list[tuple[int, int]]:
        found = []
        for many in (2, 20):
            [body] = mixed_errors.wrong("community", many)
            await taken(store, body)
            sent.clear()
            done = await discard(store, community, OPERATOR, "agreed with the provider")
            found.append((done["discarded"], len(sent)))
            await wiped(store)
        return found

    few, many = run(postgres_url, tmp_path, work)
    assert (few[0], many[0]) == (2, 20)
    assert many[1] <= few[1]


def test_what_came_before_is_answered_in_as_many_ways_whatever_it_is(postgres_url, tmp_path, sent):
    upgraded(postgres_url)

    async def work(store: Store) -> list[tuple[int, int]]:
        await taken(store, _messages(20))
        found = []
        for many in (1, 2, 19):
            sent.clear()
            answer = await taken(store, _messages(many))
            found.append((answer["items"]["taken"], len(sent)))
        return found

    _, few, many = run(postgres_url, tmp_path, work)
    assert (few[0], many[0]) == (2, 19)
    assert few[1] == many[1]


def _plans(many: int, day: str) -> Delivery:
    """So many people, a plan of each, implemented on this day."""
    born = [f"MH-{n},RQY,{mixed_errors.nhs_number(n)},1961-05-09" for n in range(many)]
    plans = [plan(str(n), day, f"MH-{n}") for n in range(many)]
    return submission("2026-10-31", f"{day}T08:00:00", MHS001=born, MHS008=plans)


def test_what_is_stated_whole_again_is_looked_up_for_all_at_once(postgres_url, tmp_path, sent):
    upgraded(postgres_url)

    async def work(store: Store) -> list[int]:
        found = []
        for many in (2, 2, 20):
            await taken(store, _plans(many, "2026-11-01"))
            sent.clear()
            answer = await taken(store, _plans(many, "2026-11-02"))
            assert (answer["status"], answer["items"]["taken"]) == ("taken", 2 * many)
            found.append(len([one for one in sent if "data_key" not in one]))  # keys are held
            await wiped(store)
        return found

    _, few, many = run(postgres_url, tmp_path, work)
    assert few == many


def _told_on(day: int, *, begins: str = "") -> Delivery:
    """A problem of each of two people, told on this day of the month."""
    said = [
        _message(one).replace(b"20261001", f"202610{day:02d}".encode())
        .replace(b"|M-", f"|M-{day}-".encode()) + f"||{begins}".encode()
        for one in range(2)
    ]  # fmt: skip
    return Delivery("hospital", b"\r".join(said))


async def _as_before(store: Store) -> None:
    """As rows were written before it was kept what an item names."""
    async with store.engine.writing() as conn:
        await conn.execute("UPDATE item_resource SET sealed = $1", [b""])


@pytest.mark.parametrize("kept", [True, False])
def test_what_is_folded_anew_is_what_still_matters_read_at_once(
    database_url, tmp_path, monkeypatch, kept
):
    """The day that comes last is the oldest, and says what no other does. Of those after it the
    newest says what all of them do."""
    upgraded(database_url)
    monkeypatch.setattr(told, "_HELD", 4)
    read: list[tuple[int, int]] = []
    unheld = EarlierItems._said

    async def counted(self: EarlierItems, owner: str, items: Any, keys: Any) -> Any:
        found = await unheld(self, owner, items, keys)
        read.append((len(items), len(self._items)))
        return found

    async def work(store: Store) -> list[Any]:
        for day in range(2, 9):
            await taken(store, _told_on(day))
        if not kept:
            await _as_before(store)
        monkeypatch.setattr(EarlierItems, "_said", counted)
        await taken(store, _told_on(1, begins="20200101"))
        held = await resources(store)
        return [body.get("onsetDateTime") for name, (body, _) in held.items() if "Condi" in name]

    assert run(database_url, tmp_path, work) == ["2020-01-01"] * 2
    assert read == ([(1, 1), (1, 2)] if kept else [(7, 7), (1, 7), (7, 7), (1, 7)])


def _of_one(first: int, last: int, begins: str = "") -> Delivery:
    """What is told of one problem on these days of the month, and when it began: on that day."""
    days = range(first, last + 1)
    said = [_told_on(day, begins=begins and f"{begins}{day:02d}").body for day in days]
    return Delivery("hospital", b"\r".join(one.partition(b"\rMSH")[0] for one in said))


@pytest.mark.parametrize("kept", [True, False])
def test_what_is_told_late_several_times_is_mapped_once_and_others_get_on(
    database_url, tmp_path, monkeypatch, kept
):
    """However many items tell of it, and however few are held."""
    upgraded(database_url)
    monkeypatch.setattr(told, "_HELD", 4)
    monkeypatch.setattr(told, "_OPENED", 3)
    mapped: list[str] = []
    unheld = EarlierItems._mapped

    def counted(self: EarlierItems, owner: str, feed: str, *more: Any) -> Any:
        mapped.append(feed)
        return unheld(self, owner, feed, *more)

    async def work(store: Store) -> int:
        await taken(store, _of_one(10, 21))
        if not kept:
            await _as_before(store)
        monkeypatch.setattr(EarlierItems, "_mapped", counted)
        turns = [0]

        async def other() -> None:
            while True:
                turns[0] += bool(mapped)
                await asyncio.sleep(0)

        beside = asyncio.create_task(other())
        answer = await taken(store, _of_one(1, 5, "202001"))
        beside.cancel()
        assert answer["items"]["taken"] == 5
        return turns[0]

    turns = run(database_url, tmp_path, work)
    assert len(mapped) in ((1,) if kept else (12, 13)), "few are held: one may be mapped again"
    assert kept or turns > 12 // 3
