"""The gateway as the walk-through uses it: over HTTP, with a token for each caller.

In      An HTTP client, a function that makes tokens.
Out     Parsed answers.
Errors  StepFailedError with the step and the status, where an answer is not the one expected.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import httpx
import orjson

from gateway.cli.demo.deliveries import Delivery

FHIR: Final = "/fhir/R4"
_FHIR_JSON: Final = "application/fhir+json"
_MOST_PAGES: Final = 50

Json = dict[str, Any]


class StepFailedError(Exception):
    """A step of the walk-through was not answered as it must be."""

    def __init__(self, step: str, status: int) -> None:
        super().__init__(f"{step}: answered {status}")
        self.step = step
        self.status = status


class TokenMaker(Protocol):
    """Makes an access token for a role, a user, an organisation."""

    def __call__(self, role: str, user: str, org: str, **more: Any) -> str:
        """The token; `more` may hold feeds and purpose."""
        ...


@dataclass(frozen=True, slots=True)
class As:
    """Who calls."""

    role: str
    user: str
    org: str
    feeds: tuple[str, ...] = ()
    purpose: str = ""


@dataclass(slots=True)
class Gateway:
    """One gateway; a caller's token is made once."""

    http: httpx.AsyncClient
    make_token: TokenMaker
    tokens: dict[As, str] = field(default_factory=dict, repr=False)

    async def push(self, delivery: Delivery) -> Json:
        """A delivery's answer."""
        feed = delivery.feed
        caller = As("provider", f"system-{delivery.org.lower()}", delivery.org, (feed,))
        step = f"{delivery.org} pushes to the {feed} feed"
        answer = await self.http.post(
            f"/feeds/{feed}",
            content=delivery.body,
            headers=self._headers(caller, delivery.media_type),
        )
        return _parsed(answer, step, (200, 202))

    async def create(self, caller: As, resource: Json) -> Json:
        """A resource created by a member of the team."""
        kind = resource["resourceType"]
        answer = await self.http.post(
            f"{FHIR}/{kind}",
            content=orjson.dumps(resource),
            headers=self._headers(caller, _FHIR_JSON),
        )
        return _parsed(answer, f"{caller.role} creates a {kind}", (201,))

    async def record_permission(self, caller: As, patient_id: str) -> Json:
        """The person was asked, and agreed that this caller's organisation may see."""
        asked = {"patient": patient_id, "asked_how": "in-person", "kind": "standing"}
        answer = await self.http.post(
            "/access/permission",
            content=orjson.dumps(asked),
            headers=self._headers(caller, "application/json"),
        )
        return _parsed(answer, f"{caller.role} records permission to view", (201,))

    async def everything(self, caller: As, patient_id: str) -> list[Json]:
        """Every resource of the person that this caller is shown; none for a 404."""
        url = f"{FHIR}/Patient/{patient_id}/$everything?_count=500"
        return await self._pages(caller, url, f"{caller.role} looks at the record", (200, 404))

    async def events_about(self, caller: As, patient_id: str) -> list[Json]:
        """The audit trail of one person."""
        url = f"{FHIR}/AuditEvent?patient={patient_id}&_count=500"
        return await self._pages(caller, url, f"{caller.role} reads the audit trail", (200,))

    async def look(self, caller: As, path: str) -> httpx.Response:
        """One answer as it is."""
        return await self.http.get(f"{FHIR}/{path}", headers=self._headers(caller))

    async def read(self, caller: As, path: str) -> Json:
        """One resource or operation, which must be there."""
        return _parsed(await self.look(caller, path), f"{caller.role} reads", (200,))

    async def _pages(
        self, caller: As, url: str, step: str, expected: tuple[int, ...]
    ) -> list[Json]:
        found: list[Json] = []
        for _ in range(_MOST_PAGES):
            answer = await self.http.get(url, headers=self._headers(caller))
            page = _parsed(answer, step, expected)
            if answer.status_code != httpx.codes.OK:
                return found
            found += [entry["resource"] for entry in page.get("entry", ())]
            onward = [one["url"] for one in page.get("link", ()) if one["relation"] == "next"]
            if not onward:
                return found
            url = onward[0]
        raise StepFailedError(step, 200)

    def _headers(self, caller: As, media_type: str = "") -> Mapping[str, str]:
        token = self.tokens.get(caller)
        if token is None:
            more: Json = {"feeds": caller.feeds} if caller.feeds else {}
            more |= {"purpose": caller.purpose} if caller.purpose else {}
            token = self.make_token(caller.role, caller.user, caller.org, **more)
            self.tokens[caller] = token
        headers = {"Authorization": f"Bearer {token}"}
        return headers | ({"Content-Type": media_type} if media_type else {})


def _parsed(answer: httpx.Response, step: str, expected: tuple[int, ...]) -> Json:
    if answer.status_code not in expected:
        raise StepFailedError(step, answer.status_code)
    try:
        parsed = orjson.loads(answer.content)
    except ValueError:
        raise StepFailedError(step, answer.status_code) from None
    return parsed if isinstance(parsed, dict) else {}
