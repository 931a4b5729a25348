"""Documents: TXA and the OBX under it, to DocumentReference; a plan stands on the person's plan.

In      MDM T01 to T11: TXA (one), OBX of text or of embedded documents.
Out     A DocumentReference; one more for the document it replaces, which is superseded; where the
        document is a plan of care, a reference to it on the CarePlan of the person and source.
Rule    A document is named by the person and TXA-12; without it, by a hash of its content, or of
        its header. Lines of text are one attachment, in order; each embedded document is one
        more. A message without content changes the header alone.
Source  HL7 v2 chapter 9; v2-to-FHIR guide (MDM_T02, TXA to DocumentReference).
"""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.outcome import Fold, Issue, error, warning
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import (
    Row,
    Target,
    confidentiality_coding,
    joined_key,
    local_reference,
)
from mappings.hospital.codes import documents as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import (
    component,
    entity_id,
    first,
    repetitions,
    wording,
    words,
)
from mappings.hospital.message.reader import show
from mappings.hospital.rows import embedded, identity, sensitivity, types
from mappings.hospital.rows.embedded import moment
from mappings.hospital.rows.keys import instance, plan_key
from mappings.hospital.rows.whole import every, person_id
from mappings.terms import plans
from mappings.terms.access import Category

_TEXT: Final = frozenset({"", "ST", "TX", "FT", "NM", "CE", "CWE", "DT", "TS", "DTM", "IS"})
_EMPTY: Final = {"attachment": {"title": "Sent without its content"}}


def trigger(scope: Scope) -> str:
    """T01 to T11."""
    return component(identity.segment(scope.facts, "MSH").get("9"), 2).upper()


def document_key(scope: Scope) -> str:
    """The person and TXA-12; without it, a hash of the content or the header."""
    return _key(scope, "12")


def parent_key(scope: Scope) -> str:
    """The person and TXA-13, the document that this one replaces or adds to."""
    return _key(scope, "13")


def _key(scope: Scope, field: str) -> str:
    entry = scope.element
    if entity_id(entry.get(field)):
        return joined_key(person_id(scope), "document", instance(entry, field))
    held = [made.value["attachment"]["data"] for made in contents(scope)]
    said = "|".join(held) or "|".join(str(entry.get(n, "")) for n in ("2", "4", "6", "9"))
    return joined_key(person_id(scope), "document", hashlib.sha256(said.encode()).hexdigest()[:40])


def replaces(scope: Scope) -> bool:
    """Whether the document takes the place of another."""
    return trigger(scope) in codes.REPLACES and bool(entity_id(scope.element.get("13")))


def labels(scope: Scope) -> list[dict[str, str]]:
    """TXA-18, the visit, and what a psychiatric document reveals."""
    made = [*sensitivity.of_visit(scope), *sensitivity.codings(scope.element.get("18"))]
    if (first(scope.element.get("2")) or "").upper() in codes.PSYCHIATRIC:
        made += [{"system": systems.ACT_CODE, "code": "PSY"}, confidentiality_coding("R")]
    return made


def status(scope: Scope) -> Iterator[Found]:
    """T11 cancels; else TXA-19."""
    if trigger(scope) == "T11":
        yield Found((), "trigger T11")
    elif said := first(scope.element.get("19")):
        yield Found((*scope.here.steps, "19"), f"availability {said}")


def kind(scope: Scope) -> Iterator[Found]:
    """TXA-2, where it names no other system: a code of HL7's own table, else its words."""
    said = scope.element.get("2")
    if said and not component(said, 3):
        code = first(said) or ""
        word = code if codes.DOCUMENT_TYPE.find(code) else wording(said, 2) or code
        yield Found((*scope.here.steps, "2"), word)


def coded_kind(scope: Scope) -> Iterator[Found]:
    """TXA-2, where it names the system of its code."""
    said = scope.element.get("2")
    if said and component(said, 3):
        yield Found((*scope.here.steps, "2"), said)


def relation(scope: Scope) -> Iterator[Found]:
    """What the document is to the one of TXA-13: it replaces it, or adds to it."""
    code = "replaces" if trigger(scope) in codes.REPLACES else ""
    code = code or ("appends" if trigger(scope) in codes.ADDS else "")
    if code and entity_id(scope.element.get("13")):
        target = {"reference": local_reference("DocumentReference", parent_key(scope))}
        yield Found((*scope.here.steps, "13"), {"code": code, "target": target})


def contents(scope: Scope) -> Iterator[Found]:
    """The lines of text as one attachment, then each embedded document."""
    lines = [found for found in every(scope, "OBX") if _is_text(found.value)]
    said = list(_lines(lines))
    if any(said):
        data = base64.b64encode("\n".join(said).encode()).decode()
        made = {"contentType": "text/plain; charset=utf-8", "data": data}
        if title := _heading(lines[0].value):
            made |= {"title": title}
        yield Found((*lines[0].steps, "5"), {"attachment": made})
    for found in embedded.embedded(scope):
        if found.value.readable:
            yield Found((*found.steps, "5"), {"attachment": found.value.attachment})


def _is_text(entry: dict[str, Any]) -> bool:
    return (first(entry.get("2")) or "").upper() in _TEXT


def _lines(found: list[Found]) -> Iterator[str]:
    """Each line; with its heading where the lines have several."""
    headings = [_heading(one.value) for one in found]
    several = len(set(headings)) > 1
    for heading, one in zip(headings, found, strict=True):
        said, unit = words(one.value.get("5")) or "", component(one.value.get("6"), 1)
        shown = f"{said} {unit}" if said and unit else said
        yield f"{heading}: {shown}" if several and heading else shown


def _heading(entry: dict[str, Any]) -> str:
    return component(entry.get("3"), 2) or component(entry.get("3"), 1)


def description(scope: Scope) -> Iterator[Found]:
    """Notes of what the document tells of (NTE under OBR), then of its parts (under OBX)."""
    told = []
    for found in (*every(scope, "OBR"), *every(scope, "OBX")):
        for index, entry in enumerate(found.value.get("NTE", ())):
            if said := words(entry.get("3")):
                told.append(((*found.steps, "NTE", index, "3"), said))
    if told:
        yield Found(told[0][0], "\n".join(said for _, said in told))


def authors(scope: Scope) -> Iterator[Found]:
    """TXA-9, who put it into words; else TXA-5, who did what it tells of."""
    for field in ("9", "5"):
        made = [types.practitioner(text) for text in repetitions(scope.element.get(field))]
        if any(made):
            yield from (Found((*scope.here.steps, field), one) for one in made if one)
            return


def first_moment(*fields: str | None) -> str | None:
    """The first of these times that is known to the minute."""
    return next((made for field in fields if field and (made := moment(field))), None)


_PLACE: Final = "TXA[]"
READ: Final = ("2", "4", "5", "6", "7", "9", "10", "12", "13", "17", "18", "19", "22")
OBX_READ: Final = ("2", "3", "4", "5", "6", "11", "14", "NTE[].3")

DOCUMENT: Final = Target(
    "DocumentReference",
    name="document",
    each=_PLACE,
    key=document_key,
    category=Category.DOCUMENTS,
    fold=Fold.MERGE,
    labels=labels,
    reads=(
        *(f"{_PLACE}.{field}" for field in READ),
        *(f"OBX[].{field}" for field in OBX_READ),
        "ORC[].OBR[].NTE[].3",
        "OBR[].NTE[].3",
        "MSH[].9",
        "PV1[].16",
    ),
    defaults={"status": "current", "content": [_EMPTY]},
    rows=(
        Row("document.number", "masterIdentifier", "12", fn=types.entity),
        Row("document.status", "status", gather=status, table=codes.DOCUMENT_STATUS),
        Row("document.completion", "docStatus", "17", fn=first, table=codes.COMPLETION),
        Row("document.type", "type", gather=kind, table=codes.DOCUMENT_TYPE),
        Row("document.coded", "type", gather=coded_kind, fn=types.concept),
        Row("document.date", "date", ("6", "7", "4"), fn=first_moment),
        Row("document.author", "author[+]", gather=authors),
        Row("document.signed", "authenticator", "22", fn=types.practitioner),
        Row("document.relation", "relatesTo[0]", gather=relation),
        Row("document.description", "description", gather=description),
        Row("document.content", "content[+]", gather=contents),
        Row("document.of", "context.period.start", "4", fn=times.when),
    ),
)

REPLACED: Final = Target(
    "DocumentReference",
    name="replaced",
    each=_PLACE,
    when=replaces,
    key=parent_key,
    category=Category.DOCUMENTS,
    fold=Fold.MERGE,
    labels=labels,
    defaults={"content": [_EMPTY]},
    rows=(
        Row("replaced.number", "masterIdentifier", "13", fn=types.entity),
        Row("replaced.status", "status", value="superseded", why="T09 or T10: it was replaced"),
    ),
)


def plan_documents(scope: Scope) -> Iterator[Found]:
    """A reference to the document, where its type (TXA-2, OBX-3) says that it is a plan."""
    for found in every(scope, "TXA"):
        coded = [(found, "2"), *((one, "3") for one in every(scope, "OBX"))]
        for one, field in coded:
            text = one.value.get(field)
            if {component(text, 1), component(text, 4)} & codes.PLAN_DOCUMENTS:
                key = document_key(scope.inside(found))
                reference = {"reference": local_reference("DocumentReference", key)}
                yield Found((*one.steps, field), reference)
                return


def has_plan_document(scope: Scope) -> bool:
    """Whether the document is a plan of care."""
    return any(True for _ in plan_documents(scope))


PLAN: Final = Target(
    "CarePlan",
    name="plan",
    when=has_plan_document,
    key=plan_key,
    category=Category.CARE_PLAN,
    fold=Fold.MERGE,
    labels=sensitivity.of_visit,
    adds=("supportingInfo",),
    defaults={
        "status": "active",
        "intent": "plan",
        "title": "Hospital plan",
        "category": [plans.CARE_PLAN.concept()],
    },
    rows=(Row("plan.document", "supportingInfo[+]", gather=plan_documents),),
)


def doubts(scope: Scope) -> Iterator[Issue]:
    """No header; documents that cannot be read; values that are no part of a text."""
    if next(every(scope, "TXA"), None) is None:
        yield error("TXA", "missing", "no TXA segment: nothing says what the document is; send it")
    yield from embedded.doubts(scope)
    for found in every(scope, "OBX"):
        entry = found.value
        if entry.get("5") and not _is_text(entry) and not embedded.is_embedded(entry):
            text = "a value of this type is not mapped yet; kept with the delivery"
            yield warning(show((*found.steps, "5")), "value-not-mapped", text)
