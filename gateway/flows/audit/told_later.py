"""Emergencies that the person is told of later: where they may be coerced, or an enquiry is open.

In      a connection, every name of the person.
Out     those whose alert nobody has settled, by the name that entries resting on them give.
Rule    Whoever opens one says why; the officer who settles its alert decides when it is told.
"""

from gateway.audit.entry import AuditEntry, decode
from gateway.audit.events import Event, Outcome
from gateway.flows.asking.alert_entries import ALERT
from gateway.flows.asking.alerts import DEFERRED, GRANT
from gateway.store.access import alerts
from gateway.store.access.grants import evidence_of
from gateway.store.audit import audit_reads
from gateway.store.audit.audit_reads import Wanted
from gateway.store.database.engine import Connection


async def told_later(conn: Connection, people: tuple[str, ...]) -> frozenset[str]:
    """What nothing that is told may rest on yet."""
    events, outcomes = (str(Event.BREAK_GLASS_OPEN),), (str(Outcome.STORED),)
    wanted = Wanted(people, events=events, outcomes=outcomes)
    found: set[str] = set()
    async for _, record in audit_reads.every(conn, wanted):
        said = dict(decode(record).entry.detail)
        if DEFERRED in said:
            alert = await alerts.find(conn, said[ALERT])
            if alert is not None and alert.status in alerts.UNSETTLED:
                found.add(evidence_of(said[GRANT]))
    return frozenset(found)


def rests_on(entry: AuditEntry, emergencies: frozenset[str]) -> bool:
    """Whether this entry opened one of these, or showed something because of it."""
    opened = evidence_of(dict(entry.detail).get(GRANT, ""))
    return not emergencies.isdisjoint((opened, *entry.evidence.split()))
