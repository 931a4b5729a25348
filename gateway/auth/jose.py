"""Signed tokens: strict parsing, signatures by pinned keys, times.

In      a compact JWS as sent, keys pinned beforehand by issuer or client, the moment.
Out     its claims, once the signature holds under a listed algorithm and a key named by kid.
Rule    Nothing in a token chooses how it is checked: the header may hold alg, kid and typ and
        nothing else, so that jwk, jku, x5u, x5c and crit are refused unread; nothing is ever
        fetched; only asymmetric algorithms can be listed.
Errors  UnauthenticatedError without any detail for every token; ConfigurationError for keys.
Source  RFC 7515, 7519, 8725 (best practices), 9068 (access tokens).
Pure    The moment is an argument.
"""

import base64
import binascii
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn, Self

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from gateway.errors import ConfigurationError, UnauthenticatedError

Key = RSAKey | ECKey | OKPKey
Claims = Mapping[str, Any]

ALGORITHMS: Final[Mapping[str, tuple[str, str]]] = {
    "RS256": ("RSA", ""),
    "RS384": ("RSA", ""),
    "RS512": ("RSA", ""),
    "PS256": ("RSA", ""),
    "PS384": ("RSA", ""),
    "PS512": ("RSA", ""),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "Ed25519": ("OKP", "Ed25519"),
}
LONGEST_SKEW: Final = timedelta(seconds=60)
_LONGEST_TOKEN: Final = 8_192
_LEAST_RSA_BITS: Final = 2_048
_HEADER_MEMBERS: Final = frozenset({"alg", "kid", "typ"})
_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_LATEST_SECONDS: Final = 253_402_300_799  # the last second of the year 9999


@dataclass(frozen=True, slots=True)
class TrustedKeys:
    """Public keys by kid, and the algorithms that may be used with them."""

    algorithms: frozenset[str]
    keys: Mapping[str, Key] = field(repr=False)

    @classmethod
    def of(cls, jwks: Mapping[str, Any], algorithms: Collection[str]) -> Self:
        """The keys of a pinned JWKS; ConfigurationError for what must not be trusted."""
        listed = frozenset(algorithms)
        if not listed or not listed <= ALGORITHMS.keys():
            raise ConfigurationError("an issuer's algorithms must be listed and asymmetric")
        rows = jwks.get("keys")
        if not isinstance(rows, list) or not rows:
            raise ConfigurationError("a JWKS without keys")
        keys = {str(row.get("kid", "")): _public_key(row, listed) for row in rows}
        if "" in keys or len(keys) != len(rows):
            raise ConfigurationError("the keys of a JWKS need ids of their own")
        return cls(listed, keys)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A token taken apart and not yet believed."""

    text: str = field(repr=False)
    header: Claims = field(repr=False)
    claims: Claims = field(repr=False)


def parse(token: str) -> Parsed:
    """The header and claims of a compact JWS, strictly read, not yet believed."""
    parts = token.split(".")
    if len(token) > _LONGEST_TOKEN or len(parts) != 3 or not all(parts):
        raise UnauthenticatedError
    header, claims = _object(parts[0]), _object(parts[1])
    if not header.keys() <= _HEADER_MEMBERS:
        raise UnauthenticatedError
    return Parsed(token, header, claims)


def check_signature(parsed: Parsed, trusted: TrustedKeys, types: Collection[str]) -> None:
    """Errors: UnauthenticatedError unless signed by a trusted key under a listed algorithm."""
    algorithm, kid = parsed.header.get("alg"), parsed.header.get("kid")
    if not isinstance(algorithm, str) or not isinstance(kid, str):
        raise UnauthenticatedError
    key = trusted.keys.get(kid)
    if key is None or algorithm not in trusted.algorithms or not _fits(key, algorithm):
        raise UnauthenticatedError
    if _media_type(parsed.header.get("typ", "")) not in types:
        raise UnauthenticatedError
    try:
        jws.deserialize_compact(parsed.text, key, algorithms=[algorithm])
    except (JoseError, ValueError):
        raise UnauthenticatedError from None


def check_times(claims: Claims, at: datetime, skew: timedelta, longest: timedelta) -> datetime:
    """The moment the token expires; UnauthenticatedError when it is not valid at `at`.

    exp and iat must be there, nbf may be; all are whole seconds. `longest` bounds exp - iat.
    """
    expires, issued = _moment(claims, "exp"), _moment(claims, "iat")
    starts = _moment(claims, "nbf") if "nbf" in claims else issued
    if not issued < expires <= issued + longest:
        raise UnauthenticatedError
    if at >= expires + skew or at < issued - skew or at < starts - skew:
        raise UnauthenticatedError
    return expires


def check_audience(claims: Claims, audience: str) -> None:
    """Errors: UnauthenticatedError unless aud is the audience, or a list that holds it."""
    found = claims.get("aud")
    named = found if isinstance(found, list) else [found]
    if not all(isinstance(name, str) for name in named) or audience not in named:
        raise UnauthenticatedError


def text_claim(claims: Claims, name: str, longest: int = 255) -> str:
    """A claim that must be a printable string; "" when absent."""
    value = claims.get(name, "")
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise UnauthenticatedError
    return value


def required_claim(claims: Claims, name: str) -> str:
    """A claim that must be a printable string and not empty."""
    return text_claim(claims, name) or _refuse()


def _refuse() -> NoReturn:
    raise UnauthenticatedError


def _media_type(value: object) -> str:
    return value.lower().removeprefix("application/") if isinstance(value, str) else _refuse()


def _moment(claims: Claims, name: str) -> datetime:
    seconds = claims.get(name)
    if type(seconds) is not int or not 0 <= seconds <= _LATEST_SECONDS:
        raise UnauthenticatedError
    return datetime.fromtimestamp(seconds, UTC)


def _object(part: str) -> dict[str, Any]:
    """One part of a token as an object, in UTF-8; names used twice, and NaN, are refused."""
    try:
        content = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        text = content.decode("utf-8")  # of bytes json would guess the encoding
        found = json.loads(text, object_pairs_hook=_unique, parse_constant=_constant)
    except (binascii.Error, ValueError, RecursionError):
        raise UnauthenticatedError from None
    return found if isinstance(found, dict) else _refuse()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    return members if len(members) == len(pairs) else _refuse()


def _constant(_name: str) -> NoReturn:
    _refuse()


def _fits(key: Key, algorithm: str) -> bool:
    kind, curve = ALGORITHMS[algorithm]
    if key.key_type != kind:
        return False
    return isinstance(key, RSAKey) or key.curve_name == curve


def _public_key(row: Mapping[str, Any], algorithms: frozenset[str]) -> Key:
    if _PRIVATE_MEMBERS & row.keys():
        raise ConfigurationError("a JWKS holds a private or shared key")
    try:
        key = import_key(dict(row))
    except (JoseError, ValueError, TypeError, KeyError):
        raise ConfigurationError("a key of a JWKS that cannot be read") from None
    if not isinstance(key, Key) or row.get("use", "sig") != "sig":
        raise ConfigurationError("a key of a JWKS that is not for signatures")
    if isinstance(key, RSAKey) and key.public_key.key_size < _LEAST_RSA_BITS:
        raise ConfigurationError("an RSA key of a JWKS is too short")
    if not any(_fits(key, algorithm) for algorithm in algorithms):
        listed = " or ".join(sorted(algorithms))
        raise ConfigurationError(f"a key of a JWKS that cannot be used for {listed}")
    return key
