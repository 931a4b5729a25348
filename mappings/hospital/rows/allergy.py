"""Allergies: AL1 and IAM to AllergyIntolerance.

In      ADT messages: AL1 (the list of present allergies) and IAM (one allergy each, with an
        action), 0..n.
Out     An AllergyIntolerance for each substance, once; where both segments name it, from IAM.
Rule    IAM-6 D makes it inactive, whatever else is said: that it was once held is kept. IAM-17 E
        marks it entered in error. A segment that states no verification leaves none, so that an
        allergy that is named again does not stay in error.
Source  v2-to-FHIR guide (AL1, IAM); HL7 tables 0127, 0128, 0323, 0436, 0438.
"""

from collections.abc import Iterator
from typing import Final

from mappings.core.model.outcome import Fold, Issue, error, warning
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target
from mappings.hospital.codes import allergy as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import component, first, repetitions, wording, words
from mappings.hospital.message.reader import show
from mappings.hospital.rows import types
from mappings.hospital.rows.keys import allergy_key
from mappings.hospital.rows.sensitivity import CLEARED
from mappings.hospital.rows.whole import every
from mappings.terms.access import Category

_SEGMENTS: Final = ("IAM", "AL1")


def different_allergies(scope: Scope) -> Iterator[Found]:
    """Each substance once, from IAM where it names it."""
    seen = set()
    for name in _SEGMENTS:
        for found in every(scope, name):
            key = allergy_key(scope.inside(found))
            if key not in seen:
                seen.add(key)
                yield found


def is_allergy(scope: Scope) -> bool:
    """Whether the segment says to what."""
    return bool(types.concept(scope.element.get("3") or ""))


def _of_iam(scope: Scope, field: str) -> str:
    """A field of IAM; empty in an AL1, whose fields are others."""
    return (scope.element.get(field) or "") if scope.here.steps[0] == "IAM" else ""


def state(scope: Scope) -> Iterator[Found]:
    """Active; inactive where IAM-6 deletes it or IAM-17 says so; none where it is in error."""
    action, said = first(_of_iam(scope, "6")), first(_of_iam(scope, "17"))
    steps = scope.here.steps
    if codes.VERIFICATION.find(said or "") == codes.IN_ERROR:
        yield Found((*steps, "17"), CLEARED)
    elif action == "D":
        yield Found((*steps, "6"), codes.INACTIVE.concept())
    elif said == "I":
        yield Found((*steps, "17"), codes.INACTIVE.concept())
    else:
        yield Found((*steps, "3"), codes.ACTIVE.concept())


def verification(scope: Scope) -> Iterator[Found]:
    """IAM-17; cleared where nothing says it."""
    said = _of_iam(scope, "17")
    yield Found((*scope.here.steps, "17" if said else "3"), said or CLEARED)


def allergy_category(field: str) -> str | None:
    """The category, where one is stated."""
    said = (first(field) or "").upper()
    return said if said and said not in codes.ANY else None


def kind(scope: Scope) -> Iterator[Found]:
    """IAM-9, where it is an allergy or an intolerance."""
    said = _of_iam(scope, "9")
    if first(said) in codes.TYPE.rows:
        yield Found((*scope.here.steps, "9"), said)


def reactions(field: str) -> list[dict[str, str]] | None:
    """What happened, each in words."""
    made = []
    for text in repetitions(field):
        said = wording(text, 2) or wording(text, 1)
        made += [{"text": said}] if said else []
    return made or None


def onset(scope: Scope) -> Iterator[Found]:
    """AL1-6 or IAM-11, when it was first seen; cleared where only words say it."""
    field = "11" if scope.here.steps[0] == "IAM" else "6"
    if scope.element.get(field):
        yield Found((*scope.here.steps, field), scope.element[field])
    if words(_of_iam(scope, "12")):
        yield Found((*scope.here.steps, "12"), CLEARED)


def onset_words(scope: Scope) -> Iterator[Found]:
    """IAM-12, in words; cleared where a time says it: FHIR takes one of the two."""
    field = "11" if scope.here.steps[0] == "IAM" else "6"
    if times.is_time(scope.element.get(field)):
        yield Found((*scope.here.steps, field), CLEARED)
    elif _of_iam(scope, "12"):
        yield Found((*scope.here.steps, "12"), _of_iam(scope, "12"))


_LABELS: Final = (("8", "Reason"), ("9", "Sensitivity"), ("10", "Group"), ("16", "Alert worn"))


def notes(scope: Scope) -> Iterator[Found]:
    """IAM-8, 9 (where FHIR has no type for it), 10 and 16, each in words."""
    for field, label in _LABELS:
        value = _of_iam(scope, field)
        said = wording(value, 2) or wording(value, 1)
        if said and not (field == "9" and first(value) in codes.TYPE.rows):
            yield Found((*scope.here.steps, field), {"text": f"{label}: {said}"})


def identifier(scope: Scope) -> Iterator[Found]:
    """IAM-7."""
    yield from _present(scope, "7")


def recorded(scope: Scope) -> Iterator[Found]:
    """IAM-13, when it was reported."""
    yield from _present(scope, "13")


def recorder(scope: Scope) -> Iterator[Found]:
    """IAM-18, who gave it its status."""
    yield from _present(scope, "18")


def reporter(scope: Scope) -> Iterator[Found]:
    """IAM-14 (who reported it), with IAM-15 (what they are to the person)."""
    name = _of_iam(scope, "14")
    said = [component(name, number) for number in (5, 2, 1)]
    shown = " ".join(part for part in said if part)
    kin = _of_iam(scope, "15")
    relation = wording(kin, 2) or wording(kin, 1)
    text = ", ".join(part for part in (shown, relation) if part)
    if text:
        yield Found((*scope.here.steps, "14" if shown else "15"), {"display": text})


def _present(scope: Scope, field: str) -> Iterator[Found]:
    if value := _of_iam(scope, field):
        yield Found((*scope.here.steps, field), value)


def doubts(scope: Scope) -> Iterator[Issue]:
    """An allergy to nothing that is named; an action that may delete, and is not known."""
    for name in _SEGMENTS:
        for found in every(scope, name):
            here = scope.inside(found)
            if not is_allergy(here):
                text = "says of no allergy to what; nothing was made of it"
                yield warning(show((*found.steps, "3")), "missing", text)
            action = first(_of_iam(here, "6"))
            if action and action not in codes.ACTIONS:
                text = "this action code is not in table 0323; correct it"
                yield error(show((*found.steps, "6")), "unmapped-code", text)


ALLERGY: Final = Target(
    "AllergyIntolerance",
    name="allergy",
    each=different_allergies,
    when=is_allergy,
    key=allergy_key,
    category=Category.SAFETY,
    fold=Fold.MERGE,
    reads=(
        *(f"AL1[].{field}" for field in range(1, 7)),
        *(f"IAM[].{field}" for field in range(1, 19)),
    ),
    rows=(
        Row("allergy.id", "identifier[0]", gather=identifier, fn=types.entity),
        Row("allergy.state", "clinicalStatus", gather=state),
        Row(
            "allergy.verified",
            "verificationStatus",
            gather=verification,
            fn=first,
            table=codes.VERIFICATION,
        ),
        Row("allergy.type", "type", gather=kind, fn=first, table=codes.TYPE),
        Row("allergy.kind", "category[0]", "2", fn=allergy_category, table=codes.CATEGORY),
        Row("allergy.to", "code", "3", fn=types.concept, must=True),
        Row(
            "allergy.reaction",
            "reaction[0]",
            ".",
            rows=(
                Row("reaction.what", "manifestation", "5", fn=reactions),
                Row("reaction.severity", "severity", "4", fn=first, table=codes.SEVERITY),
            ),
        ),
        Row("allergy.since", "onsetDateTime", gather=onset, fn=times.when),
        Row("allergy.since_words", "onsetString", gather=onset_words, fn=words),
        Row("allergy.recorded", "recordedDate", gather=recorded, fn=times.when),
        Row("allergy.recorder", "recorder", gather=recorder, fn=types.practitioner),
        Row("allergy.said_by", "asserter", gather=reporter),
        Row("allergy.note", "note[+]", gather=notes),
    ),
)
