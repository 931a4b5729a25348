"""What routes are given: the site, the caller, the moment. Identity comes from the token alone."""

from typing import Annotated, Final

from fastapi import Depends, Request

from consent.terms import Caller
from gateway.api.middleware import read_body
from gateway.errors import NotAcceptableError, TooLargeError, UnauthenticatedError
from gateway.flows.site import Asking, Site

FORMATS: Final = ("json", "application/json", "text/json", "application/fhir+json")
_RANGES: Final = (*FORMATS[1:], "*/*", "application/*", "text/html", "text/*")


def site_of(request: Request) -> Site:
    """The running deployment."""
    site: Site = request.app.state.site
    return site


async def caller_of(request: Request) -> Caller:
    """Who asks, by the bearer token. Errors: UnauthenticatedError."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise UnauthenticatedError
    at = request.app.state.clock()
    caller: Caller = request.app.state.verifier.verify(token.strip(), at)
    return caller


async def asking_of(request: Request, caller: Annotated[Caller, Depends(caller_of)]) -> Asking:
    """The caller with the moment and the id of this request."""
    return Asking(
        caller,
        request.app.state.clock(),
        request.state.request_id,
        str(request.url.query),
    )


async def body_of(request: Request, largest: int) -> bytes:
    """The body within a limit. Errors: TooLargeError."""
    body = await read_body(request, largest)
    if body is None:
        raise TooLargeError
    return body


def json_wanted(request: Request) -> None:
    """Refuse to answer in a format that is not served. Errors: NotAcceptableError.

    `_format` wins over Accept; a browser's text/html is given JSON.
    """
    asked = request.query_params.get("_format")
    if asked is not None:
        check_format(asked)
        return
    accepted = request.headers.get("accept", "").lower()
    ranges = [one.strip() for one in accepted.split(",") if one.strip()]
    if ranges and not any(_is_served(one) for one in ranges):
        raise NotAcceptableError


def check_format(asked: str) -> None:
    """Refuse a `_format` that is not served. Errors: NotAcceptableError."""
    if asked.replace(" ", "+").partition(";")[0] not in FORMATS:
        raise NotAcceptableError


def _is_served(media_range: str) -> bool:
    media, *parameters = [part.strip() for part in media_range.split(";")]
    version = next((p for p in parameters if p.startswith("fhirversion=")), "fhirversion=4.0")
    refused = any(p in ("q=0", "q=0.0", "q=0.00", "q=0.000") for p in parameters)
    return media in _RANGES and version == "fhirversion=4.0" and not refused


SiteGiven = Annotated[Site, Depends(site_of)]
AskingGiven = Annotated[Asking, Depends(asking_of)]
CallerGiven = Annotated[Caller, Depends(caller_of)]
