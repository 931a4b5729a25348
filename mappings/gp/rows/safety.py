"""Allergies, alerts and warnings about the record: STU3 to R4.

Rule    A warning on a list reaches every reader as a Flag, whether or not there is a plan.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import dates, systems
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target
from mappings.gp.codes import extensions, states, warnings
from mappings.gp.rows import degraded, shaping
from mappings.gp.rows.looking_up import (
    PEOPLE,
    PERFORMERS,
    assembled,
    bundle_labels,
    is_sound,
    key,
    labels,
    linked,
    linked_extension,
    parts_of,
)
from mappings.gp.rows.onset import ONSET
from mappings.gp.rows.plan import DERIVED
from mappings.terms.access import Category

_ENCOUNTER: Final = frozenset({"Encounter"})


def allergy_status(word: Any, verified: Any) -> str | None:
    """STU3's code; a wrong entry has none in R4."""
    return None if verified == "entered-in-error" or word is None else str(word)


def ended_allergy(value: Any) -> dict[str, str] | None:
    """When and why an allergy was ended, as a note."""
    on = (value.get("endDate") or {}).get("valueDateTime")
    reason = (value.get("reasonEnded") or {}).get("valueString")
    parts = [f"Ended on {on[:10]}" if on else "Ended", str(reason) if reason else ""]
    return {"text": ": ".join(part for part in parts if part)} if on or reason else None


_REACTION: Final = (
    Row("reaction.substance", "substance", "substance", fn=shaping.concept),
    Row("reaction.what", "manifestation[+]", "manifestation[]",
        fn=shaping.concept, must=True),
    Row("reaction.words", "description", "description"),
    Row("reaction.onset", "onset", "onset", fn=dates.fhir_date_time),
    Row("reaction.severity", "severity", "severity",
        table=states.REACTION_SEVERITY),
    Row("reaction.route", "exposureRoute", "exposureRoute", fn=shaping.concept),
    Row("reaction.note", "note[+]", "note[]", fn=shaping.annotation),
)  # fmt: skip


def _allergy(root: str) -> tuple[Row, ...]:
    return (
        degraded.row("allergy", root),
        Row("allergy.identifier", "identifier[+]", "identifier[]", fn=shaping.identifier),
        Row("allergy.status", "clinicalStatus", ("clinicalStatus", "verificationStatus"),
            fn=allergy_status, table=states.ALLERGY_STATUS),
        Row("allergy.verified", "verificationStatus", "verificationStatus",
            table=states.ALLERGY_VERIFICATION),
        Row("allergy.type", "type", "type", table=states.ALLERGY_TYPE),
        Row("allergy.category", "category[+]", "category[]", table=states.ALLERGY_CATEGORY),
        Row("allergy.criticality", "criticality", "criticality",
            table=states.ALLERGY_CRITICALITY),
        Row("allergy.code", "code", "code", fn=shaping.concept, must=True),
        Row("allergy.encounter", "encounter",
            gather=linked_extension(extensions.ENCOUNTER, _ENCOUNTER),
            reads=(f"{root}.extension",),
            fn=shaping.kept),
        *ONSET,
        Row("allergy.recorded", "recordedDate", "assertedDate", fn=dates.fhir_date_time),
        Row("allergy.recorder", "recorder", gather=linked("recorder", PEOPLE),
            reads=(f"{root}.recorder",), fn=shaping.kept),
        Row("allergy.asserter", "asserter", gather=linked("asserter", PEOPLE),
            reads=(f"{root}.asserter",), fn=shaping.kept),
        Row("allergy.last", "lastOccurrence", "lastOccurrence", fn=dates.fhir_date_time),
        Row("allergy.note", "note[+]", "note[]", fn=shaping.annotation),
        Row("allergy.ended", "note[+]",
            gather=parts_of("AllergyIntoleranceEnd", "endDate", "reasonEnded"),
            reads=(f"{root}.extension",), fn=ended_allergy),
        Row("allergy.reaction", "reaction[+]", "reaction[]", rows=_REACTION),
    )  # fmt: skip


ALLERGIES: Final = Target(
    "AllergyIntolerance",
    name="allergy",
    each="AllergyIntolerance[]",
    when=is_sound,
    key=key,
    category=Category.SAFETY,
    labels=labels,
    reads=("AllergyIntolerance[].meta.security",),
    rows=_allergy("AllergyIntolerance[]"),
)

ENDED_ALLERGIES: Final = Target(
    "AllergyIntolerance",
    name="ended allergy",
    each="List[].contained[]",
    when=is_sound,
    key=key,
    category=Category.SAFETY,
    labels=labels,
    reads=("List[].contained[].meta.security",),
    rows=_allergy("List[].contained[]"),
)

FLAGS: Final = Target(
    "Flag",
    each="Flag[]",
    when=is_sound,
    key=key,
    category=Category.SAFETY,
    labels=labels,
    reads=("Flag[].meta.security", "Flag[].extension"),
    rows=(
        Row("flag.identifier", "identifier[+]", "identifier[]", fn=shaping.identifier),
        Row("flag.status", "status", "status", table=states.FLAG_STATUS, must=True),
        Row("flag.category", "category[0]", "category", fn=shaping.concept),
        Row("flag.code", "code", "code", fn=shaping.concept, must=True),
        Row("flag.period", "period", "period", fn=shaping.period),
        Row("flag.encounter", "encounter", gather=linked("encounter", _ENCOUNTER),
            reads=("Flag[].encounter",), fn=shaping.kept),
        Row("flag.author", "author", gather=linked("author", PERFORMERS),
            reads=("Flag[].author",), fn=shaping.kept),
    ),
)  # fmt: skip


def warned(scope: Scope) -> Iterator[Found]:
    """Each reason for which the practice says that its lists are not complete."""
    made = assembled(scope)
    for steps in made.incomplete if not made.stopped else ():
        *place, name = steps
        yield Found(steps, made.record.get(tuple(place)).get(str(name)))


def warning_key(scope: Scope) -> str:
    """One warning of each sort for a person."""
    return f"{assembled(scope).record.person}|incomplete|{scope.element}"


def warning_labels(scope: Scope) -> Iterator[dict[str, str]]:
    """That something is held back in confidence is not for the person's proxies to learn."""
    yield from bundle_labels(scope)
    if scope.element == warnings.CONFIDENTIAL:
        yield {"system": systems.HOLD, "code": "NOPAT"}


def warning_word(scope: Scope) -> Iterator[Found]:
    """The word of the warning."""
    yield scope.here


def warned_on(scope: Scope) -> Iterator[Found]:
    """The day the record was made."""
    made_on = assembled(scope).record.made_on
    if made_on:
        yield Found(scope.here.steps, made_on)


_WARNING: Final = {"text": "The GP record is not complete"}

WARNINGS: Final = Target(
    "Flag",
    name="warning",
    each=warned,
    key=warning_key,
    category=Category.SAFETY,
    labels=warning_labels,
    reads=("List[].extension",),
    rows=(
        Row("warning.derived", "meta.tag[+]", value=DERIVED, why="made of a list's warning"),
        Row("warning.status", "status", value="active", why="the record at hand says so"),
        Row("warning.kind", "category[0]", value=_WARNING, why="says what the warning is about"),
        Row("warning.code", "code", gather=warning_word, table=warnings.TABLE, must=True),
        Row("warning.since", "period.start", gather=warned_on),
    ),
)
