"""What a submission leaves out: replaced whole, never deleted, held where it shrank."""

import asyncio
import random
from itertools import permutations
from typing import Any

import pytest

from gateway.errors import FaultyRequestError, NotFoundError
from gateway.flows.asking.search_log import Operator
from gateway.flows.feeds.decide_absence import decide, set_guard, waiting
from gateway.flows.intake.finish_deliveries import finish_deliveries
from gateway.store.absences.absence_judging import Guard
from mappings.registry import FEEDS
from tests.integration.returns import agreed, plan, submission
from tests.integration.taking import (
    START,
    all_taken,
    digest,
    opened,
    provider,
    resources,
    run,
    state_of,
    taken,
    verified,
    wiped,
)

OCTOBER, NOVEMBER = "2026-09-30", "2026-10-31"
OPERATOR = Operator("ann", START)

FIRST = submission(
    OCTOBER,
    "2026-10-05T08:00:00",
    MHS008=(plan(1), plan(2), plan(3)),
    MHS009=(agreed(1, "2026-01-06"),),
)
RESENT = submission(
    OCTOBER, "2026-10-12T08:00:00", MHS008=(plan(1), plan(3)), MHS009=(agreed(3, "2026-02-01"),)
)
LATER = submission(
    NOVEMBER, "2026-11-05T08:00:00", MHS008=(plan(1, "2026-10-09"), plan(2, "2026-10-09"), plan(4))
)
LATER_RESENT = submission(
    NOVEMBER,
    "2026-11-12T08:00:00",
    MHS008=(plan(4), plan(5)),
    MHS009=(agreed(4, "2026-10-30"),),
)
NO_PLANS = submission(NOVEMBER, "2026-11-20T08:00:00")
SUBMISSIONS = (FIRST, RESENT, LATER, LATER_RESENT, NO_PLANS)
STANDS = {"P-1": "draft", "P-3": "active", "P-4": "active", "P-5": "draft"}
"""P-2 was taken out of both months; P-1 stands as the earlier month says, as the later one takes
back what it said of it; a file without the table says nothing of plans."""


async def _plans(store):
    """Plan -> its status."""
    found = [body for body, _ in (await resources(store)).values()]
    return {
        one["identifier"][0]["value"]: one["status"]
        for one in found
        if one["resourceType"] == "CarePlan"
    }


def _codes(answer):
    return [one["code"] for one in answer["issues"] if one["code"].startswith("abs")]


def test_a_file_sent_again_replaces_its_month_and_a_later_month_deletes_nothing(
    database_url, tmp_path
):
    async def work(store):
        await all_taken(store, [FIRST])
        again = await taken(store, RESENT)
        replaced = await _plans(store)
        later = await taken(store, submission(NOVEMBER, "2026-11-05T08:00:00", MHS008=(plan(9),)))
        return again, replaced, later, await _plans(store)

    again, replaced, later, after = run(database_url, tmp_path, work)
    assert _codes(again) == ["absent-withdrawn"]
    assert replaced == {"P-1": "draft", "P-3": "active"}
    assert _codes(later) == []
    assert after == replaced | {"P-9": "draft"}


def test_what_a_month_takes_back_stands_as_the_month_before_says(database_url, tmp_path):
    async def work(store):
        await all_taken(store, [FIRST, LATER])
        before = await _plans(store)
        await all_taken(store, [LATER_RESENT])
        return before, await _plans(store)

    before, after = run(database_url, tmp_path, work)
    assert before == {"P-1": "active", "P-2": "active", "P-3": "draft", "P-4": "draft"}
    assert after == {
        "P-1": "active", "P-2": "draft", "P-3": "draft", "P-4": "active", "P-5": "draft",
    }  # fmt: skip


def test_any_order_and_any_repetition_give_one_state(database_url, tmp_path):
    orders = random.Random(4).sample(list(permutations(SUBMISSIONS)), 12)

    async def work(store):
        found: list[tuple[str, Any]] = []
        for order in (SUBMISSIONS, *orders):
            again = random.Random(len(found)).choices(order, k=3)
            await all_taken(store, [*order[:3], again[0], *order[3:], *again[1:]])
            found.append((digest(await state_of(store)), await _plans(store)))
            await wiped(store)
        return found

    (first, standing), *rest = run(database_url, tmp_path, work)
    assert standing == STANDS
    assert all(one == (first, standing) for one in rest)


@pytest.mark.parametrize("workers", [1, 4])
def test_workers_at_once_give_the_state_of_one_after_the_other(database_url, tmp_path, workers):
    async def work(store):
        await all_taken(store, SUBMISSIONS)
        expected = digest(await state_of(store)), await _plans(store)
        await wiped(store)
        for one in random.Random(workers).sample(SUBMISSIONS, len(SUBMISSIONS)):
            await taken(store, one, later=True)
        at, left = store.vault.now(), 1
        while left:
            done = await asyncio.gather(
                *(finish_deliveries(store, FEEDS, at) for _ in range(workers))
            )
            left = sum(number for number, _ in done)
        found = digest(await state_of(store)), await _plans(store)
        return expected, found, await verified(store)

    expected, found, is_whole = run(database_url, tmp_path, work)
    assert found == expected
    assert is_whole


def test_a_file_with_a_refused_row_takes_nothing_away_until_it_is_mended(database_url, tmp_path):
    refused = submission(OCTOBER, "2026-10-12T08:00:00", MHS008=(plan(1), plan(7, person="nobody")))
    mended = submission(OCTOBER, "2026-10-13T08:00:00", MHS008=(plan(1), plan(7)))

    async def work(store):
        await all_taken(store, [FIRST])
        answer = await taken(store, refused)
        kept = await _plans(store)
        await all_taken(store, [mended])
        return answer, kept, await _plans(store)

    answer, kept, after = run(database_url, tmp_path, work)
    assert _codes(answer) == ["absence-in-part"]
    assert kept.keys() == {"P-1", "P-2", "P-3"}
    assert after.keys() == {"P-1", "P-7"}


FULL = submission(OCTOBER, "2026-10-05T08:00:00", MHS008=[plan(n) for n in range(25)])
SHRUNK = submission(OCTOBER, "2026-10-12T08:00:00", MHS008=[plan(n) for n in range(10)])


def test_a_file_that_shrank_waits_and_an_operator_confirms_it(database_url, tmp_path):
    async def work(store):
        await all_taken(store, [FULL])
        answer = await taken(store, SHRUNK)
        held = await waiting(store.engine, FEEDS)
        before = len(await _plans(store))
        with pytest.raises(FaultyRequestError):
            await decide(store, FEEDS, held[0]["file"], OPERATOR, " ", confirmed=True)
        made = await decide(store, FEEDS, held[0]["file"], OPERATOR, "closed", confirmed=True)
        with pytest.raises(NotFoundError):
            await decide(store, FEEDS, held[0]["file"], OPERATOR, "again", confirmed=False)
        left = await waiting(store.engine, FEEDS)
        return answer, held, before, made, len(await _plans(store)), left, await verified(store)

    answer, held, before, made, after, left, is_whole = run(database_url, tmp_path, work)
    assert _codes(answer) == ["absence-held"]
    assert held[0]["rows"]["MHS008"] == {"before": 25, "now": 10}
    assert (before, made["changed"], after) == (25, 15, 10)
    assert not left
    assert is_whole


def test_two_who_decide_at_once_on_one_file_do_not_both(database_url, tmp_path):
    async def work(store):
        await all_taken(store, [FULL, SHRUNK])
        [held] = await waiting(store.engine, FEEDS)
        async with opened(database_url, provider(tmp_path)) as other:
            made = await asyncio.gather(
                decide(store, FEEDS, held["file"], OPERATOR, "closed", confirmed=True),
                decide(other, FEEDS, held["file"], OPERATOR, "cut short", confirmed=False),
                return_exceptions=True,
            )
        return made, len(await _plans(store)), await waiting(store.engine, FEEDS)

    made, plans, left = run(database_url, tmp_path, work)
    (lost,) = [one for one in made if isinstance(one, Exception)]
    assert isinstance(lost, NotFoundError)
    (won,) = [one for one in made if isinstance(one, dict)]
    assert plans == {"confirmed": 10, "refused": 25}[won["decided"]]
    assert not left


def test_a_file_of_another_feed_is_none_to_whoever_named_a_feed(database_url, tmp_path):
    async def work(store):
        await all_taken(store, [FULL, SHRUNK])
        [held] = await waiting(store.engine, FEEDS)
        with pytest.raises(NotFoundError):
            await decide(
                store, {"gp": FEEDS["gp"]}, held["file"], OPERATOR, "closed", confirmed=True
            )
        return len(await waiting(store.engine, FEEDS))

    assert run(database_url, tmp_path, work) == 1


def test_a_refused_file_never_takes_anything_away_and_a_later_one_may(database_url, tmp_path):
    third = submission(OCTOBER, "2026-10-19T08:00:00", MHS008=[plan(n) for n in range(20)])

    async def work(store):
        await all_taken(store, [FULL, SHRUNK])
        [held] = await waiting(store.engine, FEEDS)
        await decide(store, FEEDS, held["file"], OPERATOR, "cut short", confirmed=False)
        kept = len(await _plans(store))
        await all_taken(store, [third])
        return kept, len(await _plans(store)), await waiting(store.engine, FEEDS)

    assert run(database_url, tmp_path, work) == (25, 20, [])


def test_the_guard_is_a_feeds_own_and_an_order_of_arrival_does_not_move_it(database_url, tmp_path):
    async def work(store):
        await set_guard(store, "mental-health", Guard(share=30, least=20), OPERATOR)
        await all_taken(store, [FULL, SHRUNK])
        loose = len(await _plans(store))
        await wiped(store)
        await all_taken(store, [SHRUNK, FULL])
        return loose, len(await _plans(store)), len(await waiting(store.engine, FEEDS))

    assert run(database_url, tmp_path, work) == (10, 25, 1)


def test_two_providers_files_of_one_sender_do_not_replace_each_other(database_url, tmp_path):
    other = submission(OCTOBER, "2026-10-12T08:00:00", provider="RX1", MHS008=(plan(8),))

    async def work(store):
        await all_taken(store, [FIRST, other])
        return await _plans(store)

    assert run(database_url, tmp_path, work).keys() == {"P-1", "P-2", "P-3", "P-8"}


def test_what_is_taken_back_keeps_its_labels_when_it_is_named_again(database_url, tmp_path):
    """Labels are those of every item that ever named it, replaced or not."""
    crisis = submission(OCTOBER, "2026-10-05T08:00:00", MHS008=("P-1,MH-1,12,2026-01-05,",))
    plain = submission(NOVEMBER, "2026-11-05T08:00:00", MHS008=(plan(1),))
    without = submission(OCTOBER, "2026-10-12T08:00:00", MHS008=(plan(2),))

    async def work(store):
        found = []
        for order in permutations((crisis, plain, without)):
            await all_taken(store, order)
            found.append(digest(await state_of(store)))
            await wiped(store)
        return found

    assert len(set(run(database_url, tmp_path, work))) == 1


def test_a_month_that_changes_nothing_makes_no_version_and_moves_the_day(database_url, tmp_path):
    """The day as at which it holds is told, with the submission it is from."""
    october = submission(OCTOBER, "2026-10-05T08:00:00", MHS008=(plan(1),))
    november = submission(NOVEMBER, "2026-11-05T08:00:00", MHS008=(plan(1),))

    async def work(store):
        found = []
        for order in ((october, november), (november, october)):
            await all_taken(store, order)
            held = (await resources(store)).items()
            [(body, (origins, lines))] = [one for name, one in held if name.startswith("CarePlan")]
            [(line,)] = [[one for one in lines if one[0].startswith("meta.extension")]]
            [delivery] = {origin[5] for origin in [origins[line[3]]]}
            status = origins[next(one[3] for one in lines if one[0] == "status")][5]
            found.append((body["meta"], digest(await state_of(store)), delivery >= status))
            await wiped(store)
        return found

    (one, first, newer), (other, second, _) = run(database_url, tmp_path, work)
    assert one["versionId"] == other["versionId"] == "1"
    assert [ext["valueDate"] for ext in one["extension"]] == [NOVEMBER]
    assert one["extension"] == other["extension"]
    assert first == second
    assert newer
