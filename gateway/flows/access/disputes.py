"""Something in a record is disputed, by the person or who acts for them; it is answered by a day.

    the item as they see it -> a Task beside it for each organisation whose it is, with the item's
    labels -> an alert that is due, by reference -> answer with a reason -> settled

Rule    The note stands under the labels, the shelf and the organisation of the item, so that it is
        seen by who sees that. It is answered here alone, by staff of the organisation whose item
        it is who see it: corrected, or it stands, and why. One waits for each item. The item
        itself is put right where it was recorded, and comes by its feed.
Errors  ForbiddenError; NotFoundError for what the person does not see as for nothing;
        FaultyRequestError; AuditUnavailableError.
Source  http://hl7.org/fhir/R4/task.html
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from uuid_utils import uuid7

from consent.terms import Action, Caller, CallerKind, Labels
from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import instant, to_micros
from gateway.errors import Fault, FaultyRequestError, ForbiddenError, NotFoundError
from gateway.flows.asking.access_log import entry_of, require_scope
from gateway.flows.asking.alerts import LEAST, Kind, alert_of, append_owing
from gateway.flows.asking.sent_object import check_words, sent_texts
from gateway.flows.asking.sight import Sight, sight_of
from gateway.flows.reading.query_record import view_of
from gateway.flows.site.site import Asking, Site
from gateway.flows.writing.change_notice_words import AUTHOR
from gateway.flows.writing.write_asks import DISPUTE
from gateway.store.access import alerts
from gateway.store.access.alerts import JUSTIFIED, UNSETTLED, AlertRow
from gateway.store.clear import precise
from gateway.store.commit.log import append
from gateway.store.database.engine import Connection
from gateway.store.labels.labelling import with_labels
from gateway.store.record import reads
from gateway.store.record.item_labels import labels_of_item
from gateway.store.writing import team_versions
from gateway.store.writing.team_versions import Hand, Standing
from mappings.core.shaping.identifiers import organisation

_QUERY: Final = "dispute"
_LONGEST: Final = 2_000
_APART: Final = frozenset({"Task", "Consent", "Communication", "Provenance"})
_WORDS: Final = {
    CallerKind.PATIENT: "The person says that this is wrong",
    CallerKind.PROXY: "Somebody who acts for the person says that this is wrong",
}
OUTCOMES: Final = {"corrected": "completed", "stands": "rejected"}


async def dispute(site: Site, asking: Asking, body: bytes) -> dict[str, Any]:
    """The notes that stand beside the item, and by when they are answered."""
    if asking.caller.kind not in (CallerKind.PATIENT, CallerKind.PROXY):
        await site.store.log.append(_refused(asking, "role"))
        raise ForbiddenError
    await require_scope(site, asking, Event.CREATE, Action.CREATE, "Task")
    resource, said = _texts(body, "resource", "text")
    kind, _, name = resource.partition("/")
    if not name or "/" in name or kind in _APART:
        raise FaultyRequestError([Fault("value", "resource", "Type/id of an item of the record")])

    async def unit(conn: Connection) -> list[str] | None:
        sight = await sight_of(conn, site, asking, kind, name, Action.READ)
        found = await _rows(conn, site, sight, kind, name) if sight else []
        if sight is None or not found:
            missing = entry_of(site, asking, Event.CREATE, sight, [], _QUERY)
            await append(conn, site.store.vault, [replace(missing, outcome=Outcome.NOT_FOUND)])
            return None
        if await alerts.is_waiting(conn, sight.person_id, Kind.DISPUTE, resource):
            text = "it is disputed already, and not answered yet"
            raise FaultyRequestError([Fault("business-rule", "resource", text)])
        return [await _note(conn, site, asking, sight, one, resource, said) for one in found]

    names = await site.store.write(unit)
    if names is None:
        raise NotFoundError
    return {"disputes": [f"Task/{one}" for one in names], "due": instant(_due(site, asking))}


async def _rows(conn: Connection, site: Site, sight: Sight, kind: str, name: str) -> list[Labels]:
    """The labels of the item, of a Patient of each source's, as far as the person sees it: of
    several rows of one source all that any of them bears."""
    if await view_of(conn, site, sight, kind, name) is None:
        return []
    _, rows = await labels_of_item(conn, kind, name)
    shown = [one for one in rows if sight.allowed.allows(one)]
    found: dict[str, Labels] = {}
    for one in shown:
        found[one.source_org] = _both(found.get(one.source_org, one), one)
    return list(found.values())


def _both(one: Labels, other: Labels) -> Labels:
    return replace(
        one,
        confidentiality=max(one.confidentiality, other.confidentiality),
        sensitivities=one.sensitivities | other.sensitivities,
        holds=one.holds | other.holds,
        legal=one.legal | other.legal,
    )


async def _note(
    conn: Connection,
    site: Site,
    asking: Asking,
    sight: Sight,
    labels: Labels,
    resource: str,
    text: str,
) -> str:
    """The Task, what makes it due, and the entry; its id."""
    name, owner, at = str(uuid7()), sight.person_id, to_micros(asking.at)
    due, vault = _due(site, asking), site.store.vault
    body = {
        "resourceType": "Task",
        "id": name,
        "meta": {},
        "status": "requested",
        "intent": "order",
        "code": {"coding": [DISPUTE], "text": _WORDS[asking.caller.kind]},
        "description": text,
        "focus": {"reference": resource},
        "for": {"reference": f"Patient/{owner}"},
        "authoredOn": instant(at),
        "requester": _requester(asking.caller, owner),
        "owner": organisation(labels.source_org),
        "restriction": {"period": {"end": instant(due)}},
    }
    parts = (labels.category, labels.confidentiality, labels.sensitivities, labels.holds)
    made = precise.loads(with_labels(precise.dumps(body), (*parts, labels.legal)))
    hand = Hand(labels.source_org, AUTHOR, _source(asking), asking.request_id, at)
    await team_versions.write_first(conn, vault, owner, made, hand)
    entry = _stored(site, asking, Event.CREATE, sight, name, 1)
    row = replace(alert_of(Kind.DISPUTE, entry, alert_id=name), org=labels.source_org)
    await alerts.add(conn, [replace(row, due_at=due, why=resource)])
    await append(conn, vault, [replace(entry, detail=(*entry.detail, ("alert", name)))])
    return name


def _requester(caller: Caller, owner: str) -> dict[str, Any]:
    """Who says so: the person; who acts for them by their kind, as their name is theirs."""
    if caller.kind is CallerKind.PATIENT:
        return {"reference": f"Patient/{owner}"}
    return {"type": "RelatedPerson", "display": "Somebody who acts for the person"}


async def answer(site: Site, asking: Asking, name: str, body: bytes) -> dict[str, Any]:
    """What the organisation says to it, and why."""
    outcome, reason = _texts(body, "outcome", "reason")
    if outcome not in OUTCOMES:
        text = "one of: " + ", ".join(OUTCOMES)
        raise FaultyRequestError([Fault("value", "outcome", text)])
    await require_scope(site, asking, Event.UPDATE, Action.UPDATE, "Task")
    said = {"status": OUTCOMES[outcome], "statusReason": {"text": reason}}

    async def unit(conn: Connection) -> Outcome:
        now = await team_versions.standing(conn, name)
        sight = await sight_of(conn, site, asking, "Task", name, Action.READ)
        row = await alerts.find(conn, name)
        came = Outcome.NOT_FOUND
        if sight and row and row.kind == Kind.DISPUTE:
            came = await _may(conn, site, asking, sight, row)
        if sight is None or row is None or now is None or came is not Outcome.STORED:
            entry = entry_of(site, asking, Event.UPDATE, sight, [], _QUERY)
            owed = sight.allowed.obligations if sight else ()
            await append_owing(conn, site.store.vault, owed, replace(entry, outcome=came))
            return came
        number = await _say(conn, site, asking, sight, now, said | {"id": name})
        await alerts.move(conn, row, JUSTIFIED, to_micros(asking.at), asking.caller.user_id)
        entry = _stored(site, asking, Event.UPDATE, sight, name, number)
        await append_owing(conn, site.store.vault, sight.allowed.obligations, entry)
        return came

    came = await site.store.write(unit)
    if came is Outcome.NOT_FOUND:
        raise NotFoundError
    if came is Outcome.REFUSED:
        raise ForbiddenError
    if came is Outcome.FAILED:
        raise FaultyRequestError([Fault("business-rule", "outcome", "it is answered already")])
    return {"dispute": f"Task/{name}", "status": OUTCOMES[outcome]}


async def _may(
    conn: Connection, site: Site, asking: Asking, sight: Sight, row: AlertRow
) -> Outcome:
    """Whether the caller may answer now: who sees the note, and speaks for whose item it is."""
    if await view_of(conn, site, sight, "Task", row.alert_id) is None:
        return Outcome.NOT_FOUND
    if not _is_theirs(site, asking, row.org):
        return Outcome.REFUSED
    return Outcome.STORED if row.status in UNSETTLED else Outcome.FAILED


async def _say(
    conn: Connection,
    site: Site,
    asking: Asking,
    sight: Sight,
    now: Standing,
    said: dict[str, Any],
) -> int:
    """The next version of the note, with the answer; its number."""
    at, vault = to_micros(asking.at), site.store.vault
    kept = await reads.find(conn, vault, sight.group, said["id"])
    if kept is None:
        raise NotFoundError
    before = precise.loads(kept.body)
    after = before | said | {"lastModified": instant(at)}
    hand = Hand(now.source_org, AUTHOR, _source(asking), asking.request_id, at)
    return await team_versions.write_next(conn, vault, now, before, after, hand)


def _is_theirs(site: Site, asking: Asking, org: str) -> bool:
    """Whether the caller speaks for the organisation whose item it is."""
    role = site.policy.roles[asking.caller.role]
    return role.kind is CallerKind.STAFF and not role.lay and asking.caller.org == org


def _stored(
    site: Site, asking: Asking, event: Event, sight: Sight, name: str, version: int
) -> AuditEntry:
    entry = entry_of(site, asking, event, sight, [], _QUERY)
    return replace(entry, outcome=Outcome.STORED, resources=(("Task", name, version),))


def _refused(asking: Asking, reason: str) -> AuditEntry:
    return AuditEntry(
        asking.at, Event.CREATE, Outcome.REFUSED, asking.agent, asking.request_id,
        reasons=(reason,), query=_QUERY,
    )  # fmt: skip


def _source(asking: Asking) -> str:
    return f"urn:care-gateway:dispute:{asking.caller.kind}"


def _due(site: Site, asking: Asking) -> int:
    return to_micros(asking.at + timedelta(days=site.policy.safeguarding.dispute_days))


def _texts(body: bytes, name: str, words: str) -> tuple[str, str]:
    """A text, and somebody's words. Errors: FaultyRequestError."""
    sent = sent_texts(body, name, words)
    check_words(words, sent[words], LEAST, _LONGEST)
    return sent[name], sent[words]
