"""A gateway in this process, asked over HTTP, with a clock the test sets."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
from fastapi import FastAPI

from consent.terms import Purpose
from gateway.audit.entry import AuditEntry, decode
from gateway.custody import keys_of
from gateway.flows.site.site import Site
from gateway.main import create_app, development_issuer
from gateway.settings import Rates, Settings
from gateway.store.audit import audit_reads

START: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
FHIR: Final = "application/fhir+json"
UNLIMITED: Final = Rates(sign_in=0, token=0, unproved=0, match=0, people=0)
Headers = dict[str, str]
_Result = TypeVar("_Result")


class Service:
    """One running gateway and somebody who asks it."""

    def __init__(self, database_url: str, key_file: Path, **settings: Any) -> None:
        self.at = START
        settings.setdefault("rates", UNLIMITED)  # the clock stands still
        settings.setdefault("tick_ms", 0)  # and no test waits for it
        self.settings = Settings(database_url=database_url, key_file=key_file, **settings)
        self.app: FastAPI = create_app(self.settings, lambda: self.at)
        self.issuer = development_issuer(self.settings, keys_of(self.settings))
        self._runner = asyncio.Runner()
        self._life: AbstractAsyncContextManager[Any] = self.app.router.lifespan_context(self.app)
        self.run(self._life.__aenter__())
        self.run(self._hold_the_minute())
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=True),
            base_url=self.settings.base_url,
        )

    def close(self) -> None:
        self.run(self._client.aclose())
        self.run(self._life.__aexit__(None, None, None))
        self._runner.close()

    def run(self, work: Awaitable[_Result]) -> _Result:
        async def wait() -> _Result:
            return await work

        return self._runner.run(wait())

    async def _hold_the_minute(self) -> None:
        """The clock stands still: what is counted in a minute is recorded where a test says so, and
        never by the machine's own clock in the middle of another test."""
        self.app.state.refusals._timer = asyncio.create_task(asyncio.Event().wait())

    @property
    def site(self) -> Site:
        site: Site = self.app.state.site
        return site

    def token(self, role: str, user: str = "", org: str = "", **more: Any) -> Headers:
        """The header of somebody in this role."""
        if role in ("governance-lead", "borough-governance", "privacy-officer"):
            more.setdefault("purpose", Purpose.COMPLIANCE)
        issued = self.issuer.issue(role, user=user or f"u-{role}", org=org, at=self.at, **more)
        return {"Authorization": f"Bearer {issued}"}

    def ask(
        self, method: str, path: str, who: Headers | None = None, **more: Any
    ) -> httpx.Response:
        headers = (who or {}) | more.pop("headers", {})
        address = path if path.startswith(("/", "http")) else f"/fhir/R4/{path}"
        return self.run(self._client.request(method, address, headers=headers, **more))

    def at_once(
        self, asked: list[tuple[str, str, dict[str, Any]]], who: Headers
    ) -> list[httpx.Response]:
        """Requests with a body of JSON, none of which waits for another."""

        async def all_of_them() -> list[httpx.Response]:
            return await asyncio.gather(
                *(
                    self._client.request(method, path, headers=who, json=body)
                    for method, path, body in asked
                )
            )

        return self.run(all_of_them())

    def ask_in_lines(
        self, method: str, path: str, lines: list[tuple[str, str]], body: bytes = b""
    ) -> httpx.Response:
        """A request with these lines of headers: one name may stand twice."""
        address = f"/fhir/R4/{path}"
        return self.run(self._client.request(method, address, headers=lines, content=body))

    def forget_cookies(self) -> None:
        """What was set goes: a browser of a test keeps its own."""
        self._client.cookies.clear()

    def get(self, path: str, who: Headers | None = None, **more: Any) -> httpx.Response:
        return self.ask("GET", path, who, **more)

    def search(self, path: str, who: Headers, **form: str) -> httpx.Response:
        return self.ask("POST", f"{path}/_search", who, data=form)

    def create(self, resource: dict, who: Headers, **headers: str) -> httpx.Response:
        more = {"Content-Type": FHIR} | {k.replace("_", "-"): v for k, v in headers.items()}
        path = resource["resourceType"]
        return self.ask("POST", path, who, content=json.dumps(resource), headers=more)

    def push(self, feed: str, org: str, body: bytes, media_type: str = "application/json") -> Any:
        who = self.token("provider", "system", org, feeds=[feed])
        answer = self.ask(
            "POST", f"/feeds/{feed}", who, content=body, headers={"Content-Type": media_type}
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == "taken", answer.text
        return answer.json()

    def walk(self, path: str, who: Headers) -> list[Any]:
        """Every page of a search, by its `next` links."""
        pages, seen = [], set()
        while path:
            assert path not in seen
            seen.add(path)
            answer = self.get(path, who)
            assert answer.status_code == 200, answer.text
            pages.append(answer.json())
            links = {link["relation"]: link["url"] for link in pages[-1]["link"]}
            path = links.get("next", "")
        return pages

    def entries(self, first: int = 0) -> list[AuditEntry]:
        """The log from that number on."""

        async def read() -> list[AuditEntry]:
            store = audit_reads.entries(self.site.store.engine, first)
            return [decode(record).entry async for _, record, _, _ in store]

        return self.run(read())

    def size(self) -> int:
        """How many entries the log has."""

        async def read() -> int:
            async with self.site.store.engine.reading() as conn:
                return (await audit_reads.head(conn))[0]

        return self.run(read())

    def write(self, unit: Callable[[Any], Awaitable[_Result]]) -> _Result:
        """Run one unit of the store, as no API can yet."""
        return self.run(self.site.store.write(unit))


def resources(bundle: dict) -> list[dict]:
    """The resources of a Bundle, in order, without what a search says beside them."""
    entries = bundle.get("entry", [])
    return [one["resource"] for one in entries if one.get("search") != {"mode": "outcome"}]


def references(bundle: dict) -> list[str]:
    """`Type/id` of each entry."""
    return [f"{one['resourceType']}/{one['id']}" for one in resources(bundle)]


def is_outcome(answer: httpx.Response, status: int, code: str = "") -> bool:
    """Whether this is an OperationOutcome with that status and issue code."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.headers["content-type"].startswith(FHIR)
    body = answer.json()
    assert body["resourceType"] == "OperationOutcome"
    codes = [issue["code"] for issue in body["issue"]]
    assert not code or code in codes, codes
    return True
