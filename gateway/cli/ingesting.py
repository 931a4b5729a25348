"""Push bodies one after the other, through the same flow as HTTP.

Out     One answer for each, in order: the feed's own, or `refused` with the reasons.
"""

import gc
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from uuid_utils import uuid7

from gateway.cli.opening import read_body
from gateway.cli.progress import progress
from gateway.clock import now
from gateway.flows.intake.batches import counted
from gateway.flows.intake.finish_deliveries import provider
from gateway.flows.intake.push_file import pushed
from gateway.flows.intake.push_update import Push
from gateway.settings import Settings
from gateway.store.commit.units import Store
from mappings.core.model.rows import Feed

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
    with progress(deliveries=len(paths), items=None) as advance:
        for path in paths:
            body, media_type = read_body(path)
            largest = settings.limits.feed_unpacked_bytes
            number = counted(feed, body, media_type, largest) if advance.is_shown else 0
            advance.expect("items", number)
            what = Push(
                feed=feed,
                caller=provider(org, feed.name, "command-line"),
                body=body,
                media_type=media_type,
                request_id=str(uuid7()),
                at=now(),
                largest_bytes=largest,
                back_fill=back_fill,
                told=partial(advance, "items"),
            )
            answer = await pushed(store, what)
            if answer.get("duplicate"):
                advance("items", number)
            answers.append({"path": str(path)} | answer)
            advance("deliveries", 1)
    return answers


def _look_for_garbage_less() -> None:
    """What a batch makes goes when it is written; looking through all that is loaded, again and
    again meanwhile, is a tenth of its cost."""
    gc.freeze()
    gc.set_threshold(_MOST_YOUNG, 20, 20)
