"""Development tokens: any role of the policy, signed with the development key file."""

from datetime import timedelta
from typing import Final, NamedTuple

import typer

from consent.policy import Role
from consent.terms import CallerKind, Purpose
from gateway.cli.opening import read_keys
from gateway.clock import now
from gateway.errors import ConfigurationError
from gateway.main import development_issuer, policy_of
from gateway.settings import Settings
from mappings.registry import FEEDS

DEFAULT_ORG: Final = "H85001"
"""A practice of the demo's borough."""
_LIFETIME: Final = timedelta(hours=12)
_PERSONAL: Final = (CallerKind.PATIENT, CallerKind.PROXY)


class Wanted(NamedTuple):
    """What the token is to say; empty where the role decides."""

    role: str
    user: str
    org: str
    feeds: tuple[str, ...]
    purpose: str
    patient: str


def issued(settings: Settings, wanted: Wanted) -> str:
    """The token. Errors: ConfigurationError in production, typer.BadParameter."""
    if settings.production:
        raise ConfigurationError("development tokens are refused in production")
    role = _role(settings, wanted.role)
    _check_fits(role, wanted)
    issuer = development_issuer(settings, read_keys(settings))
    return issuer.issue(
        role.id,
        user=wanted.user or f"{role.id}-1",
        at=now(),
        org="" if role.kind in _PERSONAL else wanted.org or DEFAULT_ORG,
        feeds=wanted.feeds,
        patient=wanted.patient,
        purpose=_purpose(role, wanted.purpose),
        kind=role.kind,
        lifetime=_LIFETIME,
    )


def _role(settings: Settings, name: str) -> Role:
    roles = policy_of(settings).roles
    if name not in roles:
        raise typer.BadParameter(f"--as: the roles are {', '.join(sorted(roles))}")
    return roles[name]


def _check_fits(role: Role, wanted: Wanted) -> None:
    """Errors: typer.BadParameter where the gateway would refuse the token."""
    if role.kind in _PERSONAL:
        if not wanted.patient or wanted.org:
            raise typer.BadParameter(f"{role.id} needs --patient, and has no --org")
    elif wanted.patient:
        raise typer.BadParameter("--patient is for the roles patient and proxy")
    if wanted.feeds and role.kind is not CallerKind.SYSTEM:
        raise typer.BadParameter("--feed is for the role provider")
    if role.id == "provider" and not (wanted.feeds and wanted.org):
        raise typer.BadParameter("provider needs --org and --feed")
    if unknown := set(wanted.feeds) - FEEDS.keys():
        raise typer.BadParameter(f"--feed: no such feed: {', '.join(sorted(unknown))}")


def _purpose(role: Role, name: str) -> Purpose:
    if not name:
        usual = str(Purpose.TREATMENT)
        return Purpose(usual if usual in role.purposes else min(role.purposes))
    try:
        return Purpose(name)
    except ValueError:
        named = ", ".join(sorted(Purpose))
        raise typer.BadParameter(f"--purpose: one of {named}") from None
