"""Deliveries of the demo, mapped as the gateway maps them, without a store."""

from collections.abc import Iterator

from gateway.cli.demo.deliveries import Delivery, from_others, from_practices
from gateway.cli.demo.people import Borough
from gateway.flows.intake.recognise import recognised
from gateway.flows.intake.unpack import members_of
from mappings.core.applying.apply import map_item
from mappings.core.model.outcome import Item, Outcome
from mappings.registry import FEEDS

LARGEST = 64 * 1024 * 1024


def deliveries_of(borough: Borough) -> list[Delivery]:
    return [*from_practices(borough), *from_others(borough)]


def mapped(delivery: Delivery) -> Iterator[tuple[Item, Outcome]]:
    feed = FEEDS[delivery.feed]
    members = members_of(delivery.body, LARGEST)
    for _, item in recognised(feed, members, delivery.media_type).items():
        yield item, map_item(feed.kinds[item.kind], item)
