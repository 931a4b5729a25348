"""Take out of a resource what refers to the hidden, and what is masked; the rest stays valid R4.

In      A resource as parsed JSON; the references that are hidden; masks such as `*.address`, or
        `*.@Organization` for every naming of an organisation, wherever it stands.
Out     Cut: a new resource, and where each element that is left stood before.
Rule    A Reference to something hidden goes whole. Where FHIR needs it, the element around it
        goes (`Encounter.diagnosis`); where that would change what is said (the data a Consent is
        about, the medicine of a statement; the last agent of a Provenance), words stand in its
        place. Those words, like a gap,
        are the same for a reference to nothing. A narrative goes with the first cut: it was
        written about the whole; what says in words or codes what a reference leads to (a
        conclusion of its results, a reason in words beside one that is referred to) goes with it.
Source  FHIR R4 cardinalities of the types that are served; a test holds every golden resource,
        with every reference cut, to them.
Pure    Nothing is changed in place.
"""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from gateway.store.clear.columns import current, references
from gateway.store.clear.spoken import SPEAKS
from mappings.core.model import systems

WORDS: Final = "Not part of this view"
_NEEDED: Final = {
    ("diagnosis", "condition"),
    ("media", "link"),
    ("stage", "assessment"),
    ("location", "location"),
    ("performer", "actor"),
    ("focalDevice", "manipulated"),
    ("relatesTo", "target"),
    ("agent", "who"),
    ("link", "other"),
    ("extension", "valueReference"),
    ("extension", "extension"),
    ("entry", "item"),
    ("input", "valueReference"),
    ("output", "valueReference"),
    ("payload", "contentReference"),
}
"""(element, reference in it): without the reference the element says nothing, and goes too."""
_WORDED: Final = {
    ("data", "reference"),
    ("actor", "reference"),
    ("", "medicationReference"),
}
"""(element, reference in it): the reference is needed, and its going would say something else."""
_WORDED_LISTS: Final = {("", "agent"): "who"}
"""(element, list in it) and a reference: FHIR needs one entry, which holds words for the last that
went."""


class _Gone:
    """Stands for what was taken out."""


_GONE: Final = _Gone()


@dataclass(frozen=True, slots=True)
class Cut:
    """A resource after the cut."""

    resource: dict[str, Any]
    changed: bool
    """Whether anything was taken out at all."""
    left: Mapping[int, tuple[list[Any], list[int]]] = field(repr=False)
    """Each list that lost an entry, by its id, and where those left stood."""
    worded: Mapping[int, Any] = field(repr=False)
    """What stands in place of a reference, by its id."""

    @property
    def moved(self) -> Mapping[str, str]:
        """Path before -> path now, of everything that is left."""
        found: dict[str, str] = {}
        self._walk(self.resource, "", "", found)
        return found

    def _walk(self, node: Any, old: str, new: str, found: dict[str, str]) -> None:
        if id(node) in self.worded:
            return
        if old:
            found[old] = new
        if isinstance(node, dict):
            for name, value in node.items():
                self._walk(value, _join(old, name), _join(new, name), found)
        elif isinstance(node, list):
            _, stood = self.left.get(id(node), (node, range(len(node))))
            for now, (before, value) in enumerate(zip(stood, node, strict=True)):
                self._walk(value, f"{old}[{before}]", f"{new}[{now}]", found)


@lru_cache(maxsize=1024)
def is_masked(resource_type: str, masks: tuple[str, ...]) -> bool:
    """Whether some mask reaches resources of this type."""
    return any(mask.partition(".")[0] in ("*", resource_type) for mask in masks)


def cut(resource: Mapping[str, Any], hidden: Collection[str], masks: Sequence[str] = ()) -> Cut:
    """The resource without what is hidden or masked, and without words about it."""
    return _cut(_Cutting(hidden, masks, SPEAKS), resource)


def cut_links(resource: Mapping[str, Any], linked: Collection[str]) -> Cut:
    """The resource without these references alone."""
    return _cut(_Cutting(linked, (), {}), resource)


def _cut(cutting: "_Cutting", resource: Mapping[str, Any]) -> Cut:
    made = cutting.resource(resource)
    if cutting.took:
        made.pop("text", None)
    return Cut(made, cutting.took, cutting.left, cutting.worded)


def without_links(body: Mapping[str, Any], linked: Set[str]) -> dict[str, Any]:
    """The body of a resource without these links, which are all that it has; most elements hold
    none, and are left as they are."""
    whole = {
        name: value
        for name, value in body.items()
        if value.__class__ is str or (name != "text" and linked.isdisjoint(references(value)))
    }
    return whole | cut_links({n: v for n, v in body.items() if n not in whole}, linked).resource


_EVERYBODYS: Final = (
    "https://fhir.nhs.uk/Id/", "https://fhir.hl7.org.uk/Id/", f"{systems.OWN}/Id/",
)  # fmt: skip
"""How the names of systems begin whose numbers no organisation gives out by itself."""

_CODED: Final = frozenset({"code", "display", "unit"})
_NO_MASKS: Final[Collection[str]] = ()


class _Cutting:
    def __init__(
        self,
        hidden: Collection[str],
        masks: Sequence[str],
        speaks: Mapping[str, Mapping[str, tuple[str, ...]]],
    ) -> None:
        self.hidden, self.speaks = hidden, speaks
        parts = [mask.partition(".") for mask in masks]
        self.masks = [one for one in parts if not one[2].startswith("@")]
        self.unnamed = frozenset(path[1:] for _, _, path in parts if path.startswith("@"))
        self.left: dict[int, tuple[list[Any], list[int]]] = {}
        self.worded: dict[int, Any] = {}
        self.took = False

    def resource(self, node: Mapping[str, Any]) -> dict[str, Any]:
        """A resource, the outer one or one contained; masks go by its type."""
        kind = node.get("resourceType")
        if self._is_cut(node.get("reference")):  # an element of its own: a DetectedIssue's
            node = {name: value for name, value in node.items() if name != "reference"}
            self.took = True
        masked = {path for owner, _, path in self.masks if owner in ("*", kind)} or _NO_MASKS
        made = self._object(node, "", masked)
        return made if isinstance(made, dict) else {}

    def _is_cut(self, reference: Any) -> bool:
        if not isinstance(reference, str):
            return False
        return current(reference) in self.hidden or reference.partition("/")[0] in self.unnamed

    def _object(
        self, node: Mapping[str, Any], name: str, masked: Collection[str]
    ) -> dict[str, Any] | _Gone:
        if self._is_cut(node.get("reference")) or (self.unnamed and self._is_unnamed(node)):
            self.took = True
            return _GONE
        kept: dict[str, Any] = {}
        for child, value in node.items():
            inner = masked
            if masked:
                if child in masked or child.removeprefix("_") in masked:
                    self.took = True
                    continue
                inner = {path[len(child) + 1 :] for path in masked if path.startswith(f"{child}.")}
            elif value.__class__ is str:
                kept[child] = value
                continue
            made = self._value(value, child, inner)
            if not isinstance(made, _Gone):
                kept[child] = made
            elif (name, child) in _WORDED:
                words = {"display": WORDS}
                self.worded[id(words)] = words
                kept[child] = words
            elif (name, child) in _WORDED_LISTS:
                entry = [{_WORDED_LISTS[name, child]: {"display": WORDS}}]
                self.worded[id(entry)] = entry
                kept[child] = entry
            elif (name, child) in _NEEDED:
                return _GONE
        if self.took:
            for about, said in self.speaks.get(name, {}).items():
                if about in node and kept.get(about) != node[about]:
                    kept = {one: value for one, value in kept.items() if one not in said}
        return kept if kept or not node else _GONE

    def _is_unnamed(self, node: Mapping[str, Any]) -> bool:
        """Whether this names a thing of a kind that is masked: by its type, by its code, or by the
        numbers that it gives out."""
        named = {node.get("type")} if isinstance(node.get("type"), str) else set()
        identifier = node.get("identifier")
        if isinstance(identifier, dict) and identifier.get("system") == systems.ODS:
            named.add("Organization")
        if isinstance(identifier, dict) and identifier.get("system") in systems.OF_STAFF:
            named.add("Practitioner")
        if _is_an_organisations(node):
            named.add("Organization")
        return not named.isdisjoint(self.unnamed)

    def _value(self, value: Any, name: str, masked: Collection[str]) -> Any:
        if isinstance(value, list):
            return self._list(value, name, masked)
        if not isinstance(value, dict):
            return value
        if "resourceType" in value:
            return self.resource(value) or _GONE
        return self._object(value, name, masked)

    def _list(self, values: list[Any], name: str, masked: Collection[str]) -> list[Any] | _Gone:
        kept: list[Any] = []
        stood: list[int] = []
        for place, value in enumerate(values):
            made = self._value(value, name, masked)
            if not isinstance(made, _Gone):
                kept.append(made)
                stood.append(place)
        if len(kept) < len(values):
            self.left[id(kept)] = (kept, stood)  # held, so that its id stays its own
        return kept if kept or not values else _GONE


def _is_an_organisations(node: Mapping[str, Any]) -> bool:
    """Whether this is an organisation's code, or a number that one gave out: the name of such a
    system says whose it is, as in `https://EMISWeb/A82038`."""
    system = node.get("system")
    if not isinstance(system, str) or ":" not in system or not node.keys().isdisjoint(_CODED):
        return False  # no Identifier: a ContactPoint, a Coding or a Quantity
    return system == systems.ODS or not system.startswith(_EVERYBODYS)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
