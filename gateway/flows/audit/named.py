"""Names beside what would be met as a code: organisations, and what a Consent is coded in.

In      A resource as it is shown; what the site calls its organisations, by ODS code.
Out     The same with `display` beside each of them that has no words of its own.
Pure    Values in, values out.
"""

from collections.abc import Mapping
from typing import Any

from consent.displays import name_of
from mappings.core.model import systems


def named(resource: Mapping[str, Any], places: Mapping[str, str]) -> dict[str, Any]:
    """The resource with those names."""
    coded = resource.get("resourceType") == "Consent"
    return {name: _within(one, places, coded=coded) for name, one in resource.items()}


def _within(node: Any, places: Mapping[str, str], *, coded: bool) -> Any:
    if isinstance(node, list):
        return [_within(one, places, coded=coded) for one in node]
    if not isinstance(node, dict):
        return node
    if name := "" if "display" in node else _name(node, places, coded=coded):
        return node | {"display": name}
    return {key: _within(one, places, coded=coded) for key, one in node.items()}


def _name(node: Mapping[str, Any], places: Mapping[str, str], *, coded: bool) -> str:
    identifier = node.get("identifier")
    if isinstance(identifier, dict) and identifier.get("system") == systems.ODS:
        return places.get(identifier.get("value", ""), "")
    return name_of(node["code"]) if coded and node.keys() == {"system", "code"} else ""
