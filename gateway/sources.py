"""Who sends, and how: the reviewed data of a deployment's sources, in one TOML file.

In      The file of GATEWAY_SOURCES_FILE: `[[source]]` for each source that is pulled, and
        `[[hospital]]` for what is peculiar to a sender of HL7 v2.
Out     Sources, checked as a whole.
Rule    A provider is connected by a row here and its credentials, not by code. Each row says who
        looked at it. Addresses come from here alone: nothing that is sent names one.
Errors  ConfigurationError, which names the row and the field and never repeats a value.
"""

import codecs
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, model_validator

from gateway.errors import ConfigurationError
from gateway.setting_parts import PREFIX, Part

_NAME: Final = r"^[a-z0-9][a-z0-9-]{0,39}$"
_ODS: Final = r"^[A-Z0-9][A-Z0-9-]{0,19}$"
_TIME: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_ASID: Final = r"^[0-9]{10,14}$"
_SEGMENT: Final = r"^Z[A-Z0-9]{2}$"
_SEGMENT_OR_NONE: Final = r"^(Z[A-Z0-9]{2})?$"
AppointmentState = Literal[
    "Booked", "Overbook", "Blocked", "Pending", "Waitlist", "Started", "Complete",
    "Cancelled", "Dc", "Deleted", "Noshow",
]  # fmt: skip
"""HL7 table 0278."""
_OURS: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class Pulled(Part):
    """What every source that is pulled has."""

    name: str = Field(pattern=_NAME, description="Its name here, in state and in the audit log")
    reviewed: str = Field(min_length=1, description="Who looked at this row, and when")
    feed: str = Field(min_length=1, description="The feed that what it holds is pushed to")
    org: str = Field(
        pattern=_ODS, description="ODS code of the organisation whose records it holds"
    )
    every_minutes: int | None = Field(None, ge=1, le=7 * 24 * 60, description="Run so often")
    daily_at: str | None = Field(None, pattern=_TIME, description="Or once a day, London time")

    @model_validator(mode="after")
    def _one_schedule(self) -> Self:
        if (self.every_minutes is None) == (self.daily_at is None):
            raise ValueError("either every_minutes or daily_at")
        return self


class FolderSource(Pulled):
    """A folder that files land in, by SFTP or otherwise."""

    kind: Literal["folder"]
    folder: Path = Field(
        description="The folder; what was looked at goes to `taken`, `refused` in it"
    )
    ready: Literal["settled", "done"] = Field(
        "settled",
        description="`settled`: a file is whole when it has not changed for `settle_seconds`;"
        " `done`: when a file of its name and `.done` stands beside it",
    )
    settle_seconds: int = Field(30, ge=1, le=86_400, description="For `settled`")
    keep_days: int = Field(30, ge=0, le=366, description="How long `taken` and `refused` are kept")


class Practitioner(Part):
    """The person answerable for what is asked for; no name of a group or a system."""

    user_id: str = Field(pattern=r"^\S{1,64}$", description="Their SDS user id")
    role_profile_id: str = Field(pattern=r"^\S{1,64}$", description="Their SDS role profile id")
    family: str = Field(min_length=1)
    given: str = Field(min_length=1)


class GpConnectSource(Pulled):
    """A practice that is asked for the structured record of each person registered with it."""

    kind: Literal["gp-connect"]
    base_url: str = Field(description="The practice's FHIR address, by way of the Spine proxy")
    from_asid: str = Field(pattern=_ASID, description="Our system (Ssp-From)")
    to_asid: str = Field(pattern=_ASID, description="The practice's system (Ssp-To)")
    consumer_org: str = Field(pattern=_ODS, description="ODS code of who asks")
    consumer_name: str = Field(min_length=1, description="Its name")
    consumer_url: str = Field(min_length=1, description="Our system's address, as issuer")
    practitioner: Practitioner = Field(description="Who is answerable: user_id, family, ...")
    certificate_file: Path | None = Field(None, description="Our TLS certificate (PEM)")
    private_key_file: Path | None = Field(None, description="Its private key (PEM)")
    authority_file: Path | None = Field(None, description="Who signs the proxy's certificate (PEM)")
    refresh_hours: int = Field(24, ge=1, le=24 * 31, description="Ask again for one person after")
    most_people: int = Field(500, ge=1, le=20_000, description="At most so many in one run")
    timeout_seconds: float = Field(60, gt=0, le=600, description="For one answer")

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if (self.certificate_file is None) != (self.private_key_file is None):
            raise ValueError("certificate_file and private_key_file: both or none")
        try:
            parts = urlsplit(self.base_url)
            whole = parts.hostname and parts.port != 0
        except ValueError:  # its text has what it could not take apart
            raise ValueError("base_url: an address") from None
        if parts.query or parts.fragment or parts.username or not whole:
            raise ValueError("base_url: an address without user, query or fragment")
        if parts.scheme != "https" and not (parts.scheme == "http" and self.is_local):
            raise ValueError("base_url: https")
        return self

    @property
    def is_local(self) -> bool:
        """Whether the practice is played by this machine."""
        return urlsplit(self.base_url).hostname in _OURS


class HospitalProfile(Part):
    """How one sender of HL7 v2 departs from what is done for everybody."""

    name: str = Field(min_length=1, description="The sender, or the product wherever it stands")
    reviewed: str = Field(min_length=1, description="Who looked at which messages, and when")
    applications: tuple[str, ...] = Field((), description="MSH-3; empty: any")
    facilities: tuple[str, ...] = Field((), description="MSH-4; empty: any")
    authority: str = Field("", description="Who assigned a number that names nobody; else MSH-4")
    nhs_words: tuple[str, ...] = Field((), description="CX.4 or CX.5 that mark an NHS number here")
    problem_states: tuple[str, ...] = Field(
        ("14", "13", "15"), description="Fields of PRB that hold a state, the deciding one first"
    )
    charset: str = Field("", description="Of messages that are not UTF-8 and name none")
    time_zone: str = Field("", description="Of times without a zone; empty: Europe/London")
    z_segments: Mapping[
        Annotated[str, Field(pattern=_SEGMENT)], Annotated[str, Field(pattern=_SEGMENT_OR_NONE)]
    ] = Field(
        {},
        description="Their Z segment -> that of HL7 UK A.3 it is, by which issues name it;"
        " empty: none of those",
    )
    marks_location: bool = Field(
        False, description="Says in ZU8-4, in each message, whether the home may be shown"
    )
    appointment_states: Mapping[str, AppointmentState] = Field(
        {}, description="Their word in SCH-25 -> the code of HL7 table 0278 it is: `Complete`"
    )
    systems: tuple[str, ...] = Field((), description="Its names among the sources of MLLP")
    answers: Literal["asked", "original", "commit"] = Field(
        "asked", description="How these are acknowledged, where the listener says nothing else"
    )

    @model_validator(mode="after")
    def _can_be_known(self) -> Self:
        if not self.applications and not self.facilities:
            raise ValueError("applications or facilities")
        if not self.problem_states or not {*self.problem_states} <= {"13", "14", "15"}:
            raise ValueError("problem_states: of 13, 14 and 15")
        try:
            codecs.lookup(self.charset or "utf-8")
        except LookupError:
            raise ValueError("charset: one that is known") from None
        try:
            ZoneInfo(self.time_zone or "Europe/London")
        except (LookupError, ValueError, OSError):
            raise ValueError("time_zone: one of the tz database, such as Europe/London") from None
        return self


PullSource = Annotated[FolderSource | GpConnectSource, Field(discriminator="kind")]


class Sources(Part):
    """The whole file."""

    source: tuple[PullSource, ...] = ()
    hospital: tuple[HospitalProfile, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [one.name for one in self.source]
        if len({*names}) < len(names):
            raise ValueError("each source has a name of its own")
        folders = [one.folder for one in self.source if isinstance(one, FolderSource)]
        if len({*folders}) < len(folders):
            raise ValueError("each folder source has a folder of its own")
        return self


def read_sources(file: Path | None, *, production: bool = False) -> Sources:
    """The sources of a deployment; none where no file is named."""
    if file is None:
        return Sources()
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError:
        raise ConfigurationError(f"{PREFIX}SOURCES_FILE must be a file that can be read") from None
    except ValueError as fault:
        raise ConfigurationError(f"{PREFIX}SOURCES_FILE is not TOML{_place(fault)}") from None
    try:
        sources = Sources.model_validate(found)
    except ValidationError as faults:
        raise ConfigurationError(_faulty(faults)) from None
    for one in sources.source:
        if production and isinstance(one, GpConnectSource) and one.is_local:
            raise ConfigurationError(f"sources file: {one.name}.base_url: not of this machine")
    return sources


def _place(fault: ValueError) -> str:
    """Where the file breaks off: the parser says the line last, and may quote the file before."""
    _, found, line = str(fault).rpartition("(at line ")
    return f" (line {line.partition(',')[0]})" if found and line[:1].isdigit() else ""


def _faulty(faults: ValidationError) -> str:
    rows = faults.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(
        f"sources file: {_path(row['loc'])}{_KINDS if 'tag' in row['type'] else row['msg']}"
        for row in rows
    )


_KINDS: Final = "kind must be folder or gp-connect"


def _path(loc: tuple[Any, ...]) -> str:
    """`source 2, folder: `, counted from 1; the kind of a source is no step of its own."""
    steps = [str(step + 1) if isinstance(step, int) else str(step) for step in loc]
    if steps[:1] == ["source"]:
        del steps[2:3]
    head, rest = " ".join(steps[:2]), ".".join(steps[2:])
    return f"{head}, {rest}: " if rest else f"{head}: "
