"""A local id that comes to name somebody else: decided on before or not, it links nobody."""

import asyncio
import itertools
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import FaultyRequestError
from gateway.flows.identity.decide_identity import decide
from gateway.flows.identity.review_identity import queue
from gateway.identity.statements import Verdict
from tests.integration.taking import (
    Delivery,
    State,
    all_taken,
    opened,
    provider,
    state_of,
    upgraded,
    wiped,
)
from tests.integration.test_identity_decisions import REASON, by, groups, over, people, records
from tests.integration.test_ingest_identity import NORMA, OTHER, PLACEHOLDER, seen_by
from tests.integration.test_ingest_merges import at, identity_event
from tests.integration.test_ingest_names import Said

BORN, TURNED = "19430304", "19430403"
SOMEBODY_ELSE = (OTHER, "19510622", "Oliver")


def later(org: str, day: int, number: str, born: str, name: str) -> Delivery:
    return seen_by(org, number, born, f"202610{day:02d}090000", name=name)


async def decided(store: Any, one: str, other: str, verdict: Verdict = Verdict.SAME) -> None:
    ids = await records(store)
    await decide(store, by(store), (ids[one], ids[other], verdict), REASON)


async def states(store: Any) -> dict[str, str]:
    async with store.engine.reading() as conn:
        return dict(await conn.fetch("SELECT source_org, link_state FROM source_record"))


async def pairs(store: Any) -> list[set[str]]:
    """The organisations of the records in each row of the queue."""
    rows = await queue(store, by(store), 50)
    return [
        {row[side]["organisation"] for side in ("record", "other") if row[side]} for row in rows
    ]


async def waiting(store: Any) -> set[str]:
    """The organisations whose records are in the queue."""
    return set().union(*await pairs(store))


@pytest.mark.parametrize(
    ("number", "born", "name"),
    [
        SOMEBODY_ELSE,
        (OTHER, TURNED, "Norma"),
        (NORMA, "19510622", "Norma"),
        (NORMA, TURNED, "Oliver"),
        ("", "", "Oliver"),
        (f"{NORMA}~{OTHER}", TURNED, "Norma"),
    ],
    ids=["all", "number", "birth date", "first name", "first name alone", "two numbers"],
)
@pytest.mark.parametrize("who", ["the one that goes", "the one that stays"])
def test_a_decision_does_not_hold_for_somebody_else(
    who, number, born, name, database_url, tmp_path
):
    """Nor do they link by number with whoever has it. A fresh decision settles it."""

    async def work(store: Any) -> None:
        await decided(store, "RAX", "RJ7")
        assert await people(store) == groups("RAX RJ7 RPY", "RQY")
        org = "RAX" if who == "the one that goes" else "RJ7"
        await all_taken(store, [later(org, 5, number, born, name)])
        others = groups("RJ7 RPY") if org == "RAX" else groups("RJ7", "RPY")
        assert await people(store) == groups("RAX", "RQY") | others
        found = await states(store)
        assert found["RAX"] == found[org] == "says-otherwise"
        assert {"RAX", org} <= await waiting(store)
        likely = [pair for pair in await pairs(store) if "RAX" in pair]
        assert any(pair & {"RJ7", "RPY"} for pair in likely), "to be decided afresh"
        await decided(store, "RAX", "RJ7")
        assert {"RAX", "RJ7"} <= next(one for one in await people(store) if "RAX" in one)
        assert "says-otherwise" not in (await states(store)).values()
        assert {"RAX", "RJ7"} not in await pairs(store)

    sent = [
        seen_by("RAX", NORMA, TURNED), seen_by("RJ7", NORMA), seen_by("RPY", NORMA),
        seen_by("RQY", OTHER, "19510622", name="Oliver"),
    ]  # fmt: skip
    over(database_url, tmp_path, sent, work)


@pytest.mark.parametrize(
    ("number", "born", "name"),
    [
        (NORMA, BORN, "Norma"),
        (NORMA, "", ""),
        (PLACEHOLDER, TURNED, "Norma"),
        ("", BORN, "Norma Jane"),
        (NORMA, TURNED, "N"),
    ],
)
def test_what_contradicts_nothing_leaves_the_decision(number, born, name, database_url, tmp_path):
    async def work(store: Any) -> None:
        await decided(store, "RAX", "RJ7")
        await all_taken(store, [later("RAX", 5, number, born, name)])
        assert await people(store) == groups("RAX RJ7")
        assert "says-otherwise" not in (await states(store)).values()

    sent = [seen_by("RAX", OTHER, TURNED), seen_by("RJ7", NORMA)]
    over(database_url, tmp_path, sent, work)


@pytest.mark.parametrize(("name", "stays"), [("Norma", True), ("Oliver", False)])
def test_the_name_that_a_plan_brings_decides_as_it_would_have(name, stays, database_url, tmp_path):
    """A council's visits bear none: what was put together without one meets it later."""

    async def work(store: Any) -> None:
        await decided(store, "XK2", "RAX")
        assert await people(store) == groups("RAX XK2")
        await all_taken(store, [Said(5, NORMA, name).delivery()])
        assert await people(store) == (groups("RAX XK2") if stays else groups("RAX", "XK2"))

    sent = [seen_by("RAX", NORMA), Said(1, OTHER).delivery()]
    over(database_url, tmp_path, sent, work)


@pytest.mark.parametrize(
    "sent",
    [
        [("RAX", 1, NORMA, BORN, "Norma"), ("RAX", 5, *SOMEBODY_ELSE)],
        [("RAX", 1, *SOMEBODY_ELSE), ("RAX", 5, NORMA, BORN, "Norma")],
        [("RAX", 1, NORMA, BORN, "Norma"), ("RAX", 3, "", BORN, "Oliver"),
         ("RAX", 5, OTHER, BORN, "Oliver")],
    ],
    ids=["somebody else since", "somebody else before", "in two steps"],
)  # fmt: skip
def test_what_was_said_of_two_people_under_one_local_id_links_with_neither(
    sent, database_url, tmp_path
):
    """In any order, and though what is newest fits: the record holds what is of both."""
    upgraded(database_url)
    known = [
        seen_by("RJ7", NORMA), seen_by("RPY", OTHER, "19510622", name="Oliver"),
        seen_by("RQY", OTHER, name="Oliver"),
    ]  # fmt: skip
    every = [*known, *(later(*one) for one in sent)]
    orders = [random.Random(seed).sample(every, len(every)) for seed in range(4)]

    async def scenario() -> list[tuple[State, dict[str, str], set[frozenset[str]]]]:
        made = []
        async with opened(database_url, provider(tmp_path)) as store:
            for order in (every, every[::-1], *orders):
                await all_taken(store, order)
                assert "RAX" in await waiting(store)
                made.append((await state_of(store), await states(store), await people(store)))
                await wiped(store)
        return made

    first, *rest = asyncio.run(scenario())
    assert first[1]["RAX"] == "says-otherwise"
    assert frozenset({"RAX"}) in first[2]
    assert all(one == first for one in rest)


def test_an_operator_says_whose_a_local_id_is_that_was_used_again(database_url, tmp_path):
    async def work(store: Any) -> None:
        await decided(store, "RAX", "RPY")
        assert await people(store) == groups("RAX RPY", "RJ7")
        assert (await states(store))["RAX"] == "linked"
        await all_taken(store, [later("RAX", 7, "9990000093", "19620101", "Mary")])
        assert await people(store) == groups("RAX", "RPY", "RJ7")
        await decided(store, "RAX", "RPY", Verdict.OPEN)
        assert (await states(store))["RAX"] == "says-otherwise"

    sent = [
        seen_by("RJ7", NORMA), seen_by("RAX", NORMA), later("RAX", 5, *SOMEBODY_ELSE),
        seen_by("RPY", OTHER, "19510622", name="Oliver"),
    ]  # fmt: skip
    over(database_url, tmp_path, sent, work)


def test_a_merge_of_its_source_joins_nobody_to_a_local_id_that_was_used_again(
    database_url, tmp_path
):
    """Neither the newest person nor the one before comes back by a message."""
    sent = [
        seen_by("RAX", NORMA), later("RAX", 5, *SOMEBODY_ELSE),
        seen_by("RAX", OTHER, "19510622", local="2", name="Oliver"),
        identity_event("A40", "2", "1", at(7), OTHER), seen_by("RPY", OTHER, "19510622"),
    ]  # fmt: skip

    async def work(store: Any) -> None:
        async with store.engine.reading() as conn:
            rows = await conn.fetch("SELECT person_id, link_state FROM source_record")
        ((person, state),) = [row for row in rows if row[1] not in ("linked", "merge-conflict")]
        assert state == "says-otherwise"
        assert [one for one, _ in rows].count(person) == 1

    over(database_url, tmp_path, sent, work)


def test_a_local_id_of_dozens_of_people_cannot_be_decided_on(database_url, tmp_path):
    async def work(store: Any) -> None:
        with pytest.raises(FaultyRequestError) as refused:
            await decided(store, "RAX", "RJ7")
        assert "many" in refused.value.faults[0].text
        assert await people(store) == groups("RAX", "RJ7")

    of_many = [later("RAX", day, "", f"19{day + 30}0101", "Norma") for day in range(1, 26)]
    over(database_url, tmp_path, [*of_many, seen_by("RJ7", NORMA)], work)


_SAYS = st.tuples(
    st.sampled_from(["RAX", "RJ7", "RPY"]),
    st.integers(1, 9),
    st.sampled_from([NORMA, OTHER, "", f"{NORMA}~{OTHER}"]),
    st.sampled_from([BORN, "19510622"]),
    st.sampled_from(["Norma", "Oliver", ""]),
)
_DECIDES = st.tuples(
    st.sampled_from(list(itertools.permutations(["RAX", "RJ7", "RPY"], 2))),
    st.sampled_from([Verdict.SAME, Verdict.SAME, Verdict.DIFFERENT]),
)


def test_whatever_comes_before_and_after_decisions_comes_in_any_order(
    database_url, tmp_path, whole
):
    """One set of links; and who was put together says nothing that neither of them had said."""
    upgraded(database_url)
    most = 60 if whole else 5

    async def state(store: Any, before: Any, decisions: Any, after: Any) -> State:
        known = [seen_by(org, "", "", "20260901090000", name="") for org in ("RAX", "RJ7", "RPY")]
        await all_taken(store, [*known, *(later(*one) for one in before)])
        for (one, other), verdict in decisions:
            try:
                await decided(store, one, other, verdict)
            except FaultyRequestError:
                continue
        await all_taken(store, [later(*one) for one in after])
        made = await state_of(store)
        await _check(store, decisions, before, after)
        await wiped(store)
        return made

    async def _check(store: Any, decisions: Any, before: Any, after: Any) -> None:
        if len(decisions) != 1 or decisions[0][1] is not Verdict.SAME:
            return
        pair, found = decisions[0][0], await people(store)
        numbers = [
            {number for org, _, number, *_ in said if org in pair and number}
            for said in (before, after)
        ]
        if numbers[0] and numbers[1] - numbers[0]:
            assert not any(set(pair) <= one for one in found) or len(numbers[0]) > 1
            assert "says-otherwise" in (await states(store)).values()

    async def both(before: Any, decisions: Any, after: Any, dice: Any) -> list[State]:
        async with opened(database_url, provider(tmp_path)) as store:
            mixed = [dice.sample(one, len(one)) for one in (before, after)]
            return [
                await state(store, before, decisions, after),
                await state(store, mixed[0], decisions, [*mixed[1], *mixed[0]]),
                await state(store, before[::-1], decisions, after[::-1]),
            ]

    @settings(
        max_examples=most, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(
        st.lists(_SAYS, max_size=4, unique=True),
        st.lists(_DECIDES, min_size=1, max_size=2),
        st.lists(_SAYS, max_size=4, unique=True),
        st.randoms(use_true_random=False),
    )
    def law(before, decisions, after, dice):
        first, *rest = asyncio.run(both(before, decisions, after, dice))
        assert all(one == first for one in rest)

    law()
