"""The safeguarding desk: what was raised, what becomes of it; whom to keep away is beside it.

    listing by reference -> one with its words, recorded first -> take | enquire | act | close

Rule    Roles of the policy alone, of the organisation whose desk it is; what was raised while no
        desk was named is every desk's. Who is suspended from sight of the person sees nothing of
        it here either, and nobody decides on what they raised themselves. The look and the step
        are entries of safeguarding, which nobody else finds; a reason stands sealed there.
Errors  ForbiddenError for every other role; NotFoundError for what is not this desk's as for
        nothing; FaultyRequestError; AuditUnavailableError.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from consent.terms import CallerKind
from consent.users import one_form
from gateway.audit.entry import AuditEntry, Sensitive
from gateway.audit.events import Outcome
from gateway.clock import to_micros
from gateway.errors import Fault, FaultyRequestError, ForbiddenError, NotFoundError
from gateway.flows.access.concerns import DANGER, entry_of
from gateway.flows.asking.alert_entries import entry_about, steps_of, words_of
from gateway.flows.asking.alerts import check_reason, shown
from gateway.flows.site.site import Asking, Site
from gateway.store.access import alerts, facts
from gateway.store.access.alerts import ASKED, DISMISSED, ESCALATED, JUSTIFIED, OPEN, AlertRow, Desk
from gateway.store.commit.log import append
from gateway.store.database.engine import Connection

STEPS: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "take": (ASKED, frozenset({OPEN})),
    "enquire": (ESCALATED, frozenset({OPEN, ASKED})),
    "act": (JUSTIFIED, frozenset({OPEN, ASKED, ESCALATED})),
    "close": (DISMISSED, frozenset({OPEN, ASKED, ESCALATED})),
}
"""Each step: where the concern stands after it, and where it may stand before."""
_STATES: Final[Mapping[str, str]] = {
    OPEN: "raised",
    ASKED: "taken",
    ESCALATED: "enquiry",
    JUSTIFIED: "acted-on",
    DISMISSED: "closed",
}


async def check_desk(site: Site, asking: Asking, query: str) -> None:
    """Refuse who does not sit at the desk. Errors: ForbiddenError, recorded."""
    caller, roles = asking.caller, site.policy.safeguarding.decided_by
    if caller.kind is CallerKind.STAFF and caller.org and caller.role in roles:
        return
    refused = entry_of(asking, Outcome.REFUSED, query)
    await site.store.log.append(replace(refused, reasons=("role",)))
    raise ForbiddenError


async def listing(site: Site, asking: Asking, count: int, *, settled: bool) -> list[dict[str, Any]]:
    """The desk's concerns, what is due first at the top: of nobody by name."""
    await check_desk(site, asking, "concerns")
    async with site.store.engine.reading() as conn:
        found = await alerts.of_desk(conn, desk_of(asking), alerts.CONCERN, count, settled=settled)
    told = [by_reference(one, asking) for one in found]
    entry = entry_of(asking, Outcome.SERVED, "concerns")
    await site.store.log.append(replace(entry, detail=(("concerns", str(len(told))),)))
    return told


def desk_of(asking: Asking) -> Desk:
    """Where the caller sits."""
    return Desk(asking.caller.org, one_form(asking.caller.user_id), to_micros(asking.at))


def by_reference(row: AlertRow, asking: Asking) -> dict[str, Any]:
    """A concern of nobody by name."""
    said, why = shown(row, asking.at), row.why.split()
    return {
        "concern": row.alert_id,
        "category": why[0] if why else "",
        "immediate_danger": DANGER in why,
        "raised": said["raised"],
        "due": said["due"],
        "overdue": said["overdue"],
        "status": _STATES[row.status],
    }


async def one(site: Site, asking: Asking, name: str) -> dict[str, Any]:
    """One concern: who raised it, the words (null where their key is gone); of whom as far as that
    is known, and what was decided on it, which is not told to whoever raised it. The look is
    recorded first."""
    await check_desk(site, asking, "concern")
    async with site.store.engine.reading() as conn:
        row = await alerts.one_of_desk(conn, desk_of(asking), alerts.CONCERN, name)
        about = await entry_about(conn, row) if row else None
        others = row is not None and not is_own(site, asking, row)
        known = row.patient_id if row and others else ""
        person = await facts.person_of(conn, known) if known else None
    await site.store.log.append(seen_entry(asking, row, "concern"))
    if row is None or about is None:
        raise NotFoundError
    number, record = about
    agent = record.entry.agent
    words = await words_of(site, record)
    return by_reference(row, asking) | {
        "person": person,
        "raised_by": {"user": agent.user_id, "role": agent.role, "organisation": agent.org},
        "said": orjson.loads(words) if words else None,
        "steps": await steps_of(site, row, number) if others else [],
    }


def seen_entry(asking: Asking, row: AlertRow | None, query: str) -> AuditEntry:
    """The entry of a look at one."""
    entry = entry_of(asking, Outcome.SERVED if row else Outcome.NOT_FOUND, query)
    if row is None:
        return entry
    known = (row.patient_id,) if row.patient_id else ()
    return replace(
        entry, person_id=row.patient_id, patient_ids=known, detail=(("alert", row.alert_id),)
    )


async def step(site: Site, asking: Asking, name: str, to: str, reason: str) -> dict[str, Any]:
    """Take it, open an enquiry, say that it was acted on, or close it; as it stands then."""
    await check_desk(site, asking, "concern")
    if to not in STEPS:
        raise FaultyRequestError([Fault("value", "step", "one of: " + ", ".join(STEPS))])
    check_reason(reason)
    status, before = STEPS[to]

    async def unit(conn: Connection) -> tuple[AlertRow | None, Outcome]:
        row = await alerts.one_of_desk(conn, desk_of(asking), alerts.CONCERN, name)
        outcome = Outcome.STORED if row and row.status in before else Outcome.FAILED
        if row is None:
            outcome = Outcome.NOT_FOUND
        elif is_own(site, asking, row):
            outcome = Outcome.REFUSED
        if row is not None and outcome is Outcome.STORED:
            await alerts.move(conn, row, status, to_micros(asking.at), asking.caller.user_id)
            row = replace(row, status=status)
        entry = seen_entry(asking, row, "concern")
        detail = (*entry.detail, ("step", to))
        words = Sensitive(free_text=reason.strip())
        entry = replace(entry, outcome=outcome, detail=detail, sensitive=words)
        await append(conn, site.store.vault, [entry])
        return row, outcome

    row, outcome = await site.store.write(unit)
    if row is None:
        raise NotFoundError
    if outcome is Outcome.REFUSED:
        raise ForbiddenError
    if outcome is Outcome.FAILED:
        text = "the concern does not stand where this step begins"
        raise FaultyRequestError([Fault("business-rule", "step", text)])
    return by_reference(row, asking)


def is_own(site: Site, asking: Asking, row: AlertRow) -> bool:
    """Whether the caller raised it, under any id that is known of them: then they decide nothing on
    it, and learn nothing more of it."""
    return site.store.vault.staff.is_one(row.user_id, asking.caller.user_id)
