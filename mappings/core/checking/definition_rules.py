"""Data table: the official invariants of forms and terminology, in Python.

In      node: an object that is right in every other way; top: the resource it stands in.
Out     DEFINITION_RULES: type or backbone path -> rules, as in invariants.py.
Source  r4/invariants.py, by the official keys; a test holds each to its FHIRPath expression.
Pure    Nothing here looks outside its arguments.

As FHIRPath has it, what an expression cannot decide (`repeats = true` of an item that does not
say) breaks no rule. Left out: structures, capabilities, measures and what triggers them.
"""

from collections.abc import Iterator
from typing import Final

from mappings.core.checking.invariants import Rule
from mappings.core.checking.presence import (
    Node,
    Test,
    entries_at,
    has,
    has_choice,
    needs,
    not_both,
    one_of,
)

_OPTIONS: Final = (
    *("choice", "open-choice", "decimal", "integer", "date", "dateTime", "time", "string"),
    "quantity",
)
_TEXTS: Final = ("boolean", "decimal", "integer", "string", "text", "url", "open-choice")


def _every(node: Node, *names: str) -> Iterator[Node]:
    """What stands under these names, and under them again, at any depth."""
    for name in names:
        for inner in entries_at(node, name):
            yield inner
            yield from _every(inner, *names)


def _distinct(element: str, name: str) -> Test:
    """No two parts of this name, at any depth, have the same element."""

    def holds(node: Node, _top: Node) -> bool:
        found = [part[element] for part in _every(node, name) if element in part]
        return len(found) == len(set(found))

    return holds


def _none_for(types: tuple[str, ...], *names: str) -> Test:
    """A part of one of these types has none of these."""
    return lambda n, _: n.get("type") not in types or not has(n, *names)


def _only_for(types: tuple[str, ...], *names: str) -> Test:
    """Only a part of one of these types has any of these; of none, it cannot be said."""
    return lambda n, _: n.get("type", types[0]) in types or not has(n, *names)


def _asks(element: str, value: str, other: str) -> Test:
    """Where the element has the value, the other is there."""
    return lambda n, _: n.get(element) != value or has(n, other)


def _items_fit(node: Node, _top: Node) -> bool:
    kind = node.get("type")
    return kind not in ("group", "display") or has(node, "item") == (kind == "group")


DEFINITION_RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "CodeSystem": (
        Rule("csd-1", _distinct("code", "concept"), "each code of a code system stands once"),
    ),
    "ConceptMap.group.element.target": (
        Rule(
            "cmd-1",
            lambda n, _: has(n, "comment") or n.get("equivalence") not in ("narrower", "inexact"),
            "a narrower or inexact target has a comment",
        ),
    ),
    "ConceptMap.group.unmapped": (
        Rule("cmd-2", _asks("mode", "fixed", "code"), "a fixed code is given"),
        Rule("cmd-3", _asks("mode", "other-map", "url"), "the other map is named"),
    ),
    "OperationDefinition.parameter": (
        Rule("opd-1", one_of("type", "part"), "a type or parts are needed"),
        Rule("opd-2", _only_for(("string",), "searchType"), "only a string is a search value"),
        Rule(
            "opd-3",
            _only_for(("Reference", "canonical"), "targetProfile"),
            "only a reference or a canonical has a target profile",
        ),
    ),
    "Questionnaire": (
        Rule("que-2", _distinct("linkId", "item"), "each linkId of a form stands once"),
    ),
    "Questionnaire.item": (
        Rule("que-1", _items_fit, "a group has items, a display none"),
        Rule("que-3", _none_for(("display",), "code"), "a display has no code"),
        Rule("que-4", not_both("answerOption", "answerValueSet"), "options or a value set"),
        Rule(
            "que-5",
            _only_for(_OPTIONS, "answerOption", "answerValueSet"),
            "only a question with values to choose has options",
        ),
        Rule(
            "que-6",
            _none_for(("display",), "required", "repeats"),
            "a display is neither required nor repeated",
        ),
        Rule("que-8", _none_for(("group", "display"), "initial"), "only a question has a value"),
        Rule("que-9", _none_for(("display",), "readOnly"), "a display is not read only"),
        Rule("que-10", _only_for(_TEXTS, "maxLength"), "only a simple question has a length"),
        Rule("que-11", not_both("answerOption", "initial"), "options or initial values"),
        Rule(
            "que-12",
            lambda n, _: len(n.get("enableWhen", ())) <= 2 or has(n, "enableBehavior"),
            "several conditions say whether all or any counts",
        ),
        Rule(
            "que-13",
            lambda n, _: n.get("repeats") is not False or len(n.get("initial", ())) <= 1,
            "several initial values need a question that repeats",
        ),
    ),
    "Questionnaire.item.enableWhen": (
        Rule(
            "que-7",
            lambda n, _: (
                n.get("operator") != "exists"
                or not has_choice(n, "answer")
                or has(n, "answerBoolean")
            ),
            "whether an answer exists is true or false",
        ),
    ),
    "SearchParameter": (
        Rule("spd-1", needs("xpath", "xpathUsage"), "an XPath says how it is used"),
        Rule("spd-2", _only_for(("reference",), "chain"), "only a reference is chained"),
    ),
    "ValueSet.compose.include": (
        Rule("vsd-1", one_of("valueSet", "system"), "a value set or a system is needed"),
        Rule(
            "vsd-2",
            lambda n, _: not has(n, "concept", "filter") or has(n, "system"),
            "concepts and filters are of a system",
        ),
        Rule("vsd-3", not_both("concept", "filter"), "concepts or filters, not both"),
    ),
    "ValueSet.expansion.contains": (
        Rule("vsd-6", one_of("code", "display"), "a code or a display is needed"),
        Rule(
            "vsd-9",
            lambda n, _: has(n, "code") or n.get("abstract") is not False,
            "what has no code is abstract",
        ),
        Rule("vsd-10", needs("code", "system"), "a code has its system"),
    ),
}
