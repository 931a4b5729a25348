"""The label rules as a page that a governance board can read and sign.

In      LabelRules.
Out     Markdown, the same for the same rules: docs/labels.md, which a test holds current.
Pure    No file is opened here.
"""

from collections.abc import Mapping
from typing import Final

from consent.label_rules import LabelRules, Marks
from consent.labels import CONFIDENTIALITIES, HOLDS, LEGAL, SENSITIVITIES

_HEAD: Final = """\
# Label rules

This page is printed from `consent/label_rules.toml` by `consent/label_page.py`; a test fails when
the two differ. Change the rules, print the page, have the board sign it.

What a feed says of who may see an item only rises. These rules raise it further; a governance lead
may decide otherwise (`care-gateway labels decide`), with a reason. What nobody labelled is
restricted, waits for a decision, and is not shown to the person meanwhile. The rules of mappings,
by code, are in `mappings/core/shaping/labels.py`.
"""
_SETS: Final = """\
## Reference sets

A site loads its own releases under these names (`care-gateway terminology import`). Any code of a
set brings its labels, in whatever element it stands. No set is part of this project.

| name | what it holds | brings |
| --- | --- | --- |
"""
_SOURCES: Final = """\
## Shelves of one feed

| feed | shelves | bear | why |
| --- | --- | --- | --- |
"""


def page(rules: LabelRules) -> str:
    """The whole page."""
    sets = [
        f"| `{one.name}` | {one.title} | {_brought(one.marks)} |"
        for one in sorted(rules.sets.values(), key=lambda rule: rule.name)
    ]
    sources = [
        f"| `{one.feed}` | {_listed(one.categories)} | {_brought(one.marks)} | {one.why} |"
        for one in rules.sources
    ]
    own = (
        "## What never waits to be shown to the person\n\n"
        f"Their own words, the agreed plan and the next steps: {_listed(rules.own_words)}.\n"
        "Unlabelled items there are restricted for others, and wait to be decided on.\n"
    )
    return "\n".join(
        (_HEAD, f"Version {rules.version}.\n", _SETS + "\n".join(sets) + "\n",
         _SOURCES + "\n".join(sources) + "\n", own)
    )  # fmt: skip


def _brought(marks: Marks) -> str:
    level = next(
        code for code, value in CONFIDENTIALITIES.items() if value == marks.confidentiality
    )
    names = [
        *_names(marks.sensitivities, SENSITIVITIES),
        *_names(marks.holds, HOLDS),
        *_names(marks.legal, LEGAL),
    ]
    return ", ".join([level, *names])


def _names(mask: int, registry: Mapping[str, int]) -> list[str]:
    return [code for code, bit in registry.items() if mask & bit]


def _listed(words: frozenset[str]) -> str:
    return ", ".join(f"`{word}`" for word in sorted(words))
