"""What routes are given: the site, the caller, the moment. Identity comes from the token, or
from the session where no token came, and from nowhere else.

Rule    The FHIR routes call these themselves, one after the other; the service's own JSON API has
        them from FastAPI. Nothing here waits, so nothing here may need a thread.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from consent.terms import Caller
from gateway.api.answers import formats
from gateway.api.answers.middleware import read_body
from gateway.auth import certificates
from gateway.errors import (
    Fault,
    FaultyRequestError,
    NotAcceptableError,
    TooLargeError,
    UnauthenticatedError,
)
from gateway.flows.asking.governance import looker_of
from gateway.flows.asking.looking_together import HEADER, looking_with
from gateway.flows.site.site import Asking, Site

FORM_BYTES: Final = 64 * 1024
IN_BUNDLE: Final = "care_gateway.in_bundle"
"""In the scope of an entry of a Bundle, asked by itself."""
_ONCE: Final = (b"content-type", b"if-match", b"if-modified-since", b"if-none-exist")
"""Headers of one value, by which it is decided what is done: of two, somebody in front of this
service may have looked at the other one."""


def site_of(request: Request) -> Site:
    """The running deployment."""
    site: Site = request.app.state.site
    return site


def caller_of(request: Request) -> Caller:
    """Who asks, by the bearer token; by a session where none came. Errors: UnauthenticatedError."""
    signed_in: Caller | None = getattr(request.state, "session_caller", None)
    if signed_in is not None:  # around.sessions sets it, without an Authorization header alone
        return signed_in
    given = request.headers.getlist("authorization")
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token:
        raise UnauthenticatedError
    at, certificate = request.app.state.clock(), certificate_of(request)
    caller: Caller = request.app.state.verifier.verify(token.strip(), at, certificate)
    return caller


def certificate_of(request: Request) -> str:
    """What the proxy in front says the client proved; empty where it is not asked to."""
    if not request.app.state.client_certificates:
        return ""
    return certificates.thumbprint(request.headers.getlist(certificates.HEADER))


def asking_of(request: Request) -> Asking:
    """The caller with the moment and the id of this request. Errors: UnauthenticatedError;
    FaultyRequestError where somebody is said to look on who would not narrow what is answered."""
    caller = caller_of(request)
    if HEADER in request.headers:
        raise FaultyRequestError([Fault("not-supported", HEADER, "for reading a record alone")])
    return _asking_as(request, caller)


def reading_of(request: Request) -> Asking:
    """The same for reading a record, beside those who are present. Errors: UnauthenticatedError,
    FaultyRequestError."""
    caller, said = caller_of(request), request.headers.getlist(HEADER)
    if said:
        caller = looking_with(caller, said, site_of(request).policy)
    return _asking_as(request, caller)


def _asking_as(request: Request, caller: Caller) -> Asking:
    sent = [name for name, _ in request.headers.raw]
    twice = [Fault("invalid", one.decode(), "is sent once") for one in _ONCE if sent.count(one) > 1]
    if twice:
        raise FaultyRequestError(twice)
    return Asking(
        caller,
        request.app.state.clock(),
        request.state.request_id,
        request.scope["query_string"].decode("latin-1"),
        IN_BUNDLE in request.scope,
    )


async def body_of(request: Request, largest: int) -> bytes:
    """The body within a limit. Errors: TooLargeError."""
    body = await read_body(request, largest)
    if body is None:
        raise TooLargeError
    return body


async def form_of(request: Request) -> list[tuple[str, str]]:
    """The pairs of a search form. Errors: TooLargeError."""
    body = await body_of(request, FORM_BYTES)
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def media_type_of(request: Request) -> str:
    """What the body is said to be, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def check_accepted(request: Request) -> None:
    """Refuse to answer in a format that is not served. Errors: NotAcceptableError.

    `_format` wins over Accept.
    """
    asked = request.query_params.get("_format") if request.scope["query_string"] else None
    if asked is not None:
        check_format(asked)
    elif formats.preferred(request.headers.get("accept", "")) is None:
        raise NotAcceptableError


def check_format(asked: str) -> None:
    """Refuse a `_format` that is not served. Errors: NotAcceptableError."""
    if formats.named(asked) is None:
        raise NotAcceptableError


async def _site(request: Request) -> Site:
    return site_of(request)


async def _asking(request: Request) -> Asking:
    return asking_of(request)


SiteGiven = Annotated[Site, Depends(_site)]
AskingGiven = Annotated[Asking, Depends(_asking)]


def role_first(check: Callable[[Site, Asking], Awaitable[object]]) -> Any:
    """What a route asks of the role before the shape of a parameter is looked at: who may not ask
    is told nothing else. FastAPI looks at shapes before it calls the route, and after this."""

    async def checked(site: SiteGiven, asking: AskingGiven) -> object:
        return await check(site, asking)

    return Depends(checked)


def looking(query: str) -> Any:
    """Somebody who may look into the log, as the refusal of anybody else is recorded."""
    return role_first(lambda site, asking: looker_of(site, asking, query))
