"""What happened to a person in a service, as every national data set states it: as targets.

In      What a set calls its columns: `TABLE.Column`, or bare columns of a named table; its code
        tables and functions.
Out     Targets: contacts, activities, onward referrals, diagnoses, scores, circumstances.
Rule    A contact that was not attended did not happen, nor did what was to be done in it.
Source  FHIR R4.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from mappings.core.model import dates, systems
from mappings.core.model.codes import CodeTable, Concept
from mappings.core.model.outcome import Facts, Issue, warning
from mappings.core.model.rows import Row, Target
from mappings.core.sets import national
from mappings.core.sets.national_keys import Filled, RowKey, Using
from mappings.core.sets.national_sets import Names, provider_row
from mappings.core.sets.national_targets import Category
from mappings.core.shaping import elements

REFERRAL: Final = elements.ReferenceTo("ServiceRequest")
CONTACT: Final = elements.ReferenceTo("Encounter")


def contact(
    names: Names, *, key: str, category: Category, attended: str, cancelled: str,
    on: tuple[str, str], attendances: CodeTable, not_seen: CodeTable, mechanism: str,
    classes: Callable[..., Any], minutes: str, referral: str,
) -> Target:  # fmt: skip
    """A care contact. Only one that was attended happened."""
    said = (attended, cancelled, on[0], f"{names.header}.{names.created}", key)
    told = national.attendance
    why_not = Using(national.not_seen, attendances, not_seen)
    return Target(
        "Encounter",
        key=(key,),
        category=category,
        rows=(
            Row("contact.id", "identifier[0]", key, fn=elements.local_id),
            Row("contact.status", "status", said, fn=told, table=attendances, must=True),
            Row("contact.class", "class", (mechanism, key), fn=classes, must=True),
            Row("contact.not_seen", "type[+]", attended, fn=why_not),
            Row("contact.when", "period.start", on, fn=national.day_and_time),
            Row("contact.length", "length", minutes, fn=national.minutes),
            Row("contact.referral", "basedOn[0]", referral, fn=REFERRAL),
            provider_row(names, "contact.provider", "serviceProvider"),
        ),
    )


def moment(row_id: str, to: str, table: str, on: tuple[str, ...]) -> Row:
    """A day, joined with a time of day where the table has one."""
    if len(on) == 1:
        return Row(row_id, to, f"{table}.{on[0]}", fn=dates.fhir_date_time)
    return Row(row_id, to, tuple(f"{table}.{column}" for column in on), fn=national.day_and_time)


def onward(
    table: str, *, on: tuple[str, ...], reason: str, reasons: Callable[..., Any], to: str,
    category: Category,
) -> Target:  # fmt: skip
    """A referral onward, made in the course of a referral."""
    key = RowKey(table, "ServiceRequestID", on[0], to, reason)
    return Target(
        "ServiceRequest",
        key=key,
        reads=key.paths,
        category=category,
        rows=(
            Row(
                "onward.status",
                "status",
                value="unknown",
                why="the data set does not say what became of it",
            ),
            Row("onward.intent", "intent", value="order", why="a referral that was made"),
            Row("onward.what", "code.text", value="Onward referral", why="what the table holds"),
            Row("onward.reason", "reasonCode[0]", f"{table}.{reason}", fn=reasons),
            moment("onward.on", "authoredOn", table, on),
            Row("onward.to", "performer[0]", f"{table}.{to}", fn=elements.ods_organisation),
            Row("onward.referral", "basedOn[0]", f"{table}.ServiceRequestID", fn=REFERRAL),
        ),
    )


def diagnosis(
    table: str, *, key: str, scheme: str, code: str, on: str, schemes: dict[str, str],
    words: str, category: Category, clinical: str = "encounter-diagnosis",
    further: tuple[Row, ...] = (),
) -> Target:  # fmt: skip
    """A coded diagnosis; `clinical` is its FHIR category, `words` what the table calls it."""
    shown = {"encounter-diagnosis": "Encounter Diagnosis", "problem-list-item": "Problem List Item"}
    row_key = RowKey(table, key, code, on)
    return Target(
        "Condition",
        key=row_key,
        reads=row_key.paths,
        category=category,
        rows=(
            Row(
                "diagnosis.category",
                "category[0]",
                value=Concept(systems.CONDITION_CATEGORY, clinical, shown[clinical]).concept(words),
                why="what the table holds",
            ),
            *further,
            Row(
                "diagnosis.code",
                "code",
                (f"{table}.{scheme}", f"{table}.{code}"),
                fn=Using(national.diagnosis, schemes),
                must=True,
            ),
            Row("diagnosis.on", "recordedDate", f"{table}.{on}", fn=dates.fhir_date_time),
        ),
    )


PROVISIONAL: Final = Row(
    "diagnosis.provisional",
    "verificationStatus",
    value=Concept(systems.CONDITION_VERIFICATION, "provisional", "Provisional").concept(),
    why="the table holds provisional diagnoses",
)


def score(
    table: str, *, key: tuple[str, ...], code: str, value: str, on: Row, category: Category,
    measures: tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]],
    further: tuple[Row, ...] = (),
) -> Target:  # fmt: skip
    """A scored assessment; `measures` gives its code, its value, and why there is no value."""
    both = (f"{table}.{code}", f"{table}.{value}")
    code_of, value_of, absent_reason = measures
    return Target(
        "Observation",
        key=RowKey(table, *key),
        category=category,
        rows=(
            Row("score.status", "status", value="final", why="an assessment that was completed"),
            Row(
                "score.category",
                "category[0]",
                value=national.OBSERVATION_SURVEY,
                why="a coded scored assessment",
            ),
            Row("score.code", "code", both[0], fn=code_of, must=True),
            Row("score.value", "valueQuantity", both, fn=value_of),
            Row("score.absent", "dataAbsentReason", both, fn=absent_reason),
            on,
            *further,
        ),
    )


def social_history(name: str, what: str, why: str, value: Row) -> tuple[Row, ...]:
    """An Observation about how a person lives: what is said, and of what."""
    category = national.SOCIAL_HISTORY
    return (
        Row(f"{name}.status", "status", value="final", why="recorded as it is"),
        Row(f"{name}.category", "category[0]", value=category, why="about how the person lives"),
        Row(f"{name}.what", "code.text", value=what, why=why),
        value,
    )


def circumstance(
    table: str, *, what: str, value: str, values: CodeTable | Callable[..., Any], on: str = "",
    category: Category, further: tuple[Row, ...] = (),
) -> Target:  # fmt: skip
    """Something about how the person lives: home, work, an impairment, what they need."""
    key = RowKey(table, "LocalPatientID", value, *filter(None, (on,)))
    held = coded("circumstance.value", f"{table}.{value}", values, must=True)
    return Target(
        "Observation",
        key=key,
        reads=key.paths,
        category=category,
        rows=(
            *social_history("circumstance", what, "what the table holds", held),
            *((moment("circumstance.on", "effectiveDateTime", table, (on,)),) if on else ()),
            *further,
        ),
    )


def procedure(
    key: str, contact: str, on: tuple[str, str], *, code: tuple[str, ...],
    codes: Callable[..., Any], attended: str, attendances: CodeTable, category: Category,
    when: Filled, further: tuple[Row, ...] = (),
) -> Target:  # fmt: skip
    """What was done in a contact."""
    done = Using(national.activity_status, attendances)
    return Target(
        "Procedure",
        when=when,
        key=(key,),
        category=category,
        rows=(
            Row("procedure.status", "status", (attended, key), fn=done, must=True),
            Row("procedure.code", "code", code, fn=codes, must=True),
            Row("procedure.on", "performedDateTime", on, fn=national.day_and_time),
            Row("procedure.contact", "encounter", contact, fn=CONTACT),
            *further,
        ),
    )


def finding(
    key: str, contact: str, on: tuple[str, str], *, code: tuple[str, str],
    schemes: dict[str, str], category: Category,
) -> Target:  # fmt: skip
    """What was found in a contact: its scheme and code."""
    return Target(
        "Condition",
        when=Filled(code[-1]),
        key=(key,),
        category=category,
        rows=(
            Row("finding.code", "code", code, fn=Using(national.diagnosis, schemes), must=True),
            Row("finding.on", "recordedDate", on, fn=national.day_and_time),
            Row("finding.contact", "encounter", contact, fn=CONTACT),
        ),
    )


def observation(
    key: str, contact: str, on: tuple[str, str], *, code: tuple[str, ...],
    codes: Callable[..., Any], measured: tuple[str, str], category: Category,
) -> Target:  # fmt: skip
    """What was observed in a contact: its code, value and unit."""
    return Target(
        "Observation",
        when=Filled(code[-1]),
        key=(key,),
        category=category,
        rows=(
            Row("observation.status", "status", value="final", why="recorded as it is"),
            Row("observation.code", "code", code, fn=codes, must=True),
            Row("observation.value", "valueQuantity", measured, fn=national.measured),
            Row("observation.words", "valueString", measured[0], fn=national.not_measured),
            Row("observation.on", "effectiveDateTime", on, fn=national.day_and_time),
            Row("observation.contact", "encounter", contact, fn=CONTACT),
        ),
    )


def uncoded(table: str, columns: tuple[str, ...], facts: Facts) -> Iterator[Issue]:
    """An activity none of whose coded columns is filled: it becomes nothing of its own."""
    row = facts.get(table) or {}
    if row and not any(column in row for column in columns):
        text = "no coded procedure, finding or observation; only the contact is shown"
        yield warning(table, "nothing-coded", text)


def not_a_code(
    schemes: Mapping[str, str], scheme: str, table: str, column: str, facts: Facts
) -> Iterator[Issue]:
    """A diagnosis that is no code of its scheme."""
    row: Mapping[str, str] = facts.get(table) or {}
    found = national.diagnosis(schemes, row.get(scheme), row.get(column))
    if found is not None and "coding" not in found:
        text = "not a code of the scheme that is sent beside it; kept as text"
        yield warning(f"{table}.{column}", "not-a-code", text)


def score_faults(
    problems: Callable[..., Iterator[Issue]], code: str, score: str, table: str, facts: Facts
) -> Iterator[Issue]:
    """A score that cannot be right, or cannot be checked."""
    row: Mapping[str, str] = facts.get(table) or {}
    if row.get(code) and row.get(score):
        yield from problems(row[code], row[score], f"{table}.{code}", f"{table}.{score}")


def coded(
    row_id: str, path: str, values: CodeTable | Callable[..., Any], *, must: bool = False
) -> Row:
    """A coded value, by its table, or by a function that keeps the code it is."""
    to = "valueCodeableConcept"
    if isinstance(values, CodeTable):
        return Row(row_id, to, path, table=values, must=must)
    return Row(row_id, to, path, fn=values, must=must)


def part(what: str, path: str, values: CodeTable | Callable[..., Any]) -> tuple[Row, ...]:
    """A further thing said beside a circumstance."""
    return (
        Row(
            "circumstance.part",
            "component[+]",
            path,
            rows=(
                Row("circumstance.part.what", "code.text", value=what, why="what the column holds"),
                coded("circumstance.part.value", ".", values),
            ),
        ),
    )
