"""A choice about sharing that a hospital sends takes effect, on the hospital's own data alone."""

from collections import Counter

import pytest

from tests.api.service import resources
from tests.api.world import ALICE, HOSPITAL, NORMA

HL7 = "application/hl7-v2"


def _message(day: int, choice: str | None) -> bytes:
    said = [] if choice is None else [f"ZU8||{choice}"]
    lines = [
        f"MSH|^~\\&|PAS|R0A|GW|SWL|202610{day:02d}090000||ADT^A01|A-{day}|P|2.4",
        f"EVN|A01|202610{day:02d}090000",
        f"PID|1||77^^^RAX^MR~{ALICE['nhs_number']}^^^NHS^NH||THORNBURY^Alice||19800229|2",
        "PV1|1|I|Astor||||||||||||||||SP-1|||||||||||||||||||||||||20261001083000",
        "AL1|1|DA|^Penicillin",
        *said,
    ]
    return "\r".join(lines).encode()


def _seen(gateway, world, who):
    """How many resources of each type, but of what says the choice itself."""
    answer = gateway.get(f"Patient/{world.alice}/$everything?_count=500", who)
    types = Counter(one["resourceType"] for one in resources(answer.json()))
    return {name: count for name, count in types.items() if name != "Consent"}


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_the_newest_choice_holds_whatever_came_first(gateway, world, order):
    sent = {1: "1", 2: "2", 3: None}
    gateway.push("hospital", HOSPITAL, _message(1, None), HL7)
    before = _seen(gateway, world, world.gp)
    assert before["Encounter"] == 1
    for day in order:
        gateway.push("hospital", HOSPITAL, _message(day + 1, sent[day]), HL7)
    without = {name: count for name, count in before.items() if name != "Encounter"}
    assert _seen(gateway, world, world.gp) == without, "what protects her stays"
    assert _seen(gateway, world, world.doctor)["Encounter"] == 1, "the hospital keeps its own"
    gateway.push("hospital", HOSPITAL, _message(9, "1"), HL7)
    assert _seen(gateway, world, world.gp) == before


def test_a_message_speaks_for_no_other_organisation(gateway, world):
    """MSH-4 names another organisation; the choice is about the data of the one that sends."""
    gateway.push("hospital", HOSPITAL, _message(2, "2"), HL7)
    (consent,) = world.of("Consent", world.alice, world.doctor)
    assert HOSPITAL in str(consent["provision"])
    assert "R0A" not in str(consent["provision"])
    assert world.of("Condition", world.norma, world.gp), NORMA["family"]
