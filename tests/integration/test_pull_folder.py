"""Folders that files land in: what is whole is taken once, answered, and put away."""

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.clock import now, to_micros
from gateway.errors import GatewayError
from gateway.flows.intake import pull_folder, pull_source
from gateway.flows.intake.pull_source import next_run, pull_due, source_states
from gateway.flows.intake.pulling import Holding, Puller
from gateway.sources import FolderSource, Sources
from gateway.store.commit.units import Store
from gateway.store.intake import sources as stored
from mappings.registry import FEEDS
from tests.fake_log import FakeLog
from tests.integration.taking import ROOT, opened, provider, state_of, upgraded, verified

PLAN = ROOT / "examples/social-care/norma-support-plan.json"
VISITS = ROOT / "examples/social-care/norma-visits.csv"


def _source(folder: Path, **more) -> FolderSource:
    given = {
        "name": "drop", "reviewed": "this test", "kind": "folder", "feed": "social-care",
        "org": "X1K01", "folder": folder, "every_minutes": 5, "settle_seconds": 60,
    }  # fmt: skip
    return FolderSource.model_validate(given | more)


class _Drop:
    """A folder, a store, and a clock that is a while after the files were written."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = folder
        self.store = store
        self.late = timedelta(minutes=10)
        self.puller = Puller(store, FEEDS, lambda: now() + self.late, 1_000_000, 4_000_000)

    def put(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    async def pull(self, *, forced: bool = True, **more):
        sources = Sources(source=(_source(**{"folder": self.folder} | more),))
        return (await pull_due(self.puller, sources, forced=forced)).get("drop")

    def standing(self, name: str) -> set[str]:
        place = self.folder / name
        return {path.name for path in place.iterdir()} if place.is_dir() else set()

    def answers(self, name: str) -> list[dict]:
        found = sorted((self.folder / name).glob("*.answer.json"))
        return [json.loads(path.read_text("utf-8")) for path in found]


@pytest.fixture
def run(database_url, tmp_path):
    """Run a scenario over an empty folder and store."""
    upgraded(database_url)
    folder = tmp_path / "drop"
    folder.mkdir()

    def go(scenario):
        async def all_of_it():
            async with opened(database_url, provider(tmp_path)) as store:
                await scenario(_Drop(folder, store))
                assert await verified(store)

        asyncio.run(all_of_it())

    return go


def test_each_file_is_a_delivery_that_is_answered_and_put_away(run):
    async def scenario(drop: _Drop) -> None:
        drop.put("Norma Marsh plan.json", PLAN.read_bytes())
        drop.put("visits.csv", VISITS.read_bytes())
        drop.put("letter.txt", b"Dear all")
        ended = await drop.pull()
        assert (ended.outcome, ended.taken, ended.refused) == ("done", 2, 1)
        assert {path.name for path in drop.folder.iterdir()} == {"taking", "taken", "refused"}
        assert {one["file"]: one["status"] for one in drop.answers("taken")} == {
            "Norma Marsh plan.json": "taken",
            "visits.csv": "taken",
        }
        assert [one["issues"][0]["code"] for one in drop.answers("refused")] == ["structure"]
        made = drop.standing("taken") | drop.standing("refused")
        assert not any("norma" in name.lower() or "letter" in name for name in made)
        assert {Path(name).suffix for name in made} == {".json", ".csv", ""}

    run(scenario)


def test_a_name_that_is_no_text_or_has_no_room_for_a_mark_keeps_nobody_waiting(run):
    async def scenario(drop: _Drop) -> None:
        (drop.folder / os.fsdecode(b"Ren\xe9.csv")).write_bytes(VISITS.read_bytes())
        drop.put(f"{'n' * 250}.json", PLAN.read_bytes())
        ended = await drop.pull()
        assert (ended.outcome, ended.taken) == ("done", 2)
        told = {one["file"] for one in drop.answers("taken")}
        assert told == {"Ren\ufffd.csv", f"{'n' * 250}.json"}

    run(scenario)


def test_a_file_that_still_changes_waits(run):
    async def scenario(drop: _Drop) -> None:
        drop.put("plan.json", PLAN.read_bytes())
        drop.late = timedelta(0)
        ended = await drop.pull()
        assert (ended.taken, ended.waiting) == (0, 1)
        old = now().timestamp() - 9999
        os.utime(drop.folder / "plan.json", (old, old))
        assert (await drop.pull()).waiting == 1
        drop.late = timedelta(seconds=61)
        assert (await drop.pull()).taken == 1

    run(scenario)


def test_where_the_sender_marks_it_a_file_waits_for_its_mark(run):
    async def scenario(drop: _Drop) -> None:
        drop.put("plan.json", PLAN.read_bytes())
        assert (await drop.pull(ready="done")).waiting == 1
        drop.put("plan.json.done", b"")
        assert (await drop.pull(ready="done")).taken == 1
        assert {path.name for path in drop.folder.iterdir()} == {"taking", "taken", "refused"}

    run(scenario)


def test_what_is_no_file_of_the_senders_own_is_left_alone(run, tmp_path):
    secret = tmp_path / "secret.json"
    secret.write_bytes(PLAN.read_bytes())

    async def scenario(drop: _Drop) -> None:
        (drop.folder / "link.json").symlink_to(secret)
        (drop.folder / "inner").mkdir()
        os.mkfifo(drop.folder / "pipe.csv")
        for name in (".hidden.csv", "plan.json.part", "plan.json.filepart"):
            drop.put(name, PLAN.read_bytes())
        ended = await drop.pull()
        assert (ended.outcome, ended.taken, ended.refused, ended.failed) == ("done", 0, 0, 0)
        assert secret.exists()

    run(scenario)


def test_a_folder_that_leads_elsewhere_is_not_written_to(run, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    async def scenario(drop: _Drop) -> None:
        (drop.folder / "taken").symlink_to(elsewhere)
        drop.put("plan.json", PLAN.read_bytes())
        ended = await drop.pull()
        assert (ended.outcome, ended.reason) == ("failed", "folder-not-usable")
        assert list(elsewhere.iterdir()) == []
        assert (await drop.pull(folder=tmp_path / "missing")).reason == "folder-not-usable"

    run(scenario)


def test_a_file_that_is_too_large_is_refused_unread(run):
    async def scenario(drop: _Drop) -> None:
        drop.put("large.csv", b"x" * 1_000_001)
        assert (await drop.pull()).refused == 1
        assert drop.answers("refused")[0]["issues"][0]["code"] == "too-large"

    run(scenario)


def test_the_same_file_again_is_a_duplicate(run):
    async def scenario(drop: _Drop) -> None:
        drop.put("one.json", PLAN.read_bytes())
        await drop.pull()
        before = await state_of(drop.store)
        drop.put("two.json", PLAN.read_bytes())
        ended = await drop.pull()
        assert (ended.taken, ended.duplicates) == (0, 1)
        assert await state_of(drop.store) == before

    run(scenario)


def test_a_file_in_hand_when_a_puller_was_stopped_is_taken_up_by_the_next(run, monkeypatch):
    """Stopped before it was pushed, and after: neither loses it nor takes it twice."""

    class StoppedError(BaseException):
        """Stands for the process being ended."""

    async def scenario(drop: _Drop) -> None:
        for step in ("_read", "_put_away"):
            drop.put(
                f"{step}.json", PLAN.read_bytes().replace(b'"plan"', b'"plan" ', len(step) % 2)
            )
            with monkeypatch.context() as patch:

                def stopping(*_):
                    raise StoppedError

                patch.setattr(pull_folder, step, stopping)
                with pytest.raises(StoppedError):
                    await drop.pull()
            assert drop.standing("taking") == {f"{step}.json"}
            assert await drop.pull() is None, "still held by the one that stopped"
            drop.late += pull_source.HELD + timedelta(seconds=1)
            ended = await drop.pull()
            assert ended.taken + ended.duplicates == 1
            assert drop.standing("taking") == set()
        assert len(drop.answers("taken")) == 2
        rows = await _rows(drop, "SELECT COUNT(*), COUNT(DISTINCT item_id) FROM item")
        assert rows[0][0] == rows[0][1]

    run(scenario)


async def _rows(drop: _Drop, sql: str):
    async with drop.store.engine.reading() as conn:
        return await conn.fetch(sql)


def test_two_pullers_at_once_take_each_file_once(run):
    async def scenario(drop: _Drop) -> None:
        for number in range(6):
            drop.put(f"{number}.json", PLAN.read_bytes() + b" " * number)
        both = await asyncio.gather(drop.pull(), drop.pull())
        assert sorted(one is None for one in both) == [False, True]
        rows = await _rows(drop, "SELECT COUNT(*), COUNT(DISTINCT body_hash) FROM delivery")
        assert tuple(rows[0]) == (6, 6)
        assert len(drop.answers("taken")) == 6

    run(scenario)


def test_who_lost_the_source_begins_nothing_more(run):
    async def scenario(drop: _Drop) -> None:
        drop.put("plan.json", PLAN.read_bytes())
        holding = Holding(lost=True)
        ended = await pull_folder.pull_folder(drop.puller, _source(drop.folder), holding)
        assert (ended.outcome, ended.taken, ended.waiting) == ("partly", 0, 1)

    run(scenario)


@pytest.mark.parametrize(("noted", "tries"), [([], 3), ([2], 4)])
def test_a_source_that_can_no_longer_be_held_is_let_go_of_in_time(
    tmp_path, monkeypatch, noted, tries
):
    """Whatever keeps the holding from being noted, and however it fails: until it runs out."""
    monkeypatch.setattr(pull_source, "HELD", timedelta(seconds=0.008))
    log = FakeLog()
    at, made = [now()], []
    monkeypatch.setattr(pull_source, "_log", log)

    class Store:
        async def write(self, _unit):
            made.append(1)
            at[0] += timedelta(seconds=0.003)
            if len(made) in noted:
                return True
            raise ConnectionError("SECRET")

    puller: Any = SimpleNamespace(store=Store(), clock=lambda: at[0])
    until = at[0] + pull_source.HELD

    async def scenario():
        async with pull_source._kept(puller, _source(tmp_path), "me", until) as holding:
            async with asyncio.timeout(120):
                while not holding.lost:
                    await asyncio.sleep(0)
        return len(made)

    assert asyncio.run(scenario()) == tries
    said = ("source-not-kept", {"feed": "social-care", "fault": "ConnectionError"})
    assert log.lines == [said] * len(log.lines)
    assert log.lines


def test_a_fault_of_ours_keeps_the_file_and_the_ones_after_it_are_taken(run, monkeypatch):
    async def scenario(drop: _Drop) -> None:
        drop.put("1.json", PLAN.read_bytes())
        real = Puller.pushed

        async def failing(puller, source, body, media_type, request_id=""):
            if body.startswith(b"{"):
                raise GatewayError
            return await real(puller, source, body, media_type, request_id)

        drop.put("2.csv", VISITS.read_bytes())
        with monkeypatch.context() as patch:
            patch.setattr(Puller, "pushed", failing)
            ended = await drop.pull()
        assert (ended.outcome, ended.reason) == ("partly", "not-applied")
        assert (ended.taken, ended.failed) == (1, 1)
        assert (await drop.pull()).taken == 1

    run(scenario)


def test_what_was_kept_long_enough_goes(run):
    async def scenario(drop: _Drop) -> None:
        drop.put("plan.json", PLAN.read_bytes())
        await drop.pull(keep_days=7)
        assert len(drop.standing("taken")) == 2
        drop.late = timedelta(days=8)
        await drop.pull(keep_days=7)
        assert drop.standing("taken") == set()

    run(scenario)


def test_a_source_runs_when_its_turn_comes_and_says_how_it_went(run):
    async def scenario(drop: _Drop) -> None:
        drop.put("plan.json", PLAN.read_bytes())
        assert (await drop.pull(forced=False)).taken == 1
        assert await drop.pull(forced=False) is None
        sources = Sources(source=(_source(drop.folder), _source(drop.folder / "b", name="b")))
        first, second = await source_states(drop.store.engine, sources)
        assert (first["outcome"], first["taken"], first["at_work"]) == ("done", 1, False)
        begun, following = (datetime.fromisoformat(first[n]) for n in ("last_run", "next_run"))
        assert following - begun == timedelta(minutes=5)
        assert (second["outcome"], second["last_run"]) == ("", None)
        drop.late += timedelta(minutes=6)
        assert (await drop.pull(forced=False)).taken == 0

    run(scenario)


def test_only_who_holds_a_source_keeps_it_and_lets_it_go(run):
    async def scenario(drop: _Drop) -> None:
        at = to_micros(now())

        async def unit(conn):
            assert await stored.hold(conn, "s", "a", at, at + 10)
            assert not await stored.hold(conn, "s", "b", at + 9, at + 30, forced=True)
            assert await stored.keep(conn, "s", "a", at + 20)
            assert not await stored.keep(conn, "s", "b", at + 99)
            assert await stored.hold(conn, "s", "b", at + 20, at + 40)
            await stored.let_go(conn, "s", "a", stored.Ended("failed", "late"), at, at)
            assert (await stored.states(conn))["s"]["outcome"] == ""
            await stored.let_go(conn, "s", "b", stored.Ended("done", taken=3), at + 21, at + 50)
            assert not await stored.hold(conn, "s", "a", at + 49, at + 60)
            assert await stored.hold(conn, "s", "a", at + 50, at + 60)

        await drop.store.write(unit)

    run(scenario)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-22T01:00+00:00", "2026-11-22T02:30+00:00"),
        ("2026-11-22T02:30+00:00", "2026-11-23T02:30+00:00"),
        ("2026-07-01T00:00+00:00", "2026-07-01T01:30+00:00"),
        ("2026-03-28T12:00+00:00", "2026-03-29T01:30+00:00"),
        ("2026-10-24T12:00+00:00", "2026-10-25T02:30+00:00"),
        ("2026-12-31T12:00+00:00", "2027-01-01T02:30+00:00"),
    ],
)
def test_a_daily_source_runs_at_its_time_in_london(at, expected, tmp_path):
    source = _source(tmp_path, every_minutes=None, daily_at="02:30")
    found = next_run(source, datetime.fromisoformat(at).astimezone(UTC))
    assert found == datetime.fromisoformat(expected)
