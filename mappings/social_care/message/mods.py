"""A digital social care record's plan as FHIR R4: a Bundle in the shape of MODS, or a CarePlan.

In      One JSON body: a Bundle of any type with a CarePlan in it, or a CarePlan alone.
Out     One Item: the resources by their types, in the order sent, when it was written, and the
        security labels of the bundle.
Errors  NotThisFormatError where there is no CarePlan; a resource of a type that is not mapped is
        an issue.
Source  Minimum Operational Data Standard for adult social care (DAPB4102), its draft FHIR R4
        implementation guide of March 2026.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mappings.core.model.outcome import Facts, Issue, Item, NotThisFormatError, error, warning
from mappings.core.reading.json_body import read_json

MEDIA_TYPES: Final = ("application/fhir+json", "application/json")
KIND: Final = "mods-plan"
TYPES: Final = ("Patient", "CarePlan", "Goal", "Condition", "Flag", "Task")
_ASIDE: Final = {
    "CareTeam": "who is in a team is decided here, and never by a message",
    "Practitioner": "people who provide care are named where they act",
    "PractitionerRole": "people who provide care are named where they act",
    "Organization": "organisations are known by their ODS codes",
    "Provenance": "where this comes from is recorded here",
}


def recognises(members: Mapping[str, bytes]) -> bool:
    """Whether a body looks like FHIR with a CarePlan."""
    body = next(iter(members.values())) if len(members) == 1 else b""
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return start == b"{" and b'"resourceType"' in body and b'"CarePlan"' in body


def read(members: Mapping[str, bytes]) -> Iterator[Item]:
    """The one item."""
    if len(members) != 1:
        raise NotThisFormatError("", "a plan is one document, not several files")
    sent = read_json(next(iter(members.values())))
    found = list(_resources(sent))
    if not any(one.get("resourceType") == "CarePlan" for one, _ in found):
        raise NotThisFormatError("resourceType", "holds no CarePlan")
    facts: Facts = {"written": _written(sent, [one for one, _ in found])}
    facts["same"] = _same(sent)
    if sent.get("resourceType") == "Bundle" and security(sent):
        facts["security"] = security(sent)
    issues: list[Issue] = []
    for resource, path in found:
        kind = resource.get("resourceType")
        if kind in TYPES:
            facts.setdefault(kind, []).append(resource)
        else:
            issues.append(warning(path, "not-stored", _ASIDE.get(str(kind), _UNMAPPED)))
        if has_modifier(resource):
            issues.append(error(path, "unknown-modifier", _MODIFIER))
    return iter((Item(KIND, 1, facts, tuple(issues)),))


def _resources(sent: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Each resource with its path; contained ones too."""
    tops: list[tuple[Any, str]] = [(sent, "")]
    if isinstance(sent, dict) and sent.get("resourceType") == "Bundle":
        entries = sent.get("entry")
        tops = [
            (one.get("resource"), f"entry[{number}].resource")
            for number, one in enumerate(entries if isinstance(entries, list) else ())
            if isinstance(one, dict)
        ]
    for resource, path in tops:
        if not isinstance(resource, dict):
            continue
        yield resource, path
        inner = resource.get("contained")
        for number, one in enumerate(inner if isinstance(inner, list) else ()):
            if isinstance(one, dict):
                yield one, f"{path}.contained[{number}]".lstrip(".")


def _same(sent: Any) -> dict[str, str]:
    """Other names of the entries: the last part of a full URL -> the resource's id."""
    entries = sent.get("entry") if isinstance(sent, dict) else None
    found: dict[str, str] = {}
    for one in entries if isinstance(entries, list) else ():
        resource = one.get("resource") if isinstance(one, dict) else None
        url, key = (
            (one.get("fullUrl"), resource.get("id")) if isinstance(resource, dict) else ("", "")
        )
        if isinstance(url, str) and isinstance(key, str) and bare(url) != key:
            found[bare(url)] = key
    return found


def security(resource: Any) -> list[Any]:
    """The security labels of a resource, as sent."""
    meta = resource.get("meta") if isinstance(resource, dict) else None
    found = meta.get("security") if isinstance(meta, dict) else None
    return found if isinstance(found, list) else []


def bare(reference: str) -> str:
    """The id in a reference, whatever stands before it."""
    return reference.replace(":", "/").replace("#", "/").rpartition("/")[2]


def _written(sent: dict[str, Any], resources: list[dict[str, Any]]) -> str:
    """The bundle's time, else the newest time of a resource."""
    stamp = sent.get("timestamp")
    metas = [one.get("meta") for one in resources]
    times = [meta.get("lastUpdated") for meta in metas if isinstance(meta, dict)]
    newest = max((time for time in times if isinstance(time, str)), default="")
    return stamp if isinstance(stamp, str) else newest


def has_modifier(node: Any) -> bool:
    """Whether an extension in it, but not in what it contains, changes its meaning."""
    if isinstance(node, dict):
        return "modifierExtension" in node or any(
            has_modifier(child) for name, child in node.items() if name != "contained"
        )
    return isinstance(node, list) and any(has_modifier(child) for child in node)


_UNMAPPED: Final = "resources of this type are not mapped; kept with the delivery"
_MODIFIER: Final = "an extension that changes the meaning, and is not known"
