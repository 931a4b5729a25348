"""A policy that a controller has not signed is not served."""

import pytest

from gateway.errors import ConfigurationError
from gateway.main import policy_of
from gateway.settings import Settings
from gateway.sign_offs import check_signed
from gateway.store.keyring.keys import create_key_file

SIGNED = """
controllers = ["H85001", "X1K01"]

[[signed]]
controller = "H85001"
by = "A. Guardian"
on = 2026-11-02
policy = "{hash}"
"""


def settings(**changes) -> Settings:
    return Settings(_env_file=None, **changes)


@pytest.fixture
def file(tmp_path):
    def write(text: str) -> Settings:
        path = tmp_path / "signed.toml"
        path.write_text(text, encoding="utf-8")
        return settings(policy_sign_offs=path)

    return write


def test_every_controller_has_signed_the_policy_in_use_or_it_is_not_served(file):
    policy = policy_of(settings())
    one = SIGNED.format(hash=policy.hash)
    with pytest.raises(ConfigurationError, match=r"is not signed by X1K01$"):
        check_signed(file(one), policy)
    with pytest.raises(ConfigurationError, match=r"is not signed by H85001, X1K01$"):
        check_signed(file(SIGNED.format(hash="earlier")), policy)
    both = one + one.replace("H85001", "X1K01").partition("]\n")[2]
    found = check_signed(file(both), policy)
    assert found is not None
    assert found.missing(policy) == ()


def test_what_the_deployment_chooses_is_signed_too(file):
    one = SIGNED.format(hash=policy_of(settings()).hash).replace(', "X1K01"', "")
    chosen = file(one).model_copy(update={"break_glass_hours": 1})
    with pytest.raises(ConfigurationError, match="not signed by H85001"):
        check_signed(chosen, policy_of(chosen))


def test_production_names_controllers(tmp_path):
    create_key_file(tmp_path / "keys.json")
    live = settings(
        environment="production",
        database_url="postgresql://db/gateway",
        base_url="https://gateway.example",
        on_call_number="020 7946 0100",
        key_file=tmp_path / "keys.json",
    )
    with pytest.raises(ConfigurationError, match="no controller's sign-off"):
        check_signed(live, policy_of(live))
    assert check_signed(settings(), policy_of(settings())) is None


@pytest.mark.parametrize("text", ["[[", "controllers = []", "controllers = 7"])
def test_a_file_that_is_none_is_refused_by_the_name_of_its_setting(file, text):
    with pytest.raises(ConfigurationError, match="GATEWAY_POLICY_SIGN_OFFS"):
        check_signed(file(text), policy_of(settings()))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    absent = settings(policy_sign_offs=tmp_path / "none.toml")
    with pytest.raises(ConfigurationError, match="can be read"):
        check_signed(absent, policy_of(absent))
