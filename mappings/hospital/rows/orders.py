"""The orders of a message: each OBR with the ORC it stands under, and what names it.

In      ORM, OMG and OML messages (and the orders a result or a document answers).
Out     Scopes at the OBR; fields of the OBR or its ORC; keys.
Rule    An order is named by the person, the placer's number (else the filler's) and what is
        ordered: laboratories put several orders under one number, and answer without the
        placer's namespace.
Source  HL7 v2 chapter 4 (ORC, OBR); published messages of English systems.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from mappings.core.model.outcome import Facts, Issue, warning
from mappings.core.model.paths import Found, Gather, Scope
from mappings.core.model.rows import joined_key
from mappings.hospital.codes import orders as codes
from mappings.hospital.message import times
from mappings.hospital.message.fields import component, entity_id, first, wording, words
from mappings.hospital.message.reader import show
from mappings.hospital.rows import identity, types
from mappings.hospital.rows.keys import instance
from mappings.hospital.rows.tree import above
from mappings.hospital.rows.whole import every, person_id

PLACES: Final = ("ORC[].OBR[]", "OBR[]")
"""Where an OBR may stand."""


def read_at(*fields: str) -> tuple[str, ...]:
    """Root paths of fields such as `OBR-4` or `ORC-2`, wherever an order may stand."""
    made = []
    for name in fields:
        segment, _, number = name.partition("-")
        made += [f"{p}.{number}" for p in PLACES] if segment == "OBR" else [f"ORC[].{number}"]
    return tuple(made)


def of_order(places: str, scope: Scope) -> Iterator[Found]:
    """The first field, of those named, that the OBR at hand or its ORC holds."""
    for name in places.split():
        segment, _, number = name.partition("-")
        steps, entry = scope.here.steps, scope.element
        if segment == "ORC":
            held = list(above(scope.facts, steps, "ORC"))
            if not held:
                continue
            steps, entry = held[-1].steps, held[-1].value
        if entry.get(number):
            yield Found((*steps, number), entry[number])
            return


def sent(places: str) -> Gather:
    """`of_order` for these fields, as rows call it."""
    return partial(of_order, places)


def field(scope: Scope, places: str) -> str | None:
    """The text of the first of these fields."""
    for found in of_order(places, scope):
        return str(found.value)
    return None


def control(scope: Scope) -> str:
    """ORC-1, what is to be done with the order; empty where the OBR stands alone."""
    return (first(field(scope, "ORC-1")) or "").upper()


def sort_of(scope: Scope) -> str:
    """What sort of order it is: a decision, a consult, or empty for any other."""
    sender = (identity.segment(scope.facts, "MSH").get("4") or "").replace("\\T\\", "&")
    for said in (scope.element.get("24") or "", sender):
        meaning = codes.ORDER_SORT.find(said)
        if meaning:
            return str(meaning)
    return ""


def ended_by(scope: Scope) -> Iterator[Found]:
    """What ends the order: ORC-1, or the status it now has (ORC-5); nothing where it goes on."""
    if control(scope) in codes.CANCELS:
        yield from (Found(f.steps, f"control {control(scope)}") for f in of_order("ORC-1", scope))
    elif (status := _status(scope)) in codes.ENDED:
        yield from (Found(f.steps, f"status {status}") for f in of_order("ORC-5", scope))


def _status(scope: Scope) -> str:
    return (first(field(scope, "ORC-5")) or "").upper()


def is_ended(scope: Scope) -> bool:
    """Whether the message ends the order."""
    return any(True for _ in ended_by(scope))


def is_closed_by_system(scope: Scope) -> bool:
    """Whether no person ended it: the system closed it at discharge (MSH-8)."""
    user = first(identity.segment(scope.facts, "MSH").get("8")) or ""
    return is_ended(scope) and user.upper() in codes.CLOSED_BY_SYSTEM


def state(scope: Scope) -> Iterator[Found]:
    """What ends the order; else ORC-5 where that is known; else ORC-1."""
    if is_ended(scope):
        closed = is_closed_by_system(scope)
        said = ended_by(scope)
        yield from (Found(f.steps, "closed at discharge" if closed else f.value) for f in said)
        return
    status = _status(scope)
    if codes.ORDER_STATE.find(f"status {status}"):
        yield from (Found(f.steps, f"status {status}") for f in of_order("ORC-5", scope))
        return
    yield from (Found(f.steps, f"control {control(scope)}") for f in of_order("ORC-1", scope))


def number(scope: Scope) -> str:
    """The placer's number, else the filler's; else a hash of what is ordered and when."""
    for places in ("OBR-2 ORC-2", "OBR-3 ORC-3"):
        said = field(scope, places)
        if own := entity_id(said):
            return own
    return instance(scope.element, "2", "4", "6", "7")


def what(scope: Scope) -> str:
    """What is ordered, as it names the order: the code, else the words."""
    said = scope.element.get("4")
    return (component(said, 1) or wording(said, 2) or wording(said, 5)).upper()


def order_key(scope: Scope) -> str:
    """The person, the order's number and what is ordered."""
    return joined_key(person_id(scope), "order", number(scope), what(scope))


def every_order(scope: Scope) -> Iterator[Found]:
    """Each order of the message once: where it is told of last."""
    told: dict[str, Found] = {}
    for found in every(scope, "OBR"):
        told[order_key(scope.inside(found))] = found
    return iter(told.values())


def concept(ordered: str | None, procedure: str | None) -> dict[str, Any] | None:
    """What is ordered (OBR-4), with the sender's own code of the procedure (OBR-44)."""
    made = types.concept(ordered or "")
    code = component(procedure, 1)
    if made is None or not code or " " in code:
        return made
    return made | {"coding": [*made.get("coding", ()), {"code": code}]}


def wanted_at(scope: Scope) -> Iterator[Found]:
    """When it is to be done: OBR-36, the start of OBR-27 or ORC-7, else OBR-6."""
    for places, part in (("OBR-36", 1), ("OBR-27 ORC-7", 4), ("OBR-6", 1)):
        for found in of_order(places, scope):
            if component(str(found.value), part):
                yield Found(found.steps, component(str(found.value), part))
                return


def priority(scope: Scope) -> Iterator[Found]:
    """OBR-5, else the sixth component of OBR-27 or ORC-7."""
    for places, part in (("OBR-5", 1), ("OBR-27 ORC-7", 6)):
        for found in of_order(places, scope):
            if component(str(found.value), part):
                yield Found(found.steps, component(str(found.value), part))
                return


def order_time(facts: Facts) -> str:
    """The latest ORC-9, when an order was dealt with; else MSH-7: a message may be sent again.

    Senders give it to the minute: in one minute, an order ends after it was placed.
    """
    orders = facts.get("ORC", ())
    dealt = [times.ordering(entry.get("9")) for entry in orders]
    header = identity.segment(facts, "MSH")
    at = max(dealt, default="") or times.ordering(header.get("7"))
    return times.in_order(at, header, takes_back=any(map(_ends, orders)))


def _ends(order: dict[str, Any]) -> bool:
    control, status = ((first(order.get(n)) or "").upper() for n in ("1", "5"))
    return control in codes.CANCELS or status in codes.ENDED


def doubts(scope: Scope) -> Iterator[Issue]:
    """Orders without an OBR, which are not mapped; a state of ORC-5 that is in no table."""
    for found in every(scope, "ORC"):
        if not found.value.get("OBR"):
            text = "an order without an OBR is not mapped yet; kept with the delivery"
            yield warning(show(found.steps), "not-mapped", text)
        said = first(found.value.get("5"))
        if said and not codes.ORDER_STATE.find(f"status {said}"):
            text = "this state is not in the table; the order's state is read from ORC-1"
            yield warning(show((*found.steps, "5")), "unmapped-code", text)
    told: dict[str, dict[str, Any]] = {}
    for found in every(scope, "OBR"):
        key = order_key(scope.inside(found))
        if told.setdefault(key, found.value) != found.value:
            text = "told twice in one message, with a difference; the last was taken"
            yield warning(show(found.steps), "told-twice", text)


def title(field_4: str) -> str | None:
    """The words of what is ordered."""
    return wording(field_4, 2) or wording(field_4, 5) or words(field_4)


def specimen(field_15: str) -> dict[str, Any] | None:
    """What was taken (OBR-15), in words."""
    said = types.words_of_code(field_15.split("^", maxsplit=1)[0].replace("&", "^"))
    return {"display": said["text"]} if said else None
