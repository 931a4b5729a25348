"""Where staff and people sign in, as this deployment is set up.

In      Settings, the deployment's keys, the policy.
Out     A PeopleDesk: the reviewed providers, the key this client proves itself with, lifetimes.
Rule    A national role stands for a role of staff in the policy, for a purpose that role has.
        Production calls https addresses alone.
Errors  ConfigurationError, which names the provider.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from consent.policy import Policy
from consent.terms import CallerKind
from gateway.auth.client_keys import OwnKey
from gateway.auth.providers import (
    Provider,
    Providers,
    RoleRow,
    read_client_keys,
    read_providers,
)
from gateway.auth.sessions import Lifetimes
from gateway.errors import ConfigurationError
from gateway.settings import Settings
from gateway.store.keyring.keys import FileKeyProvider, random_bytes


@dataclass(frozen=True, slots=True)
class PeopleDesk:
    """With whom staff and people sign in, and as which client."""

    providers: Providers
    key: OwnKey
    client_keys: Mapping[str, OwnKey]
    """Of providers that do not take ours."""
    base_url: str
    lifetimes: Lifetimes
    new_secret: Callable[[], str] = field(repr=False)
    transport: httpx.AsyncBaseTransport | None = None
    """How providers are reached, where not over the network."""

    def key_for(self, provider: str) -> OwnKey:
        """What this client proves itself with there."""
        return self.client_keys.get(provider, self.key)

    def callback(self, provider: str) -> str:
        """Where that provider sends the browser back to, and no other does."""
        return f"{self.base_url}/sign-in/callback/{provider}"


def people_desk_of(settings: Settings, keys: FileKeyProvider, policy: Policy) -> PeopleDesk:
    """The desk of these settings. Errors: ConfigurationError."""
    path = settings.providers_file
    providers = read_providers(path) if path else {}
    for provider, _ in providers.values():
        _check(provider, policy, production=settings.production)
    return PeopleDesk(
        providers,
        OwnKey.of(*keys.token_signing_key),
        read_client_keys(path, providers) if path else {},
        settings.base_url,
        Lifetimes(
            idle=timedelta(minutes=settings.session_idle_minutes),
            longest=timedelta(hours=settings.session_hours),
        ),
        lambda: base64.urlsafe_b64encode(random_bytes(32)).decode().rstrip("="),
    )


def _check(provider: Provider, policy: Policy, *, production: bool) -> None:
    if not all(_stands_for_staff(row, policy) for row in provider.role):
        raise ConfigurationError(f"provider {provider.name}: no such role of staff, or purpose")
    if production and not all(address.startswith("https:") for address in provider.endpoints):
        raise ConfigurationError(f"provider {provider.name}: https addresses in production")


def _stands_for_staff(row: RoleRow, policy: Policy) -> bool:
    role = policy.roles.get(row.role)
    return role is not None and role.kind is CallerKind.STAFF and row.purpose in role.purposes
