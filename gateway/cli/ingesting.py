"""Push bodies one after the other, through the same flow as HTTP.

Out     One answer for each, in order: the feed's own, or `refused` with the reasons.
"""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from uuid_utils import uuid7

from gateway.cli.opening import read_body
from gateway.clock import now
from gateway.flows.finish_deliveries import provider
from gateway.flows.push_file import pushed
from gateway.flows.push_update import Push
from gateway.settings import Settings
from gateway.store.units import Store
from mappings.core.rows import Feed

if TYPE_CHECKING:
    from rich.progress import Progress

_MOST_YOUNG: Final = 5_000
"""Values made, less those that went, before garbage is looked for."""


async def ingest_all(
    settings: Settings,
    store: Store,
    feed: Feed,
    org: str,
    paths: Sequence[Path],
    *,
    back_fill: bool = False,
) -> list[dict[str, Any]]:
    """Each path as a delivery of the organisation; one is held in memory at a time."""
    _look_for_garbage_less()
    answers = []
    with _progress(len(paths)) as bar:
        for path in paths:
            body, media_type = read_body(path)
            what = Push(
                feed=feed,
                caller=provider(org, feed.name, "command-line"),
                body=body,
                media_type=media_type,
                request_id=str(uuid7()),
                at=now(),
                largest_bytes=settings.limits.feed_unpacked_bytes,
                back_fill=back_fill,
                told=bar.items,
            )
            answers.append({"path": str(path)} | await pushed(store, what))
            bar.delivery()
    return answers


def _look_for_garbage_less() -> None:
    """What a batch makes goes when it is written; looking through all that is loaded, again and
    again meanwhile, is a tenth of its cost."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_MOST_YOUNG, 20, 20)


class _Silent:
    """In a pipe nothing is said on the way."""

    def items(self, number: int) -> None:
        """So many items more are on disk."""

    def delivery(self) -> None:
        """A delivery was answered."""


class _Bar(_Silent):
    """On a terminal: deliveries done, and items as they come to be on disk."""

    def __init__(self, shown: "Progress", total: int) -> None:
        self._shown = shown
        self._deliveries = shown.add_task("deliveries", total=total, of=f"of {total}")
        self._items = shown.add_task("items", total=None, of="")

    def items(self, number: int) -> None:
        """So many items more are on disk."""
        self._shown.advance(self._items, number)

    def delivery(self) -> None:
        """A delivery was answered."""
        self._shown.advance(self._deliveries)


@contextmanager
def _progress(total: int) -> Iterator[_Silent]:
    """A bar on a terminal; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield _Silent()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} {task.fields[of]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        yield _Bar(shown, total)
