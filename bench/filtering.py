"""The decision, measured: how long a Filter takes to compile, and what it costs a page of a search.

    python -m bench.filtering [--store sqlite|postgres] [--rounds N]

The person has as many consents as is said beside the row, of every kind: permits and denies, by
organisation, role, category, label, author and period, with exceptions. The page is of fifty
resources of one type, found and opened as the service does it; beside it stands an exact total by
itself. Each is told as a ratio: with the Filter over with one that tests nothing.
"""

import argparse
import asyncio
import sys
import time
import tomllib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from bench import data
from bench.__main__ import database, pushed
from bench.serving import served
from consent.decision import compile_filter
from consent.filter import EVERYTHING, Filter
from consent.labels import SENSITIVITIES
from consent.periods import BEGINNING, FOREVER, MAX_MICROS, MIN_MICROS, to_micros
from consent.policy import Policy
from consent.rule import Actor, ActorKind, ConsentRule, Provision
from consent.terms import (
    CATEGORIES,
    Action,
    Caller,
    CallerKind,
    PersonFacts,
    Purpose,
    Relationship,
    RelationshipKind,
    Request,
)
from gateway.clock import now
from gateway.custody import keys_of
from gateway.settings import Settings
from gateway.store.commit.units import Store
from gateway.store.record import finding, reads

COMPILE_P99_MS: Final = 1.0
PAGE_RATIO: Final = 1.3
CONSENTS: Final = (0, 2, 10, 50)
_NOON: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
_POLICY: Final = Path(__file__).resolve().parent.parent / "consent" / "policy.toml"
_ORG: Final = "XK1"
_OTHERS: Final = 8
_GOALS: Final = reads.Criterion("r.resource_type = ?", ("Goal",))
_CALLER: Final = Caller(
    *("bench", CallerKind.STAFF, "social-worker", _ORG, Purpose.TREATMENT, "bench"),
    *(frozenset(), frozenset(), None, "AAL3", ""),
)


def main() -> int:
    """Measure and print; 1 where a budget is missed."""
    parser = argparse.ArgumentParser(prog="bench.filtering")
    parser.add_argument("--store", action="append", choices=("sqlite", "postgres"))
    parser.add_argument("--rounds", type=int, default=2_000)
    arguments = parser.parse_args()
    rules = Policy.parse(tomllib.loads(_POLICY.read_text(encoding="utf-8")))
    met = [
        _told(f"compile, {count} consents", _compiled(rules, count, arguments.rounds))
        for count in CONSENTS
    ]
    for store in arguments.store or ["sqlite", "postgres"]:
        with database(store) as (url, folder):
            if url is None:
                _say(f"{store}: PostgreSQL was not found on this machine")
                continue
            with served(url, folder) as service:
                person = pushed(service, data.plan(0, 59, 59))
                for number in range(1, _OTHERS):
                    pushed(service, data.plan(number, 20, 0))
            measured = _pages(service.settings, person, rules, arguments.rounds // 10)
            for count, (page, total) in asyncio.run(measured).items():
                met.append(page <= PAGE_RATIO)
                told = f"page x {page:.2f}, budget x {PAGE_RATIO}; its total x {total:.2f}"
                _say(f"{store}, {count} consents: {told}")
    return 0 if all(met) else 1


def _compiled(rules: Policy, count: int, rounds: int) -> list[float]:
    """Milliseconds of processor time of each round; the moment moves: nothing is remembered."""
    person, took = _person(count), []
    for number in range(rounds):
        asked, began = _asked(number), time.thread_time()
        shown = compile_filter(_CALLER, person, asked, rules)
        took.append(1000 * (time.thread_time() - began))
        if shown.is_nothing:
            raise AssertionError("the caller is shown nothing")
    return took


async def _pages(
    settings: Settings, person: str, rules: Policy, rounds: int
) -> dict[int, tuple[float, float]]:
    """Of a page with so many consents, and of its exact total: with the Filter over without."""
    store = await Store.open(settings.database_url, keys_of(settings), now)
    plain = reads.Group((person,), Filter((EVERYTHING,)))

    async def page(group: reads.Group) -> None:
        async with store.engine.reading() as conn:
            await reads.search(conn, store.vault, [group], [_GOALS], count=50)

    async def total(group: reads.Group) -> None:
        async with store.engine.reading() as conn:
            await finding.total(conn, [group], finding.Asked(("Goal",)))

    found = {}
    for count in CONSENTS:
        allowed = compile_filter(_CALLER, _person(count), _asked(0), rules)
        narrowed = reads.Group((person,), allowed)
        found[count] = (
            await _ratio(page, narrowed, plain, rounds),
            await _ratio(total, narrowed, plain, rounds),
        )
    await store.close()
    return found


async def _ratio(
    ask: Callable[[reads.Group], Awaitable[None]],
    narrowed: reads.Group,
    plain: reads.Group,
    rounds: int,
) -> float:
    """By the medians; turn and turn about, so that both meet the same machine."""
    took: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(rounds):
        for which, group in enumerate((narrowed, plain)):
            began = time.perf_counter()
            await ask(group)
            took[which].append(time.perf_counter() - began)
    return _at(took[0], 0.5) / _at(took[1], 0.5)


def _told(what: str, took: list[float]) -> bool:
    last = _at(took, 0.99)
    _say(f"{what}: p50 {_at(took, 0.5):.3f} ms, p99 {last:.3f} ms (budget {COMPILE_P99_MS} ms)")
    return last <= COMPILE_P99_MS


def _at(took: Sequence[float], share: float) -> float:
    return sorted(took)[min(len(took) - 1, int(len(took) * share))]


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _asked(number: int) -> Request:
    return Request(Action.SEARCH, Purpose.TREATMENT, _NOON + timedelta(microseconds=number))


def _person(count: int) -> PersonFacts:
    """Somebody on the caller's caseload, who said so many things."""
    draw = Random(count)
    tie = Relationship(RelationshipKind.CASELOAD, _ORG, None, BEGINNING, FOREVER, "bench")
    return PersonFacts(
        "bench", (tie,), consents=tuple(_consent(draw, one % 5 == 0) for one in range(count))
    )


def _consent(draw: Random, permit: bool) -> ConsentRule:
    nested = tuple(_provision(draw, permit=draw.random() < 0.5) for _ in range(draw.choice((0, 2))))
    return ConsentRule(Provision(permit=True) if permit else _provision(draw, permit=False), nested)


def _provision(draw: Random, permit: bool) -> Provision:
    """What somebody may say who still shares most of the record; one in four is of a label, as what
    is labelled beyond the role's sight is left out of the condition."""
    actor = draw.choice(
        (
            Actor(ActorKind.ORGANISATION, _ORG),
            Actor(ActorKind.ROLE, "social-worker"),
            Actor(ActorKind.PERSON, "bench"),
        )
    )
    began = to_micros(datetime(draw.randint(1990, 2015), 1, 1, tzinfo=UTC))
    dated = draw.random() < 0.5
    return Provision(
        permit=permit,
        askers=frozenset({actor}),
        categories=frozenset(draw.sample(CATEGORIES[11:17], 2)),
        sensitivities=draw.choice((0, 0, 0, draw.choice(tuple(SENSITIVITIES.values())))),
        source_orgs=frozenset({draw.choice(("RQY", "RAX", "H85001"))}),
        authors=frozenset() if dated else frozenset({"somebody"}),
        data_start=began if dated else MIN_MICROS,
        data_end=began + 31_536_000_000_000 if dated else MAX_MICROS,
    )


if __name__ == "__main__":
    sys.exit(main())
