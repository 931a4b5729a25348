"""No answer without its entry, as plain ASGI around everything that answers.

    request -> app -> was it recorded? -> entry -> a tick, where nothing is shown -> first byte

Rule    What a flow records stands. An answer for which none did is recorded here before its first
        byte, and where that cannot be, nothing but 503 leaves. An answer that failed after its
        entry, or whose caller was gone before its last byte was handed over, gets a completion
        entry. What tells of nobody and needs no token (health, the published log, the
        capabilities) is listed here and not recorded; what is not listed is.
"""

import asyncio
from contextlib import suppress
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.answers.dependencies import caller_of
from gateway.api.answers.responses import outcome
from gateway.api.answers.steady import shows_nothing, until_tick
from gateway.api.around.errors import UNAVAILABLE, route_of
from gateway.api.fhir.definitions import TYPES as DEFINITIONS
from gateway.audit.entry import Agent
from gateway.audit.events import Outcome
from gateway.errors import AuditUnavailableError, UnauthenticatedError
from gateway.flows.asking.record_answer import OUTCOMES, Answered, Outcomes

_OPEN: Final = (
    *("/livez", "/readyz", "/status", "/metrics", "/log/", "/openapi.json", "/.well-known/"),
    *("/fhir/R4/metadata", "/fhir/R4/.well-known/", "/oauth/jwks"),
)
_OF_DEFINITIONS: Final = frozenset(f"/fhir/R4/{kind}" for kind in DEFINITIONS)
_KEPT: Final = (b"content-length", b"content-type", b"etag", b"last-modified", b"location")
_ENDED_BADLY: Final = frozenset({Outcome.FAILED, Outcome.REFUSED, Outcome.UNKNOWN})


class Recorded:
    """Sees that every answer has its entry."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or _is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        told = Outcomes()
        before = OUTCOMES.set(told)
        under_way = scope["app"].state.under_way
        under_way[id(told)] = told
        try:
            answer = _Answer(scope, receive, send, told)
            await self._app(scope, receive, answer.send)
            await answer.complete()
        finally:
            del under_way[id(told)]
            OUTCOMES.reset(before)


def _is_open(path: str) -> bool:
    """What needs no token; an operation does, whatever it is asked of."""
    of_type = "/".join(path.split("/", 4)[:4])
    return (path.startswith(_OPEN) or of_type in _OF_DEFINITIONS) and "/$" not in path


class _Answer:
    """One answer on its way out."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, told: Outcomes) -> None:
        self._scope, self._receive, self._send, self._told = scope, receive, send, told
        self._status = 0
        self._came = asyncio.get_running_loop().time()
        self._gone = False
        self._withheld = False
        self._broken = False

    async def send(self, message: Message) -> None:
        """Hand on a message once the log holds what it must."""
        if self._withheld:
            return
        if message["type"] == "http.response.start":
            self._status = message["status"]
            try:
                await self._record()
            except AuditUnavailableError:
                await self._withhold(message)
                return
            self._broken = bool(self._told.outcomes)
            await self._keep_time()
        elif not message.get("more_body"):
            self._broken = False
            self._gone = bool(self._told.outcomes) and self._status < 400 and self._is_gone()
        await self._send(message)
        if message.get("more_body"):
            # A long answer may wait for nothing on its way: others get a turn, and the server
            # hears of a caller who went away.
            await asyncio.sleep(0)

    async def complete(self) -> None:
        """Say how it ended where that was not well."""
        if not (self._broken or self._gone):
            return
        gone = self._gone or self._is_gone()
        outcome, reason = Outcome.FAILED, "broke-off"
        if gone:
            outcome, reason = Outcome.UNKNOWN, "caller-gone"
        made = self._answered().completion(outcome, reason)
        with suppress(AuditUnavailableError):
            await self._scope["app"].state.site.store.log.append(made)

    async def _keep_time(self) -> None:
        """Let no clock tell what was hidden from what is not there."""
        if self._told.partly or shows_nothing(self._told.outcomes, self._status):
            taken = asyncio.get_running_loop().time() - self._came
            await asyncio.sleep(until_tick(taken, self._scope["app"].state.tick))

    async def _record(self) -> None:
        if self._status >= 500:
            await self._record_fault()
        elif not self._told.outcomes:
            answered, state = self._answered(), self._scope["app"].state
            if self._status >= 400 or not answered.agent.user_id:
                await state.refusals.record(answered)
            else:
                await state.site.store.log.append(answered.entry())

    async def _record_fault(self) -> None:
        """A fault carries nothing of anybody: it is answered even where it cannot be recorded."""
        outcomes, state = self._told.outcomes, self._scope["app"].state
        if outcomes and outcomes[-1] in _ENDED_BADLY:
            return
        answered = self._answered()
        try:
            if outcomes:
                failed = answered.completion(Outcome.FAILED, f"http-{self._status}")
                await state.site.store.log.append(failed)
            else:
                await state.refusals.record(answered)
        except AuditUnavailableError:
            return

    async def _withhold(self, message: Message) -> None:
        """503 in place of what could not be recorded."""
        self._withheld = True
        status, code, text = UNAVAILABLE
        made = outcome(status, [(code, "", text)])
        kept = [pair for pair in message["headers"] if pair[0] not in _KEPT]
        headers = [*kept, *made.raw_headers, (b"retry-after", b"1")]
        body = b"" if self._scope["method"] == "HEAD" else made.body
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    def _answered(self) -> Answered:
        request, state = Request(self._scope), self._scope["app"].state
        network = request.client.host if request.client else ""
        agent = Agent(user_id="", kind="", network=network)
        if self._status != 401:
            with suppress(UnauthenticatedError):
                agent = Agent.of(caller_of(request), network=network)
        return Answered(
            agent,
            state.clock(),
            request.state.request_id,
            request.method,
            route_of(request),
            self._status,
            self._told.refusal if self._status < 500 else None,
        )

    def _is_gone(self) -> bool:
        """Whether the server knows by now that the caller went away: one step, no turn of the loop.
        One who waits to be told to send the body would be told by looking."""
        if any(name == b"expect" for name, _ in self._scope["headers"]):
            return False
        waiting = self._receive().__await__()
        try:
            next(waiting)
        except StopIteration as answer:
            return bool(answer.value["type"] == "http.disconnect")
        waiting.close()
        return False
