"""May this Reference stand here? Its target type, in every way a target can be written.

In      a Reference object that is otherwise right, the types its element allows (none = any),
        the contained resources of the resource it stands in.
Out     (element, issue code, our words) for the first thing wrong, or None.
Source  FHIR R4 references.html; `urn:source:Type:key` is this gateway's own, for mappings.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from mappings.core.r4.codes import RESOURCE_TYPES

Wrong = tuple[str, str, str]

_RELATIVE: Final = re.compile(
    r"([A-Z][A-Za-z]+)/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?", re.ASCII
)
_SEARCH: Final = re.compile(r"([A-Z][A-Za-z]+)\?\S+", re.ASCII)
_URN: Final = re.compile(
    r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+",
    re.ASCII,
)
_UNREADABLE: Final = (
    "reference",
    "value",
    "must be Type/id, a URL, urn:uuid:, urn:oid: or #id",
)
_TARGET: Final = ("reference", "value", "points to a type that may not stand here")
_TYPE: Final = ("type", "value", "names a type that may not stand here")


def reference_problem(
    value: Mapping[str, Any],
    targets: frozenset[str] | None,
    contained: Mapping[str, str],
    top: Mapping[str, Any],
    *,
    local: bool,
    search: bool,
) -> Wrong | None:
    """The first thing wrong with where this Reference points."""
    literal, named = value.get("reference"), value.get("type")
    kind = ""
    if isinstance(literal, str):
        found = _kind_of(literal, contained, top, local=local, search=search)
        if not isinstance(found, str):
            return found
        kind = found
        if kind and targets is not None and kind not in targets:
            return _TARGET
    if isinstance(named, str) and ":" not in named:
        if named not in RESOURCE_TYPES or (targets is not None and named not in targets):
            return _TYPE
        if kind and kind != named:
            return ("type", "value", "is not the type the reference points to")
    return None


def contained_types(resource: Mapping[str, Any]) -> dict[str, str]:
    """id -> type of the contained resources that have both."""
    inside = resource.get("contained")
    if not isinstance(inside, list):
        return {}
    held = [r for r in inside if isinstance(r, dict)]
    return {str(r["id"]): str(r.get("resourceType")) for r in held if "id" in r}


def type_pointed_to(value: Mapping[str, Any], top: Mapping[str, Any]) -> str:
    """The type a right Reference names, "" where it names none."""
    literal = value.get("reference")
    if isinstance(literal, str):
        found = _kind_of(literal, contained_types(top), top, local=True, search=True)
        if isinstance(found, str) and found:
            return found
    return str(value.get("type", ""))


def _kind_of(
    literal: str,
    contained: Mapping[str, str],
    top: Mapping[str, Any],
    *,
    local: bool,
    search: bool,
) -> str | Wrong:
    """The type a literal reference names, "" where it names none."""
    if literal.startswith("#"):
        if literal == "#":
            return str(top.get("resourceType", ""))
        missing = ("reference", "invariant", "ref-1: points to no contained resource")
        return contained.get(literal[1:], missing)
    if literal.startswith("urn:source:"):
        kind, _, key = literal[len("urn:source:") :].partition(":")
        return _known(kind) if local and key else _UNREADABLE
    if literal.startswith("urn:"):
        return "" if _URN.fullmatch(literal) else _UNREADABLE
    if literal.startswith(("http://", "https://")):
        found = _RELATIVE.fullmatch("/".join(_tail(literal)))
        return found[1] if found and found[1] in RESOURCE_TYPES else ""
    found = _RELATIVE.fullmatch(literal) or (_SEARCH.fullmatch(literal) if search else None)
    return _known(found[1]) if found else _UNREADABLE


def _known(kind: str) -> str | Wrong:
    return kind if kind in RESOURCE_TYPES else _UNREADABLE


def _tail(url: str) -> list[str]:
    """The last parts of a URL: Type and id, or Type, id, _history and version."""
    parts = url.split("/")
    return parts[-4:] if parts[-2] == "_history" else parts[-2:]
