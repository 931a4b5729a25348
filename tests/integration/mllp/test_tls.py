"""With TLS a certificate names the source; nobody else is heard."""

import hashlib
import ssl

import pytest

from gateway.errors import ConfigurationError
from gateway.logs import FIELDS
from gateway.mllp import server
from tests.integration.mllp.certificates import Authority
from tests.integration.mllp.talking import codes, message, served

pytestmark = pytest.mark.anyio
NAMES = ("tie-rax", "tie-rxx")


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path, "authority")


@pytest.fixture
def listener(authority):
    own = authority.sign("gateway")
    return {
        "host": "127.0.0.1",
        "port": 0,
        "certificate_file": own.certificate,
        "private_key_file": own.key,
        "client_authority_file": authority.file,
        "sources": [
            {"system": name, "org": name[-3:].upper(), "subject": f"CN={name},O=Care"}
            for name in NAMES
        ],
    }


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/x.db"


def _as(authority, files=None):
    context = ssl.create_default_context(cafile=authority.file)
    if files:
        context.load_cert_chain(files.certificate, files.key)
    return {"ssl": context, "server_hostname": "localhost"}


async def test_each_certificate_is_a_source_of_its_own(url, tmp_path, authority, listener):
    async with served(url, tmp_path, listener) as running:
        for name in NAMES:
            files = authority.sign(name)
            peer = await running.peer(**_as(authority, files))
            assert codes((await peer.ask(message()))[0]) == [("AA", "M-1")]
            shown = ssl.PEM_cert_to_DER_cert(files.certificate.read_text("ascii"))
            agent = (await running.entries())[-1].agent
            assert (agent.user_id, agent.org) == (name, name[-3:].upper())
            assert agent.assurance == "client-certificate"
            assert agent.token_hash == hashlib.sha256(shown).hexdigest()
        assert sorted(org for _, org in await running.deliveries()) == ["RAX", "RXX"]


async def _refused(running, who):
    try:
        peer = await running.peer(**who)
        await peer.send(b"\x0b" + message() + b"\x1c\r")
        return await peer.closed()
    except (ssl.SSLError, ConnectionError):
        return True


async def test_nobody_else_is_heard(url, tmp_path, authority, listener):
    stranger = Authority(tmp_path, "stranger")
    known = _as(authority, authority.sign(NAMES[0]))
    async with served(url, tmp_path, listener) as running:
        unknown = authority.sign("tie-ryy")
        forged = stranger.sign(NAMES[0])
        for files in (None, unknown, forged):
            assert await _refused(running, _as(authority, files))
        old = _as(authority, authority.sign(NAMES[1], days=400))
        assert await _refused(running, old)
        assert await running.deliveries() == []
        peer = await running.peer(**known)
        assert codes((await peer.ask(message()))[0]) == [("AA", "M-1")]


async def test_why_a_connection_is_not_taken_stands_in_the_log(
    url, tmp_path, authority, listener, monkeypatch
):
    said: list[dict[str, object]] = []

    class Log:
        def warning(self, event: str, **fields: object) -> None:
            said.append({"event": event, **fields})

    monkeypatch.setattr(server, "_log", Log())
    unknown, known = (_as(authority, authority.sign(name)) for name in ("tie-ryy", NAMES[0]))
    async with served(url, tmp_path, listener) as running:
        assert await _refused(running, unknown)
        monkeypatch.setattr(server.Server, "_has_room", lambda *_: False)
        assert await _refused(running, known)
    assert [one["fault"] for one in said] == ["subject-not-named", "no-room"]
    assert {one["event"] for one in said} == {"mllp-refused"}
    assert {name for one in said for name in one} <= FIELDS


async def test_old_tls_is_refused(url, tmp_path, authority, listener):
    who = _as(authority, authority.sign(NAMES[0]))
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        who["ssl"].minimum_version = who["ssl"].maximum_version = ssl.TLSVersion.TLSv1_1
    who["ssl"].set_ciphers("DEFAULT@SECLEVEL=0")
    async with served(url, tmp_path, listener) as running:
        assert await _refused(running, who)


async def test_plain_words_to_a_tls_listener_are_not_heard(url, tmp_path, listener):
    async with served(url, tmp_path, listener) as running:
        peer = await running.peer()
        await peer.send(b"\x0b" + message() + b"\x1c\r")
        assert await peer.closed()
        assert await running.deliveries() == []


async def test_a_handshake_that_does_not_end_is_cut_off(url, tmp_path, listener, monkeypatch):
    monkeypatch.setattr(server, "HANDSHAKE_SECONDS", 0.3)
    async with served(url, tmp_path, listener) as running:
        peer = await running.peer()
        assert await peer.closed()


async def test_a_file_that_is_none_is_named(url, tmp_path, authority, listener):
    for name, content in (("private_key_file", b"-----BEGIN"), ("client_authority_file", b"x")):
        wrong = tmp_path / "wrong.pem"
        wrong.write_bytes(content)
        with pytest.raises(ConfigurationError, match="GATEWAY_MLLP__LISTENERS"):
            async with served(url, tmp_path, listener | {name: wrong}):
                pass
    with pytest.raises(ConfigurationError, match=r"not .*missing\.pem"):
        async with served(url, tmp_path, listener | {"certificate_file": tmp_path / "missing.pem"}):
            pass


async def test_an_address_that_is_taken_is_named(url, tmp_path):
    async with served(url, tmp_path) as running:
        taken = {"host": "127.0.0.1", "port": running.server.ports[0]}
        source = [{"system": "a", "org": "RAX"}]
        with pytest.raises(ConfigurationError, match="addresses that are free"):
            async with served(url, tmp_path, taken | {"sources": source}):
                pass


@pytest.mark.parametrize("host", ["0", "0x0", "000.0"])
async def test_every_address_under_another_name_is_refused_without_tls(url, tmp_path, host):
    source = [{"system": "a", "org": "RAX"}]
    with pytest.raises(ConfigurationError, match="plain on one address"):
        async with served(url, tmp_path, {"host": host, "port": 0, "sources": source}):
            pass
