"""The cast: the invented people whose stories the walk-through and the documents tell.

Out     Alice, Bob, Cara, Dee, Vic, Ola and Norma, with NHS numbers of the range 999.
Source  docs of the demo; the same people stand in tests and examples.
Pure    Data alone.
"""

from datetime import date
from typing import Final

from gateway.cli.demo import places
from gateway.cli.demo.people import Borough, Person, people_of

_PRACTICE_A, _PRACTICE_B, _PRACTICE_C, _PRACTICE_D = places.PRACTICES[:4]

NORMA: Final = Person(
    number=1,
    role="norma",
    nhs_number="9990000077",
    family="Ashdown",
    given="Norma",
    title="Mrs",
    gender="female",
    born=date(1943, 3, 4),
    street="12 Elm Crescent",
    locality=places.NEW_MALDEN,
    postcode="KT3 5ZZ",
    phone="020 7946 0012",
    practice=_PRACTICE_A,
    conditions=("hypertension", "osteoporosis", "osteoarthritis"),
    goals=("friends", "bath", "walk", "breakfast", "choir"),
    providers=(
        *(places.HOSPITAL, places.COMMUNITY, places.COUNCIL),
        *(places.HOME_FIRST, places.WELLBEING),
    ),
)
ALICE: Final = Person(
    number=2,
    role="alice",
    nhs_number="9990000018",
    family="Oakley",
    given="Alice",
    title="Ms",
    gender="female",
    born=date(1979, 6, 21),
    street="4 Alder Way",
    locality=places.NEW_MALDEN,
    postcode="KT3 2ZZ",
    phone="020 7946 0021",
    practice=_PRACTICE_A,
    conditions=("hypertension", "depression", "hiv"),
    goals=("sleep", "friends"),
    providers=(places.HOSPITAL, places.MENTAL_HEALTH, places.COUNCIL),
)
BOB: Final = Person(
    number=3,
    role="bob",
    nhs_number="9990000026",
    family="Tann",
    given="Bob",
    gender="male",
    born=date(2012, 2, 11),
    street="31 Pond Street",
    locality=places.SURBITON,
    postcode="KT6 4ZZ",
    phone="020 7946 0033",
    practice=_PRACTICE_B,
    conditions=("asthma",),
    providers=(places.COMMUNITY,),
)
CARA: Final = Person(
    number=4,
    role="cara",
    nhs_number="9990000034",
    family="Fielding",
    given="Cara",
    title="Ms",
    gender="female",
    born=date(1988, 9, 2),
    street="8 Chapel Walk",
    locality=places.KINGSTON,
    postcode="KT2 1ZZ",
    phone="020 7946 0044",
    practice=_PRACTICE_C,
    conditions=("asthma", "anxiety"),
    providers=(places.HOSPITAL,),
)
DEE: Final = Person(
    number=5,
    role="dee",
    nhs_number="9990000042",
    family="Marsh",
    given="Dee",
    title="Ms",
    gender="female",
    born=date(1991, 12, 30),
    street="2 Quarry Hill",
    locality=places.CHESSINGTON,
    postcode="KT9 3ZZ",
    phone="020 7946 0055",
    practice=_PRACTICE_D,
    conditions=("anxiety",),
    providers=(places.HOSPITAL,),
    sensitivity="restricted",
)
VIC: Final = Person(
    number=6,
    role="vic",
    nhs_number="9990000050",
    family="Stone",
    given="Vic",
    title="Mr",
    gender="male",
    born=date(1965, 5, 17),
    street="19 Mill Lane",
    locality=places.KINGSTON,
    postcode="KT2 7ZZ",
    phone="020 7946 0066",
    practice=_PRACTICE_C,
    conditions=("diabetes",),
    providers=(places.HOSPITAL,),
    sensitivity="very restricted",
)
OLA: Final = Person(
    number=7,
    role="ola",
    nhs_number="9990000069",
    family="Bright",
    given="Ola",
    title="Mr",
    gender="male",
    born=date(1957, 1, 8),
    street="77 Lime Grove",
    locality=places.SURBITON,
    postcode="KT6 8ZZ",
    phone="020 7946 0077",
    practice=_PRACTICE_B,
    conditions=("copd",),
    goals=("garden",),
    providers=(places.COUNCIL,),
    opted_out=True,
)
CAST: Final = (NORMA, ALICE, BOB, CARA, DEE, VIC, OLA)


def borough_of(seed: int = 1, count: int = 200) -> Borough:
    """The borough of a seed: the cast, and so many people in all."""
    return Borough(seed, people_of(seed, count, CAST))
