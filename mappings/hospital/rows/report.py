"""Results: OBR to DiagnosticReport, OBX to Observation, embedded documents to DocumentReference.

In      ORU messages; also the results that stand in a referral or with an appointment.
Out     A DiagnosticReport for each OBR; an Observation for each OBX, lines of text under one name
        as one; a DocumentReference for each embedded document.
Rule    A report is named by the person, the filler's number (else the placer's), what was asked
        and the parent result; a result by its report, its code and its sub-id, so that a
        correction takes the place of what it corrects. A later message about a report adds to
        its results.
Source  v2-to-FHIR guide (OBR, OBX); published messages of English systems.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from mappings.core.model.outcome import Fold, Issue, UnreadableValueError, warning
from mappings.core.model.paths import Found, Scope, Steps
from mappings.core.model.rows import Row, Target, joined_key, local_reference
from mappings.hospital.codes import care
from mappings.hospital.codes import results as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import component, first, repetitions, words
from mappings.hospital.message.reader import show
from mappings.hospital.rows import embedded, observation, orders, sensitivity, types
from mappings.hospital.rows.orders import read_at, sent
from mappings.hospital.rows.tree import above, inside
from mappings.hospital.rows.whole import every, person_id, whole
from mappings.terms.access import Category

PLACES: Final = (
    *(f"{place}.OBX[]" for place in orders.PLACES),
    *(f"{place}.SPM[].OBX[]" for place in orders.PLACES),
    "ORC[].OBX[]",
    "OBX[]",
)
"""Where an OBX may stand."""

FIELDS: Final = (*observation.FIELDS, "23")
_LINES: Final = frozenset({"ST", "TX", "FT", ""})


def each_report(scope: Scope) -> Iterator[Found]:
    """Each OBR of the message."""
    return every(scope, "OBR")


def report_key(scope: Scope) -> str:
    """The person, the report's number, what was asked, the parent; counted where it repeats."""
    keys = whole(scope).report_keys
    if not keys:
        keys.update(_report_keys(scope))
    return keys[scope.here.steps]


def _report_keys(scope: Scope) -> Iterator[tuple[Steps, str]]:
    told: Counter[tuple[str, str, str]] = Counter()
    for found in every(scope, "OBR"):
        own = _named(scope.inside(found))
        told[own] += 1
        nth = [str(told[own])] if told[own] > 1 else []
        yield found.steps, joined_key(person_id(scope), "report", *own, *nth)


def _named(scope: Scope) -> tuple[str, str, str]:
    number = ""
    for places in ("OBR-3 ORC-3", "OBR-2 ORC-2"):
        number = number or component(orders.field(scope, places), 1)
    parent = scope.element.get("26", "")
    return (number or orders.number(scope), orders.what(scope), parent)


def each_result(scope: Scope) -> Iterator[Found]:
    """Each OBX that is no document; lines of text under one name together, at the first."""
    made: dict[tuple[Any, ...], Found] = {}
    told: Counter[tuple[Any, ...]] = Counter()
    for found in every(scope, "OBX"):
        entry = found.value
        if embedded.is_embedded(entry):
            continue
        place = (found.steps[:-2], what(entry), entry.get("4", ""))
        is_line = (first(entry.get("2")) or "").upper() in _LINES
        if is_line and (*place, "lines") in made:
            before = made[(*place, "lines")]
            lines = [before.value.get("5", ""), entry.get("5", "")]
            joined = before.value | {"5": "~".join(line for line in lines if line)}
            made[(*place, "lines")] = Found(before.steps, joined)
            continue
        told[place] += 1
        key = (*place, "lines" if is_line else told[place])
        made[key] = Found(found.steps, entry | {"nth": told[place]})
    return iter(made.values())


def what(entry: dict[str, Any]) -> str:
    """What was observed, as it names the result."""
    said = entry.get("3", "")
    return (said.split("^", maxsplit=1)[0] or component(said, 2)).strip().upper()


def result_key(scope: Scope) -> str:
    """The report (else the person and the time), what was observed, its sub-id; counted where
    it repeats."""
    entry, steps = scope.element, scope.here.steps
    held = [*above(scope.facts, steps, "OBR")]
    around = (
        (report_key(scope.inside(held[-1])),)
        if held
        else (person_id(scope), component(entry.get("14"), 1))
    )
    nth = [str(entry["nth"])] if entry.get("nth", 1) > 1 else []
    return joined_key(*around, "result", what(entry), entry.get("4", ""), *nth)


def named(field: str) -> dict[str, Any] | None:
    """What was observed; a part of a report in words."""
    part = codes.PARTS.get(component(field, 1, 2).upper())
    return {"text": part} if part else types.concept(field)


def department(scope: Scope) -> Iterator[Found]:
    """OBR-24 of the report a result stands in, where it is in the table."""
    for found in above(scope.facts, scope.here.steps, "OBR"):
        if codes.DEPARTMENT.find(first(found.value.get("24")) or ""):
            yield Found((*found.steps, "24"), found.value["24"])


def observed_at(scope: Scope) -> Iterator[Found]:
    """OBX-14; else OBR-7 of the report."""
    if scope.element.get("14"):
        yield Found((*scope.here.steps, "14"), scope.element["14"])
        return
    for found in above(scope.facts, scope.here.steps, "OBR"):
        if found.value.get("7"):
            yield Found((*found.steps, "7"), found.value["7"])


def specimens(scope: Scope) -> Iterator[Found]:
    """What was taken, in words: SPM-4, else OBR-15."""
    found = [*inside(scope.facts, scope.here.steps, "SPM")]
    for one in found:
        said = types.words_of_code(one.value.get("4", ""))
        if said:
            yield Found((*one.steps, "4"), {"display": said["text"]})
    made = None if found else orders.specimen(scope.element.get("15", ""))
    if made:
        yield Found((*scope.here.steps, "15"), made)


def interpreter(field: str) -> dict[str, Any] | None:
    """Who stands for the result (OBR-32), by number or name."""
    for text in repetitions(field):
        return types.practitioner(text if "^" in text else text.replace("&", "^"))
    return None


def remarks(scope: Scope) -> Iterator[Found]:
    """The notes of the report together."""
    lines = [(n, words(e.get("3"))) for n, e in enumerate(scope.element.get("NTE", ()))]
    told = [(number, said) for number, said in lines if said]
    if told:
        text = "\n".join(said for _, said in told)
        yield Found((*scope.here.steps, "NTE", told[0][0], "3"), text)


def related(scope: Scope) -> Iterator[Found]:
    """A reference to the report that a document stands in."""
    for found in above(scope.facts, scope.here.steps, "OBR"):
        key = report_key(scope.inside(found))
        reference = local_reference("DiagnosticReport", key)
        yield Found((*found.steps, "4"), {"reference": reference})


REPORT: Final = Target(
    "DiagnosticReport",
    name="report",
    each=each_report,
    key=report_key,
    category=Category.OBSERVATIONS,
    fold=Fold.MERGE,
    labels=embedded.of_report,
    reads=(
        *read_at("ORC-2", "ORC-3", "OBR-2", "OBR-3", "OBR-4", "OBR-6", "OBR-7", "OBR-15"),
        *read_at("OBR-22", "OBR-24", "OBR-25", "OBR-26", "OBR-32", "OBR-44", "OBR-NTE[].3"),
        *read_at("OBR-SPM[].4"),
        "PV1[].16",
    ),
    adds=("result",),
    defaults={"status": "unknown", "code": {"text": "Not named by the sender"}},
    rows=(
        Row("report.placer", "identifier[+]", gather=sent("OBR-2 ORC-2"), fn=types.entity),
        Row("report.filler", "identifier[+]", gather=sent("OBR-3 ORC-3"), fn=types.entity),
        Row("report.state", "status", "25", fn=first, table=codes.REPORT_STATE),
        Row("report.kind", "category[0]", "24", fn=types.words_of_code),
        Row("report.what", "code", ("4", "44"), fn=orders.concept),
        Row("report.at", "effectiveDateTime", "7", fn=times.when),
        Row("report.issued", "issued", "22", fn=embedded.moment),
        Row("report.by", "resultsInterpreter[0]", "32", fn=interpreter),
        Row("report.specimen", "specimen[+]", gather=specimens),
        Row("report.results", "result[+]", refers_to="result"),
        Row("report.notes", "conclusion", gather=remarks),
    ),
)

RESULT: Final = Target(
    "Observation",
    name="result",
    each=each_result,
    key=result_key,
    category=Category.OBSERVATIONS,
    labels=sensitivity.of_visit,
    reads=tuple(f"{place}.{field}" for place in PLACES for field in FIELDS),
    defaults={"status": "unknown", "code": {"text": "Not named by the sender"}},
    rows=(
        Row("result.state", "status", "11", fn=first, table=care.OBSERVATION_STATE),
        Row("result.kind", "category[0]", gather=department, fn=first, table=codes.DEPARTMENT),
        Row("result.what", "code", "3", fn=named),
        Row("result.at", "effectiveDateTime", gather=observed_at, fn=times.when),
        Row("result.number", "valueQuantity", ("5", "2", "6"), fn=observation.quantity),
        Row("result.words", "valueString", ("5", "2", "6"), fn=observation.in_words),
        Row("result.code", "valueCodeableConcept", ("5", "2"), fn=observation.coded),
        Row("result.time", "valueDateTime", ("5", "2"), fn=observation.timed),
        Row("result.range", "referenceRange[0]", "7", fn=observation.reference_range),
        Row("result.flag", "interpretation[0]", "8", fn=first, table=care.INTERPRETATION),
        Row("result.by", "performer[0]", "16", fn=types.practitioner),
        Row("result.laboratory", "performer[+]", "23", fn=types.practice),
        Row("result.method", "method", "17", fn=types.concept),
        Row("result.note", "note[+]", "NTE[].3", fn=types.note),
    ),
)

EMBEDDED: Final = embedded.document(PLACES)
DOCUMENT: Final = replace(
    EMBEDDED,
    rows=(*EMBEDDED.rows, Row("embedded.report", "context.related[0]", gather=related)),
)


def doubts(scope: Scope) -> Iterator[Issue]:
    """Values that could not be kept in the record: documents, pointers, unknown types."""
    yield from embedded.doubts(scope)
    for found in each_result(scope):
        if found.value.get("5") and not _has_value(found.value):
            text = "a value of this type is not mapped yet; kept with the delivery"
            yield warning(show((*found.steps, "5")), "value-not-mapped", text)


def _has_value(entry: dict[str, Any]) -> bool:
    value, named_type, unit = entry["5"], entry.get("2"), entry.get("6")
    try:
        made = (
            observation.quantity(value, named_type, unit),
            observation.in_words(value, named_type, unit),
            observation.coded(value, named_type),
            observation.timed(value, named_type),
        )
    except UnreadableValueError:
        return True  # the row reports it
    return any(one is not None for one in made) or not words(value)
