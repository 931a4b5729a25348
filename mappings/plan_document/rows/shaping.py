"""Named functions of the plan document's rows: what is more than one field to one element.

In      Values of the document, or a scope in it; whatever their type, as sent.
Out     FHIR elements; None leaves the element out.
Errors  UnreadableValueError, without the value.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.codes import Concept
from mappings.core.model.outcome import UnreadableValueError
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import joined_key, local_reference
from mappings.core.shaping import elements
from mappings.core.shaping.identifiers import organisation
from mappings.plan_document import codes
from mappings.plan_document.rows.facts import plan_id
from mappings.terms.instruments import instrument
from mappings.terms.progress import KEEPING
from mappings.terms.scores import NOT_KNOWN, SCORE

_EXTENSION: Final = "http://hl7.org/fhir/StructureDefinition"
OWN_EXTENSION: Final = f"{systems.OWN}/StructureDefinition"
_TAG: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


class Note:
    """A named function: words, or a list of them, as a note that says what they are."""

    def __init__(self, head: str) -> None:
        self.head = head
        self.__name__ = f"note_{head.replace(' ', '_').lower()}"

    def __call__(self, words: Any) -> dict[str, str]:
        """The head, then the words."""
        said = "; ".join(str(one) for one in words) if isinstance(words, list) else words
        return {"text": f"{self.head}: {said}"}


def rating(by_person: Any, by_worker: Any) -> dict[str, str]:
    """The person's and the worker's rating side by side, as a note."""
    parts = [("The person", by_person), ("The worker", by_worker)]
    return {"text": "; ".join(f"{who} says: {what}" for who, what in parts if what)}


def interpreter(needed: Any) -> dict[str, Any]:
    """Whether an interpreter is needed, as the extension FHIR R4 has for it."""
    return {"url": systems.INTERPRETER_REQUIRED, "valueBoolean": needed}


def religion(words: Any) -> dict[str, Any]:
    """The person's religion, as the extension FHIR R4 has for it."""
    return {
        "url": f"{_EXTENSION}/patient-religion",
        "valueCodeableConcept": {"text": str(words)},
    }


def stage_of(goal: Any, plan: Any) -> dict[str, Any] | None:
    """That a goal is a milestone of another, as the extension FHIR R4 has for it."""
    if goal is None:
        return None
    kind = Concept("http://hl7.org/fhir/goal-relationship-type", "milestone", "Milestone")
    target = {"reference": local_reference("Goal", joined_key(str(plan), str(goal)))}
    return {
        "url": f"{_EXTENSION}/goal-relationship",
        "extension": [
            {"url": "type", "valueCodeableConcept": kind.concept()},
            {"url": "target", "valueReference": target},
        ],
    }


def priority(importance: Any) -> dict[str, Any]:
    """FHIR priority of an importance from 1 to 10; the number is kept as text."""
    level = "high" if importance >= 8 else "medium" if importance >= 4 else "low"
    concept = Concept(systems.GOAL_PRIORITY, f"{level}-priority", f"{level.title()} Priority")
    return concept.concept(f"Importance to the person: {importance} of 10")


def confidence(value: Any) -> dict[str, str]:
    """How sure the person is to reach the goal, as a note."""
    return {"text": f"The person's confidence: {value} of 10"}


def progress(word: Any, aim: Any) -> Any:
    """The progress stated; no change is what a goal to maintain is for."""
    found = codes.AIM.find(str(aim))
    keeping = isinstance(found, Concept) and found.code in KEEPING
    is_still = isinstance(word, str) and " ".join(word.split()).casefold() == "no change"
    return "no change, as hoped" if is_still and keeping else word


_TOLD: Final = {one.code: one for one in codes.PROGRESS.rows.values() if isinstance(one, Concept)}


def progress_told(code: Any) -> dict[str, Any]:
    """The progress that the measurements tell, saying that it is worked out."""
    return _TOLD[str(code)].concept("Worked out from what was measured")


def language(said: Any) -> dict[str, Any]:
    """A language by its code; other words as they are."""
    tag = str(said).strip()
    return elements.language(tag if _TAG.fullmatch(tag) else "", {"text": str(said)})


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


def time_of_day(text: Any) -> str:
    """A time agreed, to the minute."""
    if not isinstance(text, str) or not _TIME.fullmatch(text.strip()):
        raise UnreadableValueError("invalid-time", "not a time: expected HH:MM")
    return f"{text.strip()}:00"


def in_minutes(_: Any) -> str:
    """The unit of a number of minutes."""
    return "min"


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


def in_plan(plan: Any, *parts: Any) -> str:
    """The key of a part of the plan."""
    return joined_key(str(plan), *(str(one) for one in parts))


def plan_ref(plan: Any) -> dict[str, str]:
    """The plan itself. Its key is not the bare number: a national data set's header of the same
    plan is a resource of its own, and neither overwrites the other."""
    return {"reference": local_reference("CarePlan", in_plan(plan, "plan"))}


def goal_of(goal: Any, plan: Any) -> dict[str, str]:
    """The goal an agreement is about."""
    return {"reference": local_reference("Goal", in_plan(plan, goal))}


def action_of(action: Any, plan: Any) -> dict[str, Any]:
    """The action that money is for."""
    return {"url": f"{OWN_EXTENSION}/pays-for", "valueReference": action_ref(action, plan)}


def action_ref(action: Any, plan: Any) -> dict[str, str] | None:
    """The action a visit is for."""
    if action is None:
        return None
    return {"reference": local_reference("ServiceRequest", in_plan(plan, action))}


def state_extension(word: Any) -> dict[str, str]:
    """The source's own word for a state, where FHIR's tells several apart no longer."""
    return {"url": f"{OWN_EXTENSION}/state-in-words", "valueString": str(word)}


class Said:
    """A named function: that something was done, or was not, whatever its name."""

    def __init__(self, *, said: bool) -> None:
        self.said = said
        self.__name__ = "said_done" if said else "said_not_done"

    def __call__(self, _: Any) -> bool:
        """Done, or not."""
        return self.said


def measured(
    own: Any, of_baseline: Any, goal: Any, value: Any, words: Any
) -> dict[str, str] | None:
    """What a target measures: as it says, else as the baseline does, else the goal itself."""
    if own or value is not None or words:
        return {"text": own or of_baseline or goal}
    return None


def target_scale(scale: Any, own: Any, value: Any, words: Any) -> dict[str, str] | None:
    """The scale of a target: the baseline's, where the target measures the same."""
    if scale is None or own or (value is None and not words):
        return None
    return scale_coding(scale)


def scale_coding(scale: Any) -> dict[str, str] | None:
    """The code of a scale; all versions that count as one series share it."""
    found = instrument(str(scale))
    return found.concept.coding() if found else None


def scale_version(scale: Any) -> dict[str, str]:
    """Which scale and version a value is of, in words."""
    found = instrument(str(scale))
    return {"text": f"{scale} ({found.concept.display}, {found.version})" if found else str(scale)}


def score(value: Any, unit: Any, scale: Any) -> dict[str, Any] | None:
    """What was measured; a score that means "not known" is no number. That a number is a score
    is said where its scale is known and no unit is."""
    if _is_not_known(value, scale):
        return None
    made = elements.quantity(value, unit)
    is_score = made is not None and not unit and scale and instrument(str(scale))
    return SCORE | made if is_score and made else made


def score_not_known(value: Any, scale: Any) -> dict[str, Any] | None:
    """Why there is no value, where the score means "not known"."""
    return NOT_KNOWN.concept() if _is_not_known(value, scale) else None


def _is_not_known(value: Any, scale: Any) -> bool:
    found = instrument(str(scale)) if scale else None
    return found is not None and value is not None and value == found.not_known


def words_alone(value: Any, words: Any) -> str | None:
    """The words of a measurement that has no number."""
    return words if value is None else None


def words_beside(value: Any, words: Any) -> dict[str, str] | None:
    """The words beside a measurement's number, as a note."""
    return {"text": words} if value is not None and words else None


def cost(amount: Any, per: Any) -> dict[str, Any] | None:
    """What an action costs, and for how much of it."""
    if amount is None:
        return None
    money = {"url": "amount", "valueMoney": {"value": amount, "currency": "GBP"}}
    unit = [{"url": "per", "valueString": str(per)}] if per else []
    return {"url": f"{OWN_EXTENSION}/cost", "extension": [money, *unit]}


def payor(kind: Any, by: Any, _: Any) -> dict[str, str]:
    """Who pays or holds the money, as the document says it; FHIR R4 needs one to be named."""
    found = codes.FUNDING.find(str(kind))
    if isinstance(found, Concept) and found.code == "self-funder" and not by:
        return {"display": "The person"}
    return {"display": str(by or "Not said in the plan")}


def has_money(scope: Scope) -> bool:
    """Whether anything is said of who pays, or of what it costs."""
    return any(scope.element.get(name) for name in ("funding", "funded_by", "cost"))
