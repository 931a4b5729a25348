"""A resuscitation decision is about treatment: it closes nothing, and no dissent hides it."""

import pytest

from tests.api.consents import against, dissent
from tests.api.service import resources
from tests.api.world import ALICE, COUNCIL, HOSPITAL

_HL7 = "x-application/hl7-v2+er7"


def _message(kind, *segments):
    number, family, born = ALICE["nhs_number"], ALICE["family"], ALICE["born"].replace("-", "")
    head = f"MSH|^~\\&|EPR|RAX|GW|SWL|20261005120000||{kind}|{kind}|P|2.4"
    person = f"PID|1||77^^^RAX^MR~{number}^^^NHS^NH||{family}^Alice||{born}|2"
    return "\r".join((head, person, *segments)).encode()


DECISION = _message(
    "ORM^O01",
    "ORC|NW|7001^EPR|||||^^^20261005113000^^R||20261005120000",
    "OBR|1|7001^EPR||^^^^DNACPR||||||||||||||||||||Resus Status",
    "NTE|1||Name of responsible consultant:->RAHMAN, LEILA",
)
MEETING = _message(
    "SIU^S12",
    "SCH||A-1^PAS|||||FUP^Follow-up^L||30|min|^^^20261201093000",
    "AIL|1||CLINIC 4^^^RAX",
)
RESULT = _message(
    "ORU^R01",
    "OBR|1||26H1|FBC^Blood count^L|||20261001070000",
    "OBX|1|NM|HB^Hb^L||112|g/L||||F",
)


def _everything(gateway, person, who):
    held = resources(gateway.get(f"Patient/{person}/$everything", who).json())
    return {f"{one['resourceType']}/{one['id']}": one for one in held}


@pytest.fixture
def decided(gateway, world):
    before = _everything(gateway, world.alice, world.gp)
    gateway.push("hospital", HOSPITAL, DECISION, _HL7)
    return before


def test_it_is_shown_and_hides_nothing(gateway, world, decided):
    after = _everything(gateway, world.alice, world.gp)
    assert set(decided) < set(after)
    new = {after[name]["resourceType"] for name in set(after) - set(decided)}
    assert {"Consent", "CarePlan", "CareTeam"} <= new
    (found,) = world.of("Consent", world.alice, world.gp)
    assert found["scope"]["coding"][0]["code"] == "adr"
    assert (found["status"], found["provision"]["type"]) == ("active", "deny")


def test_a_dissent_leaves_it_in_place(gateway, world, decided):
    assert world.of("Consent", world.alice, world.social_worker)
    gateway.create(dissent(world.alice, **against(COUNCIL)), world.gp)
    left = _everything(gateway, world.alice, world.social_worker)
    assert {"CarePlan", "CareTeam"}.isdisjoint(one["resourceType"] for one in left.values())
    (stays,) = [one for one in left.values() if one["resourceType"] == "Consent"]
    assert stays["category"][0]["coding"][0]["code"] == "dnr"


@pytest.mark.parametrize(("sent", "kind"), [(MEETING, "Appointment"), (RESULT, "DiagnosticReport")])
def test_new_types_are_read_and_stand_in_the_record(gateway, world, sent, kind):
    gateway.push("hospital", HOSPITAL, sent, _HL7)
    held = _everything(gateway, world.alice, world.gp)
    (name,) = [name for name in held if name.startswith(f"{kind}/")]
    answer = gateway.get(name, world.gp)
    assert answer.status_code == 200
    assert answer.json()["resourceType"] == kind
    assert f'"{kind}"' in gateway.get("metadata", world.gp).text
