"""A member of staff, or a person, signs in with an OpenID provider.

    begin:   attempt, sealed for the browser -> the provider's address
    finish:  attempt of this browser, once -> tokens -> claims -> level -> who -> session, entry

In      The provider's name and a local path; what the provider sends the browser back with.
Out     Addresses, and the cookie of a new session.
Rule    An attempt opens in the browser that began it, once, in any process, within ten minutes.
        Each provider has a way back of its own, so that no code of one is ever sent to another.
        Whatever is wrong, the answer is the same; where only the level is too low it says so.
        The session is new at every sign-in and commits with its entry; the browser's former one
        ends. A refusal is recorded by its stage, within bounds, and names nobody.
Errors  UnauthenticatedError, StepUpError; FaultyRequestError from `begin`.
Source  OpenID Connect Core 1.0; RFC 9700.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from gateway.audit.entry import DEPLOYMENT, Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.auth.jose import Claims, text_claim
from gateway.auth.oidc import LONGEST_MICROS, Attempt, authorization_url
from gateway.auth.providers import Provider
from gateway.auth.sessions import (
    SignedIn,
    caller_of_session,
    check_assurance,
    person_of,
    session_hash,
    staff_of,
)
from gateway.clock import to_micros
from gateway.errors import Fault, FaultyRequestError, StepUpError, UnauthenticatedError
from gateway.flows.asking.record_answer import refuse_unproved
from gateway.flows.sign_in.sign_in_person_desk import PeopleDesk
from gateway.flows.sign_in.sign_in_person_end import end_session, known_of
from gateway.flows.sign_in.sign_in_person_provider import UnreachedError, claims_of
from gateway.store.access import sessions
from gateway.store.access.sessions import Session
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.database.spent import spend
from gateway.store.identity.proved_people import person_proved
from gateway.store.keyring.keys import KeyUnavailableError
from gateway.store.record.reads import is_id
from gateway.store.sealed.sealing import UnsealError
from gateway.store.sealed.staff_book import proxy_by_number

_LOCAL: Final = re.compile(r"/(?![/\\])[!-\[\]-~]{0,511}")


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and what it keeps until it comes back."""

    address: str = field(repr=False)
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Returned:
    """What a browser comes back with: the provider's words, and its own cookies."""

    provider: str
    """To whose way back it came."""
    code: str = field(repr=False)
    state: str = field(repr=False)
    iss: str
    attempt: str = field(repr=False)
    former: str = field(repr=False)
    """The cookie of a session that it has already; empty for none."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was opened: its cookie, and where the browser wanted to go."""

    cookie: str = field(repr=False)
    to: str


class _RefusedError(UnauthenticatedError):
    """Not signed in, at one of the stages of the flow."""

    def __init__(self, stage: str, provider: str = "") -> None:
        super().__init__(stage)
        self.stage = stage
        self.provider = provider


async def begin(
    desk: PeopleDesk,
    store: Store,
    name: str,
    to: str,
    at: datetime,
    *,
    fresh: bool,
    acts_for: str = "",
) -> Begun:
    """Begin an attempt with that provider; to act for another person where one is named."""
    _check_asked(desk, name, to, acts_for)
    secrets = {part: desk.new_secret() for part in ("state", "nonce", "verifier")}
    attempt = Attempt(
        provider=name, to=to, begun=to_micros(at), fresh=fresh, acts_for=acts_for, **secrets
    )
    async with store.engine.reading() as conn:
        keys = await store.vault.keys(conn, [DEPLOYMENT])
    if not keys.by_owner:
        keys = await store.write(lambda conn: store.vault.ensure(conn, [DEPLOYMENT]))
    sealed = base64.urlsafe_b64encode(sessions.seal_attempt(keys, attempt)).decode().rstrip("=")
    address = authorization_url(desk.providers[name][0], attempt, desk.callback(name))
    return Begun(address, sealed)


def _check_asked(desk: PeopleDesk, name: str, to: str, acts_for: str) -> None:
    """Errors: FaultyRequestError."""
    found = desk.providers.get(name)
    acts = found is not None and found[0].kind == "person" and is_id(acts_for)
    wrong = [
        Fault("value", field, text)
        for field, text, holds in (
            ("provider", "one of those listed at /sign-in", found is not None),
            ("to", "a path of this service", bool(_LOCAL.fullmatch(to))),
            ("for", "the id of a Patient, with a provider for people", acts or not acts_for),
        )
        if not holds
    ]
    if wrong:
        raise FaultyRequestError(wrong)


async def finish(
    desk: PeopleDesk, store: Store, returned: Returned, at: datetime, request_id: str
) -> Opened:
    """Open the session that the provider's answer is worth."""
    try:
        with _stage("attempt"):
            attempt = await _taken(store, returned, at)
        with _stage("provider", attempt.provider):
            provider = _answering(desk, attempt, returned)
        with _stage("tokens", attempt.provider):
            claims = await claims_of(desk, attempt, returned.code, at)
        with _stage("assurance", attempt.provider):
            check_assurance(provider, claims, attempt, at)
        with _stage("who", attempt.provider):
            who = await _who(store, provider, claims, attempt.acts_for)
        with _stage("ended", attempt.provider):
            return await _opened(desk, store, returned, attempt, claims, who, at, request_id)
    except _RefusedError as refused:
        detail = (("provider", refused.provider),)
        entry = AuditEntry(
            at, Event.LOGIN, Outcome.REFUSED, Agent("", ""), request_id, (refused.stage,),
            detail=detail,
        )  # fmt: skip
        await refuse_unproved(store, entry)
        if refused.stage == "assurance":
            raise StepUpError from None
        raise


@contextmanager
def _stage(name: str, provider: str = "") -> Iterator[None]:
    try:
        yield
    except UnreachedError:
        raise _RefusedError("provider-unreached", provider) from None
    except (UnauthenticatedError, StepUpError):
        raise _RefusedError(name, provider) from None


async def _taken(store: Store, returned: Returned, at: datetime) -> Attempt:
    """The attempt that this browser began, spent now. Errors: UnauthenticatedError."""
    try:
        padded = returned.attempt + "=" * (-len(returned.attempt) % 4)
        sealed = base64.b64decode(padded, altchars=b"-_", validate=True)
        async with store.engine.reading() as conn:
            keys = await store.vault.keys(conn, [DEPLOYMENT])
        attempt = sessions.open_attempt(keys, sealed)
    except (binascii.Error, ValueError, UnsealError, KeyUnavailableError):
        raise UnauthenticatedError from None
    dies = attempt.begun + LONGEST_MICROS
    same = hmac.compare_digest(attempt.state.encode(), returned.state.encode())
    if not same or to_micros(at) >= dies:
        raise UnauthenticatedError
    spent_id = hashlib.sha256(f"attempt|{attempt.state}".encode()).hexdigest()

    async def first(conn: Connection) -> bool:
        return await spend(conn, spent_id, dies, to_micros(at))

    if not await store.write(first):
        raise UnauthenticatedError
    return attempt


def _answering(desk: PeopleDesk, attempt: Attempt, returned: Returned) -> Provider:
    """The attempt's provider, where the answer is from it. Errors: UnauthenticatedError."""
    found = desk.providers.get(attempt.provider)
    if found is None or not returned.code or returned.provider != attempt.provider:
        raise UnauthenticatedError
    provider = found[0]
    if returned.iss != provider.issuer and (returned.iss or provider.sends_iss):
        raise UnauthenticatedError
    return provider


async def _who(store: Store, provider: Provider, claims: Claims, acts_for: str) -> SignedIn:
    """Who signs in, for whom. Errors: UnauthenticatedError."""
    if provider.kind == "staff":
        return staff_of(provider, claims)
    proved, level = person_of(claims), text_claim(claims, "identity_proofing_level")
    if acts_for:
        user_id = proxy_by_number(store.vault.hasher, proved.nhs_number)
        return SignedIn(user_id=user_id, assurance=level, patient=acts_for, acts=True)
    async with store.engine.reading() as conn:
        person = await person_proved(conn, store.vault.hasher, proved)
    if person is None:
        raise UnauthenticatedError
    user_id = store.vault.hasher.keyed_uuid("signed-in-person", provider.issuer, claims["sub"])
    return SignedIn(user_id=user_id, assurance=level, patient=person)


async def _opened(
    desk: PeopleDesk,
    store: Store,
    returned: Returned,
    attempt: Attempt,
    claims: Claims,
    who: SignedIn,
    at: datetime,
    request_id: str,
) -> Opened:
    """A new session with its entry; the browser's former one ends. Errors: UnauthenticatedError
    where the provider has ended it since the attempt began."""
    provider = desk.providers[attempt.provider][0]
    cookie = desk.new_secret()
    ends = to_micros(at + desk.lifetimes.longest)
    session = Session(session_hash(cookie), provider.name, who, to_micros(at), ends)
    caller = caller_of_session(provider, who, session.hashed)
    if caller is None:
        raise UnauthenticatedError
    agent = replace(Agent.of(caller), session_hash=session.hashed)
    detail = (("provider", provider.name),)
    entry = AuditEntry(at, Event.LOGIN, Outcome.SERVED, agent, request_id, detail=detail)
    hashed = store.vault.hasher.keyed_hash
    subject = hashed("sign-in-subject", provider.issuer, claims["sub"])
    sid = text_claim(claims, "sid")
    known = known_of(store, provider, claims)

    async def opened(conn: Connection) -> None:
        if await sessions.latest_end(conn, known) > attempt.begun + LONGEST_MICROS:
            raise UnauthenticatedError
        if returned.former:
            await end_session(conn, desk, store, returned.former, at, request_id, "new-sign-in")
        await sessions.add(
            conn, store.vault, session, subject,
            hashed("sign-in-sid", provider.issuer, sid) if sid else "",
        )  # fmt: skip
        await append(conn, store.vault, [entry])

    await store.write(opened)
    return Opened(cookie, attempt.to)
