"""A member of a team edits what a feed states: the edit lies over the source's words.

Rule    Who may write such a resource of their own on this shelf may edit one of a source's. Labels,
        identifiers and tags are the source's own, and so is its deletion, and that it was entered
        in error. What the writer cannot see stays: of the source, and of other edits. An edit that
        says again what the source says is taken back.
Errors  RefusedError.
Source  docs/adr/0045-an-edit-lies-over-what-a-feed-states.md.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog

from gateway.errors import Fault, UnprocessableError, VersionConflictError
from gateway.flows.asking.edits_seen import beside_of, statements_seen
from gateway.flows.writing.write_changes import Change, Held, labels_after
from gateway.flows.writing.write_references import with_person
from gateway.flows.writing.write_unit import RefusedError, Unit
from gateway.store.clear import precise
from gateway.store.labels.label_union import security
from gateway.store.sealed.vault import UNREADABLE
from gateway.store.team.team_edits import stated
from gateway.store.team.team_statements import Statement
from gateway.store.writing.team_beside import write_over
from gateway.store.writing.team_versions import Hand

_log = structlog.get_logger()
_ALTERED: Final = (
    "what is stored of this is not as it was written, and nothing is laid over it until whoever"
    " runs the gateway has put it right; they were told"
)

EDITABLE: Final = frozenset(
    {"CarePlan", "Communication", "Goal", "Observation", "ServiceRequest", "Task"}
)
MOST_STATEMENTS: Final = 300
"""Of one resource."""
MOST_BYTES: Final = 8 * 1024 * 1024
"""Of all of them together: each version holds every one."""
_SOURCES_OWN: Final = ("identifier", "modifierExtension", "implicitRules")
_STATUS: Final = ("status", "lifecycleStatus")
_IN_ERROR: Final = "entered-in-error"
_IS_SOURCES: Final = "is its source's own"


def may_edit(held: Held, change: Change) -> bool:
    """Whether this is an edit, of a type that a team edits; a deletion is none, nor is what its
    source took back put back by others."""
    is_edit = change.body is not None or change.patch is not None
    return is_edit and not held.now.deleted and change.resource_type in EDITABLE


async def edit(
    unit: Unit, held: Held, whole: Mapping[str, Any], sent: Mapping[str, Any], hand: Hand
) -> int:
    """The version that shows the edit: what was sent, with what its writer cannot see as `whole`.
    Errors: RefusedError."""
    _check(held, sent, hand.org)
    subject, owner = held.looking.subject, held.now.patient_id
    names = {*subject.patient_ids, subject.person_id}
    before, after = (with_person(one, names, owner) for one in (held.stored, whole))
    beside = beside_of(held.row)
    seen = statements_seen(held.row, beside.statements, subject.denies)
    by = Statement(hand.org, hand.author, hand.request_id, hand.at, "", False, None, None)
    statements = stated(beside, seen, before, after, by)
    _check_size(held, statements, len(beside.statements))
    vault, name = unit.site.store.vault, held.row.resource_id
    try:
        return await write_over(unit.conn, vault, held.now, name, statements, hand)
    except UNREADABLE:
        _log.error("altered-row-met", resource_type=held.now.resource_type)
        faults = [Fault("conflict", held.now.resource_type, _ALTERED)]
        raise RefusedError(VersionConflictError(faults), held.sight) from None


def _check_size(held: Held, statements: Sequence[Statement], before: int) -> None:
    """So much is kept over one resource, and no more. Errors: RefusedError."""
    size = len(precise.dumps([(one.was, one.now) for one in statements]))
    if len(statements) > max(MOST_STATEMENTS, before) or size > MOST_BYTES:
        text = f"at most {MOST_STATEMENTS} edits of one resource, of {MOST_BYTES} bytes"
        faults = [Fault("too-long", held.now.resource_type, text)]
        raise RefusedError(UnprocessableError(faults), held.sight)


def _check(held: Held, sent: Mapping[str, Any], org: str) -> None:
    """What is the source's alone is as it was. Errors: RefusedError."""
    kind, shown = held.now.resource_type, held.shown.resource
    wrong = [name for name in _SOURCES_OWN if sent.get(name) != shown.get(name)]
    if org != held.now.source_org and _IN_ERROR not in map(shown.get, _STATUS):
        wrong += [name for name in _STATUS if sent.get(name) == _IN_ERROR]
    if _labels(labels_after(held, sent)) != _labels(security(held.stored)):
        wrong.append("meta.security")
    if wrong:
        faults = [Fault("business-rule", f"{kind}.{name}", _IS_SOURCES) for name in wrong]
        raise RefusedError(UnprocessableError(faults), held.sight)


def _labels(listed: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(one["system"], one["code"]) for one in listed}
