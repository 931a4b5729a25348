"""Who a relative is, taken out of what is told of their health.

In      A FamilyMemberHistory of either release.
Out     Its notes without who said so; of R4 the resource without extensions that are not known,
        numbers of people, and the day of a death.
Rule    A relative is no party to the record: what they had, how they are related and how old they
        were is told, and nothing that says who they are. An extension, or the author of a note,
        may name them.
Source  FHIR R4 FamilyMemberHistory; UK Core.
"""

from typing import Any, Final

from mappings.core.model import dates, systems
from mappings.core.model.outcome import Issue, warning
from mappings.core.model.paths import Steps, presented
from mappings.gp.codes.carried import elements
from mappings.gp.codes.extensions import UK_CORE

KIND: Final = "FamilyMemberHistory"
_ENCOUNTER: Final = f"{UK_CORE}AssociatedEncounter"
_AGES: Final = frozenset({"ageAge", "ageRange", "ageString"})
_NAMING: Final = frozenset({"extension", "authorString", "authorReference"})
"""What may name somebody, wherever inside an element it stands."""
_JUDGED: Final = frozenset({"extension", "identifier"})
"""Elements of which each is of the record, or of the relative and goes."""


def note(value: Any) -> dict[str, Any] | None:
    """An Annotation of words and their day: whoever said so may be the relative."""
    if not value.get("text"):
        return None
    on = {"time": dates.fhir_date_time(value["time"])} if value.get("time") else {}
    return {"text": value["text"], **on}


def without_who(resource: dict[str, Any], steps: Steps, issues: list[Issue]) -> dict[str, Any]:
    """The resource as sent; of a FamilyMemberHistory without what says who the relative is."""
    if resource.get("resourceType") != KIND:
        return resource
    gone: list[Steps] = []
    made = dict(resource)
    for name in elements(KIND).keys() & made.keys():
        made[name] = _pared(made[name], (name,), gone)
    if made.pop("deceasedDate", None):
        made.setdefault("deceasedBoolean", True)
        gone.append(("deceasedDate",))
    if not _AGES & made.keys():  # of a birth date, which is not taken
        made.pop("estimatedAge", None)
    issues += (
        warning(presented((*steps, *place)), "not-carried", _WHO) for place in sorted(gone, key=str)
    )
    return made


def _pared(node: Any, place: Steps, gone: list[Steps]) -> Any:
    """The node without what may name somebody; what stands in a list keeps its place there."""
    if isinstance(node, list):
        return [_pared(one, (*place, n), gone) for n, one in enumerate(node)]
    if not isinstance(node, dict):
        return node
    if place[0] in _JUDGED and len(place) <= 2 and not _is_the_records(node):  # with its position
        gone.append(place)
        return {}
    gone += ((*place, name) for name in node if name in _NAMING)
    return {
        name: _pared(child, (*place, name), gone)
        for name, child in node.items()
        if name not in _NAMING
    }


def _is_the_records(one: dict[str, Any]) -> bool:
    """Whether an extension or identifier is of the record and not of the relative."""
    if "url" in one:
        return one["url"] == _ENCOUNTER and "extension" not in one
    return bool(one.get("system") != systems.NHS_NUMBER)


_WHO: Final = "may say who the relative is, a second person; left out, and the rest taken"
