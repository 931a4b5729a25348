"""Client Level Data, the council's quarterly return: a CSV, one wide row for each event.

In      The people the council knows.
Out     The bytes of one file.
Source  Client Level Data, release 2 wording; every heading of the return.
Pure    Yes.
"""

import csv
import io
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from gateway.cli.demo import places
from gateway.cli.demo.dice import Dice
from gateway.cli.demo.people import SEEN_ON, Person
from gateway.cli.demo.social_care import STARTED, local_number
from mappings.social_care.message.cld import HEADINGS

_QUARTER_END: Final = date(SEEN_ON.year, 9, 30)
_YEAR_START: Final = date(SEEN_ON.year - 1, 10, 1)
_REASONS: Final = (
    *("Physical support: Personal care support", "Physical support: Access and mobility only"),
    *("Support with memory and cognition", "Mental health support"),
)


def client_level_data(people: Iterable[Person], seed: int = 1) -> bytes:
    """The return on these people: request, assessment and service of each."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, HEADINGS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for person in people:
        writer.writerows(_events(person, Dice("council-return", seed, person.number)))
    return text.getvalue().encode()


def _events(person: Person, dice: Dice) -> Iterable[dict[str, str]]:
    asked = min(STARTED, _QUARTER_END) - timedelta(days=40 + dice.below(150))
    assessed = asked + timedelta(days=7 + dice.below(14))
    begun = assessed + timedelta(days=3 + dice.below(10))
    about = _person(person, dice)
    yield {
        **about,
        "Event Type": "Request",
        "Event Reference": f"R{person.number:05}",
        "Event Start Date": asked.isoformat(),
        "Event End Date": asked.isoformat(),
        "Event Outcome": "Progress to assessment, review or reassessment",
        "Request: Route of Access": _route(person),
    }
    yield {
        **about,
        "Event Type": "Assessment",
        "Event Reference": f"A{person.number:05}",
        "Event Start Date": asked.isoformat(),
        "Event End Date": assessed.isoformat(),
        "Event Outcome": "Progress to support planning or services",
        "Assessment Type": "Short term assessment",
        "Eligible Needs Identified": "Yes",
    }
    is_reablement = person.is_known_to(places.HOME_FIRST)
    kind = "Short Term Support: ST-Max" if is_reablement else "Long Term Support: Community"
    component = "Reablement" if is_reablement else "Home support or domiciliary care"
    yield {
        **about,
        "Event Type": "Service",
        "Event Reference": f"S{person.number:05}",
        "Event Start Date": begun.isoformat(),
        "Service Type": kind,
        "Service Component": component,
        "Delivery Mechanism": "Community: CASSR Commissioned Support",
    }


def _route(person: Person) -> str:
    if person.is_known_to(places.HOSPITAL):
        return "Discharge from hospital"
    return "Community / Other route"


def _person(person: Person, dice: Dice) -> dict[str, str]:
    return {
        "LA Code": "999",
        "Reporting Period Start Date": _YEAR_START.isoformat(),
        "Reporting Period End Date": _QUARTER_END.isoformat(),
        "NHS Number": person.nhs_number,
        "LA Person Unique Identifier": local_number(person, places.COUNCIL),
        "First Name": person.given,
        "Last Name": person.family,
        "GP Practice Code": person.practice.code,
        "Gender": person.gender.capitalize(),
        "Date of Birth": person.born.isoformat(),
        "Client Type": "Service user",
        "Primary Support Reason": dice.one_of(_REASONS),
        "Postcode": "" if person.sensitivity else person.postcode,
    }
