"""Who may see a part of the plan: labels of the plan, of the part and of what it belongs to.

In      A scope in a plan document.
Out     Codings for `meta.security`; warnings for words that nobody knows.
Rule    A sensitivity brings confidentiality R; an unknown word brings R and a hold (`PENDING`).
        A stage, and an action, is never less restricted than any goal it is of: it says what the
        goal is in other words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.codes import Concept
from mappings.core.model.outcome import Facts, Issue, warning
from mappings.core.model.paths import Scope
from mappings.core.model.rows import confidentiality_coding
from mappings.plan_document import codes
from mappings.plan_document.rows.facts import entries, part
from mappings.terms import plans

Label = tuple[str, str]
"""System and code."""


@dataclass(frozen=True, slots=True)
class Audiences:
    """A plan document, with the labels of each goal and of those it is a stage of."""

    facts: Facts
    of_goal: Mapping[str, frozenset[Label]]


def prepare(facts: Facts) -> Audiences:
    """The labels of every goal; a stage has those of its goal, however deep it stands."""
    own: dict[str, set[Label]] = {}
    stages: dict[str, list[str]] = {}
    for goal in entries(facts, "goals"):
        name, of = goal.get("id"), goal.get("stage_of")
        if isinstance(name, str):
            labels = (coding for word in _words(goal) for coding in _labels_of(word))
            own.setdefault(name, set()).update((c["system"], c["code"]) for c in labels)
            if isinstance(of, str):
                stages.setdefault(of, []).append(name)
    waiting = [name for name, labels in own.items() if labels]
    while waiting:
        goal_id = waiting.pop()
        for stage in stages.get(goal_id, ()):
            if not own[stage] >= own[goal_id]:
                own[stage] |= own[goal_id]
                waiting.append(stage)
    return Audiences(facts, {name: frozenset(labels) for name, labels in own.items()})


class _Sharing:
    """Labels of the plan, of the element at hand, of every element that one stands in, and of
    the goals they belong to."""

    __name__ = "sharing"
    table = codes.SHARING

    def __init__(self, *, of_type: bool = True) -> None:
        self.of_type = of_type

    def __call__(self, scope: Scope) -> list[dict[str, str]]:
        plan = scope.facts.get("plan")
        words = _words(plan) + (_of_type(plan) if self.of_type else [])
        inner: Scope | None = scope
        goals: list[Any] = []
        while inner is not None:
            words = words + _words(inner.element)
            goals += _goal_ids(inner.element)
            inner = inner.outer
        made = [coding for word in words for coding in _labels_of(word)]
        known = scope.prepared.of_goal if isinstance(scope.prepared, Audiences) else {}
        found = {label for goal in goals for label in known.get(goal, ())}
        return made + [{"system": system, "code": code} for system, code in sorted(found)]


def _goal_ids(element: Any) -> list[str]:
    """The goals a stage or an action belongs to."""
    if not isinstance(element, dict):
        return []
    several = element.get("goal_ids")
    named = [element.get("stage_of"), *(several if isinstance(several, list) else ())]
    return [one for one in named if isinstance(one, str)]


sharing: Final = _Sharing()
whatever_the_plan: Final = _Sharing(of_type=False)
"""Of what is of the person and not of aftercare: how to meet them, and what keeps them safe."""


def _of_type(plan: Any) -> list[Any]:
    """A plan for aftercare is shared as that, with all that belongs to it."""
    kind = codes.PLAN_TYPE.find(str(plan.get("type"))) if isinstance(plan, dict) else None
    return [AFTERCARE] if kind == plans.own_plan("section-117") else []


AFTERCARE: Final = "section 117 aftercare"


def unknown_sharing(facts: Facts) -> Iterator[Issue]:
    """Words for an audience that are in no table."""
    for path, element in _places(facts):
        for index, word in enumerate(_words(element)):
            if codes.SHARING.find(str(word)) is None:
                text = "this word is not in the sharing table; restricted and held until it is"
                yield warning(f"{path}.sharing[{index}]", "unmapped-code", text)


def _places(facts: Facts) -> Iterator[tuple[str, dict[str, Any]]]:
    plan, person = part(facts, "plan"), part(facts, "person")
    yield "plan", plan
    yield "plan.contingency", part(plan, "contingency")
    yield "visit", part(facts, "visit")
    for name in ("needs", "goals", "actions", "safety", "home_access"):
        yield from ((f"{name}[{n}]", one) for n, one in enumerate(entries(facts, name)))
    found = entries(person, "adjustments")
    yield from ((f"person.adjustments[{n}]", one) for n, one in enumerate(found))


def _words(element: Any) -> list[Any]:
    words = element.get("sharing") if isinstance(element, dict) else None
    return words if isinstance(words, list) else []


def _labels_of(word: Any) -> list[dict[str, str]]:
    meaning = codes.SHARING.find(str(word))
    if not isinstance(meaning, Concept):
        return [confidentiality_coding("R"), {"system": systems.HOLD, "code": "PENDING"}]
    if meaning.system in (systems.ACT_CODE, systems.SENSITIVITY):
        return [confidentiality_coding("R"), meaning.coding()]
    return [meaning.coding()]
