"""Is this a FHIR R4 resource? Every element against the official tables, in one walk.

In      resource: the JSON object as read, with no default filled in and nothing dropped.
Out     every Problem, at most 100, in the order met; none means it conforms to base R4.
Errors  None raised: whatever is sent, the answer is a list of problems.
Source  r4/elements.py and r4/codes.py (HL7); invariants.py for the rules in code.
Pure    Types are compiled from the tables when first met; nothing else is kept.

Checked: unknown elements, cardinality, JSON types, primitive forms, choices, required codes,
reference targets, contained resources, extensions, empty values, null, `_element` companions.
"""

from typing import Any, Final

from mappings.core.checking.problem import Problem, shown_name
from mappings.core.checking.references import contained_types, reference_problem
from mappings.core.checking.shapes import NOT_A_CODE, SERVED, Field, Shape, shape_of
from mappings.core.r4.codes import RESOURCE_TYPES

MOST_PROBLEMS: Final = 100
DEEPEST: Final = 50
_NULL: Final = "must not be null"

_At = tuple[Any, str, int]
"""Where the walk is: the place above, the element's name, its position or -1."""


def validate(resource: object, *, local_references: bool = True) -> tuple[Problem, ...]:
    """What keeps this from being a valid R4 resource.

    `local_references`: whether `urn:source:Type:key`, which mappings write and the store
    resolves, is a reference; what comes over REST may not use it.
    """
    walk = _Walk(resource, local_references=local_references)
    walk.resource(resource, (None, walk.root_name, -1), 0)
    return tuple(walk.problems[:MOST_PROBLEMS])


class _Walk:
    """One pass over one resource; `problems` grows as it goes."""

    __slots__ = ("bundle", "contained", "local", "problems", "root_name", "top")

    def __init__(self, resource: object, *, local_references: bool) -> None:
        self.problems: list[Problem] = []
        self.local = local_references
        named = resource.get("resourceType") if isinstance(resource, dict) else None
        self.root_name = named if isinstance(named, str) and named in RESOURCE_TYPES else ""
        self.bundle = self.root_name == "Bundle"
        self.top: dict[str, Any] = {}
        self.contained: dict[str, str] = {}

    def say(self, at: _At, code: str, text: str) -> None:
        """Report a problem at this place."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(_shown(at), code, text))

    def resource(self, node: object, at: _At, depth: int, *, contained: bool = False) -> None:
        """A resource: the top one, a contained one, or one of a Bundle or Parameters."""
        if not isinstance(node, dict):
            return self.say(at, "structure", "must be a resource: a JSON object")
        named = node.get("resourceType")
        if not isinstance(named, str) or named not in RESOURCE_TYPES:
            return self.say(at, "structure", "must name a resourceType of FHIR R4")
        if named not in SERVED:
            return self.say(at, "not-supported", "is of a resource type this gateway does not use")
        if contained:
            return self.typed(node, shape_of(named), at, depth)
        outer = (self.top, self.contained)
        self.top, self.contained = node, contained_types(node)
        self.typed(node, shape_of(named), at, depth)
        self.top, self.contained = outer
        return None

    def typed(self, node: object, shape: Shape, at: _At, depth: int) -> None:
        """A JSON object of a known type."""
        if not isinstance(node, dict):
            return self.say(at, "structure", "must be a JSON object")
        if not node or depth > DEEPEST:
            return self.say(at, "structure", "is nested too deep" if node else "must not be empty")
        if len(node) == 1 and "id" in node and not shape.is_resource:
            return self.say(at, "invariant", "ele-1: must hold more than an id")
        before = len(self.problems)
        chosen: dict[str, str] | None = None
        fields = shape.fields
        for name, value in node.items():
            field = fields.get(name)
            if field is None:
                if name == "resourceType" and shape.is_resource:
                    continue
                field = self.companion(node, name, shape, at, depth)
                if field is None:
                    continue
            elif field.many:
                self.entries(node, field, value, (at, name, -1), depth)
            elif field.find_fault is None:
                self.part(field, value, (at, name, -1), depth)
            elif wrong := field.find_fault(value):
                self.unfit(value, wrong, (at, name, -1))
            if field.choice:
                chosen = {} if chosen is None else chosen
                if chosen.setdefault(field.choice, field.name) != field.name:
                    self.say((at, name, -1), "structure", "is a second type of one choice")
        if shape.required or shape.rules:
            self.complete(node, shape, at, unharmed=before == len(self.problems))
        return None

    def complete(self, node: dict[str, Any], shape: Shape, at: _At, *, unharmed: bool) -> None:
        """What must be there is there; the invariants hold where all else is right."""
        for name, variants in shape.required:
            if name not in node and not any(variant in node for variant in variants):
                self.say((at, name, -1), "required", "is required")
                unharmed = False
        if unharmed:
            for rule in shape.rules:
                if not rule.holds(node, self.top):
                    self.say(at, "invariant", f"{rule.key}: {rule.text}")

    def entries(
        self, node: dict[str, Any], field: Field, value: object, at: _At, depth: int
    ) -> None:
        """An element that repeats: an array, never empty, null only beside a companion."""
        if not isinstance(value, list):
            return self.say(at, "structure", "must be an array")
        if not value:
            return self.say(at, "structure", "must not be an empty array")
        above, name, _ = at
        find_fault = field.find_fault
        for position, entry in enumerate(value):
            if find_fault is None:
                self.part(field, entry, (above, name, position), depth)
            elif (wrong := find_fault(entry)) and not (
                entry is None and field.companion and _has_entry(node.get(f"_{name}"), position)
            ):
                self.unfit(entry, wrong, (above, name, position))
        return None

    def unfit(self, value: object, wrong: str, at: _At) -> None:
        """A value that is not of its primitive type, or not a code of its value set."""
        if value is None:
            self.say(at, "structure", _NULL)
        else:
            self.say(at, "code-invalid" if wrong == NOT_A_CODE else "value", wrong)

    def part(self, field: Field, value: object, at: _At, depth: int) -> None:
        """One value of an element that has elements of its own."""
        if value is None:
            self.say(at, "structure", _NULL)
        elif field.type == "Resource":
            self.resource(value, at, depth + 1, contained=field.name == "contained")
        else:
            self.typed(value, shape_of(field.type), at, depth + 1)
            if field.type == "Reference" and isinstance(value, dict):
                self.reference(field, value, at)
            elif field.concepts is not None and not _holds_code(value, field.concepts):
                self.say(at, "code-invalid", "needs a coding of the required value set")

    def reference(self, field: Field, value: dict[str, Any], at: _At) -> None:
        """What a Reference points to is of a type the element may point to."""
        wrong = reference_problem(
            value, field.targets, self.contained, self.top, local=self.local, search=self.bundle
        )
        if wrong:
            part, code, text = wrong
            self.say((at, part, -1) if part else at, code, text)

    def companion(
        self, node: dict[str, Any], name: str, shape: Shape, at: _At, depth: int
    ) -> Field | None:
        """`_name`, the id and extensions of the primitive `name`; its field, if any."""
        plain = name[1:] if name[:1] == "_" else ""
        field = shape.fields.get(plain)
        if field is None or not field.companion:
            if len(self.problems) < MOST_PROBLEMS:  # its place is looked for along the whole object
                place = shown_name(name, list(node).index(name))
                self.say((at, place, -1), "structure", "is not an element here")
            return None
        here: _At = (at, name, -1)
        beside, value = node[name], node.get(plain)
        if not field.many:
            self.element(beside, here, depth, alone=plain not in node)
        elif not isinstance(beside, list) or (
            isinstance(value, list) and len(value) != len(beside)
        ):
            self.say(here, "structure", "must be an array as long as the values it stands beside")
        else:
            for position, entry in enumerate(beside):
                if entry is not None:
                    alone = not _has_entry(value, position)
                    self.element(entry, (at, name, position), depth, alone=alone)
                elif not _has_entry(value, position):
                    self.say((at, name, position), "structure", _NULL)
        return field

    def element(self, beside: object, at: _At, depth: int, *, alone: bool) -> None:
        """A companion object; one that stands for a missing value says why by an extension."""
        self.typed(beside, shape_of("Element"), at, depth + 1)
        if alone and isinstance(beside, dict) and "extension" not in beside:
            self.say(at, "structure", "has neither a value beside it nor an extension")


def _has_entry(values: object, position: int) -> bool:
    if not isinstance(values, list) or position >= len(values):
        return False
    return values[position] is not None


def _holds_code(value: object, concepts: frozenset[tuple[str, str]]) -> bool:
    codings = value.get("coding") if isinstance(value, dict) else None
    if not isinstance(codings, list):
        return False
    held = [c for c in codings if isinstance(c, dict)]
    return any((str(c.get("system")), str(c.get("code"))) in concepts for c in held)


def _shown(at: _At) -> str:
    parts: list[str] = []
    place: _At | None = at
    while place is not None:
        place, name, position = place
        parts.append(f"{name}[{position}]" if position >= 0 else name)
    return ".".join(reversed(parts))
