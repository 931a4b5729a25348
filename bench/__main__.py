"""Measure the service on both stores, everything on, and print ratios.

    python -m bench [--seconds S] [--store sqlite|postgres] [--rows N] [--json FILE]

PostgreSQL is found on this machine and started privately, as the tests do; without it SQLite alone
is measured, and the report says so.
"""

import argparse
import json
import os
import platform
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvloop

from bench import budgets, bulk, data, mllp, report
from bench.app import BARE_PATH
from bench.load import Load, request, run
from bench.serving import Served, served
from gateway.cli.demo.gp import structured_record
from gateway.cli.demo.people import people_of

READ_SIZE = 245_000
_FHIR = "application/fhir+json"
_JSON = "application/json"
_HL7 = "x-application/hl7-v2+er7"
_MESSAGES = range(1, 20_001)
_BARE_SECONDS = 1.0
"""Of the bare route, before a counted row and after it."""
_CREATED_FOR = 40
"""People who are each given care teams in turn."""


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    results: dict[str, Any] = {"python": platform.python_version(), "fsync_a_second": fsync_rate()}
    for store in arguments.store:
        with database(store) as (url, folder):
            if url is None:
                results[store] = "PostgreSQL was not found on this machine"
                continue
            results[store] = uvloop.run(_measure(url, folder, arguments))
    report.show(results)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(results, indent=2), encoding="utf-8")


def fsync_rate() -> float:
    """Durable 4 KB writes a second in the temporary folder: what the disk allows."""
    with tempfile.TemporaryFile() as file:
        count, start = 0, time.perf_counter()
        while time.perf_counter() - start < 0.5:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            count += 1
        return round(count / (time.perf_counter() - start))


async def _measure(url: str, folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {}
    seconds: float = arguments.seconds
    with served(url, folder) as service:
        bare = await _bare(service, seconds)
        found[budgets.BARE] = _row(bare)
        factor = budgets.factor((bare.rate, bare.core_rate))
        person = pushed(service, data.plan(0, goals=59, actions=59, note=100))
        found |= await _reads(service, person, seconds, "")
        found |= await _paced(service, person, seconds, factor)
        found |= await _beside(service, _creates(service, seconds))
        found |= await _beside(service, _plans(service, seconds))
        found |= await _beside(service, _messages(service, seconds))
        found |= await _beside(service, _over_mllp(service, seconds))
        found |= await _beside(service, _bulk(service, arguments.rows))
    for without in ("filter", "audit", "filter,audit"):
        with served(url, folder, without) as service:
            found |= await _reads(service, person, seconds, f" without {without}")
    return found


async def _reads(service: Served, person: str, seconds: float, name: str) -> dict[str, Any]:
    worker = service.token("social-worker", "XK1")
    base = service.base
    every = [request("GET", f"{base}/fhir/R4/Patient/{person}/$everything?_count=500", worker)]
    one = await _run(service, every, 1, 0.5)
    static = [request("GET", f"{base}/bench/static/{one.size or READ_SIZE}", worker)]
    plain = await _run(service, static, 16, seconds)
    unified = await _run(service, every, 16, seconds)
    found = {
        f"static, {one.size} bytes{name}": _row(plain),
        f"unified read, 120 resources{name}": _row(unified) | _shares(unified, plain),
    }
    goal = _first(worker, f"{base}/fhir/R4/Goal?patient={person}&_count=1")
    reading = [request("GET", f"{base}/fhir/R4/Goal/{goal}", worker)]
    found |= await _beside(service, _read_one(service, reading, seconds, name))
    search = [request("GET", f"{base}/fhir/R4/Goal?patient={person}&_count=50", worker)]
    searched = await _run(service, search, 16, seconds)
    found[f"search, 50 of a type, exact total{name}"] = _row(searched)
    return found


async def _read_one(
    service: Served, reading: list[bytes], seconds: float, name: str
) -> dict[str, Any]:
    size = (await _run(service, reading, 1, 0.5)).size
    path = f"{service.base}/bench/static/{size}"
    small = [request("GET", path, service.token("social-worker", "XK1"))]
    plain = await _run(service, small, 16, seconds)
    one = await _run(service, reading, 16, seconds)
    return {
        f"static, {size} bytes{name}": _row(plain),
        f"read one{name}": _row(one) | _shares(one, plain),
    }


async def _bare(service: Served, seconds: float) -> Load:
    return await _run(service, [request("GET", service.base + BARE_PATH, "")], 16, seconds)


async def _beside(service: Served, measuring: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    """What is measured, each row with the machine factor of the moment."""
    before = await _bare(service, _BARE_SECONDS)
    rows = await measuring
    after = await _bare(service, _BARE_SECONDS)
    factor = budgets.factor(*((one.rate, one.core_rate) for one in (before, after)))
    return {name: row | {"factor": factor} for name, row in rows.items()}


async def _paced(
    service: Served, person: str, seconds: float, factor: float
) -> dict[str, dict[str, float]]:
    """Latency under a steady load: a light one, and the budget's, scaled to this machine."""
    path = f"/fhir/R4/Patient/{person}/$everything?_count=500"
    every = [request("GET", service.base + path, service.token("social-worker", "XK1"))]
    rates = {
        "unified read at 100 a second": 100.0,
        f"unified read at {budgets.PACE} a second, scaled": budgets.PACE * factor,
    }
    return {
        name: _row(await _run(service, every, 16, seconds, rate=rate)) | {"asked": round(rate)}
        for name, rate in rates.items()
    }


async def _creates(service: Served, seconds: float) -> dict[str, Any]:
    """Care teams, for one person after the other, by a doctor of their practice."""
    place, creates = f"{service.base}/fhir/R4/CareTeam", []
    for person in people_of(1, _CREATED_FOR, ()):
        practice = person.practice.code
        named = pushed(service, structured_record(person), "gp", practice, _FHIR)
        token = service.token("gp", practice)
        creates.append(request("POST", place, token, data.team(named), _FHIR))
    return {"create one": _row(await _run(service, creates, 16, seconds))}


async def _plans(service: Served, seconds: float) -> dict[str, Any]:
    council = service.token("provider", "XK1", ("social-care",))
    place = f"{service.base}/feeds/social-care"
    plans = [request("POST", place, council, data.plan(n, 1, 1), _JSON) for n in _MESSAGES]
    return {"ingest, support plan (4 resources)": _row(await _run(service, plans, 8, seconds))}


async def _messages(service: Served, seconds: float) -> dict[str, Any]:
    hospital = service.token("provider", "RAX", ("hospital",))
    place = f"{service.base}/feeds/hospital"
    sent = [request("POST", place, hospital, data.problems(n), _HL7) for n in _MESSAGES]
    return {"ingest, HL7 v2 problems (3 resources)": _row(await _run(service, sent, 8, seconds))}


async def _over_mllp(service: Served, seconds: float) -> dict[str, Any]:
    loads = await mllp.measure(service.settings, seconds)
    return {name: _row(load) for name, load in loads.items()}


async def _bulk(service: Served, rows: int) -> dict[str, Any]:
    return {"bulk CSV": bulk.measure(service.settings, rows)}


def pushed(
    service: Served, body: bytes, feed: str = "social-care", org: str = "XK1", kind: str = _JSON
) -> str:
    """The id of the person that a message of theirs was taken for."""
    token = service.token("provider", org, (feed,))
    sent = urllib.request.Request(  # noqa: S310 - our own server
        f"{service.base}/feeds/{feed}",
        body,
        {"Authorization": f"Bearer {token}", "Content-Type": kind},
    )
    with urllib.request.urlopen(sent) as answer:  # noqa: S310
        resources = json.load(answer)["resources"]
    names = [one["reference"] for one in resources if one["reference"].startswith("Patient/")]
    return str(names[0].removeprefix("Patient/"))


def _first(token: str, url: str) -> str:
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310
    with urllib.request.urlopen(asked) as answer:  # noqa: S310
        return str(json.load(answer)["entry"][0]["resource"]["id"])


async def _run(
    service: Served, requests: list[bytes], connections: int, seconds: float, rate: float = 0.0
) -> Load:
    before = service.cpu_seconds()
    load = await run(service.port, requests, connections, seconds, rate)
    load.cpu_seconds = service.cpu_seconds() - before
    return load


def _shares(load: Load, static: Load) -> dict[str, float]:
    """Of the static answer: by what a second holds, and by the service's own processor time."""
    by_core = load.core_rate / static.core_rate if static.core_rate else 0.0
    return {"of static": load.rate / static.rate, "of static by core": by_core}


def _row(load: Load) -> dict[str, float]:
    return {
        "a second": round(load.rate, 1),
        "a core second": round(load.core_rate, 1),
        "p50 ms": round(load.percentile(0.5), 2),
        "p99 ms": round(load.percentile(0.99), 2),
        "failures": load.failures,
    }


@contextmanager
def database(store: str) -> Iterator[tuple[str | None, Path]]:
    """An empty database of that kind, and a folder beside it; None where there is no server."""
    with tempfile.TemporaryDirectory() as folder:
        if store == "sqlite":
            yield f"sqlite:///{folder}/bench.db", Path(folder)
            return
        from tests.integration.postgres import Cluster, ClusterUnavailableError

        try:
            cluster = Cluster.start(durable=True)
        except ClusterUnavailableError:
            yield None, Path(folder)
            return
        try:
            yield cluster.url(cluster.create_database()), Path(folder)
        finally:
            cluster.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure the service.")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each measurement")
    parser.add_argument(
        "--store", action="append", choices=("sqlite", "postgres"), help="default: both"
    )
    parser.add_argument(
        "--rows", type=int, default=10_000, help="of the bulk file; the budget asks for 100000"
    )
    parser.add_argument("--json", help="write the figures to this file too")
    arguments = parser.parse_args()
    arguments.store = arguments.store or ["sqlite", "postgres"]
    return arguments


if __name__ == "__main__":
    main()
