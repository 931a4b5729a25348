"""What the log holds of an alert: the access it is about, and what was decided since.

In      A row of an alert that the caller may look at; nothing here asks whether they may.
Out     Entries, and the words that were given; null where their key is gone.
"""

from typing import Any, Final

from gateway.audit.entry import AuditRecord, decode
from gateway.audit.events import Event, Outcome
from gateway.clock import instant, to_micros
from gateway.flows.site.site import Site
from gateway.store.access import alerts
from gateway.store.access.alerts import AlertRow
from gateway.store.audit import audit_opening, audit_reads
from gateway.store.audit.audit_reads import Wanted
from gateway.store.database.engine import Connection
from gateway.store.keyring.keys import KeyUnavailableError

NUMBERLESS: Final = -1
ALERT: Final = "alert"
"""What an entry calls the alert that it raised, or that it is about."""
_STEP: Final = "step"


async def entry_about(conn: Connection, row: AlertRow) -> tuple[int, AuditRecord] | None:
    """The entry that an alert is about, with its number."""
    if row.entry != NUMBERLESS:
        wanted = Wanted(before=row.entry + 1)
        found = await audit_reads.search(conn, wanted, 1)
        return (found[0][0], decode(found[0][1])) if found else None
    moment = Wanted(
        users=(row.user_id,), start=row.raised_at, end=row.raised_at + 1,
        safeguarding=row.kind in alerts.OF_SAFEGUARDING,
    )  # fmt: skip
    for number, stored in await audit_reads.search(conn, moment, 100):
        record = decode(stored)
        if dict(record.entry.detail).get(ALERT) == row.alert_id:
            return number, record
    return None


async def words_of(site: Site, record: AuditRecord) -> str | None:
    """The words that were given; None where their key is gone."""
    async with site.store.engine.reading() as conn:
        try:
            return (await audit_opening.opened(conn, site.store.vault, record)).free_text
        except KeyUnavailableError:
            return None


async def steps_of(site: Site, row: AlertRow, number: int) -> list[dict[str, Any]]:
    """What was decided on the alert about the entry of that number, the oldest first: which step,
    when, by whom, and why."""
    taken = [record for record in await _since(site, row, number) if _is_step(record, row)]
    return [
        {
            "step": dict(one.entry.detail)[_STEP],
            "at": instant(to_micros(one.entry.recorded)),
            "by": one.entry.agent.user_id,
            "organisation": one.entry.agent.org,
            "reason": await words_of(site, one),
        }
        for one in reversed(taken)
    ]


async def _since(site: Site, row: AlertRow, number: int) -> list[AuditRecord]:
    """What desks did since that entry that names the alert, the newest first."""
    of_desk = row.kind in alerts.OF_SAFEGUARDING
    event = Event.SAFEGUARDING if of_desk else Event.REVIEW
    wanted = Wanted(events=(str(event),), after=number, safeguarding=of_desk)
    async with site.store.engine.reading() as conn:
        return [
            decode(stored)
            async for _, stored in audit_reads.every(conn, wanted)
            if row.alert_id.encode() in stored
        ]


def _is_step(record: AuditRecord, row: AlertRow) -> bool:
    said = dict(record.entry.detail)
    about = said.get(ALERT) == row.alert_id and _STEP in said
    return about and record.entry.outcome is Outcome.STORED
