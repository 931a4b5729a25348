"""Signing in for systems: SMART Backend Services.

POST /oauth/token                          client_credentials with private_key_jwt (RFC 7523)
GET  /oauth/jwks                           the public keys of the tokens given here
GET  /.well-known/smart-configuration      what is offered, as SMART App Launch 2.2 says
GET  /fhir/R4/.well-known/smart-configuration

Rule    An assertion that proves nothing is answered `invalid_client`, whatever is wrong with it.
"""

from typing import Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from starlette.routing import Route

from gateway.api.answers.dependencies import SiteGiven, body_of, certificate_of, media_type_of
from gateway.api.answers.responses import json_answer
from gateway.api.answers.throttling import check_address
from gateway.api.signing.sign_in import desk_of
from gateway.auth import assertions
from gateway.auth.rates import Kind
from gateway.errors import FaultyRequestError, UnauthenticatedError
from gateway.flows.sign_in import sign_in_system
from gateway.flows.sign_in.sign_in_system import SignIn

router = APIRouter()
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_FORM: Final = "application/x-www-form-urlencoded"
_LARGEST: Final = 16 * 1024
_FIELDS: Final = frozenset({"grant_type", "scope", "client_assertion_type", "client_assertion"})


@router.post("/oauth/token")
async def give_token(request: Request, site: SiteGiven) -> Response:
    """An access token for a registered system that proves itself."""
    check_address(request, Kind.TOKEN)
    form = await _form(request)
    if form is None or form.get("client_assertion_type") != ASSERTION_TYPE:
        return _refused("invalid_request")
    if form.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type")
    try:
        given = await sign_in_system.sign_in(
            _desk(request),
            site.store,
            form.get("client_assertion", ""),
            certificate_of(request),
            form.get("scope", ""),
            request.app.state.clock(),
            request.state.request_id,
        )
    except UnauthenticatedError:
        return _refused("invalid_client", 401)
    except FaultyRequestError:
        return _refused("invalid_scope")
    body = {"access_token": given.token, "token_type": "bearer", "expires_in": given.seconds}
    return json_answer(body | {"scope": given.scope})


@router.get("/oauth/jwks")
async def keys(request: Request) -> Response:
    """The public keys of the tokens given here, and of this client (RFC 7517)."""
    own = desk_of(request).client_keys.values()
    told = _desk(request).signer.jwks()
    return json_answer({"keys": [*told["keys"], *(one.public for one in own)]})


@router.get("/.well-known/smart-configuration")
async def configuration(request: Request) -> Response:
    """What is offered to systems that sign in."""
    desk = _desk(request)
    return json_answer(
        {
            "issuer": desk.signer.name,
            "jwks_uri": f"{desk.signer.name}/oauth/jwks",
            "token_endpoint": desk.token_url,
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(assertions.ALGORITHMS),
            "tls_client_certificate_bound_access_tokens": request.app.state.client_certificates,
            "grant_types_supported": ["client_credentials"],
            "code_challenge_methods_supported": ["S256"],  # SMART asks for it of every server
            "scopes_supported": ["system/*.cruds"],
            "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
        }
    )


def _desk(request: Request) -> SignIn:
    desk: SignIn = request.app.state.sign_in
    return desk


async def _form(request: Request) -> dict[str, str] | None:
    """The fields of the form; None where it is none, or names a field twice."""
    if media_type_of(request) != _FORM:
        return None
    body = await body_of(request, _LARGEST)
    try:
        pairs = parse_qsl(
            body.decode("ascii"), strict_parsing=True, errors="strict", max_num_fields=16
        )
    except ValueError:
        return None
    form = dict(pairs)
    return form if len(form) == len(pairs) and form.keys() >= _FIELDS - {"scope"} else None


def _refused(error: str, status: int = 400) -> Response:
    return json_answer({"error": error}, status)


ROUTES: Final = (Route("/fhir/R4/.well-known/smart-configuration", configuration, methods=["GET"]),)
