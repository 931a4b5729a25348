"""Ask an OpenID provider: tokens for a code, and what it knows of the user.

In      A desk, an attempt, the code, the moment.
Out     The claims of ID token and userinfo together, checked.
Rule    Only the pinned endpoints of the attempt's provider are called; no redirect is followed,
        no proxy of the environment used, and no more than 64 KB of an answer is read, for ten
        seconds in all. The access token is used once, for userinfo, and kept nowhere.
Errors  UnauthenticatedError; UnreachedError where the provider does not answer.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import httpx
import orjson

from gateway.auth.jose import Claims
from gateway.auth.oidc import (
    Attempt,
    check_id_token,
    merged,
    token_request,
    tokens_of,
)
from gateway.errors import UnauthenticatedError
from gateway.flows.sign_in.sign_in_person_desk import PeopleDesk

_LARGEST: Final = 64 * 1024
_SECONDS: Final = 10.0


class UnreachedError(UnauthenticatedError):
    """The provider did not answer."""


async def claims_of(desk: PeopleDesk, attempt: Attempt, code: str, at: datetime) -> Claims:
    """What the provider says of whom the code stands for."""
    provider, trusted = desk.providers[attempt.provider]
    key = desk.key_for(provider.name)
    callback = desk.callback(provider.name)
    headers, body = token_request(provider, attempt, code, callback, key, at)
    async with httpx.AsyncClient(
        transport=desk.transport, timeout=_SECONDS, follow_redirects=False, trust_env=False
    ) as client:
        sent = client.build_request("POST", provider.token_endpoint, content=body, headers=headers)
        tokens = tokens_of(await _answer(client, sent))
        id_token = check_id_token(provider, trusted, tokens, attempt, at)
        shown = {"Authorization": f"Bearer {tokens.access_token}", "Accept": "application/json"}
        asked = client.build_request("GET", provider.userinfo_endpoint, headers=shown)
        return merged(id_token, await _answer(client, asked))


async def _answer(client: httpx.AsyncClient, request: httpx.Request) -> Mapping[str, Any]:
    """The JSON object that is answered. Errors: UnauthenticatedError, UnreachedError."""
    request.headers["Accept-Encoding"] = "identity"
    try:
        async with asyncio.timeout(_SECONDS):
            answer = await client.send(request, stream=True)
            try:
                found = await _content(answer)
            finally:
                await answer.aclose()
    except (TimeoutError, httpx.HTTPError):
        raise UnreachedError from None
    try:
        content = orjson.loads(found)
    except orjson.JSONDecodeError:
        raise UnauthenticatedError from None
    if not isinstance(content, dict):
        raise UnauthenticatedError
    return content


async def _content(answer: httpx.Response) -> bytes:
    """What is answered, within the limit and not packed. Errors: UnauthenticatedError."""
    if answer.status_code != httpx.codes.OK or "content-encoding" in answer.headers:
        raise UnauthenticatedError
    found = bytearray()
    async for part in answer.aiter_bytes():
        found += part
        if len(found) > _LARGEST:
            raise UnauthenticatedError
    return bytes(found)
