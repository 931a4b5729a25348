"""Problems: PRB, with its notes, observations and roles, to Condition and Observation.

In      PPR messages (PRB at the root), PGL, PPP and PPG (PRB under GOL or PTH), ADT with PRB.
Out     A Condition for each problem, once however often it stands in the message; an
        Observation for each OBX under it, as evidence.
Rule    PRB-1 DE marks it entered in error; an add or update that states no verification leaves
        none, so that a problem which comes back does not stay in error. Its state is read from
        PRB-13, 14 and 15 by vocabulary, because senders differ; a resolved date (PRB-9) wins.
Source  HL7 v2 chapter 12; samples of Epic, Corepoint and LinuxForHealth; PRB-25 to labels.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.codes import Concept
from mappings.core.model.outcome import Fold, Issue, error, warning
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target, joined_key
from mappings.hospital.codes import care as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import component, first, repetitions, words
from mappings.hospital.message.reader import show
from mappings.hospital.rows import sensitivity, types, visit
from mappings.hospital.rows.keys import operation, problem_key
from mappings.hospital.rows.observation import observation, observed
from mappings.hospital.rows.problem_state import (
    abatement,
    clinical_status,
    is_state,
    onset,
    onset_words,
    states_of,
    verification_status,
)
from mappings.hospital.rows.tree import above
from mappings.hospital.rows.whole import every, whole
from mappings.terms.access import Category

_PROBLEM_LIST: Final = Concept(systems.CONDITION_CATEGORY, "problem-list-item", "Problem List Item")
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
    "21",
    "22",
    "23",
    "24",
    "25",
    "26",
    "28",
)


def below(places: tuple[str, ...], *fields: str) -> tuple[str, ...]:
    """Root paths of some fields wherever the segment may stand."""
    return tuple(f"{place}.{field}" for place in places for field in fields)


def each_problem(scope: Scope) -> Iterator[Found]:
    """Each problem of the message once, where it is first told of."""
    return told_once(scope, "PRB", problem_key)


def told_once(scope: Scope, name: str, key_of: Callable[[Scope], str | None]) -> Iterator[Found]:
    """Each thing of a name once: as it was told last, else first, else where it is linked."""
    held = whole(scope).told
    if name not in held:
        held[name] = tuple(_once(scope, name, key_of))
    return iter(held[name])


def _once(scope: Scope, name: str, key_of: Callable[[Scope], str | None]) -> Iterable[Found]:
    made: dict[str | None, Found] = {}
    for found in every(scope, name):
        key = key_of(scope.inside(found))
        if key not in made or _outranks(scope, found, made[key]):
            made[key] = found
    return made.values()


def _outranks(scope: Scope, one: Found, other: Found) -> bool:
    """Whether this telling says more than the other, or was done later (field 2)."""
    says, said = states(scope.inside(one)), states(scope.inside(other))
    if says != said:
        return says
    return times.ordering(one.value.get("2")) > times.ordering(other.value.get("2"))


def states(scope: Scope) -> bool:
    """Whether a PRB or GOL says something, more than that it is linked."""
    if is_expected(scope):
        return False
    if operation(scope.element) in ("link", "unlink", "unchanged"):
        return bool(words(scope.element.get("3")))
    return True


def is_expected(scope: Scope) -> bool:
    """Whether a PRB is of no problem that is there: its mood (28) is another than an event."""
    if scope.here.steps[-2] != "PRB":
        return False
    return (first(scope.element.get("28")) or "EVN").upper() != "EVN"


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


def probability(field: str) -> dict[str, str] | None:
    """PRB-20 as a note."""
    said = types.title(field)
    return {"text": f"Probability: {said}"} if said else None


def prognosis(field: str) -> dict[str, str] | None:
    """PRB-22 as a note."""
    said = component(field, 2) or first(field)
    return {"text": f"Prognosis: {said}"} if said else None


def awareness(
    person: str | None, prognosis: str | None, family: str | None
) -> dict[str, str] | None:
    """PRB-21 and 23 (what the person knows of it and of what is to come), 24 (the family)."""
    labels = ("The person knows", "The person knows of the prognosis", "The family knows")
    said = [types.title(field or "") for field in (person, prognosis, family)]
    parts = [f"{label}: {one}" for label, one in zip(labels, said, strict=True) if one]
    return {"text": "; ".join(parts)} if parts else None


def variance(entry: dict[str, Any]) -> dict[str, Any] | None:
    """A VAR (5 class, 6 words) as an Annotation, by whom (4) and when it was stated (3, else 2)."""
    said = [words(entry.get(field)) for field in ("5", "6")]
    shown = ": ".join(part for part in said if part)
    if not shown:
        return None
    made: dict[str, Any] = {"text": f"Variance: {shown}"}
    if who := types.practitioner(entry.get("4") or ""):
        made["authorReference"] = who
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


CONDITION: Final = Target(
    "Condition",
    name="problem",
    each=each_problem,
    when=states,
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
        Row("problem.onset", "onsetDateTime", gather=onset, fn=times.when),
        Row("problem.onset_words", "onsetString", gather=onset_words, fn=words),
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
        Row("problem.probability", "note[+]", "20", fn=probability),
        Row("problem.prognosis", "note[+]", "22", fn=prognosis),
        Row("problem.awareness", "note[+]", ("21", "23", "24"), fn=awareness),
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
        yield from refused_action(found)
        if is_expected(scope.inside(found)):
            text = "a problem that is only expected is not put among the problems"
            yield warning(show((*steps, "28")), "not-present", text)
            continue
        removes = operation(entry) in ("delete", "link", "unlink", "unchanged")
        if not removes and not types.concept(entry.get("3") or ""):
            text = "says of no problem what it is; send a code or words here"
            yield error(show((*steps, "3")), "missing", text)
        for field in states_of(scope):
            said = entry.get(field)
            if said and first(said) and not (is_state(said) or times.is_time(said)):
                text = "this state is not in the table; nothing is made of it"
                yield warning(show((*steps, field)), "unmapped-code", text)
    yield from told_twice(scope, "PRB", problem_key)


def refused_action(found: Found) -> Iterator[Issue]:
    """An action code that is not known may delete: it is never guessed. Unlinking is not taken."""
    said = first(found.value.get("1"))
    if said and not codes.OPERATION.find(said):
        text = "this action code is not in table 0287; correct it"
        yield error(show((*found.steps, "1")), "unmapped-code", text)
    elif operation(found.value) == "unlink":
        text = "unlinking is not taken; send the state of the problem, goal or pathway itself"
        yield error(show((*found.steps, "1")), "not-supported", text)


def told_twice(scope: Scope, name: str, key_of: Callable[[Scope], str | None]) -> Iterator[Issue]:
    """What is told of a thing otherwise than it is taken."""
    taken = {key_of(scope.inside(one)): one.value for one in told_once(scope, name, key_of)}
    for found in every(scope, name):
        here = scope.inside(found)
        if states(here) and taken[key_of(here)] != found.value:
            text = "told twice in one message, with a difference; the newer, or first, was taken"
            yield warning(show((*found.steps, "4")), "told-twice", text)
