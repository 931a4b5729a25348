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

from cryptography.hazmat.primitives.asymmetric import ec

from consent.terms import CallerKind, Purpose
from gateway.auth.issuing import Signer
from gateway.auth.tokens import ROLE_KINDS, Issuer
from gateway.errors import ConfigurationError

ISSUER: Final = "https://development.care-gateway.example"
CLIENT: Final = "development"
LONGEST: Final = timedelta(hours=12)


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
        self._signer = Signer(ISSUER, dict([key]), LONGEST)
        self._audience = audience
        self._new_id = new_id

    def issuer(self) -> Issuer:
        """The trust that a TokenVerifier needs to take these tokens."""
        return self._signer.issuer()

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
            "aud": self._audience,
            "sub": user,
            "client_id": CLIENT,
            "jti": self._new_id(),
            "kind": str(kind or kind_of(role)),
            "role": role,
            "purpose": str(purpose),
        }
        return self._signer.sign(claims, at, lifetime)
