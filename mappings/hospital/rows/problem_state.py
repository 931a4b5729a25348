"""The state of a problem: active, resolved, provisional, entered in error.

In      A PRB: its action (1), resolved date (9), certainty (19) and the three fields that senders
        use for a state (13, 14, 15).
Out     clinicalStatus, verificationStatus and abatement that agree with one another; what a
        message makes untrue is deleted.
Source  HL7 v2 chapter 12; samples of Epic (PRB-13), the standard (PRB-14), its example (PRB-15);
        FHIR R4 invariants con-4 and con-5.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model.codes import CodeTable, Concept
from mappings.core.model.paths import Found, Scope
from mappings.hospital.codes import care as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import component, first, repetitions, words
from mappings.hospital.rows.keys import operation
from mappings.hospital.rows.sensitivity import CLEARED
from mappings.hospital.rows.whole import ProblemState, Said, whole


def states_of(scope: Scope) -> tuple[str, ...]:
    """Fields that hold a state, the one that decides first: PRB-14, 13, 15, or as the profile of
    the sender says."""
    return whole(scope).profile.problem_states


def clinical_status(scope: Scope) -> Iterator[Found]:
    """Deleted with DE; resolved where PRB-9 gives a day; else a state in PRB-14, 13 or 15."""
    entry, steps = scope.element, scope.here.steps
    if is_in_error(scope):
        yield Found((*steps, "1"), CLEARED)
    elif is_resolved(entry):
        yield Found((*steps, "9"), codes.RESOLVED.concept())
    elif said := _state(scope).clinical:
        yield said.found(steps)


def verification_status(scope: Scope) -> Iterator[Found]:
    """Entered in error with DE; else by PRB-13 to 15 or 19; cleared where none says it."""
    entry, steps = scope.element, scope.here.steps
    if is_in_error(scope):
        yield Found((*steps, "1"), codes.ENTERED_IN_ERROR.concept())
        return
    said = _state(scope).verification
    found = said.found(steps) if said else None
    if found is None and words(entry.get("19")):
        meaning = codes.VERIFICATION.find(first(entry.get("19")) or "")
        if isinstance(meaning, Concept):
            found = Found((*steps, "19"), meaning.concept())
    yield found or Found((*steps, "1"), CLEARED)


def _state(scope: Scope) -> ProblemState:
    """What the state fields of the PRB at hand say, read once."""
    held, steps = whole(scope).states, scope.here.steps
    state = held.get(steps)
    if state is None:
        fields = states_of(scope)
        clinical = _said(scope.element, fields, codes.CLINICAL)
        verification = _said(scope.element, fields, codes.VERIFICATION)
        state = held[steps] = ProblemState(clinical, verification)
    return state


def _said(entry: dict[str, Any], fields: tuple[str, ...], table: CodeTable) -> Said | None:
    for field in fields:
        for text in repetitions(entry.get(field)):
            for number in (1, 2):
                word = component(text, number)
                meaning = table.find(word)
                if isinstance(meaning, Concept):
                    return Said(field, meaning, word)
    return None


def is_state(field: str) -> bool:
    """Whether a field says a state: by its code or its words."""
    held = {"state": field}
    return any(_said(held, ("state",), table) for table in (codes.CLINICAL, codes.VERIFICATION))


def abatement(scope: Scope) -> Iterator[Found]:
    """PRB-9; cleared where the problem is active again, or in error."""
    entry, steps = scope.element, scope.here.steps
    if is_in_error(scope):
        yield Found((*steps, "1"), CLEARED)
        return
    if entry.get("9"):
        yield Found((*steps, "9"), entry["9"])
    state = _state(scope).clinical
    if state is not None and state.meaning.code in _PRESENT:
        yield Found((*steps, "14"), CLEARED)


_PRESENT: Final = frozenset({"active", "recurrence", "relapse"})


def is_in_error(scope: Scope) -> bool:
    """Whether the sender takes the problem back: PRB-1 DE, or a state of deleted."""
    if operation(scope.element) == "delete":
        return True
    said = _state(scope).verification
    return said is not None and said.meaning.code == "entered-in-error"


def is_resolved(entry: dict[str, Any]) -> bool:
    """Whether PRB-9 gives a day the problem was resolved."""
    return times.is_time(entry.get("9"))


def onset(scope: Scope) -> Iterator[Found]:
    """PRB-16, when it began; cleared where only words say it: FHIR takes one of the two."""
    entry, steps = scope.element, scope.here.steps
    if entry.get("16"):
        yield Found((*steps, "16"), entry["16"])
    if words(entry.get("17")):
        yield Found((*steps, "17"), CLEARED)


def onset_words(scope: Scope) -> Iterator[Found]:
    """PRB-17, when it began in words; cleared where a time says it."""
    entry, steps = scope.element, scope.here.steps
    if times.is_time(entry.get("16")):
        yield Found((*steps, "16"), CLEARED)
    elif entry.get("17"):
        yield Found((*steps, "17"), entry["17"])
