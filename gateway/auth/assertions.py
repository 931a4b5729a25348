"""Client assertions: how a provider system proves itself at the token endpoint.

In      a private_key_jwt as sent, the clients' pinned keys, the token URL, the moment.
Out     an Assertion: which client, and the single-use id that must now be spent.
Rule    iss and sub are both the client id; aud is the token URL; it lives five minutes at most;
        its jti is spent once. A key named by URL in the assertion is refused unread.
Errors  UnauthenticatedError, one and the same whatever is wrong.
Source  SMART App Launch 2.2, Backend Services; RFC 7523.
Pure    But for SpentIds, a bounded memory of one process; several processes share a table.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.auth.jose import (
    LONGEST_SKEW,
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
    expires = check_times(parsed.claims, at, LONGEST_SKEW, LONGEST)
    jti = required_claim(parsed.claims, "jti")
    spent_id = hashlib.sha256(f"{len(client_id)}:{client_id}:{jti}".encode()).hexdigest()
    return Assertion(client_id, spent_id, expires + LONGEST_SKEW)


class SpentIds:
    """The assertion ids spent in this process, each until its assertion has expired."""

    def __init__(self, capacity: int = 100_000) -> None:
        self._capacity = capacity
        self._until: dict[str, datetime] = {}

    def spend(self, assertion: Assertion, at: datetime) -> None:
        """Errors: UnauthenticatedError when it was spent before, or no more can be kept."""
        if len(self._until) >= self._capacity:
            self._until = {name: until for name, until in self._until.items() if at < until}
        if assertion.spent_id in self._until or len(self._until) >= self._capacity:
            raise UnauthenticatedError
        self._until[assertion.spent_id] = assertion.until
