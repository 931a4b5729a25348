"""Client assertions: how a provider system proves itself at the token endpoint.

In      a private_key_jwt as sent, the clients' pinned keys, the token URL, the moment.
Out     an Assertion: which client, and the single-use id that must now be spent.
Rule    iss and sub are both the client id; aud is the token URL; it lives five minutes at most
        (where it does not say since when, it counts as made so long before it ends);
        whoever takes it spends its id, once. A key named by URL in it is refused unread.
Errors  UnauthenticatedError, one and the same whatever is wrong.
Source  SMART App Launch 2.2, Backend Services; RFC 7523.
Pure    The moment is an argument.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.auth.jose import (
    LONGEST_SKEW,
    Claims,
    TrustedKeys,
    check_audience,
    check_signature,
    check_times,
    parse,
    required_claim,
)
from gateway.errors import UnauthenticatedError

ALGORITHMS: Final = ("RS384", "ES384")
LONGEST: Final = timedelta(minutes=5)
_TYPES: Final = frozenset({"jwt", ""})


@dataclass(frozen=True, slots=True)
class Assertion:
    """A client that proved itself; `spent_id` must not be taken again before `until`."""

    client_id: str
    spent_id: str
    until: datetime


def check_assertion(
    assertion: str, clients: Mapping[str, TrustedKeys], token_url: str, at: datetime
) -> Assertion:
    """The client an assertion proves, its jti not yet spent. Errors: UnauthenticatedError."""
    parsed = parse(assertion)
    client_id = required_claim(parsed.claims, "iss")
    trusted = clients.get(client_id)
    if trusted is None or required_claim(parsed.claims, "sub") != client_id:
        raise UnauthenticatedError
    check_signature(parsed, trusted, _TYPES)
    check_audience(parsed.claims, token_url)
    expires = check_times(_with_issued(parsed.claims), at, LONGEST_SKEW, LONGEST)
    jti = required_claim(parsed.claims, "jti")
    spent_id = hashlib.sha256(f"{len(client_id)}:{client_id}:{jti}".encode()).hexdigest()
    return Assertion(client_id, spent_id, expires + LONGEST_SKEW)


def _with_issued(claims: Claims) -> Claims:
    """SMART asks for no iat, and clients leave it out."""
    expires = claims.get("exp")
    if "iat" in claims or type(expires) is not int:
        return claims
    return {**claims, "iat": max(0, expires - int(LONGEST.total_seconds()))}
