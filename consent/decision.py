"""Compile what one caller may see of one person into a Filter.

In      Caller, PersonFacts (relationships, consents, flags), Request (action, purpose, at),
        Policy.
Out     Filter: grants and denies over row labels, with every reason. Never raises: input that
        cannot be understood gives the filter that shows nothing.
Rule    Layers narrow in order, and a later layer never widens an earlier one:
        1 identity, 2 purpose, 3 standing, 4 the restricted person (consent.standing); 5 role,
        scopes, clearance and own items; 6 hard stops, holds, new entries under review, opt-out,
        closed feeds, what a locality switched off; 7 the person's consents (consent.residual);
        8 masks and obligations.
        Who looks together sees what each may see alone (consent.present).
        Any deny wins, so the order of consents cannot change the answer.
        A person's own consents limit others; they never hide the record from the person.
Source  docs/policy.md (printed from Policy; the governance board signs that page).
Pure    No clock: the moment is request.at. No look-ups: the facts are in the arguments.
"""

from collections.abc import Iterator
from dataclasses import replace

from consent.feeds import Feature
from consent.filter import EVERYTHING, And, Clause, Filter, Node, Not, Reduction, unique
from consent.labels import AFTERCARE, HOME_ACCESS, SENSITIVITIES, mask_of
from consent.periods import MAX_MICROS
from consent.policy import Policy
from consent.present import together
from consent.relationship import is_in_named_team
from consent.residual import Residual, UnloadedLinksError, residual
from consent.scopes import types_in_scope
from consent.standing import (
    Case,
    RefusedError,
    Standing,
    case_of,
    check_purpose,
    check_restricted_person,
    is_break_glass_open,
    may_record,
    standing_of,
)
from consent.terms import (
    VIEWING,
    WRITING,
    Caller,
    CallerKind,
    ClosedFeed,
    Confidentiality,
    Obligation,
    Pds,
    PersonFacts,
    Reason,
    Request,
)


def compile_filter(caller: Caller, person: PersonFacts, request: Request, policy: Policy) -> Filter:
    """Everything this caller may see of this person, for this purpose, now; beside others, what
    each of them may see too."""
    try:
        return _beside_others(caller, person, request, policy)
    except (UnloadedLinksError, TypeError, ValueError, AttributeError, LookupError):
        return Filter.nothing(Reason.UNREADABLE)


def _beside_others(caller: Caller, person: PersonFacts, request: Request, policy: Policy) -> Filter:
    shown = _alone(caller, person, request, policy)
    calm = replace(request, break_glass=None) if caller.present else request
    for one in caller.present:
        beside = replace(
            caller, user_id=one.user_id, role=one.role, org=one.org, scopes=frozenset(), present=()
        )
        shown = together(shown, _alone(beside, person, calm, policy), one.org)
    return shown


def _alone(caller: Caller, person: PersonFacts, request: Request, policy: Policy) -> Filter:
    try:
        return _compile(case_of(caller, person, request, policy))
    except RefusedError as refused:
        return Filter.nothing(*refused.reasons, obligations=refused.obligations)


def _compile(case: Case) -> Filter:
    opened = is_break_glass_open(case)
    check_purpose(case, opened)
    standing = standing_of(case, opened)
    check_restricted_person(case)
    grants = _grants(case, standing)
    said = said_by_person(case, standing)
    denies = (*fixed_denies(case, standing), *said.denies)
    instructed = _instructions(case, standing)
    reduction = None
    if instructed is not None:
        reduction = Reduction(case.policy.safety, grants, case.policy.reason_mask)
        grants = unique((*grants, instructed))
    return _with_masks(case, standing, said, Filter(grants, denies, reduction=reduction))


def _grants(case: Case, standing: Standing) -> tuple[Node, ...]:
    """Layer 5. What the role opens: everywhere, of its own organisation, in an emergency."""
    caller, role, rules = case.caller, case.role, case.policy.break_glass
    types = types_in_scope(caller.scopes, case.request.action)
    cell = role.cell(case.request.action)
    level, mask = role.clearance, role.sensitivities
    grants: list[Clause] = []
    if standing.break_glass:
        level, mask = max(level, int(Confidentiality.RESTRICTED)), mask | rules.sensitivities
        grants.append(_grant(rules.categories, types, level, mask))
    if case.request.action in WRITING and not _may_write(case, standing):
        raise RefusedError(Reason.RELATIONSHIP)
    mask |= near_a_visit(case)
    if not standing.own_only:
        grants.append(_grant(cell.everywhere, types, level, mask))
        grants += _aftercare(case, types, level, mask)
    if caller.org and (standing.relationship is not None or not role.needs_relationship):
        own_level, own_mask = max(level, role.own_clearance), mask | role.own_sensitivities
        grants.append(_grant(cell.own, types, own_level, own_mask, frozenset({caller.org})))
    opening = [grant for grant in grants if grant.categories and _has_types(grant)]
    if not opening:
        raise RefusedError(Reason.ROLE)
    return unique(opening)


def _instructions(case: Case, standing: Standing) -> Clause | None:
    """Layer 5. The safety set stays for direct care, whatever its reason is labelled; a label
    that nobody can read is no reason we know."""
    cell, role = case.role.cell(case.request.action), case.role
    shelves = case.policy.safety & cell.everywhere
    viewing = case.request.action in VIEWING and not standing.own_only
    if not (role.direct_care and shelves and viewing):
        return None
    types = types_in_scope(case.caller.scopes, case.request.action)
    every = mask_of(SENSITIVITIES, SENSITIVITIES) & ~(HOME_ACCESS & ~near_a_visit(case))
    return _grant(shelves, types, int(Confidentiality.VERY_RESTRICTED), every)


def near_a_visit(case: Case) -> int:
    """Layer 5. The label of how to get into a home, for who visits now, to look and not to keep."""
    caller, rules = case.caller, case.policy.home_access
    visits = case.role.id in rules.roles and not caller.keeps and case.request.action in VIEWING
    near = visits and rules.is_near(case.person.visits, caller.org, case.request.at)
    return HOME_ACCESS if near else 0


def aftercare_shelves(case: Case) -> frozenset[str]:
    """Layer 5. On which shelves role, or a team or caseload that names the caller, opens aftercare;
    to write, those that the role writes on."""
    rules, role, action = case.policy.aftercare, case.role.id, case.request.action
    named = role in rules.named_roles and is_in_named_team(
        case.person, case.caller, case.request.at
    )
    if not (named or role in rules.roles):
        return frozenset()
    return rules.categories & (
        rules.categories if action in VIEWING else case.role.cell(action).everywhere
    )


def _aftercare(case: Case, types: frozenset[str] | None, level: int, mask: int) -> Iterator[Clause]:
    """Layer 5. What is labelled as aftercare, whichever of its shelves it stands on."""
    if shelves := aftercare_shelves(case):
        made = _grant(shelves, types, level, mask | case.policy.aftercare.sensitivities | AFTERCARE)
        yield made._replace(sensitivities_any=AFTERCARE)


def _may_write(case: Case, standing: Standing) -> bool:
    """Staff write about people they have a relationship with; a role that needs none writes what
    is its own organisation's."""
    related = standing.relationship is not None and not standing.own_only
    return case.is_person or related or not case.role.needs_relationship


def _has_types(grant: Clause) -> bool:
    return grant.resource_types is None or bool(grant.resource_types)


def _grant(
    categories: frozenset[str],
    types: frozenset[str] | None,
    level: int,
    mask: int,
    source_orgs: frozenset[str] | None = None,
) -> Clause:
    return Clause(
        categories=categories,
        resource_types=types,
        source_orgs=source_orgs,
        confidentiality_max=level,
        sensitivities_within=mask,
    )


def fixed_denies(case: Case, standing: Standing) -> tuple[Node, ...]:
    """Layer 6. Hard stops, holds for lay callers, opt-out for other organisations, closed feeds,
    switches of the locality."""
    denies: list[Node] = [Clause(legal_any=case.policy.hard_stops)]
    if case.role.lay:
        denies.append(Clause(holds_any=case.policy.person_holds))
        denies += _new_entries(case)
    if case.person.opted_out and not case.is_person and not standing.break_glass:
        denies.append(Not(Clause(source_orgs=frozenset({case.caller.org}))))
    checks = case.role.id in case.policy.safety_roles
    denies += [_of_feed(one) for one in case.person.closed if not (one.checked and checks)]
    return (*denies, *_switched_off(case))


def _new_entries(case: Case) -> Iterator[Node]:
    """Layer 6. What is dated from the day of a review on, goes on after it or bears no date; not
    the person's own words, the agreed plan and the next steps."""
    since = case.person.review_from
    if since is not None:
        spared = Clause(categories=case.policy.review_spares)
        yield And((Clause(overlaps=(since, MAX_MICROS)), Not(spared)))


def _switched_off(case: Case) -> Iterator[Node]:
    """Layer 6. What the locality a person is registered in has not joined, in an emergency too."""
    off = case.person.off
    if off.feeds:
        yield Clause(feeds=off.feeds)
    if off.senders:
        yield Clause(source_orgs=off.senders, feeds=frozenset({""}))
    if Feature.OWN_RECORD in off.features and case.is_person:
        yield EVERYTHING
    if Feature.SHARED_RECORD in off.features and not case.is_person:
        yield Not(Clause(source_orgs=frozenset({case.caller.org})))


def _of_feed(one: ClosedFeed) -> Clause:
    """What came by the feed, and what of the same organisation came by nobody knows which."""
    return Clause(source_orgs=frozenset({one.org}), feeds=frozenset({one.feed, ""}))


def said_by_person(case: Case, standing: Standing) -> Residual:
    """Layer 7. What the person's consents leave, for everybody but the person."""
    if case.caller.kind is CallerKind.PATIENT:
        return Residual()
    records = may_record(case, standing)
    return residual(case, break_glass=standing.break_glass, records=records)


def _with_masks(case: Case, standing: Standing, said: Residual, shown: Filter) -> Filter:
    """Layer 8. What is masked in the rows shown, what else is owed, and every reason."""
    masked = case.person.pds == Pds.RESTRICTED
    return Filter(
        grants=shown.grants,
        denies=shown.denies,
        masks=case.policy.location_mask if masked else (),
        obligations=(*standing.obligations, *([Obligation.MASK_LOCATION] if masked else [])),
        reasons=(
            *standing.reasons,
            *([Reason.OPTED_OUT] if case.person.opted_out else []),
            *([Reason.MASKED_LOCATION] if masked else []),
            *said.reasons,
        ),
        evidence=standing.evidence,
        reduction=shown.reduction,
    )
