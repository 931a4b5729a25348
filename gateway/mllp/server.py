"""The listeners: accept who is known, up to so many, and end in good order.

Rule    A plain listener has one source; with TLS the certificate names it, and one that is
        unknown is closed without a word. Told to close, the server accepts and reads no more,
        finishes what is in hand, answers it, and lets go.
Errors  ConfigurationError where a listener cannot be opened as its settings say.
"""

import asyncio
import ssl
from functools import partial
from ipaddress import ip_address
from typing import Final

import structlog

from gateway.errors import ConfigurationError
from gateway.mllp.connection import Connection
from gateway.mllp.sources import check_feeds, source_of, tls_of
from gateway.mllp.taking import Inbox, answered
from gateway.setting_parts import Mllp, MllpListener, says

HANDSHAKE_SECONDS: Final = 10
CLOSING_SECONDS: Final = 30
"""So long may what is in hand take to finish, once the server is told to close."""
_log = structlog.get_logger()


class Server:
    """Every listener of a deployment."""

    def __init__(self, settings: Mllp, inbox: Inbox) -> None:
        self._settings = settings
        self._inbox = inbox
        self._listening: list[asyncio.Server] = []
        self._open: dict[asyncio.Task[None], tuple[MllpListener, Connection]] = {}
        self._closing = False

    @classmethod
    async def open(cls, settings: Mllp, inbox: Inbox) -> "Server":
        """Listen at every address of the settings."""
        check_feeds(settings.listeners, inbox.site.feeds)
        server = cls(settings, inbox)
        try:
            for listener in settings.listeners:
                server._listening.append(await server._opened(listener))
        except BaseException:
            await server.close()
            raise
        return server

    @property
    def ports(self) -> list[int]:
        """The port of each listener, in the order of the settings."""
        return [int(one.sockets[0].getsockname()[1]) for one in self._listening]

    async def close(self) -> None:
        """End in good order."""
        self._closing = True
        for one in self._listening:
            one.close()
        for _, connection in self._open.values():
            connection.stop()
        if self._open:
            await asyncio.wait(self._open, timeout=CLOSING_SECONDS)
        for _, connection in self._open.values():
            connection.abort()

    async def _opened(self, listener: MllpListener) -> asyncio.Server:
        tls = tls_of(listener)
        try:
            opened = await asyncio.start_server(
                partial(self._met, listener),
                listener.host,
                listener.port,
                ssl=tls,
                ssl_handshake_timeout=HANDSHAKE_SECONDS if tls else None,
                start_serving=False,
            )
            bound = [ip_address(one.getsockname()[0]) for one in opened.sockets]
            if tls is None and any(one.is_unspecified for one in bound):
                opened.close()
                raise ConfigurationError(says("mllp__listeners", "plain on one address, or TLS"))
            await opened.start_serving()
        except OSError:
            wanted = f"given addresses that are free here; not {listener.host}:{listener.port}"
            raise ConfigurationError(says("mllp__listeners", wanted)) from None
        return opened

    async def _met(
        self, listener: MllpListener, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """One new connection, to its end."""
        source = source_of(listener, self._inbox.site.feeds, _certificate(writer))
        task = asyncio.current_task()
        if source is None or task is None or not self._has_room(listener):
            why = "subject-not-named" if source is None else "no-room"
            route = f"mllp:{listener.port}"
            _log.warning("mllp-refused", route=route, count=len(self._open), fault=why)
            writer.transport.abort()
            return
        answer_to = partial(answered, self._inbox, source)
        connection = Connection(reader, writer, self._settings, answer_to)
        self._open[task] = listener, connection
        try:
            await connection.run()
        finally:
            del self._open[task]

    def _has_room(self, listener: MllpListener) -> bool:
        """One sender that forgets to close its connections takes none from the others."""
        taken = sum(held is listener for held, _ in self._open.values())
        return not self._closing and taken < self._settings.connections


def _certificate(writer: asyncio.StreamWriter) -> bytes | None:
    tls = writer.get_extra_info("ssl_object")
    return tls.getpeercert(binary_form=True) if isinstance(tls, ssl.SSLObject) else None
