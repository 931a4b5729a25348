"""Misuse triage, measured: snooping planted in the log of the synthetic borough.

    python -m bench.triage [--people N] [--accesses N] [--seed S]

The borough's records are pushed into a store as the demo pushes them, its organisations get work
lists, and its staff a month of accesses; among these are incidents of snooping, and accesses that
look odd and are not: at night, on a claim, or by a namesake of the same area. Whoever works there
leaves their own people to others. Printed: recall and precision at twenty alerts to ten thousand
accesses, and what was missed.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from consent.terms import Caller, CallerKind, Purpose
from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.cli.demo import deliveries
from gateway.cli.demo.cast import borough_of
from gateway.cli.demo.people import Borough, Person
from gateway.clock import now, to_micros
from gateway.custody import keys_of
from gateway.flows.access.triage import look_for_misuse
from gateway.flows.asking.search_log import Operator
from gateway.flows.intake.push_file import pushed
from gateway.flows.intake.push_update import Push
from gateway.setting_parts import StaffMember
from gateway.settings import Settings
from gateway.store.access import caseload, facts
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database import schema
from gateway.store.database.engine import Connection
from mappings.registry import FEEDS

_FIRST: Final = datetime(2026, 10, 19, tzinfo=UTC)
_DAYS: Final = 28
_USERS: Final = 6
"""Of each organisation."""
_NAMESAKES: Final = 10
"""Users who have the name and the area of somebody whom they care for."""
_BY_CHANCE: Final = "by chance"
_HELD: Final = ("relationship-record-holder", "own-items-only")
_TIED: Final = ("relationship-caseload",)
_CLAIMED: Final = ("relationship-self-claim",)
_BROKEN: Final = ("break-glass",)


@dataclass(slots=True)
class Look:
    """One access that is put in the log."""

    user: StaffMember
    person: Person
    at: datetime
    reasons: tuple[str, ...]
    planted: str = ""


@dataclass(slots=True)
class Plan:
    """A month in the borough."""

    borough: Borough
    dice: random.Random
    staff: list[StaffMember] = field(default_factory=list)
    tied: set[tuple[str, int]] = field(default_factory=set)
    """Organisation and person where a work list names the organisation."""
    close: set[tuple[str, int]] = field(default_factory=set)
    """User and person who are family."""
    looks: list[Look] = field(default_factory=list)

    def users(self, org: str) -> list[StaffMember]:
        """Who works there."""
        return [one for one in self.staff if one.org == org]


def main() -> None:
    """Plant, look, print."""
    parser = argparse.ArgumentParser(prog="bench.triage", description="Measure misuse triage.")
    parser.add_argument("--people", type=int, default=120)
    parser.add_argument("--accesses", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    plan = planned(given.people, given.accesses, given.seed)
    for switched_on in (True, False):
        with tempfile.TemporaryDirectory() as folder:
            staff = plan.staff if switched_on else []
            told = asyncio.run(measured(plan, Path(folder), staff))
        name = "with" if switched_on else "without"
        sys.stdout.write(f"{name} the staff file: {told}\n")


def planned(people: int, accesses: int, seed: int) -> Plan:
    """The borough's month, with what is planted in it."""
    plan = Plan(borough_of(seed, people), random.Random(seed))
    orgs = _orgs(plan.borough)
    living = plan.dice.sample(plan.borough.people, len(orgs))
    for org, person in zip(orgs, living, strict=True):
        plan.staff += [_member(plan, org, number, person) for number in range(_USERS)]
    plan.tied = {
        (org, one.number)
        for org, known in orgs.items()
        for one in known
        if plan.dice.random() < 0.9
    }
    _plant(plan, orgs)
    wanted = [(org, known) for org, known in orgs.items() if known]
    while len(plan.looks) < accesses:
        org, known = plan.dice.choice(wanted)
        _work(plan, org, known)
    return plan


def _orgs(borough: Borough) -> dict[str, list[Person]]:
    found: dict[str, list[Person]] = {}
    for person in borough.people:
        found.setdefault(person.practice.code, []).append(person)
        for provider in person.providers:
            found.setdefault(provider.code, []).append(person)
    return found


def _member(plan: Plan, org: str, number: int, person: Person) -> StaffMember:
    """One user; the first of each organisation is this one of the borough's people."""
    name = f"{org}-{number}"
    if number:
        person = plan.dice.choice(plan.borough.people)
        families = sorted({one.family for one in plan.borough.people})
        return StaffMember(
            user_id=name, org=org, family_name=plan.dice.choice(families), postcode=person.postcode
        )
    return StaffMember(
        user_id=name, org=org, family_name=person.family, postcode=person.postcode,
        house=person.street, nhs_number=person.nhs_number,
    )  # fmt: skip


def _work(plan: Plan, org: str, known: list[Person]) -> None:
    """An ordinary access: mostly of a work list, at times odd and honest."""
    dice, person = plan.dice, plan.dice.choice(known)
    user = dice.choice(plan.users(org))
    if _is_close(plan, user, person):
        return  # whoever works there leaves their own people to others
    tied = person.practice.code == org or (org, person.number) in plan.tied
    odd = dice.random()
    reasons = _TIED if tied else _CLAIMED if odd < 0.01 else _HELD
    hour = dice.choice((2, 5, 22)) if odd > 0.97 else dice.randrange(8, 18)
    plan.looks.append(Look(user, person, _at(dice, hour), reasons))


def _is_close(plan: Plan, user: StaffMember, person: Person) -> bool:
    colleagues = {one.nhs_number for one in plan.users(user.org)}
    alike = user.house == person.street or user.family_name == person.family
    near = alike and user.postcode == person.postcode
    return person.nhs_number in colleagues or near or (user.user_id, person.number) in plan.close


def _at(dice: random.Random, hour: int) -> datetime:
    day = _FIRST + timedelta(days=dice.randrange(_DAYS))
    return day + timedelta(hours=hour, minutes=dice.randrange(60), seconds=dice.randrange(60))


def _plant(plan: Plan, orgs: dict[str, list[Person]]) -> None:
    """Incidents of snooping, each by one user on one day."""
    dice, every = plan.dice, list(plan.borough.people)
    own = [one for one in plan.staff if one.nhs_number]
    by_number = {one.nhs_number: one for one in every}
    for user in dice.sample(own, 3):
        _add(plan, user, by_number[user.nhs_number], "own record")
    for user in dice.sample(own, 2):
        others = [one for one in plan.users(user.org) if one is not user]
        _add(plan, dice.choice(others), by_number[user.nhs_number], "colleague")
    practices = {one.practice.code for one in every}
    visiting = [n for n, one in enumerate(plan.staff) if one.org not in practices]
    places = dice.sample(range(len(plan.staff)), len(plan.staff))  # nobody is close to two
    for kind in ("kin", "address", "surname and postcode"):
        for _ in range(2):
            _relative(plan, orgs, places.pop(), kind)
    strange = [one for one in places if one in visiting][:3]
    for place in strange:  # where they are registered a namesake is no reason
        _relative(plan, orgs, place, "surname and area")
    places = [one for one in places if one not in strange]
    for place in places[:_NAMESAKES]:
        _relative(plan, orgs, place, _BY_CHANCE)
    for _ in range(2):
        user = dice.choice(plan.staff)
        at = _at(dice, 20)
        for person in dice.sample(every, min(40, len(every))):
            plan.looks.append(Look(user, person, at, _HELD, "browsing"))
    for reasons, kind in ((_BROKEN, "break-glass"), (_CLAIMED, "self-claim")):
        for _ in range(2):
            user = dice.choice(plan.staff)
            strangers = [one for one in every if one not in orgs[user.org]]
            person = dice.choice(strangers)
            plan.looks.append(Look(user, person, _at(dice, 3), reasons, kind))


def _relative(plan: Plan, orgs: dict[str, list[Person]], place: int, kind: str) -> None:
    """A user who is close to somebody whom their organisation holds, and looks; or is called so by
    chance, and works."""
    user = plan.staff[place]
    person = plan.dice.choice(orgs[user.org])
    if kind == "surname and area":
        plan.tied.discard((user.org, person.number))
    changed: dict[str, object] = {"family_name": person.family, "postcode": person.postcode}
    if kind in ("surname and area", _BY_CHANCE):
        changed["postcode"] = person.postcode.split()[0]
    elif kind == "kin":
        changed = {"kin": (person.nhs_number,)}
    elif kind == "address":
        changed = {"postcode": person.postcode, "house": person.street}
    plan.staff[place] = user.model_copy(update=changed)
    if kind != _BY_CHANCE:
        plan.close.add((user.user_id, person.number))
        _add(plan, plan.staff[place], person, kind)


def _add(plan: Plan, user: StaffMember, person: Person, kind: str) -> None:
    at = _at(plan.dice, plan.dice.randrange(9, 17))
    plan.looks.append(Look(user, person, at, _HELD, kind))


async def measured(plan: Plan, folder: Path, staff: list[StaffMember]) -> str:
    """Recall and precision of what triage finds in a store of the plan."""
    settings = Settings(database_url=f"sqlite:///{folder}/x.db", key_file=folder / "keys.json")
    await asyncio.to_thread(schema.upgrade, settings.database_url)
    store = await Store.open(settings.database_url, keys_of(settings), now)
    try:
        await _filled(store, plan)
        until = _FIRST + timedelta(days=_DAYS + 1)
        found = await look_for_misuse(store, Operator("bench", now()), staff, _FIRST, until)
    finally:
        await store.close()
    planted = {(one.user.user_id, one.at.date()): one.planted for one in plan.looks if one.planted}
    told = {(one.access.user_id, one.access.at.date()) for one, _ in found.suspicions}
    right = told & planted.keys()
    missed = sorted(planted[one] for one in planted.keys() - told)
    return (
        f"{found.accesses} accesses, {len(planted)} incidents, {len(told)} alerts; recall"
        f" {len(right) / len(planted):.2f}, precision {len(right) / max(1, len(told)):.2f};"
        f" missed: {', '.join(missed) or 'none'}"
    )


async def _filled(store: Store, plan: Plan) -> None:
    for wave in (deliveries.from_practices(plan.borough), deliveries.from_others(plan.borough)):
        for one in wave:
            await pushed(store, _push(one))
    names = {one.number: await _person_id(store, one) for one in plan.borough.people}

    async def unit(conn: Connection) -> None:
        await _tie(conn, plan, names)
        looks = sorted(plan.looks, key=lambda one: one.at)
        await append(conn, store.vault, [_entry(one, names[one.person.number]) for one in looks])

    await store.write(unit)


def _push(one: deliveries.Delivery) -> Push:
    caller = Caller(
        user_id="bench", kind=CallerKind.SYSTEM, role="provider", org=one.org,
        purpose=Purpose.TREATMENT, client_id="bench", scopes=frozenset(),
        feeds=frozenset({one.feed}), patient=None, assurance="", token_hash="",
    )  # fmt: skip
    return Push(FEEDS[one.feed], caller, one.body, one.media_type, "bench", now())


async def _person_id(store: Store, person: Person) -> str:
    hashes = store.vault.hasher.keyed_hashes("nhs-number", person.nhs_number)
    async with store.engine.reading() as conn:
        return min(await facts.persons_by_number(conn, hashes), default=f"nobody-{person.number}")


async def _tie(conn: Connection, plan: Plan, names: dict[int, str]) -> None:
    starts, ends = to_micros(_FIRST - timedelta(days=90)), to_micros(_FIRST + timedelta(days=400))
    rows = [
        caseload.Entry(names[number], f"{org}-{number}", org, "", "caseload", starts, ends, "", "")
        for org, number in sorted(plan.tied)
    ]
    await caseload.insert(conn, rows)


def _entry(one: Look, person_id: str) -> AuditEntry:
    agent = Agent(one.user.user_id, "staff", "community-nurse", one.user.org, "bench", "TREAT")
    return AuditEntry(
        one.at, Event.READ, Outcome.SERVED, agent,
        reasons=one.reasons, person_id=person_id, patient_ids=(person_id,),
    )  # fmt: skip


if __name__ == "__main__":
    main()
