"""The one table from our errors to HTTP status and FHIR issue type.

Rule    Text is ours: never that of an exception, never what was sent. Hidden and missing give the
        same answer, byte for byte, with the same on-call number for everyone.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from gateway.api.answers import throttling
from gateway.api.answers.paths import INSTANCE, OF_TYPE
from gateway.api.answers.responses import FhirResponse, outcome
from gateway.api.fhir.metadata import claims_of
from gateway.api.fhir.not_written import HISTORIES, WHY
from gateway.auth.rates import Kind
from gateway.errors import (
    AuditUnavailableError,
    CapReachedError,
    FaultyRequestError,
    ForbiddenError,
    GatewayError,
    GoneError,
    MediaTypeError,
    NotAcceptableError,
    NotEntitledError,
    NotFoundError,
    NotSupportedError,
    NotTheFormatError,
    StepUpError,
    ThrottledError,
    TooCostlyError,
    TooLargeError,
    TooManyExportsError,
    TooManyFilesError,
    UnauthenticatedError,
    UnprocessableError,
    VersionConflictError,
)
from gateway.flows.writing import write_people
from gateway.flows.writing.write_bundle import JSON_PATCH
from gateway.flows.writing.write_types import TYPES
from gateway.store.database.engine import BusyError
from gateway.store.database.outage import OUT_OF_REACH
from gateway.store.keyring.keys import KeyServiceError

TABLE: Final[dict[type[GatewayError], tuple[int, str, str]]] = {
    UnauthenticatedError: (401, "login", "A valid access token is needed"),
    StepUpError: (403, "login", "Sign in again, with a stronger or a newer proof of who you are"),
    ForbiddenError: (403, "forbidden", "Your role or system may not do this"),
    NotFoundError: (404, "not-found", "No such resource is available to you"),
    NotSupportedError: (405, "not-supported", "This is not supported here"),
    NotAcceptableError: (406, "not-supported", "FHIR is served as application/fhir+json or +xml"),
    GoneError: (410, "deleted", "The resource was withdrawn by its source"),
    TooLargeError: (413, "too-long", "The body is larger than this service takes"),
    TooCostlyError: (400, "too-costly", "Narrow the search: name a patient"),
    CapReachedError: (429, "throttled", "No more of these today: ring the on-call number"),
    TooManyExportsError: (429, "throttled", "Too many exports: end one, or wait until it is over"),
    TooManyFilesError: (429, "throttled", "Too many files at once: fetch this one after another"),
    ThrottledError: (429, "throttled", "Too many of these of late: try again later"),
    MediaTypeError: (415, "not-supported", "This is not taken as that Content-Type"),
    BusyError: (503, "transient", "The service is busy; try again"),
    KeyServiceError: (503, "transient", "The service is busy; try again"),
    AuditUnavailableError: (503, "transient", "The access could not be recorded; try again"),
    GatewayError: (500, "exception", "The service failed; the failure was noted"),
}
UNAVAILABLE: Final = TABLE[AuditUnavailableError]
_ON_CALL: Final = (404, 503)
"""What tells the number to ring: somebody may be waiting for care."""
FAULTY: Final[dict[type[FaultyRequestError], int]] = {
    NotEntitledError: 403,
    UnprocessableError: 422,
    NotTheFormatError: 400,
    VersionConflictError: 412,
    FaultyRequestError: 400,
}
_STATUS_TEXT: Final = {
    404: ("not-found", "No such resource is available to you"),
    405: ("not-supported", "This is not supported here"),
    415: ("not-supported", "Send FHIR as application/fhir+json"),
}
_MALFORMED: Final = (400, "invalid", "The request is not well formed")
_log = structlog.get_logger()


def register(app: FastAPI) -> None:
    """Answer every error with an OperationOutcome."""
    for kind, row in TABLE.items():
        app.add_exception_handler(kind, _answer(*row))
    app.add_exception_handler(GatewayError, unexpected)
    for faulty, status in FAULTY.items():
        app.add_exception_handler(faulty, _faults(status))
    app.add_exception_handler(RequestValidationError, _answer(*_MALFORMED))
    app.add_exception_handler(HTTPException, _http)


_Handler = Callable[[Request, Exception], Awaitable[FhirResponse]]


def _answer(status: int, code: str, text: str) -> _Handler:
    async def answer(request: Request, error: Exception) -> FhirResponse:
        if status == 401 and (seconds := throttling.seconds_of(request, Kind.UNPROVED)):
            return await _answer(*TABLE[ThrottledError])(request, ThrottledError(seconds))
        words = _why(request, text) if status == 405 else text
        on_call = getattr(request.app.state, "on_call", "")
        if status in _ON_CALL and on_call:
            words = f"{text}. In an emergency ring {on_call}"
        made = outcome(status, [(code, "", words)])
        if status == 405:
            made.headers["Allow"] = _allowed(request)
        if status == 415 and request.method == "PATCH":
            made.headers["Accept-Patch"] = JSON_PATCH
        if status == 401:
            made.headers["WWW-Authenticate"] = "Bearer"
        if isinstance(error, ThrottledError):
            made.headers["Retry-After"] = str(error.seconds)
        elif status == 503:
            made.headers["Retry-After"] = "1"
        return made

    return answer


def _faults(status: int) -> _Handler:
    async def answer(_request: Request, error: Exception) -> FhirResponse:
        faults = error.faults if isinstance(error, FaultyRequestError) else ()
        return outcome(status, [(fault.code, fault.path, fault.text) for fault in faults])

    return answer


async def _http(request: Request, error: Exception) -> FhirResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 404 and _is_history(request):
        return await _answer(*TABLE[NotSupportedError])(request, error)
    if status == 404:
        return await _answer(*TABLE[NotFoundError])(request, error)
    code, text = _STATUS_TEXT.get(status, ("invalid", "The request is not well formed"))
    if status == 405:
        return await _answer(status, code, text)(request, error)
    made = outcome(status, [(code, "", text)])
    if isinstance(error, HTTPException):
        made.headers.update(error.headers or {})
    return made


def _why(request: Request, text: str) -> str:
    """With the reason where there is one to tell, which is of the type and its resources alone."""
    if _is_history(request):
        return f"{text}. {HISTORIES}"
    kind, _, rest = request.scope["path"].removeprefix("/fhir/R4/").partition("/")
    is_one = "/" not in rest and not rest.startswith(("$", "_"))
    return f"{text}. {WHY[kind]}" if is_one and kind in WHY else text


def _is_history(request: Request) -> bool:
    """Whether it asks what changed over a type that is served, or over all."""
    path: str = request.scope["path"]
    kind = path.removeprefix("/fhir/R4/").removesuffix("/_history")
    return path == "/fhir/R4/_history" or (
        path == f"/fhir/R4/{kind}/_history" and bool(claims_of(kind))
    )


def _type_of(request: Request) -> str:
    path: str = request.scope["path"]
    return path.removeprefix("/fhir/R4/").partition("/")[0]


def _allowed(request: Request) -> str:
    """Every method that some route takes for this path and its type, but the one that was tried."""
    found: set[str] = set()
    for route, _ in matching(request):
        taken = set(route.methods or ())
        if route.path in (OF_TYPE, INSTANCE):
            taken -= _not_done(_type_of(request))
        found |= taken
    return ", ".join(sorted(found - {request.method}))


def _not_done(resource_type: str) -> set[str]:
    """The methods that write, as far as the type is not written so."""
    if resource_type == write_people.TYPE:
        return {"PATCH", "DELETE"}
    if resource_type not in TYPES:
        return {"POST", "PUT", "PATCH", "DELETE"}
    return set() if TYPES[resource_type].deletable else {"DELETE"}


def matching(request: Request) -> Iterator[tuple[Route, Match]]:
    """The routes of this path, and whether they take this method too."""
    for route in request.app.router.routes:
        if isinstance(route, Route):
            match, _ = route.matches(request.scope)
            if match is not Match.NONE:
                yield route, match


def route_of(request: Request) -> str:
    """The template of its path, of the route that takes its method where one does."""
    other = ""
    for route, match in matching(request):
        if match is Match.FULL:
            return route.path_format
        other = other or route.path_format
    return other


async def unexpected(request: Request, error: Exception) -> FhirResponse:
    """The answer to what nobody foresaw: no word of it leaves, and its kind is noted."""
    _log.error("unexpected", fault=type(error).__name__, route=route_of(request))
    known = BusyError if isinstance(error, OUT_OF_REACH) else GatewayError
    return await _answer(*TABLE[known])(request, error)
