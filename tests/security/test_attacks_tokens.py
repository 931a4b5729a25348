"""Attacks by whoever asks: forged tokens, other roles, organisations and kinds of caller."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.custody import keys_of
from tests.api.service import FHIR, START, is_outcome, resources
from tests.api.world import COUNCIL, NORMA, PRACTICE
from tests.api.writing import goal


@pytest.fixture
def gateway(shared):
    yield shared
    shared.at = START


def _part(value) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _forged(gateway, header_change=None, claim_change=None, signature=None, key=None):
    real = gateway.token("gp", "gp-1", PRACTICE)["Authorization"].removeprefix("Bearer ")
    header, claims, signed = real.split(".")
    head = json.loads(base64.urlsafe_b64decode(header + "==")) | (header_change or {})
    body = json.loads(base64.urlsafe_b64decode(claims + "==")) | (claim_change or {})
    text = f"{_part(head)}.{_part(body)}"
    if key is not None:
        signed = _part(hmac.new(key, text.encode(), hashlib.sha256).digest())
    return {"Authorization": f"Bearer {text}.{signed if signature is None else signature}"}


FORGERIES = [
    {"header_change": {"alg": "none"}, "signature": ""},
    {"header_change": {"alg": "HS256"}, "key": b"public"},
    {"header_change": {"jwk": {"kty": "oct", "k": "AA"}}},
    {"header_change": {"jku": "https://evil.example/jwks"}},
    {"header_change": {"x5u": "https://evil.example/x5u"}},
    {"header_change": {"crit": ["exp"]}},
    {"header_change": {"kid": "../../etc/passwd"}},
    {"header_change": {"typ": "JWT"}},
    {"claim_change": {"org": "H85002"}},
    {"claim_change": {"role": "borough-governance"}},
    {"claim_change": {"aud": "https://other.example"}},
    {"claim_change": {"iss": "https://other.example"}},
    {"claim_change": {"exp": 1}},
    {"signature": ""},
    {"signature": "AAAA"},
]


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a34_s48_a_forged_token_is_one_uniform_401(gateway, world, forgery):
    norma = world.norma
    answer = gateway.get(f"Patient/{norma}", _forged(gateway, **forgery))
    assert is_outcome(answer, 401, "login")
    assert answer.content == gateway.get(f"Patient/{norma}").content
    assert gateway.get(f"Patient/{norma}", world.gp).status_code == 200


def test_a34_s48_the_published_key_signs_nothing_as_a_secret(gateway, world):
    """Whoever takes HS256 for the key's own algorithm would believe what anybody can sign."""
    norma = world.norma
    kid, key = keys_of(gateway.settings).token_signing_key
    public = key.public_key()
    pem, der = (
        public.public_bytes(form, PublicFormat.SubjectPublicKeyInfo)
        for form in (Encoding.PEM, Encoding.DER)
    )
    point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    secrets = (pem, pem.strip(), der, point, point[1:33])
    for secret in secrets:
        forged = _forged(gateway, {"alg": "HS256", "kid": kid}, key=secret)
        answer = gateway.get(f"Patient/{norma}", forged)
        assert is_outcome(answer, 401, "login")
        assert answer.content == gateway.get(f"Patient/{norma}").content


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic Z3A6Z3A=", "bearer a.b.c", "Bearer " + "a" * 20000]
)
def test_a34_what_is_no_bearer_token(gateway, header):
    assert is_outcome(gateway.get("Goal", {"Authorization": header}), 401, "login")
    assert is_outcome(gateway.get("Goal?access_token=x"), 401, "login")


def test_a34_of_two_tokens_none_is_believed(gateway, world):
    """A proxy in front may have looked at the other one."""
    path, (ours,), (theirs,) = f"Patient/{world.norma}", world.gp.values(), world.doctor.values()
    nobody, bare = gateway.get(path), theirs.removeprefix("Bearer ")
    for values in (
        (ours, theirs), (theirs, ours), (ours, ours), (ours, ""), ("Basic Z3A6Z3A=", ours),
        (f"{ours}, {theirs}",), (f"{ours},{theirs}",), (f"{ours}, {bare}",), (f"{ours} {bare}",),
    ):  # fmt: skip
        answer = gateway.ask_in_lines("GET", path, [("Authorization", one) for one in values])
        assert is_outcome(answer, 401, "login")
        assert answer.content == nobody.content
        assert answer.headers["www-authenticate"] == "Bearer"
    assert gateway.ask_in_lines("GET", path, [("authorization", ours)]).status_code == 200


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("If-Match", ('W/"1"', 'W/"2"')),
        ("If-Match", ('W/"2"', 'W/"1"')),
        ("If-Match", ('W/"1", W/"2"',)),
        ("If-None-Exist", ("identifier=a|1", "identifier=a|2")),
        ("Content-Type", (FHIR, "text/plain")),
        ("If-Modified-Since", ("x", "y")),
    ],
)
def test_a34_a_header_that_decides_what_is_done_is_sent_once(gateway, world, name, values):
    norma, before = world.norma, gateway.size()
    sent = goal(norma)
    lines = [("Authorization", *world.gp.values()), *((name, one) for one in values)]
    lines += [] if name == "Content-Type" else [("Content-Type", FHIR)]
    method, path = "POST", "Goal"
    if name == "If-Match":
        sent = world.of("Goal", norma, world.gp)[0]
        method, path, before = "PUT", f"Goal/{sent['id']}", gateway.size()
    answer = gateway.ask_in_lines(method, path, lines, json.dumps(sent).encode())
    assert is_outcome(answer, 400)
    assert not [one for one in gateway.entries(before) if one.outcome == "stored"]


def test_a34_a_token_has_its_time(gateway, world):
    who = world.gp
    gateway.at += timedelta(hours=1, minutes=2)
    assert is_outcome(gateway.get("Goal", who), 401)
    gateway.at -= timedelta(days=1)
    assert is_outcome(gateway.get("Goal", who), 401)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Org": PRACTICE, "X-Role": "gp"},
        {"X-User-Role": "gp", "Ssp-From": PRACTICE},
        {"X-Forwarded-User": "gp-1", "X-Purpose": "ETREAT"},
    ],
)
def test_a33_role_and_organisation_come_from_the_token_alone(gateway, world, headers):
    answer = gateway.get(f"Patient/{world.norma}", world.stranger | headers)
    assert is_outcome(answer, 404)
    claims = {"roles": ["gp", "social-worker"], "orgs": [PRACTICE]}
    assert is_outcome(gateway.get("Goal", _forged(gateway, claim_change=claims)), 401)


ROLES = [
    ("gp", 200),
    ("practice-nurse", 200),
    ("receptionist", 200),
    ("governance-lead", 404),
    ("borough-governance", 404),
    ("commissioner", 404),
    ("feed-operator", 404),
    ("researcher", 404),
    ("no-such-role", 404),
    ("advocate", 404),
]


@pytest.mark.parametrize(("role", "status"), ROLES)
def test_a33_one_organisation_many_roles(gateway, world, role, status):
    who = gateway.token(role, "same-user", PRACTICE)
    assert gateway.get(f"Patient/{world.norma}", who).status_code == status


def test_a33_a_kind_of_caller_is_not_another(gateway, world):
    """A system in a provider's role, a person, staff: each has its own door and no other."""
    norma, system = world.norma, gateway.token("provider", "s", PRACTICE, feeds=["gp"])
    assert is_outcome(gateway.get("AuditEvent", system), 403)
    mine = world.person(NORMA, system)
    assert mine == norma or is_outcome(gateway.get(f"Patient/{norma}/$everything", system), 404)
    seen = resources(gateway.get(f"Patient/{mine}/$everything", system).json())
    assert {one["meta"].get("source", "H85001").count("H85001") for one in seen} == {1}
    body = b'{"document":"support-plan"}'
    for who in (world.gp, gateway.token("patient", "p", patient=norma), system):
        answer = gateway.ask("POST", "/feeds/social-care", who, content=body)
        assert is_outcome(answer, 403, "forbidden")
    assert is_outcome(gateway.ask("GET", "/feeds/gp/deliveries/x", world.gp), 403)
    other = gateway.token("patient", "p", patient=world.alice)
    assert is_outcome(gateway.get(f"Patient/{norma}", other), 404)
    proxy = gateway.token("proxy", "daughter", patient=norma)
    assert is_outcome(gateway.get(f"Patient/{norma}", proxy), 404)


def test_a33_one_systems_deliveries_are_not_anothers(gateway, world):
    delivery = gateway.entries()[0].delivery_id
    own = gateway.token("provider", "s", PRACTICE, feeds=["gp"])
    assert gateway.get(f"/feeds/gp/deliveries/{delivery}", own).status_code == 200
    for org, feed in (("H85002", "gp"), (PRACTICE, "social-care"), (COUNCIL, "social-care")):
        who = gateway.token("provider", "s", org, feeds=[feed])
        assert is_outcome(gateway.get(f"/feeds/{feed}/deliveries/{delivery}", who), 404)
    assert is_outcome(gateway.get("/feeds/gp/deliveries/%00", own), 404)
