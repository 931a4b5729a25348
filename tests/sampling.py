"""The cases of a law that has too many: `make test` runs a part of them, `make soak` all."""

import random
from collections.abc import Iterable
from typing import TypeVar

from hypothesis import settings

_Case = TypeVar("_Case")


def part(cases: Iterable[_Case], few: int, *, whole: bool) -> list[_Case]:
    """All of them; or so few: the first, the last, and the same ones between in every run."""
    every = list(cases)
    if whole or len(every) <= few:
        return every
    chosen = random.Random(1).sample(range(1, len(every) - 1), few - 2)
    return [every[place] for place in (0, *sorted(chosen), len(every) - 1)]


def examples(full: int) -> int:
    """So many drawn examples when soaking, and as large a part of them as the profile's of 100."""
    return max(1, full * settings().max_examples // 100)
