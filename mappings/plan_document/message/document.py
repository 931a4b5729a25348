"""The plan document as JSON.

In      One JSON document of the published shape (shape.py).
Out     One Item; its facts are the document as sent.
Errors  NotThisFormatError where it is not such a document; issues by path where a field is
        wrong.
Rule    A text that is only blanks was not sent.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from mappings.core.model.outcome import Issue, Item, NotThisFormatError, error
from mappings.core.model.paths import presented
from mappings.core.reading.json_body import read_json
from mappings.plan_document.message.fields import Strict
from mappings.plan_document.message.shape import PlanDocument

MEDIA_TYPES: Final = ("application/json",)
KIND: Final = "support-plan"


def recognises(members: Mapping[str, bytes]) -> bool:
    """Whether a body looks like a plan document."""
    body = next(iter(members.values())) if len(members) == 1 else b""
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{" and b'"support-plan"' in body


def read(members: Mapping[str, bytes]) -> Iterator[Item]:
    """The one item; its wrong fields as issues."""
    if len(members) != 1:
        raise NotThisFormatError("", "a support plan is one document, not several files")
    facts = _without_blanks(read_json(next(iter(members.values()))))
    if not isinstance(facts, dict) or facts.get("document") != KIND:
        raise NotThisFormatError("document", "not a support plan document")
    return iter((Item(KIND, 1, facts, tuple(faults(PlanDocument, facts))),))


def faults(shape: type[Strict], facts: dict[str, Any]) -> Iterator[Issue]:
    """What of these facts is not to the shape, by path."""
    try:
        shape.model_validate(facts)
    except ValidationError as broken:
        for fault in broken.errors(include_input=False, include_url=False, include_context=False):
            path = presented(fault["loc"])
            if fault["type"] in _ABSENT:
                yield error(path, "missing", "needed and not sent")
            else:
                yield error(path, "wrong-type", _OTHER_TYPE)


def _without_blanks(node: Any) -> Any:
    """The document with every text that is only blanks as an empty one."""
    kind = node.__class__
    if kind is str:
        return node if node.strip() else ""
    if kind is dict:
        return {name: _without_blanks(child) for name, child in node.items()}
    return [_without_blanks(child) for child in node] if kind is list else node


_ABSENT: Final = ("missing", "string_too_short")
_OTHER_TYPE: Final = "not what the support plan schema asks for at this place"
