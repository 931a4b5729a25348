"""What a check of a FHIR resource reports: a place, a kind and our own words.

Rule    A path holds element names that FHIR itself uses, and positions. A name that FHIR
        does not know is shown as its position: a name that was sent may hold a value too.
"""

from dataclasses import dataclass
from typing import Final

from mappings.core.r4.elements import TYPES


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a resource."""

    path: str
    """FHIRPath, such as `CarePlan.activity[0].detail.status`."""
    code: str
    """FHIR issue type: structure, required, value, code-invalid, invariant, not-supported."""
    text: str


def _names() -> frozenset[str]:
    rows = [row for _, own in TYPES.values() for row in own]
    chosen = [(name[:-3], kinds) for name, kinds, *_ in rows if name.endswith("[x]")]
    choices = {name + kind for name, kinds in chosen for kind in kinds.split()}
    return frozenset(name.lower() for name in choices | {row[0] for row in rows})


_KNOWN: Final = _names()


def shown_name(name: str, position: int) -> str:
    """The name where FHIR uses it for any element, else its place, such as `(element 3)`."""
    if name.removeprefix("_").lower() in _KNOWN:
        return name
    return f"(element {position + 1})"
