"""What every kind of source is pulled with.

Out     Puller: where what is pulled goes. Holding: whether a source is still ours to pull.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from uuid_utils import uuid7

from gateway.clock import Clock
from gateway.flows.intake.finish_deliveries import provider
from gateway.flows.intake.push_file import pushed
from gateway.flows.intake.push_update import Push
from gateway.sources import Pulled
from gateway.store.commit.units import Store
from mappings.core.model.rows import Feed

PULLER = "puller"


@dataclass(frozen=True, slots=True)
class Puller:
    """One process that pulls, and where what it pulls goes."""

    store: Store
    feeds: Mapping[str, Feed]
    clock: Clock
    largest_bytes: int
    """Of a file or an answer."""
    unpacked_bytes: int

    async def pushed(
        self, source: Pulled, body: bytes, media_type: str, request_id: str = ""
    ) -> dict[str, Any]:
        """Push what a source held, as its organisation."""
        what = Push(
            feed=self.feeds[source.feed],
            caller=provider(source.org, source.feed, f"{PULLER}:{source.name}"),
            body=body,
            media_type=media_type,
            request_id=request_id or str(uuid7()),
            at=self.clock(),
            largest_bytes=self.unpacked_bytes,
        )
        return await pushed(self.store, what)


@dataclass(slots=True)
class Holding:
    """A source while one puller holds it."""

    lost: bool = False
    """Another puller has it by now: what is in hand is finished, and nothing more is begun."""
