"""The person's choice about sharing what the hospital holds: ZU8-2 to a strict Consent.

In      ZU8-2: 1 consent, 2 dissent, 3 not known, `""` taken back; EVN-6, EVN-2, MSH-7.
Out     One Consent for each person: a refusal, active while in force.
Rule    It states a refusal and nothing else, as the one made of a GP record does: a permit
        limited to this hospital would hide every other source. The newest message that says
        anything decides; one that says nothing changes nothing. A word that is not in the table
        quarantines the message. ZU8-3 is about the national summary and decides nothing here.
Source  HL7 UK A.3 (ZU8).
"""

from collections.abc import Iterator
from typing import Final

from mappings.core.model import systems
from mappings.core.model.codes import CodeTable, Concept
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target, joined_key, local_reference
from mappings.hospital.message import times
from mappings.hospital.message.fields import first
from mappings.hospital.rows.identity import segment
from mappings.hospital.rows.sensitivity import CLEARED
from mappings.hospital.rows.whole import person_id
from mappings.terms.access import Category

_POLICY: Final = f"{systems.OWN}/policy/hospital-local-sharing"
_PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_SCOPE: Final = Concept(systems.CONSENT_SCOPE, "patient-privacy", "Privacy Consent")
_CONSENT: Final = Concept(systems.LOINC, "59284-0", "Patient Consent")
_CUSTODIAN: Final = Concept(_PARTICIPATION, "CST", "custodian")
_RECIPIENT: Final = Concept(_PARTICIPATION, "IRCP", "information recipient")

_THIS_HOSPITAL: Final = {
    "identifier": {"system": systems.ODS, "value": systems.SOURCE_ORGANISATION},
    "type": "Organization",
}
"""The organisation that sends, as the store knows it: what a message calls itself decides
nothing."""

CHOICE: Final = CodeTable(
    source="HL7 UK A.3 ZU8-2, consent to share; taken back where it is deleted",
    rows={"1": "inactive", "2": "active", "3": "proposed", "taken back": "inactive"},
    required=True,
)


def has_choice(scope: Scope) -> bool:
    """Whether the message says anything of the person's choice."""
    return bool(scope.element.get("2"))


def sharing_key(scope: Scope) -> str:
    """One refusal for a person, in force or not."""
    return joined_key(person_id(scope), "consent", "local-sharing")


def choice(scope: Scope) -> Iterator[Found]:
    """ZU8-2."""
    said = scope.element["2"]
    steps = (*scope.here.steps, "2")
    yield Found(steps, "taken back" if said.strip() == CLEARED else first(said) or said)


def stated(scope: Scope) -> Iterator[Found]:
    """EVN-6, else EVN-2, else MSH-7: the first that can be read."""
    for name, field in (("EVN", "6"), ("EVN", "2"), ("MSH", "7")):
        value = segment(scope.facts, name).get(field)
        if value and times.ordering(value):
            yield Found((name, 0, field), value)
            return


def the_person(scope: Scope) -> Iterator[Found]:
    """The person, who stated it."""
    steps = (*scope.here.steps, "2")
    yield Found(steps, {"reference": local_reference("Patient", person_id(scope))})


CONSENT: Final = Target(
    "Consent",
    name="sharing",
    each="ZU8[]",
    when=has_choice,
    key=sharing_key,
    category=Category.CONSENT,
    reads=("ZU8[].2", "EVN[].2", "EVN[].6", "MSH[].7"),
    rows=(
        Row("sharing.status", "status", gather=choice, table=CHOICE, must=True),
        Row("sharing.scope", "scope", value=_SCOPE.concept(), why="who may see this record"),
        Row("sharing.category", "category[0]", value=_CONSENT.concept(), why="R4 needs one"),
        Row("sharing.when", "dateTime", gather=stated, fn=times.when, must=True),
        Row("sharing.by", "performer[0]", gather=the_person, must=True),
        Row("sharing.kept", "organization[0]", value=_THIS_HOSPITAL, why="who sends"),
        Row("sharing.policy", "policy[0].uri", value=_POLICY, why="consent to share, ZU8-2"),
        Row("sharing.type", "provision.type", value="deny", why="it states a refusal"),
        Row("sharing.role", "provision.actor[0].role", value=_CUSTODIAN.concept(),
            why="whose data is meant, not who asks"),
        Row("sharing.whose", "provision.actor[0].reference", value=_THIS_HOSPITAL,
            why="the data of the hospital that sends"),
        Row("sharing.own.type", "provision.provision[0].type", value="permit",
            why="the hospital itself keeps seeing what it holds"),
        Row("sharing.own.role", "provision.provision[0].actor[0].role",
            value=_RECIPIENT.concept(), why="who asks: the hospital itself"),
        Row("sharing.own.who", "provision.provision[0].actor[0].reference",
            value=_THIS_HOSPITAL, why="the hospital that sends"),
    ),
)  # fmt: skip
