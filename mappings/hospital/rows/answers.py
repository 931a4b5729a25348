"""Answers to the questions of an order: NTE lines of `question->answer`.

In      The NTE segments under an order, in order.
Out     Answers: each question once, with everything that was answered to it; free text has no
        question.
Rule    A line without a question goes on with the one before. A question that stands again adds
        to its answers. `-->` is an arrow somebody typed, no mark of an answer.
Source  Published messages of an English acute trust.
Pure    Nothing here raises.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from mappings.core.model.paths import Scope, Steps
from mappings.hospital.message.fields import words

_MARK: Final = re.compile(r"(?<![-<])->")


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with its answers, and where it stood first; or words without a question."""

    question: str
    lines: list[str] = field(default_factory=list)
    places: list[Steps] = field(default_factory=list)
    """Where each line stood."""
    steps: Steps = ()

    @property
    def said(self) -> str:
        """The question and its answers as one text."""
        told = "; ".join(self.lines)
        if not self.question:
            return "\n".join(self.lines)
        mark = "" if self.question[-1] in "?:" else ":"
        return f"{self.question}{mark} {told or 'no answer'}"

    def asks(self, beginning: str) -> bool:
        """Whether the question begins so."""
        return self.question.casefold().startswith(beginning)


def answers(scope: Scope) -> list[Answer]:
    """Every question of the order at hand, and the words before the first."""
    found: dict[str, Answer] = {}
    last: Answer | None = None
    for index, entry in enumerate(scope.element.get("NTE", ())):
        text = words(entry.get("3")) or ""
        question, answer = _parted(text)
        if not text:
            continue
        steps = (*scope.here.steps, "NTE", index, "3")
        if question or last is None:
            last = found.setdefault(_folded(question), Answer(question, steps=steps))
        elif last.question and last.lines:
            last.lines[-1] += f"\n{answer}"
            continue
        if answer:
            last.lines.append(answer)
            last.places.append(steps)
    return [one for one in found.values() if one.question or one.lines]


def _parted(text: str) -> tuple[str, str]:
    """The question and the answer; no question where there is no mark, or nothing before it."""
    mark = _MARK.search(text)
    if mark is None:
        return "", text
    return text[: mark.start()].strip(), text[mark.end() :].strip()


def _folded(question: str) -> str:
    return " ".join(question.split()).casefold().rstrip("?: ")


def asked(scope: Scope, beginning: str) -> Iterator[Answer]:
    """The answers to a question that begins so."""
    return (one for one in answers(scope) if one.asks(beginning))
