"""A visit that is moved to another of the hospital's records, or whose number goes (A42, A45, A50).

In      PID and PV1: whose the visit is, and the visit; MRG-1 and MRG-5: whose it was, and its
        number there.
Out     Two items of one message, taken both or not at all: an update of the person with the visit;
        and the visit entered in error, for the record or under the number that it had before.
Rule    Each has the time of the message, so what was told of the visit earlier changes nothing,
        whenever it arrives. What else was sent with the visit stays where it was sent for, and
        the answer says so: only the sender knows what belongs where. A45 moves a visit to another
        record; A42 and A50 put one number in place of another, and MRG-1 may be left out.
Source  HL7 v2 chapter 3 (A42, A45, A50).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from mappings.core.model.outcome import Facts, Issue, Item, error, warning
from mappings.core.model.rows import Kind
from mappings.hospital.codes.triggers import Trigger
from mappings.hospital.message.fields import escaped, first
from mappings.hospital.rows import identity, kinds, visit
from mappings.hospital.rows.identity import Number
from mappings.hospital.rows.keys import visit_key
from mappings.hospital.rows.whole import Whole

MOVED: Final = "ADT^A45"
SUFFIX: Final = ", left"
"""Of the kind that is what the same message says of where the visit was before."""

_NHS: Final = "NH"
_GONE: Final = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Event:
    """One of these messages."""

    here: Trigger
    """What it says of the visit that stays."""
    gone: Trigger
    """What it says of the visit as it was before."""
    is_move: bool
    """Whether the visit must have been another record's."""
    alone: str
    """What is not moved with the visit."""


_UNDER: Final = (
    "the number alone goes: send the admission and what else belongs to it again, under the"
)
_EVENTS: Final = {
    "A42": Event(
        Trigger("A42", "Visits merged"),
        Trigger("A42", "Visit merged with another", _GONE, "it is one with another visit"),
        False,
        f"{_UNDER} number of the visit that stays",
    ),
    "A45": Event(
        Trigger("A45", "Visit moved here"),
        Trigger("A45", "Visit moved away", _GONE, "it is another person's"),
        True,
        "only the visit itself is moved: send what else belongs to it again for this person, and"
        " its deletion for the other",
    ),
    "A50": Event(
        Trigger("A50", "Number of a visit changed"),
        Trigger("A50", "Former number of a visit", _GONE, "the visit has another number"),
        False,
        f"{_UNDER} new number",
    ),
}


def parts(event: Event, item: Item) -> Iterator[Item]:
    """The message itself, and what it says of the visit as it was before."""
    yield item
    left = _left(event, item.facts)
    if left is not None:
        yield replace(item, kind=f"{item.kind}{SUFFIX}", facts=left, issues=())


def _left(event: Event, facts: Facts) -> Facts | None:
    """Whose the visit was, and its number then, as a message would say it; None without both."""
    entry, stay = identity.segment(facts, "MRG"), identity.segment(facts, "PV1")
    numbers = identity.numbers(facts)
    own = identity.local_number(numbers)
    prior = {"3": entry.get("1"), "2": entry.get("4")}
    gone = identity.numbers_of(prior, facts, own.authority if own else "")
    number = entry.get("5")
    if event.is_move:
        number = number or stay.get("19")
    else:
        nhs = {one.value for one in numbers if one.is_nhs}
        if all(one.is_nhs and one.value in nhs for one in gone):
            gone = numbers  # nothing else is said of the record: it is still the same
    if not gone or not first(number):
        return None
    ids = "~".join(_written(one) for one in gone)
    told: Facts = {name: facts[name] for name in ("MSH", "EVN") if name in facts}
    visited = {"2": stay["2"], "19": number} if stay.get("2") else {"19": number}
    return {"order": "MSH EVN PID PV1", **told, "PID": [{"3": ids}], "PV1": [visited]}


def _written(number: Number) -> str:
    """A number as PID-3 holds it; one known as an NHS number by where it stood says that it is."""
    kind = number.type or (_NHS if number.is_nhs and not number.authority else "")
    return "^".join((escaped(number.value), "", "", escaped(number.authority), escaped(kind)))


def check(event: Event, message: Whole) -> Iterator[Issue]:
    """What is doubtful of the person, and whether the message names a visit and where it was."""
    facts = message.facts
    yield from kinds.check_admission(message)
    if not len(facts["PID"]) == len(facts.get("MRG", ())) == len(facts.get("PV1", ())) == 1:
        text = "is about one visit and where it was before: send one PID, MRG and PV1"
        yield error("MRG", "not-one-visit", text)
        return
    left = _left(event, facts)
    if left is None or visit_key(message.scope) is None:
        text = "names no record or no visit: send whose it was (MRG-1) and its number (MRG-5)"
        yield error("MRG", "names-nobody", text)
    elif _is_where_it_was(event, message, left):
        text = "names the visit that stays: send whose it was (MRG-1), or its number there (MRG-5)"
        yield error("MRG-1" if event.is_move else "MRG-5", "moved-to-itself", text)
    yield warning("PV1", "visit-alone-moved", event.alone)


def _is_where_it_was(event: Event, message: Whole, left: Facts) -> bool:
    is_same_record = identity.claim(left).local_id == message.person_id
    before, now = (identity.segment(one, "PV1").get("19") for one in (left, message.facts))
    return is_same_record and (event.is_move or first(before) == first(now))


def _kinds(event: Event) -> Iterator[Kind]:
    update = kinds.KINDS["ADT^A31"]
    rest = tuple(one for one in update.targets if one.type != "Encounter")
    prior = {f"MRG[].{field}": "not needed to tell whose the visit was" for field in "2367"}
    name = f"ADT^{event.here.code}"
    yield replace(
        update,
        name=name,
        title=event.here.title,
        targets=(*rest, visit.encounter(event.here)),
        ignored={**update.ignored, **prior},
        reads=(*update.reads, "MRG[].1", "MRG[].4", "MRG[].5"),
        check=partial(check, event),
        parts=partial(parts, event),
    )
    yield replace(
        update,
        name=f"{name}{SUFFIX}",
        title=event.gone.title,
        targets=(visit.encounter(event.gone),),
        check=None,
    )


KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind for event in _EVENTS.values() for kind in _kinds(event)
}
