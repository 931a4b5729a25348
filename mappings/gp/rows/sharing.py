"""The choice about sharing the record locally: to a Consent in the strict profile.

Rule    The Consent states a refusal and nothing else: active while in force, inactive once the
        person has agreed. A permit limited to this practice would hide every other source.
"""

from collections.abc import Iterator
from typing import Final

from mappings.core import dates, systems
from mappings.core.codes import Concept
from mappings.core.identifiers import organisation
from mappings.core.paths import Found, Scope
from mappings.core.rows import Row, Target, local_reference
from mappings.gp.assemble.sharing import when_stated
from mappings.gp.codes import states
from mappings.gp.rows.looking_up import (
    assembled,
)
from mappings.gp.rows.plan import DERIVED
from mappings.terms.access import Category

_POLICY: Final = f"{systems.OWN}/policy/gp-local-sharing"
_CONSENT: Final = Concept("http://loinc.org", "59284-0", "Patient Consent")
_CUSTODIAN: Final = Concept(
    "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "CST", "custodian"
)

_RECIPIENT: Final = Concept(
    "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP", "information recipient"
)


def sharing(scope: Scope) -> Iterator[Found]:
    """The choice in force about sharing this record locally."""
    made = assembled(scope)
    if made.sharing and made.record.practice and not made.stopped:
        yield Found(made.sharing.steps, made.record.get(made.sharing.steps))


def sharing_key(scope: Scope) -> str:
    """One refusal for a person, in force or withdrawn."""
    return f"{assembled(scope).record.person}|consent|local-sharing"


def sharing_state(scope: Scope) -> Iterator[Found]:
    """Whether the refusal is in force."""
    made = assembled(scope).sharing
    if made:
        yield Found((*made.steps, "status"), made.choice)


def the_person(scope: Scope) -> Iterator[Found]:
    """The person, who stated it."""
    record = assembled(scope).record
    yield Found(("Patient",), {"reference": local_reference("Patient", record.person)})


def the_practice(scope: Scope) -> Iterator[Found]:
    """The practice whose data it is about."""
    record = assembled(scope).record
    if record.practice:
        yield Found(("Patient", "managingOrganization"), organisation(record.practice))


def stated(scope: Scope) -> Iterator[Found]:
    """When it was stated, else when it was recorded, else when the record was made."""
    made = assembled(scope)
    yield Found(scope.here.steps, when_stated(scope.element, made.record.made_on))


CONSENT: Final = Target(
    "Consent",
    each=sharing,
    key=sharing_key,
    category=Category.CONSENT,
    rows=(
        Row("consent.derived", "meta.tag[+]", value=DERIVED, why="made of coded entries"),
        Row("consent.status", "status", gather=sharing_state, table=states.CONSENT_STATUS,
            must=True, why="the Consent states a refusal: active while in force, inactive after"
            " the person has agreed. A permit limited to this practice would hide all others."),
        Row("consent.scope", "scope", value=Concept(
            systems.CONSENT_SCOPE, "patient-privacy", "Privacy Consent").concept(),
            why="who may see this record"),
        Row("consent.category", "category[0]", value=_CONSENT.concept(), why="R4 needs one"),
        Row("consent.when", "dateTime", gather=stated, fn=dates.fhir_date_time, must=True),
        Row("consent.by", "performer[0]", gather=the_person, must=True),
        Row("consent.kept", "organization[0]", gather=the_practice),
        Row("consent.policy", "policy[0].uri", value=_POLICY,
            why="upload to the local shared record, as GP systems record it"),
        Row("consent.type", "provision.type", value="deny", why="it states a refusal"),
        Row("consent.role", "provision.actor[0].role", value=_CUSTODIAN.concept(),
            why="whose data is meant, not who asks"),
        Row("consent.whose", "provision.actor[0].reference", gather=the_practice, must=True),
        Row("consent.own.type", "provision.provision[0].type", value="permit",
            why="the practice itself keeps seeing what it holds"),
        Row("consent.own.role", "provision.provision[0].actor[0].role",
            value=_RECIPIENT.concept(), why="who asks: the practice itself"),
        Row("consent.own.who", "provision.provision[0].actor[0].reference",
            gather=the_practice, must=True),
    ),
)  # fmt: skip
