"""Bulk exports as stored: what a system asked for, how far it was looked through, whose people.

In      A connection; moments in microseconds; Filters of people.
Out     Jobs, opened; ids of people; types and withdrawn resources that pass.
Rule    A job is found by the system that began it, while it lasts, and by nobody else. What is
        asked of the record here carries its Filter in the WHERE.
Errors  UnsealError, KeyUnavailableError.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import orjson

from gateway.audit.entry import DEPLOYMENT
from gateway.store.clear.filter_sql import where
from gateway.store.database.engine import Connection, placeholders
from gateway.store.record.reads import Group
from gateway.store.record.statement import Statement
from gateway.store.sealed.vault import Vault


@dataclass(frozen=True, slots=True)
class Asked:
    """What is exported, and how far it was looked through for what there is."""

    request: str
    """The address it was asked at."""
    types: tuple[str, ...]
    group: str = ""
    """The kind of tie that people must have; empty: any."""
    since: int | None = None
    elements: tuple[str, ...] = ()
    patients: tuple[str, ...] | None = None
    """Whom alone; None: everybody."""
    after: str = ""
    """The last person who was looked at."""
    found: tuple[str, ...] = ()
    ready: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One export of one system."""

    job_id: str
    client_id: str
    org: str
    started_at: int
    expires_at: int
    asked: Asked


async def add(conn: Connection, vault: Vault, job: Job) -> None:
    """Keep a new job; those that are over go."""
    await conn.execute("DELETE FROM export_job WHERE expires_at <= $1", [job.started_at])
    await conn.execute(
        "INSERT INTO export_job (job_id, client_id, org, started_at, expires_at, sealed)"
        f" VALUES ({placeholders(6)})",
        [
            job.job_id, job.client_id, job.org, job.started_at, job.expires_at,
            await _sealed(conn, vault, job),
        ],
    )  # fmt: skip


async def standing(conn: Connection, client_id: str, at: int) -> list[int]:
    """When each job of the system is over, the first first; its next one waits for this one."""
    if conn.lock_rows:
        await conn.fetch("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [client_id])
    rows = await conn.fetch(
        "SELECT expires_at FROM export_job WHERE client_id = $1 AND expires_at > $2 ORDER BY 1",
        [client_id, at],
    )
    return [row[0] for row in rows]


async def find(
    conn: Connection, vault: Vault, job_id: str, client_id: str, org: str, at: int
) -> Job | None:
    """The system's own job of that id, if it is not over; where it is to be changed, nobody else
    changes it meanwhile."""
    lock = conn.lock_rows if conn.writes else ""
    rows = await conn.fetch(
        "SELECT started_at, expires_at, sealed FROM export_job"
        f" WHERE job_id = $1 AND client_id = $2 AND org = $3 AND expires_at > $4{lock}",
        [job_id, client_id, org, at],
    )
    if not rows:
        return None
    started_at, expires_at, sealed = rows[0]
    keys = await vault.keys(conn, [DEPLOYMENT])
    stated = orjson.loads(keys.open(DEPLOYMENT, bytes(sealed), _aad(job_id)))
    lists = {name: tuple(value) for name, value in stated.items() if isinstance(value, list)}
    return Job(job_id, client_id, org, started_at, expires_at, Asked(**(stated | lists)))


async def keep(conn: Connection, vault: Vault, job: Job) -> None:
    """How far it was looked through by now."""
    sealed = await _sealed(conn, vault, job)
    await conn.execute("UPDATE export_job SET sealed = $2 WHERE job_id = $1", [job.job_id, sealed])


async def remove(conn: Connection, job_id: str) -> None:
    """The job is called off."""
    await conn.execute("DELETE FROM export_job WHERE job_id = $1", [job_id])


async def _sealed(conn: Connection, vault: Vault, job: Job) -> bytes:
    keys = await vault.ensure(conn, [DEPLOYMENT])
    return keys.seal(DEPLOYMENT, orjson.dumps(asdict(job.asked)), _aad(job.job_id))


def _aad(job_id: str) -> bytes:
    return f"export-job|{job_id}".encode()


_LISTED: Final = (
    "SELECT s.person_id FROM caseload c JOIN source_record s ON s.patient_id = c.patient_id"
    " WHERE c.org = $1 AND c.user_id = '' AND c.starts <= $2 AND c.ends > $2"
)
_REGISTERED: Final = (
    "SELECT s.person_id FROM source_record s"
    " WHERE s.source_org = $1 AND s.feed = 'gp' AND s.practice = $1 AND s.created_at <= $2"
)
TIES: Final = {
    "": f"SELECT person_id FROM source_record WHERE source_org = $1 UNION {_LISTED}",
    "registered-practice": _REGISTERED,
    "caseload": f"{_LISTED} AND c.kind = 'caseload'",
    "care-team": f"{_LISTED} AND c.kind = 'care-team'",
    "referral": f"{_LISTED} AND c.kind = 'referral'",
}
"""Who an organisation has a tie to: of any kind, or of this one."""


async def people(
    conn: Connection, org: str, tie: str, at: int, after: str, count: int
) -> list[str]:
    """Ids of people with such a tie to the organisation, in their order, from after the one named:
    whom to ask the Filter about, and no more than that."""
    rows = await conn.fetch(
        f"SELECT DISTINCT person_id FROM ({TIES[tie]}) tied WHERE person_id > $3"
        " ORDER BY person_id LIMIT $4",
        [org, at, after, count],
    )
    return [row[0] for row in rows]


async def tied(
    conn: Connection, org: str, tie: str, at: int, patient_ids: Collection[str]
) -> list[str]:
    """The people of these source records who have such a tie, in their order."""
    rows = await conn.fetch(
        f"SELECT DISTINCT person_id FROM ({TIES[tie]}) tied WHERE person_id IN"
        " (SELECT person_id FROM source_record"
        f" WHERE patient_id IN ({placeholders(len(patient_ids), 3)})) ORDER BY person_id",
        [org, at, *patient_ids],
    )
    return [row[0] for row in rows]


async def types_shown(conn: Connection, groups: Sequence[Group], since: int) -> dict[str, set[str]]:
    """By source record: the types of everything that is shown and was stored since."""
    to = Statement(groups)
    condition = f"{to.visible('r')} AND r.updated_at >= {to.bind(since)}"
    rows = await conn.fetch(
        f"{to.people_named}SELECT DISTINCT r.patient_id, r.resource_type FROM resource r"
        f" WHERE {condition}",
        to.args,
    )
    found: dict[str, set[str]] = {}
    for patient_id, kind in rows:
        found.setdefault(patient_id, set()).add(kind)
    return found


async def withdrawn(conn: Connection, group: Group, since: int) -> list[tuple[str, str]]:
    """(type, id) of what passes and was withdrawn since, in the order of ids."""
    count = len(group.patient_ids)
    condition, args = where(group.allowed, "r", count + 2)
    rows = await conn.fetch(
        "SELECT r.resource_type, r.resource_id FROM resource r WHERE r.deleted = 1"
        f" AND r.updated_at >= $1 AND r.patient_id IN ({placeholders(count, 2)}) AND {condition}"
        " ORDER BY r.resource_id",
        [since, *group.patient_ids, *args],
    )
    return [(row[0], row[1]) for row in rows]
