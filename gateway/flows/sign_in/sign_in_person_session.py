"""Whose request this is, by the cookie of a session.

In      A cookie as sent, the moment.
Out     The Caller, while the session lives.
Rule    Looked up at every request, so that a session that was ended is dead at once. It lives
        while it is used, and never beyond its end; its use is noted once a minute. What the
        provider's reviewed data says of the role now is what holds.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from consent.terms import Caller
from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.auth.sessions import caller_of_session, session_hash
from gateway.clock import to_micros
from gateway.flows.sign_in.sign_in_person_desk import PeopleDesk
from gateway.store.access import sessions
from gateway.store.commit.units import Store
from gateway.store.database.engine import BusyError
from gateway.store.keyring.keys import KeyUnavailableError
from gateway.store.sealed.sealing import UnsealError

_NOTED: Final = timedelta(minutes=1)


async def session_caller(
    desk: PeopleDesk, store: Store, cookie: str, at: datetime
) -> Caller | None:
    """The caller whose session this is; None for any that is none, or not any more."""
    now, idle = to_micros(at), int(desk.lifetimes.idle.total_seconds()) * 1_000_000
    try:
        async with store.engine.reading() as conn:
            session = await sessions.find(conn, store.vault, session_hash(cookie))
    except (UnsealError, KeyUnavailableError):
        return None
    if session is None or now >= min(session.expires_at, session.seen_at + idle):
        return None
    found = desk.providers.get(session.provider)
    caller = caller_of_session(found[0], session.who, session.hashed) if found else None
    if caller is not None and now - session.seen_at >= _NOTED.total_seconds() * 1_000_000:
        with suppress(BusyError):  # then it is noted at the next request
            await store.write(lambda conn: sessions.see(conn, session.hashed, now))
    return caller


async def refuse_foreign(store: Store, caller: Caller, at: datetime, request_id: str) -> None:
    """Record that another site tried to act in this caller's session."""
    await store.log.append(
        AuditEntry(
            at, Event.OPERATION, Outcome.REFUSED, Agent.of(caller), request_id, ("other-site",)
        )
    )
