"""How often something may be asked for: so many a minute, by one caller or from one address.

In      A kind of asking, who asks, the moment.
Out     The seconds to wait; 0 where it may go on, which is counted then.
Rule    The generic cell rate algorithm: one moment is kept for each who asks, at which all that was
        taken will be over. A minute's worth may come at once; after that, one each time its share
        of the minute went by. What is refused counts nothing, so that waiting helps. Who asks is
        kept under a hash whose key dies with the process. Each kind keeps so many, those that
        asked last: a flood of one kind pushes out nothing of another.
Source  ITU-T I.371, annex A.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Final

from consent.terms import Caller
from gateway.clock import to_micros

_MINUTE: Final = 60_000_000
MOST_KEPT: Final = 10_000
_KEY_BYTES: Final = 32


class Kind(StrEnum):
    """What is limited; the names of the settings."""

    SIGN_IN = "sign_in"
    TOKEN = "token"  # noqa: S105 - the name of a setting
    UNPROVED = "unproved"
    MATCH = "match"
    PEOPLE = "people"


UNLIMITED: Final[Mapping[str, int]] = {kind.value: 0 for kind in Kind}


class Rates:
    """What was taken lately."""

    def __init__(self, a_minute: Mapping[str, int], key: bytes, most_kept: int = MOST_KEPT) -> None:
        """Errors: ValueError where a kind has no rate, or a rate is of no kind."""
        if len(key) != _KEY_BYTES:
            raise ValueError("the key of rates has 32 bytes")
        wrong = sorted(set(a_minute) ^ set(UNLIMITED))
        if wrong:
            raise ValueError(f"rates and their kinds differ: {', '.join(wrong)}")
        self._steps = {kind: _MINUTE / a_minute[kind] for kind in Kind if a_minute[kind]}
        self._over: dict[Kind, dict[bytes, float]] = {kind: {} for kind in Kind}
        self._key = key
        self._most_kept = most_kept

    def wait(self, kind: Kind, who: str, at: datetime) -> int:
        """Seconds until one more may be asked for; 0: now, and it is counted."""
        step = self._steps.get(kind)
        if step is None:
            return 0
        name = blake2b(who.encode(), digest_size=16, key=self._key).digest()
        over, now = self._over[kind], to_micros(at)
        until = max(over.get(name, 0.0), now) + step
        if until - now > _MINUTE:
            return ceil((until - now - _MINUTE) / 1_000_000)
        over.pop(name, None)
        if len(over) >= self._most_kept:
            del over[next(iter(over))]
        over[name] = until
        return 0

    def __len__(self) -> int:
        return sum(len(kept) for kept in self._over.values())


def caller_name(caller: Caller) -> str:
    """A caller, in whichever role: the client and the user together."""
    return "\n".join((str(caller.kind), caller.client_id, caller.user_id))


def network_name(address: str) -> str:
    """An address; of version 6 its network of 64 bits, which is one household or one machine."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(IPv6Address(int(found) >> 64 << 64))
    return str(getattr(found, "ipv4_mapped", None) or found)
