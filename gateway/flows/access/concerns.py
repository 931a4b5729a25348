"""Anybody who is signed in says that somebody may come to harm: one way, to the council's desk.

    what is said -> whom it may be about, looked up in silence -> the desk -> entry and row in one
    transaction -> a notice by reference (tell_alerts)

Rule    The answer is the same whether the person is known here or not, and whether the caller may
        see them. Whoever raised it learns nothing more of it; nobody but the desk sees that it is
        there (gateway.flows.access.safeguarding_desk). The words stand sealed in the log, under the
        key of the person's record where there is one. A concern is not refused for want of a desk.
Errors  FaultyRequestError; CapReachedError; ForbiddenError for a role that is no role here;
        AuditUnavailableError.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from consent.safeguarding_rules import SafeguardingRules
from gateway.audit.entry import AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome
from gateway.auth.sessions import Described
from gateway.clock import instant, to_micros
from gateway.errors import CapReachedError, Fault, FaultyRequestError, ForbiddenError
from gateway.flows.asking.alerts import alert_of
from gateway.flows.asking.sent_object import sent_object
from gateway.flows.site.service_open import Line, line_of, parsed
from gateway.flows.site.site import Asking, Site
from gateway.store.access import alerts, facts
from gateway.store.commit.log import append, note_partly
from gateway.store.database.engine import Connection
from gateway.store.identity.proved_people import person_proved
from gateway.store.site import site_data
from mappings.core.shaping.identifiers import normalised

SERVICE: Final = "safeguarding"
DANGER: Final = "immediate-danger"
_LONGEST: Final = 8_000
_WHOM: Final = ("patient", "nhs_number", "birth_date", "about")
_TEXTS: Final = (*_WHOM, "category", "text")


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody fears, and for whom."""

    category: str
    danger: bool
    whom: Mapping[str, str]
    text: str

    @property
    def words(self) -> str:
        """All of it, as it is sealed."""
        return orjson.dumps({**self.whom, "text": self.text}).decode()


async def raise_concern(site: Site, asking: Asking, body: bytes) -> dict[str, Any]:
    """Taken: under which name, and whom to ring."""
    role = site.policy.roles.get(asking.caller.role)
    if role is None or role.kind != asking.caller.kind:
        await _refuse(site, asking, "role")
        raise ForbiddenError
    rules = site.policy.safeguarding
    said, faults = _parsed(body, rules, asking.caller.patient or "")
    if said is None or faults:
        await _refuse(site, asking, "not-stated")
        raise FaultyRequestError(faults)
    taken = said
    async with site.store.engine.reading() as conn:
        places = parsed(await site_data.entries(conn))
        person_id = await _person(conn, site, taken)
    desk = line_of(places, SERVICE, asking.at)

    async def unit(conn: Connection) -> str:
        if await _is_over(conn, asking, rules):
            return ""
        return await _keep(conn, site, asking, taken, person_id, desk.org if desk else "")

    kept = await site.store.write(unit)
    if not kept:
        await _refuse(site, asking, "cap")
        raise CapReachedError
    note_partly()  # whom it is about was looked for: how long that took is nobody's to learn
    return _receipt(kept, asking.at, desk, site.on_call)


async def _keep(
    conn: Connection, site: Site, asking: Asking, said: Said, person_id: str, org: str
) -> str:
    """The entry with the row that the desk finds it by; its name."""
    rules, at = site.policy.safeguarding, asking.at
    entry = replace(
        entry_of(asking, Outcome.STORED, "concern"),
        reasons=(said.category, *((DANGER,) if said.danger else ())),
        person_id=person_id,
        patient_ids=(person_id,) if person_id else (),
        sensitive=Sensitive(free_text=said.words),
    )
    due = at + timedelta(hours=rules.danger_hours if said.danger else rules.hours)
    row = alert_of(alerts.CONCERN, entry, entry.reasons)
    await alerts.add(conn, [replace(row, org=org, due_at=to_micros(due))])
    named = replace(entry, detail=(("alert", row.alert_id),))
    await append(conn, site.store.vault, [named])
    return row.alert_id


def _receipt(name: str, at: datetime, desk: Line | None, on_call: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "concern": name,
        "received": instant(to_micros(at)),
        "ring": (desk.phone if desk else "") or on_call,
    }
    if desk is not None and desk.opens is not None:
        made["desk_opens"] = instant(to_micros(desk.opens))
    return made


async def _is_over(conn: Connection, asking: Asking, rules: SafeguardingRules) -> bool:
    since = to_micros(asking.at.replace(hour=0, minute=0, second=0, microsecond=0))
    raised = await alerts.raised_by(conn, asking.caller.user_id, alerts.CONCERN, since)
    return raised >= rules.a_day


async def _person(conn: Connection, site: Site, said: Said) -> str:
    """Whom it is about, where that can be told; the desk looks itself otherwise."""
    whom = said.whom
    found: str | None = None
    if "patient" in whom:
        found = await facts.person_of(conn, whom["patient"].removeprefix("Patient/"))
    elif "nhs_number" in whom and "birth_date" in whom:
        proved = Described(normalised(whom["nhs_number"]), whom["birth_date"])
        found = await person_proved(conn, site.store.vault.hasher, proved)
    return found or ""


def _parsed(body: bytes, rules: SafeguardingRules, own: str) -> tuple[Said | None, list[Fault]]:
    """What is said, of the person themselves where nobody else is named."""
    try:
        sent = sent_object(body)
    except FaultyRequestError as wrong:
        return None, [*wrong.faults]
    given = {name: sent[name] for name in _TEXTS if isinstance(sent.get(name), str)}
    danger = sent.get("immediate_danger", False)
    faults = []
    if set(sent) - {*given, "immediate_danger"} or not isinstance(danger, bool):
        faults.append(Fault("structure", "", "texts of known names; immediate_danger is a flag"))
    whom = {name: given[name].strip() for name in _WHOM if given.get(name, "").strip()}
    whom = whom or ({"patient": own} if own else {})
    if not whom.keys() & {"patient", "nhs_number", "about"}:
        words = "whom it is about: patient, nhs_number, or in words (about)"
        faults.append(Fault("required", "about", words))
    if given.get("category") not in rules.concerns:
        words = "one of: " + ", ".join(sorted(rules.concerns))
        faults.append(Fault("value", "category", words))
    text = given.get("text", "").strip()
    if not rules.text_at_least <= len(text) <= _LONGEST:
        words = f"what was seen or heard, in {rules.text_at_least} to {_LONGEST} letters"
        faults.append(Fault("required", "text", words))
    return Said(given.get("category", ""), danger is True, whom, text), faults


async def _refuse(site: Site, asking: Asking, reason: str) -> None:
    entry = entry_of(asking, Outcome.REFUSED, "concern")
    await site.store.log.append(replace(entry, reasons=(reason,)))


def entry_of(asking: Asking, outcome: Outcome, query: str) -> AuditEntry:
    """An entry of safeguarding: found by nobody but who decides on it."""
    return AuditEntry(
        recorded=asking.at,
        event=Event.SAFEGUARDING,
        outcome=outcome,
        agent=asking.agent,
        request_id=asking.request_id,
        query=query,
    )
