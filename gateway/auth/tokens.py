"""Check an access token and say who is calling.

    parse -> issuer -> signature -> audience and times -> claims -> Caller

In      the token as sent; issuers with pinned keys; the audience; an aware datetime.
Out     consent.terms.Caller. Organisation, role and purpose come from the token alone.
Rule    Exactly one purpose (absent is treatment). Staff and systems have an organisation;
        a patient or proxy has none and names the person; only systems have feeds. The roles
        patient, proxy and provider belong to their kinds. An issuer speaks only for its kinds.
        A token that is bound to a certificate opens nothing without it.
Errors  UnauthenticatedError, one and the same whatever is wrong.
Source  docs/api.md (tokens); RFC 9068; RFC 8725.
Pure    But for a bounded memory of verified tokens: at most 60 s each, never past exp.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from consent.terms import Caller, CallerKind, Purpose
from gateway.auth.certificates import bound_to
from gateway.auth.jose import (
    LONGEST_SKEW,
    Claims,
    TrustedKeys,
    check_audience,
    check_signature,
    check_times,
    parse,
    required_claim,
    text_claim,
)
from gateway.errors import ConfigurationError, UnauthenticatedError

ACCESS_TOKEN: Final = frozenset({"at+jwt"})
LONGEST_CACHED: Final = timedelta(seconds=60)
_LONGEST_SCOPE: Final = 4_096
_MOST_FEEDS: Final = 32
_ORG: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}", re.ASCII)
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
ROLE_KINDS: Final[Mapping[str, CallerKind]] = {
    "patient": CallerKind.PATIENT,
    "proxy": CallerKind.PROXY,
    "provider": CallerKind.SYSTEM,
}
_PERSONAL: Final = frozenset({CallerKind.PATIENT, CallerKind.PROXY})


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens are believed: for which kinds of caller, by which keys, for how long."""

    name: str
    trusted: TrustedKeys
    kinds: frozenset[CallerKind] = frozenset(CallerKind)
    types: frozenset[str] = ACCESS_TOKEN
    longest: timedelta = timedelta(hours=12)
    assurances: Mapping[CallerKind, frozenset[str]] = field(default_factory=dict)


class _Verified(NamedTuple):
    """A token that holds: from when until when that need not be looked at again, whose it is, and
    the certificate it goes with."""

    since: datetime
    until: datetime
    caller: Caller
    bound: str


class TokenVerifier:
    """Verifies access tokens for one audience; new keys or issuers need a new verifier."""

    def __init__(
        self,
        issuers: Iterable[Issuer],
        audience: str,
        skew: timedelta = LONGEST_SKEW,
        capacity: int = 10_000,
    ) -> None:
        self._issuers = {issuer.name: issuer for issuer in issuers}
        self._audience = audience
        self._skew = skew
        self._capacity = capacity
        self._verified: dict[bytes, _Verified] = {}
        if not audience or not timedelta(0) <= skew <= LONGEST_SKEW or capacity < 1:
            raise ConfigurationError("a token verifier needs an audience, and a skew to 60 s")

    def verify(self, token: str, at: datetime, certificate: str = "") -> Caller:
        """The caller this token speaks for at that moment, of a client that proved this certificate
        (empty: none). Errors: UnauthenticatedError."""
        name = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        found = self._verified.get(name)
        if found is None or not found.since <= at < found.until:
            self._verified.pop(name, None)
            found = self._check(token, at)
            while len(self._verified) >= self._capacity:
                del self._verified[next(iter(self._verified))]
            self._verified[name] = found
        if found.bound not in ("", certificate):
            raise UnauthenticatedError
        return found.caller

    def _check(self, token: str, at: datetime) -> _Verified:
        parsed = parse(token)
        issuer = self._issuers.get(text_claim(parsed.claims, "iss"))
        if issuer is None:
            raise UnauthenticatedError
        check_signature(parsed, issuer.trusted, issuer.types)
        check_audience(parsed.claims, self._audience)
        expires = check_times(parsed.claims, at, self._skew, issuer.longest)
        caller = caller_of(parsed.claims)
        enough = issuer.assurances.get(caller.kind)
        if caller.kind not in issuer.kinds or (enough and caller.assurance not in enough):
            raise UnauthenticatedError
        until = min(expires, at + LONGEST_CACHED)
        return _Verified(at, until, caller, bound_to(parsed.claims))


def caller_of(claims: Claims) -> Caller:
    """The caller that verified claims describe; UnauthenticatedError when they do not fit."""
    caller = Caller(
        user_id=required_claim(claims, "sub"),
        kind=_kind(claims),
        role=required_claim(claims, "role"),
        org=text_claim(claims, "org"),
        purpose=_purpose(claims),
        client_id=required_claim(claims, "client_id"),
        scopes=frozenset(text_claim(claims, "scope", _LONGEST_SCOPE).split()),
        feeds=_feeds(claims),
        patient=text_claim(claims, "patient") or None,
        assurance=text_claim(claims, "acr"),
        token_hash=token_hash(required_claim(claims, "iss"), required_claim(claims, "jti")),
    )
    if not _fits_its_kind(caller):
        raise UnauthenticatedError
    return caller


def _fits_its_kind(caller: Caller) -> bool:
    """Whether role, organisation, person and feeds are those of the kind of caller."""
    if not _NAME.fullmatch(caller.role):
        return False
    if caller.kind not in _kinds_of(caller.role):
        return False
    if caller.kind in _PERSONAL:
        return caller.patient is not None and not caller.org and not caller.feeds
    if caller.patient is not None or not _ORG.fullmatch(caller.org):
        return False
    return caller.kind is CallerKind.SYSTEM or not caller.feeds


def _kinds_of(role: str) -> tuple[CallerKind, ...]:
    """The kinds that may have a role; a system may also act in a role of staff's."""
    own = ROLE_KINDS.get(role)
    return (own,) if own else (CallerKind.STAFF, CallerKind.SYSTEM)


def _kind(claims: Claims) -> CallerKind:
    try:
        return CallerKind(required_claim(claims, "kind"))
    except ValueError:
        raise UnauthenticatedError from None


def _purpose(claims: Claims) -> Purpose:
    """The one purpose; a list, or several in a string, is none."""
    try:
        return Purpose(text_claim(claims, "purpose") if "purpose" in claims else "TREAT")
    except ValueError:
        raise UnauthenticatedError from None


def _feeds(claims: Claims) -> frozenset[str]:
    feeds = claims.get("feeds", [])
    if not isinstance(feeds, list) or len(feeds) > _MOST_FEEDS:
        raise UnauthenticatedError
    if not all(isinstance(feed, str) and _NAME.fullmatch(feed) for feed in feeds):
        raise UnauthenticatedError
    return frozenset(feeds)


def token_hash(issuer: str, jti: str) -> str:
    """How the audit log names a token: by issuer and id, in a form that opens nothing."""
    return hashlib.sha256(f"{len(issuer)}:{issuer}:{jti}".encode()).hexdigest()
