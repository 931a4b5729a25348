"""Orders, results, documents and appointments: each order of arrival gives one state."""

import asyncio
import base64
import itertools
from typing import Any

import pytest

from tests.integration.taking import (
    Delivery,
    all_taken,
    opened,
    provider,
    resources,
    state_of,
    upgraded,
    wiped,
)
from tests.sampling import part

_PID = "PID|1||5500900^^^RAX^MR~9990000077^^^NHS^NH||MARSH^Edwin^^^Mr^^L||19510622|1"
_PDF = base64.b64encode(b"%PDF-1.4 invented").decode()


def _message(kind: str, at: str, *segments: str, user: str = "") -> Delivery:
    head = f"MSH|^~\\&|EPR|RAX|GW|SWL|{at}|{user}|{kind}|{kind}-{at}|P|2.4"
    return Delivery("hospital", "\r".join((head, _PID, *segments)).encode(), name=f"{kind} {at}")


def _order(
    control: str, number: str, day: int, what: str, section: str, *notes: str, user: str = ""
) -> Delivery:
    at = f"202610{day:02}090000"
    segments = (
        f"ORC|{control}|{number}^EPR|||||^^^20261001083000||{at}",
        f"OBR|1|{number}^EPR||^^^^{what}{'|' * 20}{section}",
        *(f"NTE|{place}||{note}" for place, note in enumerate(notes, 1)),
    )
    return _message("ORM^O01", at, *segments, user=user)


def _decision(control: str, number: str, day: int, what: str, *notes: str, user: str = ""):
    return _order(control, number, day, what, "Resus Status", *notes, user=user)


def _consult(control: str, number: str, day: int, *notes: str, user: str = "") -> Delivery:
    return _order(control, number, day, "IP CON FRAILTY", "Consult", *notes, user=user)


def _result(day: int, *observed: str, state: str = "F") -> Delivery:
    at = f"202610{day:02}100000"
    report = f"OBR|1||26H1|FBC^Blood count^L|||20261001070000{'|' * 15}{at}||HM|{state}"
    return _message("ORU^R01", at, report, *observed)


def _document(trigger: str, day: int, number: str, text: str = "", rest: str = "") -> Delivery:
    at = f"202610{day:02}110000"
    header = f"TXA|1|18776-5^Plan of care^LN|TX||||||||| {number}^EPR|{rest}".replace(" ", "")
    lines = (f"OBX|1|TX|X^Plan^L||{text}",) if text else ()
    return _message(f"MDM^{trigger}", at, header, *lines)


def _meeting(trigger: str, day: int, on: int, rest: str = "") -> Delivery:
    at, start = f"202610{day:02}120000", f"202611{on:02}093000"
    held = f"SCH||A-1^PAS||||{rest}|FUP^Follow-up^L||30|min|^^^{start}"
    return _message(f"SIU^{trigger}", at, held)


SENT = {
    "decisions": [
        _decision("NW", "1", 1, "DNACPR", "Name of Nurse in Charge?->Adeyemi, Tola"),
        _decision("NW", "2", 2, "FULL ACTIVE TREATMENT"),
        _decision("OC", "1", 3, "DNACPR"),
        _decision("NW", "3", 4, "DNACPR", "Review date?->Indefinite"),
        _decision("OC", "3", 5, "DNACPR", user="DISCHAUTO"),
    ],
    "consults": [
        _consult("NW", "7", 1, "Reason for Consult?->Two falls"),
        _consult("NW", "8", 2),
        _consult("OC", "7", 3),
        _consult("OC", "8", 4, user="DISCHAUTO"),
    ],
    "results": [
        _result(1, "OBX|1|NM|HB^Hb^L||112|g/L||||P", state="P"),
        _result(2, "OBX|1|NM|HB^Hb^L||121|g/L||||C", "OBX|2|NM|WCC^WCC^L||9|x||||F", state="C"),
        _result(3, f"OBX|1|ED|D^Report^L||L^application^pdf^Base64^{_PDF}||||||F"),
        _result(4, f"OBX|1|ED|D^Report^L||L^application^pdf^Base64^{_PDF}||||||F", state="C"),
    ],
    "documents": [
        _document("T02", 1, "D-1", "Prefers to be at home"),
        _document("T10", 2, "D-2", "Prefers the hospice", rest="D-1^EPR"),
        _document("T03", 3, "D-2", rest="|||LA"),
        _document("T11", 4, "D-2"),
    ],
    "appointments": [
        _meeting("S12", 1, 3),
        _meeting("S15", 2, 3, "PAT^Patient asked^L"),
        _meeting("S13", 3, 10),
        _meeting("S26", 4, 10, "DNA^Did not attend^L"),
    ],
}


async def _each_order(url: str, keys: Any, sent: list[Delivery], *, whole: bool) -> list[Any]:
    orders = list(itertools.permutations(range(len(sent))))
    orders += [(*order, *order[::-1]) for order in orders[::9]]
    made = []
    async with opened(url, keys) as store:
        for order in part(orders, 8, whole=whole):
            answers = await all_taken(store, [sent[number] for number in order])
            assert all(answer["status"] == "taken" for answer in answers), answers
            made.append((order, await state_of(store)))
            await wiped(store)
    return made


@pytest.mark.parametrize("about", SENT)
def test_each_order_of_arrival_gives_one_state(about, database_url, tmp_path, whole):
    upgraded(database_url)
    keys = provider(tmp_path)
    made = asyncio.run(_each_order(database_url, keys, SENT[about], whole=whole))
    _, first = made[0]
    assert len(first.standing) > 1
    for order, state in made[1:]:
        assert state == first, order


def _standing(sent: list[Delivery], tmp_path) -> dict[str, list[dict[str, Any]]]:
    """By type, what stands after some deliveries in one order."""

    async def scenario() -> dict[str, Any]:
        url = upgraded(f"sqlite:///{tmp_path}/x.db")
        async with opened(url, provider(tmp_path)) as store:
            await all_taken(store, sent)
            return await resources(store)

    made: dict[str, list[dict[str, Any]]] = {}
    for name, (body, _) in sorted(asyncio.run(scenario()).items()):
        made.setdefault(name.partition("/")[0], []).append(body)
    return made


def _states(held: list[dict[str, Any]]) -> dict[str, str]:
    return {one["identifier"][0]["value"]: one["status"] for one in held}


def test_a_newer_decision_withdraws_the_one_before(tmp_path):
    stands = _standing(SENT["decisions"][:2], tmp_path)
    assert _states(stands["Consent"]) == {"2": "inactive"}
    assert _states(stands["CarePlan"]) == {"2": "active"}
    assert "CareTeam" not in stands


def test_a_decision_that_the_system_closes_stays_in_force_to_be_reviewed(tmp_path):
    stands = _standing(SENT["decisions"], tmp_path)
    assert _states(stands["Consent"]) == {"1": "inactive", "3": "active"}
    assert _states(stands["CarePlan"]) == {"1": "revoked", "3": "completed"}
    closed = next(plan for plan in stands["CarePlan"] if plan["status"] == "completed")
    assert closed["activity"][0]["detail"]["scheduledString"] == "Indefinite"
    assert "review it" in closed["note"][-1]["text"]


def test_ending_an_older_order_leaves_the_newer_decision_in_force(tmp_path):
    sent = SENT["decisions"]
    stands = _standing([sent[0], sent[3], _decision("OC", "1", 5, "DNACPR")], tmp_path)
    assert _states(stands["Consent"]) == {"1": "inactive", "3": "active"}


def test_closing_an_older_order_at_discharge_does_not_bring_it_back(tmp_path):
    sent = SENT["decisions"]
    closing = _decision("OC", "1", 6, "DNACPR", user="DISCHAUTO")
    stands = _standing([sent[0], sent[1], closing], tmp_path)
    assert _states(stands["Consent"]) == {"2": "inactive"}


def test_the_same_document_sent_twice_is_kept_once(tmp_path):
    stands = _standing(SENT["results"], tmp_path)
    (document,) = stands["DocumentReference"]
    assert document["content"][0]["attachment"]["data"] == _PDF
    assert [one["status"] for one in stands["DiagnosticReport"]] == ["corrected"]
    assert sorted(one["valueQuantity"]["value"] for one in stands["Observation"]) == [9, 121]


def test_consults_are_actions_of_one_plan(tmp_path):
    stands = _standing(SENT["consults"], tmp_path)
    assert _states(stands["ServiceRequest"]) == {"7": "revoked", "8": "completed"}
    (plan,) = stands["CarePlan"]
    asked = {f"ServiceRequest/{one['id']}" for one in stands["ServiceRequest"]}
    assert {one["reference"]["reference"] for one in plan["activity"]} == asked


def test_a_missed_appointment_keeps_its_later_time(tmp_path):
    (stands,) = _standing(SENT["appointments"], tmp_path)["Appointment"]
    assert (stands["status"], stands["start"][:10]) == ("noshow", "2026-11-10")
    again = tmp_path / "again"
    again.mkdir()
    (booked,) = _standing(SENT["appointments"][:3], again)["Appointment"]
    assert booked["status"] == "booked"
    assert "cancelationReason" not in booked
