"""Staff and people sign in with an OpenID provider, and act in a session."""

from datetime import timedelta

import pytest

from gateway.audit.events import Event, Outcome
from tests.api.browsing import BASE, OURS, asked_of
from tests.api.provider import doctor, write_providers
from tests.api.service import is_outcome
from tests.api.world import ALICE, NORMA, PRACTICE


@pytest.fixture
def gateway(start, tmp_path):
    return start(providers_file=write_providers(tmp_path), base_url=BASE)


def test_a_doctor_signs_in_and_sees_what_a_token_of_the_role_shows(gateway, browser, world):
    answer = browser.sign_in(query={"to": "/fhir/R4/Goal?_count=5"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/fhir/R4/Goal?_count=5")
    seen = browser.get(f"Patient/{world.norma}")
    assert seen.status_code == 200
    assert seen.content == gateway.get(f"Patient/{world.norma}", world.gp).content
    assert browser.ask("POST", "Goal/_search", headers=OURS, data={}).status_code == 200


def test_the_request_to_the_provider_has_all_that_it_must(gateway, browser):
    asked = asked_of(browser.begin("staff-sign-in"))
    assert asked["redirect_uri"] == f"{BASE}/sign-in/callback/staff-sign-in"
    assert asked["scope"].split()[0] == "openid"
    assert asked["acr_values"] == "AAL2_OR_AAL3_ANY"
    assert asked["max_age"] == "3600"
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    again = asked_of(browser.begin("staff-sign-in", again="1"))
    assert (again["prompt"], again["max_age"]) == ("login", "0")
    assert not {again[name] for name in ("state", "nonce", "code_challenge")} & {*asked.values()}
    assert asked_of(browser.begin("person-sign-in"))["vtr"] == '["P9.Cp.Cd"]'


def test_the_cookies_are_for_this_host_alone_and_no_script(browser):
    answers = [browser.get("/sign-in?provider=staff-sign-in"), browser.sign_in()]
    lines = [line for one in answers for line in one.headers.get_list("set-cookie")]
    assert len(lines) == 3
    for line in lines:
        assert line.startswith("__Host-care-")
        assert {"httponly", "secure", "samesite=lax", "path=/"} <= {*line.lower().split("; ")}
        assert "domain" not in line.lower()


def test_over_http_in_development_the_cookie_goes_without_its_prefix(start, tmp_path):
    gateway = start(providers_file=write_providers(tmp_path))
    line = gateway.get("/sign-in?provider=staff-sign-in").headers["set-cookie"]
    assert line.startswith("care-sign-in=")
    assert "Secure" not in line


def test_whom_to_sign_in_with_is_listed(gateway):
    told = gateway.get("/sign-in").json()["providers"]
    assert [(one["name"], one["for"]) for one in told] == [
        ("staff-sign-in", "staff"),
        ("person-sign-in", "person"),
    ]


def test_a_person_sees_their_own_record_and_nobody_elses(gateway, browser, world):
    assert browser.sign_in_as(NORMA).status_code == 303
    own = gateway.token("patient", "p", patient=world.norma, purpose="PATRQT")
    seen = browser.get(f"Patient/{world.norma}")
    assert seen.status_code == 200
    assert seen.content == gateway.get(f"Patient/{world.norma}", own).content
    assert is_outcome(browser.get(f"Patient/{world.alice}"), 404)


def test_every_end_of_a_sign_in_is_an_entry_without_a_number_or_a_subject(gateway, browser):
    first = gateway.size()
    browser.sign_in()
    browser.ask("POST", "/sign-out", headers=OURS)
    browser.sign_in_as(NORMA)
    browser.sign_in_as(NORMA, level="P5")
    browser.sign_in("role-elsewhere")
    made = [
        (one.event, one.outcome, one.agent.kind, one.agent.role, one.reasons)
        for one in gateway.entries(first)
        if one.event in (Event.LOGIN, Event.LOGOUT)
    ]
    assert made == [
        (Event.LOGIN, Outcome.SERVED, "staff", "gp", ()),
        (Event.LOGOUT, Outcome.SERVED, "staff", "gp", ("signed-out",)),
        (Event.LOGIN, Outcome.SERVED, "patient", "patient", ()),
        (Event.LOGIN, Outcome.REFUSED, "", "", ("assurance",)),
        (Event.LOGIN, Outcome.REFUSED, "", "", ("who",)),
    ]
    text = repr(gateway.entries(first))
    assert NORMA["nhs_number"] not in text
    assert "person-ASHDOWN" not in text
    assert PRACTICE in text


def test_a_session_ends_unused_and_in_any_case(gateway, browser, world):
    browser.sign_in()
    for _ in range(4):
        gateway.at += timedelta(minutes=14)
        assert browser.get(f"Patient/{world.norma}").status_code == 200
    gateway.at += timedelta(minutes=15)
    assert is_outcome(browser.get(f"Patient/{world.norma}"), 401, "login")
    browser.sign_in()
    for _ in range(42):
        gateway.at += timedelta(minutes=14)
        assert browser.get(f"Patient/{world.norma}").status_code == 200
    gateway.at += timedelta(minutes=12)
    assert is_outcome(browser.get(f"Patient/{world.norma}"), 401, "login")


def test_signing_out_ends_the_session_and_once_more_does_nothing(gateway, browser, world):
    browser.sign_in()
    kept = dict(browser.cookies)
    assert browser.ask("POST", "/sign-out", headers=OURS).status_code == 204
    assert browser.cookies == {}
    browser.cookies = kept
    assert is_outcome(browser.get(f"Patient/{world.norma}"), 401, "login")
    assert browser.ask("POST", "/sign-out", headers=OURS).status_code == 204


def test_a_token_is_never_mixed_with_a_session(gateway, browser, world):
    browser.sign_in()
    headers = {"Authorization": "Bearer nothing"}
    assert is_outcome(browser.get(f"Patient/{world.norma}", headers=headers), 401, "login")
    stranger = browser.get(f"Patient/{world.norma}", headers=world.stranger)
    assert is_outcome(stranger, 404), "the token's caller, and not the session's"


def test_a_provider_that_is_down_opens_nothing_and_is_noted(gateway, browser):
    browser.provider.down = True
    first = gateway.size()
    assert is_outcome(browser.sign_in(), 401, "login")
    entry = [one for one in gateway.entries(first) if one.event is Event.LOGIN][-1]
    assert entry.reasons == ("provider-unreached",)
    assert dict(entry.detail) == {"provider": "staff-sign-in"}


def test_two_births_under_one_number_are_two_people(browser, world):
    assert browser.sign_in_as(ALICE).status_code == 303
    assert is_outcome(browser.sign_in_as(ALICE, birthdate=NORMA["born"]), 401, "login")


def test_what_userinfo_and_token_disagree_on_opens_nothing(gateway, browser):
    address = browser.begin("staff-sign-in")
    claims, userinfo = doctor(gateway)
    for wrong in ({"sub": "555000999"}, {"selected_roleid": "role-hospital"}):
        returned = browser.provider.authorise(address, dict(claims), userinfo | wrong)
        assert is_outcome(browser.come_back(returned), 401, "login")
        address = browser.begin("staff-sign-in")


def test_the_reviewed_file_decides_anew_at_each_request(gateway, browser, world):
    """A role that is taken out of the file opens nothing in sessions that stand."""
    browser.sign_in()
    desk = gateway.app.state.people_desk
    provider, trusted = desk.providers["staff-sign-in"]
    rows = tuple(row for row in provider.role if row.role != "gp")
    desk.providers["staff-sign-in"] = (provider.model_copy(update={"role": rows}), trusted)
    assert is_outcome(browser.get(f"Patient/{world.norma}"), 401, "login")
