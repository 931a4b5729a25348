"""A session ends: signed out here, or by the provider behind the browser's back.

In      The session's cookie; a logout token as the provider sends it.
Out     Nothing is left of the session, and an entry says why.
Rule    A logout token is taken once, and ends what it names of its own provider alone; a sign-in
        that was under way comes to nothing. The entry commits with the end. A token that proves
        nothing is recorded within bounds, without a name.
Errors  UnauthenticatedError.
Source  OpenID Connect Back-Channel Logout 1.0.
"""

import hashlib
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.auth.jose import Claims, text_claim
from gateway.auth.oidc import LONGEST_MICROS, check_logout_token, issuer_of
from gateway.auth.providers import Provider
from gateway.auth.sessions import caller_of_session, session_hash
from gateway.clock import to_micros
from gateway.errors import UnauthenticatedError
from gateway.flows.asking.record_answer import refuse_unproved
from gateway.flows.sign_in.sign_in_person_desk import PeopleDesk
from gateway.store.access import sessions
from gateway.store.access.sessions import Known, Session
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.database.spent import spend

_NOT_PROVED = "logout-token"


async def sign_out(
    desk: PeopleDesk, store: Store, cookie: str, at: datetime, request_id: str
) -> None:
    """End the session of this cookie, where there is one."""

    async def ended(conn: Connection) -> None:
        await end_session(conn, desk, store, cookie, at, request_id, "signed-out")

    await store.write(ended)


async def end_session(
    conn: Connection,
    desk: PeopleDesk,
    store: Store,
    cookie: str,
    at: datetime,
    request_id: str,
    reason: str,
) -> None:
    """End the session of this cookie in a writing, with its entry."""
    ended = await sessions.end(conn, store.vault, session_hash(cookie))
    await append(conn, store.vault, _entries(desk, ended, at, request_id, reason))


async def log_out(desk: PeopleDesk, store: Store, token: str, at: datetime, request_id: str) -> int:
    """End what a logout token names; how many sessions that were."""
    try:
        provider, known, spent_id, until = _named(desk, store, token, at)
    except UnauthenticatedError:
        await refuse_unproved(store, _refused(at, request_id))
        raise

    async def ended(conn: Connection) -> int:
        if not await spend(conn, spent_id, to_micros(until), to_micros(at)):
            return -1
        await sessions.note_end(conn, known, to_micros(at) + LONGEST_MICROS)
        found = await sessions.end_known(conn, store.vault, known)
        entries = _entries(desk, found, at, request_id, "back-channel")
        detail = (("provider", provider.name),)
        nobody = AuditEntry(
            at, Event.LOGOUT, Outcome.NOT_FOUND, Agent("", ""), request_id, ("back-channel",),
            detail=detail,
        )  # fmt: skip
        await append(conn, store.vault, entries or [nobody])
        return len(found)

    count = await store.write(ended)
    if count < 0:
        await refuse_unproved(store, _refused(at, request_id))
        raise UnauthenticatedError
    return count


def _named(
    desk: PeopleDesk, store: Store, token: str, at: datetime
) -> tuple[Provider, Known, str, datetime]:
    """Whose logout token this is, what it names, and the single-use id that must be spent."""
    issuer = issuer_of(token)
    found = [pair for pair in desk.providers.values() if pair[0].issuer == issuer]
    if not found:
        raise UnauthenticatedError
    provider, trusted = found[0]
    claims, until = check_logout_token(provider, trusted, token, at)
    named = f"logout|{len(issuer)}:{issuer}:{claims['jti']}"
    known = known_of(store, provider, claims)
    return provider, known, hashlib.sha256(named.encode()).hexdigest(), until


def known_of(store: Store, provider: Provider, claims: Claims) -> Known:
    """What a token of that provider names."""
    hashes = store.vault.hasher.keyed_hashes
    sub, sid = text_claim(claims, "sub"), text_claim(claims, "sid")
    return Known(
        provider.name,
        hashes("sign-in-subject", provider.issuer, sub) if sub else (),
        hashes("sign-in-sid", provider.issuer, sid) if sid else (),
    )


def _entries(
    desk: PeopleDesk, ended: Collection[Session], at: datetime, request_id: str, reason: str
) -> list[AuditEntry]:
    return [
        AuditEntry(
            at, Event.LOGOUT, Outcome.SERVED, _agent(desk, session), request_id, (reason,),
            detail=(("provider", session.provider),),
        )
        for session in ended
    ]  # fmt: skip


def _agent(desk: PeopleDesk, session: Session) -> Agent:
    """Whose session it was; by user id alone where the provider's data gives no role any more."""
    found = desk.providers.get(session.provider)
    caller = caller_of_session(found[0], session.who, session.hashed) if found else None
    agent = Agent.of(caller) if caller else Agent(session.who.user_id, "", org=session.who.org)
    return replace(agent, session_hash=session.hashed)


def _refused(at: datetime, request_id: str) -> AuditEntry:
    return AuditEntry(at, Event.LOGOUT, Outcome.REFUSED, Agent("", ""), request_id, (_NOT_PROVED,))
