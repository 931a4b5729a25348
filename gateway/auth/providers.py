"""The OpenID providers that staff and people sign in with, as reviewed data.

In      a TOML file: one `[[provider]]` for each, its public keys in a JWKS file beside it.
Out     Provider by name: where it is, what is asked of it, what is enough, and which role of the
        policy a national role has at which organisation.
Rule    Endpoints and keys are pinned: nothing is discovered. A role that is not listed for an
        organisation opens nothing there. Only a person's provider may speak for people.
Errors  ConfigurationError, which names the provider and the field, never a value.
Source  OpenID Connect Core 1.0; NHS CIS2 and NHS login, as integrated by their guides.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from consent.terms import Purpose
from gateway.auth.client_keys import OwnKey, RsaAlgorithm, read_client_key
from gateway.auth.jose import TrustedKeys
from gateway.auth.reviewed import Reviewed, check_apart, pinned_keys, read_tables

_Org = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{0,19}$")]
_Address = Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.:\[\]-]+(/[!-~]*)?$")]
ROLE_CODE: Final = r"^S\d{4}:G\d{4}:R\d{4}$"


class RoleRow(Reviewed):
    """What a national role is here: a role of the policy, at these organisations alone."""

    code: str = Field(pattern=ROLE_CODE)
    orgs: tuple[_Org, ...] = Field(min_length=1)
    role: str = Field(min_length=1)
    purpose: Purpose = Purpose.TREATMENT


class Provider(Reviewed):
    """One OpenID provider, and what is enough of what it says."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    title: str = Field(min_length=1, max_length=100)
    kind: Literal["staff", "person"]
    issuer: str = Field(min_length=1)
    authorization_endpoint: _Address
    token_endpoint: _Address
    userinfo_endpoint: _Address
    jwks_file: Path
    algorithms: tuple[str, ...] = Field(min_length=1)
    client_id: str = Field(min_length=1, max_length=255)
    client_key_file: Path | None = None
    """An RSA private key (PEM) to prove ourselves with, where it takes no ES256."""
    client_key_id: str = Field("", max_length=100)
    """How it knows that key; empty: by its thumbprint."""
    client_algorithm: RsaAlgorithm = "RS512"
    scope: str = Field(pattern=r"^openid( [!-~]+)*$")
    acr_values: str = ""
    """Asked for; what was reached is checked by the two below."""
    acr: tuple[str, ...] = ()
    least_id_assurance: int | None = Field(None, ge=1, le=4)
    proofing: tuple[str, ...] = ("P9",)
    max_age_minutes: int | None = Field(None, ge=1, le=720)
    sends_iss: bool = False
    """Whether its answer always names it (RFC 9207): then one without is refused."""
    parameters: Mapping[str, str] = {}
    """More that its guide wants in the request, such as `vtr`."""
    role: tuple[RoleRow, ...] = ()

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        listed = [(row.code, org) for row in self.role for org in row.orgs]
        if len(set(listed)) < len(listed):
            raise ValueError("a role twice for one organisation")
        if self.kind == "staff" and not (listed and (self.acr or self.least_id_assurance)):
            raise ValueError("staff need roles, and a level of assurance")
        if self.kind == "person" and (listed or not self.proofing):
            raise ValueError("a person has no role rows, and needs a level of proofing")
        if _OURS & self.parameters.keys():
            raise ValueError("parameters that are not its to set")
        return self

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Where it is."""
        return self.authorization_endpoint, self.token_endpoint, self.userinfo_endpoint

    def role_of(self, code: str, org: str) -> RoleRow | None:
        """What a national role is at that organisation, if it is anything here."""
        return next((row for row in self.role if row.code == code and org in row.orgs), None)


_OURS: Final = frozenset(
    {
        "acr_values", "client_id", "code_challenge", "code_challenge_method", "max_age", "nonce",
        "prompt", "redirect_uri", "request", "request_uri", "response_mode", "response_type",
        "scope", "state",
    }
)  # fmt: skip
Providers = Mapping[str, tuple[Provider, TrustedKeys]]


def read_client_keys(path: Path, providers: Providers) -> dict[str, OwnKey]:
    """The keys of their own that providers ask for, by provider. Errors: ConfigurationError."""
    return {
        name: read_client_key(
            path.parent / one.client_key_file,
            f"provider {name}",
            one.client_algorithm,
            one.client_key_id,
        )
        for name, (one, _) in providers.items()
        if one.client_key_file is not None
    }


def read_providers(path: Path) -> Providers:
    """The providers with their pinned keys, by name. Errors: ConfigurationError."""
    found = read_tables(path, "provider", Provider)
    check_apart("provider", "name", [one.name for one in found])
    check_apart("provider", "issuer", [one.issuer for one in found])
    return {
        one.name: (
            one,
            pinned_keys(path.parent / one.jwks_file, f"provider {one.name}", one.algorithms),
        )
        for one in found
    }
