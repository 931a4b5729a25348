"""How a push is answered: HL7 v2 to those who ask for it, the whole shape while it waits."""

import io
import json
import zipfile

import pytest

from gateway.flows.asking.search_log import Operator
from gateway.flows.feeds.discard import discard
from gateway.flows.feeds.feed_errors import Choice, chosen
from gateway.flows.intake.delivery_answer import accepted
from mappings.registry import FEEDS
from tests.golden.cases import GOLDEN

ADT = next((GOLDEN / "hospital/minimal/input").iterdir()).read_bytes()
PLAN = (GOLDEN / "social-care/minimal/input/plan.json").read_bytes()
OTHER = b"MSH|^~\\&|A|B|C|D|20260101||BAR^P01|77|P|2.5\rPID|1||7\r"
HL7 = "x-application/hl7-v2+er7"


def _push(gateway, feed, body, **headers):
    who = gateway.token("provider", "system", "RAX", feeds=[feed])
    return gateway.ask("POST", f"/feeds/{feed}", who, content=body, headers=headers)


def _segments(answer, name):
    return [line.split("|") for line in answer.text.split("\r") if line.startswith(name)]


def test_each_message_is_acknowledged(gateway):
    both = ADT.rstrip() + b"\r" + OTHER
    answer = _push(gateway, "hospital", both, Accept=HL7)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == HL7
    assert [msa[1] for msa in _segments(answer, "MSA")] == ["AA", "AE"]
    assert _segments(answer, "MSA")[1][2] == "77"
    (err,) = _segments(answer, "ERR")
    assert err[2].startswith("MSH^1^9")
    assert err[3].startswith("201^")
    controls = [msh[9] for msh in _segments(answer, "MSH")]
    assert len(set(controls)) == 2
    assert all(0 < len(one) <= 20 for one in controls)


def test_what_is_not_hl7_is_rejected_in_hl7(gateway):
    answer = _push(gateway, "hospital", b"rubbish of Norma", Accept=HL7)
    assert answer.status_code == 400
    assert [msa[1] for msa in _segments(answer, "MSA")] == ["AR"]
    assert "Norma" not in answer.text


def test_what_is_kept_for_later_is_acknowledged_as_kept(gateway):
    body = ADT.replace(b"|P|2.", b"|T|2.")
    answer = _push(gateway, "hospital", body, Accept=HL7, Prefer="respond-async")
    assert answer.status_code == 202
    assert [msa[1] for msa in _segments(answer, "MSA")] == ["CA"]


@pytest.mark.parametrize(("feed", "accept"), [("hospital", "*/*"), ("social-care", HL7)])
def test_others_are_answered_in_json(gateway, feed, accept):
    body = ADT if feed == "hospital" else PLAN
    answer = _push(gateway, feed, body, Accept=accept)
    assert answer.json()["delivery"]


def test_a_waiting_delivery_answers_the_whole_shape(gateway):
    body = json.dumps(json.loads(PLAN) | {"written_at": "2026-10-02T09:00:00Z"}).encode()
    first = _push(gateway, "social-care", body, Prefer="respond-async").json()
    who = gateway.token("provider", "system", "RAX", feeds=["social-care"])
    later = gateway.get(f"/feeds/social-care/deliveries/{first['delivery']}", who)
    assert later.json() == first == accepted(first["delivery"])


@pytest.mark.parametrize("method", [8, 12, 14])
def test_a_damaged_archive_is_a_bad_request(gateway, method):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        archive.writestr("plan.json", PLAN)
    damaged = bytearray(made.getvalue())
    for place in range(60, len(damaged) - 120):
        damaged[place] ^= 0x5A
    answer = _push(gateway, "social-care", bytes(damaged))
    assert answer.status_code == 400
    assert "the archive cannot be read" in answer.text


def test_what_was_discarded_is_answered_so_however_it_is_asked_for(gateway):
    unnamed = json.dumps(json.loads(PLAN) | {"person": {"family_name": "ASHDOWN"}}).encode()
    first = _push(gateway, "social-care", unnamed).json()
    assert first["status"] == "quarantined"
    choice = Choice(FEEDS, "RAX", first["delivery"])
    operator = Operator("an-operator", gateway.at)
    done = gateway.run(discard(gateway.site.store, choice, operator, "not ours"))
    assert done["discarded"] == 1
    again = _push(gateway, "social-care", unnamed)
    assert (again.status_code, again.json()["status"]) == (202, "discarded")
    who = gateway.token("provider", "system", "RAX", feeds=["social-care"])
    later = gateway.get(f"/feeds/social-care/deliveries/{first['delivery']}", who).json()
    assert later == again.json() | {"duplicate": False}
    assert later["issues"][-1]["code"] == "discarded"
    assert "not ours" not in json.dumps(later)


def test_what_was_refused_says_why_when_it_is_asked_for(gateway):
    assert _push(gateway, "social-care", b"rubbish of Norma").status_code == 400
    choice = Choice(FEEDS, "RAX")

    async def held():
        return [one async for one in chosen(gateway.site.store.engine, choice)]

    (one,) = gateway.run(held())
    who = gateway.token("provider", "system", "RAX", feeds=["social-care"])
    told = gateway.get(f"/feeds/social-care/deliveries/{one.delivery_id}", who).json()
    assert (told["status"], told["issues"][0]["code"]) == ("refused", "structure")
    assert "Norma" not in json.dumps(told)
