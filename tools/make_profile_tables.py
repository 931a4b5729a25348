"""Write mappings/core/r4/profiles.py: what published profiles demand beyond R4, as one table.

    python -m tools.make_profile_tables DEFINITIONS mappings/core/r4/profiles.py

In      a folder of StructureDefinitions and ValueSets as XML, differentials as they are published:
        UK Core (HL7 UK, Apache-2.0) and Interweave (CC0). FHIR Shorthand is compiled to XML first.
Out     facts of elements; none that R4 itself states; the same folder gives the same bytes.
Errors  ValueError for a slicing or a value set that is not understood: nothing is guessed.
"""

import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element as Node

from defusedxml import ElementTree

from mappings.core.checking.shapes import SERVED, Field, shape_of
from tools.make_r4_tables import q, short

_FHIR: Final = "{http://hl7.org/fhir}"
_UNLISTED: Final = ("http://hl7.org/fhir/ValueSet/all-languages",)
"""Required value sets whose codes nobody lists: the form of a code is checked."""

Fact = tuple[str, str, str]

HEAD: Final = '''"""What profiles of UK Core and Interweave demand of a resource beyond R4.

PROFILES    url -> (type, version, status, facts); a fact is (element id, kind, value):
            min, max      how often, in each element around it
            slice         slices are told apart by the value at this path
            is            a slice of extensions: the url of its members
            fixed         the value
            types         of a choice
            targets       types that a reference may point to
            codes         the required value set
            rule          key and FHIRPath of an invariant
EXTENSIONS  url -> (elements and types it may stand on, facts).
VALUE_SETS  required sets that are listed: id -> ((system, codes), ...).
Source  HL7 UK Core, Apache-2.0 (C) HL7 UK; Interweave FHIR implementation guide, CC0. Their
        versions stand with each.
Made by tools/make_profile_tables.py; never edited by hand.
"""

# fmt: off
# ruff: noqa: E501
from typing import Final

Fact = tuple[str, str, str]

'''
PROFILES: Final = "PROFILES: Final[dict[str, tuple[str, str, str, tuple[Fact, ...]]]] = {\n"
EXTENSIONS: Final = "EXTENSIONS: Final[dict[str, tuple[tuple[str, ...], tuple[Fact, ...]]]] = {\n"
VALUE_SETS: Final = "VALUE_SETS: Final[dict[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {\n"


def values(node: Node, name: str) -> list[str]:
    """The values of the children of this name."""
    return [str(child.get("value")) for child in node.findall(f"{_FHIR}{name}")]


def only(node: Node, name: str) -> str:
    """The value of the one child of this name; empty where there is none."""
    return next(iter(values(node, name)), "")


def elements(definition: Node) -> list[Node]:
    """The elements of the differential."""
    return definition.findall(f"{_FHIR}differential/{_FHIR}element")


def base_of(element_id: str) -> Field | None:
    """What R4 says of an element, its slices apart; of the first type of a choice."""
    kind, *names = [part.partition(":")[0] for part in element_id.split(".")]
    found: Field | None = None
    for name in names:
        fields = shape_of(kind).fields
        plain = name.removesuffix("[x]")
        found = fields.get(plain) or next((f for f in fields.values() if f.choice == plain), None)
        if found is None:
            return None
        kind = found.type
    return found


def facts_of(element: Node, once: Collection[str]) -> Iterator[Fact]:
    """What an element demands, whether R4 says so too or not. `once`: extensions whose own
    definition lets them stand once, where a profile says nothing else."""
    at = str(element.get("id"))
    for name in ("min", "max"):
        if only(element, name) not in ("", "0" if name == "min" else "*") and at != "Extension":
            yield at, name, only(element, name)
    if not only(element, "max") and {*_profiles_of(element)} & {*once}:
        yield at, "max", "1"
    for slicing in element.findall(f"{_FHIR}slicing"):
        found = slicing.findall(f"{_FHIR}discriminator")
        if [only(one, "type") for one in found] != ["value"]:
            raise ValueError(f"the slicing of {at} is not understood")
        if only(found[0], "path") != "url":
            yield at, "slice", only(found[0], "path")
    yield from ((at, "fixed", one) for one in values(element, "fixedUri"))
    for rule in element.findall(f"{_FHIR}constraint"):
        if only(rule, "severity") == "error":
            yield at, "rule", f"{only(rule, 'key')} {only(rule, 'expression')}"
    for binding in element.findall(f"{_FHIR}binding"):
        if only(binding, "strength") == "required":
            yield at, "codes", only(binding, "valueSet").partition("|")[0]
    yield from _typed(at, element.findall(f"{_FHIR}type"))


def _profiles_of(element: Node) -> list[str]:
    return [url for one in element.findall(f"{_FHIR}type") for url in values(one, "profile")]


def _typed(at: str, types: list[Node]) -> Iterator[Fact]:
    if at.endswith("[x]") and types:
        yield at, "types", " ".join(only(one, "code") for one in types)
    for one in types:
        yield from ((at, "is", url) for url in values(one, "profile"))
        targets = {short(url).rpartition("-")[2] for url in values(one, "targetProfile")}
        if targets:
            yield at, "targets", " ".join(sorted(targets))


def is_new(fact: Fact) -> bool:
    """Whether R4 does not say it already."""
    at, kind, value = fact
    if kind == "targets":
        base = base_of(at)
        targets = base.targets if base else None
        return targets is None or not targets <= set(value.split())
    if kind == "max" and ":" not in at.rpartition(".")[2]:
        base = base_of(at)
        return value == "0" or base is None or base.many
    if kind == "types":
        return at == "Extension.value[x]"
    return True


def kept(facts: Iterable[Fact]) -> list[Fact]:
    """Facts that demand something, with the slices that they are of. What tells a slice apart is
    there in each of its members."""
    found = [fact for fact in facts if is_new(fact)]
    told_apart = {at for at, kind, _ in found if kind == "fixed" and ":" in at}
    found = [one for one in found if one[1] != "min" or one[0] not in told_apart]
    asked = [at for at, kind, _ in found if kind not in ("is", "slice", "fixed")]

    def is_asked(fact: Fact) -> bool:
        at, kind, value = fact
        if kind == "is" or (kind == "fixed" and ":" in at):
            holder = at if kind == "is" else at.rpartition(":")[0]
            inside = (f"{holder}.", f"{holder}:")
            return any(one == holder or one.startswith(inside) for one in asked)
        if kind == "slice":
            return any(one.startswith(f"{at}:") for one in asked)
        return not (kind == "fixed" and at == "Extension.url" and value)

    return [fact for fact in found if is_asked(fact)]


def listed(value_set: Node) -> list[tuple[str, list[str]]]:
    """System and codes, as the set names them."""
    made = []
    for include in value_set.findall(f"{_FHIR}compose/{_FHIR}include"):
        codes = [only(one, "code") for one in include.findall(f"{_FHIR}concept")]
        if not codes:
            raise ValueError(f"{only(value_set, 'url')} cannot be listed")
        made.append((only(include, "system"), codes))
    return made


def _is_once(element: Node) -> bool:
    return element.get("id") == "Extension" and only(element, "max") == "1"


def module(folder: Path) -> str:
    """The text of profiles.py."""
    roots = [ElementTree.parse(path).getroot() for path in sorted(folder.glob("*.xml"))]
    named = {only(root, "url"): root for root in roots}
    sets = {url: root for url, root in named.items() if root.tag == f"{_FHIR}ValueSet"}
    once = {url for url, root in named.items() if any(map(_is_once, elements(root)))}
    profiles, extensions, wanted = PROFILES, EXTENSIONS, set()
    for url, root in named.items():
        if url in sets:
            continue
        facts = kept(fact for one in elements(root) for fact in facts_of(one, once))
        wanted |= {value for _, kind, value in facts if kind == "codes"}
        body = "".join(f"        ({q(at)}, {q(kind)}, {q(value)}),\n" for at, kind, value in facts)
        if only(root, "type") == "Extension":
            stands = root.findall(f"{_FHIR}context")
            where = "".join(f"{q(only(one, 'expression'))}, " for one in stands)
            extensions += f"    {q(url)}: (({where}), (\n{body}    )),\n"
        elif only(root, "type") in SERVED:
            head = ", ".join(q(only(root, name)) for name in ("type", "version", "status"))
            profiles += f"    {q(url)}: ({head}, (\n{body}    )),\n"
    text = f"{HEAD}{profiles}}}\n\n{extensions}}}\n\n{VALUE_SETS}"
    for url in sorted(wanted - set(_UNLISTED)):
        text += f"    {q(url)}: (\n"
        for system, codes in listed(sets[url]):
            text += f"        ({q(system)}, ({''.join(q(code) + ', ' for code in codes)})),\n"
        text += "    ),\n"
    return text + "}\n"


def main() -> None:
    """Read the folder named first, write the module named second."""
    Path(sys.argv[2]).write_text(module(Path(sys.argv[1])), encoding="utf-8")


if __name__ == "__main__":
    main()
