"""The people of the synthetic borough: who they are, and which providers know them.

In      A seed, how many, and the day the borough is seen on.
Out     People; the cast first. Every NHS number is of the range 999, which is nobody's.
Rule    The same seed gives the same people; more people change none of the first ones.
Pure    Yes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from gateway.cli.demo import places
from gateway.cli.demo.dice import Dice
from gateway.cli.demo.places import Locality, Practice, Provider

SEEN_ON: Final = date(2026, 11, 16)
"""The day the borough is seen on: messages are dated up to it."""
FIRST_NUMBER: Final = 999_001_000
"""First nine digits of the NHS numbers given after those of the cast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person, as their providers know them."""

    number: int
    nhs_number: str
    family: str
    given: str
    gender: str
    born: date
    street: str
    locality: Locality
    practice: Practice
    title: str = ""
    postcode: str = ""
    phone: str = ""
    conditions: tuple[str, ...] = ()
    """Names in the table of `conditions`."""
    goals: tuple[str, ...] = ()
    """Names in the table of `plans`, for those with social care."""
    providers: tuple[Provider, ...] = ()
    """Beside the practice."""
    role: str = ""
    """The name of a member of the cast."""
    sensitivity: str = ""
    """`restricted` or `very restricted`: the location must not be found out."""
    opted_out: bool = False
    dirt: str = ""
    """What one of their providers sends wrong."""

    def age(self, on: date = SEEN_ON) -> int:
        """Completed years on a day."""
        before = (on.month, on.day) < (self.born.month, self.born.day)
        return on.year - self.born.year - before

    def is_known_to(self, provider: Provider) -> bool:
        """Whether the provider has a record of them."""
        return provider in self.providers

    @property
    def town(self) -> str:
        """Where they live."""
        return self.locality.name


@dataclass(frozen=True, slots=True)
class Sharing:
    """How likely a provider knows a person, in a hundred, by age."""

    child: int
    adult: int
    older: int

    def percent(self, age: int) -> int:
        """The likelihood at this age."""
        if age < 18:
            return self.child
        return self.adult if age < 65 else self.older


_KNOWN: Final = (
    (places.HOSPITAL, Sharing(10, 25, 45)),
    (places.COMMUNITY, Sharing(8, 12, 40)),
    (places.MENTAL_HEALTH, Sharing(5, 14, 8)),
    (places.COUNCIL, Sharing(0, 14, 45)),
)
_LONG_TERM: Final = ("hypertension", "diabetes", "copd", "heart failure", "osteoarthritis")
_LATER: Final = (*_LONG_TERM, "dementia", "stroke", "kidney disease", "osteoporosis")
_SOONER: Final = ("asthma", "depression", "anxiety", "hypertension", "diabetes")
_DIRT: Final = {7: "number", 13: "birth date", 19: "status", 29: "table key"}
"""Which of the people after the cast bring what kind of wrong data."""


def people_of(seed: int, count: int, cast: tuple[Person, ...]) -> tuple[Person, ...]:
    """So many people, the cast first; never fewer than the cast."""
    rest = max(0, count - len(cast))
    numbers = nhs_numbers()
    made = [
        _person(seed, len(cast) + index + 1, next(numbers), _DIRT.get(index, ""))
        for index in range(rest)
    ]
    return (*cast, *made)


def nhs_numbers(first: int = FIRST_NUMBER) -> Iterator[str]:
    """NHS numbers with a right check digit, from these nine digits on."""
    digits = first
    while True:
        check = check_digit(str(digits))
        if check is not None:
            yield f"{digits}{check}"
        digits += 1


def check_digit(nine: str) -> int | None:
    """The tenth digit; None where there is no number that begins so."""
    total = sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True))
    check = -total % 11
    return None if check == 10 else check


def _person(seed: int, number: int, nhs_number: str, dirt: str) -> Person:
    dice = Dice("person", seed, number)
    born = _born(dice)
    age = SEEN_ON.year - born.year
    woman = dice.is_within(52)
    practice = dice.one_of(places.PRACTICES)
    locality = practice.locality if dice.is_within(90) else dice.one_of(places.LOCALITIES)
    return Person(
        number=number,
        nhs_number=nhs_number,
        family=dice.one_of(places.FAMILIES),
        given=dice.one_of(places.WOMEN if woman else places.MEN),
        title="" if age < 18 else "Mrs" if woman else "Mr",
        gender="female" if woman else "male",
        born=born,
        street=f"{1 + dice.below(90)} {dice.one_of(places.STREETS)}",
        locality=locality,
        postcode=f"{locality.outward} {1 + dice.below(9)}ZZ",
        phone=f"020 7946 {dice.below(1000):04}",
        practice=practice,
        conditions=_conditions(dice, age),
        goals=_goals(dice),
        providers=_providers(dice, age, dirt),
        dirt=dirt,
    )


def _born(dice: Dice) -> date:
    """Two in five are 65 or older: these are the people teams plan for."""
    band = dice.below(100)
    low, years = (1, 17) if band < 12 else (18, 47) if band < 60 else (65, 32)
    return SEEN_ON - timedelta(days=365 * (low + dice.below(years)) + dice.below(365))


def _conditions(dice: Dice, age: int) -> tuple[str, ...]:
    if age < 18:
        return dice.some_of(("asthma", "anxiety"), dice.below(2))
    table = _LATER if age >= 65 else _SOONER
    return dice.some_of(table, dice.below(3) + (age >= 65))


def _goals(dice: Dice) -> tuple[str, ...]:
    return dice.some_of(GOAL_NAMES, 2 + dice.below(4))


GOAL_NAMES: Final = (
    *("walk", "breakfast", "friends", "bath", "garden", "medicines", "bus", "choir"),
    *("sleep", "grandson"),
)
"""Names in the table of `plans`."""


def _providers(dice: Dice, age: int, dirt: str) -> tuple[Provider, ...]:
    known = [one for one, likely in _KNOWN if dice.is_within(likely.percent(age))]
    needed = {
        "number": places.COUNCIL,
        "birth date": places.HOSPITAL,
        "status": places.COUNCIL,
        "table key": places.COMMUNITY,
    }.get(dirt)
    if needed and needed not in known:
        known.append(needed)
    if places.COUNCIL in known and dice.is_within(50):
        known.append(dice.one_of(places.HOME_CARE))
    if places.COUNCIL in known and dice.is_within(30):
        known.append(places.WELLBEING)
    return tuple(known)


@dataclass(frozen=True, slots=True)
class Borough:
    """Everybody, and what was drawn for them."""

    seed: int
    people: tuple[Person, ...]
    by_role: dict[str, Person] = field(init=False)

    def __post_init__(self) -> None:
        named = {person.role: person for person in self.people if person.role}
        object.__setattr__(self, "by_role", named)

    def known_to(self, provider: Provider) -> tuple[Person, ...]:
        """Everybody the provider has a record of."""
        return tuple(person for person in self.people if person.is_known_to(provider))
