"""What a message's own words say of sensitivity: labels, and a hidden home.

In      A segment: PV1-16, PRB-25; the message's ZU8-4.
Out     Security codings that raise a resource's labels; whether the person's location is
        hidden.
Rule    A word that is not in the table counts as restricted (R): labels only rise.
Source  HL7 UK A.3 (PV1-16, ZU8); HL7 v2 chapter 12 PRB-25; HL7 table 0177.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from mappings.core.model import systems
from mappings.core.model.outcome import Facts, Issue, warning
from mappings.core.model.paths import Found, Scope, Steps
from mappings.core.model.rows import confidentiality_coding
from mappings.hospital.codes.person import LOCATION_HIDDEN, SENSITIVITY
from mappings.hospital.message.fields import component, first, repetitions
from mappings.hospital.message.profiles import profile_of
from mappings.hospital.message.reader import show
from mappings.hospital.rows.identity import segment
from mappings.hospital.rows.tree import above, at, inside
from mappings.hospital.rows.whole import every

CLEARED: Final = '""'
_LEVELS: Final = ("N", "R", "V")


def codings(field: str | None) -> list[dict[str, str]]:
    """The labels one sensitivity field gives."""
    made: list[dict[str, str]] = []
    for text in repetitions(field):
        code = SENSITIVITY.find(component(text, 1)) or SENSITIVITY.find(component(text, 2)) or "R"
        if code in _LEVELS:
            made.append(confidentiality_coding(str(code)))
        else:
            made += [
                {"system": systems.ACT_CODE, "code": str(code)},
                confidentiality_coding("R"),
            ]
    return made


def of_visit(scope: Scope) -> list[dict[str, str]]:
    """Labels of the visit the message is about (PV1-16)."""
    return codings(segment(scope.facts, "PV1").get("16"))


def of_problem(scope: Scope) -> list[dict[str, str]]:
    """Labels of a problem (PRB-25) and of its visit; for what stands under it too."""
    held_by = above(scope.facts, scope.here.steps, "PRB")
    fields = [found.value.get("25") for found in held_by]
    return [*of_visit(scope), *(coding for field in fields for coding in codings(field))]


def of_goal(scope: Scope) -> list[dict[str, str]]:
    """A goal is no less restricted than the problems it stands with."""
    steps = scope.here.steps
    below = inside(scope.facts, steps[: _end_of(steps, "GOL")], "PRB")
    return [
        *of_problem(scope),
        *(coding for found in below for coding in codings(found.value.get("25"))),
    ]


def of_groups(scope: Scope, members: Iterable[Found]) -> list[dict[str, str]]:
    """What tells of several things is no less restricted than the problems they stand with."""
    tops = dict.fromkeys(found.steps[:2] for found in members)
    fields = [at(scope.facts, top).get("25") for top in tops if top[0] == "PRB"]
    fields += [found.value.get("25") for top in tops for found in inside(scope.facts, top, "PRB")]
    return [*of_visit(scope), *(coding for field in fields for coding in codings(field))]


def of_hidden_person(scope: Scope) -> list[dict[str, str]]:
    """R where the sender hides where the person is."""
    return [confidentiality_coding("R")] if is_hidden(scope.facts) else []


def of_stay(scope: Scope) -> list[dict[str, str]]:
    """Labels of the visit itself, which says where the person is: R where that is hidden."""
    return [*of_visit(scope), *of_hidden_person(scope)]


def is_hidden(facts: Facts) -> bool:
    """Whether ZU8-4 hides where the person is."""
    return (first(segment(facts, "ZU8").get("4")) or "") in LOCATION_HIDDEN


def is_location_said(facts: Facts) -> bool:
    """Whether the message may speak of where the person is: some senders say in each whether
    they may be found."""
    return bool(segment(facts, "ZU8").get("4")) or not profile_of(facts).marks_location


def unless_hidden(scope: Scope, field: str) -> Iterator[Found]:
    """A field of the element at hand; deleted where the location is hidden."""
    value = scope.element.get(field)
    steps: Steps = (*scope.here.steps, field)
    if is_hidden(scope.facts):
        yield Found(steps, CLEARED)
    elif value and is_location_said(scope.facts):
        yield Found(steps, value)


def doubts(scope: Scope) -> Iterator[Issue]:
    """Words of sensitivity that are in no table, and a hidden location."""
    places = [(found, "16") for found in every(scope, "PV1")]
    places += [(found, "25") for found in every(scope, "PRB")]
    for found, field in places:
        for text in repetitions(found.value.get(field)):
            if not SENSITIVITY.find(component(text, 1)) and not SENSITIVITY.find(
                component(text, 2)
            ):
                text = "this sensitivity is not in the table; counted as restricted"
                yield warning(show((*found.steps, field)), "unmapped-code", text)
    if is_hidden(scope.facts):
        text = "the location is hidden: address, telephone, contacts and GP were left out"
        yield warning("ZU8-4", "location-hidden", text)
    elif not is_location_said(scope.facts):
        text = "does not say whether the location may be shown; address, telephone, contacts and"
        yield warning("ZU8-4", "location-unsaid", f"{text} GP were left as they were")


def _end_of(steps: Steps, name: str) -> int:
    places = [position for position, step in enumerate(steps) if step == name]
    return places[-1] + 2 if places else len(steps)
