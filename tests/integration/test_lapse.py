"""What is over by its last day is said to be over, whoever sends what, in whatever order."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import permutations

from gateway.flows.upkeep.lapse import lapse_due
from tests.integration.returns import submission
from tests.integration.taking import (
    Clock,
    all_taken,
    digest,
    resources,
    run,
    state_of,
    verified,
    wiped,
)

SECTION = "LS-1,MH-1,2026-11-20,{expires},{ended},{status}"


class _At(Clock):
    """A clock that stands where it is put."""

    def __init__(self, day: str) -> None:
        self.put(day)

    def put(self, day: str) -> None:
        self.at = datetime.fromisoformat(day).replace(tzinfo=UTC)


def _month(made, ends="2026-11-30", *, expires="", ended="", status="02"):
    row = SECTION.format(expires=expires, ended=ended, status=status)
    return submission(ends, made, MHS401=(row,))


async def _flags(store):
    held = await resources(store)
    return [one for name, one in held.items() if name.startswith("Flag")]


def test_a_section_is_over_the_day_after_its_last_and_says_that_it_was_worked_out(
    database_url, tmp_path
):
    clock = _At("2026-12-05")

    async def work(store):
        await all_taken(store, [_month("2026-12-04T08:00:00", expires="2026-12-17")])
        found = []
        for day in ("2026-12-17T23:59:00", "2026-12-18T00:00:01", "2026-12-19T00:00:00"):
            clock.put(day)
            looked_at = await lapse_due(store, clock.at)
            [(body, (_, lines))] = await _flags(store)
            rules = {line[0]: line[2] for line in lines}
            found.append((looked_at, body["status"], body["meta"]["versionId"], rules["status"]))
        return found, body, await verified(store)

    found, body, is_whole = run(database_url, tmp_path, work, clock)
    assert found == [
        (0, "active", "1", "flag.status"),
        (1, "inactive", "2", "lapse.after-end"),
        (0, "inactive", "2", "lapse.after-end"),
    ]
    assert [tag["code"] for tag in body["meta"]["tag"]] == ["status"]
    assert is_whole


def test_a_section_without_an_end_is_over_when_the_law_says(database_url, tmp_path):
    clock = _At("2026-12-05")

    async def work(store):
        await all_taken(store, [_month("2026-12-04T08:00:00")])
        [(before, _)] = await _flags(store)
        clock.put("2026-12-18T00:00:01")
        await lapse_due(store, clock.at)
        [(after, _)] = await _flags(store)
        return before, after

    before, after = run(database_url, tmp_path, work, clock)
    assert before["period"]["end"] == "2026-12-17"
    assert "section 2" in before["period"]["extension"][0]["valueString"]
    assert (before["status"], after["status"]) == ("active", "inactive")


def test_a_file_that_comes_after_the_last_day_is_not_shown_as_in_force(database_url, tmp_path):
    """It was made before; it is over at once, without waiting for a worker."""
    clock = _At("2027-01-20")

    async def work(store):
        await all_taken(store, [_month("2026-12-04T08:00:00", expires="2026-12-17")])
        return [body["status"] for body, _ in await _flags(store)]

    assert run(database_url, tmp_path, work, clock) == ["inactive"]


def test_a_later_file_that_renews_it_says_that_it_is_in_force_again(database_url, tmp_path):
    clock = _At("2026-12-20")
    first = _month("2026-12-04T08:00:00", expires="2026-12-17", status="03")
    renewed = _month("2026-12-16T08:00:00", expires="2027-06-17", status="03")
    over = _month("2027-01-05T08:00:00", "2026-12-31", expires="2027-06-17", status="03")

    async def work(store):
        found = []
        for order in permutations((first, renewed, over)):
            clock.put("2026-12-20")
            await all_taken(store, order[:2])
            await lapse_due(store, clock.at)
            clock.put("2027-01-06")
            await all_taken(store, order[2:])
            await lapse_due(store, clock.at)
            in_force = [body["status"] for body, _ in await _flags(store)]
            clock.at += timedelta(days=200)
            await lapse_due(store, clock.at)
            ended = [body["status"] for body, _ in await _flags(store)]
            found.append((in_force, ended, digest(await state_of(store))))
            await wiped(store)
        return found

    found = run(database_url, tmp_path, work, clock)
    assert {tuple(one) for one, _, _ in found} == {("active",)}
    assert {tuple(one) for _, one, _ in found} == {("inactive",)}
    assert len({state for _, _, state in found}) == 1


def test_what_is_withdrawn_before_its_last_day_stays_withdrawn(database_url, tmp_path):
    clock = _At("2026-12-05")
    over = _month("2026-12-12T08:00:00", ended="2026-12-10")

    async def work(store):
        await all_taken(store, [_month("2026-12-04T08:00:00", expires="2026-12-17"), over])
        clock.put("2026-12-18T00:00:01")
        return await lapse_due(store, clock.at), await _flags(store)

    clock.put("2026-12-13")
    looked_at, flags = run(database_url, tmp_path, work, clock)
    assert (looked_at, flags) == (1, [])


def test_two_workers_at_once_say_once_that_it_is_over(database_url, tmp_path):
    clock = _At("2026-12-05")

    async def work(store):
        await all_taken(store, [_month("2026-12-04T08:00:00", expires="2026-12-17")])
        clock.put("2026-12-18T00:00:01")
        await asyncio.gather(*(lapse_due(store, clock.at) for _ in range(4)))
        [(body, _)] = await _flags(store)
        return body["status"], body["meta"]["versionId"], await verified(store)

    assert run(database_url, tmp_path, work, clock) == ("inactive", "2", True)
