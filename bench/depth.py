"""Searches in a store of two million resources: how long the first page takes.

    python -m bench.depth [--resources N] [--councils N] [--store sqlite|postgres]
                         [--asked N]

People of twenty councils are pushed as any, and each is given resources of four types by the
store's own writer: sealed, indexed and versioned as those of a feed. With fewer councils a caseload
is a larger part of a smaller store. Then a doctor of one council asks over HTTP, one request after
the other, for other people each time. The budget is of two quiet cores: a first page with its exact
total within 100 ms at the 95th percentile. Processor time of the service stands beside it, for
machines that are not quiet.
"""

import argparse
import asyncio
import http.client
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from bench import data
from bench.__main__ import database, pushed
from bench.serving import Served, served
from consent.labels import CATEGORY_SYSTEM, CONFIDENTIALITY_SYSTEM
from gateway.clock import instant, now, to_micros
from gateway.custody import keys_of
from gateway.settings import Settings
from gateway.store.clear.columns import columns_of
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.record.resources import NewVersion, write_versions
from gateway.store.sealed.lineage_seal import Told, lineage_sealed
from gateway.store.sealed.row_seal import bound, row_aad
from gateway.store.team.team_lineage import NOTHING

BUDGET_MS: Final = 100.0
EACH: Final = 200
"""Resources of each person."""
ORGS: Final = tuple(f"X{number:02}" for number in range(20))
_AT_ONCE: Final = 5
_DAY: Final = 86_400_000_000
_LOINC: Final = ("29463-7", "8302-2", "85354-9", "72514-3")
_HEADERS: Final = {"Content-Type": "application/x-www-form-urlencoded"}
Json = dict[str, Any]
Orgs = tuple[str, ...]


def main() -> int:
    """Fill, search, print; 1 where a budget is missed."""
    parser = argparse.ArgumentParser(prog="bench.depth", description="Search a large store.")
    parser.add_argument("--resources", type=int, default=2_000_000)
    parser.add_argument("--store", action="append", choices=("sqlite", "postgres"))
    parser.add_argument("--councils", type=int, default=len(ORGS), help="at most 20")
    parser.add_argument("--asked", type=int, default=60, help="requests of each search")
    given = parser.parse_args()
    orgs = ORGS[: given.councils]
    slow = 0
    for store in given.store or ("sqlite", "postgres"):
        with database(store) as (url, folder):
            if url is None:
                _say(f"{store}: PostgreSQL was not found on this machine")
                continue
            slow += _measure(store, url, folder, orgs, given.resources, given.asked)
    return int(slow > 0)


def _measure(store: str, url: str, folder: Path, orgs: Orgs, resources: int, asked: int) -> int:
    """How many searches were slower than the budget."""
    with served(url, folder) as service:
        began = time.perf_counter()
        people = _people(service, orgs, max(len(orgs), resources // EACH))
        written = asyncio.run(_fill(service.settings, orgs, people))
        _say(f"{store}: {written} resources, {time.perf_counter() - began:.0f} s")
        slow = 0
        for name, (path, forms) in searches(people[0 :: len(orgs)], asked).items():
            took, cpu, total = _asked(service, path, forms)
            p50, p95 = took[len(took) // 2], took[int(len(took) * 0.95)]
            slow += p95 > BUDGET_MS
            told = f"least {took[0]:.1f}, p50 {p50:.1f}, p95 {p95:.1f} ms; processor {cpu:.1f} ms"
            _say(f"{store}\t{name}\t{total} found\t{told}")
        _say(f"{store}: {slow} searches above {BUDGET_MS:.0f} ms at p95")
    return slow


def _people(service: Served, orgs: Orgs, count: int) -> list[str]:
    """So many people, of each council in turn; their ids."""

    def one(number: int) -> str:
        body = data.plan(number, goals=1, actions=0)
        return pushed(service, body, org=orgs[number % len(orgs)])

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, range(count)))


async def _fill(settings: Settings, orgs: Orgs, people: list[str]) -> int:
    store = await Store.open(settings.database_url, keys_of(settings), now)
    written = 0
    try:
        for start in range(0, len(people), _AT_ONCE):
            some = list(enumerate(people))[start : start + _AT_ONCE]

            async def unit(conn: Connection, some: list[tuple[int, str]] = some) -> int:
                made = [row async for row in _rows(conn, store, orgs, some)]
                await write_versions(conn, made)
                return len(made)

            written += await store.write(unit)
        async with store.engine.reading() as conn:
            await conn.execute("VACUUM (ANALYZE)" if conn.lock_rows else "ANALYZE")
    finally:
        await store.close()
    return written


async def _rows(conn: Connection, store: Store, orgs: Orgs, some: list[tuple[int, str]]) -> Any:
    keys = await store.vault.ensure(conn, [person for _, person in some])
    at = to_micros(now())
    for number, person in some:
        org = orgs[number % len(orgs)]
        for body in resources_of(number, person, at):
            columns = columns_of(body, hasher=keys.hasher)
            labels = bound(org, org, columns, "", 0)
            kind, name = body["resourceType"], body["id"]
            sealed = keys.seal(person, orjson.dumps(body), row_aad(kind, name, 1, person, labels))
            lineage = lineage_sealed(keys, Told(person, kind, name, 1, 0, "bench"), NOTHING)
            yield NewVersion(
                person, name, kind, 1, False, at, org, org, columns, sealed,
                "bench", lineage, "", "feed", "", "", "",
            )  # fmt: skip


def resources_of(number: int, person: str, at: int) -> Iterator[Json]:
    """What stands in one record: observations, goals, needs and encounters over two years."""
    for place in range(EACH):
        mixed = (number * EACH + place) * 2_654_435_761 % 2**32
        day = instant(at - mixed % 730 * _DAY)
        kind = ("Observation", "Goal", "Observation", "Condition", "Encounter")[place % 5]
        shelf = {"Observation": "observations", "Encounter": "encounters"}.get(kind, "support-plan")
        yield {
            "resourceType": kind,
            "id": f"{number:06}-{place:03}",
            "meta": _meta(shelf, at),
            **_CONTENT[kind](day, mixed),
            "subject": {"reference": f"Patient/{person}"},
        }


def _meta(shelf: str, at: int) -> Json:
    level = {"system": CONFIDENTIALITY_SYSTEM, "code": "N"}
    return {
        "versionId": "1",
        "lastUpdated": instant(at),
        "security": [level, {"system": CATEGORY_SYSTEM, "code": shelf}],
    }


def _observation(day: str, mixed: int) -> Json:
    code = {"system": "http://loinc.org", "code": _LOINC[mixed % len(_LOINC)]}
    value = {"value": mixed % 200, "unit": "kg"}
    return {
        "status": "final",
        "code": {"coding": [code]},
        "effectiveDateTime": day,
        "valueQuantity": value,
    }


def _goal(day: str, mixed: int) -> Json:
    status = ("active", "active", "proposed", "completed")[mixed % 4]
    words = {"text": "I want to walk to the shop and back by myself."}
    return {"lifecycleStatus": status, "description": words, "startDate": day[:10]}


def _condition(day: str, mixed: int) -> Json:
    code = {"system": "http://snomed.info/sct", "code": str(160_000_000 + mixed % 300)}
    return {"code": {"coding": [code]}, "recordedDate": day}


def _encounter(day: str, _mixed: int) -> Json:
    kind = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HH"}
    return {"status": "finished", "class": kind, "period": {"start": day, "end": day}}


_CONTENT: Final = {
    "Observation": _observation,
    "Goal": _goal,
    "Condition": _condition,
    "Encounter": _encounter,
}


def searches(people: list[str], asked: int) -> dict[str, tuple[str, list[Json]]]:
    """Name -> type and what is asked each time: of one person, and over the whole caseload."""
    each = [people[number % len(people)] for number in range(asked)]
    week = instant(to_micros(now()) - 7 * _DAY)[:10]
    every: dict[str, Json] = {
        "caseload, 50": {},
        "caseload, a status": {"lifecycle-status": "active"},
        "caseload, a status, newest": {"lifecycle-status": "active", "_sort": "-_lastUpdated"},
        "caseload, the last week": {"start-date": f"ge{week}"},
        "caseload, count alone": {"_summary": "count"},
    }
    found = {name: ("Goal", [more | {"_count": 50}] * asked) for name, more in every.items()}
    found |= {
        "a person, 50": ("Goal", [{"patient": one, "_count": 50} for one in each]),
        "a person, a code": (
            "Observation",
            [{"patient": one, "code": f"http://loinc.org|{_LOINC[0]}"} for one in each],
        ),
        "a person, dates, newest": (
            "Observation",
            [{"patient": one, "date": f"ge{week[:4]}", "_sort": "-date"} for one in each],
        ),
        "a person, every type": ("", [{"patient": one, "_count": 50} for one in each]),
        "caseload, a need by its code": (
            "Condition",
            [{"code": str(160_000_000 + place % 300)} for place in range(asked)],
        ),
        "caseload, encounters of a week": ("Encounter", [{"date": f"ge{week}"}] * asked),
        "goals and whose they are": (
            "Goal",
            [{"patient": one, "_include": "Goal:patient"} for one in each],
        ),
        "a name, how many": ("Patient", [{"family": "bench", "_summary": "count"}] * asked),
    }
    return found


def _asked(service: Served, kind: str, forms: list[Json]) -> tuple[list[float], float, int]:
    """Milliseconds of each, in order; of the processor, each; what the last found."""
    who = {"Authorization": f"Bearer {service.token('gp', ORGS[0])}"}
    connection = http.client.HTTPConnection("127.0.0.1", service.port)
    took, total, before = [], 0, service.cpu_seconds()
    for form in forms:
        began = time.perf_counter()
        path = f"/fhir/R4/{kind}/_search" if kind else "/fhir/R4/_search"
        connection.request("POST", path, urlencode(form), _HEADERS | who)
        answer = connection.getresponse()
        body = answer.read()
        took.append(1_000 * (time.perf_counter() - began))
        if answer.status != 200:
            raise SystemExit(f"{kind} {form}: {answer.status} {body[:300]!r}")
        total = int(json.loads(body)["total"])
    if not total:
        raise SystemExit(f"{kind} {form}: nothing found, which says nothing of how long it takes")
    cpu = 1_000 * (service.cpu_seconds() - before) / len(forms)
    return sorted(took), cpu, total


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
