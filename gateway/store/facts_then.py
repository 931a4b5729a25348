"""The facts that a decision of the past was made on, as far as they are still held.

In      A connection; what the log's entry says of them: source records, Consents with versions,
        the moment.
Out     The person as they stood, and what is no longer held of it, in words.
Rule    Rows that were recorded later do not count; grants, caseload and permissions keep their
        own dates. A Consent is read in the version that the entry names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.audit.entry import AuditEntry
from gateway.clock import to_micros
from gateway.identity.person_facts import standing
from gateway.store import births, feed_standing, grants, person_facts, site_data
from gateway.store.consent_rules import links_of, rules_of
from gateway.store.engine import Connection, Row, placeholders
from gateway.store.facts import held_from, people_acted_for
from gateway.store.held import Held, Whom
from gateway.store.vault import Vault

_SOURCES: Final = (
    "SELECT '', patient_id, source_org, feed, practice, practice_claim,"
    " CASE WHEN number_counts = 1 THEN nhs_hash ELSE '' END FROM source_record"
    " WHERE patient_id IN ({owners}) ORDER BY patient_id"
)
_CASELOAD: Final = (
    "SELECT '', kind, org, user_id, starts, ends, entry_id FROM caseload"
    " WHERE patient_id IN ({owners}) AND recorded_at <= {at} ORDER BY entry_id"
)
_PERMISSIONS: Final = (
    "SELECT '', org, user_id, starts, ends, permission_id FROM permission"
    " WHERE patient_id IN ({owners}) AND recorded_at <= {at} ORDER BY permission_id"
)


@dataclass(frozen=True, slots=True)
class Then:
    """A person as they stood, and what of it is no longer held."""

    held: Held
    missing: tuple[str, ...]


async def facts_then(conn: Connection, vault: Vault, entry: AuditEntry) -> Then:
    """The facts of the entry's moment."""
    owners, at = list(entry.patient_ids), to_micros(entry.recorded)
    sources = await _rows(conn, _SOURCES, owners, at)
    missing = [] if len(sources) == len(owners) else ["a source record"]
    consents = await _consents(conn, entry)
    missing += ["a version of a consent"] if len(consents) < len(entry.consents) else []
    rules = await rules_of(conn, vault, consents)
    words = await person_facts.of_records(conn, owners)
    flags = standing(one.said for one in words if one.recorded_at <= at)
    if any(one.recorded_at > at for one in words):
        missing.append("protection, opt-out, death or a review as they were said before")
    acted_for = bool(people_acted_for(consents, rules))
    if await _moved_feeds(conn, at):
        missing.append("how feeds stood")
    held = held_from(
        Whom(entry.person_id, entry.access_epoch),
        sources,
        await _rows(conn, _CASELOAD, owners, at),
        await _rows(conn, _PERMISSIONS, owners, at),
        [(row, rules[row[2]]) for row in consents],
        await births.of_records(conn, vault, owners) if acted_for else None,
        await links_of(conn, consents, rules),
        flags,
        await feed_standing.closed(conn),
        await site_data.switched_off(conn),
        vault.staff,
    )
    return Then(await grants.of_records(conn, held, owners, at), tuple(missing))


async def _rows(conn: Connection, sql: str, owners: Sequence[str], at: int) -> list[Row]:
    text = sql.format(owners=placeholders(len(owners)), at=f"${len(owners) + 1}")
    return await conn.fetch(text, [*owners, at] if "{at}" in sql else list(owners))


async def _consents(conn: Connection, entry: AuditEntry) -> list[Row]:
    found: list[Row] = []
    for resource_id, version in entry.consents:
        found += await conn.fetch(
            "SELECT $1, patient_id, resource_id, version, sealed FROM resource_version"
            " WHERE resource_id = $2 AND version = $3"
            f" AND patient_id IN ({placeholders(len(entry.patient_ids), 4)})"
            " ORDER BY linking DESC LIMIT 1",
            (entry.person_id, resource_id, version, *entry.patient_ids),
        )
    return found


async def _moved_feeds(conn: Connection, at: int) -> bool:
    rows = await conn.fetch("SELECT COUNT(*) FROM feed_standing WHERE changed_at > $1", (at,))
    return bool(rows[0][0])
