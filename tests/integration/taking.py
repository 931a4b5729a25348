"""Push deliveries without HTTP, and say what the store then holds.

In      golden inputs, examples and (where they are) samples, as deliveries of invented senders
Out     `State`: what stands, who is linked with whom; the same for any order of the same input
"""

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

from consent.terms import Caller, CallerKind, Purpose
from gateway.errors import NotTheFormatError
from gateway.flows.audit.verify_log import verify_log
from gateway.flows.intake.push_update import Push, push
from gateway.store.commit.units import Store
from gateway.store.database import schema
from gateway.store.keyring.keys import FileKeyProvider, create_key_file
from gateway.store.sealed.lineage_seal import Told, lineage_opened
from gateway.store.sealed.row_seal import bound_columns, row_aad
from mappings.registry import FEEDS
from tests.golden.cases import GOLDEN

ROOT: Final = Path(__file__).resolve().parents[2]
ORGS: Final = {
    "gp": "H85001",
    "hospital": "RAX",
    "community": "RY9",
    "mental-health": "RQY",
    "social-care": "XK1",
}
START: Final = datetime(2026, 12, 1, 9, tzinfo=UTC)
WITH_TABLES: Final[set[str]] = set()
"""Addresses of databases that fixtures made with the tables in them."""
Taken = TypeVar("Taken")


@dataclass(frozen=True)
class Delivery:
    """One body and whose it is."""

    feed: str
    body: bytes
    media_type: str = ""
    org: str = ""
    name: str = ""

    def __repr__(self) -> str:
        return f"{self.feed}/{self.name}"


@dataclass(frozen=True)
class State:
    """What stands (by id: a keyed hash, its links) and which source records are one person."""

    standing: frozenset[tuple[str, ...]]
    groups: frozenset[frozenset[str]]
    links: frozenset[tuple[str, str]]


class Clock:
    """A clock that goes on by a second each time it is asked."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def provider(folder: Path) -> FileKeyProvider:
    """The keys of this test: the same ids in each of its databases."""
    path = folder / "keys.json"
    if not path.exists():
        create_key_file(path, development=True)
    return FileKeyProvider.read(path)


def sender(org: str) -> Caller:
    """The provider system of an organisation, allowed every feed."""
    return Caller(
        "sys", CallerKind.SYSTEM, "provider", org, Purpose.TREATMENT, "client", frozenset(),
        frozenset(FEEDS), None, "", "",
    )  # fmt: skip


@asynccontextmanager
async def opened(
    url: str, keys: FileKeyProvider, clock: Clock | None = None
) -> AsyncIterator[Store]:
    """The store of a database that is at the newest revision."""
    store = await Store.open(url, keys, clock or Clock())
    try:
        yield store
    finally:
        await store.close()


def run(
    url: str, folder: Path, work: Callable[[Store], Awaitable[Taken]], clock: Clock | None = None
) -> Taken:
    """What this work gives, done with the store of a database, and keys kept in a folder."""

    async def running() -> Taken:
        async with opened(url, provider(folder), clock) as store:
            return await work(store)

    return asyncio.run(running())


def upgraded(url: str) -> str:
    """The address of a database, which has the tables now: a new SQLite file is a copy of one that
    was made before, and what a fixture made has them already."""
    path = Path(url.removeprefix("sqlite:///"))
    if path.is_absolute() and not path.exists():
        path.write_bytes(_tables())
    elif url not in WITH_TABLES:
        schema.upgrade(url)
    return url


@cache
def _tables() -> bytes:
    """A SQLite file with the tables and nothing in them."""
    with TemporaryDirectory() as folder:
        schema.upgrade(f"sqlite:///{folder}/x.db")
        return Path(folder, "x.db").read_bytes()


async def wiped(store: Store) -> None:
    """Forget everything that was taken, but the log."""
    tables = (
        "source_record", "identity_statement", "person_fact", "person", "delivery", "item",
        "item_seen", "item_resource", "resource", "resource_version", "resource_owner", "snapshot",
        "snapshot_item", "snapshot_table", "absence_mark", "absence_left", "absence_guard", "lapse",
        "search_date", "search_link", "subscription_event",
        "shredded", "shred_request", "shred_hold", "written_together", "home_visit",
    )  # fmt: skip
    async with store.engine.writing() as conn:
        guards: list[tuple[Any, ...]] = []
        if conn.lock_rows:
            for table in tables:
                await conn.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            guards = await conn.fetch("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            for name, _ in guards:
                await conn.execute(f"DROP TRIGGER {name}")
        for table in tables:
            await conn.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
        for _, guard in guards:
            await conn.execute(guard)
        if conn.lock_rows:
            for table in tables:
                await conn.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


async def taken(store: Store, delivery: Delivery, **more: Any) -> dict[str, Any]:
    """Push one delivery; a refused one has no answer."""
    what = Push(
        FEEDS[delivery.feed],
        sender(delivery.org or ORGS[delivery.feed]),
        delivery.body,
        delivery.media_type,
        "r",
        store.vault._clock(),
        **more,
    )
    try:
        return await push(store, what)
    except NotTheFormatError as reason:
        return {"status": "refused", "issues": [fault.text for fault in reason.faults]}


async def all_taken(store: Store, deliveries: Iterable[Delivery]) -> list[dict[str, Any]]:
    return [await taken(store, delivery) for delivery in deliveries]


async def state_of(store: Store) -> State:
    async with store.engine.reading() as conn:
        rows = await conn.fetch(
            "SELECT patient_id, resource_id, state_hash, refs FROM resource WHERE deleted = 0"
        )
        records = await conn.fetch("SELECT patient_id, person_id, link_state FROM source_record")
        odd = await conn.fetch("SELECT 1 FROM item WHERE (state = 'taken') <> (patient_id <> '')")
    assert not odd, "an item is of somebody's record where it was taken, and nowhere else"
    people: dict[str, set[str]] = {}
    for patient_id, person_id, _ in records:
        people.setdefault(person_id, set()).add(patient_id)
    return State(
        frozenset((*row[:3], *sorted(row[3].split())) for row in rows),
        frozenset(frozenset(group) for group in people.values()),
        frozenset((row[0], row[2]) for row in records),
    )


async def resources(store: Store) -> dict[str, tuple[dict[str, Any], Any]]:
    """`Type/id` -> the resource that stands, and its lineage (origins, lines)."""
    async with store.engine.reading() as conn:
        rows = await conn.fetch(
            f"SELECT {bound_columns('r')}, r.patient_id, r.resource_type, r.resource_id, r.version,"  # noqa: S608
            " r.linking, r.sealed, v.author_id, v.lineage"
            " FROM resource r JOIN resource_version v ON v.patient_id = r.patient_id"
            " AND v.resource_id = r.resource_id AND v.version = r.version"
            " AND v.linking = r.linking WHERE r.deleted = 0"
        )
        keys = await store.vault.keys(conn, {row[-8] for row in rows})
    found = {}
    for *labels, patient_id, kind, resource_id, version, linking, sealed, author, lineage in rows:
        aad = row_aad(kind, resource_id, version, patient_id, labels)
        body = json.loads(keys.open(patient_id, bytes(sealed), aad))
        of = Told(patient_id, kind, resource_id, version, linking, author)
        found[f"{kind}/{resource_id}"] = (
            body, json.loads(lineage_opened(keys, of, bytes(lineage)))
        )  # fmt: skip
    return found


async def verified(store: Store) -> bool:
    return bool((await verify_log(store.engine, store.vault.provider.log_public_keys)).ok)


async def waits_or_ends(store: Store, task: asyncio.Task[Any]) -> None:
    """Until somebody in this PostgreSQL database waits for a lock, or the task has ended."""
    waiting = "datname = current_database() AND wait_event_type = 'Lock'"
    while not task.done():
        async with store.engine.reading() as conn:
            if await conn.fetch(f"SELECT 1 FROM pg_stat_activity WHERE {waiting}"):  # noqa: S608
                return
        await asyncio.sleep(0.01)


def zipped(files: dict[str, bytes]) -> bytes:
    """An archive of these files, the same bytes each time."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return made.getvalue()


def _body(source: Path) -> bytes:
    if source.is_file():
        return source.read_bytes()
    files = {p.relative_to(source).as_posix(): p for p in source.rglob("*") if p.is_file()}
    if len(files) == 1 and not next(iter(files)).lower().endswith((".csv", ".txt")):
        return next(iter(files.values())).read_bytes()
    return zipped({name: path.read_bytes() for name, path in files.items()})


def authored(feed: str) -> list[Delivery]:
    """Every golden and example delivery of a feed."""
    inputs = [(f.parent.name, f) for f in sorted((GOLDEN / feed).glob("*/input"))]
    inputs += [(f.name, f) for f in sorted((ROOT / "examples" / feed).glob("*"))]
    return [Delivery(feed, _body(source), name=name) for name, source in inputs]


def sampled(shared: Path) -> list[Delivery]:
    """The published samples as deliveries."""
    samples = shared / "samples"
    found = [
        Delivery("gp", f.read_bytes(), "application/fhir+json", name=f.name)
        for f in sorted((samples / "gp").glob("*.[jx][sm]*"))
    ]
    found += [
        Delivery("hospital", f.read_bytes(), name=f.name)
        for f in sorted((samples / "hospital").glob("*.hl7*"))
    ]
    for feed, folder in (
        ("community", "community/csds_v1_6/flat"),
        ("mental-health", "mental-health/mhsds_v6/flat"),
    ):
        files = {f.name: f.read_bytes() for f in sorted((samples / folder).glob("*.csv"))}
        found.append(Delivery(feed, zipped(files), "application/zip", name=folder))
    cld = samples / "social-care/cld/cld_r1_header_only.csv"
    return [*found, Delivery("social-care", cld.read_bytes(), "text/csv", name=cld.name)]


def digest(state: State) -> str:
    """A short name of a state, for a readable failure."""
    return hashlib.sha256(repr(sorted(state.standing)).encode()).hexdigest()[:12]
