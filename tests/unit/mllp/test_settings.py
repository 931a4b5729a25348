"""Who may send: what a listener's settings must say."""

import pytest

from gateway.errors import ConfigurationError
from gateway.mllp.sources import check_feeds, source_of
from gateway.setting_parts import MllpListener
from gateway.settings import Settings
from mappings.registry import FEEDS
from tests.unit.cli.running import Commands

SOURCE = {"system": "pas-tie", "org": "RAX"}
NAMED = SOURCE | {"subject": "CN=a"}
PLAIN = {"host": "127.0.0.1", "sources": [SOURCE]}
FILES = {"certificate_file": "c", "private_key_file": "k", "client_authority_file": "a"}
EVERY = "0.0.0.0"  # noqa: S104 - what is tested
TLS = {"host": EVERY, "sources": [NAMED]} | FILES


@pytest.fixture
def commands(tmp_path, monkeypatch):
    return Commands(tmp_path, monkeypatch)


def test_nobody_may_send_until_somebody_is_named(commands):
    assert Settings().mllp.listeners == ()
    done = commands("mllp")
    assert done.exit_code == 1


@pytest.mark.parametrize(
    "given", [PLAIN, TLS, TLS | {"sources": [NAMED, NAMED | {"subject": "B"}]}]
)
def test_a_listener(given):
    made = MllpListener.model_validate(given)
    assert made.port == 2575
    assert made.tls is ("certificate_file" in given)


@pytest.mark.parametrize(
    "given",
    [
        {"sources": [SOURCE]},
        PLAIN | {"sources": []},
        PLAIN | {"sources": [SOURCE, SOURCE | {"system": "b"}]},
        PLAIN | {"sources": [NAMED]},
        PLAIN | {"host": EVERY},
        PLAIN | {"host": "::"},
        PLAIN | {"host": ""},
        PLAIN | {"port": 70000},
        PLAIN | {"sources": [SOURCE | {"org": "rax"}]},
        PLAIN | {"sources": [SOURCE | {"system": "two words"}]},
        PLAIN | {"sources": [SOURCE | {"answers": "never"}]},
        PLAIN | {"sources": [SOURCE | {"extra": 1}]},
        PLAIN | {"certificate_file": "c"},
        TLS | {"sources": [SOURCE]},
        TLS | {"sources": [NAMED, NAMED]},
        {**TLS, "private_key_file": None},
    ],
)
def test_a_listener_that_would_let_in_the_wrong_one_is_refused(given):
    with pytest.raises(ValueError, match="MllpListener"):
        MllpListener.model_validate(given)


def test_a_wrong_listener_is_named_and_not_repeated(commands):
    for value in ('[{"host": "SECRET"}]', '[{"host": "127.0.0.1", "sources": "SECRET"}]', "SECRET"):
        commands.set(mllp__listeners=value)
        with pytest.raises(ConfigurationError, match="GATEWAY_MLLP") as caught:
            Settings()
        assert "SECRET" not in str(caught.value)


def test_listeners_come_from_one_variable(commands):
    commands.set(
        mllp__listeners='[{"host": "127.0.0.1", "sources": [{"system": "a", "org": "RAX"}]}]',
        mllp__idle_seconds="60",
    )
    mllp = Settings().mllp
    assert [one.sources[0].org for one in mllp.listeners] == ["RAX"]
    assert (mllp.idle_seconds, mllp.connections) == (60, 64)


def test_a_feed_that_takes_no_hl7_is_refused():
    check_feeds((MllpListener.model_validate(PLAIN),), FEEDS)
    for feed in ("gp", "none"):
        wrong = MllpListener.model_validate(PLAIN | {"sources": [SOURCE | {"feed": feed}]})
        with pytest.raises(ConfigurationError, match="takes HL7 v2: hospital"):
            check_feeds((wrong,), FEEDS)


def test_a_tls_listener_knows_nobody_without_a_certificate():
    listener = MllpListener.model_validate(TLS)
    assert source_of(listener, FEEDS, None) is None
    assert source_of(listener, FEEDS, b"no certificate") is None
    plain = source_of(MllpListener.model_validate(PLAIN), FEEDS, None)
    assert plain is not None
    assert plain.caller.feeds == {"hospital"}
    assert not plain.caller.scopes
