"""Named functions of the support plan rows: what is more than one field to one element.

In      Values of the document, or a scope in it; whatever their type, as sent.
Out     FHIR elements, labels, keys; issues of the document as a whole.
Errors  UnreadableValueError, without the value.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core import dates, systems
from mappings.core.codes import Concept
from mappings.core.identifiers import normalised, organisation
from mappings.core.outcome import (
    Facts,
    Issue,
    PersonClaim,
    UnreadableValueError,
    error,
    warning,
)
from mappings.core.paths import Found, Scope
from mappings.core.rows import confidentiality_coding, joined_key
from mappings.social_care.codes import support_plan as codes


def person(facts: Facts) -> PersonClaim:
    """Whom the plan is about."""
    sent = facts.get("person")
    if not isinstance(sent, dict):
        return PersonClaim(None)
    number = _text(sent.get("nhs_number"))
    return PersonClaim(
        local_id=_text(sent.get("local_id")),
        nhs_numbers=(normalised(number),) if number else (),
        birth_date=_day(_text(sent.get("birth_date"))),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _day(text: str | None) -> str | None:
    try:
        return dates.fhir_date(text) if text else None
    except UnreadableValueError:
        return None


def time(facts: Facts) -> str:
    """When this state of the plan was written."""
    return dates.ordering_time(_text(facts.get("written_at")))


def plan_id(facts: Facts) -> str | None:
    """The source's number for the plan."""
    plan = facts.get("plan")
    return _text(plan.get("id")) if isinstance(plan, dict) else None


def what_matters(text: Any) -> dict[str, str]:
    """What matters to the person, as a note."""
    return {"text": f"What matters to me: {text}"}


def strengths(text: Any) -> dict[str, str]:
    """The person's strengths, as a note."""
    return {"text": f"Strengths: {text}"}


def if_things_get_worse(text: Any) -> dict[str, str]:
    """The contingency in the plan's own words, as a note."""
    return {"text": f"If things get worse: {text}"}


def success(text: Any) -> dict[str, str]:
    """What success looks like, as a note."""
    return {"text": f"What success looks like: {text}"}


def rating(by_person: Any, by_worker: Any) -> dict[str, str]:
    """The person's and the worker's rating side by side, as a note."""
    parts = [("The person", by_person), ("The worker", by_worker)]
    return {"text": "; ".join(f"{who} says: {what}" for who, what in parts if what)}


def state_in_words(text: Any) -> dict[str, str]:
    """The source's own word for the state, as a note."""
    return {"text": f"State in the source's words: {text}"}


def interpreter(needed: Any) -> dict[str, Any]:
    """Whether an interpreter is needed, as the extension FHIR R4 has for it."""
    return {"url": systems.INTERPRETER_REQUIRED, "valueBoolean": needed}


def priority(importance: Any) -> dict[str, Any]:
    """FHIR priority of an importance from 1 to 10; the number is kept as text."""
    level = "high" if importance >= 8 else "medium" if importance >= 4 else "low"
    concept = Concept(systems.GOAL_PRIORITY, f"{level}-priority", f"{level.title()} Priority")
    return concept.concept(f"Importance to the person: {importance} of 10")


def telephone(number: Any) -> dict[str, str]:
    """A telephone number."""
    return {"system": "phone", "value": str(number)}


def performer(who: Any, ods_code: Any) -> dict[str, Any]:
    """Who does it: an organisation by ODS code, or words alone."""
    if ods_code:
        return organisation(ods_code, str(who or ""))
    return {"display": who}


def agreed_by(who: Any, relation: Any) -> dict[str, Any]:
    """Who agreed, with their relation to the person."""
    return {"display": f"{who} ({relation})" if relation else str(who)}


def needs_named(scope: Scope) -> Iterator[Found]:
    """The key of each need of this plan that a goal names."""
    return _keys_named(scope, "need_ids")


def goals_named(scope: Scope) -> Iterator[Found]:
    """The key of each goal of this plan that an action serves."""
    return _keys_named(scope, "goal_ids")


def _keys_named(scope: Scope, field: str) -> Iterator[Found]:
    plan_key = plan_id(scope.facts) or ""
    for index, one in enumerate(scope.element.get(field) or ()):
        yield Found((*scope.here.steps, field, index), joined_key(plan_key, one))


def measured(
    own: Any, of_baseline: Any, goal: Any, value: Any, words: Any
) -> dict[str, str] | None:
    """What a target measures: as it says, else as the baseline does, else the goal itself."""
    if own or value is not None or words:
        return {"text": own or of_baseline or goal}
    return None


def words_alone(value: Any, words: Any) -> str | None:
    """The words of a measurement that has no number."""
    return words if value is None else None


def words_beside(value: Any, words: Any) -> dict[str, str] | None:
    """The words beside a measurement's number, as a note."""
    return {"text": words} if value is not None and words else None


class _Sharing:
    """Labels of the plan, of the element at hand and of every element that one stands in."""

    __name__ = "sharing"
    table = codes.SHARING

    def __call__(self, scope: Scope) -> list[dict[str, str]]:
        words = _sharing_words(scope.facts.get("plan"))
        inner: Scope | None = scope
        while inner is not None:
            words = words + _sharing_words(inner.element)
            inner = inner.outer
        return [coding for word in words for coding in _labels_of(word)]


sharing: Final = _Sharing()


def _sharing_words(element: Any) -> list[Any]:
    words = element.get("sharing") if isinstance(element, dict) else None
    return words if isinstance(words, list) else []


def _labels_of(word: Any) -> list[dict[str, str]]:
    meaning = codes.SHARING.find(str(word))
    if not isinstance(meaning, Concept):
        return [confidentiality_coding("R"), {"system": systems.HOLD, "code": "PENDING"}]
    if meaning.system == systems.ACT_CODE:
        return [confidentiality_coding("R"), meaning.coding()]
    return [meaning.coding()]


def rules(facts: Facts) -> Iterator[Issue]:
    """It has a time, names only its own parts, and says who may see it in known words."""
    if not time(facts):
        yield error("written_at", "invalid-date", "needed to put states of the plan in order")
    yield from _unknown_references(facts)
    yield from _unknown_sharing(facts)
    yield from _units_alone(facts)


def _unknown_references(facts: Facts) -> Iterator[Issue]:
    for section, field, known in _NAMING:
        ids = {_text(entry.get("id")) for entry in _entries(facts, known)}
        for index, entry in enumerate(_entries(facts, section)):
            for place, one in enumerate(entry.get(field) or ()):
                if one not in ids:
                    path = f"{section}[{index}].{field}[{place}]"
                    yield error(path, "unknown-reference", f"names nothing among the {known} sent")


_NAMING: Final = (("goals", "need_ids", "needs"), ("actions", "goal_ids", "goals"))


def _units_alone(facts: Facts) -> Iterator[Issue]:
    """A unit without a value cannot be shown, and is not dropped in silence."""
    for index, goal in enumerate(_entries(facts, "goals")):
        reviews = enumerate(_entries(goal, "reviews"))
        parts = [("baseline", goal.get("baseline")), ("target", goal.get("target"))]
        parts += [(f"reviews[{place}]", review) for place, review in reviews]
        for name, part in parts:
            if isinstance(part, dict) and part.get("unit") and part.get("value") is None:
                path = f"goals[{index}].{name}.unit"
                yield warning(path, "unit-alone", "a unit without a value; kept with the delivery")


def _unknown_sharing(facts: Facts) -> Iterator[Issue]:
    places = [("plan", facts.get("plan"))]
    for section in ("needs", "goals", "actions", "safety"):
        entries = enumerate(_entries(facts, section))
        places += [(f"{section}[{index}]", entry) for index, entry in entries]
    for path, element in places:
        for index, word in enumerate(_sharing_words(element)):
            if codes.SHARING.find(str(word)) is None:
                text = "this word is not in the sharing table; restricted and held until it is"
                yield warning(f"{path}.sharing[{index}]", "unmapped-code", text)


def _entries(facts: Facts, section: str) -> list[dict[str, Any]]:
    entries = facts.get(section)
    return (
        [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    )
