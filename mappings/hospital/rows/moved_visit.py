"""A visit that is moved from one of the hospital's records to another (A45).

In      PID and PV1: whose the visit is, and the visit; MRG-1 and MRG-5: whose it was, and its
        number there.
Out     Two items of one message, taken both or not at all: an update of the person with the visit;
        and, for the record that it was moved from, the visit entered in error.
Rule    Each has the time of the message, so what was told of the visit earlier changes nothing,
        whenever it arrives. What else was sent with the visit stays with the record it was sent
        for, and the answer says so: only the sender knows what belongs to which person.
Source  HL7 v2 chapter 3 (A45).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from mappings.core.outcome import Facts, Issue, Item, error, warning
from mappings.core.rows import Kind
from mappings.hospital.codes.triggers import Trigger
from mappings.hospital.message.fields import escaped, first
from mappings.hospital.rows import identity, kinds, visit
from mappings.hospital.rows.identity import Number
from mappings.hospital.rows.keys import visit_key
from mappings.hospital.rows.whole import Whole

MOVED: Final = "ADT^A45"
LEFT: Final = "ADT^A45, left"
"""What the same message says of the record that the visit was moved from."""

_NHS: Final = "NH"
_HERE: Final = Trigger("A45", "Visit moved here")
_GONE: Final = Trigger("A45", "Visit moved away", "entered-in-error", "it is another person's")
_STAYS: Final = (
    "only the visit itself is moved: send what else belongs to it again for this person, and its"
    " deletion for the other"
)


def parts(item: Item) -> Iterator[Item]:
    """The message itself, and what it says of the record that it names in MRG-1."""
    yield item
    left = _left(item.facts)
    if left is not None:
        yield replace(item, kind=LEFT, facts=left, issues=())


def _left(facts: Facts) -> Facts | None:
    """The other record and its visit, as a message would say them; None where one is missing."""
    entry, stay = identity.segment(facts, "MRG"), identity.segment(facts, "PV1")
    own = identity.local_number(identity.numbers(facts))
    prior = {"3": entry.get("1"), "2": entry.get("4")}
    gone = identity.numbers_of(prior, facts, own.authority if own else "")
    number = entry.get("5") or stay.get("19")
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


def check(message: Whole) -> Iterator[Issue]:
    """What is doubtful of the person, and whether the message names a visit and two records."""
    facts = message.facts
    yield from kinds.check_admission(message)
    if not len(facts["PID"]) == len(facts.get("MRG", ())) == len(facts.get("PV1", ())) == 1:
        text = "moves one visit from one record to another: send one PID, MRG and PV1"
        yield error("MRG", "not-one-visit", text)
        return
    left = _left(facts)
    if left is None or visit_key(message.scope) is None:
        text = "names no record or no visit: send whose it was (MRG-1) and its number (MRG-5)"
        yield error("MRG", "names-nobody", text)
    elif identity.claim(left).local_id == message.person_id:
        text = "names the record that stays: a visit cannot be moved to where it is"
        yield error("MRG-1", "moved-to-itself", text)
    yield warning("PV1", "visit-alone-moved", _STAYS)


def _kinds() -> Iterator[Kind]:
    update = kinds.KINDS["ADT^A31"]
    rest = tuple(one for one in update.targets if one.type != "Encounter")
    prior = {f"MRG[].{field}": "not needed to tell whose the visit was" for field in "2367"}
    yield replace(
        update,
        name=MOVED,
        title=_HERE.title,
        targets=(*rest, visit.encounter(_HERE)),
        ignored={**update.ignored, **prior},
        reads=(*update.reads, "MRG[].1", "MRG[].4", "MRG[].5"),
        check=check,
        parts=parts,
    )
    yield replace(
        update,
        name=LEFT,
        title=_GONE.title,
        targets=(visit.encounter(_GONE),),
        check=None,
    )


KINDS: Final[Mapping[str, Kind]] = {kind.name: kind for kind in _kinds()}
