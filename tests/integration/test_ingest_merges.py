"""Merges, links and changed numbers of a hospital, taken in any order, over the real store."""

import asyncio
import itertools
import random
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from tests.integration.taking import (
    Delivery,
    all_taken,
    opened,
    provider,
    resources,
    state_of,
    taken,
    upgraded,
    wiped,
)
from tests.integration.test_ingest_identity import NORMA, OTHER, seen_by

_MRG = "MRG|{gone}^^^RAX^MR\r"


def identity_event(
    trigger: str, stays: str, gone: str, at: str, number: str = "", segment: str = _MRG
) -> Delivery:
    """A hospital says that two of its numbers are one person's, or are no longer."""
    nhs = f"~{number}^^^NHS^NH" if number else ""
    text = (
        f"MSH|^~\\&|EPR|RAX|GW|SWL|{at}||ADT^{trigger}|I-{at}|P|2.4\rEVN|{trigger}|{at}\r"
        f"PID|1||{stays}^^^RAX^MR{nhs}||ASHDOWN^Norma|||2\r{segment.format(gone=gone)}"
    )
    return Delivery("hospital", text.encode(), org="RAX", name=f"{trigger} {gone}>{stays} {at}")


def linked(trigger: str, stays: str, gone: str, at: str) -> Delivery:
    return identity_event(trigger, stays, gone, at, segment="PID|2||{gone}^^^RAX^MR\r")


def care(local: str, number: str = NORMA, day: int = 1, born: str = "19430304") -> Delivery:
    return seen_by("RAX", number, born, f"202610{day:02d}090000", local)


def at(day: int) -> str:
    return f"202610{day:02d}120000"


def final_states(url: str, folder: Path, orders: list[list[Delivery]]) -> list[tuple[Any, Any]]:
    """What stands after each order, and each record's person's other records by local number."""
    upgraded(url)

    async def scenario() -> list[tuple[Any, Any]]:
        made = []
        async with opened(url, provider(folder)) as store:
            for order in orders:
                answers = await all_taken(store, order)
                assert all(a["status"] == "taken" for a in answers), answers
                made.append((await state_of(store), await shapes(store)))
                await wiped(store)
        return made

    return asyncio.run(scenario())


async def shapes(store: Any) -> list[tuple[int, tuple[str, ...]]]:
    """Each person as the number of records and their states: no ids, so that orders compare."""
    async with store.engine.reading() as conn:
        rows = await conn.fetch("SELECT person_id, link_state FROM source_record")
    people: dict[str, list[str]] = {}
    for person_id, link_state in rows:
        people.setdefault(person_id, []).append(link_state)
    return sorted((len(states), tuple(sorted(states))) for states in people.values())


_EVERY: Final = 720
"""As many as six messages have orders."""


def in_orders(sent: list[Delivery], most: int) -> list[list[Delivery]]:
    """Orders of arrival, some of them with everything sent twice."""
    every = [list(order) for order in itertools.permutations(sent)]
    some = random.Random(7).sample(every, min(most, len(every)))
    return [sent, *some, [*sent, *sent[::-1]], [*sent[::-1], *sent]]


def admitted(local: str, number: str, day: int, trigger: str = "A01") -> Delivery:
    """A visit of one of the hospital's records."""
    text = (
        f"MSH|^~\\&|EPR|RAX|GW|SWL|{at(day)}||ADT^{trigger}|V-{day}|P|2.4\rEVN|{trigger}|{at(day)}\r"
        f"PID|1||{local}^^^RAX^MR~{number}^^^NHS^NH||ASHDOWN^Norma||19430304|2\r"
        f"PV1|1|I|WARD 4{'|' * 16}V7"
    )
    return Delivery("hospital", text.encode(), org="RAX", name=f"{trigger} V7 {local} {day}")


def moved(stays: str, gone: str, day: int) -> Delivery:
    """The visit is another person's."""
    text = (
        f"MSH|^~\\&|EPR|RAX|GW|SWL|{at(day)}||ADT^A45|M-{day}|P|2.4\rEVN|A45|{at(day)}\r"
        f"PID|1||{stays}^^^RAX^MR\rMRG|{gone}^^^RAX^MR||||V7\rPV1|1|I{'|' * 17}V7"
    )
    return Delivery("hospital", text.encode(), org="RAX", name=f"A45 {gone}>{stays} {day}")


def renumbered(trigger: str, stays: str, gone: str, day: int) -> Delivery:
    """A visit of record 1 has another number now."""
    text = (
        f"MSH|^~\\&|EPR|RAX|GW|SWL|{at(day)}||ADT^{trigger}|R-{day}|P|2.4\rEVN|{trigger}|{at(day)}\r"
        f"PID|1||1^^^RAX^MR\rMRG|1^^^RAX^MR||||{gone}\rPV1|1|I{'|' * 17}{stays}"
    )
    return Delivery("hospital", text.encode(), org="RAX", name=f"{trigger} {gone}>{stays} {day}")


def sixth(sent: Delivery) -> Delivery:
    """The same of another visit."""
    return replace(sent, body=sent.body.replace(b"V7", b"V6"), name=f"{sent.name} V6")


SCENARIOS = {
    "merge before either is known": (
        [identity_event("A40", "1", "2", at(1), NORMA), care("2", "", 2), care("1", NORMA, 3)],
        [(2, ("linked", "linked"))],
    ),
    "chain with late care": (
        [
            care("1"), care("2", ""), care("3", ""), identity_event("A40", "2", "3", at(2)),
            identity_event("A34", "1", "2", at(3)), seen_by("RJ7", NORMA),
        ],
        [(4, ("linked",) * 4)],
    ),
    "inverse": (
        [
            care("1"), care("2", ""), identity_event("A40", "1", "2", at(2)),
            identity_event("A40", "2", "1", at(3)),
        ],
        [(2, ("linked", "linked"))],
    ),
    "number changed": (
        [care("1", ""), identity_event("A47", "7", "1", at(2), NORMA), care("7", NORMA, 3)],
        [(2, ("linked", "linked"))],
    ),
    "number used again for somebody else": (
        [
            care("1"), identity_event("A47", "7", "1", at(2), NORMA),
            care("1", OTHER, 5, "19600101"), care("7", NORMA, 3), seen_by("RJ7", NORMA),
        ],
        [(1, ("says-otherwise",)), (2, ("linked", "merge-conflict"))],
    ),
    "merge of two people": (
        [
            care("1"), care("2", OTHER), identity_event("A40", "1", "2", at(2)),
            seen_by("RJ7", NORMA), seen_by("RPY", OTHER),
        ],
        [(2, ("linked", "merge-conflict")), (2, ("linked", "merge-conflict"))],
    ),
    "number moved from one person to another": (
        [
            care("1"), care("2", OTHER, 1, "19600101"), care("3", ""),
            identity_event("A40", "2", "3", at(2)),
            identity_event("A43", "1", "3", at(3),
                           segment="MRG|{gone}^^^RAX^MR|||2^^^RAX^MR\r"),
            seen_by("RJ7", NORMA),
        ],
        [(1, ("alone",)), (3, ("linked",) * 3)],
    ),
    "merged, changed, moved, and merged the other way": (
        [
            care("1"), identity_event("A40", "1", "2", at(2)),
            identity_event("A47", "4", "1", at(3)),
            identity_event("A43", "4", "5", at(4)), identity_event("A34", "2", "4", at(5)),
            care("5", ""),
        ],
        [(4, ("linked",) * 4)],
    ),
    "visit moved between two people, and one of them merged": (
        [
            admitted("1", NORMA, 1), admitted("2", OTHER, 2), moved("2", "1", 3),
            admitted("2", OTHER, 4, "A03"), identity_event("A40", "1", "3", at(5)),
            moved("3", "2", 6),
        ],
        [(1, ("alone",)), (2, ("linked", "linked"))],
    ),
    "visits merged, and numbered anew": (
        [
            admitted("1", NORMA, 1), sixth(admitted("1", NORMA, 2)),
            renumbered("A42", "V7", "V6", 4), sixth(admitted("1", NORMA, 3, "A03")),
            renumbered("A50", "V8", "V7", 5), admitted("1", NORMA, 6, "A08"),
        ],
        [(1, ("alone",))],
    ),
    "two pairs in one message": (
        [
            care("1"), care("2", ""), care("3", OTHER, 1, "19600101"),
            care("4", "", 1, "19600101"),
            identity_event(
                "A40", "1", "2", at(4), NORMA,
                f"{_MRG}PID|2||3^^^RAX^MR\rMRG|4^^^RAX^MR\r",
            ),
        ],
        [(2, ("linked", "linked")), (2, ("linked", "linked"))],
    ),
    "link taken back": (
        [care("1"), care("2", ""), linked("A24", "1", "2", at(2)), linked("A37", "2", "1", at(3))],
        [(1, ("alone",)), (1, ("no-number",))],
    ),
    "link, taken back, linked again": (
        [
            care("1"), care("2", ""), linked("A24", "1", "2", at(2)),
            linked("A37", "1", "2", at(3)), linked("A24", "2", "1", at(4)),
        ],
        [(2, ("linked", "linked"))],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENARIOS)
def test_any_order_of_identity_events_gives_one_set_of_links(name, database_url, tmp_path, whole):
    sent, people = SCENARIOS[name]
    orders = in_orders(sent, _EVERY if whole else 4)
    (first, shape), *rest = final_states(database_url, tmp_path, orders)
    assert shape == people
    assert all(one == first for one, _ in rest)


def test_a_merge_moves_nothing_and_taken_back_leaves_what_each_source_sent(database_url, tmp_path):
    """Of all that was sent, only the Patient that the message itself updates is another."""
    sent = [care("1"), care("2", ""), seen_by("RJ7", NORMA)]
    joined = [*sent, linked("A24", "1", "2", at(2))]
    parted = [*joined, linked("A37", "1", "2", at(3))]
    (alone, _), (one, _), (again, _) = final_states(database_url, tmp_path, [sent, joined, parted])
    assert one.groups != alone.groups == again.groups
    assert alone.links == again.links
    assert one.standing == again.standing
    assert len(alone.standing - one.standing) == 1


@pytest.mark.parametrize(
    ("delivery", "path", "code"),
    [
        (identity_event("A40", "1", "1", at(1)), "MRG-1", "merged-with-itself"),
        (identity_event("A40", "1", "", at(1), segment="MRG|\r"), "MRG-1", "names-nobody"),
        (identity_event("A40", "1", "", at(1), segment=""), "MRG", "not-two-records"),
        (identity_event("A40", "1", "2", at(1), segment=_MRG * 2), "MRG", "not-two-records"),
        (identity_event("A24", "1", "", at(1), segment=""), "PID[2]", "not-two-records"),
        (linked("A24", "1", "1", at(1)), "PID[2]-3", "merged-with-itself"),
    ],
)  # fmt: skip
def test_a_message_that_names_no_two_records_is_not_taken(
    delivery, path, code, database_url, tmp_path
):
    upgraded(database_url)

    async def scenario() -> Any:
        async with opened(database_url, provider(tmp_path)) as store:
            answers = await all_taken(store, [care("1"), delivery])
            return answers[1], await shapes(store)

    answer, people = asyncio.run(scenario())
    assert answer["status"] == "quarantined"
    assert (path, code) in {(one["path"], one["code"]) for one in answer["issues"]}
    assert people == [(1, ("alone",))]


@pytest.mark.parametrize("name", ["chain with late care", "number used again for somebody else"])
def test_events_that_come_at_one_moment_link_as_if_one_after_the_other(
    name, database_url, tmp_path
):
    """Over several connections, of which each would decide from half of what is said."""
    sent, people = SCENARIOS[name]
    upgraded(database_url)
    keys = provider(tmp_path)

    async def scenario() -> None:
        async with opened(database_url, keys) as one, opened(database_url, keys) as other:
            await all_taken(one, sent)
            serial = await state_of(one)
            for turn in range(6):
                await wiped(one)
                mixed = random.Random(turn).sample(sent, len(sent))
                stores = itertools.cycle((one, other))
                await asyncio.gather(*(taken(next(stores), each) for each in mixed))
                assert await shapes(one) == people
                assert await state_of(one) == serial

    asyncio.run(scenario())


def test_a_number_that_went_is_an_error_and_the_visit_stands_under_the_other(
    database_url, tmp_path
):
    sent, _ = SCENARIOS["visits merged, and numbered anew"]
    upgraded(database_url)

    async def scenario() -> dict[str, Any]:
        async with opened(database_url, provider(tmp_path)) as store:
            await all_taken(store, sent[::-1])
            return await resources(store)

    found = asyncio.run(scenario()).items()
    stays = [body for name, (body, _) in found if name.startswith("Encounter/")]
    states = {one["identifier"][0]["value"]: one["status"] for one in stays}
    assert states == {"V6": "entered-in-error", "V7": "entered-in-error", "V8": "unknown"}


def test_a_visit_is_moved_whole_or_not_at_all(database_url, tmp_path):
    """It is in force on one record alone, whatever arrives first; one part refused refuses both."""
    sent = [admitted("1", NORMA, 1), moved("2", "1", 3), admitted("2", OTHER, 4, "A03")]
    upgraded(database_url)

    async def visits(store: Any) -> dict[str, str]:
        async with store.engine.reading() as conn:
            rows = await conn.fetch(
                "SELECT i.patient_id, r.status FROM resource r JOIN source_record i"
                " ON i.patient_id = r.patient_id WHERE r.resource_type = 'Encounter'"
            )
        return dict(rows)

    async def scenario() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            made = []
            for order in itertools.permutations(sent):
                await all_taken(store, order)
                made.append(await visits(store))
                await wiped(store)
            assert all(one == made[0] for one in made)
            assert sorted(made[0].values()) == ["entered-in-error", "finished"]
            itself = moved("1", "1", 3)
            assert (await taken(store, itself))["status"] == "quarantined"
            assert await visits(store) == {}

    asyncio.run(scenario())
