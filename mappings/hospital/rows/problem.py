"""Problems: PRB, with its notes, observations and roles, to Condition and Observation.

In      PPR messages (PRB at the root), PGL, PPP and PPG (PRB under GOL or PTH), ADT with PRB.
Out     A Condition for each problem, once however often it stands in the message; an
        Observation for each OBX under it, as evidence.
Rule    PRB-1 DE marks it entered in error; an add or update that states no verification leaves
        none, so that a problem which comes back does not stay in error. Its state is read from
        PRB-13, 14 and 15 by vocabulary, because senders differ; a resolved date (PRB-9) wins.
Source  HL7 v2 chapter 12; samples of Epic, Corepoint and LinuxForHealth; PRB-25 to labels.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from mappings.core import systems
from mappings.core.codes import Concept
from mappings.core.outcome import Fold, Issue, UnreadableValueError, error, warning
from mappings.core.paths import Found, Scope, Steps
from mappings.core.rows import Row, Target, joined_key
from mappings.hospital.codes import care as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import component, first, repetitions, words
from mappings.hospital.message.reader import show
from mappings.hospital.rows import sensitivity, types, visit
from mappings.hospital.rows.observation import observation
from mappings.hospital.rows.sensitivity import CLEARED
from mappings.hospital.rows.tree import above
from mappings.hospital.rows.whole import every, person_id
from mappings.terms.access import Category

_PROBLEM_LIST: Final = Concept(
    systems.CONDITION_CATEGORY, "problem-list-item", "Problem List Item"
)
PLACES: Final = (
    "PRB[]",
    "GOL[].PRB[]",
    "PTH[].PRB[]",
    "PTH[].GOL[].PRB[]",
)
"""Where a PRB may stand."""

FIELDS: Final = (
    "1",
    "2",
    "3",
    "4",
    "7",
    "8",
    "9",
    "10",
    "12",
    "13",
    "14",
    "15",
    "16",
    "17",
    "19",
    "20",
    "25",
    "26",
)
_STATES: Final = ("14", "13", "15")
"""Fields that hold a state, the standard's own first."""


def below(places: tuple[str, ...], *fields: str) -> tuple[str, ...]:
    """Root paths of some fields wherever the segment may stand."""
    return tuple(f"{place}.{field}" for place in places for field in fields)


def operation(entry: dict[str, Any]) -> str:
    """What the first field (0287) asks for; empty where it says nothing known."""
    meaning = codes.OPERATION.find(first(entry.get("1")) or "")
    return str(meaning or "")


def each_problem(scope: Scope) -> Iterator[Found]:
    """Each problem of the message once, where it stands first."""
    seen = set()
    for found in every(scope, "PRB"):
        key = problem_key(scope.inside(found))
        if key not in seen:
            seen.add(key)
            yield found


def problem_key(scope: Scope) -> str:
    """The person and PRB-4; without one, what the problem is and when it began."""
    entry = scope.element
    return joined_key(person_id(scope), "problem", instance(entry, "4", "3", "16", "7"))


def instance(entry: dict[str, Any], own: str, *otherwise: str) -> str:
    """The instance id (EI: id and namespace); a hash of other fields where there is none."""
    field = entry.get(own)
    number = component(field, 1)
    if number:
        space = component(field, 2) or component(field, 3)
        return f"{number}^{space}" if space else number
    said = "|".join(" ".join((entry.get(name) or "").upper().split()) for name in otherwise)
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def states_problem(scope: Scope) -> bool:
    """Whether the segment says something of the problem, more than that it is linked."""
    if operation(scope.element) in ("link", "unlink", "unchanged"):
        return bool(words(scope.element.get("3")))
    return True


def clinical_status(scope: Scope) -> Iterator[Found]:
    """Deleted with DE; resolved where PRB-9 gives a day; else a state in PRB-14, 13 or 15."""
    entry, steps = scope.element, scope.here.steps
    if is_in_error(entry):
        yield Found((*steps, "1"), CLEARED)
    elif is_resolved(entry):
        yield Found((*steps, "9"), codes.RESOLVED.concept())
    else:
        yield from _state(entry, steps, codes.CLINICAL)


def verification_status(scope: Scope) -> Iterator[Found]:
    """Entered in error with DE; else by PRB-13 to 15 or 19; cleared where none says it."""
    entry, steps = scope.element, scope.here.steps
    if is_in_error(entry):
        yield Found((*steps, "1"), codes.ENTERED_IN_ERROR.concept())
        return
    found = next(_state(entry, steps, codes.VERIFICATION), None)
    if found is None and words(entry.get("19")):
        meaning = codes.VERIFICATION.find(first(entry.get("19")) or "")
        if isinstance(meaning, Concept):
            found = Found((*steps, "19"), meaning.concept())
    yield found or Found((*steps, "1"), CLEARED)


def _state(entry: dict[str, Any], steps: Steps, table: Any) -> Iterator[Found]:
    for field in _STATES:
        for text in repetitions(entry.get(field)):
            for number in (1, 2):
                meaning = table.find(component(text, number))
                if isinstance(meaning, Concept):
                    yield Found((*steps, field), meaning.concept(component(text, number)))
                    return


def abatement(scope: Scope) -> Iterator[Found]:
    """PRB-9; cleared where the problem is active or in error again."""
    entry, steps = scope.element, scope.here.steps
    if is_resolved(entry) and not is_in_error(entry):
        yield Found((*steps, "9"), entry["9"])
        return
    state = next(_state(entry, steps, codes.CLINICAL), None)
    active = state is not None and state.value["coding"][0]["code"] in _PRESENT
    if active or entry.get("9") == CLEARED:
        yield Found((*steps, "9" if entry.get("9") else "14"), CLEARED)


_PRESENT: Final = frozenset({"active", "recurrence", "relapse"})


def is_in_error(entry: dict[str, Any]) -> bool:
    """Whether the sender takes the problem back: PRB-1 DE, or a state of deleted."""
    if operation(entry) == "delete":
        return True
    found = next(_state(entry, (), codes.VERIFICATION), None)
    return found is not None and found.value["coding"][0]["code"] == "entered-in-error"


def is_resolved(entry: dict[str, Any]) -> bool:
    """Whether PRB-9 gives a day the problem was resolved."""
    try:
        return bool(entry.get("9") and times.when(entry["9"]))
    except UnreadableValueError:
        return False


def category(field: str) -> dict[str, Any] | None:
    """PRB-10 and 12, in the sender's words."""
    return types.concept(field)


def roles_who_assert(scope: Scope) -> Iterator[Found]:
    """The first ROL under the problem that is not the person."""
    for index, entry in enumerate(scope.element.get("ROL", ())):
        for text in repetitions(entry.get("4")):
            if (first(entry.get("3")) or "").upper() not in codes.PERSON_ROLES:
                yield Found((*scope.here.steps, "ROL", index, "4"), text)
                return


def prognosis(field: str) -> dict[str, str] | None:
    """PRB-20 and the like as a note."""
    return types.note(field)


def variance(entry: dict[str, Any]) -> dict[str, Any] | None:
    """A VAR (5 class, 6 words) as an Annotation, with when it was stated (3, else 2)."""
    said = [words(entry.get(field)) for field in ("5", "6")]
    shown = ": ".join(part for part in said if part)
    if not shown:
        return None
    made: dict[str, Any] = {"text": f"Variance: {shown}"}
    at = visit.first_said(entry.get("3"), entry.get("2"))
    return made | ({"time": at} if at else {})


NOTES: Final = (
    Row("notes.words", "note[+]", "NTE[].3", fn=types.note),
    Row("notes.variance", "note[+]", "VAR[]", fn=variance),
)
NOTE_FIELDS: Final = ("NTE[].1", "NTE[].2", "NTE[].3", "VAR[]")

_EVIDENCE_PLACES: Final = tuple(f"{place}.OBX[]" for place in PLACES)


def each_evidence(scope: Scope) -> Iterator[Found]:
    """Each OBX directly under a problem."""
    for found in each_problem(scope):
        for index, entry in enumerate(found.value.get("OBX", ())):
            yield Found((*found.steps, "OBX", index), entry)


def evidence_key(scope: Scope) -> str:
    """The problem, and what was observed."""
    held = list(above(scope.facts, scope.here.steps, "PRB"))[-1]
    return joined_key(problem_key(scope.inside(held)), *observed(scope))


def observed(scope: Scope) -> tuple[str, str]:
    """What names an observation within what holds it: OBX-21, else its place and content."""
    entry = scope.element
    place = first(entry.get("1")) or str(int(scope.here.steps[-1]) + 1)
    own = component(entry.get("21"), 1)
    return ("observation", own or f"{place} {instance(entry, '21', '3', '4', '14')}")


CONDITION: Final = Target(
    "Condition",
    name="problem",
    each=each_problem,
    when=states_problem,
    key=problem_key,
    category=Category.PROBLEMS,
    fold=Fold.MERGE,
    labels=sensitivity.of_problem,
    reads=(
        *below(PLACES, *FIELDS),
        *below(PLACES, *NOTE_FIELDS, "ROL[].3", "ROL[].4"),
        "PV1[].16",
    ),
    defaults={"clinicalStatus": codes.ACTIVE.concept()},
    rows=(
        Row("problem.id", "identifier[0]", "4", fn=types.entity),
        Row("problem.clinical", "clinicalStatus", gather=clinical_status),
        Row("problem.verified", "verificationStatus", gather=verification_status),
        Row("problem.kind", "category[0]", value=_PROBLEM_LIST.concept(), why="a PRB"),
        Row("problem.category", "category[+]", "10", fn=category),
        Row("problem.duration", "category[+]", "12", fn=category, why="acute or chronic"),
        Row("problem.severity", "severity", "26", fn=types.concept),
        Row("problem.what", "code", "3", fn=types.concept),
        Row("problem.onset", "onsetDateTime", "16", fn=times.when),
        Row("problem.onset_words", "onsetString", ("16", "17"), fn=types.words_without_time),
        Row("problem.abated", "abatementDateTime", gather=abatement, fn=times.when),
        Row(
            "problem.recorded",
            "recordedDate",
            ("7", "2"),
            fn=visit.first_said,
            why="when it was established; else when this action was taken",
        ),
        Row("problem.by", "asserter", gather=roles_who_assert, fn=types.practitioner),
        Row("problem.evidence", "evidence[+].detail[0]", refers_to="evidence"),
        Row("problem.prognosis", "note[+]", "20", fn=prognosis),
        *NOTES,
    ),
)

EVIDENCE: Final = observation(
    "evidence",
    each_evidence,
    evidence_key,
    Category.PROBLEMS,
    sensitivity.of_problem,
    _EVIDENCE_PLACES,
)


def doubts(scope: Scope) -> Iterator[Issue]:
    """Operations that are in no table; a problem without a name; states in no table."""
    for found in every(scope, "PRB"):
        entry, steps = found.value, found.steps
        yield from unknown_operation(found)
        removes = operation(entry) in ("delete", "link", "unlink", "unchanged")
        if not removes and not types.concept(entry.get("3") or ""):
            text = "says of no problem what it is; send a code or words here"
            yield error(show((*steps, "3")), "missing", text)
        for field in _STATES:
            said = first(entry.get(field))
            known = said and (codes.CLINICAL.find(said) or codes.VERIFICATION.find(said))
            if said and not known:
                text = "this state is not in the table; the problem's state is left as it was"
                yield warning(show((*steps, field)), "unmapped-code", text)
    yield from _told_twice(scope)


def unknown_operation(found: Found) -> Iterator[Issue]:
    """An action code of table 0287 that is not known may delete: it is never guessed."""
    said = first(found.value.get("1"))
    if said and not codes.OPERATION.find(said):
        text = "this action code is not in table 0287; correct it"
        yield error(show((*found.steps, "1")), "unmapped-code", text)


def _told_twice(scope: Scope) -> Iterator[Issue]:
    first_told: dict[str, dict[str, Any]] = {}
    for found in every(scope, "PRB"):
        before = first_told.setdefault(problem_key(scope.inside(found)), found.value)
        if before != found.value:
            text = "told twice in one message, with a difference; the first was taken"
            yield warning(show((*found.steps, "4")), "told-twice", text)
