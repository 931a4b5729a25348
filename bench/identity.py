"""Measure the links on a synthetic borough with planted errors, and print how right they are.

    python -m bench.identity [--people N] [--seed S] [--json FILE]

In      People of the synthetic borough, twins among them. Five organisations send what they know of
        them as HL7 messages, one in three with an error that real systems make.
Out     For each sort of record: how many, how many linked, how many wrongly. Precision and recall
        of automatic links, over pairs of records; the queue: how many wait, and of the pairs that
        should be one person's how many it proposes, and how many of those stand first.
Rule    Everything runs through the service's own flows on a store of its own, as in production.
"""

import argparse
import asyncio
import itertools
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from consent.terms import Caller, CallerKind, Purpose
from gateway.cli.demo import places
from gateway.cli.demo.people import Person, nhs_numbers, people_of
from gateway.flows.asking.search_log import Operator
from gateway.flows.identity.review_identity import queue
from gateway.flows.intake.push_update import Push, push
from gateway.identity.linking import NEEDS_REVIEW, LinkState
from gateway.store.commit.units import Store
from gateway.store.database import schema
from gateway.store.keyring.keys import FileKeyProvider, create_key_file
from mappings.registry import FEEDS

ORGS: Final = ("RAX", "RJ7", "RPY", "RQY", "RY9")
AT: Final = datetime(2026, 11, 1, 9, tzinfo=UTC)
PLANTS: Final = (
    "digits transposed",
    "number missing",
    "number reused",
    "two people in a message",
    "day and month turned",
    "birth date one digit off",
    "surname changed",
    "first name shortened",
    "local id used before",
    "number of the twin",
    "number of the twin, no name",
    "number of the twin, name a letter off",
)
"""What a record may have wrong. The last three only twins have: number and date tell nothing."""
CLEAN: Final = "clean"
_WAITS: Final = NEEDS_REVIEW | {LinkState.NO_NUMBER}
OF_TWINS: Final = frozenset(PLANTS[-3:])


@dataclass(frozen=True, slots=True)
class Sent:
    """One record as its organisation sends it, and who it is really of."""

    org: str
    local: str
    truth: int
    plant: str
    numbers: tuple[str, ...]
    born: str
    family: str
    given: str
    person: Person
    former: "Sent | None" = None
    """Somebody else, whom the organisation sent under this local id before."""

    @property
    def body(self) -> bytes:
        """An update of the person."""
        ids = [f"{self.local}^^^{self.org}^MR", *(f"{one}^^^NHS^NH" for one in self.numbers)]
        sex = "2" if self.person.gender == "female" else "1"
        at = "20261101090000" if self.former else "20261001090000"
        address = f"{self.person.street}^^^^{self.person.postcode}"
        return (
            f"MSH|^~\\&|EPR|{self.org}|GW|SWL|{at}||ADT^A31|{self.local}|P|2.4\r"
            f"EVN|A31|{at}\r"
            f"PID|1||{'~'.join(ids)}||{self.family}^{self.given}||{self.born}|{sex}|||{address}"
        ).encode()


def people_with_twins(count: int, seed: int) -> list[Person]:
    """The people; one in ten has a twin, with the next number."""
    dice = random.Random(seed)
    people = list(people_of(seed, count, ()))
    numbers = nhs_numbers(999_500_000)
    for one in people[:]:
        if dice.random() < 0.1:
            number = next(numbers)
            twin = dice.choice([n for n in (*places.WOMEN, *places.MEN) if n != one.given])
            people[people.index(one)] = replace(one, nhs_number=number)
            people.append(replace(one, nhs_number=next(numbers), given=twin))
    return people


def records_of(people: Sequence[Person], seed: int) -> list[Sent]:
    """What two to five organisations send of each, with errors, in any order."""
    dice = random.Random(seed + 1)
    twins = {one.nhs_number: two for one, two in _twins(people)}
    made = []
    for truth, person in enumerate(people):
        for org in dice.sample(ORGS, dice.randint(2, len(ORGS))):
            clean = Sent(
                org, f"{truth}", truth, CLEAN, (person.nhs_number,), f"{person.born:%Y%m%d}",
                person.family.upper(), person.given, person,
            )  # fmt: skip
            plant = dice.choice(PLANTS) if dice.random() < 1 / 3 else CLEAN
            stranger = dice.choice(people)
            made.append(_planted(clean, plant, stranger, twins.get(person.nhs_number), dice))
    dice.shuffle(made)
    return made


def _twins(people: Sequence[Person]) -> Iterator[tuple[Person, Person]]:
    by_home: dict[tuple[Any, ...], list[Person]] = {}
    for one in people:
        by_home.setdefault((one.family, one.born, one.street), []).append(one)
    for pair in by_home.values():
        yield from itertools.permutations(pair, 2)


def _planted(
    one: Sent, plant: str, stranger: Person, twin: Person | None, dice: random.Random
) -> Sent:
    number, born = one.numbers[0], one.born
    if (plant in OF_TWINS and twin is None) or stranger.born == one.person.born:
        plant = CLEAN
    place = dice.randint(2, 8)
    changed: dict[str, dict[str, Any]] = {
        CLEAN: {},
        "digits transposed": {
            "numbers": (number[:place] + number[place + 1] + number[place] + number[place + 2 :],)
        },
        "number missing": {"numbers": ()},
        "number reused": {"numbers": (stranger.nhs_number,)},
        "two people in a message": {"numbers": (number, stranger.nhs_number)},
        "day and month turned": {"born": f"{born[:4]}{born[6:]}{born[4:6]}"},
        "birth date one digit off": {"born": f"{born[:3]}{(int(born[3]) + 1) % 10}{born[4:]}"},
        "surname changed": {"family": dice.choice(places.FAMILIES).upper()},
        "first name shortened": {"given": one.given[:1]},
        "local id used before": {"former": _as(one, stranger)},
    }
    if twin:
        taken = {"numbers": (twin.nhs_number,)}
        near = f"{twin.given[:-1]}{'a' if twin.given[-1] != 'a' else 'e'}"
        given = (one.given, "", near)
        changed |= {
            name: taken | {"given": said} for name, said in zip(PLANTS[-3:], given, strict=True)
        }
    return replace(one, plant=plant, **changed[plant])


def _as(one: Sent, person: Person) -> Sent:
    """What the same organisation said of somebody else under that local id."""
    return replace(
        one, numbers=(person.nhs_number,), born=f"{person.born:%Y%m%d}",
        family=person.family.upper(), given=person.given, person=person,
    )  # fmt: skip


async def measured(sent: Sequence[Sent], folder: Path) -> dict[str, Any]:
    """What became of these records."""
    create_key_file(folder / "keys.json", development=True)
    url = f"sqlite:///{folder}/identity.db"
    schema.upgrade(url)
    store = await Store.open(url, FileKeyProvider.read(folder / "keys.json"), lambda: AT)
    try:
        ids = {}
        for one in sent:
            if one.former:
                await _taken(store, one.former)
            ids[one.org, one.local] = await _taken(store, one)
        async with store.engine.reading() as conn:
            rows = await conn.fetch("SELECT patient_id, person_id, link_state FROM source_record")
        stands = {row[0]: (row[1], row[2]) for row in rows}
        waits = await queue(store, Operator("bench", AT), len(sent))
    finally:
        await store.close()
    known = {ids[one.org, one.local]: one for one in sent}
    return {"records": len(sent), **_links(known, stands), **_queue(known, stands, waits)}


async def _taken(store: Store, one: Sent) -> str:
    caller = Caller(
        "bench", CallerKind.SYSTEM, "provider", one.org, Purpose.TREATMENT, "bench", frozenset(),
        frozenset(FEEDS), None, "", "",
    )  # fmt: skip
    what = Push(FEEDS["hospital"], caller, one.body, "x-application/hl7-v2+er7", "bench", AT)
    answer = await push(store, what)
    named = [r["reference"] for r in answer["resources"] if r["reference"].startswith("Patient/")]
    return str(named[0].removeprefix("Patient/"))


def _links(known: dict[str, Sent], stands: dict[str, tuple[str, str]]) -> dict[str, Any]:
    by_truth: dict[int, list[str]] = {}
    by_person: dict[str, list[str]] = {}
    for patient_id, one in known.items():
        by_truth.setdefault(one.truth, []).append(patient_id)
        by_person.setdefault(stands[patient_id][0], []).append(patient_id)
    right = sum(len(group) * (len(group) - 1) // 2 for group in by_truth.values())
    wrong = true = 0
    for group in by_person.values():
        for pair in itertools.combinations(group, 2):
            two = [known[patient_id] for patient_id in pair]
            if two[0].truth == two[1].truth:
                true += 1
            else:
                wrong += 1
    return {
        "pairs_of_one_person": right,
        "precision": round(true / (true + wrong), 5) if true + wrong else 1.0,
        "recall": round(true / right, 3) if right else 1.0,
        "wrong_links": wrong,
        "plants": _plants(known, stands, by_person),
    }


def _plants(
    known: dict[str, Sent], stands: dict[str, tuple[str, str]], by_person: dict[str, list[str]]
) -> dict[str, dict[str, int]]:
    made: dict[str, dict[str, int]] = {}
    for patient_id, one in known.items():
        row = made.setdefault(one.plant, {"records": 0, "linked": 0})
        row["records"] += 1
        row["linked"] += len(by_person[stands[patient_id][0]]) > 1
    return dict(sorted(made.items()))


def _queue(
    known: dict[str, Sent], stands: dict[str, tuple[str, str]], waits: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """How many records wait; for how many of them somebody of the same person is proposed, and how
    often first. A twin's number speaks for one and the name for the other: those are told apart."""
    best: dict[str, list[str]] = {}
    for row in waits:
        one, other = row["record"]["source_record"], row["other"]
        if other:
            best.setdefault(one, []).append(other["source_record"])
            best.setdefault(other["source_record"], []).append(one)
    named = [row[side] for row in waits for side in ("record", "other") if row[side]]
    waiting = {one["source_record"] for one in named if one["state"] in _WAITS}
    held: dict[int, set[str]] = {}
    for patient_id, (person, _) in stands.items():
        held.setdefault(known[patient_id].truth, set()).add(person)
    apart = {one for one in waiting if len(held[known[one].truth]) > 1}
    first = {o for o in apart if o in best and known[best[o][0]].truth == known[o].truth}
    twins = {one for one in apart if known[one].plant in OF_TWINS}
    some = sum(
        any(known[other].truth == known[one].truth for other in best.get(one, ())) for one in apart
    )
    return {
        "waiting": len(waiting),
        "waiting_with_a_record_elsewhere": len(apart),
        "right_one_proposed": some,
        "right_one_first": len(first),
        "of_twins": len(twins),
        "right_one_first_of_twins": len(first & twins),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", metavar="FILE")
    given = parser.parse_args()
    sent = records_of(people_with_twins(given.people, given.seed), given.seed)
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measured(sent, Path(folder)))
    text = json.dumps(found, indent=2)
    print(text)  # noqa: T201 - the command's answer
    if given.json:
        Path(given.json).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
