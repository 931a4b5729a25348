"""Measure the service beside HAPI's JPA server, and print the ratios.

    python -m bench.peers [--seconds S] [--warm-up S] [--json FILE]

The service with everything on, on SQLite and on PostgreSQL; the peer with no sign-in, no consent
and no audit, on PostgreSQL. One load generator asks each in turn, row by row, after all of them
have been warmed up with all of the rows. Where Java or Maven are missing, or the peer does not
run, ours are measured alone and the report says why.
"""

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from bench.__main__ import fsync_rate
from bench.load import run
from bench.peers import filling, peer, processor, report
from bench.peers.peer import PeerUnavailableError
from bench.peers.work import ROWS, Asking
from bench.serving import Served, served
from tests.integration.postgres import Cluster, ClusterUnavailableError

_CONNECTIONS = 16
_Figures = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Side:
    """A server, filled and ready to be asked."""

    name: str
    port: int
    asking: Asking
    process: int
    database: int = 0
    """The first process of its database; 0 where that is within its own."""

    def processor(self) -> tuple[float, float]:
        """Seconds of the server's process so far, and of its database's."""
        database = processor.seconds_of_all(self.database) if self.database else 0.0
        return processor.seconds(self.process), database


def main() -> None:
    """Start, fill, warm up, measure, print."""
    arguments = _arguments()
    if not processor.seconds(os.getpid()):
        raise SystemExit("this system does not tell what processor time a process used")
    results: dict[str, Any] = {
        "python": platform.python_version(),
        "fsync_a_second": fsync_rate(),
        "left out": [],
    }
    with ExitStack() as running:
        sides = list(_sides(running, results["left out"]))
        results["rows"] = uvloop.run(_measure(sides, arguments.seconds, arguments.warm_up))
    report.show(results)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(results, indent=2), encoding="utf-8")


def _sides(running: ExitStack, left_out: list[str]) -> Iterator[Side]:
    """Ours on each store, and the peer; what cannot be run is left out, with its reason."""
    folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
    service = running.enter_context(served(f"sqlite:///{folder}/bench.db", folder))
    yield _ours(report.SQLITE, service)
    try:
        url, database = running.enter_context(_cluster())
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        service = running.enter_context(served(url, folder))
        ours = _ours(report.POSTGRES, service, database)
        yield ours
        peer.build()
        url, database = running.enter_context(_cluster())
        port, process = running.enter_context(peer.running(url))
    except (ClusterUnavailableError, PeerUnavailableError) as reason:
        left_out.append(str(reason))
        return
    root = f"http://127.0.0.1:{port}/fhir"
    read, written = ours.asking.read, ours.asking.written
    filling.fill_peer(root, service, [*read, *written])
    yield Side(report.PEER, port, Asking(root, lambda _: "none", read, written), process, database)


def _ours(name: str, service: Served, database: int = 0) -> Side:
    read, written = filling.fill_ours(service)
    asking = Asking(
        f"{service.base}/fhir/R4", lambda practice: service.token("gp", practice), read, written
    )
    return Side(name, service.port, asking, service.pid, database)


@contextmanager
def _cluster() -> Iterator[tuple[str, int]]:
    """A durable PostgreSQL of one server's own: an empty database, and its first process."""
    cluster = Cluster.start(durable=True)
    try:
        first = (cluster.folder / "data" / "postmaster.pid").read_text().split()[0]
        yield cluster.url(cluster.create_database()), int(first)
    finally:
        cluster.stop()


async def _measure(sides: Sequence[Side], seconds: float, warm_up: float) -> dict[str, _Figures]:
    for side in sides:
        for row in ROWS:
            await _warmed(side, row, warm_up)
    return {row: {side.name: await _asked(side, row, seconds) for side in sides} for row in ROWS}


async def _warmed(side: Side, row: str, seconds: float) -> None:
    """Ask until the server has worked so long at it, however much of the machine it was given."""
    requests = list(ROWS[row](side.asking))
    until = side.processor()[0] + seconds
    while side.processor()[0] < until:
        await run(side.port, requests, _CONNECTIONS, 1.0)


async def _asked(side: Side, row: str, seconds: float) -> dict[str, float]:
    requests = list(ROWS[row](side.asking))
    own, database = side.processor()
    load = await run(side.port, requests, _CONNECTIONS, seconds)
    own_after, database_after = side.processor()
    used = own_after - own
    both = used + database_after - database
    return {
        "a second": round(load.rate, 1),
        "a core second": round(len(load.times) / used, 1) if used else 0.0,
        "with its database": round(len(load.times) / both, 1) if both else 0.0,
        "p50 ms": round(load.percentile(0.5), 2),
        "p99 ms": round(load.percentile(0.99), 2),
        "failures": load.failures,
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.peers", description="Measure beside a peer.")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each measurement")
    parser.add_argument(
        "--warm-up", type=float, default=40.0, help="processor seconds of each server on each row"
    )
    parser.add_argument("--json", help="write the figures to this file too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
