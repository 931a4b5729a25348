"""A copy of a record as its person can read it: each item under what it is, element by element.

In      The lines of a copy (gateway.flows.audit.subject_access); what the site calls its
        organisations, by ODS code.
Out     Text: a paragraph for each item, a line for each look.
Rule    What is in words, numbers or dates is told: of a code its words, of a reference what it
        is called, of a name or an address that it is an old one. Ids, labels, the systems of
        codes, extensions and what a file holds stand in the lines of JSON alone. The last line
        says how many items and looks there were: without it, it is cut. Nothing else begins a
        line as that one does. A moment is told by the clocks here.
Pure    Values in, values out.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from html import unescape
from typing import Any, Final

import orjson

from consent.periods import LONDON
from gateway.flows.audit.named import named
from mappings.core.model import systems

_TITLES: Final[Mapping[str, str]] = {
    "AllergyIntolerance": "Allergy or intolerance",
    "CarePlan": "Care plan",
    "CareTeam": "Care team",
    "Communication": "Message or note",
    "Condition": "Problem, diagnosis or need",
    "Consent": "A choice about who may see what",
    "Coverage": "Funding of care",
    "DetectedIssue": "Concern found",
    "DeviceRequest": "Equipment",
    "DiagnosticReport": "Report",
    "DocumentReference": "Document",
    "Encounter": "Contact or stay",
    "EpisodeOfCare": "Time under a service",
    "FamilyMemberHistory": "Illness in the family",
    "Flag": "Warning",
    "Immunization": "Vaccination",
    "MedicationRequest": "Prescription",
    "MedicationStatement": "Medicine",
    "Observation": "Finding or measurement",
    "Patient": "Who this is about",
    "Provenance": "Who did this, and when",
    "QuestionnaireResponse": "Answers to questions",
    "RelatedPerson": "Somebody close to them",
    "ServiceRequest": "Referral or request",
}
_UNTOLD: Final = frozenset(
    ["resourceType", "id", "meta", "extension", "modifierExtension", "data", "hash", "url"]
)
_CHOICE: Final = re.compile(
    "(?<=[a-z])(DateTime|CodeableConcept|String|Boolean|Integer|Reference|Timing)$"
    "|(?<=^value)(Quantity|Range|Period)$"
)
"""What an element of several types has behind its name."""
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.]*(Z|[+-]\d\d:\d\d)", re.ASCII)
_TAG: Final = re.compile(r"<[^>]*>")
_SENDER: Final = re.compile(r"urn:care-gateway:(?:source|team):([^:]+)")
_CODING: Final = frozenset({"code", "system", "version", "userSelected"})
_REFERENCE: Final = frozenset({"reference", "type", "identifier"})
_SPAN: Final = {"start": "from", "end": "to"}


async def in_words(lines: AsyncIterator[bytes], places: Mapping[str, str]) -> AsyncIterator[bytes]:
    """The copy as text, part by part."""
    async for line in lines:
        told = _told(orjson.loads(line), places)
        if told:
            yield told.encode()


def _told(said: Mapping[str, Any], places: Mapping[str, str]) -> str:
    if said["part"] == "about":
        made, notice = _text(said["made"]), _on_one_line(said["notice"])
        return f"A copy of a health and care record\nMade: {made}\n{notice}\n"
    if said["part"] == "record":
        return "\n" + "\n".join(_item(named(said["resource"], places), places)) + "\n"
    if said["part"] == "access":
        return f"\n{_text(said['at'])}: {_on_one_line(said['words'])}\n"
    if said["part"] == "end":
        return f"\nThe end. Items: {said['records']}. Looks: {said['accesses']}.\n"
    return ""


def _on_one_line(words: str) -> str:
    return " ".join(words.split())


def _item(resource: Mapping[str, Any], places: Mapping[str, str]) -> Iterator[str]:
    kind = resource["resourceType"]
    yield _TITLES.get(kind, kind)
    yield from _elements(resource, "  ")
    sender = _SENDER.match(resource.get("meta", {}).get("source", ""))
    if sender:
        yield f"  Sent by: {_on_one_line(places.get(sender[1], sender[1]))}"


def _elements(node: Mapping[str, Any], indent: str) -> Iterator[str]:
    """A line for each element that is told; what has parts of its own stands above them."""
    for name, value in node.items():
        if name in _UNTOLD or name.startswith("_"):
            continue
        for one in value if isinstance(value, list) else [value]:
            if one is None:  # it stands for what an extension says
                continue
            words = _words(one) if name != "identifier" else _number(one)
            if words:
                yield f"{indent}{_label(name)}: " + f"\n{indent}  ".join(words.splitlines())
            elif words is None:
                parts = list(_elements(one, indent + "  "))
                yield from [f"{indent}{_label(name)}:", *parts] if parts else ()


def _number(identifier: Mapping[str, Any]) -> str:
    """The one number that people know."""
    is_known = identifier.get("system") == systems.NHS_NUMBER
    return f"NHS number {identifier.get('value', '')}" if is_known else ""


def _words(value: Any) -> str | None:
    """A value in words; empty where there is nothing to tell, None where it has parts."""
    if not isinstance(value, dict):
        return _text(value)
    if "div" in value:
        return " ".join(unescape(_TAG.sub(" ", value["div"])).split())
    if "coding" in value:
        return value.get("text") or ", ".join(
            dict.fromkeys(filter(None, map(_words, value["coding"])))
        )
    if "display" in value or value.keys() == {"text"}:
        return str(value.get("display", value.get("text")))
    if value.keys() <= _REFERENCE and isinstance(value.get("type", ""), str):
        return str(value.get("identifier", {}).get("value", ""))
    if value.keys() & {"family", "given"}:
        parts = [*value.get("prefix", []), *value.get("given", []), value.get("family", "")]
        return " ".join(filter(None, [*parts, _standing(value)]))
    if value.keys() & {"line", "postalCode"}:
        parts = [*value.get("line", []), value.get("city", ""), value.get("postalCode", "")]
        return ", ".join(filter(None, [*parts, _standing(value)]))
    if value.keys() & {"start", "end"} and value.keys() <= {"start", "end"}:
        return _span(value)
    if "value" in value:
        code = value.get("code") if value.get("system") == systems.UCUM else None
        unit = value.get("unit") or value.get("currency") or code
        parts = [value.get("name"), value.get("comparator"), value["value"], unit]
        told = [_text(one) for one in parts if one is not None]
        return " ".join(filter(None, [*told, _standing(value)]))
    return value["code"] if isinstance(value.get("code"), str) and value.keys() <= _CODING else None


def _standing(value: Mapping[str, Any]) -> str:
    """Whether a name, an address or a number to ring is an old one, and when it held."""
    said = ["old"] if value.get("use") == "old" else []
    said += [_span(value["period"])] if value.get("period") else []
    return f"({', '.join(said)})" if said else ""


def _span(period: Mapping[str, Any]) -> str:
    return " ".join(f"{_SPAN[name]} {_text(period[name])}" for name in _SPAN if name in period)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _MOMENT.sub(_here, str(value))


def _here(moment: re.Match[str]) -> str:
    """A moment by the clocks here; what is none, as it stands."""
    try:
        return f"{datetime.fromisoformat(moment[0]).astimezone(LONDON):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return moment[0]


def _label(name: str) -> str:
    """An element's name as words."""
    name = _CHOICE.sub("", name)
    return re.sub(r"(?<=[a-z])([A-Z])", lambda one: " " + one[1].lower(), name).capitalize()
