"""FHIR R4 as XML, read into the JSON form of the same resource.

In      The bytes of one XML document whose root is a FHIR resource.
Out     The resource as JSON has it: lists where R4 repeats, numbers and truth values as such,
        the id and extensions of a primitive beside it. What R4 does not have stays as text, so
        that it is reported. Narrative and comments are left out.
Errors  NotThisFormatError for what is not XML, is not FHIR, declares a document type (and with
        it entities, which could grow without end or name files), or nests too deep.
Source  FHIR R4 xml.html and json.html; expat of the standard library, with no document type.
Pure    The same bytes give the same JSON.
"""

from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

from mappings.core.checking.shapes import SERVED, Field, Shape, shape_of
from mappings.core.model.outcome import NotThisFormatError

NAMESPACE: Final = "http://hl7.org/fhir"
DEEPEST: Final = 60

_BLANK: Final = " "
_NUMBERS: Final = {"integer": int, "positiveInt": int, "unsignedInt": int, "decimal": float}
_TRUTH: Final = {"true": True, "false": False}


@dataclass(slots=True)
class _Node:
    name: str
    attributes: dict[str, str]
    children: list["_Node"] = field(default_factory=list)


class _Reader:
    """The tree of one document, grown as expat meets it."""

    def __init__(self) -> None:
        self.root: _Node | None = None
        self.open: list[_Node] = []
        self.foreign = 0
        """How many open elements are not FHIR's: narrative."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if len(self.open) + self.foreign >= DEEPEST:
            raise NotThisFormatError("", "nested deeper than any FHIR resource")
        space, _, local = name.rpartition(_BLANK)
        if self.foreign or space != NAMESPACE:
            self.foreign += 1
            return
        node = _Node(local, attributes)
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node
        self.open.append(node)

    def end(self, _name: str) -> None:
        """An element ends."""
        if self.foreign:
            self.foreign -= 1
        else:
            self.open.pop()


def _refuse(*_: object) -> None:
    raise NotThisFormatError("", "declares a document type, which FHIR does not use; leave it out")


def looks_like_fhir(body: bytes) -> bool:
    """Whether bytes begin as XML does, in FHIR's namespace."""
    return body.lstrip()[:1] == b"<" and NAMESPACE.encode() in body[:4096]


def read_xml(body: bytes) -> dict[str, Any]:
    """The resource in these bytes."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=_BLANK)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise NotThisFormatError("", "not readable as XML") from None
    if reader.root is None:
        raise NotThisFormatError("", "not a resource in FHIR's namespace")
    return _resource(reader.root)


def _resource(node: _Node) -> dict[str, Any]:
    shape = shape_of(node.name) if node.name in SERVED else None
    return {"resourceType": node.name} | _object(node, shape)


def _object(node: _Node, shape: Shape | None) -> dict[str, Any]:
    """An element with its parts. `_name` stands beside a primitive that has parts of its own."""
    made: dict[str, Any] = dict(node.attributes)
    values: dict[str, list[Any]] = {name: [value] for name, value in made.items()}
    beside: dict[str, list[Any]] = {}
    for child in node.children:
        value, parts = _value(child, shape.fields.get(child.name) if shape else None)
        values.setdefault(child.name, []).append(value)
        beside.setdefault(child.name, []).append(parts)
    for name in beside:
        field_ = shape.fields.get(name) if shape else None
        is_list = len(values[name]) > 1 or (field_ is not None and field_.many)
        made[name] = values[name] if is_list else values[name][0]
    for name, all_parts in beside.items():
        if any(all_parts):
            made[f"_{name}"] = all_parts if isinstance(made[name], list) else all_parts[0]
        if made[name] is None or (any(all_parts) and made[name] == [None] * len(all_parts)):
            del made[name]
    return made


def _value(node: _Node, field_: Field | None) -> tuple[Any, dict[str, Any] | None]:
    """What an element says, and the parts of its own where it is a primitive."""
    if field_ is not None and field_.type == "Resource":
        return (_resource(node.children[0]) if node.children else {}), None
    is_primitive = field_.find_fault is not None if field_ else "value" in node.attributes
    if not is_primitive:
        kind = field_.type if field_ else ""
        return _object(node, shape_of(kind) if kind else None), None
    plain = _Node(node.name, {k: v for k, v in node.attributes.items() if k != "value"})
    plain.children = node.children
    text = node.attributes.get("value")
    parts = _object(plain, shape_of("Element")) or None
    return (None if text is None else _plain(text, field_)), parts


def _plain(text: str, field_: Field | None) -> Any:
    """A number or truth value where R4 has one; anything else stays as it is written."""
    kind = field_.type if field_ else ""
    if kind == "boolean":
        return _TRUTH.get(text, text)
    to = _NUMBERS.get(kind)
    if to is None:
        return text
    try:
        number = int(text) if text.lstrip("-").isdigit() else to(text)
        return number if number - number == 0 else text
    except ValueError:
        return text
