"""How a provider system proves itself: private_key_jwt, once, for five minutes."""

import pytest
from joserfc.jwk import ECKey, RSAKey

from gateway.auth.assertions import ALGORITHMS, check_assertion
from gateway.auth.jose import TrustedKeys
from gateway.errors import UnauthenticatedError
from tests.unit.auth.minting import AT, NOW, later, mint, public, without

TOKEN_URL = "https://care-gateway.example/oauth/token"
EC384 = ECKey.generate_key("P-384", {"kid": "es-1"})
RSA = RSAKey.generate_key(2048, {"kid": "rs-1"})
CLIENTS = {
    "trust-system": TrustedKeys.of(public(EC384, RSA), ALGORITHMS),
    "other-system": TrustedKeys.of(
        public(ECKey.generate_key("P-384", {"kid": "es-1"})), ALGORITHMS
    ),
}
HEADER = {"alg": "ES384", "kid": "es-1", "typ": "JWT"}
CLAIMS = {
    "iss": "trust-system",
    "sub": "trust-system",
    "aud": TOKEN_URL,
    "iat": NOW,
    "exp": NOW + 300,
    "jti": "a-1",
}


def check(claims=None, header=None, key=EC384, at=AT):
    return check_assertion(mint(claims or CLAIMS, header or HEADER, key), CLIENTS, TOKEN_URL, at)


def test_es384_and_rs384_prove_a_client():
    assert check().client_id == "trust-system"
    by_rsa = check(header={"alg": "RS384", "kid": "rs-1"}, key=RSA)
    assert by_rsa.client_id == "trust-system"
    assert by_rsa.spent_id == check().spent_id, "the id is the client's, not the key's"
    assert by_rsa.until == later(360)


@pytest.mark.parametrize("seconds", [1, 299, 300])
def test_a_client_need_not_say_since_when(seconds):
    claims = {**without(CLAIMS, "iat"), "exp": NOW + seconds}
    assert check(claims).client_id == "trust-system"


@pytest.mark.parametrize(
    "claims",
    [
        {**CLAIMS, "exp": NOW + 301},
        {**CLAIMS, "aud": "https://care-gateway.example"},
        {**CLAIMS, "aud": TOKEN_URL + "/"},
        {**CLAIMS, "sub": "other-system"},
        {**CLAIMS, "iss": "other-system", "sub": "other-system"},
        {**CLAIMS, "iss": "stranger", "sub": "stranger"},
        {**CLAIMS, "iat": NOW - 500, "exp": NOW - 200},
        {**CLAIMS, "jti": ""},
        *(without(CLAIMS, name) for name in CLAIMS if name != "iat"),
        {**without(CLAIMS, "iat"), "exp": NOW + 361},
        {**without(CLAIMS, "iat"), "exp": NOW - 60},
        {**without(CLAIMS, "iat"), "exp": 0},
    ],
)
def test_another_claim_proves_nothing(claims):
    with pytest.raises(UnauthenticatedError) as caught:
        check(claims)
    assert caught.value.args == ()


@pytest.mark.parametrize(
    "header",
    [
        {**HEADER, "typ": "at+jwt"},
        {**HEADER, "kid": "es-2"},
        {**HEADER, "jku": "https://evil.example/jwks"},
        without(HEADER, "kid"),
    ],
)
def test_another_header_proves_nothing(header):
    with pytest.raises(UnauthenticatedError):
        check(header=header)


def test_an_access_token_is_no_assertion_and_an_expired_one_neither():
    with pytest.raises(UnauthenticatedError):
        check_assertion(mint(), CLIENTS, TOKEN_URL, AT)
    with pytest.raises(UnauthenticatedError):
        check(at=later(360))
