"""What one organisation asks of another: a Task that comes back with an answer.

    draft -> requested -> received -> accepted -> in-progress -> completed
                       -> rejected             -> on-hold     -> failed
    until it is completed: -> cancelled; from everywhere: -> entered-in-error

In      A Task as it stands and as it is to be; whose member asks for that.
Rule    A Task whose owner is another organisation, by its ODS code, is an ask. It begins as a draft
        or requested. What becomes of it is said by the organisation that is asked, in any role
        that sees it and writes Tasks; what is asked, and that it is no longer, by the one that
        asks. Who is rejected, and whose ask fails, is told why. Each version names who wrote it,
        and when: both sides read it there.
Errors  UnprocessableError with every path; ForbiddenError.
Source  http://hl7.org/fhir/R4/task.html#statemachine
Pure    Values in, values out.
"""

from collections.abc import Mapping
from typing import Any, Final

from gateway.errors import Fault, ForbiddenError, UnprocessableError
from mappings.core.model import systems

_END: Final = frozenset({"entered-in-error"})
_OPEN: Final = frozenset({"cancelled"}) | _END
_ON: Final = frozenset({"completed", "failed"}) | _OPEN
_NEXT: Final[Mapping[str, frozenset[str]]] = {
    "draft": frozenset({"requested"}) | _OPEN,
    "requested": frozenset({"received", "accepted", "rejected"}) | _OPEN,
    "received": frozenset({"accepted", "rejected"}) | _OPEN,
    "accepted": frozenset({"ready", "in-progress", "on-hold"}) | _ON,
    "ready": frozenset({"in-progress", "on-hold"}) | _ON,
    "in-progress": frozenset({"on-hold"}) | _ON,
    "on-hold": frozenset({"ready", "in-progress"}) | _ON,
    "rejected": _END,
    "cancelled": _END,
    "failed": _END,
    "completed": _END,
    "entered-in-error": frozenset(),
}
_ASKERS: Final = frozenset({"draft", "requested", "cancelled", "entered-in-error"})
"""Statuses that the organisation says that asks; the others are said by the one that is asked."""
_WHY: Final = frozenset({"rejected", "failed"})
_BEGINS: Final = frozenset({"draft", "requested"})
_ANSWER: Final = frozenset(
    {"status", "statusReason", "businessStatus", "executionPeriod", "lastModified", "note"}
    | {"output"}
)
_APART: Final = frozenset({"meta", "text"})
DISPUTE: Final = {"system": f"{systems.OWN}/CodeSystem/task", "code": "dispute"}
"""Of a Task by which the person says that something is wrong: answered by its own operation."""
LEFT_IN_EMERGENCY: Final = "urn:care-gateway:left-in-emergency"
"""Where a message comes from that whoever opened a record in an emergency left: there is one, and
it stays as it is."""


def asked_of(task: Mapping[str, Any], org: str) -> str:
    """The organisation that `org` asks by this; empty where it is no ask."""
    identifier = (task.get("owner") or {}).get("identifier") or {}
    if task["resourceType"] != "Task" or identifier.get("system") != systems.ODS:
        return ""
    owner = str(identifier.get("value", "")).upper()
    return "" if owner == org else owner


def check_new(task: Mapping[str, Any], org: str) -> None:
    """Refuse an ask that begins with its answer. Errors: UnprocessableError."""
    if asked_of(task, org) and task.get("status") not in _BEGINS:
        raise _refused("Task.status", "begins as a draft or requested")


def check_next(before: Mapping[str, Any], after: Mapping[str, Any], org: str, by: str) -> None:
    """Refuse what is not for the caller to say of an ask of `org`. Errors: UnprocessableError,
    ForbiddenError."""
    asked = asked_of(before, org)
    if not asked and not asked_of(after, org):
        return
    if not asked:  # it becomes one
        check_new(after, org)
        return
    was, now = before.get("status", ""), after.get("status", "")
    changed = {name for name in {*before, *after} - _APART if before.get(name) != after.get(name)}
    if was != now:
        following = _NEXT.get(was, frozenset())
        if now not in following:
            raise _refused("Task.status", f"an ask goes from here to {_listed(following)}")
        if by != (org if now in _ASKERS else asked):
            raise ForbiddenError
        if now in _WHY and not after.get("statusReason"):
            raise _refused("Task.statusReason", "says why")
    if by == org and asked_of(after, org) != asked and was != "draft":
        raise _refused("Task.owner", "stays with whom it was asked of; cancel it and ask anew")
    if by != org and not changed <= _ANSWER:
        names = sorted(changed - _ANSWER)
        faults = [Fault("business-rule", f"Task.{one}", "is for who asks to say") for one in names]
        raise UnprocessableError(faults)


def is_dispute(task: Mapping[str, Any]) -> bool:
    """Whether the person says by it that something is wrong."""
    return DISPUTE in (task.get("code") or {}).get("coding", ())


def is_left_alone(stored: Mapping[str, Any]) -> bool:
    """Whether no edit reaches it: a dispute, or a message that somebody left in an emergency."""
    if stored["resourceType"] == "Task":
        return is_dispute(stored)
    is_message = stored["resourceType"] == "Communication"
    return is_message and bool(stored["meta"].get("source") == LEFT_IN_EMERGENCY)


def may_answer(before: Mapping[str, Any], org: str, by: str) -> bool:
    """Whether the caller's organisation is the one that is asked."""
    return bool(by) and asked_of(before, org) == by


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nowhere"


def _refused(path: str, text: str) -> UnprocessableError:
    return UnprocessableError([Fault("business-rule", path, text)])
