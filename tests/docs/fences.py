"""Fenced blocks of a page, and comparing what they show with what happens.

Rule    ` ```sh tour ` is run; a ` ```text ` block right after it is what it must say. A line
        `...` in it stands for any lines. Ids, times, hashes and blanks are not compared.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
_FENCE: Final = re.compile(r"^```(\w*)[ ]?(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CHANGING: Final = (
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)"), "<time>"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "<time>"),
    (re.compile(r"\b[0-9a-f]{12,64}\b"), "<hash>"),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True, slots=True)
class Step:
    """A block that is run, and what the page says it answers; None where it says nothing."""

    line: int
    commands: str
    shown: str | None


def tour(text: str) -> list[Step]:
    """The blocks of a page that are to be run, in order."""
    found = list(_FENCE.finditer(text))
    steps = []
    for place, fence in enumerate(found):
        if fence[2] != "tour":
            continue
        after = found[place + 1] if place + 1 < len(found) else None
        between = text[fence.end() : after.start()] if after else "no block follows"
        shown = after[3] if after and after[1] == "text" and not between.strip() else None
        steps.append(Step(text.count("\n", 0, fence.start()) + 1, fence[3], shown))
    return steps


def blocks(text: str, language: str) -> list[str]:
    """What the blocks of one language hold."""
    return [fence[3] for fence in _FENCE.finditer(text) if fence[1] == language]


def stable(text: str) -> list[str]:
    """The lines that are there, without what differs from run to run."""
    lines = []
    for line in text.splitlines():
        kept = line
        for changing, word in _CHANGING:
            kept = changing.sub(word, kept)
        if kept.strip():
            lines.append(kept.strip())
    return lines


def missing(shown: str, said: str) -> str | None:
    """The first line shown that was not said where it should be; None when all were."""
    rest, skipping = stable(said), False
    for line in stable(shown):
        if line == "...":
            skipping = True
            continue
        place = rest.index(line) if line in rest else None
        if place is None or (place and not skipping):
            return line
        rest, skipping = rest[place + 1 :], False
    return rest[0] if rest and not skipping else None
