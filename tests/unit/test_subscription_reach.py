"""Where notices may go: what a name stands for is looked at, and gone to."""

import asyncio
import socket
from ipaddress import ip_address

import httpx
import pytest

from gateway.errors import ConfigurationError
from gateway.flows.subscriptions.subscription_reach import Reach, fault_of, send
from gateway.settings import Settings

PUBLIC = "93.184.216.34"
_INSIDE = (
    "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "127.0.0.1", "0.1.2.3", "::1",
    "100.64.0.1", "224.0.0.1", "255.255.255.255", "fd00::1", "fe80::1", "ff02::1", "::",
    "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::",
)  # fmt: skip


@pytest.mark.parametrize("text", _INSIDE)
def test_an_address_inside_is_not_reached(text):
    assert not Reach().allows(ip_address(text))


@pytest.mark.parametrize("text", [PUBLIC, "2606:2800:220:1:248:1893:25c8:1946"])
def test_a_public_address_is_reached(text):
    assert Reach().allows(ip_address(text))


def test_a_deployment_opens_networks_of_its_own_and_no_more():
    reach = Reach(("10.20.0.0/16",))
    assert reach.allows(ip_address("10.20.3.4"))
    assert reach.allows(ip_address("::ffff:10.20.3.4"))
    assert not reach.allows(ip_address("10.21.3.4"))
    assert not Reach(("127.0.0.0/8",)).allows(ip_address("127.0.0.1")), "never this machine"
    assert fault_of("https://10.20.3.4/in", reach) == ""


def test_this_machine_is_reached_in_development_alone():
    for url in ("http://127.0.0.1:8080/in", "http://localhost/in", "https://localhost/in"):
        assert fault_of(url, Reach(loopback=True)) == ""
        assert fault_of(url, Reach()) != ""
    assert fault_of("http://there.example/in", Reach(loopback=True)) != ""


class _Names:
    """What names stand for, and what is sent where."""

    def __init__(self, monkeypatch, *addresses, status=204):
        self.sent: list[httpx.Request] = []

        async def look_up(_loop, _host, port, **_more):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

        def answer(request):
            self.sent.append(request)
            return httpx.Response(status, headers={"Location": "https://10.0.0.1/"})

        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)
        client = httpx.AsyncClient
        monkeypatch.setattr(
            httpx,
            "AsyncClient",
            lambda **more: client(transport=httpx.MockTransport(answer), **more),
        )


def test_a_network_that_is_none_is_told_and_not_repeated():
    with pytest.raises(ConfigurationError) as fault:
        Settings(subscription_networks=("10.20.0.0/99 SECRET",))
    assert "GATEWAY_SUBSCRIPTION_NETWORKS" in str(fault.value)
    assert "SECRET" not in str(fault.value)


def _sent(url="https://there.example:8443/in?a=1"):
    return asyncio.run(send(url, Reach(), {"webhook-id": "1"}, b"{}", 5.0))


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch):
    names = _Names(monkeypatch, PUBLIC)
    assert _sent()
    (request,) = names.sent
    assert str(request.url) == f"https://{PUBLIC}:8443/in?a=1"
    assert request.headers["Host"] == "there.example:8443"
    assert request.extensions["sni_hostname"] == "there.example"


@pytest.mark.parametrize("inside", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1"])
def test_a_name_that_stands_for_something_inside_as_well_is_not_reached(monkeypatch, inside):
    names = _Names(monkeypatch, PUBLIC, inside)
    assert not _sent()
    assert names.sent == []


@pytest.mark.parametrize("status", [301, 307, 308, 400, 500])
def test_what_is_not_taken_is_not_followed(monkeypatch, status):
    names = _Names(monkeypatch, PUBLIC, status=status)
    assert not _sent()
    assert len(names.sent) == 1


def test_a_name_of_nothing_is_not_reached(monkeypatch):
    names = _Names(monkeypatch)
    assert not _sent()
    assert names.sent == []
