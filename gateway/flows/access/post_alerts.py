"""Notices of alerts, posted to an address of the privacy office: by reference only, signed.

    alerts that are open and were not posted -> a POST each -> noted, and recorded

Rule    A notice is that of `tell_alerts`: it names nobody. Its signature covers the alert's id, the
        moment and the body, so that who receives it can tell it from a forged or an old one; one
        that comes twice has the same id. What was not taken is posted again at the next look, and
        keeps none after it waiting; where nobody answers at all, the rest waits for that look.
        What stood open before an address was first given is not posted: the office has it on its
        list, and is not flooded.
Errors  None of the receiver's: they are noted. Redirections are not followed, and proxies of the
        environment not used. AuditUnavailableError.
Source  Standard Webhooks 1.0, symmetric signatures.
"""

import asyncio
import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import httpx
import orjson
import structlog

from gateway.clock import to_micros
from gateway.flows.access.tell_alerts import notice_of, recorded
from gateway.store.access import alerts
from gateway.store.access.alerts import AlertRow
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection

_MOST: Final = 100
_SECONDS: Final = 10.0
_SECRET: Final = "whsec_"  # noqa: S105 - how such a key is written, before its base64
_LEAST_BYTES, _MOST_BYTES = 24, 64
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address, and the key that is shared with it."""

    url: str
    key: bytes = field(repr=False)

    @classmethod
    def read(cls, url: str, file: Path) -> "Webhook | None":
        """With the key of a file, base64 with or without `whsec_` before it; None where there is
        no such key."""
        try:
            text = file.read_text(encoding="ascii").strip().removeprefix(_SECRET)
            key = base64.b64decode(text, validate=True)
        except (OSError, ValueError):
            return None
        return cls(url, key) if _LEAST_BYTES <= len(key) <= _MOST_BYTES else None


async def post_alerts(store: Store, given_to: Webhook, base_url: str, at: datetime) -> int:
    """How many notices were taken, of all that were not posted."""
    async with store.engine.reading() as conn:
        is_posting = await alerts.is_posting(conn)
    if not is_posting:
        await store.write(alerts.begin_posting)
    number, after, answered = 0, (-1, ""), True
    while answered:
        async with store.engine.reading() as conn:
            found = await alerts.unposted(conn, _MOST, after)
        if not found:
            break
        taken, answered = await _posted(given_to, found, base_url, at)
        if taken:
            await store.write(partial(_note, store, taken, at))
        number += len(taken)
        after = found[-1].raised_at, found[-1].alert_id
    return number


async def _note(store: Store, taken: list[AlertRow], at: datetime, conn: Connection) -> None:
    await alerts.posted(conn, taken, to_micros(at))
    await append(conn, store.vault, [recorded(at, len(taken), "webhook")])


async def _posted(
    given_to: Webhook, rows: list[AlertRow], base_url: str, at: datetime
) -> tuple[list[AlertRow], bool]:
    """Those that were taken, and whether every one was answered. What an answer says is not
    read."""
    taken: list[AlertRow] = []
    async with httpx.AsyncClient(
        timeout=_SECONDS, follow_redirects=False, trust_env=False
    ) as client:
        for row in rows:
            body = orjson.dumps(notice_of(row, base_url, at))
            headers = signed(given_to.key, row.alert_id, at, body)
            try:
                async with (
                    asyncio.timeout(_SECONDS),
                    client.stream("POST", given_to.url, content=body, headers=headers) as answer,
                ):
                    status, is_taken = answer.status_code, answer.is_success
            except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as fault:
                _log.error("notice-not-posted", fault=type(fault).__name__)
                return taken, False
            if is_taken:
                taken.append(row)
            else:
                _log.error("notice-not-posted", status=status)
    return taken, True


def signed(key: bytes, alert_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a POST with that body."""
    seconds = str(int(at.timestamp()))
    covered = f"{alert_id}.{seconds}.".encode() + body
    digest = hmac.new(key, covered, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "webhook-id": alert_id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
