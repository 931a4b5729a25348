"""Attacks by text that wants to be a command: in a search, a path, a header, a name."""

from urllib.parse import quote

import pytest

from gateway.errors import ConfigurationError
from tests.api.world import PRACTICE


@pytest.fixture
def gateway(shared):
    return shared


TEXTS = [
    "x' OR '1'='1",
    "x'); DROP TABLE resource; --",
    '" OR ""="',
    "$1",
    "?1",
    "%",
    "_",
    "\\",
    "|",
    "||",
    "a|b|c",
    "a\u2028b",
    "a\nb",
    "\u0000",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "'" * 300,
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", ["status", "category", "_id", "patient", "date", "_lastUpdated"])
def test_a41_text_in_a_search_is_only_text(gateway, world, text, name):
    answer = gateway.search("CarePlan", world.gp, **{name: text})
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert answer.json()["total"] == 0
    assert gateway.search("Goal", world.gp).json()["total"] == 7


@pytest.mark.parametrize("text", TEXTS)
def test_a41_text_in_a_path_or_header_is_only_text(gateway, world, text):
    for path in ("Goal/{}", "Patient/{}", "Goal/{}/_history", "Goal/x/_history/{}", "{}/x"):
        answer = gateway.get(path.format(quote(text, safe="")), world.gp)
        assert answer.status_code in (400, 404)
    before = gateway.size()
    sent = "".join(one for one in text if one.isascii() and one.isprintable())
    gateway.get("Goal/none", world.gp | {"X-Request-Id": sent})
    (entry,) = gateway.entries(before)
    assert "\n" not in entry.request_id
    assert len(entry.request_id) <= 64


def test_a41_a_user_with_line_ends_in_the_name_is_no_caller(gateway):
    with pytest.raises(ConfigurationError, match="would refuse"):
        gateway.token("gp", 'x","outcome":"stored\n{"seq":1}', PRACTICE)
