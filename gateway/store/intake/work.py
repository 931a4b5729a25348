"""Items on their way into the record, and what becomes of them.

Pure    Values alone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.errors import GatewayError
from gateway.store.record.fold import Order
from gateway.store.record.versions import DeliveryContext
from mappings.core.model.outcome import Issue, Item, Outcome
from mappings.core.model.rows import Kind


class AlteredError(GatewayError):
    """What is stored of something that these items speak of, by hash, does not open."""

    def __init__(self, items: Collection[str]) -> None:
        super().__init__("a stored row is not as it was written")
        self.items = frozenset(items)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One item, mapped, with what the store needs to keep it."""

    item: Item
    item_hash: str
    facts: bytes
    outcome: Outcome
    kind: Kind | None
    mapping_version: str

    @property
    def order(self) -> Order:
        """Its place among items that speak of the same resource."""
        return (self.outcome.source_time, self.item_hash)


@dataclass(slots=True)
class Applied:
    """What became of one item."""

    number: int
    duplicate: bool
    quarantined: bool
    issues: tuple[Issue, ...]
    references: list[str] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    """`Type/id` of each resource, and the version that holds now."""
    patient_id: str = ""
    person_id: str = ""
    container: str = ""
    item_id: str = ""
    """The same item of the same source is one item for ever."""
    discarded: bool = False
    """An operator decided that it is not to be taken; then it is not quarantined."""


class Part(NamedTuple):
    """Items, and the delivery that they came in."""

    delivery: DeliveryContext
    items: Sequence[Prepared]


class Work(NamedTuple):
    """One item to be taken, and what becomes of it."""

    prepared: Prepared
    applied: Applied
    delivery: DeliveryContext
