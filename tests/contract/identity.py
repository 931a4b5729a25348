"""The law of who a person is said to be: nonsense in a field makes nobody dead or of another sex.

Out     The facts of a person that one outcome says and another, of the same item before one of its
        fields held nonsense, does not. What can no longer be read is not said at all.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from mappings.core.applying.apply import map_item
from mappings.core.model.outcome import Facts, Item, Outcome
from mappings.core.model.paths import Steps
from mappings.core.model.rows import Kind
from tests.contract.deliveries import changed, leaves

TEXTS: Final = (
    "Zq7Xw9 not known", "?", "-", " ", "", "N/A", "null", "31/02/2026", "2026-02-30", "20260230",
    "0000-00-00", "9999-99-99T99:99:99", "99999999999999", "-1", "1e9", "\\", "^~&|", "é‮\0",
    "x" * 5000,
)  # fmt: skip
"""Texts that no feed can read as a date, a sex, or a yes or no."""
_ELEMENTS: Final = ("birthDate", "deceasedDateTime", "deceasedBoolean", "gender")
_NOT_SAID: Final = (None, "", "unknown")


def newly_said(before: Outcome, after: Outcome) -> list[str]:
    """Facts of the person that only the second outcome says; of an item that was quarantined
    nothing is known."""
    if before.quarantined:
        return []
    known = {name: [*_NOT_SAID, *values] for name, values in _said(before).items()}
    if any(_said(before)["deceasedDateTime"]):  # whoever died at a time has died
        known["deceasedBoolean"].append(True)
    return [
        name
        for name, values in _said(after).items()
        if any(value not in known[name] for value in values)
    ]


def _said(outcome: Outcome) -> dict[str, list[Any]]:
    person = outcome.person
    patients = [one.resource for one in outcome.resources if one.type == "Patient"]
    claimed: dict[str, list[Any]] = {
        "claim.birth_date": [person.birth_date],
        "claim.deceased": [person.deceased],
        "claim.gender": [person.gender],
    }
    return claimed | {name: [one.get(name) for one in patients] for name in _ELEMENTS}


def broken(
    kind: Kind, item: Item, before: Outcome, places: Iterable[Steps], texts: int = 1
) -> Iterator[str]:
    """Where texts in place of a value, so many at each place, break the law or the mapping."""
    for number, steps in enumerate(places):
        for turn in range(texts):
            text = TEXTS[(number * texts + turn) % len(TEXTS)]
            facts: Facts = changed(item.facts, steps, text)
            after = map_item(kind, Item(item.kind, item.number, facts))
            if after.quarantined and after.resources:
                yield f"{item.kind} {kind.show(steps)} {text[:20]!r}: quarantined and taken"
            for name in newly_said(before, after):
                yield f"{item.kind} {kind.show(steps)} {text[:20]!r}: {name}"


def spread(item: Item, most: int) -> list[Steps]:
    """At most so many places of an item that hold a value, from all over it."""
    every = [steps for steps, _ in leaves(item.facts) if steps]
    return every[:: max(1, -(-len(every) // most))]
