"""Answers to a form: STU3 QuestionnaireResponse to R4.

Rule    A form is a document: its answers have no shared codes, and are read as a whole.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.outcome import fresh
from mappings.core.model.paths import Found, Scope, Steps
from mappings.core.model.rows import Row, Target
from mappings.gp.assemble.record import Lost, Record
from mappings.gp.codes import states
from mappings.gp.rows import shaping
from mappings.gp.rows.looking_up import (
    ANYTHING,
    PEOPLE,
    assembled,
    is_sound,
    key,
    labels,
    linked,
)
from mappings.terms.access import Category

_ROOT: Final = "QuestionnaireResponse[]"
_AUTHORS: Final = PEOPLE | {"Organization"}
_SHAPED: Final = {"valueQuantity": shaping.quantity, "valueCoding": shaping.coding}


def answers(scope: Scope) -> Iterator[Found]:
    """The questions with their answers, those inside others too; references that are lost."""
    record = assembled(scope).record
    lost: list[Found] = []
    for position, one in enumerate(scope.element.get("item") or ()):
        at = (*scope.here.steps, "item", position)
        yield Found(at, _question(record, one, at, lost))
    yield from lost


def _question(record: Record, one: dict[str, Any], at: Steps, lost: list[Found]) -> dict[str, Any]:
    made = {name: one[name] for name in ("linkId", "definition", "text") if one.get(name)}
    made["item"] = _questions(record, one, at, lost)
    made["answer"] = [
        _answer(record, answer, (*at, "answer", position), lost)
        for position, answer in enumerate(one.get("answer") or ())
    ]
    return made


def _questions(
    record: Record, holder: dict[str, Any], at: Steps, lost: list[Found]
) -> list[dict[str, Any]]:
    inner = enumerate(holder.get("item") or ())
    return [_question(record, one, (*at, "item", position), lost) for position, one in inner]


def _answer(record: Record, one: dict[str, Any], at: Steps, lost: list[Found]) -> dict[str, Any]:
    made: dict[str, Any] = {"item": _questions(record, one, at, lost)}
    for name, value in one.items():
        if name == "valueReference":
            kept = record.resolve(value, ANYTHING)
            made[name] = kept if isinstance(kept, dict) else {}
            if isinstance(kept, Lost):
                lost.append(Found((*at, name), kept))
        elif name.startswith("value"):
            made[name] = _SHAPED[name](value) if name in _SHAPED else fresh(value)
    return made


ANSWERS: Final = Target(
    "QuestionnaireResponse",
    name="answers",
    each=_ROOT,
    when=is_sound,
    key=key,
    category=Category.DOCUMENTS,
    labels=labels,
    reads=(f"{_ROOT}.meta.security", f"{_ROOT}.extension"),
    rows=(
        Row("answers.identifier", "identifier", "identifier", fn=shaping.identifier),
        Row("answers.status", "status", "status", table=states.ANSWERS_STATUS, must=True),
        Row("answers.encounter", "encounter",
            gather=linked("context", frozenset({"Encounter"})),
            reads=(f"{_ROOT}.context",), fn=shaping.kept),
        Row("answers.when", "authored", "authored", fn=dates.fhir_date_time),
        Row("answers.by", "author", gather=linked("author", _AUTHORS),
            reads=(f"{_ROOT}.author",), fn=shaping.kept),
        Row("answers.from", "source", gather=linked("source", PEOPLE),
            reads=(f"{_ROOT}.source",), fn=shaping.kept),
        Row("answers.items", "item[+]", gather=answers, reads=(f"{_ROOT}.item",), fn=shaping.kept),
    ),
)  # fmt: skip
