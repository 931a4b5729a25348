"""A server on a free port of this machine, and a peer that sends it bytes."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.flows.site.site import Site
from gateway.main import policy_of
from gateway.mllp.framing import Framer, framed
from gateway.mllp.server import Server
from gateway.mllp.taking import Inbox
from gateway.setting_parts import Mllp
from gateway.settings import Settings
from gateway.store.audit import audit_reads
from gateway.store.commit.units import Store
from mappings.registry import FEEDS
from tests.integration.taking import Clock, provider, upgraded

SECONDS: Final = 120
"""No answer takes so long, however busy the machine is."""
SOURCE: Final = {"system": "pas-tie", "org": "RAX"}
PLAIN: Final = {"host": "127.0.0.1", "port": 0, "sources": [SOURCE]}


def message(control_id="M-1", accept="", application="", person="5500123", kind="ADT^A01") -> bytes:
    """A small message about an invented person."""
    header = f"MSH|^~\\&|PAS|RAX|GW|SWL|20261105090000||{kind}|{control_id}|P|2.5"
    lines = [
        f"{header}|||{accept}|{application}",
        "EVN|A01|20261105085500",
        f"PID|1||{person}^^^RAX^MR||QUILLFEATHER^Edwin||19510622|M",
        f"PV1|1|I|W1||||||||||||||||V-{person}^^^RAX",
    ]
    return "\r".join(lines).encode() + b"\r"


class Peer:
    """One open connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._framer = Framer(1 << 30)
        self._waiting: list[bytes] = []

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> bytes:
        """The next frame that is sent back; empty when the server has closed."""
        async with asyncio.timeout(SECONDS):
            while not self._waiting:
                try:
                    data = await self.reader.read(65536)
                except ConnectionError:
                    return b""
                if not data:
                    return b""
                self._waiting += [frame.content for frame in self._framer.feed(data)]
        return self._waiting.pop(0)

    async def ask(self, *contents: bytes) -> list[bytes]:
        """Send frames at once; as many answers."""
        await self.send(b"".join(map(framed, contents)))
        return [await self.answer() for _ in contents]

    def end_sending(self) -> None:
        self.writer.write_eof()

    async def closed(self, within: float = SECONDS) -> bool:
        """Whether the server closes the connection, and says nothing before."""
        try:
            async with asyncio.timeout(within):
                return await self.answer() == b""
        except TimeoutError:
            return False


@dataclass
class Served:
    """A running server, its store, and peers to it."""

    server: Server
    store: Store
    peers: list[Peer]
    clock: Clock
    inbox: Inbox

    async def peer(self, place: int = 0, **more: Any) -> Peer:
        port = self.server.ports[place]
        peer = Peer(*await asyncio.open_connection("127.0.0.1", port, **more))
        self.peers.append(peer)
        return peer

    async def rows(self, sql: str) -> list[Any]:
        async with self.store.engine.reading() as conn:
            return list(await conn.fetch(sql))

    async def deliveries(self) -> list[tuple[str, str]]:
        """The state and source organisation of each."""
        found = await self.rows("SELECT state, source_org FROM delivery ORDER BY received_at")
        return [(row[0], row[1]) for row in found]

    async def entries(self) -> list[Any]:
        from gateway.audit.entry import decode

        found = audit_reads.entries(self.store.engine, 0)
        return [decode(record).entry async for _, record, _, _ in found]


@asynccontextmanager
async def served(
    url: str, folder: Path, *listeners: dict, **settings: Any
) -> AsyncIterator[Served]:
    """A server with these listeners (a plain one, without) on an empty database."""
    await asyncio.to_thread(upgraded, url)
    clock = Clock()
    store = await Store.open(url, provider(folder), clock)
    chosen = Mllp.model_validate({"listeners": listeners or (PLAIN,)} | settings)
    site = Site(store, policy_of(Settings()), FEEDS, "http://localhost")
    inbox = Inbox(site, clock, 1 << 28)
    server = await Server.open(chosen, inbox)
    running = Served(server, store, [], clock, inbox)
    try:
        yield running
    finally:
        for peer in running.peers:
            peer.writer.transport.abort()
        await server.close()
        await store.close()


def codes(answer: bytes) -> list[tuple[str, str]]:
    """MSA-1 and MSA-2 of each acknowledgement."""
    found = re.findall(rb"(?:\A|\r)MSA\|(\w*)\|([^|\r]*)", answer)
    return [(code.decode(), control_id.decode()) for code, control_id in found]


def same_but_for_time(answer: bytes) -> bytes:
    """An acknowledgement without MSH-7."""
    return re.sub(rb"\d{14}\+0000", b"", answer)
