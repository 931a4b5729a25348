"""Tasks of recalls, as FHIR Tasks: an organisation sees its own, accepts and completes them.

    whose may this caller see? -> rows -> Tasks -> record | accepted, completed: recorded with it

Rule    An organisation's governance roles and its staff of direct care see the tasks that it owns;
        the borough's governance sees all. Another's task is not there. A task goes from requested
        to accepted to completed, and never back.
Errors  NotFoundError; ForbiddenError; FaultyRequestError for a step that does not follow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from consent.policy import AuditScope
from consent.terms import CallerKind
from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import instant, to_micros
from gateway.errors import Fault, FaultyRequestError, ForbiddenError, NotFoundError
from gateway.flows.site.site import Asking, Site
from gateway.store.audit import recalls
from gateway.store.audit.recalls import TaskRow
from gateway.store.commit.log import append
from gateway.store.database.engine import Connection

_OWN: Final = "https://care-gateway.example/fhir/CodeSystem"
_ODS: Final = "https://fhir.nhs.uk/Id/ods-organization-code"
STEPS: Final[Mapping[str, frozenset[str]]] = {
    "accepted": frozenset({"requested"}),
    "completed": frozenset({"requested", "accepted"}),
}
"""Each status with those that it may follow."""


async def tasks_for(site: Site, asking: Asking, *, still_open: bool) -> list[dict[str, Any]]:
    """The tasks that the caller may see."""
    org = await _whose(site, asking)
    async with site.store.engine.reading() as conn:
        found = await recalls.tasks_of(conn, org, still_open=still_open)
    await site.store.log.append(_entry(asking, Outcome.SERVED, found))
    return [to_fhir(one) for one in found]


async def move(site: Site, asking: Asking, task_id: str, status: str) -> dict[str, Any]:
    """The task, accepted or completed by staff of the organisation that owns it."""
    org = await _whose(site, asking)
    if status not in STEPS:
        text = "a task is accepted or completed"
        raise FaultyRequestError([Fault("value", "status", text)])

    async def unit(conn: Connection) -> TaskRow | None:
        row = await recalls.task(conn, task_id)
        found = row is not None and org in (None, row.org) and asking.caller.org == row.org
        if row is None or not found:
            await append(conn, site.store.vault, [_entry(asking, Outcome.NOT_FOUND, ())])
            return None
        at = to_micros(asking.at)
        moved = row.status in STEPS[status]
        moved = moved and await recalls.move_task(conn, row, status, at, asking.caller.user_id)
        outcome = Outcome.STORED if moved else Outcome.REFUSED
        await append(conn, site.store.vault, [_entry(asking, outcome, [row], status)])
        if not moved:
            return row
        return replace(row, status=status, version=row.version + 1, changed_at=at)

    made = await site.store.write(unit)
    if made is None:
        raise NotFoundError
    if made.status != status or made.changed_at != to_micros(asking.at):
        text = "the task does not stand where this step begins"
        raise FaultyRequestError([Fault("business-rule", "status", text)])
    return to_fhir(made)


async def _whose(site: Site, asking: Asking) -> str | None:
    """The organisation whose tasks the caller may see; None for all. Errors: ForbiddenError."""
    caller = asking.caller
    role = site.policy.roles.get(caller.role)
    if role is not None and role.kind == caller.kind and caller.kind is CallerKind.STAFF:
        if role.audit is AuditScope.BOROUGH:
            return None
        cares = role.direct_care and not role.lay
        if caller.org and (cares or role.audit is AuditScope.OWN_ORGANISATION):
            return caller.org
    await site.store.log.append(_entry(asking, Outcome.REFUSED, ()))
    raise ForbiddenError


def _entry(
    asking: Asking, outcome: Outcome, rows: Sequence[TaskRow], status: str = ""
) -> AuditEntry:
    event = Event.UPDATE if status else Event.OPERATION
    detail = (("tasks", str(len(rows))), ("status", status))
    return AuditEntry(
        asking.at,
        event,
        outcome,
        asking.agent,
        request_id=asking.request_id,
        patient_ids=tuple(sorted({one.patient_id for one in rows})),
        query="recall tasks",
        detail=tuple(pair for pair in detail if pair[1]),
    )


def to_fhir(row: TaskRow) -> dict[str, Any]:
    """The row as a FHIR R4 Task. It names versions that its owner was shown, and nothing else."""
    first, *others = row.refs.split()
    code = {"system": f"{_OWN}/recall", "code": "recall"}
    made: dict[str, Any] = {
        "resourceType": "Task",
        "id": row.task_id,
        "meta": {"versionId": str(row.version), "lastUpdated": instant(row.changed_at)},
        "status": row.status,
        "intent": "order",
        "code": {"coding": [code], "text": "Something that was shown is not to be relied on"},
        "focus": {"reference": first},
        "authoredOn": instant(row.asked_at),
        "lastModified": instant(row.changed_at),
        "owner": {"identifier": {"system": _ODS, "value": row.org}},
        "reasonCode": {"coding": [{"system": f"{_OWN}/recall-reason", "code": row.reason}]},
        "restriction": {"period": {"end": instant(row.due_at)}},
    }
    if others:
        code = {"system": f"{_OWN}/recall", "code": "also-shown"}
        made["input"] = [
            {"type": {"coding": [code]}, "valueReference": {"reference": one}} for one in others
        ]
    return made
