"""OpenID Connect, the authorization-code flow: what is asked, and how answers are checked.

In      a provider's reviewed data and pinned keys, an attempt, tokens as sent, the moment.
Out     the address a browser is sent to; the request that turns a code into tokens; the claims
        of an ID token or a logout token, once they hold.
Rule    PKCE with S256 and a nonce, always; the client proves itself by private_key_jwt. An ID
        token is for this client alone, from the attempt's provider, about this attempt; a logout
        token is never an ID token, nor the other way round.
Errors  UnauthenticatedError, without any detail.
Source  OpenID Connect Core 1.0; Back-Channel Logout 1.0; RFC 7636, 7523, 9207.
Pure    The moment and every random value are arguments.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core.util import create_half_hash

from gateway.auth.client_keys import OwnKey
from gateway.auth.jose import (
    LONGEST_SKEW,
    Claims,
    TrustedKeys,
    check_signature,
    check_times,
    parse,
    required_claim,
    text_claim,
)
from gateway.auth.providers import Provider
from gateway.errors import UnauthenticatedError

LONGEST_ATTEMPT: Final = timedelta(minutes=10)
LONGEST_MICROS: Final = LONGEST_ATTEMPT // timedelta(microseconds=1)
LOGOUT: Final = "http://schemas.openid.net/event/backchannel-logout"
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_ID_TOKEN_TYPES: Final = frozenset({"jwt", ""})
_LOGOUT_TYPES: Final = frozenset({"logout+jwt", "jwt", ""})
_LONGEST_ID_TOKEN: Final = timedelta(hours=12)
_LONGEST_LOGOUT: Final = timedelta(minutes=10)
_ASSERTION_SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in, as the browser that began it keeps it, sealed."""

    provider: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    to: str
    begun: int
    """In microseconds."""
    fresh: bool
    """Whether the provider must ask anew who it is, however lately it did."""
    acts_for: str = field(default="", repr=False)
    """The id of the Patient that a person wants to act for; empty for their own record."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was worth."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


def authorization_url(provider: Provider, attempt: Attempt, callback: str) -> str:
    """Where the browser is sent."""
    more = {"acr_values": provider.acr_values} if provider.acr_values else {}
    if provider.max_age_minutes is not None:
        more["max_age"] = str(provider.max_age_minutes * 60)
    if attempt.fresh:
        more |= {"prompt": "login", "max_age": "0"}
    address: str = prepare_grant_uri(
        provider.authorization_endpoint,
        client_id=provider.client_id,
        response_type="code",
        redirect_uri=callback,
        scope=provider.scope,
        state=attempt.state,
        nonce=attempt.nonce,
        code_challenge=create_s256_code_challenge(attempt.verifier),
        code_challenge_method="S256",
        **more,
        **provider.parameters,
    )
    return address


def token_request(
    provider: Provider, attempt: Attempt, code: str, callback: str, key: OwnKey, at: datetime
) -> tuple[dict[str, str], str]:
    """Headers and body of the request that turns a code into tokens."""
    issued = int(at.timestamp())
    proof = PrivateKeyJWT(
        provider.token_endpoint,
        {"iat": issued, "exp": issued + _ASSERTION_SECONDS},
        {"kid": key.kid, "typ": "JWT"},
        alg=key.algorithm,
    )
    auth = ClientAuth(provider.client_id, key.key, proof)
    asked = prepare_token_request(
        "authorization_code",
        redirect_uri=callback,
        code=code,
        code_verifier=attempt.verifier,
        client_id=provider.client_id,
    )
    _, headers, body = auth.prepare("POST", provider.token_endpoint, dict(_FORM), asked)
    return headers, body


def tokens_of(answer: Mapping[str, Any]) -> Tokens:
    """The tokens of a token endpoint's answer. Errors: UnauthenticatedError."""
    id_token, access_token = answer.get("id_token"), answer.get("access_token")
    if not isinstance(id_token, str) or not isinstance(access_token, str):
        raise UnauthenticatedError
    if str(answer.get("token_type", "")).lower() != "bearer" or not access_token.isascii():
        raise UnauthenticatedError
    return Tokens(id_token, access_token)


def check_id_token(
    provider: Provider, trusted: TrustedKeys, tokens: Tokens, attempt: Attempt, at: datetime
) -> Claims:
    """The claims of an ID token of this attempt. Errors: UnauthenticatedError."""
    claims = _signed(provider, trusted, tokens.id_token, _ID_TOKEN_TYPES)
    check_times(claims, at, LONGEST_SKEW, _LONGEST_ID_TOKEN)
    required_claim(claims, "sub")
    text_claim(claims, "sid")
    nonce = required_claim(claims, "nonce")
    if not hmac.compare_digest(nonce.encode(), attempt.nonce.encode()) or "events" in claims:
        raise UnauthenticatedError
    if text_claim(claims, "azp") not in ("", provider.client_id):
        raise UnauthenticatedError
    algorithm = parse(tokens.id_token).header["alg"]
    if "at_hash" in claims and not _is_of(tokens.access_token, algorithm, claims["at_hash"]):
        raise UnauthenticatedError
    return claims


def check_logout_token(
    provider: Provider, trusted: TrustedKeys, token: str, at: datetime
) -> tuple[Claims, datetime]:
    """The claims of a logout token, and when it dies. Errors: UnauthenticatedError."""
    claims = _signed(provider, trusted, token, _LOGOUT_TYPES)
    dies = check_times(claims, at, LONGEST_SKEW, _LONGEST_LOGOUT)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT), dict):
        raise UnauthenticatedError
    if "nonce" in claims or not (text_claim(claims, "sid") or text_claim(claims, "sub")):
        raise UnauthenticatedError
    required_claim(claims, "jti")
    return claims, dies + LONGEST_SKEW


def issuer_of(token: str) -> str:
    """Who a token says that it is from, not yet believed. Errors: UnauthenticatedError."""
    return required_claim(parse(token).claims, "iss")


def merged(id_token: Claims, userinfo: Mapping[str, Any]) -> Claims:
    """What both say together. Errors: UnauthenticatedError where they disagree."""
    if userinfo.get("sub") != id_token["sub"]:
        raise UnauthenticatedError
    both = (userinfo.keys() & id_token.keys()) - _OF_THE_TOKEN
    if any(userinfo[name] != id_token[name] for name in both):
        raise UnauthenticatedError
    return {**userinfo, **id_token}


_OF_THE_TOKEN: Final = frozenset({"iss", "aud", "iat", "exp", "nbf", "jti"})
"""What a userinfo answer says of itself, where it is sent as a token."""


def _signed(provider: Provider, trusted: TrustedKeys, token: str, types: frozenset[str]) -> Claims:
    parsed = parse(token)
    check_signature(parsed, trusted, types)
    claims = parsed.claims
    if claims.get("iss") != provider.issuer:
        raise UnauthenticatedError
    if claims.get("aud") not in (provider.client_id, [provider.client_id]):
        raise UnauthenticatedError
    return claims


def _is_of(access_token: str, algorithm: str, at_hash: object) -> bool:
    """Whether the access token is the one that came with the ID token."""
    made = create_half_hash(access_token, "EdDSA" if algorithm == "Ed25519" else algorithm)
    return isinstance(at_hash, str) and hmac.compare_digest(made, at_hash.encode())
