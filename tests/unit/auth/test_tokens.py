"""What an access token may say, and every way it may not."""

import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey, RSAKey

from consent.terms import Caller, CallerKind, Purpose
from gateway.auth.jose import ALGORITHMS, TrustedKeys
from gateway.auth.tokens import Issuer, TokenVerifier
from gateway.errors import ConfigurationError, UnauthenticatedError
from tests.unit.auth.minting import (
    AT,
    AUDIENCE,
    EC,
    HEADER,
    ISSUER,
    NOW,
    PATIENT,
    PATIENTS,
    RSA,
    STAFF,
    STRANGER,
    SYSTEM,
    forge,
    later,
    mint,
    part,
    public,
    sign_as_ec,
    verifier,
    without,
)

VERIFIER = verifier()


def assert_refused(token, at=AT, by=VERIFIER):
    """Refused, and with the one answer that says nothing."""
    with pytest.raises(UnauthenticatedError) as caught:
        by.verify(token, at)
    assert caught.value.args == ()
    assert caught.value.__cause__ is None
    assert type(caught.value) is UnauthenticatedError


def test_a_staff_token_is_a_caller():
    assert VERIFIER.verify(mint(), AT) == Caller(
        user_id="555000111",
        kind=CallerKind.STAFF,
        role="gp",
        org="A81001",
        purpose=Purpose.TREATMENT,
        client_id="portal",
        scopes=frozenset({"user/CarePlan.rs", "user/Goal.rs"}),
        feeds=frozenset(),
        patient=None,
        assurance="AAL3",
        token_hash=hashlib.sha256(f"{len(ISSUER)}:{ISSUER}:t-1".encode()).hexdigest(),
    )


def test_a_system_token_has_feeds_and_is_for_treatment_unless_it_says_so():
    caller = VERIFIER.verify(mint(SYSTEM), AT)
    assert caller.kind is CallerKind.SYSTEM
    assert caller.feeds == {"mental-health"}
    assert caller.purpose is Purpose.TREATMENT


def test_a_patient_token_names_the_person_and_no_organisation():
    caller = VERIFIER.verify(mint(PATIENT), AT)
    assert (caller.kind, caller.org, caller.purpose) == (CallerKind.PATIENT, "", "PATRQT")
    assert caller.patient == PATIENT["patient"]


def test_every_pinned_key_and_listed_algorithm_works():
    header = {"alg": "RS256", "kid": "rsa-1", "typ": "application/at+jwt"}
    assert VERIFIER.verify(mint(header=header, key=RSA), AT).role == "gp"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_that_may_be_listed_works(algorithm):
    kind, curve = ALGORITHMS[algorithm]
    makers = {
        "RSA": lambda: RSAKey.generate_key(2_048, {"kid": "k"}),
        "EC": lambda: ECKey.generate_key(curve, {"kid": "k"}),
        "OKP": lambda: OKPKey.generate_key("Ed25519", {"kid": "k"}),
    }
    key = makers[kind]()
    issuer = Issuer(ISSUER, TrustedKeys.of(public(key), [algorithm]))
    token = mint(header={**HEADER, "alg": algorithm, "kid": "k"}, key=key)
    assert TokenVerifier([issuer], AUDIENCE).verify(token, AT).role == "gp"


def test_an_audience_may_be_one_of_a_list():
    claims = {**STAFF, "aud": ["https://other.example", AUDIENCE]}
    assert VERIFIER.verify(mint(claims), AT).role == "gp"


PEM = EC.as_pem(private=False)
RSA_PEM = RSA.as_pem(private=False)


def mac(secret, digest="sha256"):
    return lambda signed: hmac.digest(secret, signed, digest)


FORGED = {
    "alg none": forge({"alg": "none", "kid": "ec-1", "typ": "at+jwt"}),
    "alg none, signed": forge({**HEADER, "alg": "none"}, sign=sign_as_ec),
    "alg None": forge({**HEADER, "alg": "None"}),
    "alg nOnE": forge({**HEADER, "alg": "nOnE"}, sign=sign_as_ec),
    "alg absent": forge(without(HEADER, "alg"), sign=sign_as_ec),
    "alg is a list": forge({**HEADER, "alg": ["ES256"]}, sign=sign_as_ec),
    "alg is null": forge({**HEADER, "alg": None}, sign=sign_as_ec),
    "HS256 with the EC public key": forge({**HEADER, "alg": "HS256"}, sign=mac(PEM)),
    "HS256 with the RSA public key": forge(
        {**HEADER, "alg": "HS256", "kid": "rsa-1"}, sign=mac(RSA_PEM)
    ),
    "HS256 with an empty key": forge({**HEADER, "alg": "HS256"}, sign=mac(b"")),
    "HS512 with the RSA public key": forge(
        {**HEADER, "alg": "HS512", "kid": "rsa-1"}, sign=mac(RSA_PEM, "sha512")
    ),
    "RS256 named, EC signed": forge({**HEADER, "alg": "RS256"}, sign=sign_as_ec),
    "ES384 named, not listed": forge({**HEADER, "alg": "ES384"}, sign=sign_as_ec),
    "EC key by the RSA kid": forge({**HEADER, "kid": "rsa-1"}, sign=sign_as_ec),
    "embedded jwk": forge(
        {**HEADER, "jwk": STRANGER.as_dict(private=False)},
        sign=lambda signed: sign_as_ec(signed, STRANGER),
    ),
    "embedded jwk, honest signature": forge(
        {**HEADER, "jwk": EC.as_dict(private=False)}, sign=sign_as_ec
    ),
    "jku": forge({**HEADER, "jku": "https://evil.example/jwks"}, sign=sign_as_ec),
    "x5u": forge({**HEADER, "x5u": "https://evil.example/x5u"}, sign=sign_as_ec),
    "x5c": forge({**HEADER, "x5c": ["MIIB"]}, sign=sign_as_ec),
    "crit": forge({**HEADER, "crit": ["exp"]}, sign=sign_as_ec),
    "crit, b64 false": forge({**HEADER, "crit": ["b64"], "b64": False}, sign=sign_as_ec),
    "zip": forge({**HEADER, "zip": "DEF"}, sign=sign_as_ec),
    "kid unknown": forge({**HEADER, "kid": "ec-2"}, sign=sign_as_ec),
    "kid absent": forge(without(HEADER, "kid"), sign=sign_as_ec),
    "kid climbs": forge({**HEADER, "kid": "../../../../dev/null"}, sign=mac(b"")),
    "kid asks a database": forge({**HEADER, "kid": "x' OR '1'='1"}, sign=sign_as_ec),
    "kid is a number": forge({**HEADER, "kid": 1}, sign=sign_as_ec),
    "typ of an ID token": forge({**HEADER, "typ": "JWT"}, sign=sign_as_ec),
    "typ absent": forge(without(HEADER, "typ"), sign=sign_as_ec),
    "typ of a logout token": forge({**HEADER, "typ": "logout+jwt"}, sign=sign_as_ec),
    "typ is a list": forge({**HEADER, "typ": ["at+jwt"]}, sign=sign_as_ec),
    "stranger's key, same kid": mint(key=STRANGER),
    "no signature": mint().rsplit(".", 1)[0] + ".",
    "two parts": mint().rsplit(".", 1)[0],
    "four parts": mint() + ".x",
    "zero signature": forge(HEADER, sign=lambda signed: bytes(64)),
    "signature of other claims": ".".join(
        (part(HEADER), part({**STAFF, "role": "governance-lead"}), mint().split(".")[2])
    ),
    "alg twice": forge('{"alg":"none","alg":"ES256","kid":"ec-1","typ":"at+jwt"}', sign=sign_as_ec),
    "role twice": forge(
        HEADER, json.dumps(STAFF)[:-1] + ',"role":"governance-lead"}', sign=sign_as_ec
    ),
    "header is a list": forge("[]", sign=sign_as_ec),
    "claims are text": forge(HEADER, '"text"', sign=sign_as_ec),
    "claims are not JSON": forge(HEADER, "{", sign=sign_as_ec),
    "claims are not UTF-8": forge(HEADER, b'{"iss":"\xff"}', sign=sign_as_ec),
    "claims in UTF-16": forge(HEADER, json.dumps(STAFF).encode("utf-16"), sign=sign_as_ec),
    "claims in UTF-32": forge(HEADER, json.dumps(STAFF).encode("utf-32-le"), sign=sign_as_ec),
    "claims after a byte order mark": forge(
        HEADER, json.dumps(STAFF).encode("utf-8-sig"), sign=sign_as_ec
    ),
    "header in UTF-16": forge(json.dumps(HEADER).encode("utf-16"), sign=sign_as_ec),
    "deep claims": forge(HEADER, "[" * 3_000, sign=sign_as_ec),
    "NaN": forge(HEADER, json.dumps({**STAFF, "exp": float("nan")}), sign=sign_as_ec),
    "empty": "",
    "dots": "..",
    "not ASCII": mint() + "é",
    "half a character": "\ud800." + mint(),
    "line break": mint() + "\n",
    "very long": mint({**STAFF, "acr": "x" * 9_000}),
}


@pytest.mark.parametrize("attack", FORGED)
def test_a_forged_token_is_refused(attack):
    assert_refused(FORGED[attack])


def test_the_forger_of_these_tests_can_make_a_good_token():
    assert VERIFIER.verify(forge(HEADER, sign=sign_as_ec), AT).role == "gp"


WRONG_CLAIMS = {
    "another audience": {**STAFF, "aud": "https://other.example"},
    "an audience that begins alike": {**STAFF, "aud": AUDIENCE + ".evil.example"},
    "an audience list without ours": {**STAFF, "aud": ["https://other.example"]},
    "an audience list of numbers too": {**STAFF, "aud": [AUDIENCE, 1]},
    "an audience object": {**STAFF, "aud": {AUDIENCE: True}},
    "another issuer": {**STAFF, "iss": "https://evil.example"},
    "an issuer with a slash": {**STAFF, "iss": ISSUER + "/"},
    "an issuer list": {**STAFF, "iss": [ISSUER]},
    "another issuer's kind": {**STAFF, "iss": PATIENTS},
    "a patient of the staff issuer": {**PATIENT, "iss": ISSUER},
    "expired": {**STAFF, "iat": NOW - 700, "exp": NOW - 61},
    "not yet": {**STAFF, "nbf": NOW + 61},
    "issued tomorrow": {**STAFF, "iat": NOW + 61},
    "issued tomorrow, valid today": {**STAFF, "iat": NOW + 61, "nbf": NOW},
    "expires before it is issued": {**STAFF, "exp": NOW - 1, "iat": NOW},
    "a week long": {**STAFF, "exp": NOW + 7 * 86_400},
    "exp as text": {**STAFF, "exp": str(NOW + 600)},
    "exp as fraction": {**STAFF, "exp": NOW + 600.5},
    "exp as flag": {**STAFF, "exp": True},
    "exp beyond all time": {**STAFF, "exp": 10**20},
    "exp negative": {**STAFF, "exp": -1},
    "nbf null": {**STAFF, "nbf": None},
    "two purposes": {**STAFF, "purpose": "TREAT HMARKT"},
    "a list of purposes": {**STAFF, "purpose": ["TREAT", "HMARKT"]},
    "a list of one purpose": {**STAFF, "purpose": ["TREAT"]},
    "an unknown purpose": {**STAFF, "purpose": "CURIOUS"},
    "an empty purpose": {**STAFF, "purpose": ""},
    "a null purpose": {**STAFF, "purpose": None},
    "an unknown kind": {**STAFF, "kind": "root"},
    "staff as patient": {**STAFF, "role": "patient"},
    "staff as provider": {**STAFF, "role": "provider"},
    "several roles": {**STAFF, "role": "gp governance-lead"},
    "a list of roles": {**STAFF, "role": ["gp"]},
    "staff with feeds": {**STAFF, "feeds": ["gp"]},
    "staff with a person": {**STAFF, "patient": PATIENT["patient"]},
    "an organisation with a line break": {**STAFF, "org": "A81001\nRAX"},
    "an organisation list": {**STAFF, "org": ["A81001"]},
    "a caller id with a line break": {**STAFF, "sub": "5\n5"},
    "a caller id that is a number": {**STAFF, "sub": 5},
    "a very long caller id": {**STAFF, "sub": "5" * 256},
    "scope as list": {**STAFF, "scope": ["user/*.rs"]},
    "feeds as text": {**SYSTEM, "feeds": "mental-health gp"},
    "feeds of objects": {**SYSTEM, "feeds": [{}]},
    "too many feeds": {**SYSTEM, "feeds": [f"feed-{n}" for n in range(33)]},
    "a system as patient": {**SYSTEM, "role": "patient", "patient": "x"},
    "a patient with an organisation": {**PATIENT, "org": "RAX"},
    "a patient without a person": without(PATIENT, "patient"),
    "a patient in a staff role": {**PATIENT, "role": "gp"},
    "a patient who proved little": {**PATIENT, "acr": "P5"},
    "a patient who proved nothing": without(PATIENT, "acr"),
    "a proxy with feeds": {**PATIENT, "kind": "proxy", "role": "proxy", "feeds": ["gp"]},
    "a proxy in the patient's role": {**PATIENT, "kind": "proxy"},
}


@pytest.mark.parametrize("fault", WRONG_CLAIMS)
def test_wrong_claims_are_refused(fault):
    assert_refused(mint(WRONG_CLAIMS[fault]))


REQUIRED = ("iss", "aud", "sub", "client_id", "iat", "exp", "jti", "kind", "role", "org")


@pytest.mark.parametrize("name", REQUIRED)
def test_a_required_claim_may_be_neither_absent_nor_empty(name):
    assert_refused(mint(without(STAFF, name)))
    assert_refused(mint({**STAFF, name: ""}))
    assert_refused(mint({**STAFF, name: None}))


def test_times_have_a_minute_of_grace_and_no_more():
    token = mint({**STAFF, "nbf": NOW})
    fresh = verifier
    assert fresh().verify(token, later(-60)).role == "gp"
    assert_refused(token, later(-61), fresh())
    assert fresh().verify(token, later(659)).role == "gp"
    assert_refused(token, later(660), fresh())


@given(st.text(alphabet="abcABC019-_.=+/ \n", max_size=60))
def test_no_text_at_all_breaks_the_verifier(text):
    assert_refused(text)


@given(st.integers(0, len(mint()) - 1), st.sampled_from("AbZ09-_.= \x00"))
def test_no_changed_character_makes_another_caller(place, character):
    token = mint()
    changed = token[:place] + character + token[place + 1 :]
    try:
        caller = verifier().verify(changed, AT)
    except UnauthenticatedError:
        return
    assert caller == VERIFIER.verify(token, AT), "only unused bits of the last character"


def counted(by):
    """The verifier's check, counted: how often a token was looked at in full."""
    calls = []
    check = by._check

    def counting(token, at):
        calls.append(at)
        return check(token, at)

    by._check = counting
    return calls


def test_a_verified_token_is_remembered_for_a_minute():
    by = verifier()
    calls = counted(by)
    for seconds in (0, 1, 59, 60, 61):
        by.verify(mint_once, later(seconds))
    assert calls == [AT, later(60)]


mint_once = mint()


def test_a_remembered_token_expires_all_the_same():
    by = verifier(skew=later(0) - AT)
    token = mint({**STAFF, "exp": NOW + 10})
    assert by.verify(token, later(9)).role == "gp"
    assert_refused(token, later(10), by)


def test_a_clock_set_back_does_not_revive_a_token_from_memory():
    by = verifier()
    by.verify(mint_once, AT)
    assert_refused(mint_once, later(-3_600), by)


def test_the_memory_is_bounded_and_holds_no_token():
    by = verifier(capacity=3)
    tokens = [mint({**STAFF, "jti": f"t-{n}"}) for n in range(5)]
    for token in tokens:
        by.verify(token, AT)
    assert len(by._verified) == 3
    assert {len(name) for name in by._verified} == {hashlib.sha256().digest_size}


def test_refusals_are_not_remembered():
    by = verifier()
    token = mint({**STAFF, "nbf": NOW + 120})
    assert_refused(token, AT, by)
    assert by.verify(token, later(120)).role == "gp"


PRIVATE = {"keys": [EC.as_dict(private=True)]}
WRONG_TRUST = {
    "no algorithm": (public(EC), []),
    "none": (public(EC), ["none"]),
    "shared secret": (public(EC), ["ES256", "HS256"]),
    "unknown algorithm": (public(EC), ["ES257"]),
    "no keys": ({"keys": []}, ["ES256"]),
    "keys not a list": ({"keys": {}}, ["ES256"]),
    "private key": (PRIVATE, ["ES256"]),
    "shared key": ({"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "s"}]}, ["ES256"]),
    "no kid": ({"keys": [without(EC.as_dict(private=False), "kid")]}, ["ES256"]),
    "a kid twice": (public(EC, STRANGER), ["ES256"]),
    "no algorithm for the key": (public(EC), ["RS256"]),
    "another curve": (public(ECKey.generate_key("P-384", {"kid": "x"})), ["ES256"]),
    "for encryption": ({"keys": [{**EC.as_dict(private=False), "use": "enc"}]}, ["ES256"]),
    "not a key": ({"keys": [{"kty": "EC", "kid": "x"}]}, ["ES256"]),
}


@pytest.mark.parametrize("fault", WRONG_TRUST)
def test_what_must_not_be_trusted_is_refused_at_start(fault):
    jwks, algorithms = WRONG_TRUST[fault]
    with pytest.raises(ConfigurationError):
        TrustedKeys.of(jwks, algorithms)


@pytest.mark.filterwarnings("ignore:Key size")
def test_a_short_rsa_key_is_refused_at_start():
    modulus = part(((1 << 1_023) + 1).to_bytes(128, "big"))
    row = {"kty": "RSA", "kid": "short", "e": "AQAB", "n": modulus}
    with pytest.raises(ConfigurationError):
        TrustedKeys.of({"keys": [row]}, ["RS256"])


def test_a_grace_above_a_minute_is_refused_at_start():
    with pytest.raises(ConfigurationError):
        TokenVerifier((), AUDIENCE, skew=later(61) - AT)


def test_nothing_of_a_token_or_key_is_in_a_repr():
    trusted = TrustedKeys.of(public(EC), ["ES256"])
    assert str(EC.as_dict()["x"]) not in repr(trusted)
    assert "555000111" not in repr(VERIFIER)


THUMBPRINT = "A" * 43


def test_a_bound_token_is_its_certificates_alone():
    token, by = mint(STAFF | {"cnf": {"x5t#S256": THUMBPRINT}}), verifier()
    for _ in range(2):  # as it is read, and as it is remembered
        assert by.verify(token, AT, THUMBPRINT).user_id == "555000111"
        assert_refused(token, by=by)
        with pytest.raises(UnauthenticatedError):
            by.verify(token, AT, "B" * 43)


@pytest.mark.parametrize(
    "named",
    [
        None, "", THUMBPRINT, [], {}, {"jkt": THUMBPRINT}, {"x5t#S256": ""}, {"x5t#S256": None},
        {"x5t#S256": f"{THUMBPRINT}="}, {"x5t#S256": THUMBPRINT, "jkt": THUMBPRINT},
    ],
)  # fmt: skip
def test_a_token_that_is_bound_to_what_cannot_be_checked_is_refused(named):
    token = mint(STAFF | {"cnf": named})
    assert_refused(token)
    with pytest.raises(UnauthenticatedError):
        VERIFIER.verify(token, AT, THUMBPRINT)


def test_an_unbound_token_serves_whoever_proves_a_certificate():
    assert verifier().verify(mint(), AT, THUMBPRINT).user_id == "555000111"
