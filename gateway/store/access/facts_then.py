"""The facts that a decision of the past was made on, as far as they are still held.

In      A connection; what the log's entry says of them: source records, Consents with versions,
        the moment.
Out     The person as they stood, and what is no longer held of it, in words.
Rule    Rows that were recorded later do not count; grants, caseload, permissions and visits keep
        their own dates. A Consent is read in the version that the entry names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.audit.entry import AuditEntry
from gateway.clock import to_micros
from gateway.identity.person_facts import standing
from gateway.store.access import grants
from gateway.store.access.consent_rules import links_of, rules_of
from gateway.store.access.facts import held_from, people_acted_for
from gateway.store.access.held import Held, Whom
from gateway.store.clear import home_visits
from gateway.store.database.engine import Connection, Row, placeholders
from gateway.store.identity import births, person_facts, together
from gateway.store.sealed.row_seal import bound_columns
from gateway.store.sealed.vault import Vault
from gateway.store.site import feed_standing, site_data

_SOURCES: Final = (
    "SELECT '', patient_id, source_org, feed, practice, practice_claim,"
    " CASE WHEN number_counts = 1 THEN nhs_hash ELSE '' END, practices FROM source_record"
    " WHERE patient_id IN ({owners}) ORDER BY patient_id"
)
_CASELOAD: Final = (
    "SELECT '', c.kind, c.org, c.user_id, c.starts, c.ends, c.entry_id FROM caseload c"
    " WHERE c.patient_id IN ({owners}) AND c.recorded_at <= {at}"
    f" AND NOT {together.uncertain_then(together.TEAM, 'c')} ORDER BY c.entry_id"
)
_PERMISSIONS: Final = (
    "SELECT '', q.org, q.user_id, q.starts, q.ends, q.permission_id FROM permission q"
    " WHERE q.patient_id IN ({owners}) AND q.recorded_at <= {at}"
    f" AND NOT {together.uncertain_then(together.PERMISSION, 'q')} ORDER BY q.permission_id"
)
_CONSENT: Final = (
    "SELECT $1, v.patient_id, v.resource_id, v.version, v.sealed,"
    " CASE WHEN v.patient_id NOT IN ({owners})"
    f" OR {together.uncertain_then(together.CONSENT, 'v')} THEN 1 ELSE 0 END,"
    f" {bound_columns('v')}"
    " FROM resource_owner w JOIN resource_version v"
    " ON v.patient_id = w.patient_id AND v.resource_id = w.resource_id"
    " WHERE w.resource_id = $2 AND v.version = $3 ORDER BY v.linking DESC LIMIT 1"
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
    acted_for = bool(people_acted_for(rules))
    if await home_visits.moved(conn, owners, at):
        missing.append("visits as they were planned")
    if await _moved_feeds(conn, at):
        missing.append("how feeds stood")
    held = held_from(
        Whom(entry.person_id, entry.access_epoch),
        sources,
        await _rows(conn, _CASELOAD, owners, at),
        await _rows(conn, _PERMISSIONS, owners, at),
        await _rows(conn, home_visits.OF_RECORDS, owners, at),
        rules,
        await births.of_records(conn, vault, owners) if acted_for else None,
        await links_of(conn, rules),
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
    """Those that the entry names, of records that the person was parted from too."""
    owners = placeholders(len(entry.patient_ids), 5)
    sql = _CONSENT.format(owners=owners, at="$4")
    found: list[Row] = []
    for resource_id, version in entry.consents:
        named = (entry.person_id, resource_id, version, to_micros(entry.recorded))
        found += await conn.fetch(sql, (*named, *entry.patient_ids))
    return found


async def _moved_feeds(conn: Connection, at: int) -> bool:
    rows = await conn.fetch("SELECT COUNT(*) FROM feed_standing WHERE changed_at > $1", (at,))
    return bool(rows[0][0])
