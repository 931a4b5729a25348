"""A decision of the past, made again on the facts of its moment.

    within reach? -> the entry -> its caller, its facts as far as they are held -> compile again
      -> record the look -> the same, or what is no longer held

Rule    What was decided is the entry's own hash of the Filter. Where the person's epoch has not
        moved since, the facts are those of today; else they are put together by their dates.
        A writing that was refused may have been decided as a read: it is made again as either.
Errors  ForbiddenError; NotFoundError for an entry out of reach as for none; UnprocessableError
        for one that is no decision about a person, with why; AuditUnavailableError.
"""

from dataclasses import replace
from typing import Any, Final

from consent.decision import compile_filter
from consent.filter import Filter
from consent.policy import AuditScope, Policy
from consent.relationship import open_break_glass
from consent.terms import WRITING, Action, Caller, CallerKind, Purpose, Request
from gateway.audit.entry import AuditEntry, decode
from gateway.audit.events import Event, Outcome
from gateway.errors import Fault, NotFoundError, UnprocessableError
from gateway.flows.asking.borough_look import alert_of_look
from gateway.flows.asking.governance import Looker, looker_of
from gateway.flows.asking.looking_together import from_words
from gateway.flows.asking.refused_seen import unnamed
from gateway.flows.audit import subject_access
from gateway.flows.site.site import Asking, Site
from gateway.store.access import facts
from gateway.store.access.facts_then import facts_then
from gateway.store.access.held import Held
from gateway.store.audit import audit_reads
from gateway.store.audit.audit_reads import Wanted
from gateway.store.database.engine import Connection

_ACTIONS: Final = {
    Event.READ: Action.READ,
    Event.VREAD: Action.HISTORY,
    Event.HISTORY: Action.HISTORY,
    Event.SEARCH: Action.SEARCH,
    Event.OPERATION: Action.SEARCH,
    Event.DECISION: Action.READ,
    Event.CREATE: Action.CREATE,
    Event.UPDATE: Action.UPDATE,
    Event.DELETE: Action.DELETE,
}
_CHANGES: Final = (Event.CONSENT_CHANGE, Event.RELATIONSHIP_CHANGE)
"""Named after what was written: the first version was created."""
_NOBODY: Final = "is about no one person: nobody's record was opened, so nothing was decided"
_NO_READING: Final = "is of a kind by which nobody's record is opened: it says what was done"
_NO_CALLER: Final = "names no caller in a role: nothing was decided for one"
_COPY: Final = (Event.EXPORT, subject_access.NAME)
"""Somebody's copy: asked as a read of the person's own, whoever answers."""
_READS: Final = ("$lineage",)
"""Operations that ask as a read does."""


async def replay(site: Site, asking: Asking, number: int) -> dict[str, Any]:
    """What was decided, what is decided now on those facts, and whether it is the same."""
    looker = await looker_of(site, asking, "replay")
    if looker.within_org is None:
        await alert_of_look(site, asking, "replay")
    async with site.store.engine.reading() as conn:
        entry = await _entry(conn, looker, number)
    seen = looker.entry(Event.AUDIT_VIEW, Outcome.SERVED if entry else Outcome.NOT_FOUND, "replay")
    patient_ids = entry.patient_ids if entry else ()
    detail = (("entry", str(number)),)
    await site.store.log.append(replace(seen, detail=detail, patient_ids=patient_ids))
    if entry is None:
        raise NotFoundError
    asked = _caller(entry)
    async with site.store.engine.reading() as conn:
        held, missing = await _facts(conn, site, entry)
    opened = open_break_glass(held.facts.emergencies, asked[0], entry.recorded)
    request = Request(asked[1], asked[0].purpose, entry.recorded, opened)
    again = compile_filter(asked[0], held.facts, request, site.policy)
    if request.action in WRITING and again.hash != entry.filter_hash and not entry.resources:
        looked = compile_filter(
            asked[0], held.facts, replace(request, action=Action.READ), site.policy
        )
        again = looked if looked.hash == entry.filter_hash else again
    if _is_answer(entry):
        again = _answered(again, held, entry, site.policy)
    if entry.policy_version != f"{site.policy.version}@{site.policy.hash[:12]}":
        missing = (f"the policy {entry.policy_version}", *missing)
    same = again.hash == entry.filter_hash
    if not same and not missing:
        missing = ("practice, links, birth date, visits or switches as they stood",)
    return {
        "entry": number,
        "decided": {"reasons": list(entry.reasons), "filter": entry.filter_hash},
        "again": {"reasons": list(map(str, again.reasons)), "filter": again.hash},
        "same": same,
        "not_held": [] if same else list(missing),
    }


async def _entry(conn: Connection, looker: Looker, number: int) -> AuditEntry | None:
    wanted = Wanted(within_org=looker.within_org, before=number + 1)
    found = await audit_reads.search(conn, wanted, 1)
    if not found or found[0][0] != number:
        return None
    entry, org = decode(found[0][1]).entry, looker.within_org
    if org is None or entry.agent.org != org:
        return entry
    return (await unnamed(conn, org, [entry]))[0]


def _caller(entry: AuditEntry) -> tuple[Caller, Action]:
    """Who asked and what. Errors: UnprocessableError for what is no decision about a person."""
    agent, action = entry.agent, _action(entry)
    why = _NO_READING if action is None else ""
    if agent.purpose not in set(Purpose) or agent.kind not in set(CallerKind):
        why = why or _NO_CALLER
    if not entry.person_id or not entry.filter_hash:
        why = why or _NOBODY
    if why or action is None:
        raise UnprocessableError([Fault("business-rule", "entry", why)])
    if entry.event is Event.OPERATION and entry.query in _READS:
        action = Action.READ
    kind = CallerKind(agent.kind)
    own = kind in (CallerKind.PATIENT, CallerKind.PROXY)
    scopes = frozenset(dict(entry.detail).get("scopes", "").split())
    caller = Caller(
        agent.user_id, kind, agent.role, agent.org, Purpose(agent.purpose), agent.client_id,
        scopes, frozenset(), entry.person_id if own else None, agent.assurance, agent.token_hash,
        from_words(dict(entry.detail).get("present", "")),
    )  # fmt: skip
    if _is_answer(entry):
        caller = subject_access.as_person(caller, entry.person_id)
    return caller, action


def _action(entry: AuditEntry) -> Action | None:
    """What was asked; None where nobody's record was to be opened."""
    if (entry.event, entry.query) == _COPY:
        return Action.READ
    if entry.event in _CHANGES:
        is_new = not entry.resources or entry.resources[0][2] == 1
        return Action.CREATE if is_new else Action.UPDATE
    return _ACTIONS.get(entry.event)


def _answered(again: Filter, held: Held, entry: AuditEntry, policy: Policy) -> Filter:
    agent = entry.agent
    role = policy.roles.get(agent.role)
    org = None if role and role.audit is AuditScope.BOROUGH else agent.org
    return subject_access.answered(again, held.facts, agent.user_id, org)


def _is_answer(entry: AuditEntry) -> bool:
    """Whether it is a copy that somebody else was given for the person."""
    return (entry.event, entry.query) == _COPY and entry.agent.kind == CallerKind.STAFF


async def _facts(conn: Connection, site: Site, entry: AuditEntry) -> tuple[Held, tuple[str, ...]]:
    now = await facts.facts_about(conn, site.store.vault, site.known, [entry.person_id])
    held = now.get(entry.person_id)
    if held is not None and held.epoch == entry.access_epoch:
        return held, ()
    then = await facts_then(conn, site.store.vault, entry)
    return then.held, then.missing
