"""What routes are given: the site, the caller, the moment. Identity comes from the token alone."""

from typing import Annotated

from fastapi import Depends, Request

from consent.terms import Caller
from gateway.api.middleware import read_body
from gateway.errors import TooLargeError, UnauthenticatedError
from gateway.flows.site import Asking, Site


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


SiteGiven = Annotated[Site, Depends(site_of)]
AskingGiven = Annotated[Asking, Depends(asking_of)]
CallerGiven = Annotated[Caller, Depends(caller_of)]
