"""A look of the borough's governance is an alert: one lead would else learn who is known to which
organisation, and nobody that they looked.

Rule    Every look is an alert's entry, and the first of a user's day an alert to settle, whatever
        was looked at.
Errors  AuditUnavailableError.
"""

from hashlib import sha256

from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.flows.asking.alerts import Kind, raise_alert
from gateway.flows.site.site import Asking, Site
from gateway.store.database.engine import Connection


async def alert_of_look(site: Site, asking: Asking, query: str) -> None:
    """The entry, with the alert of that user's day."""
    entry = AuditEntry(
        recorded=asking.at,
        event=Event.ALERT,
        outcome=Outcome.SERVED,
        agent=asking.agent,
        request_id=asking.request_id,
        reasons=("borough-wide-view",),
        query=query,
    )
    named = f"{asking.caller.user_id} {asking.at.date()}"
    alert_id = sha256(named.encode()).hexdigest()[:32]

    async def unit(conn: Connection) -> None:
        vault = site.store.vault
        await raise_alert(conn, vault, Kind.BOROUGH_VIEW, entry, alert_id=alert_id)

    await site.store.write(unit)
