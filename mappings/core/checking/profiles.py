"""Does a valid R4 resource meet what a published profile demands beyond R4?

In      a resource that `validate` finds no fault with; the url of a profile, its version or not.
Out     every Problem, in the order of the profile's elements; none where it conforms.
Rule    Of UK Core's own extensions those in the table are judged, wherever they stand. Bindings
        that a profile calls extensible or preferred are advice, and are not judged.
Source  r4/profiles.py (HL7 UK, Interweave).
Pure    Each profile is read from its table; nothing is kept.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from mappings.core.checking.problem import Problem
from mappings.core.checking.shapes import shape_of
from mappings.core.model import systems
from mappings.core.r4.profiles import EXTENSIONS, PROFILES, VALUE_SETS, Fact

_LANGUAGES: Final = "http://hl7.org/fhir/ValueSet/all-languages"
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)
RULES: Final[Mapping[str, tuple[str, Callable[[Mapping[str, Any]], bool]]]] = {
    "ukcore-imm-001": (
        "what was not done needs a reason",
        lambda it: it.get("status") != "not-done" or "statusReason" in it,
    ),
}
"""Key -> our words, and the rule in code; a test holds each to its FHIRPath."""

_APART: Final = ("Resource", "Extension")
"""Types in which no extension of the resource itself is looked for."""

Node = Mapping[str, Any]
Place = tuple[str, Any]
"""A path, and what stands there."""


def is_known(profile: str, resource_type: str) -> bool:
    """Whether a profile of this type, and of this version where one is named, is in the table."""
    url, _, version = profile.partition("|")
    kind, ours, *_ = PROFILES.get(url, ("", ""))
    return kind == resource_type and version in ("", ours)


def check_profile(resource: Node, profile: str) -> tuple[Problem, ...]:
    """What keeps the resource from conforming to a profile that is known."""
    facts = PROFILES[profile.partition("|")[0]][3]
    kind = str(resource["resourceType"])
    return (*_problems(resource, kind, facts), *_of_extensions(resource, kind, kind))


def _problems(root: Any, at: str, facts: tuple[Fact, ...]) -> Iterator[Problem]:
    for element_id, kind, value in facts:
        parent_id, _, name = element_id.rpartition(".")
        if kind in ("min", "max") and parent_id:
            for path, parent in _found(root, at, parent_id, facts):
                yield from _counted(parent, f"{path}.{name}", kind, int(value), element_id, facts)
        elif kind in _JUDGED:
            for path, node in _found(root, at, element_id, facts):
                text = _JUDGED[kind](node, value, path)
                if text:
                    yield Problem(path, _CODES.get(kind, "value"), text)


def _counted(
    parent: Any, path: str, kind: str, limit: int, element_id: str, facts: tuple[Fact, ...]
) -> Iterator[Problem]:
    """How often an element stands in the one around it."""
    count = sum(1 for _ in _below("", parent, element_id, facts))
    shown = path.partition(":")[0].replace("[x]", "")
    if kind == "min" and count < limit:
        yield Problem(shown, "required", "is required by the profile")
    elif kind == "max" and count > limit:
        text = f"at most {limit} by the profile" if limit else "is not used in the profile"
        yield Problem(shown, "structure", text)


def _found(root: Any, at: str, element_id: str, facts: tuple[Fact, ...]) -> Iterator[Place]:
    """Every place that an element id names."""
    places: list[Place] = [(at, root)]
    parts = element_id.split(".")
    for depth in range(2, len(parts) + 1):
        upto = ".".join(parts[:depth])
        places = [found for path, node in places for found in _below(path, node, upto, facts)]
    yield from places


def _below(path: str, node: Any, element_id: str, facts: tuple[Fact, ...]) -> Iterator[Place]:
    """The children of a node that the last part of an element id names."""
    if not isinstance(node, Mapping):
        return
    name, _, slice_name = element_id.rpartition(".")[2].partition(":")
    for key, value in node.items():
        if key != name and not (name.endswith("[x]") and _is_choice(key, name[:-3])):
            continue
        entries = value if isinstance(value, list) else [value]
        for position, entry in enumerate(entries):
            if not slice_name or _is_in(entry, element_id, facts):
                place = f"{path}.{key}[{position}]" if isinstance(value, list) else f"{path}.{key}"
                yield place, entry


def _is_choice(key: str, name: str) -> bool:
    return key.startswith(name) and key[len(name) : len(name) + 1].isupper()


def _is_in(entry: Any, element_id: str, facts: tuple[Fact, ...]) -> bool:
    """Whether an entry is of a slice: by its url, or by the value that tells slices apart."""
    url = _said(facts, element_id, "is")
    if url is not None:
        return isinstance(entry, Mapping) and entry.get("url") == url
    path = _said(facts, element_id.rpartition(":")[0], "slice")
    fixed = _said(facts, f"{element_id}.{path}", "fixed")
    return any(value == fixed for _, value in _found(entry, "", f".{path}", facts))


def _said(facts: tuple[Fact, ...], element_id: str, kind: str) -> str | None:
    return next((value for at, one, value in facts if (at, one) == (element_id, kind)), None)


def _of_extensions(node: Any, kind: str, path: str) -> Iterator[Problem]:
    """What the definitions of extensions say of those that stand in a node of this type."""
    if not isinstance(node, Mapping):
        return
    fields = shape_of(kind).fields
    for name, value in node.items():
        for position, entry in enumerate(value if isinstance(value, list) else [value]):
            place = f"{path}.{name}[{position}]" if isinstance(value, list) else f"{path}.{name}"
            if name == "extension" and entry["url"] in EXTENSIONS:
                contexts, facts = EXTENSIONS[entry["url"]]
                if kind not in contexts:
                    yield Problem(place, "structure", "an extension that does not belong here")
                yield from _problems(entry, place, facts)
            elif name in fields and fields[name].type not in _APART:
                yield from _of_extensions(entry, fields[name].type, place)


def _fixed(node: Any, value: str, _path: str) -> str:
    return "" if node == value else "is another value than the profile fixes"


def _targets(node: Any, value: str, _path: str) -> str:
    said = str(node.get("reference", "")) if isinstance(node, Mapping) else ""
    kind = said.split("/")[-2] if said.count("/") else ""
    return "" if kind in ("", *value.split()) else "points to another type than the profile allows"


def _types(_node: Any, value: str, path: str) -> str:
    name = path.rpartition(".")[2]
    return "" if name.endswith(tuple(value.split())) else "is of another type than the profile has"


def _codes(node: Any, value: str, _path: str) -> str:
    codings = node.get("coding", []) if isinstance(node, Mapping) else []
    held = [(str(one.get("system")), str(one.get("code"))) for one in codings]
    if value == _LANGUAGES:
        good = any(system == systems.BCP_47 and _LANGUAGE.fullmatch(code) for system, code in held)
    else:
        good = any(system == of and code in codes for of, codes in VALUE_SETS[value]
                   for system, code in held)  # fmt: skip
    return "" if good else "needs a coding of the value set that the profile requires"


def _rule(node: Any, value: str, _path: str) -> str:
    key = value.partition(" ")[0]
    words, holds = RULES[key]
    return "" if holds(node) else f"{key}: {words}"


_JUDGED: Final = {
    "fixed": _fixed,
    "targets": _targets,
    "types": _types,
    "codes": _codes,
    "rule": _rule,
}
_CODES: Final = {"codes": "code-invalid", "rule": "invariant"}
