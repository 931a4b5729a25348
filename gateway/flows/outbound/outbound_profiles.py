"""Who is given files, in what form and when: the reviewed data of GATEWAY_OUTBOUND_FILE.

In      A TOML file: `folder`, and an `[[organisation]]` for each that has no FHIR of its own.
Out     Outbound, checked as a whole; when a file is due.
Rule    A file shows what a role of direct care would be shown of the people that the organisation
        has a relationship with. Who is named here sees nothing that a caller would not.
Errors  ConfigurationError, which names the row and the field and never repeats a value.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from consent.policy import Policy
from consent.terms import Caller, CallerKind, Purpose
from gateway.errors import ConfigurationError

_SETTING: Final = "GATEWAY_OUTBOUND_FILE"
_LONDON: Final = ZoneInfo("Europe/London")
_ORG: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}", re.ASCII)
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_TYPE: Final = re.compile(r"[A-Z][A-Za-z]{1,63}", re.ASCII)
_FIELDS: Final = frozenset({"org", "reviewed", "role", "form", "at", "types"})


class Form(StrEnum):
    """What a file is."""

    CSV = "csv"
    """A zip of tables."""
    FHIR = "fhir"
    """One FHIR Bundle, an entry a line."""

    @property
    def suffix(self) -> str:
        """How the file's name ends."""
        return "zip" if self is Form.CSV else "json"


@dataclass(frozen=True, slots=True)
class Profile:
    """One organisation's files."""

    org: str
    role: str
    form: Form
    at: time
    """London time of day."""
    types: frozenset[str]
    """Types of resources; empty: all that the role may see."""

    @property
    def caller(self) -> Caller:
        """Who the file is for, as a decision knows callers: of no name, so on nobody's team."""
        return Caller(
            f"outbound:{self.org}", CallerKind.STAFF, self.role, self.org, Purpose.TREATMENT,
            "outbound", frozenset(), frozenset(), None, "", "", keeps=True,
        )  # fmt: skip

    def last_due(self, now: datetime) -> datetime:
        """The latest moment, up to now, at which a file was due."""
        there = now.astimezone(_LONDON)
        due = datetime.combine(there.date(), self.at, _LONDON)
        if due > there:
            due = datetime.combine(there.date() - timedelta(days=1), self.at, _LONDON)
        return due


@dataclass(frozen=True, slots=True)
class Outbound:
    """Where files go, and whose."""

    folder: Path = Path()
    profiles: tuple[Profile, ...] = ()


def read_outbound(file: Path | None, policy: Policy) -> Outbound:
    """The profiles of a deployment; none where no file is named."""
    if file is None:
        return Outbound()
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError:
        raise ConfigurationError(f"{_SETTING} must be a file that can be read") from None
    except ValueError:
        raise ConfigurationError(f"{_SETTING} is not TOML") from None
    if set(found) - {"folder", "organisation"} or not isinstance(found.get("folder"), str):
        raise _wrong("the file", "has `folder` and `[[organisation]]`")
    rows = found.get("organisation", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _wrong("organisation", "is written as `[[organisation]]`")
    profiles = tuple(_profile(number, row, policy) for number, row in enumerate(rows, 1))
    if len({one.org for one in profiles}) < len(profiles):
        raise _wrong("organisation", "stands once for each org")
    return Outbound(Path(found["folder"]), profiles)


def _profile(number: int, row: Mapping[str, Any], policy: Policy) -> Profile:
    where = f"organisation {number}"
    if set(row) - _FIELDS or not str(row.get("reviewed", "")).strip():
        raise _wrong(where, f"has {', '.join(sorted(_FIELDS))}; reviewed says who looked at it")
    org, at = str(row.get("org", "")), _TIME.fullmatch(str(row.get("at", "02:00")))
    role = policy.roles.get(str(row.get("role", "")))
    types = row.get("types", [])
    if not _ORG.fullmatch(org):
        raise _wrong(where, "org: an ODS code")
    if role is None or role.kind is not CallerKind.STAFF or role.lay or not role.direct_care:
        raise _wrong(where, "role: a role of direct care in the policy")
    if str(row.get("form", "csv")) not in set(Form):
        raise _wrong(where, "form: csv or fhir")
    if at is None:
        raise _wrong(where, "at: a time of day such as 02:00")
    if not isinstance(types, list) or not all(_TYPE.fullmatch(str(one)) for one in types):
        raise _wrong(where, "types: names of FHIR types")
    form = Form(str(row.get("form", "csv")))
    clock = time(int(at[1]), int(at[2]))
    return Profile(org, role.id, form, clock, frozenset(map(str, types)))


def _wrong(where: str, text: str) -> ConfigurationError:
    return ConfigurationError(f"{_SETTING}: {where}: {text}")
