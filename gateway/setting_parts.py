"""The settings that are more than one value: issuers, limits, who may send over MLLP.

Rule    An error names a setting and never repeats a value.
Errors  ValueError from a part that contradicts itself; ConfigurationError from reading a file.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from gateway.errors import ConfigurationError

PREFIX: Final = "GATEWAY_"
_MEGABYTE: Final = 1024 * 1024
_MAIL: Final = r"^([^@\s,;<>]+@[^@\s,;<>]+)?$"
_EVERY_ADDRESS: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - what is refused


def says(name: str, wanted: str) -> str:
    """What a setting must be."""
    return f"{PREFIX}{name.upper()} must be {wanted}"


class Environment(StrEnum):
    """What the deployment is for."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Part(BaseModel):
    """A value of several fields, checked as a whole."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _network(text: str) -> str:
    """A network as CIDR writes it. Errors: ValueError, without what was given."""
    try:
        return str(ip_network(text))
    except ValueError:
        raise ValueError("a network, such as 10.20.0.0/16") from None


Network = Annotated[str, AfterValidator(_network)]


class TrustedIssuer(Part):
    """One issuer whose access tokens are taken, and its pinned public keys."""

    issuer: str = Field(min_length=1, description="The `iss` of its tokens")
    jwks_file: Path | None = Field(None, description="A file with its public keys (JWKS)")
    jwks: dict[str, Any] | None = Field(None, description="The JWKS itself, instead of a file")
    algorithms: tuple[str, ...] = Field(("ES256",), description="Signature algorithms it uses")
    kinds: tuple[Literal["staff", "system", "patient", "proxy"], ...] = Field(
        ("staff", "system"), description="The kinds of caller it may speak for"
    )
    assurances: Mapping[str, tuple[str, ...]] = Field(
        {}, description="For a kind of caller, the values of `acr` that are enough"
    )
    longest_minutes: int = Field(60, ge=1, le=720, description="The longest life of a token")

    @model_validator(mode="after")
    def _one_source_of_keys(self) -> Self:
        if (self.jwks is None) == (self.jwks_file is None):
            raise ValueError("either jwks or jwks_file")
        return self

    def read_jwks(self) -> Mapping[str, Any]:
        """The pinned keys. Errors: ConfigurationError."""
        if self.jwks_file is None:
            return self.jwks or {}
        try:
            found = json.loads(self.jwks_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise ConfigurationError(says("trusted_issuers", "a JWKS file")) from None
        if not isinstance(found, dict):
            raise ConfigurationError(says("trusted_issuers", "a JWKS file"))
        return found


class Limits(Part):
    """How much one request may ask for; above it the answer is 413 or 400."""

    fhir_body_bytes: int = Field(5 * _MEGABYTE, ge=1024, description="Largest FHIR body")
    bundle_entries: int = Field(1_000, ge=1, description="Most entries of a batch or transaction")
    feed_body_bytes: int = Field(
        64 * _MEGABYTE, ge=1024, description="Largest delivery to a feed, as sent"
    )
    feed_unpacked_bytes: int = Field(
        256 * _MEGABYTE, ge=1024, description="Largest delivery once its archive is unpacked"
    )


class Rates(Part):
    """How often what could be used to guess or to flood may be asked for; above it the answer is
    429 with `Retry-After`. 0: without a limit. Each process counts for itself, in memory."""

    sign_in: int = Field(
        300, ge=0, description="Steps of signing in, from one network address in a minute"
    )
    token: int = Field(
        120, ge=0, description="Access tokens for systems: by one system, from one address"
    )
    unproved: int = Field(
        300, ge=0, description="Requests without a valid token, from one network address"
    )
    match: int = Field(60, ge=0, description="`Patient/$match`, by one caller in a minute")
    people: int = Field(
        240, ge=0, description="Searches that name somebody, as by number or name; by one caller"
    )


class KeyService(Part):
    """The transit engine of HashiCorp Vault or OpenBao, which wraps data keys in place of the key
    file; what the file wrapped is still opened by it. The other keys stay in the file."""

    url: str = Field(pattern=r"^https?://[^@\s]+$", description="Its address, without `/v1`")
    key: str = Field(
        pattern=r"^[A-Za-z0-9_-]{1,64}$", description="The key's name there; `aes256-gcm96`"
    )
    token_file: Path = Field(description="A file with the token, as an agent keeps it renewed")
    mount: str = Field(
        "transit", pattern=r"^[A-Za-z0-9_/-]{1,64}$", description="Where the engine is mounted"
    )
    namespace: str = Field("", description="Its namespace, where it has them")
    authority_file: Path | None = Field(
        None, description="Who signs its certificate (PEM); empty: whom this system trusts"
    )


class MllpSource(Part):
    """One provider system that sends over MLLP, and what stands in for its token."""

    system: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="Its name in the audit log"
    )
    org: str = Field(
        pattern=r"^[A-Z0-9][A-Z0-9-]{0,19}$",
        description="ODS code of the organisation whose records it sends",
    )
    feed: str = Field("hospital", description="The feed it sends to: one that takes HL7 v2")
    subject: str = Field(
        "", description="With TLS: the subject of its certificate (RFC 4514), such as `CN=a,C=GB`"
    )
    answers: Literal["asked", "original", "commit"] = Field(
        "asked",
        description="`asked`: as MSH-15 and MSH-16 say; whatever they say: `original`, one AA,"
        " AE or AR, or `commit`, one CA, CE or CR",
    )


class MllpListener(Part):
    """One address that HL7 v2 is taken at over MLLP, and from whom."""

    host: str = Field(description="The address to listen on; without TLS it must be one address")
    port: int = Field(2575, ge=0, le=65535, description="Its port")
    certificate_file: Path | None = Field(None, description="With TLS: our certificate (PEM)")
    private_key_file: Path | None = Field(None, description="With TLS: its private key (PEM)")
    client_authority_file: Path | None = Field(
        None, description="With TLS: who signs the certificates of the sources (PEM)"
    )
    sources: tuple[MllpSource, ...] = Field(
        min_length=1, description="Who may send; without TLS one, with TLS one for each subject"
    )

    @property
    def tls(self) -> bool:
        """Whether callers show who they are by a certificate."""
        return self.certificate_file is not None

    @model_validator(mode="after")
    def _known_by_certificate_or_address(self) -> Self:
        files = (self.certificate_file, self.private_key_file, self.client_authority_file)
        if len({file is None for file in files}) > 1:
            raise ValueError("certificate_file, private_key_file, client_authority_file: all")
        subjects = [source.subject for source in self.sources]
        if self.tls and (not all(subjects) or len(set(subjects)) < len(subjects)):
            raise ValueError("with TLS each source has a subject of its own")
        if not self.tls and (subjects != [""] or self.host in _EVERY_ADDRESS):
            raise ValueError("without TLS one source, no subject, and an address of its own")
        return self


class Mllp(Part):
    """HL7 v2 over MLLP: where, from whom, and how much of it."""

    listeners: tuple[MllpListener, ...] = Field(
        (), description="Where it is taken and from whom, as JSON (see below); empty: nowhere"
    )
    message_bytes: int = Field(
        16 * _MEGABYTE, ge=1024, description="Largest message or batch; larger is answered AR"
    )
    message_seconds: float = Field(
        60, gt=0, description="How long one message may take to arrive, or an answer to leave"
    )
    idle_seconds: float = Field(
        3600, gt=0, description="After so long without a message a connection is closed"
    )
    connections: int = Field(64, ge=1, description="Most connections to one listener at a time")


class Witness(Part):
    """Somebody outside who is given every checkpoint of the log, to keep."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="Its name in `/status`")
    folder: Path | None = Field(
        None, description="A folder that its owner takes files from: one for each checkpoint"
    )
    url: str = Field(
        "", pattern=r"^(https?://\S+)?$", description="Or an address that each is sent to by POST"
    )
    mail_to: str = Field("", pattern=_MAIL, description="Or an address that it is mailed to")
    mail_from: str = Field("", pattern=_MAIL, description="With `mail_to`: who it is from")
    mail_server: str = Field(
        "",
        pattern=r"^(smtps?://[^@/\s]+)?$",
        description="With `mail_to`: such as `smtp://mail.example:587`, which is asked for TLS, or"
        " `smtps://`",
    )
    mail_user: str = Field("", description="With `mail_to`: who signs in there, if anybody does")
    token_file: Path | None = Field(
        None, description="A file with the bearer token of `url`, or the password of `mail_user`"
    )
    every_minutes: int = Field(
        0,
        ge=0,
        le=1440,
        description="At most one in so many minutes; 0: each (by mail: one an hour)",
    )

    @property
    def pause(self) -> timedelta:
        """Between two that it takes."""
        return timedelta(minutes=self.every_minutes or (60 if self.mail_to else 0))

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.folder is not None, bool(self.url), bool(self.mail_to))
        mailed = bool(self.mail_from and self.mail_server)
        if sum(ways) != 1 or mailed != bool(self.mail_to):
            raise ValueError("one of folder, url, and mail_to with mail_from and mail_server")
        needed = bool(self.url) or bool(self.mail_user)
        if (self.token_file is not None and not needed) or (self.mail_user and not self.token_file):
            raise ValueError("token_file goes with url, or with mail_user")
        return self


class StaffMember(Part):
    """One user as a person: nobody reads their own record as staff, and misuse triage knows kin,
    neighbours and colleagues."""

    user_id: str = Field(min_length=1, description="As tokens name the user")
    org: str = Field(description="ODS code of the organisation they work for")
    family_name: str = Field("", repr=False, description="Family name")
    postcode: str = Field("", repr=False, description="Postcode of the home, or its first half")
    house: str = Field("", repr=False, description="First line of the home's address")
    nhs_number: str = Field("", repr=False, description="Own NHS number")
    kin: tuple[str, ...] = Field((), repr=False, description="NHS numbers of next of kin")


class StaffFile(Part):
    """Staff as people: a file apart, switched on by naming it."""

    staff: tuple[StaffMember, ...] = ()

    @property
    def numbers(self) -> Iterator[tuple[str, str]]:
        """Each NHS number that is stated, with the user whose own it is."""
        return ((one.nhs_number, one.user_id) for one in self.staff if one.nhs_number)

    @classmethod
    def read(cls, path: Path | None) -> Self:
        """The file's staff; nobody without a file. Errors: ConfigurationError."""
        if path is None:
            return cls()
        try:
            return cls(**tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            raise ConfigurationError(says("staff_file", "a TOML file of [[staff]]")) from None
