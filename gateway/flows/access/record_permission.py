"""A member of staff records that the person was asked, and agreed to a view.

    request -> relationship (permission apart) -> permission row, audit

Rule    It is for the caller's organisation, for the caller, or for somebody else who is named with
        their organisation: the one way in for volunteers, circles and personal assistants. A
        professional of direct care records that, on a relationship that lists say, and never of
        themselves under whatever id. It opens nothing to whom no relationship says.
Errors  FaultyRequestError by field; NotFoundError without a relationship; ForbiddenError for roles
        that need no permission recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from uuid_utils import uuid7

from consent.periods import MAX_MICROS
from consent.policy import RolePermission
from consent.provisions import ODS_CODE
from consent.terms import Action, CallerKind, Reason
from consent.users import one_form
from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import from_micros, to_micros
from gateway.errors import Fault, FaultyRequestError, ForbiddenError, NotFoundError
from gateway.flows.asking.sent_object import sent_object
from gateway.flows.asking.sight import Sight, sees_person, sights
from gateway.flows.site.site import Asking, Site
from gateway.flows.writing.write_record import implied
from gateway.store.access import caseload, facts
from gateway.store.access.caseload import PermissionGiven
from gateway.store.commit.log import append
from gateway.store.database.engine import Connection
from gateway.store.identity import together

ASKED_HOW: Final = ("in-person", "telephone", "video", "paper", "representative")
VISIT: Final = timedelta(hours=24)
_LONGEST_ID: Final = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What was recorded: how the person was asked, for this visit or standing, for whom."""

    patient: str
    asked_how: str
    standing: bool
    until: datetime | None
    by_name: bool
    other: tuple[str, str] | None
    """Somebody else who is named: their organisation and user id."""


async def record(site: Site, asking: Asking, body: bytes) -> dict[str, Any]:
    """Keep the permission; who it is for and until when."""
    asked = _parsed(body, asking.at)
    if asking.caller.kind is not CallerKind.STAFF or not _may_name(site, asking, asked):
        raise ForbiddenError
    async with site.store.engine.reading() as conn:
        person_id = await facts.person_of(conn, asked.patient)
        people_ids = [person_id] if person_id else []
        found = await sights(conn, implied(site), asking, people_ids, Action.READ)
        sight = found[0] if found else None
        is_open = sight is not None and await sees_person(conn, sight)
    if sight is None or not is_open or not has_relationship(sight, listed=asked.other is not None):
        await site.store.log.append(_entry(site, asking, sight, Outcome.REFUSED, ""))
        raise NotFoundError
    return await site.store.write(lambda conn: _keep(conn, site, asking, sight, asked))


_RELATIONSHIPS: Final = frozenset(
    {
        Reason.REGISTERED_PRACTICE,
        Reason.CASELOAD,
        Reason.CARE_TEAM,
        Reason.REFERRAL,
        Reason.SELF_CLAIM,
    }
)


def has_relationship(sight: Sight, *, listed: bool = False) -> bool:
    """A permission rests on a relationship; holding a record of the person is none, and an
    emergency is none. `listed`: nor is one that the caller claimed."""
    ties = _RELATIONSHIPS - {Reason.SELF_CLAIM} if listed else _RELATIONSHIPS
    return not sight.allowed.is_nothing and not ties.isdisjoint(sight.allowed.reasons)


def _may_name(site: Site, asking: Asking, asked: Asked) -> bool:
    """Whether the caller may record what the person said of somebody else."""
    if asked.other is None:
        return True
    role = site.policy.roles.get(asking.caller.role)
    if role is None or role.lay or not role.direct_care or role.permission is RolePermission.NAMED:
        return False
    return not site.store.vault.staff.is_one(asked.other[1], asking.caller.user_id)


async def _keep(
    conn: Connection, site: Site, asking: Asking, sight: Sight, asked: Asked
) -> dict[str, Any]:
    at = to_micros(asking.at)
    end = MAX_MICROS if asked.standing else to_micros(asking.at + VISIT)
    if asked.until is not None:
        end = min(end, to_micros(asked.until))
    mine = asking.caller.user_id if asked.by_name or not asked.standing else ""
    org, user_id = asked.other or (asking.caller.org, mine)
    given = PermissionGiven(
        sight.person_id,
        str(uuid7()),
        org,
        user_id,
        at,
        end,
        asked.asked_how,
        asking.caller.user_id,
        at,
    )
    await caseload.insert_permission(conn, given)
    written = (together.PERMISSION, given.permission_id, 1)
    await together.note(conn, written, sight.held.sources, at)
    entry = _entry(site, asking, sight, Outcome.STORED, given.permission_id)
    if asked.other:
        entry = replace(entry, detail=(*entry.detail, ("of", user_id), ("at", org)))
    await append(conn, site.store.vault, [entry])
    return {
        "permission": given.permission_id,
        "patient": sight.person_id,
        "organisation": given.org,
        "for": "person" if given.user_id else "organisation",
        "until": None if end == MAX_MICROS else from_micros(end).isoformat(),
    }


def _parsed(body: bytes, at: datetime) -> Asked:
    sent = sent_object(body)
    faults = []
    if not isinstance(sent.get("patient"), str):
        faults.append(Fault("required", "patient", "the id of the person"))
    if sent.get("asked_how") not in ASKED_HOW:
        faults.append(Fault("value", "asked_how", "one of: " + ", ".join(ASKED_HOW)))
    if sent.get("kind") not in ("visit", "standing"):
        faults.append(Fault("value", "kind", "visit or standing"))
    whom = sent.get("for", "organisation")
    if whom not in ("me", "organisation", "named"):
        faults.append(Fault("value", "for", "me, organisation or named"))
    until = _moment(sent.get("until"))
    if sent.get("until") is not None and (until is None or until <= at):
        faults.append(Fault("value", "until", "an instant to come, with its zone (ISO 8601)"))
    other = _other(sent) if whom == "named" else None
    known = {"patient", "asked_how", "kind", "for", "until"}
    if whom == "named":
        known |= {"user", "organisation"}
        if other is None:
            faults.append(
                Fault("required", "user", "who, as issued, and organisation: its ODS code")
            )
    if set(sent) - known:
        faults.append(Fault("structure", "", "holds a field that is not known here"))
    if faults:
        raise FaultyRequestError(faults)
    patient = sent["patient"].removeprefix("Patient/")
    standing, by_name = sent["kind"] == "standing", whom == "me"
    return Asked(patient, sent["asked_how"], standing, until, by_name, other)


def _other(sent: Mapping[str, Any]) -> tuple[str, str] | None:
    """Organisation and user id of who is named; None where nobody is, as ids are issued."""
    user, org = sent.get("user"), sent.get("organisation")
    if not isinstance(user, str) or not isinstance(org, str) or len(user) > _LONGEST_ID:
        return None
    fits = user.isprintable() and user == user.strip() and one_form(user)
    return (org, user) if fits and ODS_CODE.fullmatch(org) else None


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _entry(
    site: Site, asking: Asking, sight: Sight | None, outcome: Outcome, permission_id: str
) -> AuditEntry:
    allowed = sight.allowed if sight else None
    return AuditEntry(
        recorded=asking.at,
        event=Event.PERMISSION,
        outcome=outcome,
        agent=asking.agent,
        request_id=asking.request_id,
        reasons=tuple(map(str, allowed.reasons)) if allowed else ("no-such",),
        person_id=sight.person_id if sight else "",
        patient_ids=tuple(sight.held.sources) if sight else (),
        policy_version=f"{site.policy.version}@{site.policy.hash[:12]}",
        access_epoch=sight.held.epoch if sight else 0,
        detail=(("permission", permission_id),) if permission_id else (),
    )
