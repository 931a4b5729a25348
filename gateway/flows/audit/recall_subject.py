"""What was wrong, of what a recall is about: which versions of which resources, and why.

    a resource | a decision on identity | a delivery -> versions that nobody should rely on

Rule    Of a resource that was withdrawn or entered in error, every version before it was. Where its
        labels were raised, every version that bore fewer, labelled anew since or not. A version
        that is named alone is meant alone. Of a delivery, every version in which something of it
        stands; what it lacked while it waited is what was shown before it was taken. Of two
        records that were one person's by mistake, everything that was shown of them together.
Errors  NotFoundError where there is no such thing, or it is not the asking organisation's.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.errors import Fault, FaultyRequestError, NotFoundError
from gateway.store.audit import recalls
from gateway.store.audit.recalls import Current, Kept
from gateway.store.database.engine import Connection

Place = tuple[str, str]
"""Type and id of a resource."""


class Reason(StrEnum):
    """Why something that was shown is called back: what an organisation is told, and no more."""

    WITHDRAWN = "withdrawn"
    ENTERED_IN_ERROR = "entered-in-error"
    ACCESS_CHANGED = "access-changed"
    WRONG_PERSON = "wrong-person"
    WRONG_DELIVERY = "wrong-delivery"
    INCOMPLETE = "incomplete"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about: one of the three."""

    resource: str = ""
    """`Type/id`, or `Type/id/_history/version`."""
    decision: str = ""
    delivery: str = ""
    missed: bool = False
    """Of a delivery: what was shown without it, while it waited."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose records it is about, and what of them was wrong."""

    reason: Reason
    patient_ids: frozenset[str]
    wrong: dict[Place, frozenset[int]]
    """Versions by resource; empty where everything is meant that was shown of them together."""
    together: bool = False
    since: int = 0
    """Shown before that moment is not meant (microseconds)."""


_RESOURCE: Final = re.compile(
    r"([A-Z][A-Za-z]{1,63})/([A-Za-z0-9.-]{1,64})(?:/_history/([0-9]{1,9}))?", re.ASCII
)


async def subject_of(conn: Connection, question: Question, org: str | None) -> Subject:
    """What the question is about; `org` is whose it has to be."""
    if sum(map(bool, (question.resource, question.decision, question.delivery))) != 1:
        text = "name one of a resource, a decision and a delivery"
        raise FaultyRequestError([Fault("required", "", text)])
    if question.resource:
        return await _of_resource(conn, question.resource, org)
    if question.delivery:
        return await _of_delivery(conn, question, org)
    told = await recalls.told_of(conn, question.decision)
    if not told:
        raise NotFoundError
    return Subject(Reason.WRONG_PERSON, frozenset(told), {}, together=True)


async def _of_resource(conn: Connection, reference: str, org: str | None) -> Subject:
    parts = _RESOURCE.fullmatch(reference)
    if parts is None:
        text = "a resource is named as Type/id or Type/id/_history/version"
        raise FaultyRequestError([Fault("invalid", "resource", text)])
    kind, resource_id, number = parts.groups()
    now = await recalls.current(conn, resource_id)
    if now is None or now.resource_type != kind or org not in (None, now.source_org):
        raise NotFoundError
    kept = await recalls.versions(conn, (now.patient_id, resource_id))
    reason, wrong = _wrong(now, kept)
    if number is not None:
        reason, wrong = Reason.NAMED, frozenset({int(number)} & {one.version for one in kept})
    return Subject(reason, frozenset({now.patient_id}), {(kind, resource_id): wrong})


def _wrong(now: Current, kept: list[Kept]) -> tuple[Reason, frozenset[int]]:
    shown = [one for one in kept if not one.deleted]
    before = frozenset(one.version for one in shown if one.version < now.version)
    if now.deleted:
        return Reason.WITHDRAWN, before
    if now.status == "entered-in-error" and before:
        return Reason.ENTERED_IN_ERROR, before
    lower = frozenset(one.version for one in shown if _is_lower(one, now))
    if lower:
        return Reason.ACCESS_CHANGED, lower
    return Reason.NAMED, frozenset(one.version for one in shown)


def _is_lower(one: Kept, now: Current) -> bool:
    return any(
        level < now.confidentiality or bool(now.marks & ~marks) for level, marks in one.borne
    )


async def _of_delivery(conn: Connection, question: Question, org: str | None) -> Subject:
    came = await recalls.received(conn, question.delivery)
    if came is None or org not in (None, came[1]):
        raise NotFoundError
    places = await recalls.spoken_of(conn, question.delivery)
    wrong: dict[Place, frozenset[int]] = {}
    for place in places:
        kept = await recalls.versions(conn, place, question.delivery)
        chosen = _before(kept) if question.missed else _made_by(kept)
        if chosen:
            wrong[kept[0].resource_type, place[1]] = chosen
    reason = Reason.INCOMPLETE if question.missed else Reason.WRONG_DELIVERY
    since = came[0] if question.missed else 0
    return Subject(reason, frozenset(owner for owner, _ in places), wrong, since=since)


def _made_by(kept: list[Kept]) -> frozenset[int]:
    return frozenset(one.version for one in kept if one.delivered and not one.deleted)


def _before(kept: list[Kept]) -> frozenset[int]:
    """The versions that stood before the delivery was in them."""
    first = min((one.version for one in kept if one.delivered), default=0)
    return frozenset(one.version for one in kept if one.version < first and not one.deleted)
