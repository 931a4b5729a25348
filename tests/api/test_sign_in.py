"""A provider system signs in with its own key, and does what it is registered for."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from gateway.api.signing.oauth import ASSERTION_TYPE
from gateway.audit.events import Event, Outcome
from tests.api.messages import goal, support_plan
from tests.api.service import START, is_outcome
from tests.api.world import COUNCIL, NORMA, council_person
from tests.unit.auth.minting import public

EC384 = ECKey.generate_key("P-384", {"kid": "ec"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
OTHER = ECKey.generate_key("P-384", {"kid": "ec"})
CLIENTS = f"""
[[client]]
id = "council-system"
name = "The council's case management"
org = "{COUNCIL}"
feeds = ["social-care"]
jwks_file = "council.json"

[[client]]
id = "council-viewer"
name = "What reads back what the council sent"
org = "{COUNCIL}"
feeds = ["social-care"]
scopes = ["system/Patient.rs", "system/CarePlan.rs"]
jwks_file = "council.json"
"""


VIEWER = {"iss": "council-viewer", "sub": "council-viewer"}


@pytest.fixture(scope="module")
def clients_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clients")
    (folder / "council.json").write_text(json.dumps(public(EC384, RSA)))
    (folder / "clients.toml").write_text(CLIENTS)
    return folder / "clients.toml"


@pytest.fixture
def gateway(start, clients_file):
    return start(clients_file=clients_file)


@pytest.fixture(scope="module")
def refusing(start_once, clients_file):
    """For all that is refused, and so leaves nothing but entries."""
    return start_once(clients_file=clients_file)


def assertion(gateway, key=EC384, alg="ES384", header=None, **changes):
    now = int(gateway.at.timestamp())
    claims = {
        "iss": "council-system",
        "sub": "council-system",
        "aud": f"{gateway.settings.base_url}/oauth/token",
        "iat": now,
        "exp": now + 240,
        "jti": "first",
    } | changes
    sent = {"alg": alg, "kid": key.kid, "typ": "JWT"} | (header or {})
    return jws.serialize_compact(sent, json.dumps(claims), key, [alg])


def ask(gateway, signed, scope="", **changes):
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": signed,
        "scope": scope,
    } | changes
    return gateway.ask("POST", "/oauth/token", data=form)


def bearer(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.mark.parametrize(("key", "alg"), [(EC384, "ES384"), (RSA, "RS384")])
def test_s47_smart_02_a_system_signs_in_and_pushes_to_its_own_feed_alone(gateway, key, alg):
    answer = ask(gateway, assertion(gateway, key, alg))
    who = bearer(answer)
    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == 300
    headers = who | {"Content-Type": "application/json"}
    body = support_plan(council_person(NORMA), {"id": "SP-9"}, goals=[goal("G1", "Walk again.")])
    pushed = gateway.ask("POST", "/feeds/social-care", content=body, headers=headers)
    assert pushed.status_code == 200
    elsewhere = gateway.ask("POST", "/feeds/hospital", content=b"MSH|", headers=headers)
    assert elsewhere.status_code == 403


def council_plan(world):
    """A plan that the council sent, by the id it goes under."""
    plans = world.of("CarePlan", world.norma, world.social_worker)
    return f"CarePlan/{plans[0]['id']}"


def test_a_token_dies_after_five_minutes(gateway, world):
    plan = council_plan(world)
    who = bearer(ask(gateway, assertion(gateway, **VIEWER), "system/CarePlan.r"))
    assert gateway.get(plan, who).status_code == 200
    gateway.at += timedelta(seconds=362)
    assert gateway.get(plan, who).status_code == 401


def test_smart_08_09_scopes_are_the_registered_ones_and_narrow_the_role(gateway, world):
    plan = council_plan(world)
    answer = ask(gateway, assertion(gateway, **VIEWER), "system/*.cruds user/Goal.rs")
    assert answer.json()["scope"] == "system/Patient.rs system/CarePlan.rs"
    goal = f"Goal/{world.of('Goal', world.norma, world.social_worker)[0]['id']}"
    assert "goal" not in gateway.get(plan, bearer(answer)).json()
    assert is_outcome(gateway.get(goal, bearer(answer)), 403), "as for any role without the type"
    read_only = ask(gateway, assertion(gateway, jti="third", **VIEWER), "system/CarePlan.r")
    searched = gateway.get(f"CarePlan?patient={world.norma}", bearer(read_only))
    assert is_outcome(searched, 403), "r is read, s is search"
    wider = ask(gateway, assertion(gateway))
    assert gateway.get(goal, bearer(wider)).status_code == 200
    none = ask(gateway, assertion(gateway, jti="second", **VIEWER), "system/Goal.rs")
    assert (none.status_code, none.json()) == (400, {"error": "invalid_scope"})


@pytest.mark.parametrize("seconds", [0, 299, 359])
def test_s47_smart_07_an_assertion_opens_once_and_the_second_look_is_recorded(gateway, seconds):
    """As long as its times are good, which one nobody spent shows; a skew of a minute included."""
    first, dies = gateway.size(), int(START.timestamp()) + 300
    signed = assertion(gateway, exp=dies)
    unspent = assertion(gateway, exp=dies, jti="another")
    assert ask(gateway, signed).status_code == 200
    gateway.at += timedelta(seconds=seconds)
    assert ask(gateway, unspent).status_code == 200
    again = ask(gateway, signed)
    assert (again.status_code, again.json()) == (401, {"error": "invalid_client"})
    taken, _, refused = gateway.entries(first)
    assert (taken.event, taken.outcome) == (Event.LOGIN, Outcome.SERVED)
    assert (taken.agent.client_id, taken.agent.org) == ("council-system", COUNCIL)
    assert taken.agent.token_hash
    assert (refused.event, refused.outcome) == (Event.LOGIN, Outcome.REFUSED)
    assert refused.agent.token_hash == ""


FORGERIES: dict[str, dict[str, Any]] = {
    "another's key": {"key": OTHER},
    "another client": {"iss": "council-viewer"},
    "an unknown client": {"iss": "nobody", "sub": "nobody"},
    "the service as audience": {"aud": "https://care-gateway.example"},
    "too long a life": {"exp": int(START.timestamp()) + 301},
    "dead": {"iat": int(START.timestamp()) - 500, "exp": int(START.timestamp()) - 300},
    "not yet born": {"iat": int(START.timestamp()) + 120},
    "no id": {"jti": ""},
    "a key of its own": {"header": {"jku": "https://evil.example/keys"}},
    "the type of an access token": {"header": {"typ": "at+jwt"}},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a34_smart_05_06_what_proves_nothing_gets_one_answer_and_one_entry(gateway, forgery):
    first = gateway.size()
    answer = ask(gateway, assertion(gateway, **FORGERIES[forgery]))
    assert (answer.status_code, answer.content) == (401, b'{"error":"invalid_client"}')
    (entry,) = gateway.entries(first)
    assert (entry.event, entry.outcome) == (Event.LOGIN, Outcome.REFUSED)
    assert entry.agent.client_id == "", "what did not prove itself has no name in the log"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "secret"}, "invalid_request"),
        ({"client_assertion": ""}, "invalid_request"),
    ],
)
def test_smart_03_04_another_grant_is_refused_in_the_words_of_oauth(refusing, changes, error):
    answer = ask(refusing, assertion(refusing), **changes)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"grant_type=a&grant_type=b", b"\xff=1", b"a=" + b"x" * 20_000, b"=&" * 100],
)
def test_a_form_that_is_none_is_refused(refusing, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = refusing.ask("POST", "/oauth/token", content=body, headers=headers)
    assert answer.status_code in (400, 413)


def test_a_client_library_nobody_here_wrote_signs_in(gateway):
    """Authlib's OAuth client, as a provider's developer would use it."""
    now = int(time.time())
    gateway.at = datetime.fromtimestamp(now, UTC)
    url = f"{gateway.settings.base_url}/oauth/token"
    method = PrivateKeyJWT(url, {"exp": now + 240}, {"kid": "rsa"}, alg="RS384")

    async def sign_in():
        transport = httpx2.ASGITransport(gateway.app)
        async with AsyncOAuth2Client("council-system", RSA, transport=transport) as client:
            return await client.fetch_token(
                url, grant_type="client_credentials", auth=client.client_auth(method)
            )

    given = gateway.run(sign_in())
    assert given["token_type"] == "bearer"
    assert given["access_token"].count(".") == 2


def test_smart_01_what_is_offered_is_told_and_the_keys_verify_what_is_given(gateway):
    told = gateway.get("/.well-known/smart-configuration").json()
    assert told == gateway.get(".well-known/smart-configuration").json()
    assert told["token_endpoint"].endswith("/oauth/token")
    assert "private_key_jwt" in told["token_endpoint_auth_methods_supported"]
    assert told["code_challenge_methods_supported"] == ["S256"]
    keys = gateway.get(told["jwks_uri"]).json()["keys"]
    token = ask(gateway, assertion(gateway)).json()["access_token"]
    jws.deserialize_compact(token, ECKey.import_key(keys[-1]), algorithms=["ES256"])
    assert all("d" not in key for key in keys)
