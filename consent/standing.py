"""On what ground a caller stands before a person: the first four layers of a decision.

In      Caller, PersonFacts, Request, Policy.
Out     Case (with the caller's role) and Standing (relationship, break-glass, evidence).
Errors  RefusedError with the reasons, when a layer lets nothing through.
Rule    1 identity; 2 purpose; 3 relationship and permission, or authority as proxy, or an open
        break-glass in place of both, and none for a suspended source of harm; 4 the very
        restricted person.
Source  docs/policy.md.
Pure    The moment is request.at.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from consent.policy import PermissionToView, Policy, Role, RolePermission
from consent.relationship import (
    best_relationship,
    is_in_named_team,
    live_permission,
    live_proxy,
)
from consent.suspension import is_suspended
from consent.terms import (
    VIEWING,
    Action,
    Caller,
    CallerKind,
    Obligation,
    Pds,
    PersonFacts,
    Purpose,
    Reason,
    Relationship,
    RelationshipKind,
    Request,
)
from consent.users import one_form

_RELATIONSHIP_REASON: Final = {kind: Reason(f"relationship-{kind}") for kind in RelationshipKind}
_NO_TIE: Final = (RelationshipKind.SELF_CLAIM, RelationshipKind.RECORD_HOLDER)
_KNOWN_PDS: Final = (Pds.UNRESTRICTED, Pds.RESTRICTED, Pds.VERY_RESTRICTED)


class RefusedError(Exception):
    """A layer let nothing through."""

    def __init__(self, *reasons: Reason, obligations: tuple[Obligation, ...] = ()) -> None:
        super().__init__()
        self.reasons = reasons
        self.obligations = obligations


@dataclass(frozen=True, slots=True)
class Case:
    """One question: this caller, in this role, about this person, under this policy."""

    caller: Caller
    person: PersonFacts
    request: Request
    role: Role
    policy: Policy

    @property
    def is_person(self) -> bool:
        """Whether the person, or a proxy of the person, asks."""
        return self.caller.kind in (CallerKind.PATIENT, CallerKind.PROXY)


@dataclass(frozen=True, slots=True)
class Standing:
    """The ground, what proves it, and what whoever answers must also do."""

    relationship: Relationship | None = None
    break_glass: bool = False
    reasons: tuple[Reason, ...] = ()
    evidence: tuple[str, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    own_only: bool = False
    """Only what the caller's own organisation sent, and only to look at."""


def case_of(caller: Caller, person: PersonFacts, request: Request, policy: Policy) -> Case:
    """Layer 1. The case, when caller, role and person fit together."""
    if request.at.tzinfo is None:
        raise RefusedError(Reason.UNREADABLE)
    if person.pds not in _KNOWN_PDS:
        raise RefusedError(Reason.IDENTITY)
    role = policy.roles.get(caller.role)
    if role is None:
        raise RefusedError(Reason.ROLE)
    case = Case(caller, person, request, role, policy)
    if not _fits(case):
        raise RefusedError(Reason.IDENTITY)
    if caller.kind is CallerKind.STAFF and one_form(caller.user_id) in person.staff_ids:
        alert = (Obligation.ALERT_STAFF_OWN_RECORD,)
        raise RefusedError(Reason.STAFF_OWN_RECORD, obligations=alert)
    return case


def _fits(case: Case) -> bool:
    """The role is for this kind of caller; a token bound to a person is for this person."""
    caller, person = case.caller, case.person
    if case.role.kind != caller.kind or not caller.user_id or not person.person_id:
        return False
    if case.is_person or caller.patient is not None:
        return caller.patient == person.person_id
    return bool(caller.org)


def is_break_glass_open(case: Case) -> bool:
    """Whether an emergency access of this caller to this person is open: reading only."""
    opened, rules, request = case.request.break_glass, case.policy.break_glass, case.request
    if opened is None or not case.role.break_glass or request.action not in VIEWING:
        return False
    caller = case.caller
    mine = (caller.user_id, caller.org, caller.role, case.person.person_id)
    return (
        (opened.user_id, opened.org, opened.role, opened.person_id) == mine
        and request.purpose in (opened.purpose, Purpose.BREAK_GLASS)
        and opened.reason_code in rules.reasons
        and opened.text_length >= rules.text_at_least
        and opened.opened <= request.at < opened.expires
        and opened.expires - opened.opened <= timedelta(hours=rules.hours)
    )


def check_purpose(case: Case, opened: bool) -> None:
    """Layer 2. One purpose, the token's own, open to the role, and for this person's care."""
    purpose = case.request.purpose
    emergency = purpose == Purpose.BREAK_GLASS
    if emergency and not opened:
        raise RefusedError(Reason.PURPOSE, Reason.BREAK_GLASS_REFUSED)
    if purpose not in case.role.purposes:
        raise RefusedError(Reason.PURPOSE)
    if purpose != case.caller.purpose and not emergency:
        raise RefusedError(Reason.PURPOSE)
    if purpose in case.policy.secondary:
        opted_out = case.person.national_opt_out
        raise RefusedError(Reason.SECONDARY_OPTED_OUT if opted_out else Reason.SECONDARY)


def standing_of(case: Case, opened: bool) -> Standing:
    """Layer 3. Why this caller may stand before this person at all."""
    if case.caller.kind is CallerKind.PATIENT:
        if case.person.deceased:
            raise RefusedError(Reason.IDENTITY)
        return Standing(reasons=(Reason.OWN_RECORD,))
    _check_suspended(case)
    if case.caller.kind is CallerKind.PROXY:
        bases = case.policy.proxy_bases
        proxy = live_proxy(case.person, case.caller, case.request.at, bases)
        if proxy is None:
            raise RefusedError(Reason.PROXY)
        return Standing(reasons=(Reason.PROXY_AUTHORITY,), evidence=(proxy.evidence,))
    if not case.role.needs_relationship:
        return Standing(reasons=(Reason.OWN_ITEMS,))
    standing = _professional(case, opened)
    if opened and case.request.break_glass:
        proved = (*standing.evidence, case.request.break_glass.evidence)
        standing = replace(standing, evidence=proved)
    return standing


def _check_suspended(case: Case) -> None:
    """Who is named as a source of harm stands as somebody without any tie, an emergency too."""
    caller, at = case.caller, case.request.at
    if is_suspended(case.person.suspensions, caller.user_id, caller.org, at):
        proxy = caller.kind is CallerKind.PROXY
        raise RefusedError(Reason.PROXY if proxy else Reason.RELATIONSHIP)


def _professional(case: Case, opened: bool) -> Standing:
    """A relationship with permission, an open break-glass, or the record the caller's sent."""
    refused = (Reason.BREAK_GLASS_REFUSED,) if case.request.break_glass and not opened else ()
    emergency = (Reason.BREAK_GLASS,) if opened else refused
    alerts = (Obligation.ALERT_BREAK_GLASS,) if opened else ()
    relationship, holder = _relationship(case), _record_holder(case)
    permission = _permission(case, opened) if relationship else None
    if relationship is None or permission is None:
        return _without(holder, opened, emergency, alerts, relationship is not None)
    if relationship.kind is RelationshipKind.SELF_CLAIM:
        alerts = (*alerts, Obligation.ALERT_SELF_CLAIM)
    return Standing(
        relationship,
        opened,
        (_RELATIONSHIP_REASON[relationship.kind], *permission[0], *emergency),
        (relationship.evidence, *permission[1]),
        alerts,
    )


def _without(
    holder: Relationship | None,
    opened: bool,
    emergency: tuple[Reason, ...],
    alerts: tuple[Obligation, ...],
    related: bool,
) -> Standing:
    """No relationship with permission: what the organisation sent, or an emergency, or no."""
    if holder is None and not opened:
        raise RefusedError(Reason.PERMISSION if related else Reason.RELATIONSHIP, *emergency)
    return Standing(
        holder,
        opened,
        (*((_RELATIONSHIP_REASON[holder.kind],) if holder else ()), *emergency),
        (holder.evidence,) if holder else (),
        alerts,
        own_only=not opened,
    )


def _relationship(case: Case) -> Relationship | None:
    """The best one now; a self-claim counts only for the roles that may make one."""
    none = {RelationshipKind.RECORD_HOLDER}
    if not case.role.self_claim:
        none.add(RelationshipKind.SELF_CLAIM)
    held = (r for r in case.person.relationships if r.kind not in none)
    return best_relationship(held, case.caller, case.request.at)


def _record_holder(case: Case) -> Relationship | None:
    """The caller's organisation sent a record of this person; no ground for a volunteer."""
    if case.role.permission is RolePermission.NAMED:
        return None
    kind = RelationshipKind.RECORD_HOLDER
    held = (r for r in case.person.relationships if r.kind is kind)
    return best_relationship(held, case.caller, case.request.at)


def _permission(case: Case, opened: bool) -> tuple[tuple[Reason, ...], tuple[str, ...]] | None:
    """The permission to view, where role or deployment asks for one; None: it is missing."""
    named = case.role.permission is RolePermission.NAMED
    recorded = case.policy.settings.permission is PermissionToView.RECORDED
    if case.role.permission is RolePermission.NOT_NEEDED or not (named or recorded):
        return (Reason.PERMISSION_IMPLIED,), ()
    permissions, at = case.person.permissions, case.request.at
    found = live_permission(permissions, case.caller, at, named=named)
    if found is not None:
        return (Reason.PERMISSION_RECORDED,), (found.evidence,)
    return ((), ()) if opened else None


def may_record(case: Case, standing: Standing) -> bool:
    """Whether the caller may record that the person said otherwise since: staff whose role writes
    Consents, on a relationship that they did not claim for themselves. It is said of what was
    recorded: no new Consent is made over one that closes the record."""
    if case.request.action is Action.CREATE:
        return False
    tie, role = standing.relationship, case.role
    related = tie is not None and not standing.own_only and tie.kind not in _NO_TIE
    return related and role.kind is CallerKind.STAFF and "consent" in role.write.own


def check_restricted_person(case: Case) -> None:
    """Layer 4. A very restricted person is open to herself and to staff named on her team."""
    if case.person.pds != Pds.VERY_RESTRICTED or case.caller.kind is CallerKind.PATIENT:
        return
    if not is_in_named_team(case.person, case.caller, case.request.at):
        alert = (Obligation.ALERT_RESTRICTED_PERSON,)
        raise RefusedError(Reason.RESTRICTED_PERSON, obligations=alert)
