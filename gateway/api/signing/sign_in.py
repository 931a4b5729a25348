"""Signing in for staff and people, by OpenID Connect; and the cookie of their session.

GET  /sign-in                        whom to sign in with; with `provider`, on to it; with `for`,
                                     the id of a Patient, to act for them
GET  /sign-in/callback/{provider}    back from it: a session, and on to where one wanted to go
POST /sign-out                       the session ends
POST /sign-in/back-channel-logout    the provider ends it (OpenID Connect Back-Channel Logout)

Rule    Cookies are HttpOnly and SameSite=Lax, and over https Secure with the prefix `__Host-`. A
        way back leads to a path of this service alone. Nothing in an address names anybody, but
        the id of whom somebody acts for.
"""

from typing import Final
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Request, Response

from gateway.api.answers.dependencies import SiteGiven, body_of
from gateway.api.answers.responses import json_answer
from gateway.api.answers.throttling import check_address
from gateway.auth.oidc import LONGEST_ATTEMPT
from gateway.auth.rates import Kind
from gateway.errors import Fault, FaultyRequestError, UnauthenticatedError
from gateway.flows.sign_in import sign_in_person, sign_in_person_end
from gateway.flows.sign_in.sign_in_person import Returned
from gateway.flows.sign_in.sign_in_person_desk import PeopleDesk

router = APIRouter()
SESSION: Final = "care-session"
_ATTEMPT: Final = "care-sign-in"
_LARGEST: Final = 16 * 1024
_ATTEMPT_SECONDS: Final = int(LONGEST_ATTEMPT.total_seconds())
_ASKED: Final = frozenset({"provider", "to", "again", "for"})


@router.get("/sign-in")
async def begin(request: Request, site: SiteGiven) -> Response:
    """Whom to sign in with; or, with `provider`, the way to it."""
    check_address(request, Kind.SIGN_IN)
    desk, asked = desk_of(request), _query(request)
    if not asked.keys() <= _ASKED or asked.get("again", "1") != "1":
        raise FaultyRequestError([Fault("value", "", "provider, to, for and again=1 alone")])
    to = asked.get("to", "/")
    if "provider" not in asked:
        return json_answer({"providers": _listed(desk)})
    begun = await sign_in_person.begin(
        desk,
        site.store,
        asked["provider"],
        to,
        request.app.state.clock(),
        fresh="again" in asked,
        acts_for=asked.get("for", ""),
    )
    answer = _on(begun.address, 302)
    _set(answer, desk, _ATTEMPT, begun.cookie, _ATTEMPT_SECONDS)
    return answer


@router.get("/sign-in/callback/{provider}")
async def finish(request: Request, provider: str, site: SiteGiven) -> Response:
    """A session for whom the provider proved, and on to where they wanted to go."""
    check_address(request, Kind.SIGN_IN)
    desk, told = desk_of(request), _query(request)
    returned = Returned(
        provider=provider,
        code=told.get("code", ""),
        state=told.get("state", ""),
        iss=told.get("iss", ""),
        attempt=request.cookies.get(cookie_name(desk, _ATTEMPT), ""),
        former=request.cookies.get(cookie_name(desk, SESSION), ""),
    )
    opened = await sign_in_person.finish(
        desk, site.store, returned, request.app.state.clock(), request.state.request_id
    )
    answer = _on(opened.to, 303)
    _set(answer, desk, SESSION, opened.cookie, int(desk.lifetimes.longest.total_seconds()))
    _set(answer, desk, _ATTEMPT, "", 0)
    return answer


@router.post("/sign-out", status_code=204)
async def end(request: Request, site: SiteGiven) -> Response:
    """The browser's session ends."""
    desk, answer = desk_of(request), Response(status_code=204)
    cookie = request.cookies.get(cookie_name(desk, SESSION), "")
    if cookie:
        at = request.app.state.clock()
        await sign_in_person_end.sign_out(desk, site.store, cookie, at, request.state.request_id)
        _set(answer, desk, SESSION, "", 0)
    return answer


@router.post("/sign-in/back-channel-logout")
async def log_out(request: Request, site: SiteGiven) -> Response:
    """A provider says that a session is over."""
    check_address(request, Kind.SIGN_IN)
    body = await body_of(request, _LARGEST)
    try:
        form = parse_qsl(body.decode("ascii"), strict_parsing=True, max_num_fields=8)
    except ValueError:
        return json_answer({"error": "invalid_request"}, 400)
    tokens = [value for name, value in form if name == "logout_token"]
    if len(tokens) != 1:
        return json_answer({"error": "invalid_request"}, 400)
    try:
        await sign_in_person_end.log_out(
            desk_of(request),
            site.store,
            tokens[0],
            request.app.state.clock(),
            request.state.request_id,
        )
    except UnauthenticatedError:
        return json_answer({"error": "invalid_request"}, 400)
    return json_answer({})


def desk_of(request: Request) -> PeopleDesk:
    """Where staff and people of this deployment sign in."""
    desk: PeopleDesk = request.app.state.people_desk
    return desk


def cookie_name(desk: PeopleDesk, name: str) -> str:
    """The name of one of our cookies: over https one that only this very host can set."""
    return f"__Host-{name}" if _is_secure(desk) else name


def _is_secure(desk: PeopleDesk) -> bool:
    return desk.base_url.startswith("https:")


def _listed(desk: PeopleDesk) -> list[dict[str, str]]:
    return [
        {
            "name": provider.name,
            "title": provider.title,
            "for": provider.kind,
            "sign_in": f"/sign-in?provider={provider.name}",
        }
        for provider, _ in desk.providers.values()
    ]


def _query(request: Request) -> dict[str, str]:
    """The query, each name once. Errors: FaultyRequestError."""
    pairs = request.query_params.multi_items()
    found = dict(pairs)
    if len(found) != len(pairs):
        raise FaultyRequestError([Fault("value", "", "each parameter once")])
    return found


def _on(address: str, status: int) -> Response:
    return Response(status_code=status, headers={"Location": quote(address, safe=_SAFE)})


_SAFE: Final = "!#$%&'()*+,/:;=?@[]~-._"


def _set(answer: Response, desk: PeopleDesk, name: str, value: str, seconds: int) -> None:
    answer.set_cookie(
        cookie_name(desk, name),
        value,
        max_age=seconds,
        path="/",
        secure=_is_secure(desk),
        httponly=True,
        samesite="lax",
    )
