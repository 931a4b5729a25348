"""Notices of alerts at an address outside: signed, by reference, until they are taken."""

import base64
import hashlib
import hmac
import json

import pytest

from gateway.cli.alerting import tell_once, webhook_of
from gateway.errors import ConfigurationError
from gateway.flows.access.post_alerts import Webhook, post_alerts
from gateway.settings import Settings
from tests.api.opened import WHY, alert_rows, break_glass, self_claim
from tests.api.outside import outside
from tests.api.world import BOB, HOSPITAL, NORMA

__all__ = ["outside"]
KEY = bytes(range(32))
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def two(gateway, world):
    """The alerts of a break-glass and of a self-claim, since notices are posted."""
    assert _post(gateway, NOWHERE) == 0
    break_glass(gateway, world.doctor, world.norma)
    self_claim(gateway, world.doctor, world.bob)
    return alert_rows(gateway)


def _post(gateway, url):
    work = post_alerts(gateway.site.store, Webhook(url, KEY), gateway.site.base_url, gateway.at)
    return gateway.run(work)


def test_each_alert_is_posted_once_signed_and_of_nobody(gateway, world, two, outside):
    before = gateway.size()
    assert _post(gateway, outside.url) == len(two) == 2
    (entry,) = gateway.entries(before)
    assert (entry.event, dict(entry.detail)) == ("alert", {"alerts": "2", "way": "webhook"})
    for row, headers, body in zip(two, outside.headers, outside.taken, strict=True):
        assert headers["webhook-id"] == row.alert_id
        covered = f"{row.alert_id}.{int(gateway.at.timestamp())}.".encode() + body.encode()
        mac = base64.b64encode(hmac.new(KEY, covered, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{mac}"
        assert headers["webhook-timestamp"] == str(int(gateway.at.timestamp()))
        notice = json.loads(body)
        assert notice["organisation"] == HOSPITAL
        assert notice["read"] == f"{gateway.site.base_url}/ig/alerts/{row.alert_id}"
        assert set(notice) == {"alert", "kind", "organisation", "raised", "due", "read"}
        told = body + str(headers)
        for word in (world.norma, world.bob, "hd-1", NORMA["family"], BOB["nhs_number"], WHY):
            assert word not in told
    assert _post(gateway, outside.url) == 0
    assert len(outside.taken) == 2


def test_what_stood_before_the_first_look_is_not_posted_and_what_comes_after_is(
    gateway, world, outside
):
    break_glass(gateway, world.doctor, world.norma)
    assert _post(gateway, outside.url) == _post(gateway, outside.url) == 0
    self_claim(gateway, world.doctor, world.bob)
    assert _post(gateway, outside.url) == 1
    assert [one["webhook-id"] for one in outside.headers] == [alert_rows(gateway)[1].alert_id]


@pytest.mark.parametrize("status", [307, 400, 503])
def test_what_is_not_taken_is_posted_again(gateway, two, outside, status):
    outside.answers = status
    before = gateway.size()
    assert _post(gateway, outside.url) == 0
    assert (len(outside.headers), gateway.size()) == (2, before), "each was tried, none followed on"
    outside.answers = 204
    assert _post(gateway, outside.url) == 2
    assert [one.alert_id for one in two] == [one["webhook-id"] for one in outside.headers[2:]]


def test_those_that_are_never_taken_keep_no_later_one_waiting(gateway, two, outside, monkeypatch):
    """More than one look reads at once stand before it, and each is tried once a look."""
    monkeypatch.setattr("gateway.flows.access.post_alerts._MOST", 1)
    first, second = (one.alert_id for one in two)
    outside.never.add(first)
    assert _post(gateway, outside.url) == 1
    assert [one["webhook-id"] for one in outside.headers] == [first, second]
    assert [bool(one.posted_at) for one in alert_rows(gateway)] == [False, True]


def test_where_nobody_answers_the_rest_waits(gateway, two, outside):
    outside.stop()
    assert _post(gateway, outside.url) == 0
    assert {one.posted_at for one in alert_rows(gateway)} == {0}


def test_what_is_settled_is_posted_no_more(gateway, world, two, outside):
    officer = gateway.token("privacy-officer", "po-1", HOSPITAL)
    body = json.dumps({"reason": "seen on the ward round"})
    path = f"/ig/alerts/{two[0].alert_id}/justify"
    headers = {"Content-Type": "application/json"}
    assert gateway.ask("POST", path, officer, content=body, headers=headers).status_code == 200
    assert _post(gateway, outside.url) == 1


def test_a_worker_posts_and_a_fault_of_one_way_stops_no_other(start, outside, tmp_path):
    (tmp_path / "key").write_text(f"whsec_{base64.b64encode(KEY).decode()}\n")
    gateway = start(
        alert_webhook_url=outside.url, alert_webhook_key_file=tmp_path / "key",
        alert_folder=tmp_path / "not-there",
    )  # fmt: skip
    doctor = gateway.token("hospital-doctor", "hd-1", HOSPITAL)
    gateway.run(tell_once(gateway.site.store, gateway.settings))
    break_glass(gateway, doctor, "nobody")
    gateway.run(tell_once(gateway.site.store, gateway.settings))
    assert len(outside.taken) == 1
    assert [bool(one.posted_at) for one in alert_rows(gateway)] == [True]
    assert [one.told_at for one in alert_rows(gateway)] == [0]


@pytest.mark.parametrize("text", ["", "c2hvcnQ=", "SECRET not base64", base64.b64encode(bytes(65))])
def test_a_key_that_is_none_is_told_and_not_repeated(tmp_path, text):
    file = tmp_path / "key"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    named = {"alert_webhook_url": "https://office.example/in", "database_url": "sqlite:///x.db"}
    for settings in (Settings(**named), Settings(**named, alert_webhook_key_file=file)):
        with pytest.raises(ConfigurationError) as fault:
            webhook_of(settings)
        assert "GATEWAY_ALERT_WEBHOOK_KEY_FILE must be" in str(fault.value)
        assert "SECRET" not in str(fault.value)


@pytest.mark.parametrize("url", ["https://user:SECRET@office.example/in", "ftp://office.example"])
def test_an_address_with_a_secret_in_it_is_refused(url):
    with pytest.raises(ConfigurationError) as fault:
        Settings(alert_webhook_url=url)
    assert "SECRET" not in str(fault.value)
