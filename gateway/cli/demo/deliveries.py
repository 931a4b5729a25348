"""Everything the borough's systems push: which feed, from whom, which bytes.

In      A borough.
Out     Deliveries in two waves: practices first, so that everybody is known; then the others.
Rule    Norma's hospital messages come one by one, everybody else's in one batch file.
Pure    Yes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.cli.demo import places
from gateway.cli.demo.council_return import client_level_data
from gateway.cli.demo.datasets import community_submission, mental_health_submission
from gateway.cli.demo.gp import structured_record
from gateway.cli.demo.hospital import batch_of, messages_about
from gateway.cli.demo.people import Borough
from gateway.cli.demo.social_care import support_plan

FHIR = "application/fhir+json"
HL7 = "x-application/hl7-v2+er7"
ZIP = "application/zip"
CSV = "text/csv"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One body that a provider system pushes."""

    feed: str
    org: str
    media_type: str
    body: bytes
    about: int = 0
    """Number of the person, where it is about one."""


def from_practices(borough: Borough) -> Iterator[Delivery]:
    """The record of each person, from their practice."""
    for person in borough.people:
        body = structured_record(person, borough.seed)
        yield Delivery("gp", person.practice.code, FHIR, body, person.number)


def from_others(borough: Borough) -> Iterator[Delivery]:
    """What hospital, community, mental health, council and care providers send."""
    yield from _hospital(borough)
    seed = borough.seed
    known = borough.known_to
    community = community_submission(known(places.COMMUNITY), seed)
    yield Delivery("community", places.COMMUNITY.code, ZIP, community)
    mental = mental_health_submission(known(places.MENTAL_HEALTH), seed)
    yield Delivery("mental-health", places.MENTAL_HEALTH.code, ZIP, mental)
    returned = client_level_data(known(places.COUNCIL), seed)
    yield Delivery("social-care", places.COUNCIL.code, CSV, returned)
    for provider in places.PROVIDERS:
        if provider.feed == "social-care":
            for person in known(provider):
                body = support_plan(person, provider, seed)
                yield Delivery("social-care", provider.code, JSON, body, person.number)


def _hospital(borough: Borough) -> Iterator[Delivery]:
    norma = borough.by_role["norma"]
    for message in messages_about(norma, borough.seed):
        yield Delivery("hospital", places.HOSPITAL.code, HL7, message, norma.number)
    others = [one for one in borough.known_to(places.HOSPITAL) if one is not norma]
    yield Delivery("hospital", places.HOSPITAL.code, HL7, batch_of(others, borough.seed))
