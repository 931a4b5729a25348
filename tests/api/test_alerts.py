"""Alerts: seen by who looks at them, by reference; settled with a reason; told in files."""

import json
from datetime import timedelta

import pytest

from gateway.flows.access.tell_alerts import tell_alerts
from tests.api.opened import WHY, alert_rows, break_glass, post, self_claim
from tests.api.service import is_outcome
from tests.api.world import BOB, COUNCIL, HOSPITAL, NORMA

LOOKED_AT = "rang the ward, the visit is in the diary"


@pytest.fixture
def officer(gateway):
    return gateway.token("privacy-officer", "po-1", HOSPITAL)


@pytest.fixture
def alert(gateway, world) -> str:
    assert break_glass(gateway, world.doctor, world.norma).status_code == 201
    return alert_rows(gateway)[0].alert_id


def test_an_alert_names_nobody_and_is_due(gateway, world, officer, alert):
    before = gateway.size()
    answer = gateway.get("/ig/alerts", officer)
    (one,) = answer.json()["alerts"]
    assert one == {
        "alert": alert,
        "kind": "break-glass",
        "organisation": HOSPITAL,
        "raised": "2026-11-21T12:00:00Z",
        "due": "2026-11-28T12:00:00Z",
        "status": "open",
        "overdue": False,
    }
    assert [e.event for e in gateway.entries(before)] == ["audit-view"]
    gateway.at += timedelta(days=7, seconds=1)
    officer = gateway.token("privacy-officer", "po-1", HOSPITAL)
    assert gateway.get("/ig/alerts", officer).json()["alerts"][0]["overdue"] is True


def test_one_alert_leads_to_its_entry_and_the_words_and_the_look_is_recorded_first(
    gateway, world, officer, alert
):
    before = gateway.size()
    found = gateway.get(f"/ig/alerts/{alert}", officer).json()
    (looked,) = gateway.entries(before)
    assert (looked.event, looked.outcome) == ("audit-view", "served")
    (opened,) = [one for one in gateway.entries() if one.event == "break-glass-open"]
    assert looked.patient_ids == opened.patient_ids != ()
    assert alert in dict(looked.detail).values()
    assert found["words"] == WHY
    assert found["reason"] == "emergency"
    entry = gateway.get(f"AuditEvent/{found['entry']}", officer)
    assert entry.status_code == 200
    assert WHY not in entry.text


@pytest.mark.parametrize("role", ["gp", "receptionist", "hospital-doctor", "researcher"])
def test_a31_nobody_else_learns_of_an_alert(gateway, world, alert, role):
    who = gateway.token(role, "u-1", HOSPITAL)
    for path in ("/ig/alerts", f"/ig/alerts/{alert}", "/ig/alerts/none"):
        assert is_outcome(gateway.get(path, who), 403)
    answer = post(gateway, f"/ig/alerts/{alert}/dismiss", who, reason=LOOKED_AT)
    assert is_outcome(answer, 403)


def test_another_organisations_alert_is_as_none(gateway, world, alert):
    elsewhere = gateway.token("privacy-officer", "po-2", COUNCIL)
    assert gateway.get("/ig/alerts", elsewhere).json()["alerts"] == []
    missing = gateway.get("/ig/alerts/none", elsewhere)
    assert gateway.get(f"/ig/alerts/{alert}", elsewhere).content == missing.content
    settled = post(gateway, f"/ig/alerts/{alert}/dismiss", elsewhere, reason=LOOKED_AT)
    assert is_outcome(settled, 404)
    borough = gateway.token("borough-governance", "cg-1", "QWE")
    assert [one["alert"] for one in gateway.get("/ig/alerts", borough).json()["alerts"]] == [alert]


def test_an_alert_is_asked_about_and_settled_once_with_a_reason(gateway, world, officer, alert):
    before = gateway.size()
    asked = post(gateway, f"/ig/alerts/{alert}/ask", officer, reason=LOOKED_AT)
    assert asked.json()["status"] == "asked"
    done = post(gateway, f"/ig/alerts/{alert}/justify", officer, reason=LOOKED_AT)
    assert done.json()["status"] == "justified"
    again = post(gateway, f"/ig/alerts/{alert}/dismiss", officer, reason=LOOKED_AT)
    assert is_outcome(again, 400, "business-rule")
    entries = [(e.event, e.outcome) for e in gateway.entries(before)]
    assert entries == [("review", "stored"), ("review", "stored"), ("review", "failed")]
    assert LOOKED_AT not in repr(gateway.entries(before))
    assert gateway.get("/ig/alerts", officer).json()["alerts"] == []
    settled = gateway.get("/ig/alerts?settled=true", officer).json()["alerts"]
    assert [one["status"] for one in settled] == ["justified"]


def test_who_takes_an_alert_over_is_told_what_was_decided_on_it_by_whom_and_why(
    gateway, world, officer, alert
):
    other = gateway.token("privacy-officer", "po-2", HOSPITAL)
    self_claim(gateway, world.doctor, world.bob)
    (another,) = [one.alert_id for one in alert_rows(gateway) if one.alert_id != alert]
    post(gateway, f"/ig/alerts/{another}/ask", officer, reason="this is about another one")
    assert gateway.get(f"/ig/alerts/{alert}", officer).json()["steps"] == []
    post(gateway, f"/ig/alerts/{alert}/ask", officer, reason="what was it about, please")
    post(gateway, f"/ig/alerts/{alert}/ask", officer, reason="refused: it is asked already")
    gateway.at += timedelta(minutes=10)
    post(gateway, f"/ig/alerts/{alert}/escalate", other, reason="no answer, and it is grave")
    told = gateway.get(f"/ig/alerts/{alert}", other).json()["steps"]
    asked, escalated = told
    assert (asked["step"], asked["by"], asked["reason"]) == (
        "ask", "po-1", "what was it about, please",
    )  # fmt: skip
    assert (escalated["step"], escalated["by"], escalated["organisation"]) == (
        "escalate", "po-2", HOSPITAL,
    )  # fmt: skip
    assert (asked["at"], escalated["at"]) == ("2026-11-21T12:00:00Z", "2026-11-21T12:10:00Z")
    (row,) = [one for one in alert_rows(gateway) if one.alert_id == alert]
    herself = gateway.token("privacy-officer", row.user_id, HOSPITAL)
    found = gateway.get(f"/ig/alerts/{alert}", herself).json()
    assert (found["words"], found["steps"]) == (WHY, []), "what is said of her is not for her"


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("dismiss", {"reason": "short"}),
        ("dismiss", {}),
        ("dismiss", {"reason": LOOKED_AT, "more": "x"}),
        ("forget", {"reason": LOOKED_AT}),
    ],
)
def test_a_step_without_its_reason_or_of_no_kind_is_refused(gateway, officer, alert, step, body):
    assert is_outcome(post(gateway, f"/ig/alerts/{alert}/{step}", officer, **body), 400)
    assert alert_rows(gateway)[0].status == "open"


def test_nobody_settles_an_alert_about_themselves(gateway, alert):
    herself = gateway.token("privacy-officer", "hd-1", HOSPITAL)
    assert is_outcome(post(gateway, f"/ig/alerts/{alert}/dismiss", herself, reason=LOOKED_AT), 403)
    assert alert_rows(gateway)[0].status == "open"


def test_a_notice_goes_out_once_by_reference_alone(gateway, world, alert, tmp_path):
    self_claim(gateway, world.doctor, world.bob)
    store, base = gateway.site.store, gateway.site.base_url
    folder = tmp_path / "notices"
    folder.mkdir()
    before = gateway.size()
    told = gateway.run(tell_alerts(store, folder, base, gateway.at))
    assert told == len(alert_rows(gateway)) == 2
    assert [e.event for e in gateway.entries(before)] == ["alert"]
    files = sorted(folder.iterdir())
    assert sorted(one.stem for one in files) == sorted(r.alert_id for r in alert_rows(gateway))
    text = "".join(one.read_text("utf-8") for one in files)
    for word in (world.norma, world.bob, "hd-1", NORMA["family"], BOB["nhs_number"], WHY):
        assert word not in text
    notice = json.loads((folder / f"{alert}.json").read_text("utf-8"))
    assert notice["read"] == f"{base}/ig/alerts/{alert}"
    assert gateway.run(tell_alerts(store, folder, base, gateway.at)) == 0
