"""Why may this caller use this person's record: relationship, permission, authority as proxy.

In      the dated facts about the person, the caller, the moment.
Out     the best fact that holds now, or None.
Rule    A fact names an organisation or one of its people: when it names a person, only that
        person has it. Membership of a place or an organisation creates nothing by itself.
        Registered practice, then caseload, care team, referral, and last a self-claim.
Source  docs/policy.md.
Pure    The moment is an argument; periods are half-open.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from consent.periods import age_on, is_within
from consent.terms import (
    BreakGlass,
    Caller,
    Permission,
    PersonFacts,
    ProxyAuthority,
    Relationship,
    RelationshipKind,
)

RANK: Final = {kind: rank for rank, kind in enumerate(RelationshipKind)}
_NAMED_TEAM: Final = frozenset({RelationshipKind.CARE_TEAM, RelationshipKind.CASELOAD})


def best_relationship(
    relationships: Iterable[Relationship], caller: Caller, at: datetime
) -> Relationship | None:
    """The strongest relationship this caller has at that moment."""
    live = (r for r in relationships if _holds(r, caller, at))
    return min(live, key=lambda r: (RANK[r.kind], r.start, r.evidence), default=None)


def open_break_glass(
    emergencies: Iterable[BreakGlass], caller: Caller, at: datetime
) -> BreakGlass | None:
    """The emergency access of this very caller that is open now; the latest that was opened."""
    mine = (caller.user_id, caller.org, caller.role)
    live = (
        one
        for one in emergencies
        if (one.user_id, one.org, one.role) == mine and one.opened <= at < one.expires
    )
    return max(live, key=lambda one: (one.opened, one.evidence), default=None)


def is_in_named_team(person: PersonFacts, caller: Caller, at: datetime) -> bool:
    """Whether a care team or caseload of this person names this very caller now."""
    return any(
        r.kind in _NAMED_TEAM and r.user_id is not None and _holds(r, caller, at)
        for r in person.relationships
    )


def live_permission(
    permissions: Iterable[Permission], caller: Caller, at: datetime, *, named: bool
) -> Permission | None:
    """The person's permission that covers this caller now; `named` asks for one by name."""
    live = (p for p in permissions if _covers(p, caller, named) and is_within(p.start, p.end, at))
    return min(live, key=lambda p: (p.start, p.evidence), default=None)


def live_proxy(
    person: PersonFacts, caller: Caller, at: datetime, bases: Mapping[str, int | None]
) -> ProxyAuthority | None:
    """The authority on which this caller may act for the person now, if there is one."""
    if person.deceased:
        return None
    live = (p for p in person.proxies if _may_act(p, caller, at) and p.basis in bases)
    of_age = (p for p in live if _is_young_enough(person, bases[p.basis], at))
    return min(of_age, key=lambda p: (p.start, p.evidence), default=None)


def _holds(relationship: Relationship, caller: Caller, at: datetime) -> bool:
    return (
        relationship.org == caller.org
        and relationship.user_id in (None, caller.user_id)
        and is_within(relationship.start, relationship.end, at)
    )


def _covers(permission: Permission, caller: Caller, named: bool) -> bool:
    if permission.org is None and permission.user_id is None:
        return False
    if named and permission.user_id is None:
        return False
    return permission.org in (None, caller.org) and permission.user_id in (None, caller.user_id)


def _may_act(proxy: ProxyAuthority, caller: Caller, at: datetime) -> bool:
    mine = proxy.user_id == caller.user_id
    return mine and proxy.accepted and is_within(proxy.start, proxy.end, at)


def _is_young_enough(person: PersonFacts, below_age: int | None, at: datetime) -> bool:
    if below_age is None:
        return True
    return person.birth_date is not None and age_on(person.birth_date, at) < below_age
