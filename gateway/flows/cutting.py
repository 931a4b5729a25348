"""Take out of a resource what refers to the hidden, and what is masked; the rest stays valid R4.

In      A resource as parsed JSON; the references that are hidden; masks such as `*.address`.
Out     Cut: a new resource, and where each element that is left stood before.
Rule    A Reference to something hidden goes whole. Where FHIR needs it, the element around it
        goes (`Encounter.diagnosis`); where that would change what is said (the data a Consent is
        about, the medicine of a statement), words stand in its place. Those words, like a gap,
        are the same for a reference to nothing. A narrative goes with the first cut: it was
        written about the whole.
Source  FHIR R4 cardinalities of the types that are served; a test holds every golden resource,
        with every reference cut, to them.
Pure    Nothing is changed in place.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

WORDS: Final = "Not part of this view"
_NEEDED: Final = {
    ("diagnosis", "condition"),
    ("location", "location"),
    ("performer", "actor"),
    ("focalDevice", "manipulated"),
    ("relatesTo", "target"),
    ("agent", "who"),
    ("link", "other"),
}
"""(element, reference in it): without the reference the element says nothing, and goes too."""
_WORDED: Final = {("data", "reference"), ("", "medicationReference")}
"""(element, reference in it): the reference is needed, and its going would say something else."""


class _Gone:
    """Stands for what was taken out."""


_GONE: Final = _Gone()


@dataclass(frozen=True, slots=True)
class Cut:
    """A resource after the cut."""

    resource: dict[str, Any]
    moved: Mapping[str, str]
    """Path before -> path now, of everything that is left."""
    changed: bool
    """Whether anything was taken out at all."""


def is_masked(resource_type: str, masks: Sequence[str]) -> bool:
    """Whether some mask reaches resources of this type."""
    return any(mask.partition(".")[0] in ("*", resource_type) for mask in masks)


def cut(resource: Mapping[str, Any], hidden: Collection[str], masks: Sequence[str] = ()) -> Cut:
    """The resource without what is hidden or masked."""
    cutting = _Cutting(hidden, masks)
    made = cutting.resource(resource, "", "")
    if cutting.took:
        made.pop("text", None)
    moved = {
        old: new
        for old, new in cutting.moved.items()
        if "text" in made or not (old == "text" or old.startswith("text."))
    }
    return Cut(made, moved, cutting.took)


class _Cutting:
    def __init__(self, hidden: Collection[str], masks: Sequence[str]) -> None:
        self.hidden = hidden
        self.masks = masks
        self.moved: dict[str, str] = {}
        self.took = False

    def resource(self, node: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
        """A resource, the outer one or one contained; masks go by its type."""
        kind = node.get("resourceType")
        named = [mask.partition(".") for mask in self.masks]
        masked = {path for owner, _, path in named if owner in ("*", kind)}
        made = self._object(node, "", old, new, masked)
        return made if isinstance(made, dict) else {}

    def _object(
        self, node: Mapping[str, Any], name: str, old: str, new: str, masked: Collection[str]
    ) -> dict[str, Any] | _Gone:
        reference = node.get("reference")
        if isinstance(reference, str) and reference in self.hidden:
            self.took = True
            return _GONE
        kept: dict[str, Any] = {}
        for child, value in node.items():
            if child in masked or child.removeprefix("_") in masked:
                self.took = True
                continue
            inner = {path[len(child) + 1 :] for path in masked if path.startswith(f"{child}.")}
            made = self._value(value, child, _join(old, child), _join(new, child), inner)
            if not isinstance(made, _Gone):
                kept[child] = made
            elif (name, child) in _WORDED:
                kept[child] = {"display": WORDS}
            elif (name, child) in _NEEDED:
                return _GONE
        return kept if kept or not node else _GONE

    def _value(self, value: Any, name: str, old: str, new: str, masked: Collection[str]) -> Any:
        if isinstance(value, list):
            made: Any = self._list(value, name, old, new, masked)
        elif isinstance(value, dict) and "resourceType" in value:
            made = self.resource(value, old, new) or _GONE
        elif isinstance(value, dict):
            made = self._object(value, name, old, new, masked)
        else:
            made = value
        if not isinstance(made, _Gone):
            self.moved[old] = new
        else:
            self._forget(old)
        return made

    def _forget(self, old: str) -> None:
        inside = (f"{old}.", f"{old}[")
        for path in [path for path in self.moved if path.startswith(inside)]:
            del self.moved[path]

    def _list(
        self, values: list[Any], name: str, old: str, new: str, masked: Collection[str]
    ) -> list[Any] | _Gone:
        kept: list[Any] = []
        for place, value in enumerate(values):
            made = self._value(value, name, f"{old}[{place}]", f"{new}[{len(kept)}]", masked)
            if not isinstance(made, _Gone):
                kept.append(made)
        return kept if kept or not values else _GONE


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
