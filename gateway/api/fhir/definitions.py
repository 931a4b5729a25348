"""What this gateway means by its own words, as FHIR resources, from the tables that decide.

    mappings/terms         -> CodeSystem, ValueSet, ConceptMap: the language of every sector;
                              Questionnaire: what is scored
    the feeds' code tables -> CodeSystem, ValueSet, ConceptMap: what each word of a feed becomes
    EXTENSIONS             -> StructureDefinition
    OPERATIONS             -> OperationDefinition
    the CapabilityStatement's own claims -> SearchParameter

Out     resources with ids, fit to be served: they say nothing of anyone.
Rule    Nothing is written twice: the CapabilityStatement reads OPERATIONS, SearchParameters read
        the CapabilityStatement.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from consent.from_fhir import BINDS_BREAK_GLASS
from consent.proxies import LACKS_CAPACITY
from gateway.api.fhir.operations import LINEAGE, OPERATIONS
from mappings.core.model import systems
from mappings.core.model.codes import CodeTable, Concept
from mappings.core.released.page import tables_of
from mappings.registry import FEEDS
from mappings.terms import language, questionnaires

TYPES: Final = (
    "CodeSystem",
    "ConceptMap",
    "OperationDefinition",
    "Questionnaire",
    "SearchParameter",
    "StructureDefinition",
    "ValueSet",
)
PARAMETERS: Final = {"_id": "token", "url": "uri", "name": "string", "status": "token"}
"""Each search parameter of these types with its FHIR type."""
MORE: Final = {"Questionnaire": {"title": "string", "version": "token", "code": "token"}}
"""What one of them takes beside."""
_EXTENSION: Final = "http://hl7.org/fhir/StructureDefinition/Extension"
_NO_ID: Final = re.compile(r"[^A-Za-z0-9.-]")
_WORD: Final = re.compile(r"\S+(?: \S+)*")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Extension:
    """One of our own extensions: where it stands, what it holds, and why."""

    url: str
    contexts: tuple[str, ...]
    types: tuple[str, ...]
    """Of its value; none for one that holds extensions."""
    text: str
    modifies: str = ""
    """Why it changes the meaning of what it stands on."""


_OF_OURS: Final = f"{systems.OWN}/StructureDefinition/"
EXTENSIONS: Final = (
    Extension(
        f"{_OF_OURS}as-at", ("Meta",), ("date",),
        "The day on which the source said so: the end of the period a submission covers.",
    ),
    Extension(
        f"{_OF_OURS}differs-from-source", ("Annotation",), ("string",),
        "The element of which this note tells what a team wrote where the source says otherwise.",
    ),
    Extension(
        BINDS_BREAK_GLASS, ("Consent",), ("boolean",),
        "This refusal stands in an emergency too.",
        "it takes away what an emergency would open",
    ),
    Extension(
        LACKS_CAPACITY, ("Consent",), ("boolean",),
        "The person was found to lack the capacity to decide who sees this record.",
    ),
    Extension(
        questionnaires.BETTER, ("Questionnaire.item",), ("code",),
        "Which way a score is better: higher, or lower.",
    ),
    Extension(
        f"{_OF_OURS}birth-date-estimated", ("Patient.birthDate",), ("boolean",),
        "The source marks this date of birth as estimated.",
    ),
    Extension(
        f"{_OF_OURS}client-funding", ("Coverage",), ("CodeableConcept",),
        "How the person's care is paid for, as the council reports it.",
    ),
    Extension(
        f"{_OF_OURS}cost", ("Coverage",), (),
        "What an action costs: the amount, and for how much of it.",
    ),
    Extension(
        f"{_OF_OURS}derived-end", ("Period",), ("string",),
        "The end is not stated: from what it was concluded.",
    ),
    Extension(
        f"{_OF_OURS}full-cost-client", ("Coverage",), ("string",),
        "Whether the person pays the whole cost, in the council's word.",
    ),
    Extension(
        f"{_OF_OURS}pays-for", ("Coverage",), ("Reference",), "The action that this pays for.",
    ),
    Extension(
        f"{_OF_OURS}planned-period", ("Encounter",), ("Period",), "When the visit was planned.",
    ),
    Extension(
        f"{_OF_OURS}planned-units-per-week", ("Coverage",), ("decimal",),
        "How many units a week are planned.",
    ),
    Extension(
        questionnaires.NOT_KNOWN, ("Questionnaire.item",), ("decimal",),
        "The score that says that nothing is known: it is no measurement.",
    ),
    Extension(
        f"{_OF_OURS}subscription-signing-key", ("Subscription.channel",), ("string",),
        "The key that notices are signed with (Standard Webhooks), in the answer that made it.",
    ),
    Extension(
        f"{_OF_OURS}state-in-words", ("Encounter",), ("string",),
        "The state of the visit, as its source said it.",
    ),
)  # fmt: skip


@cache
def served(resource_type: str) -> tuple[Json, ...]:
    """Every definition of a type but SearchParameter, in the order of their ids."""
    made = {
        "CodeSystem": _code_systems,
        "ConceptMap": _concept_maps,
        "OperationDefinition": _operations,
        "Questionnaire": questionnaires.questionnaires,
        "StructureDefinition": _extensions,
        "ValueSet": _value_sets,
    }[resource_type]()
    return tuple(sorted(made, key=lambda one: str(one["id"])))


def search_parameters(claims: Iterable[Mapping[str, Any]]) -> tuple[Json, ...]:
    """A definition of each search parameter that the CapabilityStatement's resources claim."""
    made: dict[str, Json] = {}
    for resource in claims:
        for one in resource.get("searchParam", ()):
            name, base = one["name"], resource["type"]
            own = f"{systems.OWN}/SearchParameter/{base}-{name.removeprefix('_')}"
            url = one.get("definition", own)
            text = one.get("documentation", "As FHIR R4 defines it; of the types named here.")
            definition = made.setdefault(
                url,
                _head("SearchParameter", url.rpartition("/")[2], url)
                | {"description": text, "code": name, "base": [], "type": one["type"]},
            )
            definition["base"].append(base)
    return tuple(made[url] for url in sorted(made))


def _head(kind: str, name: str, url: str) -> Json:
    """What every definition begins with."""
    parts = re.split(r"[^A-Za-z0-9]+", name)
    return {
        "resourceType": kind,
        "id": name,
        "url": url,
        "version": language.VERSION,
        "name": "".join(part[:1].upper() + part[1:] for part in parts),
        "status": "active",
    }


def _tables() -> Iterator[tuple[str, CodeTable]]:
    """Every code table of every feed once, under the kind and the row that use it first."""
    seen: set[int] = set()
    names: Counter[str] = Counter()
    for feed in FEEDS.values():
        for kind in feed.kinds.values():
            for row, table in tables_of(kind):
                if id(table) not in seen:
                    seen.add(id(table))
                    name = _NO_ID.sub("-", f"{kind.name}.{row}")
                    names[name] += 1
                    yield (f"{name}-{names[name]}" if names[name] > 1 else name), table


def _concept_maps() -> Iterator[Json]:
    yield from language.concept_maps()
    for name, table in _tables():
        groups: dict[str, list[Json]] = {}
        for word, meaning in table.rows.items():
            system, target = _target(meaning)
            if _WORD.fullmatch(word):
                row = {"code": word, "target": [target | {"equivalence": "relatedto"}]}
                groups.setdefault(system, []).append(row)
        url = f"{systems.OWN}/ConceptMap/{name}"
        yield _head("ConceptMap", name, url) | {
            "description": f"Source: {table.source}",
            "group": [
                ({"target": system} if system else {}) | {"element": rows}
                for system, rows in groups.items()
            ],
        }


def _target(meaning: str | Concept) -> tuple[str, Json]:
    """System and target of what a word becomes; a bare code is of its element's own system."""
    if isinstance(meaning, str):
        return "", {"code": meaning}
    shown = {"display": meaning.display} if meaning.display else {}
    return meaning.system, {"code": meaning.code} | shown


def _code_systems() -> Iterator[Json]:
    """Those of the language whole; of the feeds' own, the codes that a table gives."""
    yield from language.code_systems()
    found: dict[str, dict[str, str]] = {}
    for _, table in _tables():
        for meaning in table.rows.values():
            if isinstance(meaning, Concept) and meaning.system.startswith(systems.OWN):
                codes = found.setdefault(meaning.system, {})
                codes[meaning.code] = codes.get(meaning.code) or meaning.display
    for system in found.keys() - language.LANGUAGE.keys():
        codes = found[system]
        yield _head("CodeSystem", system.rpartition("/")[2], system) | {
            "caseSensitive": True,
            "content": "fragment",
            "concept": [
                {"code": code} | ({"display": display} if display else {})
                for code, display in sorted(codes.items())
            ],
        }


def _value_sets() -> Iterator[Json]:
    """All codes of each code system."""
    for one in served("CodeSystem"):
        url = f"{systems.OWN}/ValueSet/{one['id']}"
        made = _head("ValueSet", one["id"], url) | {"name": one["name"]}
        yield made | {"compose": {"include": [{"system": one["url"]}]}}


def _operations() -> Iterator[Json]:
    for one in (*OPERATIONS, LINEAGE):
        yield _head("OperationDefinition", one.name, one.url) | {
            "title": one.title,
            "kind": "operation",
            "affectsState": False,
            "code": one.code,
            **({"base": one.base} if one.base else {}),
            "resource": list(one.types),
            "system": False,
            "type": one.at_type,
            "instance": one.at_instance,
            "parameter": [
                *(
                    _parameter(each.name, "in", each.least, each.most, each.type)
                    for each in one.takes
                ),
                *([_parameter("return", "out", 1, "1", one.gives)] if one.gives else []),
            ],
        }


def _parameter(name: str, use: str, least: int, most: str, kind: str) -> Json:
    return {"name": name, "use": use, "min": least, "max": most, "type": kind}


def _extensions() -> Iterator[Json]:
    for one in EXTENSIONS:
        name = one.url.rpartition("/")[2]
        root: Json = {"id": "Extension", "path": "Extension", "short": one.text}
        if one.modifies:
            root |= {"isModifier": True, "isModifierReason": one.modifies}
        held = {"id": "Extension.value[x]", "path": "Extension.value[x]"}
        value = {"type": [{"code": kind} for kind in one.types]} if one.types else {"max": "0"}
        yield _head("StructureDefinition", name, one.url) | {
            "description": one.text,
            "fhirVersion": "4.0.1",
            "kind": "complex-type",
            "abstract": False,
            "context": [{"type": "element", "expression": path} for path in one.contexts],
            "type": "Extension",
            "baseDefinition": _EXTENSION,
            "derivation": "constraint",
            "differential": {
                "element": [
                    root,
                    {"id": "Extension.url", "path": "Extension.url", "fixedUri": one.url},
                    held | value,
                ]
            },
        }
