"""What privacy officers look at: raised with the access it is about, settled with a reason.

    an access -> alert, in the transaction of its entry -> a notice by reference (tell_alerts)
    list, one with its entry and the words given -> ask | escalate | justify | dismiss

Rule    An alert and its notice name nobody: kind, organisation, when it is due. Who and whom is in
        the entry, which governance reads within its reach; that look is recorded first. Nobody
        settles an alert about what they did, by whichever user id. One about their own record is
        not there for them. A reason is sealed in the log.
Errors  ForbiddenError; NotFoundError for an alert out of reach as for none; FaultyRequestError for
        a step that does not follow; AuditUnavailableError.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from uuid_utils import uuid7

from consent.terms import Obligation
from gateway.audit.entry import AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome
from gateway.clock import instant, to_micros
from gateway.errors import Fault, FaultyRequestError, ForbiddenError, NotFoundError
from gateway.flows.asking.alert_entries import (
    ALERT,
    NUMBERLESS,
    entry_about,
    steps_of,
    words_of,
)
from gateway.flows.asking.governance import Looker, own_names
from gateway.flows.asking.refused_seen import unnamed
from gateway.flows.asking.sent_object import check_words
from gateway.flows.site.site import Site
from gateway.store.access import alerts
from gateway.store.access.alerts import ASKED, DISMISSED, ESCALATED, JUSTIFIED, OPEN, AlertRow
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.sealed.vault import Vault

DUE: Final = timedelta(days=7)
GRANT: Final = "grant"
"""What an entry calls the access that was opened."""
DEFERRED: Final = "deferred"
"""What an entry calls why the person is told of it only once its alert is settled."""
LEAST: Final = 10
"""Letters of a reason, or of what somebody says is wrong, at least."""
LONGEST: Final = 8_000
"""Letters of a reason at most."""


class Kind(StrEnum):
    """What an alert is about."""

    BREAK_GLASS = "break-glass"
    BREAK_GLASS_REFUSED = "break-glass-refused"
    SELF_CLAIM = "self-claim"
    SELF_CLAIM_REFUSED = "self-claim-refused"
    RESTRICTED_PERSON = "restricted-person"
    STAFF_OWN_RECORD = "staff-own-record"
    UNEXPLAINED = "unexplained-access"
    BOROUGH_VIEW = "borough-view"
    SUBJECT_ACCESS = "subject-access"
    DISSENT_ENDED = "dissent-ended"
    DISPUTE = "dispute"
    PARTED = "parted"


STEPS: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "ask": (ASKED, frozenset({OPEN, ESCALATED})),
    "escalate": (ESCALATED, frozenset({OPEN, ASKED})),
    "justify": (JUSTIFIED, frozenset({OPEN, ASKED, ESCALATED})),
    "dismiss": (DISMISSED, frozenset({OPEN, ASKED, ESCALATED})),
}
"""Each step: where the alert stands after it, and where it may stand before."""


def alert_of(
    kind: str,
    entry: AuditEntry,
    why: Sequence[str] = (),
    *,
    alert_id: str = "",
    number: int = NUMBERLESS,
) -> AlertRow:
    """The alert about an access."""
    at = to_micros(entry.recorded)
    return AlertRow(
        entry.person_id or min(entry.patient_ids, default=""),
        alert_id or str(uuid7()),
        str(kind),
        entry.agent.org,
        entry.agent.user_id,
        " ".join(why),
        number,
        at,
        at + to_micros_of(DUE),
        changed_at=at,
    )


def to_micros_of(span: timedelta) -> int:
    """A span in microseconds."""
    return span // timedelta(microseconds=1)


async def raise_alert(
    conn: Connection, vault: Vault, kind: Kind, entry: AuditEntry, *, alert_id: str = ""
) -> AlertRow:
    """The entry and the alert about it, in one transaction; an alert of that id is raised once."""
    row = alert_of(kind, entry, entry.reasons, alert_id=alert_id)
    await alerts.add(conn, [row])
    named = replace(entry, detail=(*entry.detail, (ALERT, row.alert_id)))
    await append(conn, vault, [named])
    return row


_OWED: Final = {
    Obligation.ALERT_RESTRICTED_PERSON: Kind.RESTRICTED_PERSON,
    Obligation.ALERT_STAFF_OWN_RECORD: Kind.STAFF_OWN_RECORD,
}


async def record_owing(store: Store, obligations: Iterable[Obligation], entry: AuditEntry) -> None:
    """The entry, with the alert that the decision asks for: one of a kind for each user, person
    and day."""
    owed = [_OWED[one] for one in obligations if one in _OWED]
    if not owed:
        await store.log.append(entry)
        return
    await store.write(lambda conn: append_owing(conn, store.vault, obligations, entry))


async def append_owing(
    conn: Connection, vault: Vault, obligations: Iterable[Obligation], entry: AuditEntry
) -> None:
    """The same in a transaction that does more."""
    owed = [_OWED[one] for one in obligations if one in _OWED]
    if not owed:
        await append(conn, vault, [entry])
        return
    day = entry.recorded.date().isoformat()
    named = (str(owed[0]), entry.agent.user_id, entry.person_id, day)
    alert_id = vault.hasher.keyed_uuid("alert", *named)
    await raise_alert(conn, vault, owed[0], entry, alert_id=alert_id)


async def listing(
    store: Store, looker: Looker, count: int, *, settled: bool, kind: str = ""
) -> list[dict[str, Any]]:
    """The alerts within reach, of one kind or of all, what is due first at the top. Errors:
    FaultyRequestError for what is no kind."""
    if kind and kind not in set(Kind):
        raise FaultyRequestError([Fault("value", "kind", "one of: " + ", ".join(Kind))])
    async with store.engine.reading() as conn:
        own = await own_names(conn, store, looker.agent.user_id)
        found = await alerts.listed(
            conn, looker.within_org, count, kind, apart=own, unsettled=not settled
        )
    entry = looker.entry(Event.AUDIT_VIEW, Outcome.SERVED, "alerts")
    await store.log.append(replace(entry, detail=(("alerts", str(len(found))),)))
    return [shown(one, looker.at) for one in found]


def shown(row: AlertRow, at: datetime) -> dict[str, Any]:
    """An alert by reference: no person, no user."""
    unsettled = row.status in alerts.UNSETTLED
    return {
        "alert": row.alert_id,
        "kind": row.kind,
        "organisation": row.org,
        "raised": instant(row.raised_at),
        "due": instant(row.due_at),
        "status": row.status,
        "overdue": unsettled and row.due_at < to_micros(at),
    }


async def one(site: Site, looker: Looker, alert_id: str) -> dict[str, Any]:
    """One alert with the number of its entry, its codes, the words that were given (null where
    their key is gone), and what was decided on it since, which whoever did what it is about is not
    told. The look is recorded first."""
    async with site.store.engine.reading() as conn:
        row = await alerts.find(conn, alert_id)
        within = row is not None and _is_theirs(row, looker)
        own = row is not None and await _is_about(conn, site, row, looker)
        about = await entry_about(conn, row) if row and within else None
    outcome = Outcome.REFUSED if within and own else _outcome(within)
    entry = looker.entry(Event.AUDIT_VIEW, outcome, "alert")
    patient_ids = about[1].entry.patient_ids if about else ()
    detail = ((ALERT, row.alert_id),) if row and within else ()
    await site.store.log.append(replace(entry, patient_ids=patient_ids, detail=detail))
    if row is None or not within or own:
        raise NotFoundError
    made = shown(row, looker.at) | {"entry": None, "words": None, "steps": []}
    made["reasons"] = await _reasons(site, looker, row, about[1].entry if about else None)
    if about is not None:
        number, record = about
        said = dict(record.entry.detail)
        made |= {"entry": number, "words": await words_of(site, record)}
        made |= {name: said.get(name, "") for name in ("reason", DEFERRED)}
        if not _is_of(site, row, looker):
            made["steps"] = await steps_of(site, row, number)
    return made


async def _reasons(
    site: Site, looker: Looker, row: AlertRow, entry: AuditEntry | None
) -> list[str]:
    """Why: to a lead no more of a refusal than the log tells them of it (refused_seen)."""
    if looker.within_org is None or entry is None:
        return row.why.split()
    async with site.store.engine.reading() as conn:
        (told,) = await unnamed(conn, looker.within_org, [entry])
    return row.why.split() if told is entry else list(told.reasons)


def _outcome(found: bool) -> Outcome:
    return Outcome.SERVED if found else Outcome.NOT_FOUND


def check_reason(reason: str) -> None:
    """Errors: FaultyRequestError where a decision does not say why."""
    check_words("reason", reason, LEAST, LONGEST)


async def settle(
    site: Site, looker: Looker, alert_id: str, step: str, reason: str
) -> dict[str, Any]:
    """Ask, escalate, justify or dismiss, with a reason; the alert as it stands then."""
    if step not in STEPS:
        raise FaultyRequestError([Fault("value", "step", "one of: " + ", ".join(STEPS))])
    check_reason(reason)
    status, before = STEPS[step]

    async def unit(conn: Connection) -> tuple[AlertRow | None, Outcome]:
        row = await alerts.find(conn, alert_id)
        own = row is not None and await _is_about(conn, site, row, looker)
        involved = own or (row is not None and _is_of(site, row, looker))
        outcome = _may_settle(row, looker, before, involved=involved)
        if row is not None and outcome is Outcome.STORED:
            at = to_micros(looker.at)
            await alerts.move(conn, row, status, at, looker.agent.user_id)
            row = replace(row, status=status, changed_at=at)
        entry = replace(
            looker.entry(Event.REVIEW, outcome, "alert"),
            patient_ids=(row.patient_id,) if row and row.patient_id else (),
            detail=((ALERT, row.alert_id), ("step", step)) if row else (("step", step),),
            sensitive=Sensitive(free_text=reason),
        )
        await append(conn, site.store.vault, [entry])
        return None if own else row, outcome

    row, outcome = await site.store.write(unit)
    if row is None or outcome is Outcome.NOT_FOUND:
        raise NotFoundError
    if outcome is Outcome.REFUSED:
        raise ForbiddenError
    if outcome is Outcome.FAILED:
        text = "the alert does not stand where this step begins"
        raise FaultyRequestError([Fault("business-rule", "step", text)])
    return shown(row, looker.at)


def _is_theirs(row: AlertRow, looker: Looker) -> bool:
    return row.kind not in alerts.OF_SAFEGUARDING and looker.within_org in (None, row.org)


async def _is_about(conn: Connection, site: Site, row: AlertRow, looker: Looker) -> bool:
    """Whether the record that was looked at is the looker's own."""
    return row.patient_id in await own_names(conn, site.store, looker.agent.user_id)


def _is_of(site: Site, row: AlertRow, looker: Looker) -> bool:
    """Whether it is about what the looker did."""
    return site.store.vault.staff.is_one(row.user_id, looker.agent.user_id)


def _may_settle(
    row: AlertRow | None, looker: Looker, before: frozenset[str], *, involved: bool
) -> Outcome:
    if row is None or not _is_theirs(row, looker):
        return Outcome.NOT_FOUND
    if involved:
        return Outcome.REFUSED
    return Outcome.STORED if row.status in before else Outcome.FAILED
