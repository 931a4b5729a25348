"""Allergies and alerts: STU3 AllergyIntolerance and Flag to R4."""

from typing import Any, Final

from mappings.core import dates
from mappings.core.rows import Row, Target
from mappings.gp.codes import extensions, states
from mappings.gp.rows import shaping
from mappings.gp.rows.looking_up import (
    PEOPLE,
    PERFORMERS,
    is_sound,
    key,
    labels,
    linked,
    linked_extension,
    parts_of,
)
from mappings.gp.rows.onset import ONSET
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
