"""Orders: ORC and OBR to ServiceRequest; a consult is an action of the person's plan.

In      ORM, OMG and OML messages; resuscitation decisions apart (decision.py).
Out     A ServiceRequest for each order. A consult, by which a team is asked to see the person,
        stands on the person's plan as well.
Rule    Ended by a person an order is revoked; closed by the system at discharge, completed.
Source  v2-to-FHIR guide (ORC, OBR to ServiceRequest); published messages of English systems.
"""

from collections.abc import Iterator
from typing import Final

from mappings.core.model.outcome import Fold
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target, local_reference
from mappings.hospital.codes import orders as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import first, repetitions
from mappings.hospital.rows import orders, sensitivity, types
from mappings.hospital.rows.answers import answers, asked
from mappings.hospital.rows.decision import is_decision
from mappings.hospital.rows.keys import plan_key
from mappings.hospital.rows.orders import order_key, read_at, sent
from mappings.terms import plans
from mappings.terms.access import Category


def each_request(scope: Scope) -> Iterator[Found]:
    """Each order that is no resuscitation decision, once."""
    every = orders.every_order(scope)
    return (found for found in every if not is_decision(scope.inside(found)))


def is_consult(scope: Scope) -> bool:
    """Whether a team is asked to see the person."""
    return orders.sort_of(scope) == codes.CONSULT


def shelf(scope: Scope) -> Category:
    """A consult is a referral; any other order stands with the results it asks for."""
    return Category.REFERRALS if is_consult(scope) else Category.OBSERVATIONS


def authored(scope: Scope) -> Iterator[Found]:
    """ORC-9, where the order is a new one."""
    if orders.control(scope) in codes.NEW:
        yield from orders.of_order("ORC-9", scope)


def reasons(scope: Scope) -> Iterator[Found]:
    """OBR-31, and what was answered when the reason for a consult was asked."""
    for text in repetitions(scope.element.get("31")):
        made = types.concept(text)
        if made:
            yield Found((*scope.here.steps, "31"), made)
    for one in asked(scope, codes.REASON_QUESTION):
        for line, place in zip(one.lines, one.places, strict=True):
            yield Found(place, {"text": line})


def notes(scope: Scope) -> Iterator[Found]:
    """Every other answer, and words without a question."""
    for one in answers(scope):
        if not one.asks(codes.REASON_QUESTION):
            yield Found(one.steps, {"text": one.said})


REQUEST: Final = Target(
    "ServiceRequest",
    name="order",
    each=each_request,
    key=order_key,
    category=shelf,
    fold=Fold.MERGE,
    labels=sensitivity.of_visit,
    reads=(
        *read_at("ORC-1", "ORC-2", "ORC-3", "ORC-5", "ORC-7", "ORC-9", "ORC-12"),
        *read_at("OBR-2", "OBR-3", "OBR-4", "OBR-5", "OBR-6", "OBR-7", "OBR-13", "OBR-15"),
        *read_at("OBR-16", "OBR-24", "OBR-27", "OBR-31", "OBR-36", "OBR-44", "OBR-NTE[].3"),
        "MSH[].8",
        "PV1[].16",
    ),
    defaults={"status": "unknown", "intent": "order"},
    rows=(
        Row("order.placer", "identifier[+]", gather=sent("OBR-2 ORC-2"), fn=types.entity),
        Row("order.filler", "identifier[+]", gather=sent("OBR-3 ORC-3"), fn=types.entity),
        Row("order.state", "status", gather=orders.state, table=codes.ORDER_STATE),
        Row("order.intent", "intent", value="order", why="it is asked for, not only planned"),
        Row("order.kind", "category[0]", "24", fn=types.words_of_code),
        Row("order.priority", "priority", gather=orders.priority, fn=first, table=codes.PRIORITY),
        Row("order.what", "code", ("4", "44"), fn=orders.concept),
        Row("order.wanted", "occurrenceDateTime", gather=orders.wanted_at, fn=times.when),
        Row("order.authored", "authoredOn", gather=authored, fn=times.when),
        Row("order.by", "requester", gather=sent("ORC-12 OBR-16"), fn=types.practitioner),
        Row("order.reason", "reasonCode[+]", gather=reasons),
        Row("order.specimen", "specimen[+]", "15", fn=orders.specimen),
        Row("order.clinical", "note[+]", "13", fn=types.note),
        Row("order.answers", "note[+]", gather=notes),
    ),
)


def has_consults(scope: Scope) -> bool:
    """Whether the message asks a team to see the person."""
    return any(True for _ in consults(scope))


def consults(scope: Scope) -> Iterator[Found]:
    """References to the consults of the message."""
    for found in each_request(scope):
        here = scope.inside(found)
        if is_consult(here):
            reference = local_reference("ServiceRequest", order_key(here))
            yield Found((*found.steps, "4"), {"reference": reference})


CONSULT_PLAN: Final = Target(
    "CarePlan",
    name="plan",
    when=has_consults,
    key=plan_key,
    category=Category.CARE_PLAN,
    fold=Fold.MERGE,
    labels=sensitivity.of_visit,
    adds=("activity",),
    defaults={
        "status": "active",
        "intent": "plan",
        "title": "Hospital plan",
        "category": [plans.CARE_PLAN.concept()],
    },
    rows=(Row("plan.consults", "activity[+].reference", gather=consults),),
)
