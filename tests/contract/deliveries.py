"""What the laws run over: every golden input and worked example of every registered feed."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from mappings.core.applying.apply import map_item, parts_of
from mappings.core.model.outcome import Facts, Item, Mapped, NotThisFormatError, Outcome
from mappings.core.model.paths import Steps
from mappings.core.model.rows import LOCAL, Feed, Kind
from mappings.core.released.page import page
from mappings.registry import FEEDS
from tests.golden.cases import GOLDEN, read

EXAMPLES: Final = GOLDEN.parent.parent / "examples"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of one feed."""

    feed_name: str
    source: Path

    @property
    def feed(self) -> Feed:
        return FEEDS[self.feed_name]

    @property
    def case(self) -> str:
        """Name of the golden case, or `example`."""
        return self.source.parent.name if self.source.name == "input" else "example"

    def __str__(self) -> str:
        name = self.case if self.case != "example" else f"example-{self.source.name}"
        return f"{self.feed_name}:{name}"


@cache
def deliveries() -> tuple[Delivery, ...]:
    """All of them, golden cases first."""
    found = []
    for feed in FEEDS:
        inputs = sorted((GOLDEN / feed).glob("*/input"))
        examples = sorted(
            path for path in (EXAMPLES / feed).glob("*") if not path.name.startswith(".")
        )
        found += [Delivery(feed, path) for path in (*inputs, *examples)]
    return tuple(found)


@cache
def mapped(delivery: Delivery) -> tuple[tuple[Kind, Item, Outcome], ...]:
    """Each item of a kind the feed maps, with its outcome. Leave them as they are."""
    return tuple(
        (delivery.feed.kinds[item.kind], item, map_item(delivery.feed.kinds[item.kind], item))
        for item in items(delivery)
        if item.kind in delivery.feed.kinds
    )


@cache
def page_of(feed_name: str) -> str:
    """The page that a clinician signs, printed once."""
    return page(FEEDS[feed_name])


def items(delivery: Delivery) -> list[Item]:
    """The items and their parts, read anew; none where the delivery is refused."""
    try:
        read_items = read(delivery.feed, delivery.source)
        return [part for item in read_items for part in parts_of(delivery.feed.kinds, item)]
    except NotThisFormatError:
        return []


def resources(delivery: Delivery) -> Iterator[tuple[Outcome, Mapped]]:
    """Every resource of a delivery, with the outcome it belongs to."""
    for _, _, outcome in mapped(delivery):
        for one in outcome.resources:
            yield outcome, one


def as_stored(one: Mapped) -> dict[str, Any]:
    """The resource as anyone but the store would meet it: no clears, references with ids."""
    settled = _resolved(copy.deepcopy(one.alone()))
    assert isinstance(settled, dict)
    return settled


def _resolved(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: _resolved(value) for name, value in node.items()}
    if isinstance(node, list):
        return [_resolved(value) for value in node]
    if isinstance(node, str) and node.startswith(LOCAL):
        kind, found, _ = node.removeprefix(LOCAL).partition(":")
        return f"{kind}/1" if found else node
    return node


def leaves(node: Any, steps: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Every value that is not an object or array, and the steps to it."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from leaves(value, (*steps, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from leaves(value, (*steps, index))
    else:
        yield steps, node


def objects(node: Any, steps: Steps = ()) -> Iterator[tuple[Steps, dict[str, Any]]]:
    """Every object, and the steps to it."""
    if isinstance(node, dict):
        yield steps, node
    children = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for step, value in children:
        yield from objects(value, (*steps, step))


def changed(facts: Facts, steps: Steps, value: Any) -> Facts:
    """A copy of the facts with another value at one place."""
    made: Facts = copy.deepcopy(facts)
    node: Any = made
    for step in steps[:-1]:
        node = node[step]
    node[steps[-1]] = value
    return made


def text_of(outcome: Outcome) -> str:
    """An outcome as one text, by which two are compared."""
    shown = [
        (one.type, one.key, str(one.fold), one.resource, [str(line) for line in one.lineage])
        for one in outcome.resources
    ]
    issues = [(str(i.severity), i.path, i.code, i.text) for i in outcome.issues]
    return json.dumps([str(outcome.person), outcome.source_time, shown, issues], sort_keys=True)
