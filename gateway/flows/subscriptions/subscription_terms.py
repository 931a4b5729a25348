"""Under whose authority a subscription is told, today, and on a deployment's terms.

In      How it stands; which systems are registered.
Out     Its owner as a decision knows callers; nobody where there is none any more.
Rule    One that was altered in the store is nobody's word: it is switched off, and stops no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from consent.terms import Caller, CallerKind
from gateway.auth.clients import Clients, RegisteredClient, granted
from gateway.clock import to_micros
from gateway.flows.subscriptions.subscription_reach import Reach
from gateway.settings import Settings
from gateway.store.database.engine import Connection
from gateway.store.leaving import subscriptions
from gateway.store.leaving.subscriptions import Standing

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a deployment says of subscriptions."""

    reach: Reach
    longest: timedelta
    """So long one lives before it has to be written again."""
    keep: timedelta
    """So long an event waits, and can be asked for again; so long an address may fail."""
    systems: Mapping[str, RegisteredClient]


def terms_of(settings: Settings, clients: Clients) -> Terms:
    """What the settings say, of the systems that are registered."""
    return Terms(
        Reach(settings.subscription_networks, loopback=not settings.production),
        timedelta(days=settings.subscription_days),
        timedelta(days=settings.subscription_keep_days),
        {name: client for name, (client, _) in clients.items()},
    )


def owner_of(row: Standing, terms: Terms, at: datetime) -> Caller | None:
    """Under whose authority it is told: nobody's once it is over; of a registered system no more
    than is registered today, and nobody's where the system is registered no more."""
    if row.ends_at <= to_micros(at):
        return None
    caller = row.caller
    if not row.registered:
        return caller
    client = terms.systems.get(caller.user_id)
    if client is None or not _is_of(client, caller):
        return None
    scopes = granted(row.scopes, client.scopes).split()
    return replace(caller, scopes=frozenset(scopes)) if scopes else None


async def set_aside(name: str, at: datetime, conn: Connection) -> None:
    """Switch one off that does not open: it was altered, and is nobody's word."""
    _log.error("subscription-altered", subscription=name)
    await subscriptions.set_aside(conn, name, to_micros(at))


def is_registered(caller: Caller, terms: Terms) -> bool:
    """Whether this is a system that is registered here, as it signed in."""
    client = terms.systems.get(caller.user_id)
    return client is not None and _is_of(client, caller)


def _is_of(client: RegisteredClient, caller: Caller) -> bool:
    whose = (CallerKind.SYSTEM, client.org, client.purpose)
    return (caller.kind, caller.org, caller.purpose) == whose
