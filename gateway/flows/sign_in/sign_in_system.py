"""A provider system proves itself and is given an access token.

    assertion -> client -> certificate -> scopes -> assertion spent, entry -> token

In      The assertion and the scopes asked for, as sent; the certificate that was proved.
Out     A token of five minutes that says what the client is registered for, and its scopes; bound
        to the certificate where one is registered.
Rule    An assertion opens once, in any process. The entry commits with it, before the token leaves.
        Whatever is wrong with an assertion, the answer is the same, and it is recorded within
        bounds.
Errors  UnauthenticatedError; ThrottledError; FaultyRequestError where no scope that was asked for
        is registered.
Source  SMART App Launch 2.2, Backend Services; RFC 7523; RFC 8705, section 3.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from consent.policy import Policy
from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.auth.assertions import Assertion, check_assertion
from gateway.auth.certificates import CONFIRMATION, METHOD
from gateway.auth.clients import ROLE, Clients, RegisteredClient, granted, read_clients
from gateway.auth.issuing import Signer
from gateway.auth.rates import Kind, Rates
from gateway.auth.tokens import token_hash
from gateway.clock import to_micros
from gateway.errors import (
    ConfigurationError,
    Fault,
    FaultyRequestError,
    ThrottledError,
    UnauthenticatedError,
)
from gateway.flows.asking.record_answer import refuse_unproved
from gateway.flows.export.export_entitled import check_exports_as
from gateway.settings import Settings
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.database.spent import spend
from mappings.registry import FEEDS

LIFETIME: Final = timedelta(minutes=5)
_NOT_PROVED: Final = "assertion"
_NO_SCOPE: Final = "scope"
_TOO_OFTEN: Final = "rate"


@dataclass(frozen=True, slots=True)
class SignIn:
    """The token endpoint of one deployment: who may ask, who signs, for which audience."""

    clients: Clients
    signer: Signer
    audience: str
    token_url: str
    new_id: Callable[[], str]
    rates: Rates


@dataclass(frozen=True, slots=True)
class Granted:
    """A token, how long it lives, and the scopes it was given."""

    token: str
    seconds: int
    scope: str


def clients_of(settings: Settings, policy: Policy) -> Clients:
    """The systems that are registered. Errors: ConfigurationError, also where one may not be what
    it is registered as."""
    clients = read_clients(settings.clients_file) if settings.clients_file else {}
    purposes = policy.roles[ROLE].purposes
    for client, _ in clients.values():
        if client.purpose not in purposes:
            listed = ", ".join(sorted(purposes))
            raise ConfigurationError(f"client {client.id}: purpose takes one of {listed}")
        if set(client.feeds) - FEEDS.keys():
            listed = ", ".join(FEEDS)
            raise ConfigurationError(f"client {client.id}: feeds takes some of {listed}")
        if client.certificates and not settings.client_certificates:
            raise ConfigurationError(f"client {client.id}: GATEWAY_CLIENT_CERTIFICATES is not set")
        check_exports_as(client, policy)
    return clients


async def sign_in(
    desk: SignIn,
    store: Store,
    assertion: str,
    certificate: str,
    asked: str,
    at: datetime,
    request_id: str,
) -> Granted:
    """The token that the assertion is worth."""
    entry = partial(_entry, desk.signer.name, at, request_id)
    try:
        client, proved = _proved(desk, assertion, certificate, at)
    except UnauthenticatedError:
        await refuse_unproved(store, entry(None, Outcome.REFUSED, _NOT_PROVED))
        raise
    wait = desk.rates.wait(Kind.TOKEN, f"client\n{client.id}", at)
    if wait:
        await refuse_unproved(store, entry(client, Outcome.REFUSED, _TOO_OFTEN))
        raise ThrottledError(wait)
    scope = granted(asked, client.scopes)
    if not scope:
        await refuse_unproved(store, entry(client, Outcome.REFUSED, _NO_SCOPE))
        raise FaultyRequestError([Fault("value", "scope", "no scope that is registered")])
    jti = desk.new_id()

    async def taken(conn: Connection) -> bool:
        first = await spend(conn, proved.spent_id, to_micros(proved.until), to_micros(at))
        if first:
            await append(conn, store.vault, [entry(client, Outcome.SERVED, jti=jti)])
        return first

    if not await store.write(taken):
        await refuse_unproved(store, entry(client, Outcome.REFUSED, _NOT_PROVED))
        raise UnauthenticatedError
    seconds = int(LIFETIME.total_seconds())
    bound = {CONFIRMATION: {METHOD: certificate}} if client.certificates else {}
    return Granted(_token(desk, client, scope, jti, at, bound), seconds, scope)


def _proved(
    desk: SignIn, assertion: str, certificate: str, at: datetime
) -> tuple[RegisteredClient, Assertion]:
    """The system, by its key and where it is registered with one by its certificate. Errors:
    UnauthenticatedError."""
    keys = {name: trusted for name, (_, trusted) in desk.clients.items()}
    proved = check_assertion(assertion, keys, desk.token_url, at)
    client = desk.clients[proved.client_id][0]
    if client.certificates and certificate not in client.certificates:
        raise UnauthenticatedError
    return client, proved


def _entry(
    issuer: str,
    at: datetime,
    request_id: str,
    client: RegisteredClient | None,
    outcome: Outcome,
    reason: str = "",
    jti: str = "",
) -> AuditEntry:
    return AuditEntry(
        recorded=at,
        event=Event.LOGIN,
        outcome=outcome,
        agent=_agent(client, issuer, jti),
        request_id=request_id,
        reasons=(reason,) if reason else (),
    )


def _token(
    desk: SignIn,
    client: RegisteredClient,
    scope: str,
    jti: str,
    at: datetime,
    bound: Mapping[str, object],
) -> str:
    claims = {
        **bound,
        "aud": desk.audience,
        "sub": client.id,
        "client_id": client.id,
        "jti": jti,
        "kind": "system",
        "org": client.org,
        "role": ROLE,
        "purpose": str(client.purpose),
        "feeds": sorted(client.feeds),
        "scope": scope,
    }
    return desk.signer.sign(claims, at, LIFETIME)


def _agent(client: RegisteredClient | None, issuer: str, jti: str) -> Agent:
    """The system as the log names it; one that did not prove itself has no name there."""
    if client is None:
        return Agent(user_id="", kind="system")
    return Agent(
        user_id=client.id,
        kind="system",
        role=ROLE,
        org=client.org,
        client_id=client.id,
        purpose=str(client.purpose),
        token_hash=token_hash(issuer, jti) if jti else "",
    )
