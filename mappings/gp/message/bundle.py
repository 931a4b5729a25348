"""The GP Connect structured record: one FHIR STU3 bundle about one person.

In      A FHIR resource as JSON: a Bundle, bare or wrapped in Parameters; what a GP system
        answers instead, an OperationOutcome; or a single resource, read as a bundle of one.
Out     One Item for each bundle. Its facts are the resources grouped by type in the order sent,
        references as sent: {"Bundle": {...}, "Patient": {...}, "Condition": [...], ...}. What
        is of no type STU3 knows stands under "Other"; further Patients under "OtherPatient".
Errors  warnings for what had to be mended.
Source  GP Connect Access Record: Structured 1.6; FHIR STU3 (3.0.2).
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from mappings.core.model.outcome import Facts, Issue, Item, error, warning
from mappings.core.model.paths import Steps, dotted
from mappings.gp.codes import spine
from mappings.gp.message.fitting import misfits, single_lists
from mappings.gp.message.shapes import SHAPES
from mappings.gp.message.types import DEFINITIONS, RESOURCE_TYPES

STRUCTURED: Final = "gp-connect-structured"
REFUSAL: Final = "gp-connect-error"


def items(sent: dict[str, Any], issues: list[Issue]) -> Iterator[Item]:
    """An Item for each bundle in what was sent."""
    named = sent["resourceType"]
    if named == "OperationOutcome":
        yield Item(REFUSAL, 1, {named: sent}, (*issues, _refusal(sent)))
        return
    for number, bundle in enumerate(bundles_in(sent), 1):
        facts, found = grouped(bundle, RESOURCE_TYPES, SHAPES)
        if "Patient" not in facts:
            found.append(only_defines(facts) or error("Patient", "names-nobody", _NOBODY))
        yield Item(STRUCTURED, number, facts, (*issues, *found))


def bundles_in(sent: dict[str, Any]) -> list[dict[str, Any]]:
    """The bundles in what was sent; a single resource is a bundle of one."""
    named = sent["resourceType"]
    if named == "Bundle":
        return [sent]
    held = [part.get("resource") for part in _objects(sent.get("parameter"))]
    wrapped = [one for one in _objects(held) if one.get("resourceType") == "Bundle"]
    if named == "Parameters" and wrapped:
        return wrapped
    return [{"entry": [{"resource": sent}]}]


def grouped(
    bundle: dict[str, Any], types: Collection[str], shapes: Mapping[str, Any]
) -> tuple[Facts, list[Issue]]:
    """The resources of a bundle by type, and what had to be mended.

    `types` are those that have a section of their own; `shapes` say where a list is meant.
    """
    issues: list[Issue] = []
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
        elif not _is_repeated(resource, types, seen, issues):
            placed.append((steps := _placed(facts, resource, types), resource))
            if isinstance(url := entry.get("fullUrl"), str):
                facts["Bundle"].setdefault("fullUrl", []).append([url, *steps])
    for steps, resource in placed:
        issues += _mended(facts, steps, resource, shapes)
        if steps[0] == "QuestionnaireResponse" and _numbered(resource.get("item"), ""):
            issues.append(warning(dotted((*steps, "item")), "repaired", _NUMBERED))
    for place in misfits(SHAPES["Patient"], facts.get("Patient")):
        text = "not what FHIR has at this place"
        issues.append(error(dotted(("Patient", *place)), "wrong-type", text))
    return facts, issues


def only_defines(facts: Facts) -> Issue | None:
    """That what was sent is about nobody, where all of it says what records are made of."""
    types = [name for name in facts if name != "Bundle"]
    if types and DEFINITIONS.issuperset(types):
        return error(types[0], "names-nobody", _DEFINES)
    return None


def _is_repeated(
    resource: dict[str, Any],
    types: Collection[str],
    seen: dict[tuple[str, str], dict[str, Any]],
    issues: list[Issue],
) -> bool:
    """Whether the same resource was sent before, word for word."""
    named, known = resource.get("resourceType"), resource.get("id")
    if not isinstance(named, str) or not isinstance(known, str):
        return False
    first = seen.setdefault((named, known), resource)
    if first is resource or first != resource:
        return False
    place = named if named in types else "Other"
    issues.append(warning(place, "repeated", "sent twice word for word; taken once"))
    return True


def _placed(facts: Facts, resource: dict[str, Any], types: Collection[str]) -> Steps:
    """Put a resource where it belongs in the facts."""
    named = resource.get("resourceType")
    section = named if isinstance(named, str) and named in types else "Other"
    section = f"Nested{section}" if section == "Bundle" else section
    if section == "Patient":
        if section not in facts:
            facts[section] = resource
            return (section,)
        section = "OtherPatient"
    held = facts.setdefault(section, [])
    held.append(resource)
    return (section, len(held) - 1)


def _mended(
    facts: Facts, steps: Steps, resource: dict[str, Any], shapes: Mapping[str, Any]
) -> Iterator[Issue]:
    """Lists sent as a single object become lists of one."""
    shape = shapes.get(str(steps[0]))
    for place in tuple(single_lists(shape, resource)) if shape else ():
        holder: Any = facts
        for step in (*steps, *place[:-1]):
            holder = holder[step]
        holder[place[-1]] = [holder[place[-1]]]
        yield warning(dotted((*steps, *place)), "repaired", "a single object; read as a list")


def _numbered(questions: Any, within: str) -> int:
    """Questions without a linkId become known by their place; how many there were."""
    found = 0
    for number, one in enumerate(_objects(questions), 1):
        place = f"{within}{number}"
        found += not one.get("linkId")
        one["linkId"] = one.get("linkId") or place
        inner = [one.get("item"), *(answer.get("item") for answer in _objects(one.get("answer")))]
        found += sum(_numbered(more, f"{place}.") for more in inner)
    return found


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


_NUMBERED: Final = "questions without a linkId; each is known by its place"
_DEFINES: Final = (
    "says what records are made of, and is about nobody: this feed takes people's records alone"
)
_NOBODY: Final = (
    "holds no Patient, so that nobody can tell whose record it is: send it again in a bundle with"
    " the Patient it is about, as GP Connect answers"
)
