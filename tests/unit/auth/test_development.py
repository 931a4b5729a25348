from itertools import count

import pytest

from consent.terms import CallerKind, Purpose
from gateway.auth.development import DevelopmentIssuer
from gateway.auth.tokens import TokenVerifier
from gateway.errors import ConfigurationError, UnauthenticatedError
from gateway.store.keyring.keys import FileKeyProvider, create_key_file
from tests.unit.auth.minting import AT, AUDIENCE, later


def development(folder, production=False, name="keys.json"):
    path = folder / name
    create_key_file(path, development=True)
    numbers = count(1)
    return DevelopmentIssuer(
        FileKeyProvider.read(path).token_signing_key,
        AUDIENCE,
        lambda: f"t-{next(numbers)}",
        production=production,
    )


@pytest.fixture
def issuer(tmp_path):
    return development(tmp_path)


@pytest.fixture
def verifier(issuer):
    return TokenVerifier([issuer.issuer()], AUDIENCE)


def test_a_role_gets_a_token_that_says_so(issuer, verifier):
    token = issuer.issue("social-worker", user="sw-1", org="KCC", at=AT)
    caller = verifier.verify(token, AT)
    assert (caller.kind, caller.role, caller.org) == (CallerKind.STAFF, "social-worker", "KCC")
    assert (caller.user_id, caller.purpose) == ("sw-1", Purpose.TREATMENT)


def test_a_provider_gets_its_feeds(issuer, verifier):
    token = issuer.issue("provider", user="mh", org="RAX", feeds=["mental-health"], at=AT)
    caller = verifier.verify(token, AT)
    assert (caller.kind, caller.feeds) == (CallerKind.SYSTEM, {"mental-health"})


@pytest.mark.parametrize("role", ["patient", "proxy"])
def test_a_person_gets_their_record(issuer, verifier, role):
    purpose = Purpose.PATIENT_REQUEST
    token = issuer.issue(role, user="p-1", patient="person-1", purpose=purpose, at=AT)
    caller = verifier.verify(token, AT)
    assert (caller.kind, caller.patient, caller.purpose) == (role, "person-1", purpose)


def test_two_tokens_are_told_apart(issuer, verifier):
    tokens = [issuer.issue("gp", user="1", org="A81001", at=AT) for _ in range(2)]
    assert len({verifier.verify(token, AT).token_hash for token in tokens}) == 2


def test_a_token_ends_with_its_lifetime(issuer, verifier):
    token = issuer.issue("gp", user="1", org="A81001", at=AT, lifetime=later(60) - AT)
    assert verifier.verify(token, later(60)).role == "gp"
    with pytest.raises(UnauthenticatedError):
        verifier.verify(token, later(121))


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "gp", "user": "1"},
        {"role": "GP", "user": "1", "org": "A81001"},
        {"role": "gp", "user": "", "org": "A81001"},
        {"role": "patient", "user": "1"},
        {"role": "patient", "user": "1", "patient": "p", "org": "A81001"},
        {"role": "gp", "user": "1", "org": "A81001", "feeds": ["gp"]},
        {"role": "gp", "user": "1", "org": "A81001", "kind": CallerKind.PATIENT},
        {"role": "gp", "user": "1", "org": "A81001", "lifetime": later(12 * 3_600 + 1) - AT},
        {"role": "gp", "user": "1", "org": "A81001", "lifetime": AT - AT},
    ],
)
def test_a_token_that_would_be_refused_is_not_issued(issuer, wrong):
    with pytest.raises(ConfigurationError):
        issuer.issue(wrong.pop("role"), at=AT, **wrong)


def test_production_refuses_to_issue(tmp_path):
    with pytest.raises(ConfigurationError, match="production"):
        development(tmp_path, production=True)


def test_another_deployments_development_token_is_refused(tmp_path, verifier):
    token = development(tmp_path, name="other.json").issue("gp", user="1", org="A81001", at=AT)
    with pytest.raises(UnauthenticatedError):
        verifier.verify(token, AT)
