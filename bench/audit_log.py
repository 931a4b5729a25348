"""The log at depth: how long any search of it takes, with a million entries.

    python -m bench.audit_log [--entries N] [--store sqlite|postgres]

The entries are appended as the service appends them: same format, real roots, one query in ten
sealed. A
borough's worth of callers, organisations and people; the searches are those of AuditEvent, each
over HTTP by a governance role. PostgreSQL is found on this machine and started privately.
"""

import argparse
import asyncio
import json
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bench.__main__ import database
from bench.serving import Served, served
from consent.terms import Purpose
from gateway.audit.entry import Agent, AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome
from gateway.clock import now
from gateway.custody import keys_of
from gateway.main import development_issuer
from gateway.settings import Settings
from gateway.store.audit import shown
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection

BUDGET_SECONDS: Final = 2.0
_AT_ONCE: Final = 5_000
_FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)
_ORGS: Final = ("H85001", "H85002", "H85003", "H85004", "RAX", "RY9", "RV5", "XK1", "XK2")
_ROLES: Final = ("gp", "social-worker", "hospital-doctor", "community-nurse")
_EVENTS: Final = (Event.READ, Event.SEARCH, Event.READ, Event.PUSH, Event.READ, Event.HISTORY)
_PURPOSES: Final = ("TREAT", "TREAT", "TREAT", "CAREMGT", "COC", "ETREAT")
SEARCHES: Final = {
    "nothing named": "",
    "a person": "patient=person-00017",
    "a caller": "agent=user-0042",
    "a busy system": "agent=system-1",
    "a busy system, refused": "agent=system-1&outcome=refused",
    "an organisation": "agent-org=XK1",
    "an organisation and a rare event": "agent-org=XK1&subtype=break-glass-open",
    "a day": "date=2026-01-20",
    "from and until": "date=ge2026-01-10&date=lt2026-01-11",
    "an action": "action=R",
    "an event": "subtype=push",
    "an outcome": "outcome=8",
    "a purpose": "purpose=ETREAT",
    "break-glass": "break-glass=true",
    "a resource": "entity=Goal/goal-00017-3",
    "what is not there": "agent=nobody&outcome=failed&purpose=HRESCH",
    "everything at once": "agent-org=RAX&action=R&outcome=4&purpose=TREAT&date=ge2026-01-02",
}


def main() -> None:
    """Fill, search, print."""
    parser = argparse.ArgumentParser(prog="bench.audit_log", description="Search a long log.")
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--store", action="append", choices=("sqlite", "postgres"))
    given = parser.parse_args()
    for store in given.store or ("sqlite", "postgres"):
        with database(store) as (url, folder):
            if url is None:
                sys.stdout.write(f"{store}: not found on this machine" + "\n")
                continue
            _measure(store, url, folder, given.entries)


def _measure(store: str, url: str, folder: Path, count: int) -> None:
    with served(url, folder) as service:
        began = time.perf_counter()
        asyncio.run(_fill(service.settings, count))
        sys.stdout.write(f"{store}: {count} entries in {time.perf_counter() - began:.0f} s" + "\n")
        slow = 0
        for role, org in (("borough-governance", "ICB1"), ("governance-lead", "XK1")):
            for name, query in SEARCHES.items():
                seconds, total = _search(service, role, org, query)
                slow += seconds > BUDGET_SECONDS
                sys.stdout.write(f"{store}\t{role}\t{name}\t{total}\t{seconds:.2f} s" + "\n")
        sys.stdout.write(f"{store}: {slow} searches above {BUDGET_SECONDS:.0f} s" + "\n")


def _search(service: Served, role: str, org: str, query: str) -> tuple[float, int]:
    """Seconds for the first page with its exact total, and the total."""
    issuer = development_issuer(service.settings, keys_of(service.settings))
    token = issuer.issue(role, user=f"bench-{role}", org=org, purpose=Purpose.COMPLIANCE, at=now())
    asked = urllib.request.Request(  # noqa: S310 - our own server
        f"{service.base}/fhir/R4/AuditEvent?{query}", headers={"Authorization": f"Bearer {token}"}
    )
    began = time.perf_counter()
    with urllib.request.urlopen(asked) as answer:  # noqa: S310
        total = int(json.load(answer)["total"])
    return time.perf_counter() - began, total


async def _fill(settings: Settings, count: int) -> None:
    store = await Store.open(settings.database_url, keys_of(settings), now)
    try:
        await store.write(_people)
        made = entries(count)
        while some := [entry for entry, _ in zip(made, range(_AT_ONCE), strict=False)]:

            async def unit(conn: Connection, some: list[AuditEntry] = some) -> None:
                await append(conn, store.vault, some)

            await store.write(unit)
        await shown.catch_up(store)
        async with store.engine.reading() as conn:  # as PostgreSQL's own sweeper, off here, would
            if conn.lock_rows:
                await conn.execute("VACUUM (ANALYZE)")
    finally:
        await store.close()


async def _people(conn: Connection) -> None:
    """The one person of two records who is searched for, and whose goal is."""
    await conn.execute("INSERT INTO person (person_id, epoch) VALUES ('person-00017', 1)")
    for patient_id, org in (("person-00017", "H85001"), ("patient-00017", "XK1")):
        await conn.execute(
            "INSERT INTO source_record (patient_id, source_org, feed, person_id, link_state,"
            " nhs_hash, nhs_claim, birth_hash, birth_claim, practice, practice_claim, trace,"
            " number_counts, created_at) VALUES ($1, $2, 'social-care', 'person-00017', 'linked',"
            " '', '', '', '', '', '', '', 1, 0)",
            (patient_id, org),
        )
    await conn.execute(
        "INSERT INTO resource_owner (resource_id, patient_id)"
        " VALUES ('goal-00017-3', 'patient-00017')"
    )


def entries(count: int) -> Iterator[AuditEntry]:
    """A borough's log: so many entries over a month, one in a thousand by broken glass."""
    for number in range(count):
        yield _entry(number, _FIRST + timedelta(seconds=number * 2.5))


def _entry(number: int, at: datetime) -> AuditEntry:
    mixed = number * 2_654_435_761 % 2**32
    person, user = mixed % 5_000, (mixed >> 8) % 2_000
    event = _EVENTS[mixed % 6]
    pushed, broken = event is Event.PUSH, number % 1_000 == 7
    org = _ORGS[user % len(_ORGS)]
    outcome = (Outcome.REFUSED, Outcome.FAILED)[mixed % 2] if mixed % 97 == 0 else Outcome.SERVED
    return AuditEntry(
        recorded=at,
        event=Event.BREAK_GLASS_OPEN if broken else Event(event),
        outcome=Outcome.STORED if pushed and outcome is Outcome.SERVED else outcome,
        agent=Agent(
            user_id=f"system-{user % 3}" if pushed else f"user-{user:04}",
            kind="system" if pushed else "staff",
            role="provider" if pushed else _ROLES[user % 4],
            org=org,
            client_id="client-1",
            purpose=_PURPOSES[(mixed >> 4) % 6],
            token_hash=f"{mixed:08x}" * 8,
        ),
        request_id=f"019a{number:028x}",
        reasons=("relationship-caseload", "permission-implied"),
        person_id=f"person-{person:05}",
        patient_ids=(f"person-{person:05}", f"patient-{person:05}"),
        resources=tuple(("Goal", f"goal-{person:05}-{one}", 1) for one in range(5)),
        query="status patient",
        filter_hash=f"{mixed:08x}" * 8,
        policy_version="1@0123456789ab",
        access_epoch=mixed % 50,
        detail=(("owners", "|".join(sorted({org, _ORGS[person % len(_ORGS)]}))),),
        sensitive=Sensitive(raw_query="status=active" if number % 10 == 0 else ""),
    )


if __name__ == "__main__":
    main()
