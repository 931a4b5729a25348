"""The words an access decision is made of.

In      nothing: these are the types that facts arrive in.
Out     frozen values; every moment is an aware datetime, every period half-open (end excluded).
Rule    What is unknown restricts: no date is "always", nobody is granted an unknown sensitivity.
Source  docs/policy.md; HL7 v3 ActReason (purposes), v3 Confidentiality, v3 ActCode.
Pure    No clock, no look-ups. No repr shows a token or a word that somebody wrote.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Final

from consent.attending import Present as Present
from consent.emergency import BreakGlass as BreakGlass
from consent.feeds import NOTHING_OFF, SwitchedOff
from consent.feeds import ClosedFeed as ClosedFeed
from consent.periods import BEGINNING as BEGINNING
from consent.periods import FOREVER as FOREVER
from consent.periods import MAX_MICROS as MAX_MICROS
from consent.periods import MIN_MICROS as MIN_MICROS
from consent.rule import ConsentRule
from consent.suspension import Suspension as Suspension
from consent.visiting import HomeVisit as HomeVisit

CATEGORIES: Final[tuple[str, ...]] = (
    "demographics",
    "contacts",
    "safety",
    "problems",
    "observations",
    "medicines",
    "referrals",
    "encounters",
    "care-plan",
    "support-plan",
    "mental-health",
    "crisis-plan",
    "social-care",
    "safeguarding",
    "finance",
    "documents",
    "team",
    "consent",
    "provenance",
)


class CallerKind(StrEnum):
    """What sort of caller a token speaks for."""

    STAFF = "staff"
    SYSTEM = "system"
    PATIENT = "patient"
    PROXY = "proxy"


class Purpose(StrEnum):
    """Why access is asked for; values are HL7 v3 ActReason codes."""

    TREATMENT = "TREAT"
    EMERGENCY = "ETREAT"
    BREAK_GLASS = "BTG"
    CARE_MANAGEMENT = "CAREMGT"
    COORDINATION = "COC"
    PATIENT_REQUEST = "PATRQT"
    FAMILY_REQUEST = "FAMRQT"
    POWER_OF_ATTORNEY = "PWATRNY"
    SUPPORT_NETWORK = "SUPNWK"
    RECORD_MANAGEMENT = "RECORDMGT"
    ADMINISTRATION = "PATADMIN"
    SAFETY = "PATSFTY"
    OPERATIONS = "HOPERAT"
    AUDIT = "HSYSADMIN"
    COMPLIANCE = "HCOMPL"
    LEGAL = "HLEGAL"
    RESEARCH = "HRESCH"
    CLINICAL_TRIAL = "CLINTRCH"
    DISEASE_RESEARCH = "DSRCH"
    MARKETING = "HMARKT"
    PAYMENT = "HPAYMT"
    PUBLIC_HEALTH = "PUBHLTH"
    COMMISSIONING = "HDM"


class Action(StrEnum):
    """What a caller wants to do."""

    READ = "read"
    SEARCH = "search"
    HISTORY = "history"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    PUSH = "push"
    AUDIT = "audit"
    EXPORT = "export"


VIEWING: Final = frozenset({Action.READ, Action.SEARCH, Action.HISTORY})
WRITING: Final = frozenset({Action.CREATE, Action.UPDATE, Action.DELETE})


class Confidentiality(IntEnum):
    """How restricted an item is, in order."""

    UNRESTRICTED = 0
    NORMAL = 1
    RESTRICTED = 2
    VERY_RESTRICTED = 3


class Pds(StrEnum):
    """How the national demographics service marks a person."""

    UNRESTRICTED = "U"
    RESTRICTED = "R"
    VERY_RESTRICTED = "V"
    REDACTED = "REDACTED"


class RelationshipKind(StrEnum):
    """Why a caller may use a person's record; the best comes first."""

    REGISTERED_PRACTICE = "registered-practice"
    CASELOAD = "caseload"
    CARE_TEAM = "care-team"
    REFERRAL = "referral"
    SELF_CLAIM = "self-claim"
    RECORD_HOLDER = "record-holder"
    """The organisation sent a record of the person: its staff see what it sent, no more."""


class Reason(StrEnum):
    """Every ground on which a filter was made or refused; codes, never a person's words."""

    IDENTITY = "identity"
    PURPOSE = "purpose"
    SECONDARY = "secondary-purpose"
    SECONDARY_OPTED_OUT = "secondary-purpose-opted-out"
    PROXY = "no-proxy-authority"
    PROXY_AUTHORITY = "proxy-authority"
    OWN_RECORD = "own-record"
    STAFF_OWN_RECORD = "staff-own-record"
    RELATIONSHIP = "no-relationship"
    REGISTERED_PRACTICE = "relationship-registered-practice"
    CASELOAD = "relationship-caseload"
    CARE_TEAM = "relationship-care-team"
    REFERRAL = "relationship-referral"
    SELF_CLAIM = "relationship-self-claim"
    RECORD_HOLDER = "relationship-record-holder"
    OWN_ITEMS = "own-items-only"
    PERMISSION = "no-permission"
    PERMISSION_RECORDED = "permission-recorded"
    PERMISSION_IMPLIED = "permission-implied"
    ROLE = "role"
    RESTRICTED_PERSON = "restricted-person"
    MASKED_LOCATION = "location-masked"
    OPTED_OUT = "opted-out"
    PRESENT = "narrowed-to-those-present"
    DISSENT = "dissent"
    CONSENT_SCOPE = "consent-scope"
    NO_CONSENT_RECORDED = "no-consent-recorded"
    BREAK_GLASS = "break-glass"
    BREAK_GLASS_REFUSED = "break-glass-refused"
    UNREADABLE = "unreadable-input"


class Obligation(StrEnum):
    """What whoever serves the answer must also do."""

    ALERT_BREAK_GLASS = "alert-break-glass"
    ALERT_SELF_CLAIM = "alert-self-claim"
    ALERT_RESTRICTED_PERSON = "alert-restricted-person"
    ALERT_STAFF_OWN_RECORD = "alert-staff-own-record"
    MASK_LOCATION = "mask-location"


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated caller, from the token and nowhere else; who looks with them, who can only
    narrow what is seen; and whether what is shown is kept elsewhere, as a file."""

    user_id: str
    kind: CallerKind
    role: str
    org: str
    purpose: Purpose
    client_id: str
    scopes: frozenset[str]
    feeds: frozenset[str]
    patient: str | None = field(repr=False)
    assurance: str
    token_hash: str = field(repr=False)
    present: tuple[Present, ...] = ()
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Labels:
    """What a decision may know of one stored row: labels, source and dates, no content.

    `start` and `end` are microseconds UTC since 1970; unknown is MIN_MICROS and MAX_MICROS. `feed`
    is empty where it was not kept. `sensitivities`, `holds` and `legal` are bit masks.
    """

    category: str
    confidentiality: int
    sensitivities: int
    holds: int
    legal: int
    source_org: str
    author: str
    start: int
    end: int
    resource_type: str
    resource_id: str
    feed: str = ""


@dataclass(frozen=True, slots=True)
class Relationship:
    """A dated reason why an organisation, or one of its people, may use a person's record."""

    kind: RelationshipKind
    org: str
    user_id: str | None
    start: datetime
    end: datetime
    evidence: str


@dataclass(frozen=True, slots=True)
class Permission:
    """The person was asked and agreed, for an organisation or one practitioner, until `end`."""

    org: str | None
    user_id: str | None
    start: datetime
    end: datetime
    evidence: str


@dataclass(frozen=True, slots=True)
class ProxyAuthority:
    """One person may act for another: who, on what legal ground, from when until when.

    `accepted` is false when the ground is unknown or the authority is suspended or withdrawn.
    """

    user_id: str
    basis: str
    accepted: bool
    start: datetime
    end: datetime
    evidence: str


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What a decision may know of one person.

    `links` maps each resource id that a consent names to (the ids it refers to, the ids that refer
    to it). None: nobody looked, and a consent that reaches along links closes the record.
    `opted_out` is of this shared record, not of uses beyond care. `staff_ids`
    are the user ids this person has as a member of staff. Nothing is shown yet from feeds that are
    `closed`; `off` is what their locality has switched off. From `review_from` on, what is new
    waits to be shown to the person and other lay callers.
    """

    person_id: str
    relationships: tuple[Relationship, ...] = ()
    emergencies: tuple[BreakGlass, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    visits: tuple[HomeVisit, ...] = ()
    consents: tuple[ConsentRule, ...] = ()
    permissions: tuple[Permission, ...] = ()
    opted_out: bool = False
    national_opt_out: bool = False
    pds: Pds = Pds.UNRESTRICTED
    birth_date: date | None = None
    deceased: bool = False
    review_from: int | None = None
    proxies: tuple[ProxyAuthority, ...] = ()
    staff_ids: frozenset[str] = frozenset()
    links: Mapping[str, tuple[frozenset[str], frozenset[str]]] | None = None
    closed: tuple[ClosedFeed, ...] = ()
    off: SwitchedOff = NOTHING_OFF


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, why, when, and the emergency access it rests on, if any."""

    action: Action
    purpose: Purpose
    at: datetime
    break_glass: BreakGlass | None = None
