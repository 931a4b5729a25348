"""Who signed in, and for how long: claims to an identity, an identity to a Caller.

In      claims that hold, a provider's reviewed data, what is kept of a session, the moment.
Out     SignedIn, kept sealed in the session; the Caller that each request of the session is from.
Rule    Staff: the role that was selected, and no other of those listed; its organisation; the
        reviewed row for the two, looked up anew at each request. A person: a usable NHS number
        and a birth date, proofed at the level that is wanted; who acts for another needs no record
        here, and is shown what an authority in their number opens. The level is checked first, so
        that who would pass with more is told so.
Errors  UnauthenticatedError; StepUpError where only the level is too low.
Source  NHS CIS2 (selected_roleid, nhsid_nrbac_roles); NHS login (identity_proofing_level).
Pure    The moment is an argument.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

import orjson

from consent.terms import Caller, CallerKind, Purpose
from gateway.auth.jose import LONGEST_SKEW, Claims, required_claim, text_claim
from gateway.auth.oidc import Attempt
from gateway.auth.providers import Provider
from gateway.errors import StepUpError, UnauthenticatedError
from mappings.core.shaping.identifiers import is_usable_nhs_number, normalised

PERSON_ROLE: Final = "patient"
PROXY_ROLE: Final = "proxy"
_SKEW_SECONDS: Final = int(LONGEST_SKEW.total_seconds())
_LEVELS: Final = frozenset({"1", "2", "3", "4"})
"""All that CIS2's claim id_assurance_level can be."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a session is of. For staff a national role and organisation, for a person a Patient."""

    user_id: str
    assurance: str
    role_code: str = ""
    org: str = ""
    patient: str = field(default="", repr=False)
    acts: bool = False
    """Whether somebody acts for that Patient, who is another."""

    def to_bytes(self) -> bytes:
        """As it is sealed."""
        return orjson.dumps(asdict(self))

    @classmethod
    def from_bytes(cls, content: bytes) -> "SignedIn":
        """As it was sealed."""
        return cls(**orjson.loads(content))


@dataclass(frozen=True, slots=True)
class Described:
    """The person that a provider proved: by number and birth date, which are not kept."""

    nhs_number: str = field(repr=False)
    born: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session lasts: unused, and at the most."""

    idle: timedelta
    longest: timedelta


def session_hash(cookie: str) -> str:
    """What a session is found by; it opens nothing."""
    return hashlib.sha256(b"session|" + cookie.encode()).hexdigest()


def staff_of(provider: Provider, claims: Claims) -> SignedIn:
    """The member of staff in the selected role. Errors: UnauthenticatedError."""
    selected = required_claim(claims, "selected_roleid")
    roles = claims.get("nhsid_nrbac_roles")
    listed = [row for row in roles if isinstance(row, dict)] if isinstance(roles, list) else []
    chosen = [row for row in listed if row.get("person_roleid") == selected]
    if len(chosen) != 1:
        raise UnauthenticatedError
    code, org = required_claim(chosen[0], "role_code"), required_claim(chosen[0], "org_code")
    if provider.role_of(code, org) is None:
        raise UnauthenticatedError
    return SignedIn(
        user_id=required_claim(claims, "nhsid_useruid"),
        assurance=text_claim(claims, "acr") or _text(claims.get("id_assurance_level")),
        role_code=code,
        org=org,
    )


def person_of(claims: Claims) -> Described:
    """The person as described. Errors: UnauthenticatedError."""
    number = normalised(required_claim(claims, "nhs_number"))
    if not is_usable_nhs_number(number):
        raise UnauthenticatedError
    try:
        born = date.fromisoformat(required_claim(claims, "birthdate")).isoformat()
    except ValueError:
        raise UnauthenticatedError from None
    return Described(number, born)


def check_assurance(provider: Provider, claims: Claims, attempt: Attempt, at: datetime) -> None:
    """Errors: StepUpError unless level and time of the authentication are enough."""
    if provider.acr and _text(claims.get("acr")) not in provider.acr:
        raise StepUpError
    least, level = provider.least_id_assurance, _text(claims.get("id_assurance_level"))
    if least is not None and not (level in _LEVELS and int(level) >= least):
        raise StepUpError
    proofing = _text(claims.get("identity_proofing_level"))
    if provider.kind == "person" and proofing not in provider.proofing:
        raise StepUpError
    earliest = _earliest(provider, attempt, at)
    if earliest is not None:
        authenticated = claims.get("auth_time")
        latest = int(at.timestamp()) + _SKEW_SECONDS
        if type(authenticated) is not int or not earliest <= authenticated <= latest:
            raise StepUpError


def caller_of_session(provider: Provider, who: SignedIn, hashed: str) -> Caller | None:
    """The caller whose session this is; None once the provider's data gives them no role."""
    common: Mapping[str, Any] = {
        "user_id": who.user_id,
        "client_id": provider.name,
        "scopes": frozenset[str](),
        "feeds": frozenset[str](),
        "assurance": who.assurance,
        "token_hash": hashed,
    }
    if provider.kind == "person":
        return Caller(
            kind=CallerKind.PROXY if who.acts else CallerKind.PATIENT,
            role=PROXY_ROLE if who.acts else PERSON_ROLE,
            org="",
            purpose=Purpose.FAMILY_REQUEST if who.acts else Purpose.PATIENT_REQUEST,
            patient=who.patient,
            **common,
        )
    row = provider.role_of(who.role_code, who.org)
    if row is None:
        return None
    return Caller(
        kind=CallerKind.STAFF,
        role=row.role,
        org=who.org,
        purpose=row.purpose,
        patient=None,
        **common,
    )


def _earliest(provider: Provider, attempt: Attempt, at: datetime) -> int | None:
    """The second before which an authentication is too long ago."""
    if attempt.fresh:
        return attempt.begun // 1_000_000 - _SKEW_SECONDS
    if provider.max_age_minutes is None:
        return None
    return int(at.timestamp()) - provider.max_age_minutes * 60 - _SKEW_SECONDS


def _text(value: object) -> str:
    """A claim that is sent as text, or as a number by some."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
