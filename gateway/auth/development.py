"""Development tokens: an issuer for demos and tests, never for production.

In      an ES256 key of the key file, the role and the rest of what a token says, the moment.
Out     a signed access token that TokenVerifier takes, and the Issuer that trusts it.
Rule    Refused in production. A token that would be refused is not issued.
Errors  ConfigurationError.
Source  docs/api.md (tokens).
Pure    The moment and the source of token ids are arguments.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey

from consent.terms import CallerKind, Purpose
from gateway.auth.jose import TrustedKeys
from gateway.auth.tokens import ROLE_KINDS, Issuer, caller_of
from gateway.errors import ConfigurationError, UnauthenticatedError

ISSUER: Final = "https://development.care-gateway.example"
CLIENT: Final = "development"
LONGEST: Final = timedelta(hours=12)
_ALGORITHM: Final = "ES256"


def kind_of(role: str) -> CallerKind:
    """The kind of caller that has this role."""
    return ROLE_KINDS.get(role, CallerKind.STAFF)


class DevelopmentIssuer:
    """Issues access tokens for one audience with a key of the key file."""

    def __init__(
        self,
        key: tuple[str, ec.EllipticCurvePrivateKey],
        audience: str,
        new_id: Callable[[], str],
        *,
        production: bool,
    ) -> None:
        if production:
            raise ConfigurationError("development tokens are refused in production")
        self._kid, private = key
        self._key = ECKey.import_key(private)
        self._audience = audience
        self._new_id = new_id

    def issuer(self) -> Issuer:
        """The trust that a TokenVerifier needs to take these tokens."""
        public: dict[str, Any] = {**self._key.as_dict(private=False), "kid": self._kid}
        return Issuer(ISSUER, TrustedKeys.of({"keys": [public]}, [_ALGORITHM]), longest=LONGEST)

    def issue(
        self,
        role: str,
        *,
        user: str,
        at: datetime,
        org: str = "",
        feeds: Collection[str] = (),
        patient: str = "",
        purpose: Purpose = Purpose.TREATMENT,
        kind: CallerKind | None = None,
        scope: str = "",
        assurance: str = "",
        lifetime: timedelta = timedelta(hours=1),
    ) -> str:
        """A signed token that says so, valid from `at` for the lifetime."""
        optional = {"org": org, "patient": patient, "scope": scope, "acr": assurance}
        claims: dict[str, Any] = {name: value for name, value in optional.items() if value}
        claims |= {"feeds": sorted(feeds)} if feeds else {}
        claims |= {
            "iss": ISSUER,
            "aud": self._audience,
            "sub": user,
            "client_id": CLIENT,
            "jti": self._new_id(),
            "iat": int(at.timestamp()),
            "exp": int((at + lifetime).timestamp()),
            "kind": str(kind or kind_of(role)),
            "role": role,
            "purpose": str(purpose),
        }
        return self._signed(claims, lifetime)

    def _signed(self, claims: dict[str, Any], lifetime: timedelta) -> str:
        try:
            caller_of(claims)
        except UnauthenticatedError:
            raise ConfigurationError("a token that the gateway would refuse") from None
        if not timedelta(seconds=1) <= lifetime <= LONGEST:
            raise ConfigurationError("a development token lives from a second to 12 hours")
        header = {"alg": _ALGORITHM, "kid": self._kid, "typ": "at+jwt"}
        return jws.serialize_compact(header, _to_json(claims), self._key, [_ALGORITHM])


def _to_json(claims: dict[str, Any]) -> bytes:
    return orjson.dumps(claims, option=orjson.OPT_SORT_KEYS)
