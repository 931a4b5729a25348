"""Problems: STU3 Condition to R4."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from mappings.core.model import dates, systems
from mappings.core.model.codes import Concept
from mappings.core.model.outcome import UnreadableValueError
from mappings.core.model.paths import Found, Scope, Steps
from mappings.core.model.rows import Row, Target
from mappings.gp.assemble.record import TAIL, Record
from mappings.gp.codes import extensions, states
from mappings.gp.rows import degraded, shaping
from mappings.gp.rows.looking_up import (
    PEOPLE,
    assembled,
    extension,
    is_sound,
    key,
    labels,
    labels_of,
    labels_of_holder,
    linked,
    linked_extension,
    parts_of,
)
from mappings.gp.rows.onset import ONSET
from mappings.terms.access import Category

_ENCOUNTER: Final = frozenset({"Encounter"})
_CONDITION: Final = frozenset({"Condition"})
_THINGS_DONE: Final = (
    "Immunization",
    "MedicationRequest",
    "MedicationStatement",
    "ProcedureRequest",
    "ReferralRequest",
    "DocumentReference",
)
_CONCEPT: Final = "valueCodeableConcept"
_CODED_BY: Final = (
    "code",
    "vaccineCode",
    "medicationCodeableConcept",
    "serviceRequested",
)
"""Elements that say what a resource is."""
_NOT_A_DIAGNOSIS: Final = Concept(
    systems.CONDITION_KIND, "not-a-diagnosis", "Something done, kept as a problem"
)
_R4_CONDITION_CATEGORIES: Final = frozenset({"problem-list-item", "encounter-diagnosis"})


def clinical_status(word: Any, ended: Any, ended_in_words: Any, verified: Any) -> str | None:
    """STU3's code; inactive with an end is resolved; a wrong entry has none in R4."""
    if verified == "entered-in-error" or word is None:
        return None
    return "resolved" if word == "inactive" and (ended or ended_in_words) else str(word)


def ended_on(ended: Any, word: Any) -> str | None:
    """The end of a problem; one that is still active cannot have one in R4."""
    if ended is None:
        return None
    if word in ("active", "recurrence"):
        raise UnreadableValueError("contradiction", "an end, of a problem said to be active")
    return dates.fhir_date_time(ended)


def ended_in_words(ended: Any, word: Any, on: Any) -> str | None:
    """The end of a problem in words, where there is no date."""
    return str(ended) if ended and not on and word not in ("active", "recurrence") else None


def condition_category(value: Any) -> dict[str, Any] | None:
    """A category; CareConnect's two have R4's system."""
    made = shaping.concept(value)
    for coding in (made or {}).get("coding", ()):
        if coding.get("code") in _R4_CONDITION_CATEGORIES:
            coding["system"] = systems.CONDITION_CATEGORY
    return made


def problem_code(scope: Scope) -> Iterator[Found]:
    """The problem's code, or that of the actual problem it heads."""
    own = scope.element.get("code")
    if own:
        yield Found((*scope.here.steps, "code"), own)
        return
    record = assembled(scope).record
    for found in extension("ActualProblem", "valueReference")(scope):
        place = record.place_of(found.value)
        if place and record.is_sound(place):
            yield from islice(_codes_at(record, place), 1)


def _codes_at(record: Record, place: Steps) -> Iterator[Found]:
    """What a resource says that it is, the word that tells most first."""
    headed = record.get(place)
    for position, one in enumerate(headed.get("extension") or ()):
        is_said = extensions.names_of(str(one.get("url"))) == "VaccinationProcedure"
        if is_said and one.get(_CONCEPT):
            steps = (*place, "extension", position, _CONCEPT)
            yield Found(steps, one.get(_CONCEPT))
    yield from _said_in(headed, place, _CODED_BY)
    medicine = record.place_of(headed.get("medicationReference"))
    if medicine and medicine[0] == "Medication" and record.get(medicine).get("code"):
        yield Found((*medicine, "code"), record.get(medicine)["code"])
    if place[0] == "ReferralRequest":
        yield from _said_in(headed, place, ("reasonCode",))
    yield from _said_in(headed, place, ("type",))


def _said_in(headed: Mapping[str, Any], place: Steps, names: Iterable[str]) -> Iterator[Found]:
    for name in names:
        said = headed.get(name)
        if value := said[0] if isinstance(said, list) and said else said:
            yield Found((*place, name), value)


def labels_with_headed(scope: Scope) -> Iterator[dict[str, str]]:
    """A problem's own, and those of what gives it its code."""
    yield from labels(scope)
    if scope.element.get("code"):
        return
    record = assembled(scope).record
    for found in extension("ActualProblem", "valueReference")(scope):
        if place := record.place_of(found.value):
            yield from labels_of(record.get(place))


def thing_done(scope: Scope) -> Iterator[Found]:
    """A tag where the actual problem is something done, not something that is the matter."""
    record = assembled(scope).record
    for found in extension("ActualProblem", "valueReference")(scope):
        place = record.place_of(found.value)
        named = TAIL.search(str((found.value or {}).get("reference")))
        kind = str(place[0]) if place else named[1] if named else ""
        if kind in _THINGS_DONE:
            yield Found(found.steps, _NOT_A_DIAGNOSIS.concept())


def related_problems(scope: Scope) -> Iterator[Found]:
    """The problems this one stands with, and how."""
    record = assembled(scope).record
    for found in parts_of("RelatedProblemHeader", "type", "target")(scope):
        target = (found.value.get("target") or {}).get("valueReference")
        made = record.resolve(target, _CONDITION)
        kind = (found.value.get("type") or {}).get("valueCode")
        if isinstance(made, dict):
            shown = {"display": f"{kind} problem"} if kind else {}
            made = {"url": extensions.RELATED_CONDITION, "valueReference": made | shown}
        yield Found(found.steps, made)


def evidence(value: Any) -> Any:
    """A resource that belongs to a problem."""
    made = shaping.kept(value)
    return {"detail": [made]} if made else None


_ROOT: Final = "Condition[]"
_INSIDE: Final = "CarePlan[].contained[]"

_PROBLEM: Final = (
    degraded.row("problem", _ROOT),
    Row("problem.identifier", "identifier[+]", "identifier[]", fn=shaping.identifier),
    Row(
        "problem.status",
        "clinicalStatus",
        ("clinicalStatus", "abatementDateTime", "abatementString", "verificationStatus"),
        fn=clinical_status,
        table=states.CONDITION_STATUS,
    ),
    Row(
        "problem.verified",
        "verificationStatus",
        "verificationStatus",
        table=states.CONDITION_VERIFICATION,
    ),
    Row("problem.category", "category[+]", "category[]", fn=condition_category),
    Row(
        "problem.significance",
        "category[+]",
        gather=extension("ProblemSignificance", "valueCode"),
        reads=(f"{_ROOT}.extension",),
        table=states.SIGNIFICANCE,
    ),
    Row(
        "problem.done",
        "category[+]",
        gather=thing_done,
        reads=(f"{_ROOT}.extension",),
        why="GP systems head problems with immunisations, medicines and referrals too",
    ),
    Row("problem.severity", "severity", "severity", fn=shaping.concept),
    Row(
        "problem.code",
        "code",
        gather=problem_code,
        reads=(f"{_ROOT}.code", f"{_ROOT}.extension"),
        fn=shaping.concept,
        must=True,
    ),
    Row("problem.site", "bodySite[+]", "bodySite[]", fn=shaping.concept),
    Row(
        "problem.encounter",
        "encounter",
        gather=linked("context", _ENCOUNTER),
        reads=(f"{_ROOT}.context",),
        fn=shaping.kept,
    ),
    *ONSET,
    Row(
        "problem.ended",
        "abatementDateTime",
        ("abatementDateTime", "clinicalStatus"),
        fn=ended_on,
    ),
    Row(
        "problem.ended_words",
        "abatementString",
        ("abatementString", "clinicalStatus", "abatementDateTime"),
        fn=ended_in_words,
    ),
    Row("problem.recorded", "recordedDate", "assertedDate", fn=dates.fhir_date_time),
    Row(
        "problem.asserter",
        "asserter",
        gather=linked("asserter", PEOPLE),
        reads=(f"{_ROOT}.asserter",),
        fn=shaping.kept,
    ),
    Row(
        "problem.evidence",
        "evidence[+]",
        gather=linked_extension("RelatedClinicalContent"),
        reads=(f"{_ROOT}.extension",),
        fn=evidence,
    ),
    Row(
        "problem.related",
        "extension[+]",
        gather=related_problems,
        reads=(f"{_ROOT}.extension",),
        fn=shaping.kept,
    ),
    Row("problem.note", "note[+]", "note[]", fn=shaping.annotation),
)


CONDITIONS: Final = Target(
    "Condition",
    each="Condition[]",
    when=is_sound,
    key=key,
    category=Category.PROBLEMS,
    labels=labels_with_headed,
    reads=("Condition[].meta.security", "Condition[].extension"),
    rows=_PROBLEM,
)


def is_need_inside(scope: Scope) -> bool:
    """Whether it is a sound need that stands inside a plan."""
    return is_sound(scope) and scope.element.get("resourceType") == "Condition"


def _inside(row: Row) -> Row:
    """The row of a need inside a plan; what it reads stands there."""
    return replace(row, reads=tuple(path.replace(_ROOT, _INSIDE) for path in row.reads))


NEEDS_INSIDE: Final = Target(
    "Condition",
    name="need inside a plan",
    each=_INSIDE,
    when=is_need_inside,
    key=key,
    category=Category.PROBLEMS,
    labels=labels_of_holder,
    reads=(f"{_INSIDE}.meta.security", f"{_INSIDE}.extension"),
    rows=tuple(map(_inside, _PROBLEM)),
)
