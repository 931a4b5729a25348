"""How what a message tells of is named: the key of each resource within its source.

In      A scope: the segment at hand, in its message.
Out     Keys: the person, what sort of thing, and the sender's own number for it; without one, a
        hash of what it is and when it began.
Rule    A key never depends on the order of segments, except for next of kin and observations,
        which have no number of their own.
Source  HL7 v2 chapters 3 and 12: PV1-19, DG1-20, PRB-4, GOL-4, PTH-3.
"""

import hashlib
from typing import Any

from mappings.core.model.paths import Scope
from mappings.core.model.rows import joined_key
from mappings.hospital.codes import care, visit
from mappings.hospital.message.fields import component, entity_id, first, wording, words
from mappings.hospital.rows import identity
from mappings.hospital.rows.whole import person_id, whole


def operation(entry: dict[str, Any]) -> str:
    """What the first field (0287) asks for; empty where it says nothing known."""
    meaning = care.OPERATION.find(first(entry.get("1")) or "")
    return str(meaning or "")


def instance(entry: dict[str, Any], own: str, *otherwise: str) -> str:
    """The instance id (EI: id and namespace); a hash of other fields where there is none."""
    field = entry.get(own)
    number = entity_id(field)
    if number:
        space = component(field, 2) or (component(field, 3) if component(field, 1) else "")
        return f"{number}^{space}" if space else number
    said = "|".join(" ".join((entry.get(name) or "").upper().split()) for name in otherwise)
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def problem_key(scope: Scope) -> str:
    """The person and PRB-4; without one, what the problem is and when it began."""
    entry = scope.element
    return joined_key(person_id(scope), "problem", instance(entry, "4", "3", "16", "7"))


def goal_key(scope: Scope) -> str:
    """The person and GOL-4; without one, what the goal is and when it began."""
    number = instance(scope.element, "4", "3", "7")
    return joined_key(person_id(scope), "goal", number)


def review_key(scope: Scope) -> str:
    """The goal: it has one next review."""
    return joined_key(goal_key(scope), "review")


def pathway_key(scope: Scope) -> str:
    """The person and PTH-3; without one, which pathway it is."""
    number = instance(scope.element, "3", "2")
    return joined_key(person_id(scope), "pathway", number)


def plan_key(scope: Scope) -> str:
    """The person: a source has one such plan for each."""
    return joined_key(person_id(scope), "plan")


def team_key(scope: Scope) -> str:
    """The person: a source has one such team for each."""
    return joined_key(person_id(scope), "team")


def visit_key(scope: Scope) -> str | None:
    """The person and the visit number, else the time of admission; None without both."""
    stay = identity.segment(scope.facts, "PV1")
    person, number = person_id(scope), first(stay.get("19"))
    if number:
        return joined_key(person, "visit", number)
    started = component(stay.get("44"), 1)
    return joined_key(person, "visit from", started) if started else None


def is_visit(scope: Scope) -> bool:
    """Whether PV1 speaks of a visit that can be told from others."""
    said = (first(scope.element.get("2")) or "").upper()
    return said not in visit.NO_VISIT and visit_key(scope) is not None


def is_persons_visit(scope: Scope) -> bool:
    """The same in a message about the person: only where PV1 states a class of visit."""
    return bool(first(scope.element.get("2"))) and is_visit(scope) and not _is_unknown(scope)


def _is_unknown(scope: Scope) -> bool:
    return (first(scope.element.get("2")) or "").upper() == "U"


def is_diagnosis(scope: Scope) -> bool:
    """Whether a DG1 says what was diagnosed."""
    code, said = scope.element.get("3"), scope.element.get("4")
    return bool(first(code) or component(code, 2) or words(said))


def diagnosis_key(scope: Scope) -> str:
    """The visit (else the person), and DG1-20, else what was diagnosed."""
    entry = scope.element
    what = first(entry.get("20")) or _short(entry.get("3"), entry.get("4"))
    around = visit_key(scope) or person_id(scope)
    return joined_key(around, "diagnosis", what)


def allergy_key(scope: Scope) -> str:
    """The person and what they are allergic to: its code, or the words where several share it."""
    field = scope.element.get("3")
    is_shared = wording(field, 1).casefold() in whole(scope).shared_codes
    what = _short(*(["^" + wording(field, 2).upper()] if is_shared else []), field)
    return joined_key(person_id(scope), "allergy", what)


def _short(*fields: str | None) -> str:
    said = "|".join(wording(field, 1).upper() or (words(field) or "") for field in fields if field)
    return hashlib.sha256(said.encode()).hexdigest()[:24]
