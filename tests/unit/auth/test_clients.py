"""Provider systems as registered, and what their requests are narrowed to."""

import json

import pytest
from joserfc.jwk import ECKey

from gateway.auth.clients import granted, read_clients
from gateway.errors import ConfigurationError
from tests.unit.auth.minting import public

GOOD = """
[[client]]
id = "trust-pas"
name = "The trust's patient administration system"
org = "RAX01"
feeds = ["hospital"]
jwks_file = "keys.json"
"""
NARROW = GOOD + 'scopes = ["system/CarePlan.rs"]\n'


@pytest.fixture
def file(tmp_path):
    jwks = public(ECKey.generate_key("P-384", {"kid": "one"}))
    (tmp_path / "keys.json").write_text(json.dumps(jwks))
    (tmp_path / "shared.json").write_text('{"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "a"}]}')
    (tmp_path / "text.json").write_text("[]")

    def write(text):
        path = tmp_path / "clients.toml"
        path.write_text(text)
        return path

    return write


def test_a_client_is_read_with_its_keys(file):
    ((client, keys),) = read_clients(file(GOOD)).values()
    assert (client.id, client.org, client.feeds) == ("trust-pas", "RAX01", ("hospital",))
    assert client.scopes == ("system/*.rs",)
    assert list(keys.keys) == ["one"]
    assert read_clients(file(NARROW))["trust-pas"][0].scopes == ("system/CarePlan.rs",)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("client = 1", "client"),
        ("[[client]]\nid = 1", "client 1"),
        ("not toml", "TOML"),
        (GOOD + GOOD, "twice"),
        (GOOD + "\n[other]\n", "nothing else"),
        (GOOD + 'secret = "s"\n', "secret"),
        (GOOD.replace("keys.json", "none.json"), "trust-pas"),
        (GOOD.replace("keys.json", "text.json"), "trust-pas"),
        (GOOD.replace("keys.json", "shared.json"), "trust-pas"),
        (GOOD.replace('feeds = ["hospital"]', ""), "feeds"),
        (
            GOOD.replace('["hospital"]', "[]"),
            "client 1 of the file: fields that contradict each other",
        ),
        (GOOD + 'role = "gp"\n', "role"),
        (NARROW.replace('["system/CarePlan.rs"]', "[]"), "scopes"),
        (NARROW.replace("system/", "user/"), "scopes"),
        (GOOD.replace("RAX01", "rax 01"), "org"),
    ],
)
def test_a_file_that_is_not_right_is_refused_whole_and_the_place_is_named(file, text, named):
    with pytest.raises(ConfigurationError) as caught:
        read_clients(file(text))
    assert named in str(caught.value)
    assert "c2VjcmV0" not in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "registered", "given"),
    [
        ("system/CarePlan.rs", ["system/CarePlan.rs"], "system/CarePlan.rs"),
        ("system/CarePlan.cruds", ["system/CarePlan.rs"], "system/CarePlan.rs"),
        ("system/*.rs", ["system/CarePlan.r", "system/Goal.s"], "system/CarePlan.r system/Goal.s"),
        ("system/Goal.read", ["system/*.cruds"], "system/Goal.rs"),
        ("system/*.*", ["system/*.rs"], "system/*.rs"),
        ("system/Goal.rs system/Goal.rs", ["system/*.rs"], "system/Goal.rs"),
        ("system/Goal.c", ["system/Goal.rs"], ""),
        ("system/Goal.rs", ["system/CarePlan.rs"], ""),
        ("system/Goal.rs", [], ""),
        ("user/Goal.rs openid", ["system/*.rs"], ""),
        ("system/Goal.rs?category=x", ["system/*.rs"], ""),
        ("", ["system/Goal.rs", "system/CarePlan.r"], "system/Goal.rs system/CarePlan.r"),
    ],
)
def test_a_request_is_narrowed_to_what_is_registered(asked, registered, given):
    assert granted(asked, registered) == given
