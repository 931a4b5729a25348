"""What a person's relatives had: STU3 FamilyMemberHistory to R4.

Rule    It is of two persons. What is carried says how the relative is related, what they had and
        how old they were; who they are is not (codes/carried.py). It is restricted and held as
        of a third party, by its type (core/shaping/labels.py).
Source  FHIR STU3 and R4 FamilyMemberHistory.
"""

from typing import Any, Final

from mappings.core.model import dates, systems
from mappings.core.model.rows import Row, Target
from mappings.gp.assemble.relatives import note
from mappings.gp.codes import states
from mappings.gp.rows import degraded, shaping
from mappings.gp.rows.looking_up import is_sound, key, labels, linked
from mappings.terms.access import Category

_ROOT: Final = "FamilyMemberHistory[]"
_REASONS: Final = frozenset(
    {"Condition", "Observation", "AllergyIntolerance", "DiagnosticReport", "DocumentReference"}
)
_AGES: Final = ("ageAge", "ageRange", "ageString")
_GENDERS: Final = "http://hl7.org/fhir/administrative-gender"


def status(word: Any, not_done: Any) -> str:
    """STU3's code; R4 says in it that nobody could tell."""
    return "health-unknown" if not_done and word != "entered-in-error" else str(word)


def identifier(value: Any) -> dict[str, Any] | None:
    """An Identifier of the record; a number of a person is the relative's."""
    return None if value.get("system") == systems.NHS_NUMBER else shaping.identifier(value)


def sex(word: Any) -> dict[str, Any]:
    """STU3's gender, as the concept R4 has."""
    return {"coding": [{"system": _GENDERS, "code": str(states.GENDER.rows[word])}]}


def is_estimated(said: Any, *ages: Any) -> bool | None:
    """Whether the age is estimated; of a birth date that is not taken nothing is."""
    return said if any(ages) else None


def has_died(_date: Any) -> bool:
    """That the relative has died, where the day is told; the day is the relative's own."""
    return True


_CONDITION: Final = (
    Row("family.condition.code", "code", "code", fn=shaping.concept, must=True),
    Row("family.condition.outcome", "outcome", "outcome", fn=shaping.concept),
    Row("family.condition.age", "onsetAge", "onsetAge", fn=shaping.quantity),
    Row("family.condition.range", "onsetRange", "onsetRange", fn=shaping.range_of),
    Row("family.condition.period", "onsetPeriod", "onsetPeriod", fn=shaping.period),
    Row("family.condition.words", "onsetString", "onsetString"),
    Row("family.condition.note", "note[+]", "note[]", fn=note),
)

FAMILY_HISTORIES: Final = Target(
    "FamilyMemberHistory",
    each=_ROOT,
    when=is_sound,
    key=key,
    category=Category.PROBLEMS,
    confidentiality="R",
    labels=labels,
    reads=(f"{_ROOT}.meta.security", f"{_ROOT}.extension"),
    rows=(
        degraded.row("family", _ROOT),
        Row("family.identifier", "identifier[+]", "identifier[]", fn=identifier),
        Row("family.status", "status", ("status", "notDone"), fn=status,
            table=states.FAMILY_STATUS, must=True),
        Row("family.unknown", "dataAbsentReason", "notDoneReason", fn=shaping.concept),
        Row("family.date", "date", "date", fn=dates.fhir_date_time),
        Row("family.relationship", "relationship", "relationship", fn=shaping.concept, must=True),
        Row("family.sex", "sex", "gender", fn=sex),
        Row("family.age", "ageAge", "ageAge", fn=shaping.quantity),
        Row("family.age_range", "ageRange", "ageRange", fn=shaping.range_of),
        Row("family.age_words", "ageString", "ageString"),
        Row("family.estimated", "estimatedAge", ("estimatedAge", *_AGES), fn=is_estimated),
        Row("family.died", "deceasedBoolean", "deceasedBoolean"),
        Row("family.died_on", "deceasedBoolean", "deceasedDate", fn=has_died),
        Row("family.died_aged", "deceasedAge", "deceasedAge", fn=shaping.quantity),
        Row("family.died_between", "deceasedRange", "deceasedRange", fn=shaping.range_of),
        Row("family.died_words", "deceasedString", "deceasedString"),
        Row("family.reason", "reasonCode[+]", "reasonCode[]", fn=shaping.concept),
        Row("family.because", "reasonReference[+]", gather=linked("reasonReference[]", _REASONS),
            reads=(f"{_ROOT}.reasonReference",), fn=shaping.kept),
        Row("family.note", "note[+]", "note[]", fn=note),
        Row("family.condition", "condition[+]", "condition[]", rows=_CONDITION),
    ),
)  # fmt: skip
