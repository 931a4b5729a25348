"""`check` reads what a provider's system is registered with."""

import json

import pytest
from joserfc.jwk import ECKey

from tests.integration.test_cli import commands

__all__ = ["commands"]
CLIENT = """
[[client]]
id = "gp-system"
name = "A GP system"
org = "H85001"
feeds = ["{feed}"]
jwks_file = "gp.json"
"""


@pytest.mark.parametrize(
    ("curve", "feed", "says"),
    [
        ("P-384", "gp", "1 registered"),
        ("P-256", "gp", "client gp-system: a key of a JWKS that cannot be used for ES384 or RS384"),
        ("P-384", "gps", "client gp-system: feeds takes some of gp, hospital, community"),
        ("", "gp", "client gp-system: its JWKS file cannot be read"),
    ],
)
def test_the_systems_of_providers_are_read_with_their_keys(commands, curve, feed, says):
    if curve:
        key = ECKey.generate_key(curve, {"kid": "gp-1"}, private=False).as_dict(private=False)
        (commands.folder / "gp.json").write_text(json.dumps({"keys": [key]}))
    file = commands.folder / "clients.toml"
    file.write_text(CLIENT.format(feed=feed))
    commands.set(clients_file=str(file))
    lines = json.loads(commands("check", "--json").stdout)["checks"]
    (line,) = [one for one in lines if one["name"] == "clients"]
    assert line["text"].startswith(says)
    assert line["ok"] is says.startswith("1")
