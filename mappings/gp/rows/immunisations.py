"""Immunisations, given and not given: STU3 Immunization to R4.

Rule    Practices code what was done, not the vaccine: where the vaccine is coded as unknown, the
        words of the procedure stand beside it, so that it can be read. No date is invented.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target
from mappings.gp.codes import extensions, states
from mappings.gp.rows import degraded, shaping
from mappings.gp.rows.looking_up import (
    PERFORMERS,
    assembled,
    extension,
    is_sound,
    key,
    labels,
    linked,
)
from mappings.terms.access import Category

_ENCOUNTER: Final = frozenset({"Encounter"})
_ACTORS: Final = PERFORMERS - {"CareTeam", "HealthcareService", "Patient", "RelatedPerson"}
_LOCATION: Final = frozenset({"Location"})
_NULL_FLAVOUR: Final = {
    "http://hl7.org/fhir/v3/NullFlavor": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
}
_FUNCTION: Final = {"http://hl7.org/fhir/v2/0443": "http://terminology.hl7.org/CodeSystem/v2-0443"}
_PROCEDURE: Final = "VaccinationProcedure"
_UNDATED: Final = "The day is not in the record"


def status(word: Any, not_given: Any) -> str:
    """STU3's code; R4 says in it that nothing was given."""
    return "not-done" if not_given and word != "entered-in-error" else str(word)


def vaccine(scope: Scope) -> Iterator[Found]:
    """What was given; where the vaccine is unknown, with the words of what was done."""
    own = scope.element.get("vaccineCode")
    if not own:
        return
    made = shaping.concept(own) or {}
    known = [one for one in made.get("coding", ()) if one.get("system") not in _NULL_FLAVOUR]
    for coding in made.get("coding", ()):
        coding["system"] = _NULL_FLAVOUR.get(coding.get("system"), coding.get("system"))
    for found in extension(_PROCEDURE, "valueCodeableConcept")(scope) if not known else ():
        done = shaping.concept(found.value) or {}
        shown = (one.get("display") for one in reversed(done.get("coding", ())))
        words = done.get("text") or next((word for word in shown if word), None)
        made |= {"text": words} if words and not made.get("text") else {}
    yield Found((*scope.here.steps, "vaccineCode"), made or None)


def procedure(value: Any) -> dict[str, Any] | None:
    """What was done, as UK Core has it."""
    made = shaping.concept(value)
    url = f"{extensions.UK_CORE}{_PROCEDURE}"
    return {"url": url, "valueCodeableConcept": made} if made else None


def undated(on: Any, _: Any) -> str | None:
    """FHIR R4 wants a day or words: words, where no day is told."""
    return None if on else _UNDATED


def given_by(scope: Scope) -> Iterator[Found]:
    """Who gave or ordered it, with what they did."""
    record = assembled(scope).record
    for position, one in enumerate(scope.element.get("practitioner") or ()):
        steps = (*scope.here.steps, "practitioner", position)
        made = record.resolve(one.get("actor"), frozenset(_ACTORS))
        if isinstance(made, dict):
            role = shaping.concept(one["role"]) if one.get("role") else None
            for coding in (role or {}).get("coding", ()):
                coding["system"] = _FUNCTION.get(coding.get("system"), coding.get("system"))
            yield Found(steps, ({"function": role} if role else {}) | {"actor": made})
        elif made is not None:
            yield Found((*steps, "actor"), made)


def protocol(value: Any) -> dict[str, Any] | None:
    """Which dose of a series it was; R4 needs its number."""
    number = value.get("doseSequence")
    if number is None:
        return None
    made: dict[str, Any] = {"doseNumberPositiveInt": shaping.count(number, least=1)}
    if value.get("series"):
        made["series"] = value["series"]
    if value.get("seriesDoses") is not None:
        made["seriesDosesPositiveInt"] = shaping.count(value["seriesDoses"], least=1)
    diseases = [shaping.concept(one) for one in value.get("targetDisease") or ()]
    return made | ({"targetDisease": diseases} if diseases else {})


def protocol_words(value: Any) -> dict[str, str] | None:
    """What else is said of the dose, as a note."""
    state = shaping.concept(value["doseStatus"]) if value.get("doseStatus") else None
    coded: dict[str, Any] = next(iter((state or {}).get("coding", ())), {})
    said = [value.get("description"), (state or {}).get("text") or coded.get("display")]
    words = "; ".join(str(one) for one in said if one)
    return {"text": words} if words else None


_ROOT: Final = "Immunization[]"

IMMUNISATIONS: Final = Target(
    "Immunization",
    each=_ROOT,
    when=is_sound,
    key=key,
    category=Category.OBSERVATIONS,
    labels=labels,
    reads=(f"{_ROOT}.meta.security", f"{_ROOT}.extension"),
    rows=(
        degraded.row("immunisation", _ROOT, "vaccineCode"),
        Row("immunisation.identifier", "identifier[+]", "identifier[]", fn=shaping.identifier),
        Row("immunisation.status", "status", ("status", "notGiven"), fn=status,
            table=states.IMMUNISATION_STATUS, must=True),
        Row("immunisation.not", "statusReason", "explanation.reasonNotGiven[0]",
            fn=shaping.concept),
        Row("immunisation.vaccine", "vaccineCode", gather=vaccine,
            reads=(f"{_ROOT}.vaccineCode",), must=True),
        Row("immunisation.done", "extension[+]",
            gather=extension(_PROCEDURE, "valueCodeableConcept"),
            reads=(f"{_ROOT}.extension",), fn=procedure),
        Row("immunisation.encounter", "encounter", gather=linked("encounter", _ENCOUNTER),
            reads=(f"{_ROOT}.encounter",), fn=shaping.kept),
        Row("immunisation.on", "occurrenceDateTime", "date", fn=dates.fhir_date_time),
        Row("immunisation.undated", "occurrenceString", ("date", "status"), fn=undated),
        Row("immunisation.recorded", "recorded", gather=extension("DateRecorded", "valueDateTime"),
            reads=(f"{_ROOT}.extension",), fn=dates.fhir_date_time),
        Row("immunisation.primary", "primarySource", "primarySource"),
        Row("immunisation.origin", "reportOrigin", "reportOrigin", fn=shaping.concept),
        Row("immunisation.where", "location", gather=linked("location", _LOCATION),
            reads=(f"{_ROOT}.location",), fn=shaping.kept),
        Row("immunisation.maker", "manufacturer",
            gather=linked("manufacturer", frozenset({"Organization"})),
            reads=(f"{_ROOT}.manufacturer",), fn=shaping.kept),
        Row("immunisation.lot", "lotNumber", "lotNumber"),
        Row("immunisation.expires", "expirationDate", "expirationDate", fn=dates.fhir_date),
        Row("immunisation.site", "site", "site", fn=shaping.concept),
        Row("immunisation.route", "route", "route", fn=shaping.concept),
        Row("immunisation.dose", "doseQuantity", "doseQuantity", fn=shaping.quantity),
        Row("immunisation.by", "performer[+]", gather=given_by,
            reads=(f"{_ROOT}.practitioner",), fn=shaping.kept),
        Row("immunisation.note", "note[+]", "note[]", fn=shaping.annotation),
        Row("immunisation.reason", "reasonCode[+]", "explanation.reason[]", fn=shaping.concept),
        Row("immunisation.protocol", "protocolApplied[+]", "vaccinationProtocol[]", fn=protocol),
        Row("immunisation.protocol_words", "note[+]", "vaccinationProtocol[]",
            fn=protocol_words),
    ),
)  # fmt: skip
