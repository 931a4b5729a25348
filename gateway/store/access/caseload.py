"""Rows of evidence: who is on whose caseload, and what permission people gave."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from gateway.store.database.engine import Connection


@dataclass(frozen=True, slots=True)
class Entry:
    """Dated evidence of a relationship. Microseconds UTC, end excluded."""

    patient_id: str
    entry_id: str
    org: str
    user_id: str
    kind: str
    starts: int
    ends: int
    evidence: str
    why: str
    recorded_at: int = 0


@dataclass(frozen=True, slots=True)
class PermissionGiven:
    """The person was asked and agreed. `user_id` is empty for a whole organisation."""

    patient_id: str
    permission_id: str
    org: str
    user_id: str
    starts: int
    ends: int
    asked_how: str
    recorded_by: str
    recorded_at: int


async def insert(conn: Connection, entries: Sequence[Entry]) -> None:
    """Keep evidence of relationships."""
    await conn.executemany(
        "INSERT INTO caseload (patient_id, entry_id, org, user_id, kind, starts, ends, evidence,"
        " why, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        [astuple(entry) for entry in entries],
    )


async def insert_permission(conn: Connection, permission: PermissionGiven) -> None:
    """Keep a permission."""
    await conn.execute(
        "INSERT INTO permission (patient_id, permission_id, org, user_id, starts, ends,"
        " asked_how, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        astuple(permission),
    )
