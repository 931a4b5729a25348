"""An advance directive that stands on the person's entry: PD1-15 to Flag.

In      PD1-15, which one English trust fills in with its resuscitation decision (`DNACPR`).
Out     One Flag for each person, on the shelf of safety: active while the field says anything.
Rule    The words are the sender's own and are not interpreted: the decision itself comes as an
        order (decision.py). `""` makes the Flag inactive; an absent field changes nothing.
Source  HL7 v2 chapter 3 (PD1-15, table 0435); published messages of an English acute trust.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.codes import Concept
from mappings.core.model.outcome import Fold
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row, Target, joined_key
from mappings.hospital.message.fields import repetitions
from mappings.hospital.rows import sensitivity, types
from mappings.hospital.rows.whole import person_id
from mappings.terms.access import Category

_DIRECTIVE: Final = Concept(systems.SAFETY, "advance-directive", "Advance directive")


def has_directive(scope: Scope) -> bool:
    """Whether PD1-15 was sent, if only to delete it."""
    return bool(scope.element.get("15"))


def directive_key(scope: Scope) -> str:
    """The person: one such flag for each."""
    return joined_key(person_id(scope), "advance-directive")


def every_word(scope: Scope) -> Iterator[Found]:
    """The repetitions of PD1-15 that say anything; none where it is deleted."""
    yield Found((*scope.here.steps, "15"), repetitions(scope.element["15"]))


def state(words: list[str]) -> str:
    """Active while the field says anything."""
    return "active" if words else "inactive"


def said(scope: Scope) -> Iterator[Found]:
    """PD1-15, where it says anything: what it once said stays with an inactive Flag."""
    if repetitions(scope.element["15"]):
        yield Found((*scope.here.steps, "15"), scope.element["15"])


def directives(field: str) -> dict[str, Any] | None:
    """Every directive of the field, in the sender's words."""
    words = [made["text"] for text in repetitions(field) if (made := types.words_of_code(text))]
    return {"text": "; ".join(words)} if words else None


FLAG: Final = Target(
    "Flag",
    name="directive",
    each="PD1[]",
    when=has_directive,
    key=directive_key,
    category=Category.SAFETY,
    fold=Fold.MERGE,
    labels=sensitivity.of_visit,
    reads=("PD1[].15", "PV1[].16"),
    defaults={"code": {"text": "Advance directive"}},
    rows=(
        Row("directive.state", "status", gather=every_word, fn=state),
        Row("directive.kind", "category[0]", value=_DIRECTIVE.concept(), why="PD1-15"),
        Row("directive.what", "code", gather=said, fn=directives),
    ),
)
