"""How much two source records look like one person's: to rank a queue, never to link.

In      Traits: what the two sources say of the person.
Out     The weight of each trait, log2(m/u): m is how often records of one person agree so, u how
        often those of two people do. Their sum ranks; each is shown, so that it can be argued with.
Rule    A trait that one of the two does not say weighs nothing. No sum links anybody. What a
        verified number adds is beside what the number itself weighs.
Source  Fellegi and Sunter 1969. The shares are set by judgement from the dirt of published
        messages, not measured on a borough's people; docs/adr/0023.
Pure    The same traits always give the same weights.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from mappings.core.model import systems
from mappings.core.shaping.identifiers import DOES_NOT_FIT, VERIFIED, normalised
from mappings.core.shaping.person_said import trace_of

Values = frozenset[str]


@dataclass(frozen=True, slots=True)
class Traits:
    """What one source says of a person, as compared. Kept in memory only, and never shown."""

    number: Values = field(default=frozenset(), repr=False)
    """Not where a trace found that it does not fit: then it says nothing of the person."""
    verified: Values = field(default=frozenset(), repr=False)
    """The number once more, where it was traced and verified."""
    born: Values = field(default=frozenset(), repr=False)
    family: Values = field(default=frozenset(), repr=False)
    given: Values = field(default=frozenset(), repr=False)
    postcode: Values = field(default=frozenset(), repr=False)
    gender: Values = field(default=frozenset(), repr=False)


class Level(NamedTuple):
    """How two values agree, with the share of pairs of one person and of two that do so."""

    name: str
    agrees: Callable[[str, str], bool]
    m: float
    u: float

    @property
    def weight(self) -> float:
        """log2(m/u)."""
        return math.log2(self.m / self.u)


class Weight(NamedTuple):
    """One trait of a pair: how it agrees, and what that weighs."""

    trait: str
    agreement: str
    weight: float


def is_equal(one: str, other: str) -> bool:
    """The same text."""
    return one == other


def is_near(one: str, other: str) -> bool:
    """One character differs, is missing, or two neighbours changed places."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        return True
    rest, others = one[start:], other[start:]
    swapped = rest[:2] == others[1::-1] and rest[2:] == others[2:] and len(others) > 1
    return swapped or rest[1:] == others[1:] or rest[1:] == others or rest == others[1:]


def is_turned_or_near(one: str, other: str) -> bool:
    """Day and month changed places, or one digit differs."""
    year, _, day = one.partition("-")
    month, _, day = day.partition("-")
    return other == f"{year}-{day}-{month}" or is_near(one, other)


def is_initial(one: str, other: str) -> bool:
    """One is the beginning of the other, or nearly the same."""
    return one.startswith(other) or other.startswith(one) or is_near(one, other)


def has_same_district(one: str, other: str) -> bool:
    """The same first half of a postcode."""
    return one[:-3] == other[:-3]


def differs(_one: str, _other: str) -> bool:
    """Whatever is left."""
    return True


LEVELS: Final[Mapping[str, tuple[Level, ...]]] = {
    "number": (
        Level("same", is_equal, 0.93, 0.000_000_1),
        Level("near", is_near, 0.03, 0.000_01),
        Level("differs", differs, 0.04, 0.999_99),
    ),
    "verified": (
        Level("same", is_equal, 0.998, 0.1),
        Level("differs", differs, 0.002, 0.9),
    ),
    "born": (
        Level("same", is_equal, 0.96, 0.000_04),
        Level("near", is_turned_or_near, 0.03, 0.001),
        Level("differs", differs, 0.01, 0.999),
    ),
    "family": (
        Level("same", is_equal, 0.90, 0.005),
        Level("near", is_near, 0.05, 0.002),
        Level("differs", differs, 0.05, 0.993),
    ),
    "given": (
        Level("same", is_equal, 0.85, 0.01),
        Level("near", is_initial, 0.08, 0.02),
        Level("differs", differs, 0.07, 0.97),
    ),
    "postcode": (
        Level("same", is_equal, 0.80, 0.000_5),
        Level("near", has_same_district, 0.10, 0.05),
        Level("differs", differs, 0.10, 0.949_5),
    ),
    "gender": (
        Level("same", is_equal, 0.99, 0.5),
        Level("differs", differs, 0.01, 0.5),
    ),
}
"""Each trait with its levels, the closest first."""
_TOLD: Final = {
    trait: [(level.agrees, Weight(trait, level.name, round(level.weight, 1))) for level in levels]
    for trait, levels in LEVELS.items()
}
"""What each level weighs, as it is told: a queue weighs many thousand pairs."""


def weights(one: Traits, other: Traits) -> list[Weight]:
    """What each trait that both say weighs, at the closest of its levels."""
    made = []
    for trait, levels in _TOLD.items():
        pairs = [(a, b) for a in getattr(one, trait) for b in getattr(other, trait)]
        if pairs:
            made.append(next(told for fit, told in levels for a, b in pairs if fit(a, b)))
    return made


def total(found: Iterable[Weight]) -> float:
    """What the traits weigh together."""
    return round(sum(one.weight for one in found), 1)


def traits(patient: Mapping[str, Any]) -> Traits:
    """What a Patient says that can be compared."""
    names = patient.get("name", ())
    numbers = (i for i in patient.get("identifier", ()) if i.get("system") == systems.NHS_NUMBER)
    said = _texts(normalised(one.get("value", "")) for one in numbers)
    trace = trace_of(patient)
    return Traits(
        number=frozenset() if trace in DOES_NOT_FIT else said,
        verified=said if trace == VERIFIED else frozenset(),
        born=_texts([patient.get("birthDate", "")]),
        family=_texts(name.get("family", "") for name in names),
        given=_texts(given for name in names for given in name.get("given", ())[:1]),
        postcode=_texts(
            "".join(one.get("postalCode", "").split()) for one in patient.get("address", ())
        ),
        gender=_texts([patient.get("gender", "")]) - {"UNKNOWN"},
    )


def _texts(values: Iterable[str]) -> Values:
    return frozenset(" ".join(value.upper().split()) for value in values if value.strip())
