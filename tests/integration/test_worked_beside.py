"""What a worker, an operator or a file states anew is never stated over a push that came meanwhile.

Each is held between its reading and its writing while a push about the same person is begun: the
push waits, and then builds on what was written.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.flows.feeds.feed_errors import Choice
from gateway.flows.feeds.replay_taken import replay_taken
from gateway.flows.upkeep.lapse import lapse_due
from gateway.store.absences.absence_folding import Restating
from gateway.store.absences.lapse_folding import _Lapsing
from gateway.store.audit import recalls
from gateway.store.clear.columns import Place
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.intake.folding import Folding
from gateway.store.record import reads
from gateway.store.record.reads import Opened
from gateway.store.upkeep import relabelling
from gateway.store.upkeep.refolding import _Refolding
from gateway.store.writing import team_versions
from gateway.store.writing.team_versions import Hand
from mappings.registry import FEEDS
from tests.integration.returns import PERSON, plan, submission
from tests.integration.taking import (
    ROOT,
    Clock,
    Delivery,
    all_taken,
    opened,
    provider,
    resources,
    taken,
    upgraded,
    verified,
    waits_or_ends,
)
from tests.integration.test_replay import OPERATOR

SECTION = "LS-1,MH-1,2026-11-20,2026-12-17,,02"


def crisis_plan(
    person: str, title: str, at: str = "2026-12-01T08:00:00Z", org: str = "RQY"
) -> Delivery:
    """A plan that the same provider sends of one of its people."""
    source = ROOT / "examples" / "mental-health" / "norma-crisis-plan.json"
    said: dict[str, Any] = json.loads(source.read_text()) | {"written_at": at}
    said["person"] = {"local_id": f"RQY:{person}", "birth_date": "1961-05-09"}
    said["plan"] |= {"title": title}
    return Delivery("mental-health", json.dumps(said).encode(), "application/json", org, title)


def month(made: str, *people: str, **tables: Any) -> Delivery:
    rows = tuple(PERSON.replace("MH-1", one).replace("9990000506", "") for one in people)
    return submission("2026-11-30", f"2026-12-04T{made}", MHS001=rows, **tables)


async def _replayed(store: Store) -> None:
    await replay_taken(store, Choice(FEEDS, "RQY"), OPERATOR, older=False)


async def _lapsed(store: Store) -> None:
    assert await lapse_due(store, store.vault.now()) == 1


async def _absent(store: Store) -> None:
    left_out = month("09:00:00", "MH-2", MHS008=(plan(2, person="MH-2"),))
    assert (await taken(store, left_out))["status"] == "taken"


FIRST = {
    _Refolding: [crisis_plan("MH-1", "First")],
    _Lapsing: [month("08:00:00", "MH-1", MHS401=(SECTION,))],
    Restating: [
        month(
            "08:00:00", "MH-1", "MH-2", MHS008=(plan(1), plan(2, person="MH-2"))
        )
    ],
}  # fmt: skip
STATED: list[tuple[type[Folding], Callable[[Store], Awaitable[None]]]] = [
    (_Refolding, _replayed),
    (_Lapsing, _lapsed),
    (Restating, _absent),
]


@pytest.mark.parametrize(("stating", "work"), STATED, ids=lambda one: one.__name__)
def test_a_push_beside_it_waits_and_loses_nothing(
    stating, work, postgres_url, tmp_path, monkeypatch
):
    upgraded(postgres_url)
    clock = Clock()
    clock.at = datetime(2026, 12, 5, tzinfo=UTC)
    begun: list[asyncio.Task[Any]] = []

    async def write(store: Store, unheld: Any, one: Folding) -> Any:
        """Begin the push once all is read, and write when it waits."""
        if not begun:
            beside = crisis_plan("MH-1", "Beside", "2026-12-02T08:00:00Z")
            begun.append(asyncio.create_task(taken(store, beside)))
            await waits_or_ends(store, begun[0])
            assert not begun[0].done(), "it did not wait"
        return await unheld(one)

    async def scenario() -> tuple[dict[str, Any], dict[str, Any], bool]:
        async with opened(postgres_url, provider(tmp_path), clock) as store:
            await all_taken(store, FIRST[stating])
            clock.at = datetime(2026, 12, 20, tzinfo=UTC)
            await taken(store, crisis_plan("MH-3", "Others", org="RPY"))  # makes the day's key
            unheld = stating.write
            monkeypatch.setattr(
                stating, "write", lambda one: write(store, unheld, one), raising=False
            )
            await work(store)
            answer = await begun[0]
            return answer, await resources(store), await verified(store)

    answer, held, is_whole = asyncio.run(scenario())
    assert answer["status"] == "taken"
    titles = [body.get("title") for body, _ in held.values() if body["resourceType"] == "CarePlan"]
    assert "Beside" in titles
    assert "First" not in titles
    assert is_whole


def test_what_is_written_over_rest_beside_a_relabelling_waits_and_can_be_read(
    postgres_url, tmp_path, monkeypatch
):
    upgraded(postgres_url)
    begun: list[asyncio.Task[int]] = []
    unheld = relabelling._versions

    async def scenario() -> list[Opened]:
        async with opened(postgres_url, provider(tmp_path)) as store:
            await taken(store, crisis_plan("MH-1", "First"))
            held = [body for body, _ in (await resources(store)).values()]
            [before] = [body for body in held if body.get("title") == "First"]
            async with store.engine.reading() as conn:
                owner = (await recalls.owners(conn, [before["id"]]))[before["id"]][0]

            async def written(conn: Connection) -> int:
                now = await team_versions.standing(conn, before["id"])
                assert now is not None
                hand = Hand("RQY", "nurse-1", "urn:care-gateway:team", "r", now.updated_at + 1)
                said = before | {"title": "Beside"}
                return await team_versions.write_next(conn, store.vault, now, before, said, hand)

            async def versions(conn: Connection, place: Place) -> Any:
                """What there is; before it is labelled anew, somebody writes."""
                found = await unheld(conn, place)
                begun.append(asyncio.create_task(store.write(written)))
                await waits_or_ends(store, begun[0])
                return found

            monkeypatch.setattr(relabelling, "_versions", versions)
            places = [(owner, before["id"])]
            await store.write(lambda conn: relabelling.relabel(conn, store.vault, places))
            assert await begun[0] == 2
            sql = f"SELECT {reads.COLUMNS} FROM resource r WHERE r.resource_id = $1"  # noqa: S608
            async with store.engine.reading() as conn:
                rows = await conn.fetch(sql, (before["id"],))
                return await reads.open_rows(conn, store.vault, rows)

    [shown] = asyncio.run(scenario())
    assert (shown.version, json.loads(shown.body)["title"]) == (2, "Beside")
