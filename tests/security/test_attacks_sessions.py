"""Attacks on the sessions of those who signed in: planted, dead, foreign and stolen ones."""

from datetime import timedelta
from typing import Any, Final

import pytest

from gateway.audit.events import Event, Outcome
from tests.api.browsing import BASE, OURS, Browser, with_provider
from tests.api.provider import CLIENT, doctor, write_providers
from tests.api.service import Service, is_outcome
from tests.api.world import NORMA, World


@pytest.fixture
def gateway(start, tmp_path):
    return start(providers_file=write_providers(tmp_path), base_url=BASE)


@pytest.fixture
def visitor(standing_sign_in):
    """Somebody nobody saw before."""
    return Browser(standing_sign_in, with_provider(standing_sign_in))


def test_the_session_is_new_at_every_sign_in_and_the_former_one_ends(browser, world):
    """Session fixation."""
    browser.cookies["__Host-care-session"] = "chosen-by-an-attacker"
    browser.sign_in()
    assert browser.session != "chosen-by-an-attacker"
    former = browser.session
    browser.sign_in()
    assert browser.session != former
    assert browser.get(f"Patient/{world.norma}").status_code == 200
    browser.cookies = {"__Host-care-session": former}
    assert is_outcome(browser.get(f"Patient/{world.norma}"), 401, "login")


@pytest.mark.parametrize("value", ["", "a", "x" * 43, "../../etc", "' OR 1=1 --", "x" * 8000])
def test_a_cookie_that_is_no_session_is_nobody(standing_sign_in, visitor, value):
    visitor.cookies = {"__Host-care-session": value}
    path = f"Patient/{World(standing_sign_in).norma}"
    answer = visitor.get(path)
    assert is_outcome(answer, 401, "login")
    assert answer.content == standing_sign_in.get(path).content


def test_a_cookie_without_the_prefix_is_nobody(browser, world):
    """Another host of the domain, or an attacker on http, can set no cookie that counts."""
    browser.sign_in()
    browser.cookies = {"care-session": browser.session}
    assert is_outcome(browser.get(f"Patient/{world.norma}"), 401, "login")


FOREIGN = [
    {},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://care-gateway.example"},
    {"Origin": BASE, "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", ["/access/permission", "/sign-out", "/fhir/R4/Goal/_search"])
def test_another_site_does_nothing_in_a_session(standing_sign_in, visitor, headers, path):
    visitor.sign_in()
    first = standing_sign_in.size()
    answer = visitor.ask("POST", path, headers=headers, json={})
    assert is_outcome(answer, 403, "forbidden")
    assert [one.reasons for one in standing_sign_in.entries(first)] == [("other-site",)]
    assert visitor.get(f"Patient/{World(standing_sign_in).norma}").status_code == 200


def test_a_session_in_the_database_opens_nothing_and_names_nobody(gateway, browser):
    browser.sign_in_as(NORMA)

    async def rows():
        async with gateway.site.store.engine.reading() as conn:
            return await conn.fetch("SELECT * FROM sign_in_session")

    (row,) = gateway.run(rows())
    content = repr([bytes(one) if isinstance(one, memoryview) else one for one in row])
    for secret in (browser.session, NORMA["nhs_number"], "person-ASHDOWN", "patient"):
        assert secret not in content
    for value in row:
        browser.cookies = {"__Host-care-session": str(value)}
        assert is_outcome(browser.get("Goal"), 401, "login")


def test_signing_out_from_another_site_ends_nothing(browser, world):
    """A form of another site is sent without the cookie; its answer takes none away."""
    browser.sign_in()
    answer = browser.gateway.ask("POST", "/sign-out", headers={"Origin": "https://evil.example"})
    assert "set-cookie" not in answer.headers
    assert browser.get(f"Patient/{world.norma}").status_code == 200
    assert browser.ask("POST", "/sign-out", headers=OURS).status_code == 204


def log_out(gateway, token):
    return gateway.ask("POST", "/sign-in/back-channel-logout", data={"logout_token": token})


@pytest.mark.parametrize(
    "named",
    [
        {"sid": "provider-session-1"},
        {"sub": "555000111"},
        {"sid": "provider-session-1", "sub": "555000111"},
    ],
)
def test_s44_what_the_provider_ends_is_dead_at_once_in_every_process(
    gateway, browser, provider, world, named
):
    browser.sign_in()
    assert browser.get(f"Patient/{world.norma}").status_code == 200
    other = Browser(gateway, provider)
    other.sign_in(sub="555000222", sid="provider-session-2")
    first = gateway.size()
    assert log_out(gateway, provider.logout_token(**named)).status_code == 200
    assert is_outcome(browser.get(f"Patient/{world.norma}"), 401, "login")
    assert other.get(f"Patient/{world.norma}").status_code == 200
    ended = [one for one in gateway.entries(first) if one.event is Event.LOGOUT]
    assert [(one.outcome, one.agent.role, one.reasons) for one in ended] == [
        (Outcome.SERVED, "gp", ("back-channel",))
    ]


def test_s44_a_session_that_the_provider_named_only_later_ends_with_its_user(
    gateway, browser, provider, world
):
    """Signed in without `sid`; the logout token has one, and the user's name beside it."""
    browser.sign_in(sid="")
    another = provider.logout_token(sid="provider-session-9", sub="555000222")
    assert log_out(gateway, another).status_code == 200
    unnamed = provider.logout_token(sid="provider-session-9", jti="another")
    assert log_out(gateway, unnamed).status_code == 200
    assert browser.get(f"Patient/{world.norma}").status_code == 200
    named = provider.logout_token(sid="provider-session-9", sub="555000111", jti="third")
    assert log_out(gateway, named).status_code == 200
    assert is_outcome(browser.get(f"Patient/{world.norma}"), 401, "login")


def test_s44_a_session_named_with_another_user_is_not_ended(gateway, browser, provider, world):
    browser.sign_in()
    mixed = provider.logout_token(sid="provider-session-1", sub="555000222")
    assert log_out(gateway, mixed).status_code == 200
    assert browser.get(f"Patient/{world.norma}").status_code == 200
    named = provider.logout_token(sid="provider-session-1", sub="555000111", jti="another")
    assert log_out(gateway, named).status_code == 200
    assert is_outcome(browser.get(f"Patient/{world.norma}"), 401, "login")


def test_s44_a_second_process_knows_it_at_once(gateway, browser, provider, world):
    """Nothing of a session is remembered in a process: another service on the same database."""
    browser.sign_in()
    kept = {
        name: getattr(gateway.settings, name) for name in ("key_file", "providers_file", "base_url")
    }
    second = Service(gateway.settings.database_url, **kept)
    try:
        elsewhere = Browser(second, provider)
        elsewhere.cookies = dict(browser.cookies)
        assert elsewhere.get(f"Patient/{world.norma}").status_code == 200
        log_out(gateway, provider.logout_token(sub="555000111"))
        assert is_outcome(elsewhere.get(f"Patient/{world.norma}"), 401, "login")
    finally:
        second.close()


@pytest.mark.parametrize(
    ("signed", "named"),
    [
        ("provider-session-1", {"sid": "provider-session-1"}),
        ("provider-session-1", {"sub": "555000111"}),
        ("provider-session-1", {"sid": "provider-session-1", "sub": "555000111"}),
        ("", {"sub": "555000111"}),
        ("", {"sid": "provider-session-9", "sub": "555000111"}),
    ],
)
def test_s44_what_the_provider_ends_while_one_signs_in_is_never_opened(
    gateway, browser, provider, world, signed, named
):
    """Between the provider's page and the way back from it."""
    address = browser.begin("staff-sign-in")
    returned = provider.authorise(address, *doctor(gateway, sid=signed))
    gateway.at += timedelta(seconds=1)
    assert log_out(gateway, provider.logout_token(**named)).status_code == 200
    gateway.at += timedelta(seconds=1)
    first = gateway.size()
    assert browser.come_back(returned).status_code == 401
    assert not browser.session
    (entry,) = gateway.entries(first)
    assert (entry.event, entry.outcome, entry.reasons) == (
        Event.LOGIN, Outcome.REFUSED, ("ended",),
    )  # fmt: skip
    browser.sign_in(sid="provider-session-2")
    assert browser.get(f"Patient/{world.norma}").status_code == 200


@pytest.mark.parametrize(
    "named",
    [
        {"sid": "provider-session-2"},
        {"sub": "555000222"},
        {"sid": "provider-session-1", "sub": "555000222"},
        {"sid": "provider-session-2", "sub": "555000111"},
    ],
)
def test_s44_the_end_of_another_session_keeps_nobody_from_signing_in(
    gateway, browser, provider, world, named
):
    address = browser.begin("staff-sign-in")
    returned = provider.authorise(address, *doctor(gateway))
    gateway.at += timedelta(seconds=1)
    assert log_out(gateway, provider.logout_token(**named)).status_code == 200
    gateway.at += timedelta(seconds=1)
    browser.come_back(returned)
    assert browser.get(f"Patient/{world.norma}").status_code == 200


LOGOUTS: Final[dict[str, dict[str, Any]]] = {
    "with a nonce": {"nonce": "n"},
    "without the event": {"events": {}},
    "with another event": {"events": {"http://schemas.openid.net/event/other": {}}},
    "with an event that is no object": {
        "events": {"http://schemas.openid.net/event/backchannel-logout": "x"}
    },
    "naming nobody": {"sub": None},
    "another client's": {"aud": "another"},
    "without an id": {"jti": None},
    "dead": {"iat": 1_000, "exp": 1_100},
    "that lives for long": {"exp": 1_900_000_000},
    "without an end": {"exp": None},
}


@pytest.mark.parametrize("kind", LOGOUTS)
def test_a_logout_token_that_proves_nothing_ends_nothing(gateway, browser, provider, world, kind):
    browser.sign_in()
    first = gateway.size()
    token = provider.logout_token(**({"sub": "555000111"} | LOGOUTS[kind]))
    answer = log_out(gateway, token)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    (entry,) = gateway.entries(first)
    assert (entry.event, entry.outcome) == (Event.LOGOUT, Outcome.REFUSED)
    assert browser.get(f"Patient/{world.norma}").status_code == 200


def test_a_logout_token_is_taken_once_and_another_provider_ends_nothing(
    gateway, browser, provider, world
):
    browser.sign_in()
    foreign = provider.logout_token("person.example", sub="555000111")
    assert log_out(gateway, foreign).status_code == 200
    assert browser.get(f"Patient/{world.norma}").status_code == 200
    token = provider.logout_token(sub="555000111")
    assert log_out(gateway, token).status_code == 200
    browser.sign_in()
    assert log_out(gateway, token).status_code == 400
    assert browser.get(f"Patient/{world.norma}").status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"logout_token=", b"logout_token=a&logout_token=b", b"\xff", b"{}", b"token=a.b.c"],
)
def test_what_is_no_logout_token_is_refused(gateway, body):
    answer = gateway.ask("POST", "/sign-in/back-channel-logout", content=body)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


def test_an_id_token_ends_nothing(gateway, browser, provider, world):
    browser.sign_in()
    now = int(gateway.at.timestamp())
    claims = doctor(gateway)[0] | {"aud": CLIENT, "iat": now, "exp": now + 300, "nonce": "n"}
    assert log_out(gateway, provider.sign("staff.example", claims)).status_code == 400
    assert browser.get(f"Patient/{world.norma}").status_code == 200
