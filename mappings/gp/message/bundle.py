"""The GP Connect structured record: one FHIR STU3 bundle about one person.

In      A Bundle as JSON, bare or wrapped in Parameters; or what a GP system answers instead, an
        OperationOutcome; or a single resource.
Out     One Item for each bundle. Its facts are the resources grouped by type in the order sent,
        references as sent: {"Bundle": {...}, "Patient": {...}, "Condition": [...], ...}. What
        is of no type STU3 knows stands under "Other"; further Patients under "OtherPatient".
Errors  NotThisFormatError where it is not FHIR JSON; warnings for what had to be mended.
Source  GP Connect Access Record: Structured 1.6; FHIR STU3 (3.0.2).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from mappings.core.outcome import Facts, Issue, Item, NotThisFormatError, error, warning
from mappings.core.paths import Steps, dotted
from mappings.gp.codes import spine
from mappings.gp.message.shapes import SHAPES, misfits, single_lists
from mappings.gp.message.types import RESOURCE_TYPES

MEDIA_TYPES: Final = ("application/fhir+json", "application/json")
STRUCTURED: Final = "gp-connect-structured"
REFUSAL: Final = "gp-connect-error"
SINGLE: Final = "fhir-resource"

_BOM: Final = b"\xef\xbb\xbf"
_DEEPEST: Final = 60
_NAMED: Final = re.compile(rb'"resourceType"\s*:\s*"')


def recognises(members: Mapping[str, bytes]) -> bool:
    """Whether a body looks like FHIR JSON."""
    body = next(iter(members.values())) if len(members) == 1 else b""
    return body.removeprefix(_BOM).lstrip()[:1] == b"{" and bool(_NAMED.search(body))


def read(members: Mapping[str, bytes]) -> Iterator[Item]:
    """An Item for each bundle in the body."""
    issues: list[Issue] = []
    sent = _json(next(iter(members.values()), b""), issues)
    named = sent.get("resourceType") if isinstance(sent, dict) else None
    if not isinstance(named, str) or named not in RESOURCE_TYPES:
        raise NotThisFormatError("resourceType", "not a resource of FHIR STU3")
    if _is_deeper(sent, _DEEPEST):
        raise NotThisFormatError("", "nested deeper than any FHIR resource")
    if named == "OperationOutcome":
        yield Item(REFUSAL, 1, {named: sent}, (*issues, _refusal(sent)))
    elif named == "Bundle":
        yield _item(1, sent, issues)
    elif named == "Parameters" and (bundles := _wrapped(sent)):
        for position, bundle in enumerate(bundles, 1):
            yield _item(position, bundle, issues)
    else:
        yield Item(SINGLE, 1, {named: sent}, tuple(issues))


def _json(body: bytes, issues: list[Issue]) -> Any:
    bare = body.removeprefix(_BOM)
    if len(bare) < len(body):
        issues.append(warning("", "repaired", "a byte order mark was left out"))
    try:
        return orjson.loads(bare)
    except orjson.JSONDecodeError:
        pass
    try:
        sent = orjson.loads(bare.decode("cp1252"))
    except (UnicodeDecodeError, orjson.JSONDecodeError):
        raise NotThisFormatError("", "not readable as JSON in UTF-8") from None
    issues.append(warning("", "repaired", "read as Windows-1252, because it is not UTF-8"))
    return sent


def _is_deeper(value: Any, levels: int) -> bool:
    if levels == 0:
        return True
    if isinstance(value, dict):
        return any(_is_deeper(child, levels - 1) for child in value.values())
    return isinstance(value, list) and any(_is_deeper(child, levels - 1) for child in value)


def _wrapped(sent: dict[str, Any]) -> list[dict[str, Any]]:
    parts = sent.get("parameter")
    held = [part.get("resource") for part in _objects(parts)]
    return [one for one in _objects(held) if one.get("resourceType") == "Bundle"]


def _item(number: int, bundle: dict[str, Any], before: list[Issue]) -> Item:
    issues = list(before)
    facts: Facts = {"Bundle": {name: v for name, v in bundle.items() if name != "entry"}}
    entries = bundle.get("entry")
    if entries is not None and not isinstance(entries, list):
        issues.append(error("Bundle.entry", "wrong-type", "must be a list"))
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    placed: list[tuple[Steps, dict[str, Any]]] = []
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            issues.append(warning("Bundle.entry", "no-resource", "an entry without a resource"))
        elif not _is_repeated(resource, seen, issues):
            placed.append((steps := _placed(facts, resource), resource))
            if isinstance(url := entry.get("fullUrl"), str):
                facts["Bundle"].setdefault("fullUrl", []).append([url, *steps])
    for steps, resource in placed:
        issues += _mended(facts, steps, resource)
    for place in misfits(SHAPES["Patient"], facts.get("Patient")):
        text = "not what FHIR STU3 has at this place"
        issues.append(error(dotted(("Patient", *place)), "wrong-type", text))
    return Item(STRUCTURED, number, facts, tuple(issues))


def _is_repeated(
    resource: dict[str, Any], seen: dict[tuple[str, str], dict[str, Any]], issues: list[Issue]
) -> bool:
    """Whether the same resource was sent before, word for word."""
    named, known = resource.get("resourceType"), resource.get("id")
    if not isinstance(named, str) or not isinstance(known, str):
        return False
    first = seen.setdefault((named, known), resource)
    if first is resource or first != resource:
        return False
    place = named if named in RESOURCE_TYPES else "Other"
    issues.append(warning(place, "repeated", "sent twice word for word; taken once"))
    return True


def _placed(facts: Facts, resource: dict[str, Any]) -> Steps:
    """Put a resource where it belongs in the facts."""
    named = resource.get("resourceType")
    section = named if isinstance(named, str) and named in RESOURCE_TYPES else "Other"
    section = f"Nested{section}" if section == "Bundle" else section
    if section == "Patient":
        if section not in facts:
            facts[section] = resource
            return (section,)
        section = "OtherPatient"
    held = facts.setdefault(section, [])
    held.append(resource)
    return (section, len(held) - 1)


def _mended(facts: Facts, steps: Steps, resource: dict[str, Any]) -> Iterator[Issue]:
    """Lists sent as a single object become lists of one."""
    shape = SHAPES.get(str(steps[0]))
    for place in tuple(single_lists(shape, resource)) if shape else ():
        holder: Any = facts
        for step in (*steps, *place[:-1]):
            holder = holder[step]
        holder[place[-1]] = [holder[place[-1]]]
        yield warning(dotted((*steps, *place)), "repaired", "a single object; read as a list")


def _refusal(sent: dict[str, Any]) -> Issue:
    """What a GP system's refusal means, in our words, at the place of its code."""
    for index, issue in enumerate(_objects(sent.get("issue"))):
        details = issue.get("details")
        codings = details.get("coding") if isinstance(details, dict) else None
        for position, coding in enumerate(_objects(codings)):
            if (meaning := spine.MEANING.get(str(coding.get("code")))) is not None:
                path = f"OperationOutcome.issue[{index}].details.coding[{position}].code"
                return error(path, "not-a-record", f"{spine.INSTEAD}: {meaning}")
    return error("OperationOutcome.issue", "not-a-record", f"{spine.INSTEAD}: {spine.UNNAMED}")


def _objects(values: Any) -> list[dict[str, Any]]:
    return [v for v in values if isinstance(v, dict)] if isinstance(values, list) else []
