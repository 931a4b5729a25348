"""Requests with the cookie of a session, as plain ASGI: the caller is set before any route runs.

Rule    Only where no Authorization header came: a token is never mixed with a session. What may
        change something is taken from our own pages alone: the browser says that the request is
        of this origin, or it is refused, and recorded. A cookie that opens nothing is no caller.
"""

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api.answers.responses import outcome
from gateway.api.around.errors import TABLE
from gateway.api.signing.sign_in import SESSION, cookie_name, desk_of
from gateway.errors import ForbiddenError
from gateway.flows.sign_in.sign_in_person_session import refuse_foreign, session_caller

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class SessionCallers:
    """Sets the caller of a session for the routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or not _may_be(scope):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        desk = desk_of(request)
        cookie = request.cookies.get(cookie_name(desk, SESSION), "")
        store, at = request.app.state.site.store, request.app.state.clock()
        caller = await session_caller(desk, store, cookie, at) if cookie else None
        if caller is not None and not _is_ours(request, desk.base_url):
            await refuse_foreign(store, caller, at, request.state.request_id)
            status, code, text = TABLE[ForbiddenError]
            await outcome(status, [(code, "", text)])(scope, receive, send)
            return
        if caller is not None:
            request.state.session_caller = caller
        await self._app(scope, receive, send)


def _may_be(scope: Scope) -> bool:
    names = {name for name, _ in scope["headers"]}
    return b"cookie" in names and b"authorization" not in names


def _is_ours(request: Request, base_url: str) -> bool:
    """Whether this changes nothing, or is sent by a page of this very origin."""
    if request.method in _SAFE:
        return True
    origins, sites = (request.headers.getlist(one) for one in ("origin", "sec-fetch-site"))
    parts = urlsplit(base_url)
    ours = {f"{parts.scheme}://{parts.netloc}"}
    return bool(origins or sites) and {*origins} <= ours and {*sites} <= {"same-origin"}
