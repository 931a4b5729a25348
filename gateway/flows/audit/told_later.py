"""Emergencies that the person is told of later: where they may be coerced, or an enquiry is open.

In      a connection, every name of the person.
Out     those whose alert nobody has settled, as what rests on them names them.
Rule    Whoever opens one says why; the officer who settles its alert decides when it is told.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

from gateway.audit.entry import AuditEntry, decode
from gateway.audit.events import Event, Outcome
from gateway.flows.asking.alert_entries import ALERT
from gateway.flows.asking.alerts import DEFERRED, GRANT
from gateway.store import alerts, audit_reads
from gateway.store.audit_reads import Wanted
from gateway.store.engine import Connection
from gateway.store.grants import evidence_of

_AT_ONCE: Final = 500


async def told_later(conn: Connection, people: tuple[str, ...]) -> frozenset[str]:
    """What nothing that is told may rest on yet."""
    found: set[str] = set()
    async for entry in _opened(conn, people):
        said = dict(entry.detail)
        if DEFERRED in said:
            alert = await alerts.find(conn, said[ALERT])
            if alert is not None and alert.status in alerts.UNSETTLED:
                found.add(evidence_of(said[GRANT]))
    return frozenset(found)


def rests_on(entry: AuditEntry, emergencies: frozenset[str]) -> bool:
    """Whether this entry opened one of these, or showed something because of it."""
    opened = evidence_of(dict(entry.detail).get(GRANT, ""))
    return not emergencies.isdisjoint((opened, *entry.evidence.split()))


async def _opened(conn: Connection, people: tuple[str, ...]) -> AsyncIterator[AuditEntry]:
    events, outcomes = (str(Event.BREAK_GLASS_OPEN),), (str(Outcome.STORED),)
    wanted = Wanted(people, events=events, outcomes=outcomes)
    while rows := await audit_reads.search(conn, wanted, _AT_ONCE):
        for _, record in rows:
            yield decode(record).entry
        wanted = replace(wanted, before=rows[-1][0])
