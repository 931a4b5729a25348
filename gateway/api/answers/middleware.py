"""What every answer carries, as plain ASGI: ids, the constant notice, which feeds are behind, no
caching; size limits; what every address of FHIR may end with.

Rule    The request id is only in the header, so that hidden and missing differ in no byte of the
        body. The notice is the same on every answer, whatever it holds; so is what FHIR answers
        say of feeds: it is of feeds, and of nobody.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

NOTICE: Final = (
    "This view may not show everything that is held. Check with the person or the source."
)
WITHHELD: Final = {"Care-Record-Withheld": "Some information about this person is withheld."}
"""Beside the notice, to who may break the glass, where the deployment tells it."""
_FHIR: Final = "/fhir/R4"
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACE: Final = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_FIXED: Final = (
    (b"care-record-notice", NOTICE.encode()),
    (b"cache-control", b"private, no-store"),
    (b"vary", b"Accept"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_log = structlog.get_logger()


class OneAddress:
    """Takes an address of FHIR with a slash at its end for the one without, as clients mean it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["path"].endswith("/"):
            path = scope["path"]
            scope = {**scope, "path": path[:-1]} if path.startswith(f"{_FHIR}/") else scope
        await self._app(scope, receive, send)


class Envelope:
    """Adds ids and fixed headers to every answer, the one to an unforeseen error too. One that had
    begun is left unfinished, and closed as such by the server."""

    def __init__(
        self, app: ASGIApp, unexpected: Callable[[Request, Exception], Awaitable[Response]]
    ) -> None:
        self._app = app
        self._unexpected = unexpected

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        fresh = uuid7()
        request_id = _given(headers, b"x-request-id", _ID) or str(fresh)
        trace = _given(headers, b"traceparent", _TRACE) or _new_trace(fresh.hex)
        scope.setdefault("state", {})["request_id"] = request_id
        added = [
            (b"x-request-id", request_id.encode()),
            (b"traceparent", trace.encode()),
            *_FIXED,
        ]

        behind = await behind_of(scope)
        if behind:
            added.append((b"care-record-behind", behind.encode()))
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message["headers"], *added]
            elif scope["method"] == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - its text may hold what nobody may read
            if not started:
                answer = await self._unexpected(Request(scope), error)
                await answer(scope, receive, sending)
                return
            _log.error("broke-off", fault=type(error).__name__)


async def behind_of(scope: Scope) -> str:
    """Which feeds are known to be behind, in words; empty for none, and where nothing is FHIR."""
    if not scope["path"].startswith(_FHIR):
        return ""
    told: str = await scope["app"].state.standing.behind.value()
    return told


def _given(headers: dict[bytes, bytes], name: bytes, form: re.Pattern[str]) -> str | None:
    text = headers.get(name)
    if text is None:
        return None
    said = text.decode("latin-1")
    return said if form.fullmatch(said) else None


def _new_trace(trace: str) -> str:
    """A trace that begins here: its first span has the random half of the trace's own name."""
    return f"00-{trace}-{trace[-16:]}-01"


async def read_body(request: Any, largest: int) -> bytes | None:
    """The body, or None once it is seen to be larger; what follows is read and let go."""
    declared = request.headers.get("content-length", "")
    too_large = declared.isdigit() and int(declared) > largest
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if too_large or size > largest:
            too_large, parts = True, []
            if size > largest * 4:
                break
            continue
        parts.append(part)
    return None if too_large else b"".join(parts)
