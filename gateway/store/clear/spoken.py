"""What of a resource says in words or codes what it refers to.

In      A resource as parsed JSON.
Out     SPEAKS; the resource without such words, for what it may be found by.
Rule    Words that go with a hidden reference tell nobody by a search that they are there: where
        they stand beside one, hidden or not, nothing is found by them.
Source  FHIR R4 definitions of the elements; docs/adr/0067-what-sums-up-the-hidden-goes-with-it.md.
Pure    Nothing is changed in place.
"""

from collections.abc import Mapping
from typing import Any, Final

_SUMMED_UP: Final = ("conclusion", "conclusionCode", "presentedForm")
_OUTCOME: Final = ("outcome",)
SPEAKS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "": {
        "complicationDetail": ("complication", *_OUTCOME),
        "derivedFrom": ("interpretation",),
        "entry": ("note",),
        "evidence": ("detail", "mitigation"),
        "focus": ("description", "note"),
        "hasMember": ("interpretation", "note"),
        "imagingStudy": _SUMMED_UP,
        "implicated": ("detail", "mitigation"),
        "locationReference": ("locationCode",),
        "media": _SUMMED_UP,
        "outcomeReference": ("outcomeCode",),
        "reasonReference": ("reasonCode", *_OUTCOME),
        "report": _OUTCOME,
        "result": _SUMMED_UP,
        "usedReference": ("usedCode",),
    },
    "activity": {
        "outcomeReference": ("outcomeCodeableConcept", "progress"),
        "reference": ("progress",),
    },
    "detail": {"reasonReference": ("reasonCode",)},
    "evidence": {"detail": ("code",)},
    "stage": {"assessment": ("summary",)},
}
"""Element -> what in it refers -> what in it says the same in words or codes, or sums it up by
FHIR's definition: cut of the former, the latter goes, for nobody can tell which of it speaks of
what is hidden. Words of the resource's own bear its own labels, and stay."""


def unspoken(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """The resource without words that stand beside a reference to what they speak of."""
    made = _without(resource, "")
    for element in SPEAKS.keys() & made.keys():
        value = made[element]
        if isinstance(value, list):
            several = [_without(one, element) for one in value if isinstance(one, dict)]
            made = {**made, element: several}
    return made


def _without(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    said = {word for about, words in SPEAKS[name].items() if about in node for word in words}
    return {one: value for one, value in node.items() if one not in said} if said else node
