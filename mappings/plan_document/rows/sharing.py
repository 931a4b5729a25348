"""Who may see a part of the plan: labels of the plan, of the part and of what it stands in.

In      A scope in a plan document.
Out     Codings for `meta.security`; warnings for words that nobody knows.
Rule    A sensitivity brings confidentiality R; an unknown word brings R and a hold (`PENDING`).
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core import systems
from mappings.core.codes import Concept
from mappings.core.outcome import Facts, Issue, warning
from mappings.core.paths import Scope
from mappings.core.rows import confidentiality_coding
from mappings.plan_document import codes
from mappings.plan_document.rows.facts import entries, part


class _Sharing:
    """Labels of the plan, of the element at hand and of every element that one stands in."""

    __name__ = "sharing"
    table = codes.SHARING

    def __call__(self, scope: Scope) -> list[dict[str, str]]:
        words = _words(scope.facts.get("plan"))
        inner: Scope | None = scope
        while inner is not None:
            words = words + _words(inner.element)
            inner = inner.outer
        return [coding for word in words for coding in _labels_of(word)]


sharing: Final = _Sharing()


def unknown_sharing(facts: Facts) -> Iterator[Issue]:
    """Words for an audience that are in no table."""
    for path, element in _places(facts):
        for index, word in enumerate(_words(element)):
            if codes.SHARING.find(str(word)) is None:
                text = "this word is not in the sharing table; restricted and held until it is"
                yield warning(f"{path}.sharing[{index}]", "unmapped-code", text)


def _places(facts: Facts) -> Iterator[tuple[str, dict[str, Any]]]:
    plan, person = part(facts, "plan"), part(facts, "person")
    yield "plan", plan
    yield "plan.contingency", part(plan, "contingency")
    yield "visit", part(facts, "visit")
    for name in ("needs", "goals", "actions", "safety"):
        yield from ((f"{name}[{n}]", one) for n, one in enumerate(entries(facts, name)))
    found = entries(person, "adjustments")
    yield from ((f"person.adjustments[{n}]", one) for n, one in enumerate(found))


def _words(element: Any) -> list[Any]:
    words = element.get("sharing") if isinstance(element, dict) else None
    return words if isinstance(words, list) else []


def _labels_of(word: Any) -> list[dict[str, str]]:
    meaning = codes.SHARING.find(str(word))
    if not isinstance(meaning, Concept):
        return [confidentiality_coding("R"), {"system": systems.HOLD, "code": "PENDING"}]
    if meaning.system == systems.ACT_CODE:
        return [confidentiality_coding("R"), meaning.coding()]
    return [meaning.coding()]
