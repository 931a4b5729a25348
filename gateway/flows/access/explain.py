"""Why somebody is shown an item or is not: for governance, and for the caller about themselves.

    themselves:  the item as they see it -> record -> the layers that let it through
    governance:  within reach? -> who is asked about -> layers -> record -> answer

Rule    A caller's question about what is hidden from them is answered as about what is not there.
        Governance asks about its own staff and the person, and about items that its own
        organisation sent: what another organisation's staff would see tells who is known there.
        What they did see is told by the log, and by making that decision again. The borough's
        asks about all, and is told what stands before the layers: how the record of the item is
        linked, since a relationship holds for linked records alone, and whether its feed is open
        to the teams. The safeguarding desk asks about whoever, of items that it sees, and is told
        who is suspended: nobody else is. Labels and codes are told, nothing of the item.
Errors  NotFoundError; ForbiddenError; FaultyRequestError; AuditUnavailableError.
"""

from dataclasses import dataclass, replace
from typing import Any

from consent.explain import Explanation, Step, explained, words_of
from consent.policy import AuditScope
from consent.relationship import open_break_glass
from consent.suspension import is_suspended
from consent.terms import (
    Action,
    Caller,
    CallerKind,
    Labels,
    PersonFacts,
    Purpose,
    Reason,
    Request,
)
from gateway.audit.events import Event, Outcome
from gateway.errors import Fault, FaultyRequestError, NotFoundError
from gateway.flows.access import concerns
from gateway.flows.access.safeguarding_desk import check_desk
from gateway.flows.asking.access_log import entry_of, require_scope
from gateway.flows.asking.alerts import record_owing
from gateway.flows.asking.borough_look import alert_of_look
from gateway.flows.asking.governance import looker_of
from gateway.flows.asking.sight import sight_of
from gateway.flows.reading.query_record import view_of
from gateway.flows.site.site import Asking, Site
from gateway.store.access import facts
from gateway.store.record.item_labels import labels_of_item, link_state_of_item

_QUERY = "explain"
_NOT_THEIRS = frozenset(
    {Reason.DISSENT, Reason.CONSENT_SCOPE, Reason.OPTED_OUT, Reason.MASKED_LOCATION}
    | {Reason.NO_CONSENT_RECORDED}
)
"""What a caller is not told of the person, though it hid nothing of this item."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose sight is asked about; nobody's named: the asker's own."""

    user: str = ""
    role: str = ""
    org: str = ""
    purpose: str = ""


async def explain(site: Site, asking: Asking, resource: str, whose: Whose) -> dict[str, Any]:
    """The layers, in order, and whether the item is shown."""
    resource_type, _, resource_id = resource.partition("/")
    if not resource_type or not resource_id or "/" in resource_id:
        raise FaultyRequestError([Fault("value", "resource", "Type/id")])
    if whose == Whose():
        return await _own(site, asking, resource_type, resource_id)
    if asking.caller.role in site.policy.safeguarding.decided_by:
        return await _for_desk(site, asking, resource_type, resource_id, whose)
    return await _of_another(site, asking, resource_type, resource_id, whose)


async def _own(site: Site, asking: Asking, resource_type: str, resource_id: str) -> dict[str, Any]:
    await require_scope(site, asking, Event.DECISION, Action.READ, resource_type)
    async with site.store.engine.reading() as conn:
        sight = await sight_of(conn, site, asking, resource_type, resource_id, Action.READ)
        found = await view_of(conn, site, sight, resource_type, resource_id) if sight else None
    entry = entry_of(site, asking, Event.DECISION, sight, [], _QUERY)
    if found:
        entry = replace(entry, outcome=Outcome.SERVED)
    await record_owing(site.store, sight.allowed.obligations if sight else (), entry)
    if not found or not sight:
        raise NotFoundError
    told = [one for one in sight.allowed.reasons if one not in _NOT_THEIRS]
    role = site.policy.roles[asking.caller.role]
    steps = (
        Step("purpose", True, (f"{asking.caller.purpose} is a purpose of the role",)),
        Step("relationship", True, words_of(told)),
        Step("role", True, ("the role and its clearance reach it",)),
    )
    never = sorted(role.never_sees)
    return _answer(f"{resource_type}/{resource_id}", Explanation(True, steps)) | {"never": never}


async def _for_desk(
    site: Site, asking: Asking, resource_type: str, resource_id: str, whose: Whose
) -> dict[str, Any]:
    await check_desk(site, asking, _QUERY)
    await require_scope(site, asking, Event.DECISION, Action.READ, resource_type)
    caller = _caller(site, whose)
    async with site.store.engine.reading() as conn:
        sight = await sight_of(conn, site, asking, resource_type, resource_id, Action.READ)
        found = await view_of(conn, site, sight, resource_type, resource_id) if sight else None
        _, rows = await labels_of_item(conn, resource_type, resource_id)
    seen = sight if found else None
    entry = concerns.entry_of(asking, Outcome.SERVED if seen else Outcome.NOT_FOUND, _QUERY)
    about = (sight.person_id,) if sight else ()
    entry = replace(
        entry,
        person_id=sight.person_id if sight else "",
        patient_ids=about,
        detail=_asked_of(whose),
    )
    await record_owing(site.store, sight.allowed.obligations if sight else (), entry)
    if seen is None:
        raise NotFoundError
    person = seen.held.facts
    if caller.kind is CallerKind.PATIENT:
        caller = replace(caller, patient=seen.person_id)
    opened = open_break_glass(person.emergencies, caller, asking.at)
    request = Request(Action.READ, caller.purpose, asking.at, opened)
    within = [one for one in rows if seen.allowed.allows(one)]
    told = [explained(caller, person, request, site.policy, one) for one in within]
    shown = next((one for one in told if one.shown), told[0])
    away = is_suspended(person.suspensions, caller.user_id, caller.org, asking.at)
    return _answer(f"{resource_type}/{resource_id}", shown) | {"suspended": away}


async def _of_another(
    site: Site, asking: Asking, resource_type: str, resource_id: str, whose: Whose
) -> dict[str, Any]:
    looker = await looker_of(site, asking, _QUERY)
    caller = _caller(site, whose)
    if looker.within_org is None:
        await alert_of_look(site, asking, _QUERY)
    async with site.store.engine.reading() as conn:
        person_id, rows = await labels_of_item(conn, resource_type, resource_id)
        own = looker.within_org
        is_within = own is None or whose.org == own or caller.kind is CallerKind.PATIENT
        within = [one for one in rows if is_within and own in (None, one.source_org)]
        known = [person_id] if within else []
        held = await facts.facts_about(conn, site.store.vault, site.known, known)
        linked = await link_state_of_item(conn, resource_type, resource_id) if own is None else ""
    about = held.get(person_id)
    entry = looker.entry(Event.AUDIT_VIEW, Outcome.SERVED if about else Outcome.NOT_FOUND, _QUERY)
    detail = _asked_of(whose)
    patient_ids = tuple(about.sources) if about else ()
    await site.store.log.append(
        replace(entry, detail=detail, patient_ids=patient_ids, person_id=person_id if about else "")
    )
    if about is None:
        raise NotFoundError
    if caller.kind is CallerKind.PATIENT:
        caller = replace(caller, patient=person_id)
    opened = open_break_glass(about.facts.emergencies, caller, asking.at)
    request = Request(Action.READ, caller.purpose, asking.at, opened)
    found = [explained(caller, about.facts, request, site.policy, one) for one in within]
    shown = next((one for one in found if one.shown), found[0])
    before = {"linked": linked, "open": _is_open(about.facts, within)} if own is None else {}
    return _answer(f"{resource_type}/{resource_id}", shown) | before


def _is_open(person: PersonFacts, rows: list[Labels]) -> bool:
    """Whether a feed that sent it is open to the teams."""
    closed = {(one.org, one.feed) for one in person.closed}
    return any((one.source_org, one.feed) not in closed for one in rows)


def _asked_of(whose: Whose) -> tuple[tuple[str, str], ...]:
    """Whom it was asked of, for the log."""
    asked = (("caller", whose.user), ("role", whose.role), ("org", whose.org))
    return tuple(pair for pair in asked if pair[1])


def _caller(site: Site, whose: Whose) -> Caller:
    """Who is asked about. Errors: FaultyRequestError."""
    role = site.policy.roles.get(whose.role)
    faults = []
    if role is None or role.audit in (AuditScope.OWN_ORGANISATION, AuditScope.BOROUGH):
        faults.append(Fault("value", "role", "a role of the policy that reads records"))
    if not whose.user:
        faults.append(Fault("required", "caller", "the id of a user"))
    if whose.purpose and whose.purpose not in set(Purpose):
        faults.append(Fault("value", "purpose", "a code of a purpose"))
    if role is None or faults:
        raise FaultyRequestError(faults)
    purpose = Purpose(whose.purpose or Purpose.TREATMENT)
    return Caller(
        whose.user, role.kind, role.id, whose.org, purpose, "", frozenset(), frozenset(), None,
        "", "",
    )  # fmt: skip


def _answer(resource: str, found: Explanation) -> dict[str, Any]:
    layers = [
        {"layer": one.layer, "passes": one.passes, "why": list(one.why)} for one in found.steps
    ]
    return {"resource": resource, "shown": found.shown, "layers": layers}
