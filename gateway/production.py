"""What a deployment that people's care hangs on may not be.

Errors  ConfigurationError, which names settings and never repeats a value.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from gateway.errors import ConfigurationError
from gateway.setting_parts import TrustedIssuer, Witness, says

_DEVELOPMENT_ISSUER: Final = "https://development.care-gateway.example"


class Deployment(Protocol):
    """What is asked of the settings."""

    @property
    def database_url(self) -> str:
        """Where records are kept."""
        ...

    @property
    def base_url(self) -> str:
        """What callers use."""
        ...

    @property
    def trusted_issuers(self) -> Sequence[TrustedIssuer]:
        """Whose tokens are taken."""
        ...

    @property
    def alert_webhook_url(self) -> str:
        """Where notices of alerts go."""
        ...

    @property
    def on_call_number(self) -> str:
        """What every not-found answer names."""
        ...

    @property
    def witnesses(self) -> Sequence[Witness]:
        """Where checkpoints go."""
        ...

    @property
    def key_file(self) -> Path:
        """The keys."""
        ...


def check_production(settings: Deployment) -> None:
    """What a deployment that people's care hangs on may not be. Errors: ConfigurationError."""
    if settings.database_url.startswith("sqlite:"):
        raise ConfigurationError(says("database_url", "PostgreSQL in production"))
    if urlsplit(settings.base_url).scheme != "https":
        raise ConfigurationError(says("base_url", "an https address in production"))
    for trusted in settings.trusted_issuers:
        if urlsplit(trusted.issuer).scheme != "https":
            raise ConfigurationError(says("trusted_issuers", "https addresses in production"))
        if trusted.issuer == _DEVELOPMENT_ISSUER:
            raise ConfigurationError(
                says("trusted_issuers", "without the development issuer in production")
            )
    if not settings.on_call_number.strip():
        raise ConfigurationError(
            says("on_call_number", "the number to ring where a record is not found, in production")
        )
    if settings.alert_webhook_url.startswith("http:"):
        raise ConfigurationError(says("alert_webhook_url", "an https address in production"))
    if any(one.url.startswith("http:") for one in settings.witnesses):
        raise ConfigurationError(says("witnesses", "https addresses in production"))
    if _is_development_key_file(settings.key_file):
        raise ConfigurationError(
            says("key_file", "a file of production keys; this one was made for development")
        )


def _is_development_key_file(path: Path) -> bool:
    """Whether the file says so; one that cannot be read is refused where keys are opened."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("environment") == "development"
