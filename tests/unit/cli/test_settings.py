"""Settings: where they come from, what production refuses, and that no secret is repeated."""

import json
import os

import pytest

from consent.policy import ConsentDefault, PermissionToView
from gateway.auth.development import ISSUER
from gateway.errors import ConfigurationError
from gateway.settings import (
    Settings,
    TrustedIssuer,
    access_settings,
    is_secret,
    origin_of,
    unknown_names,
)
from gateway.store.keyring.keys import create_key_file

PASSWORD = "hunter2-and-more"
DATABASE = f"postgresql://gateway:{PASSWORD}@db:5432/gateway"
FIT = {
    "environment": "production",
    "database_url": DATABASE,
    "base_url": "https://gateway.example",
    "on_call_number": "020 7946 0100",
}


@pytest.fixture(autouse=True)
def _nothing_set(commands):
    return commands


def test_the_defaults_are_those_of_one_machine():
    settings = Settings()
    assert settings.database_url == "sqlite:///care-gateway.db"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.permission_to_view is PermissionToView.IMPLIED
    assert not settings.production
    assert settings.limits.fhir_body_bytes == 5 * 1024 * 1024
    assert settings.limits.feed_body_bytes == 64 * 1024 * 1024


def test_the_environment_wins_over_the_file(commands, tmp_path):
    (tmp_path / ".env").write_text("GATEWAY_PORT=9001\nGATEWAY_HOST=127.0.0.2\n")
    commands.set(port="9002")
    settings = Settings()
    assert (settings.port, settings.host) == (9002, "127.0.0.2")
    found = {name: origin_of(name) for name in ("port", "host", "key_file")}
    assert found == {"port": "environment", "host": ".env", "key_file": "default"}


def test_a_nested_setting_is_a_variable_of_its_own(commands):
    commands.set(limits__fhir_body_bytes="2048")
    assert Settings().limits.fhir_body_bytes == 2048
    assert Settings().limits.feed_body_bytes == 64 * 1024 * 1024
    assert origin_of("limits") == "environment"


def test_a_secret_file_holds_a_setting(tmp_path):
    (tmp_path / "gateway_database_url").write_text(DATABASE)
    assert Settings(_secrets_dir=tmp_path).database_url == DATABASE


def test_the_address_follows_from_host_and_port(commands):
    commands.set(port="9003")
    assert Settings().base_url == "http://127.0.0.1:9003"
    assert Settings().audience == "http://127.0.0.1:9003"
    commands.set(base_url="https://gateway.example/")
    assert Settings().base_url == Settings().audience == "https://gateway.example"
    commands.set(audience="someone")
    assert Settings().audience == "someone"


def test_what_the_deployment_chose_reaches_the_policy(commands):
    commands.set(permission_to_view="recorded", consent_default="explicit")
    commands.set(break_glass_overrides_dissent="false")
    chosen = access_settings(Settings())
    assert chosen.permission is PermissionToView.RECORDED
    assert chosen.default is ConsentDefault.EXPLICIT
    assert chosen.break_glass_overrides_dissent is False


def test_a_deployment_that_is_fit_for_production():
    assert Settings(**FIT).production


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"database_url": "sqlite:///x.db"}, "GATEWAY_DATABASE_URL"),
        ({"base_url": "http://gateway.example"}, "GATEWAY_BASE_URL"),
        ({"base_url": ""}, "GATEWAY_BASE_URL"),
        ({"on_call_number": " "}, "GATEWAY_ON_CALL_NUMBER"),
        (
            {"trusted_issuers": [{"issuer": "http://a.example", "jwks": {}}]},
            "GATEWAY_TRUSTED_ISSUERS",
        ),
        ({"trusted_issuers": [{"issuer": ISSUER, "jwks": {}}]}, "GATEWAY_TRUSTED_ISSUERS"),
    ],
)
def test_production_refuses(change, named):
    with pytest.raises(ConfigurationError, match=named) as caught:
        Settings(**FIT | change)
    assert PASSWORD not in str(caught.value)
    Settings(**FIT | change | {"environment": "development"})


def test_production_refuses_keys_made_for_development(tmp_path):
    development, real = tmp_path / "development.json", tmp_path / "real.json"
    create_key_file(development, development=True)
    create_key_file(real)
    assert Settings(**FIT, key_file=real).production
    with pytest.raises(ConfigurationError, match="GATEWAY_KEY_FILE"):
        Settings(**FIT, key_file=development)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", f"mysql://gateway:{PASSWORD}@db/x"),
        ("PORT", PASSWORD),
        ("TRUSTED_ISSUERS", f"[{{{PASSWORD}"),
        ("TRUSTED_ISSUERS", json.dumps([{"issuer": "https://a.example", "key": PASSWORD}])),
        ("PERMISSION_TO_VIEW", PASSWORD),
    ],
)
def test_a_wrong_value_is_named_and_not_repeated(monkeypatch, name, value):
    monkeypatch.setenv(f"GATEWAY_{name}", value)
    with pytest.raises(ConfigurationError, match=f"GATEWAY_{name}") as caught:
        Settings()
    assert PASSWORD not in str(caught.value)
    assert caught.value.__cause__ is None


def test_no_secret_stands_in_a_repr():
    settings = Settings(database_url=DATABASE)
    assert PASSWORD not in repr(settings)
    assert is_secret("database_url")
    assert not is_secret("port")


def test_a_misspelt_setting_is_noticed(commands, tmp_path):
    (tmp_path / ".env").write_text("GATEWAY_IMAGE=x\nGATEWAY_PERMISION_TO_VIEW=recorded\n")
    commands.set(port="9004", limits__fhir_body_bytes="4096", hots="x")
    assert unknown_names() == ("GATEWAY_HOTS", "GATEWAY_PERMISION_TO_VIEW")


def test_an_issuer_has_its_keys_in_one_place(tmp_path):
    keys: dict[str, object] = {"keys": []}
    with pytest.raises(ValueError, match="either"):
        TrustedIssuer(issuer="https://a.example")
    with pytest.raises(ValueError, match="either"):
        TrustedIssuer(issuer="https://a.example", jwks=keys, jwks_file=tmp_path)
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(keys))
    assert TrustedIssuer(issuer="https://a.example", jwks_file=path).read_jwks() == keys
    assert TrustedIssuer(issuer="https://a.example", jwks=keys).read_jwks() == keys
    for content in ("[]", "{", "\udcff"):
        path.write_bytes(os.fsencode(content))
        with pytest.raises(ConfigurationError, match="GATEWAY_TRUSTED_ISSUERS"):
            TrustedIssuer(issuer="https://a.example", jwks_file=path).read_jwks()
