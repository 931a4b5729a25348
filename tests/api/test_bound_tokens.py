"""Tokens that are bound to the certificate their system proved, and serve nobody without it."""

import base64
import hashlib
import json

import pytest

from gateway.api.signing.oauth import ASSERTION_TYPE
from gateway.audit.events import Event, Outcome
from gateway.errors import ConfigurationError
from gateway.flows.sign_in.sign_in_system import clients_of
from gateway.main import policy_of
from gateway.settings import Settings
from tests.api.service import is_outcome
from tests.api.test_sign_in import EC384, RSA, assertion, bearer
from tests.api.world import COUNCIL
from tests.unit.auth.minting import public

CERTIFICATE, ANOTHER = b"the certificate of the council", b"somebody else's"


def named(certificate):
    digest = hashlib.sha256(certificate).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def proved(certificate):
    """As the proxy says it."""
    return {"Client-Cert": f":{base64.b64encode(certificate).decode()}:"}


CLIENTS = f"""
[[client]]
id = "council-system"
name = "The council's case management"
org = "{COUNCIL}"
feeds = ["social-care"]
jwks_file = "council.json"
certificates = ["{named(CERTIFICATE)}"]
"""


@pytest.fixture(scope="module")
def clients_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bound")
    (folder / "council.json").write_text(json.dumps(public(EC384, RSA)))
    (folder / "clients.toml").write_text(CLIENTS)
    return folder / "clients.toml"


@pytest.fixture
def gateway(start, clients_file):
    return start(clients_file=clients_file, client_certificates=True)


def ask(gateway, certificate):
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(gateway),
    }
    return gateway.ask("POST", "/oauth/token", certificate, data=form)


def claims_of(who):
    part = who["Authorization"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=="))


def test_a34_a_bound_token_opens_nothing_without_its_certificate(gateway):
    who = bearer(ask(gateway, proved(CERTIFICATE)))
    assert claims_of(who)["cnf"] == {"x5t#S256": named(CERTIFICATE)}
    unproved = gateway.get("Patient", {"Authorization": "Bearer none"})
    for certificate in ({}, proved(ANOTHER), {"Client-Cert": "::"}, {"Client-Cert": "x"}):
        answer = gateway.get("Patient", who | certificate)
        assert is_outcome(answer, 401, "login")
        assert answer.content == unproved.content
    for _ in range(2):  # as it is read, and as it is remembered
        assert gateway.get("Patient", who | proved(CERTIFICATE)).status_code == 200
        assert gateway.get("Patient", who).status_code == 401


@pytest.mark.parametrize("certificate", [{}, proved(ANOTHER), {"Client-Cert": ":%%:"}])
def test_a34_a_system_without_its_certificate_proves_nothing(gateway, certificate):
    first = gateway.size()
    answer = ask(gateway, certificate)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})
    made = [one for one in gateway.entries(first) if one.event is Event.LOGIN]
    assert [(one.outcome, one.agent.user_id) for one in made] == [(Outcome.REFUSED, "")]


def test_certificates_are_registered_where_a_proxy_tells_them_alone(clients_file):
    settings = Settings(clients_file=clients_file)
    with pytest.raises(ConfigurationError, match="council-system"):
        clients_of(settings, policy_of(settings))


def test_what_anybody_says_in_the_header_is_not_believed_without_a_proxy(start, clients_file):
    token = bearer(
        ask(start(clients_file=clients_file, client_certificates=True), proved(CERTIFICATE))
    )
    assert start().get("Patient", token | proved(CERTIFICATE)).status_code == 401


def test_that_tokens_can_be_bound_is_told(gateway):
    told = gateway.get("/.well-known/smart-configuration").json()
    assert told["tls_client_certificate_bound_access_tokens"] is True
