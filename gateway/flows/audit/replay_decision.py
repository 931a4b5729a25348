"""A decision of the past, made again on the facts of its moment.

    within reach? -> the entry -> its caller, its facts as far as they are held -> compile again
      -> record the look -> the same, or what is no longer held

Rule    What was decided is the entry's own hash of the Filter. Where the person's epoch has not
        moved since, the facts are those of today; else they are put together by their dates.
Errors  ForbiddenError; NotFoundError for an entry out of reach as for none; FaultyRequestError
        for one that is no decision about a person; AuditUnavailableError.
"""

from dataclasses import replace
from typing import Any, Final

from consent.decision import compile_filter
from consent.filter import Filter
from consent.policy import AuditScope, Policy
from consent.relationship import open_break_glass
from consent.terms import Action, Caller, CallerKind, Purpose, Request
from gateway.audit.entry import AuditEntry, decode
from gateway.audit.events import Event, Outcome
from gateway.errors import Fault, FaultyRequestError, NotFoundError
from gateway.flows.asking.governance import Looker, looker_of
from gateway.flows.asking.looking_together import from_words
from gateway.flows.audit import subject_access
from gateway.flows.site.site import Asking, Site
from gateway.store import audit_reads, facts
from gateway.store.audit_reads import Wanted
from gateway.store.engine import Connection
from gateway.store.facts_then import facts_then
from gateway.store.held import Held

_ACTIONS: Final = {
    Event.READ: Action.READ,
    Event.VREAD: Action.HISTORY,
    Event.HISTORY: Action.HISTORY,
    Event.SEARCH: Action.SEARCH,
    Event.OPERATION: Action.SEARCH,
    Event.DECISION: Action.READ,
}
_COPY: Final = (Event.EXPORT, subject_access.NAME)
"""Somebody's copy: asked as a read of the person's own, whoever answers."""
_READS: Final = ("$lineage",)
"""Operations that ask as a read does."""


async def replay(site: Site, asking: Asking, number: int) -> dict[str, Any]:
    """What was decided, what is decided now on those facts, and whether it is the same."""
    looker = await looker_of(site, asking, "replay")
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
    if _is_answer(entry):
        again = _answered(again, held, entry, site.policy)
    if entry.policy_version != f"{site.policy.version}@{site.policy.hash[:12]}":
        missing = (f"the policy {entry.policy_version}", *missing)
    same = again.hash == entry.filter_hash
    if not same and not missing:
        missing = ("practice, links, birth date or switches as they stood",)
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
    return decode(found[0][1]).entry if found and found[0][0] == number else None


def _caller(entry: AuditEntry) -> tuple[Caller, Action]:
    """Who asked and what. Errors: FaultyRequestError for what is no decision about a person."""
    agent = entry.agent
    action = _ACTIONS.get(entry.event)
    if (entry.event, entry.query) == _COPY:
        action = Action.READ
    whole = entry.person_id and entry.filter_hash and agent.purpose in set(Purpose)
    if action is None or not whole or agent.kind not in set(CallerKind):
        text = "is no decision about one person's record that can be made again"
        raise FaultyRequestError([Fault("business-rule", "entry", text)])
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
