"""Every setting of a deployment, in one class; the only module that reads the environment.

In      Variables `GATEWAY_*` (nested names by `__`), the same names in a file `.env`, and one
        file per setting below /run/secrets. The environment wins over `.env`, that over files.
Out     Settings, checked as a whole; `access_settings` for the policy.
Rule    Production refuses SQLite, development keys and addresses that are not https.
Errors  ConfigurationError, which names settings and never repeats a value.
Source  docs/settings.md is printed from this class.
"""

import os
from pathlib import Path
from typing import Any, Final, Self

from pydantic import Field, JsonValue, ValidationError, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict

from consent.policy import AccessSettings, ConsentDefault, PermissionToView
from gateway.errors import ConfigurationError
from gateway.production import check_production
from gateway.setting_parts import PREFIX as PREFIX
from gateway.setting_parts import Environment as Environment
from gateway.setting_parts import KeyService as KeyService
from gateway.setting_parts import Limits as Limits
from gateway.setting_parts import Mllp as Mllp
from gateway.setting_parts import Network as Network
from gateway.setting_parts import Rates as Rates
from gateway.setting_parts import TrustedIssuer as TrustedIssuer
from gateway.setting_parts import Witness as Witness

ENV_FILE: Final = ".env"
SECRETS: Final = Path("/run/secrets")
_NOT_OURS: Final = frozenset({"GATEWAY_IMAGE"})  # read by docker-compose.yml alone
_SECRET: Final[dict[str, JsonValue]] = {"secret": True}


class Settings(BaseSettings):
    """The settings of one deployment."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        secrets_dir=SECRETS if SECRETS.is_dir() else None,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    environment: Environment = Field(
        Environment.DEVELOPMENT,
        description="Production refuses SQLite, development keys and addresses without https",
    )
    database_url: str = Field(
        "sqlite:///care-gateway.db",
        pattern=r"^(sqlite:///.+|postgresql://.+)$",
        repr=False,
        json_schema_extra=_SECRET,
        description="`sqlite:///FILE`, or `postgresql://USER:PASSWORD@HOST:PORT/NAME`",
    )
    key_file: Path = Field(
        Path("keys.json"), description="The file of keys, readable by its owner alone (0600)"
    )
    key_service: KeyService | None = Field(
        None, description="Where data keys are wrapped instead, as JSON (see below)"
    )
    shred_register: Path | None = Field(
        None,
        description="The file that says which records were shredded, kept apart from copies of"
        " the database; empty: beside the key file, its name with `.shredded`",
    )
    base_url: str = Field(
        "", description="The address callers use; empty: `http://HOST:PORT` of the two below"
    )
    host: str = Field("127.0.0.1", description="The address the service listens on")
    port: int = Field(8000, ge=1, le=65535, description="Its port for HTTP")
    audience: str = Field("", description="The `aud` tokens must name; empty: `base_url`")
    trusted_issuers: tuple[TrustedIssuer, ...] = Field(
        (), description="Whose access tokens are taken, as JSON (see below)"
    )
    clients_file: Path | None = Field(
        None,
        description="The provider systems that sign in here, as TOML (see docs/api.md);"
        " empty: none does",
    )
    client_certificates: bool = Field(
        False,
        description="Whether the proxy in front tells in `Client-Cert` (RFC 9440) which certificate"
        " a client proved, and takes out what others say there; `false`: none is believed",
    )
    providers_file: Path | None = Field(
        None,
        description="The OpenID providers that staff and people sign in with, as TOML"
        " (see docs/api.md); empty: nobody does",
    )
    session_idle_minutes: int = Field(
        15, ge=1, le=120, description="After so long without a request a session is over"
    )
    session_hours: int = Field(
        10, ge=1, le=12, description="After so long it is over, however much it is used"
    )
    permission_to_view: PermissionToView = Field(
        PermissionToView.IMPLIED,
        description="`implied`: direct care may see what the policy gives the role;"
        " `recorded`: the person's permission is asked and recorded first",
    )
    consent_default: ConsentDefault = Field(
        ConsentDefault.IMPLIED,
        description="For a person with no consent record: `implied` (for direct care)"
        " or `explicit` (nothing)",
    )
    break_glass_overrides_dissent: bool = Field(
        True, description="Whether an emergency access may pass a dissent; hard stops always hold"
    )
    break_glass_hours: int | None = Field(
        None, ge=1, le=72, description="How long it lasts; empty: as the policy says"
    )
    tell_withheld: bool = Field(
        False, description="Whether who may break the glass is told that it would show them more"
    )
    policy_sign_offs: Path | None = Field(
        None, description="The controllers, and who signed the policy for each (TOML)"
    )
    on_call_number: str = Field(
        "", max_length=40, description="The number every not-found answer names"
    )
    tick_ms: int = Field(
        50,
        ge=0,
        le=1000,
        description="An answer that shows nothing leaves a whole number of so many milliseconds"
        " after its request came: its time tells nothing of what is hidden; 0: at once",
    )
    label_review_days: int = Field(
        14, ge=1, le=365, description="So long an unlabelled item may wait for a decision"
    )
    raw_delivery_days: int = Field(
        30, ge=1, le=3650, description="After so many days the key of a day's deliveries dies"
    )
    audit_retention_years: int | None = Field(
        None,
        ge=30,
        le=200,
        description="After so many years the key dies that seals what was typed into the audit log"
        " about nobody in particular; empty: never. What is about a person lives as long as their"
        " record, entries and proofs for ever",
    )
    sources_file: Path | None = Field(
        None, description="The file of sources that are pulled, and profiles of senders (TOML)"
    )
    outbound_file: Path | None = Field(
        None, description="Which organisations are given files, and where (TOML); empty: none is"
    )
    export_hours: int = Field(
        24, ge=1, le=168, description="After so many hours a bulk export is over"
    )
    exports_at_once: int = Field(
        5, ge=1, le=1000, description="Most bulk exports that one system may have at a time"
    )
    export_files_at_once: int = Field(
        4,
        ge=1,
        le=1000,
        description="Most files of exports or of the log that a process gives one caller at a time",
    )
    witnesses: tuple[Witness, ...] = Field(
        (), description="Who outside keeps the audit log's checkpoints, as JSON (see below)"
    )
    alert_folder: Path | None = Field(
        None, description="Where notices of alerts go, a file each, for privacy officers"
    )
    alert_webhook_url: str = Field(
        "",
        pattern=r"^(https?://[^@\s]+)?$",
        description="Where each notice is posted to as well, signed (Standard Webhooks)",
    )
    alert_webhook_key_file: Path | None = Field(
        None, description="With that: a file with the key it is signed with, in base64"
    )
    subscription_days: int = Field(
        30, ge=1, le=365, description="A subscription lives so long after it was last written"
    )
    subscription_keep_days: int = Field(
        7,
        ge=1,
        le=90,
        description="So long an event waits for a subscription's address, and can be asked for"
        " again; an address that fails for so long is switched off",
    )
    subscription_networks: tuple[Network, ...] = Field(
        (),
        description="Networks beside the public ones that notices may be sent to, as JSON:"
        ' `["10.20.0.0/16"]`',
    )
    staff_file: Path | None = Field(
        None,
        description="Staff as people, as TOML: nobody then reads their own record as staff, and"
        " misuse triage also looks for relatives, neighbours and colleagues; empty: neither",
    )
    limits: Limits = Field(Limits(), description="Limits of one request (see below)")
    rates: Rates = Field(Rates(), description="How often some things may be asked for (see below)")
    mllp: Mllp = Field(Mllp(), description="HL7 v2 over MLLP (see below)")

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as faults:
            raise ConfigurationError(_faulty(faults)) from None
        except ValueError:  # a value that should be JSON and is not; its text quotes the value
            raise ConfigurationError(
                "GATEWAY_TRUSTED_ISSUERS, GATEWAY_LIMITS and GATEWAY_MLLP must be JSON where they"
                " are given"
            ) from None

    @model_validator(mode="before")
    @classmethod
    def _follow(cls, given: Any) -> Any:
        """Addresses that follow from others where nobody gave them."""
        values = dict(given)
        host, port = values.get("host", "127.0.0.1"), values.get("port", 8000)
        values["base_url"] = (values.get("base_url") or f"http://{host}:{port}").rstrip("/")
        values["audience"] = values.get("audience") or values["base_url"]
        return values

    @model_validator(mode="after")
    def _fit_for_production(self) -> Self:
        if self.production:
            check_production(self)
        return self

    @property
    def production(self) -> bool:
        """Whether people's care hangs on this deployment."""
        return self.environment is Environment.PRODUCTION

    @property
    def shredded_file(self) -> Path:
        """The register of shredded records."""
        return self.shred_register or self.key_file.with_name(f"{self.key_file.name}.shredded")


def access_settings(settings: Settings) -> AccessSettings:
    """What the deployment chose of the access policy."""
    return AccessSettings(
        permission=settings.permission_to_view,
        default=settings.consent_default,
        break_glass_overrides_dissent=settings.break_glass_overrides_dissent,
        break_glass_hours=settings.break_glass_hours,
        tell_withheld=settings.tell_withheld,
    )


def is_secret(name: str) -> bool:
    """Whether a setting's value is never shown."""
    extra = Settings.model_fields[name].json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("secret"))


def origin_of(name: str) -> str:
    """Where a setting's value comes from: `environment`, `.env`, `secret file` or `default`."""
    wanted = (PREFIX + name).upper()
    for origin, names in _named().items():
        if any(found == wanted or found.startswith(f"{wanted}__") for found in names):
            return origin
    return "default"


def unknown_names() -> tuple[str, ...]:
    """Variables that look like settings and are none: a misspelt one would change nothing."""
    known = tuple((PREFIX + name).upper() for name in Settings.model_fields)
    nested = tuple(f"{name}__" for name in known)
    named = {name for origin in ("environment", ENV_FILE) for name in _named()[origin]}
    return tuple(
        sorted(
            name
            for name in named - _NOT_OURS
            if name.startswith(PREFIX) and name not in known and not name.startswith(nested)
        )
    )


def _named() -> dict[str, set[str]]:
    files = SECRETS.iterdir() if SECRETS.is_dir() else ()
    return {
        "environment": {name.upper() for name in os.environ},
        ENV_FILE: {name.upper() for name in DotEnvSettingsSource(Settings).env_vars},
        "secret file": {path.name.upper() for path in files},
    }


def _faulty(faults: ValidationError) -> str:
    """Which settings are wrong, and what would be right: nothing of what was given."""
    rows = faults.errors(include_url=False, include_context=False, include_input=False)
    told = [
        f"{PREFIX}{'__'.join(str(part) for part in row['loc']).upper()}: {row['msg']}"
        for row in rows
    ]
    return "; ".join(told)
