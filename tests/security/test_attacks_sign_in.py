"""Attacks on signing in with a provider, and on the sessions it opens."""

import json
from datetime import timedelta
from typing import Any, Final

import pytest
from joserfc import jws

from gateway.audit.events import Event, Outcome
from tests.api.browsing import BASE, Browser, asked_of
from tests.api.messages import support_plan
from tests.api.provider import CLIENT, PERSON_KEY, STAFF_KEY, doctor, patient, write_providers
from tests.api.service import is_outcome
from tests.api.world import ALICE, NORMA, council_person


@pytest.fixture
def gateway(start, tmp_path):
    return start(providers_file=write_providers(tmp_path), base_url=BASE)


def is_refused(gateway, browser, answer, first):
    """The one answer there is, with its entry; and no session."""
    made = [one for one in gateway.entries(first) if one.event is Event.LOGIN]
    assert is_outcome(answer, 401, "login")
    assert answer.content == gateway.get("Goal").content
    assert not browser.session
    assert [(one.outcome, one.agent.user_id) for one in made] == [(Outcome.REFUSED, "")]
    return True


@pytest.mark.parametrize(
    ("selected", "status"),
    [("role-gp", 200), ("role-desk", 200), ("role-hospital", 404)],
)
def test_a33_s43_the_selected_role_alone_counts(browser, world, selected, status):
    assert browser.sign_in(selected).status_code == 303
    assert browser.get(f"Patient/{world.norma}").status_code == status


def test_a33_a_receptionist_who_has_a_doctors_role_too_sees_as_a_receptionist(
    gateway, browser, world
):
    browser.sign_in("role-desk")
    asked = f"Condition?patient={world.norma}"
    desk = gateway.token("receptionist", "r", "H85001")
    as_desk, as_gp = gateway.get(asked, desk), gateway.get(asked, world.gp)
    seen = browser.get(asked)
    assert (seen.status_code, seen.content) == (as_desk.status_code, as_desk.content)
    assert seen.content != as_gp.content


@pytest.mark.parametrize(
    "userinfo",
    [
        {"nhsid_nrbac_roles": None},
        {"nhsid_nrbac_roles": []},
        {"nhsid_nrbac_roles": [{"person_roleid": "role-gp"}] * 2},
        {"nhsid_nrbac_roles": [{"person_roleid": "role-gp", "org_code": "H85001"}]},
        {"nhsid_useruid": ""},
        {"nhsid_useruid": ["555000111"]},
    ],
)
def test_a33_roles_that_cannot_be_told_open_nothing(gateway, browser, provider, userinfo):
    claims, shown = doctor(gateway)
    first = gateway.size()
    returned = provider.authorise(browser.begin("staff-sign-in"), claims, shown | userinfo)
    assert is_refused(gateway, browser, browser.come_back(returned), first)


@pytest.mark.parametrize("selected", ["role-elsewhere", "role-unknown", ""])
def test_a33_a_role_nobody_reviewed_opens_nothing(gateway, browser, selected):
    first = gateway.size()
    assert is_refused(gateway, browser, browser.sign_in(selected), first)


@pytest.mark.parametrize("headers", [{"X-Org": "RAX"}, {"X-User-Role": "gp"}, {"Role": "gp"}])
def test_a33_nothing_in_a_request_changes_whose_session_it_is(browser, world, headers):
    browser.sign_in("role-hospital")
    assert browser.get(f"Patient/{world.norma}", headers=headers).status_code == 404


def forged(gateway, asked, **changes):
    """An ID token put together by a test."""
    claims, _ = doctor(gateway)
    now = int(gateway.at.timestamp())
    base = {"iss": "https://staff.example", "aud": CLIENT, "nonce": asked["nonce"]}
    whole = base | claims | {"iat": now, "exp": now + 300} | changes.get("claims", {})
    head = {"alg": "RS256", "kid": STAFF_KEY.kid, "typ": "JWT"} | changes.get("header", {})
    key = changes.get("key", STAFF_KEY)
    return jws.serialize_compact(head, json.dumps(whole), key, [head["alg"]])


ID_TOKENS: Final[dict[str, dict[str, Any]]] = {
    "another client's": {"claims": {"aud": "another-client"}},
    "for several": {"claims": {"aud": [CLIENT, "another-client"]}},
    "made for another": {"claims": {"azp": "another-client"}},
    "another issuer's": {"claims": {"iss": "https://person.example"}},
    "another key's": {"key": PERSON_KEY},
    "a key it brings": {"header": {"jku": "https://evil.example/keys"}},
    "no nonce": {"claims": {"nonce": None}},
    "another nonce": {"claims": {"nonce": "another"}},
    "dead": {"claims": {"exp": 1_000}},
    "from tomorrow": {"claims": {"iat": 1_900_000_000, "exp": 1_900_000_300}},
    "an access token": {"header": {"typ": "at+jwt"}},
    "a logout token": {"claims": {"events": {}}},
    "of another access token": {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
    "another algorithm": {"header": {"alg": "RS512"}},
}


@pytest.mark.parametrize("kind", ID_TOKENS)
def test_a34_an_id_token_that_proves_nothing_opens_nothing(gateway, browser, provider, kind):
    address = browser.begin("staff-sign-in")
    claims, userinfo = doctor(gateway)
    token = forged(gateway, asked_of(address), **ID_TOKENS[kind])
    returned = provider.authorise(address, claims | {"token": token}, userinfo)
    first = gateway.size()
    assert is_refused(gateway, browser, browser.come_back(returned), first)


def test_a34_an_id_token_that_is_as_it_must_be_opens(gateway, browser, provider):
    """What the forgeries differ from."""
    address = browser.begin("staff-sign-in")
    claims, userinfo = doctor(gateway)
    claims["token"] = forged(gateway, asked_of(address))
    assert browser.come_back(provider.authorise(address, claims, userinfo)).status_code == 303


def test_a34_s48_an_id_token_and_a_client_assertion_are_no_access_tokens(
    gateway, browser, provider, world
):
    asked = asked_of(browser.begin("staff-sign-in"))
    token = forged(gateway, asked)
    browser.sign_in()
    sent = next(one for one in provider.requests if one.url.path == "/token").content.decode()
    assertion = dict(part.split("=", 1) for part in sent.split("&"))["client_assertion"]
    for one in (token, assertion, provider.logout_token(), browser.session):
        answer = gateway.get(f"Patient/{world.norma}", {"Authorization": f"Bearer {one}"})
        assert is_outcome(answer, 401, "login")


def test_a_login_that_another_browser_began_opens_nothing(gateway, browser, provider):
    """Login CSRF: the attacker's answer in the victim's browser."""
    attacker = Browser(gateway, provider)
    returned = provider.authorise(attacker.begin("staff-sign-in"), *doctor(gateway))
    first = gateway.size()
    assert is_refused(gateway, browser, browser.come_back(returned), first)
    browser.begin("staff-sign-in")
    first = gateway.size()
    assert is_refused(gateway, browser, browser.come_back(returned), first)
    assert attacker.come_back(returned).status_code == 303


@pytest.mark.parametrize("cookie", ["", "A", "AAAA", "=", "é".encode().hex(), "A" * 4000])
def test_an_attempt_nobody_began_opens_nothing(gateway, browser, provider, cookie):
    returned = provider.authorise(browser.begin("staff-sign-in"), *doctor(gateway))
    browser.cookies["__Host-care-sign-in"] = cookie
    first = gateway.size()
    assert is_refused(gateway, browser, browser.come_back(returned), first)


@pytest.mark.parametrize("change", [{"state": ""}, {"state": "another"}, {"code": ""}])
def test_an_answer_that_is_not_to_what_was_asked_opens_nothing(gateway, browser, provider, change):
    returned = provider.authorise(browser.begin("staff-sign-in"), *doctor(gateway))
    first = gateway.size()
    assert is_refused(gateway, browser, browser.come_back(returned | change), first)


def test_an_answer_opens_once(gateway, browser, provider):
    """The code, the state and the nonce of an attempt are worth one session."""
    returned = provider.authorise(browser.begin("staff-sign-in"), *doctor(gateway))
    kept = dict(browser.cookies)
    assert browser.come_back(returned).status_code == 303
    asked = len(provider.requests)
    browser.cookies = dict(kept)
    first = gateway.size()
    assert is_refused(gateway, browser, browser.come_back(returned), first)
    assert len(provider.requests) == asked, "a spent attempt sends the provider nothing"
    address = browser.begin("staff-sign-in")
    again = provider.authorise(address, *doctor(gateway))
    first = gateway.size()
    assert is_refused(
        gateway, browser, browser.come_back(again | {"code": returned["code"]}), first
    )


def test_an_attempt_lasts_ten_minutes(gateway, browser, provider):
    returned = provider.authorise(browser.begin("staff-sign-in"), *doctor(gateway))
    gateway.at += timedelta(minutes=10)
    first = gateway.size()
    assert is_refused(gateway, browser, browser.come_back(returned), first)


def test_the_answer_of_one_provider_is_not_anothers(gateway, browser, provider):
    """Mix-up: what the person's provider says, in an attempt with the staff's, and by its name."""
    staff = browser.begin("staff-sign-in")
    kept = dict(browser.cookies)
    other = provider.authorise(browser.begin("person-sign-in"), patient(NORMA))
    for iss in ("https://person.example", "https://staff.example", ""):
        browser.cookies = dict(kept)
        first = gateway.size()
        mixed = other | {"state": asked_of(staff)["state"], "iss": iss}
        assert is_refused(gateway, browser, browser.come_back(mixed), first)
        kept = {}
        staff = browser.begin("staff-sign-in")
        kept = dict(browser.cookies)


def test_a_code_that_another_provider_had_brought_here_is_sent_to_neither(
    gateway, browser, provider
):
    """Mix-up: a provider that was broken into sends the browser on to the other, with an attempt of
    the attacker's; the code comes back in the victim's attempt with the broken one."""
    attacker = Browser(gateway, provider)
    theirs = attacker.begin("person-sign-in")
    victims = asked_of(browser.begin("staff-sign-in"))
    code = provider.authorise(theirs, patient(NORMA))["code"]
    browser.way_back = attacker.way_back
    asked, first = len(provider.requests), gateway.size()
    answer = browser.come_back({"code": code, "state": victims["state"]})
    assert is_refused(gateway, browser, answer, first)
    assert len(provider.requests) == asked, "a code that reached the other is the attacker's"


def test_a_provider_that_names_itself_is_not_believed_without_its_name(gateway, browser, provider):
    returned = provider.authorise(browser.begin("person-sign-in"), patient(NORMA))
    first = gateway.size()
    assert is_refused(gateway, browser, browser.come_back(returned | {"iss": ""}), first)


LEADING_AWAY = [
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example",
    "javascript:alert(1)", "evil.example", "", "/a b", "/a\r\nSet-Cookie: x=1", "/" + "a" * 513,
    "/é", "/a\\..\\b",
]  # fmt: skip


@pytest.mark.parametrize("to", LEADING_AWAY)
def test_a_way_back_that_leads_elsewhere_is_refused(standing_sign_in, to):
    answer = standing_sign_in.get("/sign-in", params={"provider": "staff-sign-in", "to": to})
    assert is_outcome(answer, 400, "value")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "query",
    [
        "provider=nobody",
        "provider=a&provider=b",
        "provider=staff-sign-in&again=2",
        "redirect_uri=x",
    ],
)
def test_a_sign_in_that_is_not_offered_is_refused(standing_sign_in, query):
    assert is_outcome(standing_sign_in.get(f"/sign-in?{query}"), 400, "value")


def test_s41_a_person_who_is_not_proved_enough_is_told_to_step_up(gateway, browser, world):
    for level in ("P5", "P0", "", 9):
        answer = browser.sign_in_as(NORMA, level=level)
        assert is_outcome(answer, 403, "login")
        assert not browser.session
    assert is_outcome(browser.get(f"Patient/{world.norma}"), 401)
    assert browser.sign_in_as(NORMA, level="P9").status_code == 303


def test_s41_less_proved_people_are_told_the_same_whoever_they_are(gateway, browser):
    known = browser.sign_in_as(NORMA, level="P5")
    unknown = browser.sign_in_as(NORMA | {"nhs_number": "9990009990"}, level="P5")
    assert known.content == unknown.content


def test_a_record_without_a_name_opens_to_nobody_and_keeps_nobody_out(gateway, browser, world):
    """A twin's, sent by the council with Norma's number: beside Norma's own, and alone."""
    alone = "9990000301"
    for number, org in ((NORMA["nhs_number"], "XK8"), (alone, "XK9")):
        said = council_person(NORMA | {"nhs_number": number, "given": "N"})
        gateway.push("social-care", org, support_plan(said, {"id": "SP-TWIN"}))
    assert browser.sign_in_as(NORMA).status_code == 303
    assert browser.get(f"Patient/{world.norma}").status_code == 200
    assert "SP-TWIN" not in browser.get(f"CarePlan?patient={world.norma}").text
    assert is_outcome(browser.sign_in_as(NORMA | {"nhs_number": alone}), 401, "login")


@pytest.mark.parametrize(
    "change",
    [
        {"nhs_number": "9990000085"},
        {"nhs_number": "9999999999"},
        {"nhs_number": "999000007"},
        {"nhs_number": ALICE["nhs_number"]},
        {"nhs_number": 9990000077},
        {"birthdate": "1943-03-05"},
        {"birthdate": ""},
        {"birthdate": "yesterday"},
    ],
)
def test_a_person_nobody_can_tell_is_not_signed_in(gateway, browser, change):
    first = gateway.size()
    assert is_refused(gateway, browser, browser.sign_in_as(NORMA, **change), first)


@pytest.mark.parametrize(
    "change",
    [
        {"acr": "AAL1"},
        {"acr": None},
        {"id_assurance_level": "2"},
        {"id_assurance_level": None},
        {"id_assurance_level": True},
        {"id_assurance_level": "³"},
        {"id_assurance_level": "\uff13"},
        {"id_assurance_level": "33"},
        {"auth_time": None},
        {"auth_time": "now"},
        {"auth_time": 1},
        {"auth_time": 1_900_000_000},
        {"auth_time": 1_790_000_000_000},
    ],
)
def test_a_member_of_staff_with_too_little_assurance_is_told_to_step_up(gateway, browser, change):
    first = gateway.size()
    assert is_outcome(browser.sign_in(**change), 403, "login")
    assert not browser.session
    (entry,) = [one for one in gateway.entries(first) if one.event is Event.LOGIN]
    assert (entry.outcome, entry.reasons) == (Outcome.REFUSED, ("assurance",))


def test_signing_in_again_is_really_again(gateway, browser):
    """Asked to prove it anew, a provider that only remembers is not enough."""
    old = int(gateway.at.timestamp()) - 300
    assert browser.sign_in(auth_time=old).status_code == 303
    again = browser.sign_in(query={"again": "1"}, auth_time=old)
    assert is_outcome(again, 403, "login")
    assert browser.sign_in(query={"again": "1"}).status_code == 303


def test_a27_no_address_and_no_log_names_who_signs_in(gateway, browser, provider, capfd):
    first = gateway.size()
    address = browser.begin("person-sign-in")
    answer = browser.come_back(provider.authorise(address, patient(NORMA)))
    browser.sign_in_as(NORMA, birthdate="1900-01-01")
    written = capfd.readouterr()
    told = [address, answer.headers["location"], str(answer.headers), written.out, written.err]
    told += [repr(one) for one in gateway.entries(first)]
    told += [str(one.url) for one in provider.requests]
    for secret in (NORMA["nhs_number"], NORMA["born"], "person-ASHDOWN"):
        assert not any(secret in text for text in told)


def test_a29_without_the_log_nobody_is_signed_in(gateway, browser, provider, monkeypatch):
    returned = provider.authorise(browser.begin("staff-sign-in"), *doctor(gateway))

    async def broken(*_):
        raise RuntimeError

    monkeypatch.setattr("gateway.flows.sign_in.sign_in_person.append", broken)
    answer = browser.come_back(returned)
    assert answer.status_code in (500, 503)
    assert not browser.session

    async def count():
        async with gateway.site.store.engine.reading() as conn:
            return await conn.fetch("SELECT count(*) FROM sign_in_session")

    assert gateway.run(count()) == [(0,)]
