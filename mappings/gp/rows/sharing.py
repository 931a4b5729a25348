"""Refusals to share what a practice holds: to Consents in the strict profile.

In      The choice about sharing the record locally; the Consents that are about privacy.
Rule    The Consent states a refusal and nothing else: active while in force, inactive once the
        person has agreed. A permit limited to this practice would hide every other source.
        It is about what the practice holds, whoever sends that for it.
        A Consent in force that cannot be computed is such a refusal, beside what was taken of it
        before; the same one, sent so that it is taken or not in force, ends that.
"""

from collections.abc import Iterator
from typing import Final

from mappings.core.model import dates, systems
from mappings.core.model.codes import Concept
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target, joined_key, local_reference
from mappings.core.shaping.identifiers import organisation
from mappings.gp.assemble.sharing import when_stated
from mappings.gp.codes import states
from mappings.gp.rows.looking_up import assembled, is_taken
from mappings.gp.rows.plan import DERIVED
from mappings.terms.access import Category

_POLICY: Final = f"{systems.OWN}/policy/gp-local-sharing"
_UNREAD: Final = f"{systems.OWN}/policy/gp-consent-unread"
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


_SENDER: Final = {
    "type": "Organization",
    "identifier": {"system": systems.ODS, "value": systems.SOURCE_ORGANISATION},
}
"""The organisation that sends, as the store knows it: what it holds bears its name."""


def stated(scope: Scope) -> Iterator[Found]:
    """When it was stated, else when it was recorded, else when the record was made."""
    made = assembled(scope)
    yield Found(scope.here.steps, when_stated(scope.element, made.record.made_on))


def limits(scope: Scope) -> Iterator[Found]:
    """The Consents about privacy, where practice and time are known: one that closes and lacks
    them stops the record."""
    record = assembled(scope).record
    for limit in assembled(scope).limits.values():
        consent = record.get(limit.steps)
        if is_taken(scope) and record.practice and when_stated(consent, record.made_on):
            yield Found(limit.steps, consent)


def limit_key(scope: Scope) -> str:
    """One for each name of a Consent."""
    made = assembled(scope)
    name = next(name for name, one in made.limits.items() if one.steps == scope.here.steps)
    return joined_key(made.record.person, "consent", "unread", name)


def limit_state(scope: Scope) -> Iterator[Found]:
    """Whether it closes what the practice holds."""
    here = scope.here.steps
    closes = any(one.closes for one in assembled(scope).limits.values() if one.steps == here)
    yield Found((*here, "status"), "active" if closes else "inactive")


def _refusal(stem: str, policy: str, why: str) -> tuple[Row, ...]:
    """What every refusal says: nobody sees what the practice holds but itself."""
    return (
        Row(f"{stem}.scope", "scope", value=Concept(
            systems.CONSENT_SCOPE, "patient-privacy", "Privacy Consent").concept(),
            why="who may see this record"),
        Row(f"{stem}.category", "category[0]", value=_CONSENT.concept(), why="R4 needs one"),
        Row(f"{stem}.when", "dateTime", gather=stated, fn=dates.fhir_date_time, must=True),
        Row(f"{stem}.by", "performer[0]", gather=the_person, must=True),
        Row(f"{stem}.kept", "organization[0]", gather=the_practice),
        Row(f"{stem}.policy", "policy[0].uri", value=policy, why=why),
        Row(f"{stem}.type", "provision.type", value="deny", why="it states a refusal"),
        Row(f"{stem}.role", "provision.actor[0].role", value=_CUSTODIAN.concept(),
            why="whose data is meant, not who asks"),
        Row(f"{stem}.whose", "provision.actor[0].reference", gather=the_practice, must=True),
        Row(f"{stem}.sender.role", "provision.actor[1].role", value=_CUSTODIAN.concept(),
            why="whose data is meant, not who asks"),
        Row(f"{stem}.sender", "provision.actor[1].reference", value=_SENDER,
            why="who sends for the practice is who the data is known by here"),
        Row(f"{stem}.own.type", "provision.provision[0].type", value="permit",
            why="the practice itself keeps seeing what it holds"),
        Row(f"{stem}.own.role", "provision.provision[0].actor[0].role",
            value=_RECIPIENT.concept(), why="who asks: the practice itself"),
        Row(f"{stem}.own.who", "provision.provision[0].actor[0].reference",
            gather=the_practice, must=True),
    )  # fmt: skip


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
        *_refusal("consent", _POLICY, "upload to the local shared record, as GP systems record it"),
    ),
)  # fmt: skip

UNREAD: Final = Target(
    "Consent",
    name="Consent unread",
    each=limits,
    key=limit_key,
    category=Category.CONSENT,
    rows=(
        Row("unread.status", "status", gather=limit_state, must=True,
            why="in force until the Consent is taken, or is not in force"),
        *_refusal("unread", _UNREAD, "a Consent that cannot be computed counts as a refusal"),
    ),
)  # fmt: skip
