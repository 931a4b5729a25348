"""HL7's package of R4 definitions, read for make_r4_tables.py.

In      hl7.fhir.r4.core.tgz.
Out     its structures by id, value sets and code systems by address; a value set as a list.
Errors  ValueError for a value set that cannot be listed: nothing is guessed.
"""

import json
import re
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

UNBOUNDED: Final = {"urn:ietf:bcp:13", "urn:iso:std:iso:4217"}
"""Code systems that value sets name whole and nobody can list."""


class Package:
    """The definitions of the package, read once."""

    def __init__(self, archive: Path) -> None:
        found: dict[str, dict[str, Json]] = {}
        with tarfile.open(archive) as tar:
            for member in sorted(tar.getnames()):
                kind = re.fullmatch(r"package/([A-Z][A-Za-z]+)-.+\.json", member)
                if kind and kind[1] in ("StructureDefinition", "ValueSet", "CodeSystem"):
                    content = json.loads(_text(tar, member))
                    found.setdefault(kind[1], {})[content["url"]] = content
            self.version: str = json.loads(_text(tar, "package/package.json"))["version"]
        structures = found["StructureDefinition"].values()
        self.structures = {s["id"]: s for s in structures}
        self.value_sets, self.code_systems = found["ValueSet"], found["CodeSystem"]


def _text(tar: tarfile.TarFile, member: str) -> bytes:
    file = tar.extractfile(member)
    if file is None:
        raise ValueError(f"the package has no {member}")
    return file.read()


def expand(package: Package, value_set: Json) -> dict[str, list[str]]:
    """system -> codes. An unbounded system gives no codes; a filter is not understood."""
    systems: dict[str, list[str]] = {}
    for include in value_set["compose"]["include"]:
        system = include.get("system")
        if include.get("filter") or include.get("valueSet") or not system:
            raise ValueError(f"{value_set['url']} cannot be listed")
        codes = [c["code"] for c in include.get("concept", [])]
        if not codes and system not in UNBOUNDED:
            codes = list(all_codes(package.code_systems[system]["concept"]))
        systems.setdefault(system, []).extend(codes)
    if value_set["compose"].get("exclude"):
        raise ValueError(f"{value_set['url']} has an exclusion")
    return systems


def all_codes(concepts: Iterable[Json]) -> Iterator[str]:
    """Every code of a code system, children after their parent."""
    for concept in concepts:
        yield concept["code"]
        yield from all_codes(concept.get("concept", []))
