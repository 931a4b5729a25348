"""Messages that tell of several people: what is said of whom.

In      The facts of an ADT message with a PID for each person (A17, A18 to A47).
Out     The message as it would be of one of them alone.
Rule    A segment is of the PID that it stands after; what stands before the first is of all.
Source  HL7 v2 chapter 3: ADT_A17, ADT_A24, ADT_A37, ADT_A39.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from mappings.core.model.outcome import Facts, Issue, Item, warning
from mappings.hospital.message import groups
from mappings.hospital.message.reader import show

_NAMES_RECORDS: Final = frozenset({"PID", "MRG"})
_OF_ALL: Final = -1
_BOTH: Final = 2
OTHERS: Final = "only the identifiers are read; send what else changed of this record on its own"


def of_the_first(item: Item) -> Iterator[Item]:
    """The message without what it says of the others, beside which records it names."""
    of_whom = _of_whom(item.facts)
    others = [
        (name, index)
        for name, people in of_whom.items()
        for index, person in enumerate(people)
        if person > 0 and name not in _NAMES_RECORDS
    ]
    if not others:
        yield item
        return
    told: list[Issue] = [warning(show(steps), "second-person", OTHERS) for steps in others]
    left: Facts = {"order": item.facts["order"]}
    for name, people in of_whom.items():
        wanted = [person <= 0 or name in _NAMES_RECORDS for person in people]
        left |= _chosen(item.facts, name, wanted)
    yield replace(item, facts=left, issues=(*item.issues, *told))


def each_alone(item: Item) -> Iterator[Item]:
    """The message of the one, and that of the other of its two people."""
    of_whom = _of_whom(item.facts)
    if len(of_whom.get("PID", ())) != _BOTH:
        yield item
        return
    for one, part in enumerate((item, replace(item, kind=f"{item.kind}, other", issues=()))):
        alone: Facts = {"order": item.facts["order"]}
        for name, people in of_whom.items():
            alone |= _chosen(item.facts, name, [person in (_OF_ALL, one) for person in people])
        yield replace(part, facts=alone)


def _chosen(facts: Facts, name: str, wanted: list[bool]) -> Facts:
    entries = [entry for entry, is_one in zip(facts[name], wanted, strict=True) if is_one]
    return {name: entries} if entries else {}


def _of_whom(facts: Facts) -> dict[str, list[int]]:
    """For each segment of the message itself, by its name: the place of its PID."""
    root: dict[str, Any] = {}
    stack: list[tuple[str, dict[str, Any]]] = []
    person = _OF_ALL
    for name in facts["order"].split():
        person += name == "PID"
        groups.add(root, name, {"of": person}, stack, groups.OTHERWISE)
    return {name: [entry["of"] for entry in entries] for name, entries in root.items()}
