"""Where a problem stands, as FHIRPath: what an OperationOutcome says in `expression`.

In      a resource, and a Problem's path: JSON names, such as `Observation.valueQuantity.code`.
Out     the FHIRPath, such as `Observation.value.ofType(Quantity).code`; of an element that FHIR
        does not know, the path of the part it stands in.
Pure    Nothing here looks outside its arguments.
"""

import re
from typing import Any, Final

from mappings.core.checking.shapes import SERVED, Shape, shape_of
from mappings.core.r4.codes import RESOURCE_TYPES

_STEP: Final = re.compile(r"([^\[]+)(?:\[(\d+)\])?")


def expression_of(resource: Any, path: str) -> str:
    """The FHIRPath of this place in the resource; empty for no place in it."""
    root, *steps = path.split(".")
    if root not in RESOURCE_TYPES:
        return ""
    told, node, shape = root, resource, _shape(root)
    for step in steps:
        found = _STEP.fullmatch(step)
        name = found[1].removeprefix("_") if found else ""
        field = shape.fields.get(name) if shape else None
        if found is None or field is None:
            break
        told += f".{field.choice}.ofType({field.type})" if field.choice else f".{name}"
        told += f"[{found[2]}]" if found[2] else ""
        node = _inside(node, found[1], found[2])
        if found[1] != name:
            shape = shape_of("Element")
        elif field.find_fault is not None:
            shape = None
        else:
            shape = _shape(_kind(node) if field.type == "Resource" else field.type)
    return told


def _shape(kind: str) -> Shape | None:
    return shape_of(kind) if kind and (kind not in RESOURCE_TYPES or kind in SERVED) else None


def _kind(node: Any) -> str:
    kind = node.get("resourceType") if isinstance(node, dict) else None
    return kind if isinstance(kind, str) and kind in RESOURCE_TYPES else ""


def _inside(node: Any, name: str, place: str | None) -> Any:
    inner = node.get(name) if isinstance(node, dict) else None
    if place is None:
        return inner
    return inner[int(place)] if isinstance(inner, list) and int(place) < len(inner) else None
