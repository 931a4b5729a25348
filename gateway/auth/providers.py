"""The OpenID providers that staff and people sign in with, as reviewed data.

In      a TOML file: one `[[provider]]` for each, its public keys in a JWKS file beside it.
Out     Provider by name: where it is, what is asked of it, what is enough, and which role of the
        policy a national role has at which organisation.
Rule    Endpoints and keys are pinned: nothing is discovered. A role that is not listed for an
        organisation opens nothing there. Only a person's provider may speak for people.
Errors  ConfigurationError, which names the provider and the field, never a value.
Source  OpenID Connect Core 1.0; NHS CIS2 and NHS login, as integrated by their guides.
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from consent.terms import Purpose
from gateway.auth.jose import TrustedKeys
from gateway.errors import ConfigurationError

_Org = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{0,19}$")]
_Address = Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.:\[\]-]+(/[!-~]*)?$")]
ROLE_CODE: Final = r"^S\d{4}:G\d{4}:R\d{4}$"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class RoleRow(_Part):
    """What a national role is here: a role of the policy, at these organisations alone."""

    code: str = Field(pattern=ROLE_CODE)
    orgs: tuple[_Org, ...] = Field(min_length=1)
    role: str = Field(min_length=1)
    purpose: Purpose = Purpose.TREATMENT


class Provider(_Part):
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


def read_providers(path: Path) -> Providers:
    """The providers with their pinned keys, by name. Errors: ConfigurationError."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ConfigurationError("the file of providers cannot be read as TOML") from None
    listed = rows.get("provider")
    if set(rows) != {"provider"} or not isinstance(listed, list):
        raise ConfigurationError("the file of providers holds [[provider]] tables and nothing else")
    found = [_provider(number, row) for number, row in enumerate(listed, 1)]
    for known in ({one.name for one in found}, {one.issuer for one in found}):
        if len(known) < len(found):
            raise ConfigurationError("the file of providers gives one name or issuer twice")
    return {one.name: (one, _keys(path.parent, one)) for one in found}


def _provider(number: int, row: object) -> Provider:
    try:
        return Provider.model_validate(row)
    except ValidationError as faults:
        fields = sorted({".".join(map(str, fault["loc"])) for fault in faults.errors()})
        named = ", ".join(field or "fields that contradict each other" for field in fields)
        raise ConfigurationError(f"provider {number} of the file: {named}") from None


def _keys(folder: Path, provider: Provider) -> TrustedKeys:
    try:
        jwks = json.loads((folder / provider.jwks_file).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        jwks = None
    if not isinstance(jwks, dict):
        raise ConfigurationError(f"provider {provider.name}: its JWKS file cannot be read")
    try:
        return TrustedKeys.of(jwks, provider.algorithms)
    except ConfigurationError as fault:
        raise ConfigurationError(f"provider {provider.name}: {fault}") from None
