"""The state of a resource as a fold of the items that speak of it, in source-time order.

In      What a mapping made (Mapped: local references, no id) and the state so far.
Out     The new state: resource with the store's ids, labels that only rise, lineage by item.
Rule    The order of items is (source time, content hash), never the order they arrived in.
        REPLACE: the newest item says everything. MERGE: each changes the elements it names.
Source  Design decisions D10 and D12.
Pure    No database; ids are keyed hashes by the hasher that is passed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from gateway.store.keys import KeyedHasher
from mappings.core import systems
from mappings.core.outcome import Fold, Lineage, Mapped
from mappings.core.rows import LOCAL

Order = tuple[str, str]
"""(source time, content hash)."""

_LEVELS: Final = "UNRV"


@dataclass(frozen=True, slots=True)
class Origin:
    """The item an element came from, as lineage keeps it."""

    item_id: str
    delivery_id: str
    number: int
    kind: str
    mapping_version: str
    received_at: int

    def as_json(self) -> list[str | int]:
        """In the order of the fields."""
        return [
            self.item_id,
            self.delivery_id,
            self.number,
            self.kind,
            self.mapping_version,
            self.received_at,
        ]


@dataclass(slots=True)
class Localiser:
    """Turns a source's local references into ids, for one organisation."""

    hasher: KeyedHasher
    org: str
    _known: dict[str, str] = field(default_factory=dict)

    def resource_id(self, resource_type: str, key: str) -> str:
        """The id of the resource this source keys so."""
        return self.hasher.keyed_uuid("resource", self.org, resource_type, key)

    def localised(self, node: Any) -> Any:
        """A copy with ids in place of local references, and the source's own id system."""
        if isinstance(node, dict):
            return {name: self._value(name, value) for name, value in node.items()}
        if isinstance(node, list):
            return [self.localised(value) for value in node]
        return node

    def _value(self, name: str, value: Any) -> Any:
        if not isinstance(value, str):
            return self.localised(value)
        if name == "reference" and value.startswith(LOCAL):
            return self._reference(value)
        if name == "system" and value == systems.LOCAL_ID:
            return f"urn:care-gateway:{self.org.lower()}:local-id"
        return value

    def _reference(self, local: str) -> str:
        known = self._known.get(local)
        if known is None:
            resource_type, _, key = local.removeprefix(LOCAL).partition(":")
            known = f"{resource_type}/{self.resource_id(resource_type, key)}"
            self._known[local] = known
        return known


@dataclass(slots=True)
class State:
    """One resource as folded so far. `body` has no id and no version."""

    type: str
    resource_id: str
    body: dict[str, Any]
    lineage: dict[str, tuple[str, str, int]]
    origins: list[Origin]
    order: Order

    def lineage_bytes(self) -> bytes:
        """Origins and elements as compact JSON."""
        elements = [[path, *rest] for path, rest in self.lineage.items()]
        return orjson.dumps([[origin.as_json() for origin in self.origins], elements])


def first_state(mapped: Mapped, localiser: Localiser, origin: Origin, order: Order) -> State:
    """The state when this item is the only one."""
    body = localiser.localised(mapped.resource)
    body = {name: value for name, value in body.items() if value is not None}
    _set_security(body, _raised({}, body))
    return State(
        mapped.type,
        localiser.resource_id(mapped.type, mapped.key),
        body,
        _lines(mapped.lineage, 0),
        [origin],
        order,
    )


def next_state(
    state: State, mapped: Mapped, localiser: Localiser, origin: Origin, order: Order
) -> State:
    """The state after a newer item."""
    fresh = first_state(mapped, localiser, origin, order)
    security = _raised(state.body, fresh.body)
    if mapped.fold is Fold.REPLACE:
        _set_security(fresh.body, security)
        return fresh
    named = set(mapped.resource) - {"resourceType", "meta"}
    kept = {name: value for name, value in state.body.items() if name not in named}
    lineage = {p: line for p, line in state.lineage.items() if _head(p) not in named}
    place = len(state.origins)
    lineage |= {p: (source, rule, place) for p, (source, rule, _) in fresh.lineage.items()}
    merged = State(
        state.type,
        state.resource_id,
        kept | fresh.body,
        lineage,
        [*state.origins, origin],
        order,
    )
    _set_security(merged.body, security)
    return _pruned(merged)


def raise_labels(state: State, mapped: Mapped) -> bool:
    """Take up the labels of an older item; whether any rose."""
    before = _security(state.body)
    after = _raised(state.body, mapped.resource)
    _set_security(state.body, after)
    return _codes(before) != _codes(after)


def state_of(stored: bytes, lineage: bytes, order: Order) -> State:
    """The state as a stored version holds it."""
    body = orjson.loads(stored)
    resource_id = body.pop("id")
    for name in ("versionId", "lastUpdated", "source"):
        body["meta"].pop(name, None)
    origins, elements = orjson.loads(lineage)
    return State(
        body["resourceType"],
        resource_id,
        body,
        {path: (source, rule, place) for path, source, rule, place in elements},
        [Origin(*origin) for origin in origins],
        order,
    )


def stored_bytes(state: State, version: int, updated: str, source: str) -> bytes:
    """The version's bytes as they are sealed and served."""
    meta = {"versionId": str(version), "lastUpdated": updated, "source": source}
    head = {
        "resourceType": state.type,
        "id": state.resource_id,
        "meta": meta | state.body["meta"],
    }
    return orjson.dumps(head | {k: v for k, v in state.body.items() if k not in head})


def state_bytes(state: State) -> bytes:
    """What two equal states share: canonical bytes without id and version."""
    return orjson.dumps(state.body, option=orjson.OPT_SORT_KEYS)


def _lines(lineage: tuple[Lineage, ...], place: int) -> dict[str, tuple[str, str, int]]:
    return {line.path: (line.source, line.rule, place) for line in lineage}


def _head(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _pruned(state: State) -> State:
    """Without origins no element points to any more."""
    used = sorted({place for _, _, place in state.lineage.values()})
    moved = {old: new for new, old in enumerate(used)}
    state.origins = [state.origins[old] for old in used]
    state.lineage = {p: (s, r, moved[place]) for p, (s, r, place) in state.lineage.items()}
    return state


def _security(body: Mapping[str, Any]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = body.get("meta", {}).get("security", [])
    return found


def _set_security(body: dict[str, Any], security: list[dict[str, str]]) -> None:
    body["meta"] = {**body.get("meta", {}), "security": security}


def _codes(security: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(coding["system"], coding["code"]) for coding in security}


def _raised(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, str]]:
    """Labels of both: the stricter confidentiality, the newer category, every sensitivity."""
    both = [*_security(new), *_security(old)]
    levels = [c["code"] for c in both if c["system"] == systems.CONFIDENTIALITY]
    level = max(levels, key=_LEVELS.find, default="R")
    category = next((c for c in both if c["system"] == systems.ACCESS_CATEGORY), None)
    single = (systems.CONFIDENTIALITY, systems.ACCESS_CATEGORY)
    others = {(c["system"], c["code"]): c for c in both if c["system"] not in single}
    made = [{"system": systems.CONFIDENTIALITY, "code": level}]
    return made + ([category] if category else []) + [others[key] for key in sorted(others)]
