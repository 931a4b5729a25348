"""A user opens access for themselves, on one person, for a time: what both ways share.

    role -> what is sent -> so many a day -> the person -> would it open anything? -> the grant, its
    alert and its entry in one transaction

Rule    A refusal is recorded and alerted like an opening. What hangs on the person comes last, and
        a person who is not here, one who is not to be opened, and a number and birth date that do
        not belong together are one answer. The words given are sealed in the log.
Errors  ForbiddenError for other roles, whoever the person is; FaultyRequestError;
        CapReachedError; NotFoundError; AuditUnavailableError.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from uuid_utils import uuid7

from consent.opening_rules import BreakGlassRules, SelfClaimRules
from consent.terms import Action, CallerKind
from gateway.audit.entry import AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome
from gateway.auth.sessions import Described
from gateway.clock import from_micros, instant, to_micros
from gateway.errors import (
    CapReachedError,
    Fault,
    FaultyRequestError,
    ForbiddenError,
    GatewayError,
    NotFoundError,
)
from gateway.flows.access.opening_asked import Asked, read_asked
from gateway.flows.asking.alerts import DEFERRED, GRANT, Kind, raise_alert
from gateway.flows.asking.sight import Sight, seen, sees_person, sights
from gateway.flows.site.site import Asking, Site
from gateway.store.access import alerts, facts, grants
from gateway.store.access.grants import GrantRow
from gateway.store.commit.log import append
from gateway.store.database.engine import Connection
from gateway.store.identity import together
from gateway.store.identity.proved_people import person_proved


@dataclass(frozen=True, slots=True)
class Way:
    """One way of opening access: its names, its rules, who may, and whether it opened anything."""

    kind: str
    opened: Event
    closed: Event
    alert: Kind
    refused: Kind
    rules: BreakGlassRules | SelfClaimRules
    may: bool
    """Whether the caller's role may at all."""
    opens: Callable[[Sight], bool]


async def open_access(site: Site, asking: Asking, way: Way, body: bytes) -> dict[str, Any]:
    """The grant, and until when it holds."""
    if asking.caller.kind is not CallerKind.STAFF or not way.may:
        await _refuse(site, asking, way, "role")
        raise ForbiddenError
    asked, faults = read_asked(body, way.rules)
    if asked is None or faults:
        await _refuse(site, asking, way, "not-stated")
        raise FaultyRequestError(faults)
    if await site.store.write(lambda conn: _is_over(conn, asking, way)):
        await _refuse(site, asking, way, "cap", asked)
        raise CapReachedError
    sight, row, refusal = await _person(site, asking, way, asked)
    if sight is None or refusal:
        await _refuse(site, asking, way, refusal, asked, sight)
        raise _answer(refusal)
    ready = sight

    async def unit(conn: Connection) -> GrantRow | None:
        number = await grants.last_number(conn, way.kind, row.user_id, row.day) + 1
        if await _is_over(conn, asking, way):
            return None
        made = replace(row, number=number)
        await _keep(conn, made, ready)
        entry = _entry(asking, way.opened, Outcome.STORED, ready, asked)
        entry = replace(entry, detail=_told(made, asked), policy_version=_version(site))
        await raise_alert(conn, site.store.vault, way.alert, entry)
        return made

    kept = await site.store.write(unit)
    if kept is None:
        await _refuse(site, asking, way, "cap", asked)
        raise CapReachedError
    return {
        "grant": kept.grant_id,
        "kind": kept.kind,
        "patient": ready.person_id,
        "until": instant(kept.ends),
    }


def _told(row: GrantRow, asked: Asked) -> tuple[tuple[str, str], ...]:
    """What its entry says of it."""
    later = ((DEFERRED, asked.defer),) if asked.defer else ()
    return ((GRANT, row.grant_id), ("reason", row.reason), ("until", instant(row.ends)), *later)


async def _keep(conn: Connection, row: GrantRow, sight: Sight) -> None:
    await grants.insert(conn, row)
    written = (together.GRANT, row.grant_id, 1)
    await together.note(conn, written, sight.held.sources, row.starts)


async def close_access(site: Site, asking: Asking, way: Way, grant_id: str) -> dict[str, Any]:
    """End what the caller opened; when it ended. NotFoundError for another's as for none."""

    async def unit(conn: Connection) -> GrantRow | None:
        row = await grants.find(conn, grant_id)
        caller, at = asking.caller, to_micros(asking.at)
        mine = row is not None and (row.kind, row.user_id) == (way.kind, caller.user_id)
        if row is None or not mine or row.org != caller.org:
            entry = _entry(asking, way.closed, Outcome.NOT_FOUND, None, None)
            await append(conn, site.store.vault, [entry])
            return None
        if row.ends > at:
            await grants.close(conn, row, at, caller.user_id)
            row = replace(row, ends=at, closed_by=caller.user_id)
        entry = replace(
            _entry(asking, way.closed, Outcome.STORED, None, None),
            person_id=await facts.person_of(conn, row.patient_id) or "",
            patient_ids=(row.patient_id,),
            detail=((GRANT, row.grant_id), ("until", instant(row.ends))),
        )
        await append(conn, site.store.vault, [entry])
        return row

    closed = await site.store.write(unit)
    if closed is None:
        raise NotFoundError
    return {"grant": closed.grant_id, "kind": closed.kind, "until": instant(closed.ends)}


async def _is_over(conn: Connection, asking: Asking, way: Way) -> bool:
    """Whether the user has used up the attempts of the day, refused ones too."""
    user, day = asking.caller.user_id, _day(asking)
    since = to_micros(asking.at.replace(hour=0, minute=0, second=0, microsecond=0))
    refused = await alerts.raised_by(conn, user, str(way.refused), since)
    return await grants.last_number(conn, way.kind, user, day) + refused >= way.rules.a_day


async def _person(
    site: Site, asking: Asking, way: Way, asked: Asked
) -> tuple[Sight | None, GrantRow, str]:
    """The person as they would be seen; or why it is refused."""
    row = _row(asking, way, asked)
    async with site.store.engine.reading() as conn:
        person_id = await _named(conn, site, asked)
        known = [person_id] if person_id else []
        now = await sights(conn, site, asking, known, Action.READ)
        if not now:
            return None, row, "no-such"
        held = now[0].held
        row = replace(row, patient_id=held.facts.person_id)
        (then,) = await seen(conn, site, asking, [grants.added(held, row)], Action.READ)
        if not way.opens(then) or not await sees_person(conn, then):
            return then, row, "not-open"
        if await _stands(conn, way, row):
            return then, row, "stands"
    return then, row, ""


async def _stands(conn: Connection, way: Way, row: GrantRow) -> bool:
    """Whether the same is open already: it is not renewed before its end."""
    held = (await grants.of_people(conn, [row.patient_id])).get(row.patient_id, [])
    mine = (way.kind, row.org, row.user_id, row.role)
    return any(tuple(one[1:5]) == mine and one[8] <= row.starts < one[9] for one in held)


async def _named(conn: Connection, site: Site, asked: Asked) -> str | None:
    if asked.patient:
        return await facts.person_of(conn, asked.patient)
    proved = Described(asked.number, asked.born)
    return await person_proved(conn, site.store.vault.hasher, proved)


def _row(asking: Asking, way: Way, asked: Asked) -> GrantRow:
    caller, at = asking.caller, to_micros(asking.at)
    ends = to_micros(asking.at + timedelta(hours=way.rules.hours))
    return GrantRow(
        "", str(uuid7()), way.kind, caller.org, caller.user_id, caller.role, str(caller.purpose),
        asked.reason, len(asked.text.strip()), _day(asking), 0, at, ends,
    )  # fmt: skip


def _answer(refusal: str) -> GatewayError:
    if refusal != "stands":
        return NotFoundError()
    text = "it is open already; it is not renewed before its end"
    return FaultyRequestError([Fault("business-rule", "patient", text)])


async def _refuse(
    site: Site,
    asking: Asking,
    way: Way,
    reason: str,
    asked: Asked | None = None,
    sight: Sight | None = None,
) -> None:
    """The refusal in the log with its alert; after the day's attempts one alert stands for all."""
    entry = _entry(asking, way.opened, Outcome.REFUSED, sight, asked)
    entry = replace(entry, reasons=(reason, *entry.reasons), policy_version=_version(site))
    once = (str(way.refused), asking.caller.user_id, _day(asking))
    over = reason == "cap" or (
        reason in ("role", "not-stated") and await site.store.write(_over(asking, way))
    )
    alert_id = site.store.vault.hasher.keyed_uuid("alert", *once) if over else ""

    async def unit(conn: Connection) -> None:
        await raise_alert(conn, site.store.vault, way.refused, entry, alert_id=alert_id)

    await site.store.write(unit)


def _over(asking: Asking, way: Way) -> Callable[[Connection], Awaitable[bool]]:
    async def unit(conn: Connection) -> bool:
        return await _is_over(conn, asking, way)

    return unit


def _entry(
    asking: Asking, event: Event, outcome: Outcome, sight: Sight | None, asked: Asked | None
) -> AuditEntry:
    allowed = sight.allowed if sight else None
    return AuditEntry(
        recorded=asking.at,
        event=event,
        outcome=outcome,
        agent=asking.agent,
        request_id=asking.request_id,
        reasons=tuple(map(str, allowed.reasons)) if allowed else (),
        person_id=sight.person_id if sight else "",
        patient_ids=tuple(sight.held.sources) if sight else (),
        evidence=" ".join(allowed.evidence) if allowed else "",
        filter_hash=allowed.hash if allowed else "",
        access_epoch=sight.held.epoch if sight else 0,
        consents=sight.held.consents if sight else (),
        sensitive=Sensitive(free_text=asked.text if asked else ""),
    )


def _version(site: Site) -> str:
    return f"{site.policy.version}@{site.policy.hash[:12]}"


def _day(asking: Asking) -> str:
    return from_micros(to_micros(asking.at)).date().isoformat()
