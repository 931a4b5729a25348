"""Archives and long bodies through the whole flow: nothing is lost, nobody waits."""

import asyncio
import threading

from gateway.cli.demo.council_return import client_level_data
from gateway.cli.demo.people import people_of
from gateway.flows.intake import batches, map_items
from gateway.flows.intake.batches import LONG_BYTES
from gateway.flows.intake.map_aside import mapped_aside
from tests.golden.cases import GOLDEN
from tests.integration.taking import (
    Delivery,
    opened,
    provider,
    state_of,
    taken,
    upgraded,
    verified,
    zipped,
)

PLAN = (GOLDEN / "social-care/minimal/input/plan.json").read_bytes()
RETURN = next(iter(sorted((GOLDEN / "social-care").glob("cld-minimal/input/*.csv")))).read_bytes()
ADT = next((GOLDEN / "hospital/minimal/input").iterdir()).read_bytes()


def test_every_file_of_an_archive_is_taken_or_told(database_url, tmp_path):
    """What is taken of an archive of two formats is what the files come to alone."""
    upgraded(database_url)
    files = {
        "a/plan.json": PLAN,
        "b/return.csv": RETURN,
        "letter.pdf": b"%PDF-1.4",
        ".DS_Store": b"x",
    }

    async def scenario() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            whole = Delivery("social-care", zipped(files), "application/zip")
            answer = await taken(store, whole)
            assert answer["status"] == "partly-taken"
            assert answer["items"]["quarantined"] == 1
            first, last = answer["issues"][0], answer["issues"][-1]
            assert (first["path"], first["code"]) == ("file 4", "unknown-file")
            assert "ignored-file" in {issue["code"] for issue in answer["issues"]}
            assert last["code"] != "not-listed"
            assert (await taken(store, whole))["duplicate"] is True
            stands = await state_of(store)
            for body in (PLAN, RETURN):
                await taken(store, Delivery("social-care", body))
            assert await state_of(store) == stands
            assert await verified(store)

    asyncio.run(scenario())


def test_a_long_body_is_mapped_beside_the_event_loop(tmp_path, monkeypatch):
    url = upgraded(f"sqlite:///{tmp_path}/x.db")
    threads = []
    real = vars(map_items)["map_item"]

    def mapped(*given):
        threads.append(threading.current_thread())
        return real(*given)

    monkeypatch.setattr(map_items, "map_item", mapped)

    async def scenario() -> None:
        async with opened(url, provider(tmp_path)) as store:
            await taken(store, Delivery("hospital", ADT))
            assert set(threads) == {threading.current_thread()}
            threads.clear()
            many = (ADT.rstrip() + b"\r") * (LONG_BYTES // len(ADT) + 2)
            answer = await taken(store, Delivery("hospital", many))
            assert answer["items"]["quarantined"] == 0
            assert threading.current_thread() not in threads
            assert len(threads) == answer["items"]["taken"]

    asyncio.run(scenario())


def test_a_long_file_comes_to_the_same_wherever_it_is_mapped(tmp_path, monkeypatch):
    """In a process beside, but for its head, or all of it here."""
    body = client_level_data(people_of(1, 40, ()))
    begun = []

    def beginning(asked):
        begun.append(asked)
        return mapped_aside(asked)

    monkeypatch.setattr(batches, "mapped_aside", beginning)
    monkeypatch.setattr(batches, "BATCH", 20)
    monkeypatch.setattr(batches, "HEAD", 50)

    async def scenario(name: str, longest: int):
        monkeypatch.setattr(batches, "ASIDE_BYTES", longest)
        url = upgraded(f"sqlite:///{tmp_path}/{name}.db")
        async with opened(url, provider(tmp_path)) as store:
            answer = await taken(store, Delivery("social-care", body))
            assert await verified(store)
            return answer | {"delivery": ""}, await state_of(store)

    here = asyncio.run(scenario("here", len(body)))
    assert not begun
    aside = asyncio.run(scenario("aside", len(body) - 1))
    assert len(begun) == 1
    assert here[0]["items"]["taken"] > 100
    assert here == aside
