"""Sign access tokens with a key of the key file, and publish what verifies them.

In      private keys (P-256) by id, the newest last; the issuer's name, the claims.
Out     a compact JWS of type at+jwt; the JWKS; the Issuer that trusts it.
Rule    A token that the gateway would refuse is not issued. The newest key signs; tokens of the
        earlier ones are believed until they expire.
Errors  ConfigurationError.
Source  RFC 9068; RFC 7517.
Pure    Values in, values out.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey

from gateway.auth.jose import TrustedKeys
from gateway.auth.tokens import Issuer, caller_of
from gateway.errors import ConfigurationError, UnauthenticatedError

ALGORITHM: Final = "ES256"


class Signer:
    """One issuer with its keys."""

    def __init__(
        self, name: str, keys: Mapping[str, ec.EllipticCurvePrivateKey], longest: timedelta
    ) -> None:
        self.name = name
        self.longest = longest
        self._keys = {kid: ECKey.import_key(private) for kid, private in keys.items()}

    def jwks(self) -> dict[str, Any]:
        """The public keys, as others verify with them."""
        told = {"alg": ALGORITHM, "use": "sig"}
        rows = self._keys.items()
        return {"keys": [{**key.as_dict(private=False), "kid": kid, **told} for kid, key in rows]}

    def issuer(self, **narrower: Any) -> Issuer:
        """The trust that a TokenVerifier needs to take these tokens."""
        trusted = TrustedKeys.of(self.jwks(), [ALGORITHM])
        return Issuer(self.name, trusted, longest=self.longest, **narrower)

    def sign(self, claims: Mapping[str, Any], at: datetime, lifetime: timedelta) -> str:
        """A token that says these claims, from `at` for the lifetime."""
        issued = int(at.timestamp())
        whole = {
            **claims,
            "iss": self.name,
            "iat": issued,
            "exp": issued + int(lifetime.total_seconds()),
        }
        try:
            caller_of(whole)
        except UnauthenticatedError:
            raise ConfigurationError("a token that the gateway would refuse") from None
        if not timedelta(seconds=1) <= lifetime <= self.longest:
            raise ConfigurationError("a token that would live too long, or not at all")
        kid, key = next(reversed(self._keys.items()))
        header = {"alg": ALGORITHM, "kid": kid, "typ": "at+jwt"}
        content = orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)
        return jws.serialize_compact(header, content, key, [ALGORITHM])
