"""Resuscitation decisions placed as orders: to Consent.

In      ORM messages whose order is a resuscitation decision (OBR-24, MSH-4).
Out     A Consent (advance directive, do not resuscitate) that is active while the decision not to
        attempt resuscitation is in force, and inactive otherwise. Its plan and its team stand in
        escalation.py.
Rule    It is a decision about treatment, not about who may see the record. An order placed states
        the decision whole: it withdraws an earlier one. Ended by a person, it is inactive. Closed
        by the system at discharge, it stays as it was, to be reviewed: nobody took it back.
        A decision that is in no table is never guessed: the message is quarantined.
Source  Published messages of an English acute trust; FHIR R4 Consent (advance directives).
"""

from collections.abc import Iterator
from typing import Final

from mappings.core.model import systems
from mappings.core.model.outcome import Facts, Fold
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target, joined_key
from mappings.hospital.codes import orders as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import wording
from mappings.hospital.rows import orders, sensitivity, types
from mappings.hospital.rows.identity import segment
from mappings.hospital.rows.orders import read_at, sent
from mappings.hospital.rows.whole import every, person_id, prepare
from mappings.terms.access import Category

_POLICY: Final = f"{systems.OWN}/policy/resuscitation-decision"


def is_decision(scope: Scope) -> bool:
    """Whether the order is a resuscitation decision."""
    return orders.sort_of(scope) == codes.DECISION


def is_stated(scope: Scope) -> bool:
    """Whether the message states a decision, rather than ends one."""
    return is_decision(scope) and not orders.is_ended(scope)


def is_taken_back(scope: Scope) -> bool:
    """Whether the message ends a decision."""
    return is_decision(scope) and orders.is_ended(scope)


def has_consent(scope: Scope) -> bool:
    """Whether the message says if the decision is in force: not where the system closed it."""
    return is_decision(scope) and not orders.is_closed_by_system(scope)


def decision_key(scope: Scope) -> str:
    """The person and the order's number."""
    return joined_key(person_id(scope), "resuscitation", orders.number(scope))


def whole_of(facts: Facts) -> str | None:
    """The person, where the message states a decision and nothing that a later one, saying
    nothing of it, must not withdraw: no other order, and no choice about sharing."""
    if not _states_decisions_alone(facts) or has_choice_of(facts):
        return None
    return joined_key(prepare(facts).person_id, "resuscitation")


def has_choice_of(facts: Facts) -> bool:
    """Whether a message states a choice about sharing (ZU8-2)."""
    return bool(segment(facts, "ZU8").get("2"))


def is_stated_with_a_choice(facts: Facts) -> bool:
    """Whether a message states a decision, and a choice about sharing beside it."""
    return _states_decisions_alone(facts) and has_choice_of(facts)


def _states_decisions_alone(facts: Facts) -> bool:
    message = prepare(facts)
    scopes = [message.scope.inside(found) for found in every(message.scope, "OBR")]
    return any(map(is_stated, scopes)) and all(map(is_decision, scopes))


def each_decision(scope: Scope) -> Iterator[Found]:
    """Each decision of the message once: where it is told of last."""
    told: dict[str, Found] = {}
    for found in every(scope, "OBR"):
        if is_decision(scope.inside(found)):
            told[decision_key(scope.inside(found))] = found
    return iter(told.values())


def in_force(scope: Scope) -> Iterator[Found]:
    """What ends the order; else the decision (OBR-4) by its code or words, which agree."""
    if orders.is_ended(scope):
        yield from orders.ended_by(scope)
        return
    field = scope.element.get("4")
    said = [word for number in (1, 2, 4, 5) if (word := wording(field, number))]
    known = {codes.RESUSCITATION.find(word): word for word in said}
    known.pop(None, None)
    if said:
        decided = [*known.values()] or said[:1]
        yield Found((*scope.here.steps, "4"), " against ".join(decided))


_READS: Final = (
    *read_at("ORC-1", "ORC-2", "ORC-3", "ORC-5", "ORC-7", "ORC-9", "ORC-12"),
    *read_at("OBR-2", "OBR-3", "OBR-4", "OBR-6", "OBR-7", "OBR-16", "OBR-24", "OBR-27", "OBR-36"),
    *read_at("OBR-44", "OBR-NTE[].3"),
    "MSH[].8",
    "PV1[].16",
)

CONSENT: Final = Target(
    "Consent",
    name="decision",
    each=each_decision,
    when=has_consent,
    key=decision_key,
    category=Category.SAFETY,
    fold=Fold.MERGE,
    labels=sensitivity.of_visit,
    reads=_READS,
    rows=(
        Row("decision.number", "identifier[+]", gather=sent("OBR-2 ORC-2"), fn=types.entity),
        Row("decision.filler", "identifier[+]", gather=sent("OBR-3 ORC-3"), fn=types.entity),
        Row(
            "decision.state",
            "status",
            gather=in_force,
            table=codes.RESUSCITATION,
            must=True,
            why="active while it is decided not to attempt resuscitation",
        ),
        Row(
            "decision.scope",
            "scope",
            value=codes.ADVANCE_DECISION.concept(),
            why="a decision about treatment, not about who may see the record",
        ),
        Row(
            "decision.kind",
            "category[0]",
            value=codes.DO_NOT_RESUSCITATE.concept(),
            why="what is decided on: whether to attempt resuscitation",
        ),
        Row("decision.at", "dateTime", gather=orders.wanted_at, fn=times.when),
        Row("decision.policy", "policy[0].uri", value=_POLICY, why="R4 needs a policy"),
        Row("decision.denies", "provision.type", value="deny", why="not to be attempted"),
        Row(
            "decision.what",
            "provision.code[0]",
            value=codes.RESUSCITATING.concept(),
            why="what is not to be attempted while the Consent is active",
        ),
    ),
)
