"""The access policy: what each role may see and do, as versioned data.

In      the parsed policy document (consent/policy.toml) and what a deployment chooses of it.
Out     Policy, complete: a cell for every role, action group and category.
Errors  PolicyError naming the first entry that is missing or wrong; no half policy is used.
Source  consent/policy.toml; docs/policy.md is printed from it for the governance board.
Pure    No file is opened here.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

from consent.aftercare import AftercareRules
from consent.labels import CONFIDENTIALITIES, HOLDS, LEGAL, SENSITIVITIES, mask_of
from consent.opening_rules import (
    BreakGlassRules,
    SelfClaimRules,
    break_glass_rules,
    self_claim_rules,
)
from consent.policy_reading import PolicyError, Table
from consent.safeguarding_rules import SafeguardingRules, safeguarding_rules
from consent.terms import CATEGORIES, VIEWING, WRITING, Action, CallerKind, Purpose
from consent.visiting import HomeAccessRules

ROLE_IDS: Final[tuple[str, ...]] = (
    *("gp", "practice-nurse", "pharmacist", "hospital-doctor", "discharge-coordinator"),
    *("community-nurse", "therapist", "mental-health-nurse", "amhp", "social-worker"),
    *("safeguarding-adviser", "reablement-worker", "home-care", "wellbeing"),
    *("case-coordinator", "navigator", "childrens-nurse", "emergency", "receptionist"),
    *("personal-assistant", "circle-member", "patient", "proxy", "advocate"),
    *("governance-lead", "borough-governance", "privacy-officer", "commissioner"),
    *("clinical-safety-officer", "identity-officer", "feed-operator", "provider", "researcher"),
)
_FEW: Final = {"purposes": {"secondary"}, "masks": {"location", "reason"}, "feeds": {"checked_by"}}
_PARTS: Final = frozenset(
    {"version", "purposes", "stops", "masks", "feeds", "identity", "break_glass", "self_claim"}
    | {"proxy", "roles", "safeguarding", "staff", "home_access", "aftercare"}
)
NEVER_SHOWN: Final = frozenset({"GRA", "HFEA"})
NEVER_TOLD: Final = frozenset({"SAFEG", "SERIOUSHARM", "THIRDPARTY"})
"""What a policy must keep from everybody, and from lay callers: the law leaves no choice."""


class PermissionToView(StrEnum):
    """Whether a person must have been asked: implied by direct care, or recorded."""

    IMPLIED = "implied"
    RECORDED = "recorded"


class ConsentDefault(StrEnum):
    """What holds where no consent speaks: implied for direct care, or explicit only."""

    IMPLIED = "implied"
    EXPLICIT = "explicit"


class RolePermission(StrEnum):
    """Which permission a role needs: as the deployment says, always by name, or none."""

    DEPLOYMENT = "as-deployed"
    NAMED = "named"
    NOT_NEEDED = "not-needed"


class AuditScope(StrEnum):
    """Which accesses a role may look through."""

    NONE = "none"
    OWN_RECORD = "own-record"
    OWN_ORGANISATION = "own-organisation"
    BOROUGH = "borough"


@dataclass(frozen=True, slots=True)
class AccessSettings:
    """What a deployment chooses beside the policy file; no hours means as the policy says."""

    permission: PermissionToView = PermissionToView.IMPLIED
    default: ConsentDefault = ConsentDefault.IMPLIED
    break_glass_overrides_dissent: bool = True
    break_glass_hours: int | None = None
    tell_withheld: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """Categories open to a role: from every organisation, and from its own."""

    everywhere: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Role:
    """One role: who it is for, what it may see and write, and how far."""

    id: str
    title: str
    description: str
    why: str
    kind: CallerKind
    lay: bool
    direct_care: bool
    purposes: frozenset[str]
    needs_relationship: bool
    permission: RolePermission
    clearance: int
    sensitivities: int
    own_clearance: int
    own_sensitivities: int
    break_glass: bool
    self_claim: bool
    audit: AuditScope
    view: Cell
    write: Cell

    def cell(self, action: Action) -> Cell:
        """The categories open for this action; none for what is neither viewing nor writing."""
        if action in VIEWING:
            return self.view
        return self.write if action in WRITING else Cell()

    @property
    def never_sees(self) -> tuple[str, ...]:
        """The categories closed to this role for every person: a fact that may be told."""
        return tuple(category for category in CATEGORIES if category not in self.view.own)


@dataclass(frozen=True, slots=True)
class Policy:
    """Every rule that is data, complete, with its version and the hash of its content."""

    version: str
    hash: str
    settings: AccessSettings
    roles: Mapping[str, Role]
    secondary: frozenset[str]
    hard_stops: int
    person_holds: int
    review_spares: frozenset[str]
    """What does not wait where new entries are reviewed before the person sees them."""
    safety: frozenset[str]
    location_mask: tuple[str, ...]
    reason_mask: tuple[str, ...]
    """What is left out of an instruction whose reason the caller may not see."""
    safety_roles: frozenset[str]
    """Who checks a feed before it is opened to the teams."""
    identity_roles: frozenset[str]
    """Who decides whose a record is, where links cannot tell."""
    matching_roles: frozenset[str]
    """Who may ask which of the people open to them a description fits."""
    staff_roles: frozenset[str]
    own_staff_roles: frozenset[str]
    """Who may look up staff of every organisation; and of their own."""
    break_glass: BreakGlassRules
    self_claim: SelfClaimRules
    safeguarding: SafeguardingRules
    home_access: HomeAccessRules
    aftercare: AftercareRules
    proxy_bases: Mapping[str, int | None]
    proxy_recorders: frozenset[str]
    """Who records that somebody acts for a person."""
    proxy_by_person: frozenset[str]
    """Legal bases on which the person alone says who does."""

    @classmethod
    def parse(
        cls, document: Mapping[str, object], settings: AccessSettings = AccessSettings()
    ) -> "Policy":
        """The policy of a parsed document. Errors: PolicyError."""
        top = Table(document, "")
        top.only(_PARTS)
        stops = top.table("stops")
        stops.only({"legal", "person_holds", "review_spares", "safety"})
        for name, known in _FEW.items():
            top.table(name).only(known)
        identity, staff = top.table("identity"), top.table("staff")
        identity.only({"decided_by", "matched_by"})
        staff.only({"shown_to", "own_shown_to"})
        bases = _proxy_bases(top.table("proxy"))
        return cls(
            version=top.text("version"),
            hash=_content_hash(document, settings),
            settings=settings,
            roles=_roles(top.table("roles")),
            secondary=frozenset(top.table("purposes").words("secondary", set(Purpose))),
            hard_stops=_mask(stops, "legal", LEGAL, NEVER_SHOWN),
            person_holds=_mask(stops, "person_holds", HOLDS, NEVER_TOLD),
            review_spares=frozenset(stops.words("review_spares", CATEGORIES)),
            safety=frozenset(stops.words("safety", CATEGORIES)),
            location_mask=tuple(sorted(top.table("masks").words("location"))),
            reason_mask=tuple(sorted(top.table("masks").words("reason"))),
            safety_roles=frozenset(top.table("feeds").words("checked_by", ROLE_IDS)),
            identity_roles=frozenset(identity.words("decided_by", ROLE_IDS)),
            matching_roles=frozenset(identity.words("matched_by", ROLE_IDS)),
            staff_roles=frozenset(staff.words("shown_to", ROLE_IDS)),
            own_staff_roles=frozenset(staff.words("own_shown_to", ROLE_IDS)),
            break_glass=break_glass_rules(top.table("break_glass"), settings.break_glass_hours),
            self_claim=self_claim_rules(top.table("self_claim")),
            safeguarding=safeguarding_rules(top.table("safeguarding"), ROLE_IDS),
            home_access=HomeAccessRules.parse(top.table("home_access"), ROLE_IDS),
            aftercare=AftercareRules.parse(top.table("aftercare"), ROLE_IDS),
            proxy_bases=bases,
            proxy_recorders=frozenset(top.table("proxy").words("recorded_by", ROLE_IDS)),
            proxy_by_person=frozenset(top.table("proxy").words("by_the_person", bases)),
        )


def _content_hash(document: Mapping[str, object], settings: AccessSettings) -> str:
    try:
        text = json.dumps([document, asdict(settings)], sort_keys=True)
    except TypeError:
        raise PolicyError("policy", "only texts, numbers, flags and lists are read") from None
    return sha256(text.encode()).hexdigest()


def _roles(table: Table) -> dict[str, Role]:
    table.only(ROLE_IDS)
    return {role_id: _role(role_id, table.table(role_id)) for role_id in ROLE_IDS}


def _role(role_id: str, table: Table) -> Role:
    table.only(set(Role.__slots__) - {"id"})
    role = Role(
        id=role_id,
        title=table.text("title"),
        description=table.text("description"),
        why=table.text("why"),
        kind=CallerKind(table.choice("kind", CallerKind)),
        lay=table.flag("lay"),
        direct_care=table.flag("direct_care"),
        purposes=frozenset(table.words("purposes", set(Purpose))),
        needs_relationship=table.flag("needs_relationship"),
        permission=RolePermission(table.choice("permission", RolePermission)),
        clearance=_level(table, "clearance"),
        sensitivities=_mask(table, "sensitivities", SENSITIVITIES),
        own_clearance=_level(table, "own_clearance"),
        own_sensitivities=_mask(table, "own_sensitivities", SENSITIVITIES),
        break_glass=table.flag("break_glass"),
        self_claim=table.flag("self_claim"),
        audit=AuditScope(table.choice("audit", AuditScope)),
        view=_cell(table.table("view")),
        write=_cell(table.table("write")),
    )
    _check_coherent(role, table)
    return role


def _check_coherent(role: Role, table: Table) -> None:
    """Refuse a role whose entries contradict one another."""
    person = role.kind in (CallerKind.PATIENT, CallerKind.PROXY)
    opens = role.view.everywhere | role.write.everywhere
    if person and not role.lay:
        raise PolicyError(table.at("lay"), "the person and a proxy are lay")
    if not person and not role.needs_relationship and opens:
        text = "without a relationship a role sees its own organisation's items at most"
        raise PolicyError(table.at("needs_relationship"), text)
    if role.break_glass and (role.lay or role.kind is not CallerKind.STAFF):
        raise PolicyError(table.at("break_glass"), "this is for professional staff alone")


def _cell(table: Table) -> Cell:
    """Every category stands in exactly one of the three lists."""
    table.only({"all", "own", "none"})
    everywhere, own, none = (table.words(name, CATEGORIES) for name in ("all", "own", "none"))
    placed = [*everywhere, *own, *none]
    for category in CATEGORIES:
        if category not in placed:
            raise PolicyError(table.at(category), "this cell is missing")
        if placed.count(category) > 1:
            raise PolicyError(table.at(category), "this cell is decided twice")
    return Cell(frozenset(everywhere), frozenset((*everywhere, *own)))


def _level(table: Table, name: str) -> int:
    return int(CONFIDENTIALITIES[table.choice(name, ("N", "R", "V"))])


def _mask(
    table: Table, name: str, known: Mapping[str, int], needed: frozenset[str] = frozenset()
) -> int:
    stated = table.words(name, known)
    if not needed <= set(stated):
        raise PolicyError(table.at(name), f"{' and '.join(sorted(needed))} must be stopped")
    return mask_of(stated, known)


def _proxy_bases(table: Table) -> dict[str, int | None]:
    """Each legal basis, and the age of the person below which it holds."""
    table.only({"any_age", "below_age", "recorded_by", "by_the_person"})
    ages = table.table("below_age")
    limited: dict[str, int | None] = {basis: ages.number(basis) for basis in ages.names()}
    return {**dict.fromkeys(table.words("any_age")), **limited}
