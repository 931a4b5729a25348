"""Lists a hospital states whole: a shorter one withdraws, in whatever order they arrive."""

import asyncio
import itertools
from collections.abc import Iterable, Sequence

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
    wiped,
)
from tests.sampling import part

_PID = "PID|1||5500902^^^RAX^MR~9990000077^^^NHS^NH||ASHDOWN^Norma||19430304|2"


def _sent(day: int, *segments: str, event: str = "A31") -> Delivery:
    at = f"202610{day:02}090000"
    head = f"MSH|^~\\&|PAS|RAX|GW|SWL|{at}||ADT^{event}|{day}|P|2.4\rEVN|{event}|{at}"
    return Delivery("hospital", "\r".join((head, _PID, *segments)).encode(), name=f"day {day}")


def _allergies(*names: str) -> tuple[str, ...]:
    return tuple(f"AL1|{place}|DA|{name}" for place, name in enumerate(names, 1))


def _contacts(*names: str) -> tuple[str, ...]:
    return tuple(f"NK1|{place}|{name}" for place, name in enumerate(names, 1))


LONG = _sent(1, *_allergies("^Penicillin", "^Nuts"), *_contacts("ASHDOWN^Anna", "ASHDOWN^Ben"))
SINGLE = _sent(2, "IAM|1|DA|^Latex|||A", event="A60")
SHORT = _sent(3, *_allergies("^Nuts"), *_contacts("ASHDOWN^Cleo"))
SILENT = _sent(4, "PV1|1|N")
AFTER = _sent(5, "IAM|1|DA|^Pollen|||A", event="A60")


def _ways(url, folder, ways: Iterable[Sequence[Delivery]]) -> tuple[set[State], list[dict]]:
    async def scenario() -> tuple[set[State], list[dict]]:
        found, shown = set(), []
        async with opened(url, provider(folder)) as store:
            for way in ways:
                answers = await all_taken(store, way)
                assert {answer["status"] for answer in answers} == {"taken"}
                found.add(await state_of(store))
                shown = [body for body, _ in (await resources(store)).values()]
                await wiped(store)
        return found, shown

    upgraded(url)
    return asyncio.run(scenario())


def _standing(shown: list[dict]) -> tuple[set[str], set[str]]:
    allergies = {o["code"]["text"] for o in shown if o["resourceType"] == "AllergyIntolerance"}
    contacts = [o["name"][0]["given"][0] for o in shown if o["resourceType"] == "RelatedPerson"]
    return allergies, set(contacts)


def test_a_shorter_list_withdraws_in_any_order(database_url, tmp_path, whole):
    every = itertools.permutations((LONG, SINGLE, SHORT, SILENT, AFTER))
    ways = part(every, 24, whole=whole)
    states, shown = _ways(database_url, tmp_path, ways)
    assert len(states) == 1, {digest(state) for state in states}
    assert _standing(shown) == ({"Nuts", "Pollen"}, {"Cleo"})
    (listed,) = [one for one in shown if one.get("title") == "Allergies"]
    assert len(listed["entry"]) == 1


def test_what_is_listed_again_stands_again(database_url, tmp_path):
    again = _sent(6, *_allergies("^Penicillin"))
    ways = itertools.permutations((LONG, SHORT, again))
    states, shown = _ways(database_url, tmp_path, ways)
    assert len(states) == 1, {digest(state) for state in states}
    assert _standing(shown) == ({"Penicillin"}, {"Cleo"})


def test_an_emptied_list_withdraws_all_and_an_incomplete_one_nothing(database_url, tmp_path):
    emptied, unclear = _sent(7, 'AL1|1||""'), _sent(7, "AL1|1|DA|")
    for last, allergies in ((emptied, set()), (unclear, {"Nuts"})):
        ways = itertools.permutations((LONG, SHORT, last))
        states, shown = _ways(database_url, tmp_path, ways)
        assert len(states) == 1, {digest(state) for state in states}
        assert _standing(shown)[0] == allergies


def test_a_batch_comes_to_the_same_as_one_by_one(database_url, tmp_path):
    sent = (LONG, SINGLE, SHORT, SILENT, AFTER)
    batch = Delivery("hospital", b"\r".join(one.body for one in sent), name="batch")
    backwards = Delivery("hospital", b"\r".join(one.body for one in sent[::-1]), name="backwards")
    states, _ = _ways(database_url, tmp_path, [sent, [batch], [backwards]])
    assert len(states) == 1, {digest(state) for state in states}
