"""Repeatable draws: the same names give the same throws, on every machine and Python.

In      The names of what is drawn for: a seed, a person, a purpose.
Out     Numbers and choices. No module of chance: these draw sample data, never a secret.
Pure    Yes; a Dice counts its own throws.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

_Value = TypeVar("_Value")


class Dice:
    """A sequence of throws, named by what it is for."""

    def __init__(self, *names: object) -> None:
        self._name = "|".join(str(name) for name in names)
        self._thrown = 0

    def below(self, sides: int) -> int:
        """A number from 0 up to, and without, `sides`."""
        self._thrown += 1
        digest = hashlib.sha256(f"{self._name}#{self._thrown}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % sides

    def one_of(self, values: Sequence[_Value]) -> _Value:
        """One of the values."""
        return values[self.below(len(values))]

    def some_of(self, values: Sequence[_Value], count: int) -> tuple[_Value, ...]:
        """Different ones of the values, as many as there are if fewer; in their own order."""
        left = list(range(len(values)))
        taken = [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]
        return tuple(values[index] for index in sorted(taken))

    def is_within(self, percent: int) -> bool:
        """True in so many of a hundred throws."""
        return self.below(100) < percent
