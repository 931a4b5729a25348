"""How to get into the person's home, in its own field; and what reads like it in others.

Out     A Flag for each way in, on the shelf of how to reach somebody, labelled HOMEACCESS; the same
        label on a small part whose words tell a code; warnings by path wherever words do.
Rule    What a plan is, and what keeps somebody safe, is not hidden for a code in it: who sent it is
        told, and has to move the code. Not in the safety set: no dissent, label or emergency shows
        it to anybody.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.outcome import Facts, Issue, warning
from mappings.core.model.paths import Scope
from mappings.core.model.rows import Row, Target
from mappings.core.shaping import elements
from mappings.core.shaping.labels import HOME_ACCESS
from mappings.plan_document import codes
from mappings.plan_document.rows.sharing import sharing, whatever_the_plan
from mappings.terms.access import Category

_CODE: Final = r"(?:\bno\.|[^.;\n]){0,40}?\b[A-Za-z]?\d{3,8}[A-Za-z#]?(?!\d)"
_TOLD: Final = re.compile(
    rf"\b(?:key[\s-]?(?:safe|box)|lock[\s-]?box){_CODE}"
    rf"|\b(?:door|entry|entrance|gate|alarm|intercom)s?\s+(?:code|pin|number)\b{_CODE}",
    re.IGNORECASE,
)
_FIELD: Final = "home_access"


def told_as(kind: Any, where: Any, code: Any) -> str | None:
    """The way in as whoever visits reads it."""
    if not code:
        return None
    named = codes.HOME_ACCESS.find(str(kind))
    words = getattr(named, "display", None) or str(kind)
    return f"{words}{f', {where}' if where else ''}: {code}"


def tells_a_code(text: str) -> bool:
    """Whether words read like the code of a way in."""
    return _TOLD.search(text) is not None


class _Worded:
    """The labels of a small part, and HOMEACCESS where its words tell a code, or it is one."""

    __name__ = "sharing"
    table = codes.SHARING

    def __init__(self, of: Any, is_code: bool = False) -> None:
        self.of = of
        self.is_code = is_code

    def __call__(self, scope: Scope) -> list[dict[str, str]]:
        made: list[dict[str, str]] = self.of(scope)
        told = _texts(scope.element, "")
        if self.is_code or any(tells_a_code(text) for _, text in told):
            made = [*made, {"system": systems.SENSITIVITY, "code": HOME_ACCESS}]
        return made


part_of_plan: Final = _Worded(sharing)
of_person: Final = _Worded(whatever_the_plan)
_of_a_code: Final = _Worded(whatever_the_plan, is_code=True)
"""Whatever the sender calls the way in."""


def codes_in_words(facts: Facts) -> Iterator[Issue]:
    """Words that tell a code outside its field."""
    for name, part in facts.items():
        if name != _FIELD:
            yield from (
                warning(path, "code-in-words", _MOVE)
                for path, text in _texts(part, name)
                if tells_a_code(text)
            )


def _texts(node: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, dict):
        for name, child in node.items():
            yield from _texts(child, f"{path}.{name}".lstrip("."))
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from _texts(child, f"{path}[{index}]")


_MOVE: Final = (
    "reads like the code of a way into the home: everybody who sees this text sees it; send it in"
    " home_access, which is shown near a visit alone, and take it out here"
)

WAYS_IN: Final = Target(
    "Flag",
    name="way in",
    each="home_access[]",
    key=("/plan.id", "=home-access", "id"),
    category=Category.CONTACTS,
    labels=_of_a_code,
    reads=("home_access[].sharing",),
    rows=(
        Row("way-in.status", "status", value="active", why="part of the current plan"),
        Row("way-in.kind", "category[0]", "kind", table=codes.HOME_ACCESS),
        Row("way-in.id", "identifier[0]", "id", fn=elements.local_id),
        Row("way-in.words", "code.text", ("kind", "where", "code"), fn=told_as, must=True),
    ),
)
