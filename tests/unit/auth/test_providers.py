"""The reviewed file of OpenID providers, and what is refused in it."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import RSAKey

from gateway.auth.providers import read_providers
from gateway.custody import keys_of
from gateway.errors import ConfigurationError
from gateway.flows.sign_in.sign_in_person_desk import people_desk_of
from gateway.main import policy_of
from gateway.settings import Settings
from gateway.store.keyring.keys import create_key_file
from tests.unit.auth.minting import public

GOOD = """
[[provider]]
name = "staff"
title = "Smartcard"
kind = "staff"
issuer = "https://staff.example"
authorization_endpoint = "https://staff.example/authorize"
token_endpoint = "https://staff.example/token"
userinfo_endpoint = "https://staff.example/userinfo"
jwks_file = "keys.json"
algorithms = ["RS256"]
client_id = "care-gateway"
scope = "openid profile"
acr = ["AAL3"]
"""
ROLE = """
[[provider.role]]
code = "S8000:G8000:R8000"
orgs = ["H85001"]
role = "gp"
"""
PERSON = GOOD.replace('kind = "staff"', 'kind = "person"').replace('acr = ["AAL3"]\n', "")


@pytest.fixture
def file(tmp_path):
    key = RSAKey.generate_key(2048, {"kid": "one"})
    (tmp_path / "keys.json").write_text(json.dumps(public(key)))
    (tmp_path / "private.json").write_text(json.dumps({"keys": [key.as_dict(private=True)]}))
    (tmp_path / "text.json").write_text("[]")

    def write(text):
        path = tmp_path / "providers.toml"
        path.write_text(text)
        return path

    return write


def test_a_provider_is_read_with_its_keys(file):
    ((provider, keys),) = read_providers(file(GOOD + ROLE)).values()
    assert (provider.name, provider.proofing, list(keys.keys)) == ("staff", ("P9",), ["one"])
    found = provider.role_of("S8000:G8000:R8000", "H85001")
    assert found is not None
    assert found.role == "gp"
    assert provider.role_of("S8000:G8000:R8000", "H85002") is None
    assert provider.role_of("S8000:G8000:R8001", "H85001") is None
    assert read_providers(file(PERSON))["staff"][0].kind == "person"


FAULTY = {
    "no TOML": "[[",
    "another table": GOOD + ROLE + "[more]\n",
    "no list": 'provider = "x"\n',
    "an unknown field": GOOD + 'discovery = "https://staff.example"\n' + ROLE,
    "a name twice": GOOD + ROLE + GOOD.replace("staff.example", "other.example") + ROLE,
    "an issuer twice": GOOD + ROLE + GOOD.replace('name = "staff"', 'name = "other"') + ROLE,
    "staff without roles": GOOD,
    "staff at any assurance": GOOD.replace('acr = ["AAL3"]\n', "") + ROLE,
    "a person with roles": PERSON + ROLE,
    "a person proofed at no level": PERSON + "proofing = []\n",
    "a role twice": GOOD + ROLE + ROLE,
    "a role for nowhere": GOOD + ROLE.replace('"H85001"', ""),
    "a role that is none": GOOD + ROLE.replace("S8000:G8000:R8000", "R8000"),
    "no openid": GOOD.replace("openid profile", "profile") + ROLE,
    "parameters of ours": GOOD + 'parameters = { redirect_uri = "https://evil.example" }\n' + ROLE,
    "an address that is none": GOOD.replace('"https://staff.example/token"', '"file:///x"') + ROLE,
    "a shared secret": GOOD.replace("RS256", "HS256") + ROLE,
    "no algorithm": GOOD.replace('["RS256"]', "[]") + ROLE,
    "a private key": GOOD.replace("keys.json", "private.json") + ROLE,
    "no key set": GOOD.replace("keys.json", "text.json") + ROLE,
    "no file of keys": GOOD.replace("keys.json", "missing.json") + ROLE,
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_faulty_file_is_refused_without_repeating_it(file, fault):
    with pytest.raises(ConfigurationError) as refused:
        read_providers(file(FAULTY[fault]))
    assert "example" not in str(refused.value)


def desk(tmp_path, path, **more):
    settings = Settings(key_file=tmp_path / "k.json", providers_file=path, **more)
    return people_desk_of(settings, keys_of(settings), policy_of(settings))


@pytest.mark.parametrize(
    "role", ['"nobody"', '"patient"', '"provider"', '"gp"\npurpose = "HRESCH"']
)
def test_a_national_role_stands_for_a_role_of_staff_and_a_purpose_of_it(tmp_path, file, role):
    assert desk(tmp_path, file(GOOD + ROLE)).providers.keys() == {"staff"}
    with pytest.raises(ConfigurationError):
        desk(tmp_path, file(GOOD + ROLE.replace('"gp"', role)))


def test_production_calls_https_addresses_alone(tmp_path, file):
    create_key_file(tmp_path / "production.json")
    settings = {
        "environment": "production",
        "base_url": "https://gateway.example",
        "on_call_number": "020 7946 0100",
        "database_url": "postgresql://nobody@127.0.0.1/none",
        "key_file": tmp_path / "production.json",
    }
    path = file(GOOD + ROLE)
    made = Settings(providers_file=path, **settings)
    assert people_desk_of(made, keys_of(made), policy_of(made)).providers
    file((GOOD + ROLE).replace("https://staff.example/token", "http://staff.example/token"))
    assert desk(tmp_path, path).providers, "outside production a provider of a test will do"
    with pytest.raises(ConfigurationError):
        people_desk_of(made, keys_of(made), policy_of(made))


def pem(path, bits=2048, mode=0o600):
    key = rsa.generate_private_key(65537, bits)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(mode)
    return key


def test_a_provider_that_takes_rsa_alone_is_given_a_key_of_its_own(tmp_path, file):
    pem(tmp_path / "client.pem")
    with_key = GOOD + 'client_key_file = "client.pem"\nclient_algorithm = "RS384"\n' + ROLE
    made = desk(tmp_path, file(with_key))
    key = made.key_for("staff")
    assert (key.algorithm, key.kid) == ("RS384", key.key.thumbprint())
    assert made.key_for("another").algorithm == "ES256"
    assert {"kty", "n", "e", "kid", "alg", "use"} == set(key.public)
    named = with_key.replace('"RS384"', '"RS512"\nclient_key_id = "2026"')
    assert desk(tmp_path, file(named)).key_for("staff").kid == "2026"
    assert "PRIVATE" not in repr(made)


@pytest.mark.parametrize("fault", ["missing", "open", "short", "text", "curve", "algorithm"])
def test_a_key_that_proves_nothing_is_refused(tmp_path, file, fault):
    path, algorithm = tmp_path / "client.pem", "RS512"
    if fault in ("open", "short", "algorithm"):
        pem(path, 1024 if fault == "short" else 2048, 0o644 if fault == "open" else 0o600)
    elif fault == "curve":
        key = ec.generate_private_key(ec.SECP256R1())
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        path.chmod(0o600)
    elif fault == "text":
        path.write_text("no key")
        path.chmod(0o600)
    algorithm = "HS256" if fault == "algorithm" else algorithm
    more = f'client_key_file = "client.pem"\nclient_algorithm = "{algorithm}"\n'
    with pytest.raises(ConfigurationError) as refused:
        desk(tmp_path, file(GOOD + more + ROLE))
    assert "PRIVATE" not in str(refused.value)
