"""Measure the service on both stores, everything on, and print ratios.

    python -m bench [--seconds S] [--store sqlite|postgres] [--json FILE]

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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvloop

from bench import data, mllp
from bench.load import Load, request, run
from bench.serving import Served, served

READ_SIZE = 245_000
_FHIR = "application/fhir+json"


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    results: dict[str, Any] = {"python": platform.python_version(), "fsync_a_second": fsync_rate()}
    for store in arguments.store:
        with _database(store) as (url, folder):
            if url is None:
                results[store] = "PostgreSQL was not found on this machine"
                continue
            results[store] = uvloop.run(_measure(url, folder, arguments.seconds))
    _print(results)
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


async def _measure(url: str, folder: Path, seconds: float) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with served(url, folder) as service:
        person = _push(service, data.plan(0, goals=59, actions=59, note=100))
        found |= await _reads(service, person, seconds, "")
        found |= await _ingest(service, seconds)
        over_mllp = await mllp.measure(service.settings, seconds)
        found |= {name: _row(load) for name, load in over_mllp.items()}
    for without in ("filter", "audit", "filter,audit"):
        with served(url, folder, without) as service:
            found |= await _reads(service, person, seconds, f" without {without}", few=True)
    return found


async def _reads(
    service: Served, person: str, seconds: float, name: str, few: bool = False
) -> dict[str, Any]:
    worker = service.token("social-worker", "XK1")
    base = service.base
    every = [request("GET", f"{base}/fhir/R4/Patient/{person}/$everything?_count=500", worker)]
    one = await _run(service, every, 1, 0.5)
    static = [request("GET", f"{base}/bench/static/{one.size or READ_SIZE}", worker)]
    plain = await _run(service, static, 16, seconds)
    unified = await _run(service, every, 16, seconds)
    found = {
        f"static, {one.size} bytes{name}": _row(plain),
        f"unified read, 120 resources{name}": _row(unified)
        | {"of static": unified.rate / plain.rate},
    }
    goal = _first(worker, f"{base}/fhir/R4/Goal?patient={person}&_count=1")
    reading = [request("GET", f"{base}/fhir/R4/Goal/{goal}", worker)]
    size = (await _run(service, reading, 1, 0.5)).size
    small = [request("GET", f"{base}/bench/static/{size}", worker)]
    plain = await _run(service, small, 16, seconds)
    one = await _run(service, reading, 16, seconds)
    found[f"static, {size} bytes{name}"] = _row(plain)
    found[f"read one{name}"] = _row(one) | {"of static": one.rate / plain.rate}
    search = [request("GET", f"{base}/fhir/R4/Goal?patient={person}&_count=50", worker)]
    searched = await _run(service, search, 16, seconds)
    found[f"search, 50 of a type, exact total{name}"] = _row(searched)
    if few:
        return found
    paced = await _run(service, every, 16, seconds, rate=100)
    found["unified read at 100 a second"] = _row(paced)
    return found


async def _ingest(service: Served, seconds: float) -> dict[str, Any]:
    council = service.token("provider", "XK1", ("social-care",))
    hospital = service.token("provider", "RAX", ("hospital",))
    plans = [
        request(
            "POST",
            f"{service.base}/feeds/social-care",
            council,
            data.plan(n, 1, 1),
            "application/json",
        )
        for n in range(1, 20_001)
    ]
    messages = [
        request(
            "POST",
            f"{service.base}/feeds/hospital",
            hospital,
            data.problems(n),
            "x-application/hl7-v2+er7",
        )
        for n in range(1, 20_001)
    ]
    return {
        "ingest, support plan (4 resources)": _row(await _run(service, plans, 8, seconds)),
        "ingest, HL7 v2 problems (3 resources)": _row(await _run(service, messages, 8, seconds)),
    }


def _push(service: Served, body: bytes) -> str:
    token = service.token("provider", "XK1", ("social-care",))
    sent = urllib.request.Request(  # noqa: S310 - our own server
        f"{service.base}/feeds/social-care",
        body,
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
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


def _row(load: Load) -> dict[str, float]:
    return {
        "a second": round(load.rate, 1),
        "a core second": round(load.core_rate, 1),
        "p50 ms": round(load.percentile(0.5), 2),
        "p99 ms": round(load.percentile(0.99), 2),
        "failures": load.failures,
    }


@contextmanager
def _database(store: str) -> Iterator[tuple[str | None, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        if store == "sqlite":
            yield f"sqlite:///{folder}/bench.db", Path(folder)
            return
        from tests.integration.postgres import Cluster, ClusterUnavailableError

        try:
            cluster = Cluster.start()
        except ClusterUnavailableError:
            yield None, Path(folder)
            return
        try:
            yield cluster.url(cluster.create_database()), Path(folder)
        finally:
            cluster.stop()


def _print(results: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(
        f"Python {results['python']}; {results['fsync_a_second']} durable writes a second"
    )
    for store in ("sqlite", "postgres"):
        rows = results.get(store)
        if isinstance(rows, str):
            console.print(f"{store}: {rows}")
        elif rows:
            table = Table(
                "what", "a second", "a core second", "p50 ms", "p99 ms", "of static", "failures",
                title=store,
            )  # fmt: skip
            for what, row in rows.items():
                share = f"{row['of static']:.1%}" if "of static" in row else ""
                core = row.get("a core second") or ""
                values = (
                    row["a second"], core, row["p50 ms"], row["p99 ms"], share, row["failures"],
                )  # fmt: skip
                table.add_row(what, *map(str, values))
            console.print(table)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure the service.")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each measurement")
    parser.add_argument(
        "--store", action="append", choices=("sqlite", "postgres"), help="default: both"
    )
    parser.add_argument("--json", help="write the figures to this file too")
    arguments = parser.parse_args()
    arguments.store = arguments.store or ["sqlite", "postgres"]
    return arguments


if __name__ == "__main__":
    main()
