"""The state of a resource as a fold of the items that speak of it, in source-time order.

In      What a mapping made (Mapped: local references, no id) and the state so far.
Out     The new state: resource with the store's ids, labels that only rise, lineage by item.
Rule    The order of items is (source time, content hash), never the order they arrived in.
        REPLACE: the newest item says everything. MERGE: each changes the elements it names.
        A version is of what a resource says itself; what it links to is no part of it.
Source  Design decisions D10 and D12; docs/adr/0014-links-make-no-version.md.
Pure    No database; ids are those of the Localiser that is passed in.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any, Final

import orjson

from gateway.store.clear.columns import links, links_among
from gateway.store.clear.cutting import without_links
from gateway.store.labels.label_union import raised, security, set_security
from gateway.store.record.lineage_union import (
    Lines,
    Statement,
    element_of,
    lines_of,
    merged_lines,
    statements,
)
from gateway.store.record.localising import Localiser
from mappings.core.applying.merging import merged
from mappings.core.model.outcome import Fold, Mapped, without_cleared_parts
from mappings.core.model.rows import is_default_rule
from mappings.core.sets.national import AS_AT

Order = tuple[str, str]
"""(source time, content hash)."""


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
            self.item_id, self.delivery_id, self.number, self.kind, self.mapping_version,
            self.received_at,
        ]  # fmt: skip


@dataclass(slots=True)
class State:
    """One resource as folded so far. `body` has no id and no version."""

    type: str
    resource_id: str
    body: dict[str, Any]
    lineage: Lines
    origins: list[Origin]
    order: Order

    def lineage_bytes(self) -> bytes:
        """Origins and elements as compact JSON."""
        elements = [[path, *rest] for path, rest in self.lineage.items()]
        return orjson.dumps([[origin.as_json() for origin in self.origins], elements])


def first_state(mapped: Mapped, localiser: Localiser, origin: Origin, order: Order) -> State:
    """The state when this item is the only one."""
    resource = localiser.localised(mapped.resource)
    if mapped.fold is Fold.MERGE:
        body = merged(None, mapped, resource)
    else:
        body = {name: value for name, value in resource.items() if value is not None}
    set_security(body, raised({}, body))
    resource_id = localiser.resource_id(mapped.type, mapped.key)
    lineage = lines_of(mapped, 0)
    return State(mapped.type, resource_id, body, lineage, [origin], order)


def next_state(
    state: State, mapped: Mapped, localiser: Localiser, origin: Origin, order: Order
) -> State:
    """The state after a newer item."""
    if mapped.fold is Fold.REPLACE:
        fresh = first_state(mapped, localiser, origin, order)
        set_security(fresh.body, raised(state.body, fresh.body))
        return fresh
    said = replace(mapped, resource=localiser.localised(mapped.resource))
    body = merged(state.body, mapped, said.resource)
    set_security(body, raised(state.body, said.resource))
    lineage = merged_lines(state.lineage, state.body, body, said, len(state.origins))
    origins = [*state.origins, origin]
    return _pruned(State(state.type, state.resource_id, body, lineage, origins, order))


def folded(told: Iterable[tuple[Order, Mapped, Origin]], localiser: Localiser) -> State:
    """Everything said of a resource, in order."""
    (order, mapped, origin), *later = sorted(told, key=itemgetter(0))
    state = first_state(mapped, localiser, origin, order)
    for order, mapped, origin in later:
        state = next_state(state, mapped, localiser, origin, order)
    return state


def is_settled(
    state: State,
    mapped: Mapped,
    localiser: Localiser,
    added: Collection[str],
    newer: Collection[str],
) -> bool:
    """Whether an older item changes nothing of the body at its place: each element it names
    stands as it says, or was stated whole by a newer item.

    `added`: elements of the type that some item adds to; `newer`: ids of newer items.
    """
    if mapped.fold is not Fold.MERGE:
        return False
    body = state.body
    restated = {
        element_of(path)
        for path, (source, _, place) in state.lineage.items()
        if source and state.origins[place].item_id in newer  # a default has no source
    }.difference(added)
    said = {
        name: None if (kept := without_cleared_parts(value)) == {} else kept
        for name, value in localiser.localised(mapped.resource).items()
        if name != "meta"
    }
    return all(n in restated or body.get(n) == value for n, value in said.items()) and all(
        body.get(name) == value
        or (name in body and name not in added and not _is_default(state, name))
        for name, value in mapped.defaults.items()
        if name not in said
    )


def _is_default(state: State, name: str) -> bool:
    """Whether no item says this element: then the default of the oldest item stands."""
    line = state.lineage.get(name)
    return line is not None and is_default_rule(line[1], name)


def take_labels(state: State, *bodies: Mapping[str, Any]) -> None:
    """Take up the labels of what it bore before, and of what an older item says."""
    for body in bodies:
        set_security(state.body, raised(body, state.body))


def raise_labels(state: State, mapped: Mapped) -> bool:
    """Take up the labels of an older item; whether any rose."""
    before = security(state.body)
    after = raised(mapped.resource, state.body)
    set_security(state.body, after)
    return before != after


def state_of(stored: bytes, lineage: bytes, order: Order) -> State:
    """The state as a stored version holds it."""
    body = orjson.loads(stored)
    resource_id = body.pop("id")
    for name in _HEAD:
        body["meta"].pop(name, None)
    origins, elements, *_ = orjson.loads(lineage)
    return State(
        body["resourceType"],
        resource_id,
        body,
        {path: (source, rule, place) for path, source, rule, place in elements},
        [Origin(*origin) for origin in origins],
        order,
    )


_HEAD: Final = ("versionId", "lastUpdated", "source")
"""What of `meta` belongs to a version, and not to the state."""


def head_of(stored: bytes) -> dict[str, Any]:
    """What a stored version says of itself."""
    meta = orjson.loads(stored)["meta"]
    return {name: meta[name] for name in _HEAD}


def stored_bytes(state: State, head: dict[str, Any]) -> bytes:
    """The version's bytes as they are sealed and served."""
    first = {
        "resourceType": state.type,
        "id": state.resource_id,
        "meta": head | state.body["meta"],
    }
    return orjson.dumps(first | {k: v for k, v in state.body.items() if k not in first})


def own_bytes(state: State, named: Iterable[str] | None = None) -> bytes:
    """What states of one version share: canonical bytes without id, version and links; `named`:
    its references, where they are known already.

    They are cut out as they are from a view, so that this is what is left for a caller who sees
    nothing that is linked to. The day as at which a resource holds is no part of it either.
    """
    linked = links(state.body) if named is None else links_among(named)
    body = without_links(state.body, linked) if linked else state.body
    if dated(body):
        body = body | {"meta": _undated(body["meta"])}
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def dated(body: Mapping[str, Any]) -> list[str]:
    """Where a resource says as at which day it holds."""
    extensions = body.get("meta", {}).get("extension", ())
    return [f"meta.extension[{n}]" for n, one in enumerate(extensions) if one.get("url") == AS_AT]


def _days(body: Mapping[str, Any]) -> list[Any]:
    """The days as at which a resource holds."""
    return [one for one in body["meta"].get("extension", ()) if one.get("url") == AS_AT]


def _undated(meta: Mapping[str, Any]) -> dict[str, Any]:
    kept = [one for one in meta["extension"] if one.get("url") != AS_AT]
    rest = {name: value for name, value in meta.items() if name != "extension"}
    return rest | ({"extension": kept} if kept else {})


def relinked(before: State, state: State) -> State:
    """The state as it stands on in the same version: what both say keeps its lineage."""
    held, said = _statements(before), _statements(state)
    at: dict[Statement, list[str]] = {}
    for path, statement in said.items():
        at.setdefault(statement, []).append(path)
    origins = list(dict.fromkeys([*before.origins, *state.origins]))
    lines: Lines = {}
    redated = tuple(dated(before.body)) if _days(before.body) != _days(state.body) else ()
    for one, statements_of in ((before, held), (state, said)):
        for old, statement in statements_of.items():
            if one is before and redated and old.startswith(redated):
                continue
            source, rule, place = one.lineage[old]
            line = (source, rule, origins.index(one.origins[place]))
            for path in at.get(statement, ()):
                lines.setdefault(path, line)
    body = {name: state.body[name] for name in [*before.body, *state.body] if name in state.body}
    return _pruned(State(state.type, state.resource_id, body, lines, origins, state.order))


def _statements(state: State) -> dict[str, Statement]:
    return statements(state.body, links(state.body), state.lineage)


def _pruned(state: State) -> State:
    """Without origins no element points to any more."""
    used = sorted({place for _, _, place in state.lineage.values()})
    moved = {old: new for new, old in enumerate(used)}
    state.origins = [state.origins[old] for old in used]
    state.lineage = {p: (s, r, moved[place]) for p, (s, r, place) in state.lineage.items()}
    return state
