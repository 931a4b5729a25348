"""Somebody signs in as they are, by number and birth date, to act for another person."""

import pytest

from gateway.audit.events import Event
from tests.api.acting import a_child, acting, again, recorded
from tests.api.browsing import BASE
from tests.api.provider import patient, write_providers
from tests.api.service import is_outcome
from tests.api.world import NORMA
from tests.unit.consent.proxy_consents import because, by_number

MOTHER = {"nhs_number": "9990000336", "born": "1988-04-05", "family": "LINDEN", "given": "Ada"}


@pytest.fixture
def gateway(start, tmp_path):
    return start(providers_file=write_providers(tmp_path), base_url=BASE)


def _signed_in(browser, person, who=MOTHER, **changes):
    address = browser.begin("person-sign-in", **{"for": person})
    return browser.come_back(browser.provider.authorise(address, patient(who, **changes)))


def test_s37_a_parent_who_is_not_known_here_signs_in_and_reads_their_child(gateway, browser, world):
    child = a_child(gateway)
    consent = recorded(gateway, child, performer=by_number(MOTHER["nhs_number"]))
    assert _signed_in(browser, child).status_code == 303
    seen = browser.get(f"Patient/{child}")
    assert seen.status_code == 200
    assert is_outcome(browser.get(f"Patient/{world.norma}"), 404)
    (entry,) = [one for one in gateway.entries() if one.agent.on_behalf_of]
    assert (entry.event, entry.agent.kind, entry.agent.role) == (Event.READ, "proxy", "proxy")
    assert entry.agent.purpose == "FAMRQT"
    assert entry.agent.on_behalf_of == consent["id"]
    assert MOTHER["nhs_number"] not in repr(gateway.entries())
    over = {"status": "inactive", "extension": [because("ROLE_DEACTIVATED_SAFEGUARDING")]}
    assert again(gateway, consent, world.gp, **over).status_code == 200
    assert is_outcome(browser.get(f"Patient/{child}"), 404)


def test_a38_a_session_for_somebody_opens_nothing_without_an_authority_in_that_number(
    gateway, browser, world
):
    child = a_child(gateway)
    recorded(gateway, child, performer=by_number("9990000344"))
    recorded(gateway, child, "somebody")
    for who in (MOTHER, NORMA):
        assert _signed_in(browser, child, who).status_code == 303
        assert is_outcome(browser.get(f"Patient/{child}"), 404)
        assert browser.get("Patient").json()["total"] == 0
    assert _signed_in(browser, world.norma, NORMA).status_code == 303
    assert is_outcome(browser.get(f"Patient/{world.norma}"), 404), "nobody is their own proxy"


def test_a38_who_acts_for_another_is_proofed_like_everybody_else(gateway, browser, world):
    child = a_child(gateway)
    recorded(gateway, child, performer=by_number(MOTHER["nhs_number"]))
    assert is_outcome(_signed_in(browser, child, level="P5"), 403, "login")
    assert browser.session == ""
    assert gateway.entries()[-1].event is Event.LOGIN


@pytest.mark.parametrize(
    "query",
    [
        {"provider": "person-sign-in", "for": "../Patient"},
        {"provider": "person-sign-in", "for": "x" * 65},
        {"provider": "staff-sign-in", "for": "a"},
        {"provider": "nobody", "for": "a"},
    ],
)
def test_only_people_sign_in_to_act_and_for_an_id(gateway, query):
    answer = gateway.get("/sign-in", params=query)
    assert is_outcome(answer, 400)
    assert "for" in answer.text
    assert "../Patient" not in answer.text


def test_a_consent_of_who_acts_is_checked_like_any_other_and_is_not_tried_first(gateway, world):
    child = a_child(gateway)
    wrong = acting(child, provision={"type": "deny"})
    asked = gateway.ask("POST", "Consent/$validate?mode=create", world.gp, json=wrong)
    assert "Consent.provision.type" in asked.text
    right = gateway.ask("POST", "Consent/$validate?mode=create", world.gp, json=acting(child))
    assert "No fault was found" in right.text
    assert is_outcome(gateway.create(wrong, world.gp), 422)
    tried = gateway.ask("POST", "/access/preview", world.gp, json=acting(child))
    assert is_outcome(tried, 422)
    assert "Consent.policyRule" in tried.text
