"""A hospital stay with its problem and goal: each order of arrival gives one state.

Admission, transfer, the transfer cancelled, a problem added and deleted, a goal, discharge: seven
messages, each also sent twice.
"""

import asyncio
import itertools
import random
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from tests.integration.taking import (
    Delivery,
    State,
    all_taken,
    digest,
    opened,
    provider,
    resources,
    state_of,
    upgraded,
    verified,
    wiped,
)
from tests.sampling import part

TRIED, TRIED_SOAKING = 6, 24

_PID = "PID|1||5500901^^^RAX^MR~9990000077^^^NHS^NH||ASHDOWN^Norma||19430304|2"
_STAY = "||||||||||||||||SP-1^^^RAX|||||||||||||||||||||||||20261001083000"


def _message(kind: str, at: str, *segments: str) -> Delivery:
    head = f"MSH|^~\\&|EPR|RAX|GW|SWL|{at}||{kind}|{kind}-{at}|P|2.4"
    return Delivery("hospital", "\r".join((head, _PID, *segments)).encode(), name=f"{kind} {at}")


def _moved(event: str, day: int, place: str, *segments: str) -> Delivery:
    at = f"202610{day:02}090000"
    return _message(f"ADT^{event}", at, f"EVN|{event}|{at}", f"PV1|1|I|{place}{_STAY}", *segments)


ADMITTED = _moved("A01", 1, "Astor^Bay 2", "PV2|||||||||20261008", "ZU8||2")
MOVED = _moved(
    "A02", 2, "Derwent^Bay 1", "AL1|1|DA|^Penicillin", "ROL||AD|NUR^Nurse|N-7^Okoro^Grace"
)
UNMOVED = _moved("A12", 3, "Astor^Bay 2", "ZU8||1")
PROBLEM = _message("PPR^PC1", "20261004090000", "PRB|AD|20261004|I20.9^Angina^I10|P-1^RAX")
NO_PROBLEM = _message("PPR^PC3", "20261006090000", "PRB|DE|20261004|I20.9^Angina^I10|P-1^RAX")
GOAL = _message("PGL^PC6", "20261005090000", "GOL|AD|20261005|^I want to climb my stairs|G-1^RAX",
    "PRB|LI|20261004||P-1^RAX")  # fmt: skip
LEFT = _moved("A03", 8, "Astor^Bay 2", "PV2|||||||||20261008")
SCENARIO = (ADMITTED, MOVED, UNMOVED, PROBLEM, GOAL, NO_PROBLEM, LEFT)


_OTHER = "PID|1||5500902^^^RAX^MR||QUIST^Beryl||19440109|1"
_BED = f"PV1|1|I|Astor^Bay 4{_STAY}".replace("SP-1", "SP-2")
SWAPPED = _moved("A17", 4, "Astor^Bay 3", _OTHER, _BED)
OTHER_LEFT = Delivery(
    "hospital", LEFT.body.replace(_PID.encode(), _OTHER.encode()), name="other left"
)


async def _states(
    url: str, keys: Any, ways: Iterable[Sequence[Delivery]]
) -> tuple[set[State], dict[str, Any]]:
    """Every state the ways come to, and one resource of each type after the last of them."""
    found: set[State] = set()
    shown: dict[str, Any] = {}
    async with opened(url, keys) as store:
        for way in ways:
            answers = await all_taken(store, way)
            assert {answer["status"] for answer in answers} == {"taken"}
            found.add(await state_of(store))
            standing = (await resources(store)).values()
            shown = {body["resourceType"]: body for body, _ in standing}
            await wiped(store)
        assert await verified(store)
    return found, shown


def _one_state(url, folder, ways: Iterable[Sequence[Delivery]]) -> dict[str, Any]:
    upgraded(url)
    states, shown = asyncio.run(_states(url, provider(folder), ways))
    assert len(states) == 1, {digest(state) for state in states}
    return shown


def _sampled(seed: int, tried: int) -> list[list[Delivery]]:
    """Some of the orders, each with every message also sent twice, in another order."""
    ways = []
    for number in range(tried):
        mixed = list(SCENARIO)
        random.Random(seed + number).shuffle(mixed)
        again = list(SCENARIO)
        random.Random(-seed - number - 1).shuffle(again)
        ways += [mixed, mixed + again]
    return ways


def test_a_stay_is_one_state_in_any_order(database_url, tmp_path, whole):
    ways = [SCENARIO, SCENARIO[::-1], *_sampled(1, TRIED_SOAKING if whole else TRIED)]
    shown = _one_state(database_url, tmp_path, ways)
    visit = shown["Encounter"]
    assert visit["status"] == "finished"
    assert visit["location"][0]["location"]["display"] == "Astor, Bay 2"
    assert visit["period"] == {"start": "2026-10-01T08:30:00+01:00"}
    assert shown["Condition"]["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert shown["Goal"]["lifecycleStatus"] == "active"
    assert shown["ServiceRequest"]["status"] == "completed"
    assert shown["Consent"]["status"] == "inactive"
    assert shown["AllergyIntolerance"]["code"] == {"text": "Penicillin"}


def test_any_order_of_the_first_four_and_the_cancelled_problem(database_url, tmp_path, whole):
    five = (ADMITTED, MOVED, UNMOVED, LEFT, NO_PROBLEM)
    _one_state(database_url, tmp_path, part(itertools.permutations(five), 24, whole=whole))


def test_two_who_change_beds_are_one_state_in_any_order(database_url, tmp_path, whole):
    five = (ADMITTED, SWAPPED, UNMOVED, LEFT, OTHER_LEFT)
    _one_state(database_url, tmp_path, part(itertools.permutations(five), 12, whole=whole))


def test_of_a_stay_that_no_message_says_a_status_of_the_oldest_words_stand(database_url, tmp_path):
    """An update and a transfer each take another status for granted."""
    told = (_moved("A08", 1, "Astor^Bay 2"), MOVED)
    shown = _one_state(database_url, tmp_path, itertools.permutations(told))
    assert shown["Encounter"]["status"] == "unknown"


@pytest.mark.soak
def test_every_order_of_all_seven(database_url, tmp_path):
    _one_state(database_url, tmp_path, itertools.permutations(SCENARIO))
