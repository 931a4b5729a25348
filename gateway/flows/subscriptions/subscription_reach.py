"""Which addresses notices may be sent to: of others, over https, and never into our own network.

    URL -> form -> names resolved -> every address allowed -> sent to the address that was looked at

In      An address as its owner wrote it; the networks that a deployment opens.
Out     Faults of its form; whether one request was taken. What an answer says is not read.
Rule    A name is resolved as it is used, all that it stands for has to be allowed, and the
        connection goes to what was looked at: a name that changes meanwhile leads nowhere else.
        Redirections are not followed, and proxies of the environment not used.
Errors  None of the receiver's: whatever goes wrong is "not taken", and its owner is told no more.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx
import structlog

_MOST_LETTERS: Final = 1_000
_UNICAST: Final = IPv6Network("2000::/3")
"""What is public of IPv6; other stretches stand for IPv4, or for a site's own."""
_OF_CLOUDS: Final = (IPv4Network("168.63.129.16/32"), IPv4Network("192.0.0.0/24"))
"""Where machines in a cloud ask about themselves (Azure; Oracle, in a stretch kept by RFC 6890)."""
_LOOPBACK_NAMES: Final = frozenset({"localhost"})
_PORTS: Final = {"http": 80, "https": 443}
_log = structlog.get_logger()

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Reach:
    """Where to, beside what is public: networks of the deployment's choice, and on a developer's
    machine that machine itself, without TLS too."""

    networks: tuple[str, ...] = ()
    loopback: bool = False

    def allows(self, address: Address) -> bool:
        """Whether an address may be sent to."""
        plain = getattr(address, "ipv4_mapped", None) or address
        if plain.is_loopback:
            return self.loopback
        if any(plain in ip_network(one) for one in self.networks):
            return True
        return plain.is_global and not plain.is_multicast and not _is_inside(plain)


def _is_inside(address: Address) -> bool:
    """Whether it is a cloud's own though it looks public, or stands for another address, which
    nobody looked at."""
    if isinstance(address, IPv4Address):
        return any(address in one for one in _OF_CLOUDS)
    return address not in _UNICAST or bool(address.sixtofour or address.teredo)


def fault_of(url: str, reach: Reach) -> str:
    """What is wrong with an address, in our words; empty for nothing. No name is looked up."""
    parts = _parts(url)
    if parts is None or len(url) > _MOST_LETTERS or not url.isascii() or not url.isprintable():
        return "a URL of an https address, at most 1,000 letters"
    if parts.username is not None or parts.password is not None or parts.fragment:
        return "a URL without a user, a password or a fragment"
    host = parts.hostname or ""
    literal = _literal(host)
    here = host in _LOOPBACK_NAMES or (literal is not None and literal.is_loopback)
    if parts.scheme != "https" and not (parts.scheme == "http" and here and reach.loopback):
        return "a URL of an https address"
    if (here and not reach.loopback) or (literal is not None and not reach.allows(literal)):
        return "an address that notices are sent to: a public one"
    return ""


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        known = parts.port != 0 and parts.scheme in _PORTS
    except ValueError:
        return None
    return parts if known and parts.hostname and " " not in url else None


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


async def send(
    url: str, reach: Reach, headers: Mapping[str, str], body: bytes, seconds: float
) -> bool:
    """Whether it was taken, within that time."""
    try:
        async with asyncio.timeout(seconds):
            return await _send(url, reach, headers, body, seconds)
    except (OSError, httpx.HTTPError, httpx.InvalidURL, ValueError) as fault:
        _log.info("notice-not-taken", fault=type(fault).__name__)
        return False


async def _send(
    url: str, reach: Reach, headers: Mapping[str, str], body: bytes, seconds: float
) -> bool:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    address = None if fault_of(url, reach) else await _address(host, port, reach)
    if address is None:
        _log.info("notice-not-taken", fault="address")
        return False
    named = f"[{host}]" if ":" in host else host
    shown = named if parts.port is None else f"{named}:{port}"
    at = f"[{address}]" if isinstance(address, IPv6Address) else str(address)
    target = parts._replace(netloc=f"{at}:{port}").geturl()
    client = httpx.AsyncClient(
        timeout=seconds, follow_redirects=False, trust_env=False, verify=_trust()
    )
    async with (
        client,
        client.stream(
            "POST",
            target,
            content=body,
            headers={**headers, "Host": shown},
            extensions={"sni_hostname": host},
        ) as answer,
    ):
        return bool(answer.is_success)


@cache
def _trust() -> ssl.SSLContext:
    """Whom we trust over TLS; to read it takes longer than to send a notice."""
    return httpx.create_ssl_context(trust_env=False)


async def _address(host: str, port: int, reach: Reach) -> Address | None:
    """Where the name leads; None where any of what it stands for is not allowed."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not addresses or not all(map(reach.allows, addresses)):
        return None
    return addresses[0]
