"""Nobody guesses or floods: what could serve for it is limited by caller and by address (A22, A42),
and a refusal for haste tells nothing of anybody."""

from contextlib import suppress
from datetime import timedelta

import pytest

from gateway.settings import Rates
from gateway.store.commit.writer import Writer
from gateway.store.database.engine import BusyError
from tests.api.service import is_outcome
from tests.api.world import ALICE, BOB, NHS, NORMA, PRACTICE

FEW = Rates(sign_in=3, token=3, unproved=3, match=3, people=3)


@pytest.fixture
def gateway(start):
    return start(rates=FEW)


def is_throttled(answer) -> bool:
    assert is_outcome(answer, 429, "throttled")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    return True


def number_of(person) -> str:
    return f"{NHS}|{person['nhs_number']}"


def test_a22_searches_by_number_end_and_tell_nothing_of_whom(gateway):
    who = gateway.token("gp", "gp-1", PRACTICE)
    for _ in range(3):
        assert gateway.search("Patient", who, identifier=number_of(BOB)).status_code == 200
    asked = [number_of(ALICE), number_of(BOB), f"{NHS}|9990000999"]
    refused = [gateway.search("Patient", who, identifier=one) for one in asked]
    assert all(is_throttled(one) for one in refused)
    assert len({one.content for one in refused}) == 1
    assert is_throttled(gateway.search("Patient", who, family="ASHDOWN"))
    other_role = gateway.token("practice-nurse", "gp-1", PRACTICE)
    assert is_throttled(gateway.search("Patient", other_role, identifier=asked[0]))


def test_a22_references_by_number_are_searches_by_number(gateway):
    """A transaction that names people by number would tell who is here, by the hundred."""
    who = gateway.token("gp", "gp-1", PRACTICE)
    named = {"reference": f"Patient?identifier={number_of(NORMA)}"}
    goal = {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "description": {"text": "walk to the shop"},
        "subject": named,
    }
    entry = {"request": {"method": "POST", "url": "Goal"}, "resource": goal}
    sent = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    answers = [gateway.ask("POST", "/fhir/R4", who, json=sent) for _ in range(3)]
    assert [one.status_code for one in answers] == [200] * 3
    before = gateway.size()
    assert is_throttled(gateway.ask("POST", "/fhir/R4", who, json=sent))
    (refusal,) = gateway.entries(before)
    assert (refusal.event, refusal.outcome, refusal.reasons) == ("create", "refused", ("rate",))


def test_a22_a_person_named_by_number_counts_once_though_the_writing_is_tried_again(
    gateway, monkeypatch
):
    monkeypatch.setattr(Writer, "run", _twice(Writer.run))
    test_a22_references_by_number_are_searches_by_number(gateway)


def _twice(run):
    """Every writing, found busy at its end and done again."""

    async def run_again(self, unit, ahead=None):
        async def busy(conn):
            await unit(conn)
            raise BusyError

        with suppress(BusyError):
            await run(self, busy)
        return await run(self, unit, ahead)

    return run_again


def test_others_and_reads_by_id_go_on(gateway):
    who = gateway.token("gp", "gp-1", PRACTICE)
    found = gateway.search("Patient", who, identifier=number_of(NORMA)).json()
    norma = found["entry"][0]["resource"]["id"]
    for _ in range(4):
        last = gateway.search("Patient", who, identifier=number_of(NORMA))
    assert is_throttled(last)
    for _ in range(10):
        assert gateway.get(f"Patient/{norma}", who).status_code == 200
        assert gateway.get(f"Goal?patient={norma}", who).status_code == 200
    colleague = gateway.token("gp", "gp-2", PRACTICE)
    assert gateway.search("Patient", colleague, identifier=number_of(NORMA)).status_code == 200
    gateway.at += timedelta(seconds=int(last.headers["retry-after"]))
    assert gateway.search("Patient", who, identifier=number_of(NORMA)).status_code == 200


def test_a22_descriptions_are_asked_about_so_often_a_minute(gateway):
    who = gateway.token("gp", "gp-1", PRACTICE)
    patient = {"resourceType": "Patient", "birthDate": NORMA["born"]}
    parameter = [{"name": "resource", "resource": patient}]
    sent = {"resourceType": "Parameters", "parameter": parameter}
    before = gateway.size()
    answers = [gateway.ask("POST", "Patient/$match", who, json=sent) for _ in range(4)]
    assert [one.status_code for one in answers[:3]] == [200] * 3
    assert is_throttled(answers[3])
    last = gateway.entries(before)[-1]
    assert (last.outcome, last.reasons, last.agent.user_id) == ("refused", ("rate",), "gp-1")
    assert last.person_id == ""


def test_a42_without_a_token_an_address_is_refused_alike_after_so_many(gateway):
    wrong = {"Authorization": "Bearer wrong"}
    for who in ({}, wrong, {}):
        assert is_outcome(gateway.get("Goal", who), 401)
    refused = [gateway.get(path, who) for path in ("Goal", "/ig/alerts") for who in ({}, wrong)]
    assert all(is_throttled(one) for one in refused)
    assert len({one.content for one in refused}) == 1
    who = gateway.token("gp", "gp-1", PRACTICE)
    assert gateway.get("Goal", who).status_code == 200, "who has a token is not kept waiting"


def test_a42_tokens_and_signing_in_are_limited_by_address(gateway):
    form = {"grant_type": "client_credentials"}
    for path, method in (("/oauth/token", "POST"), ("/sign-in", "GET")):
        more = {"data": form} if method == "POST" else {}
        answers = [gateway.ask(method, path, **more) for _ in range(4)]
        assert 429 not in [one.status_code for one in answers[:3]]
        assert is_throttled(answers[3])
    for method, path in (
        ("GET", "/sign-in/callback/any"),
        ("POST", "/sign-in/back-channel-logout"),
    ):
        assert is_throttled(gateway.ask(method, path))


def test_a_flood_of_haste_is_counted_and_not_a_flood_of_entries(gateway):
    who = gateway.token("gp", "gp-1", PRACTICE)
    before = gateway.size()
    for _ in range(60):
        gateway.search("Patient", who, identifier=number_of(BOB))
    assert gateway.size() - before <= 3 + 20
