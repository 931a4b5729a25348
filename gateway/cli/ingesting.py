"""Push bodies one after the other, through the same flow as HTTP.

Out     One answer for each, in order: the feed's own, or `refused` with the reasons.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from uuid_utils import uuid7

from gateway.clock import now
from gateway.errors import FaultyRequestError, TooLargeError
from gateway.flows.finish_deliveries import provider
from gateway.flows.push_update import Push, push
from gateway.settings import Settings
from gateway.store.units import Store
from mappings.core.rows import Feed

_TOO_LARGE = {"code": "too-large", "text": "above the size the service takes"}


async def ingest_all(
    settings: Settings,
    store: Store,
    feed: Feed,
    org: str,
    bodies: Sequence[tuple[str, bytes, str]],
) -> list[dict[str, Any]]:
    """Each body (name, bytes, media type) as a delivery of the organisation."""
    answers = []
    with _progress(len(bodies)) as advance:
        for name, body, media_type in bodies:
            what = Push(
                feed=feed,
                caller=provider(org, feed.name, "command-line"),
                body=body,
                media_type=media_type,
                request_id=str(uuid7()),
                at=now(),
                largest_bytes=settings.limits.feed_unpacked_bytes,
            )
            answers.append({"path": name} | await _pushed(store, what))
            advance()
    return answers


async def _pushed(store: Store, what: Push) -> dict[str, Any]:
    try:
        return await push(store, what)
    except FaultyRequestError as reason:
        faults = [{"code": fault.code, "text": fault.text} for fault in reason.faults]
    except TooLargeError:
        faults = [_TOO_LARGE]
    return {
        "delivery": "",
        "status": "refused",
        "duplicate": False,
        "items": {"taken": 0, "quarantined": 0},
        "resources": [],
        "issues": [{"severity": "error", "item": 0, "path": ""} | fault for fault in faults],
    }


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("deliveries", total=total)
        yield lambda: bar.advance(task)
