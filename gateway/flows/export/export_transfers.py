"""How many files each caller is being given at the moment: a file costs as long as it leaves.

Rule    Counted in each process for itself, by caller, and whatever ends a transfer ends its count.
Errors  TooManyFilesError with the seconds to wait.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gateway.errors import TooManyFilesError

_AGAIN_SECONDS: Final = 5


class Transfers:
    """What is on its way out."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    @contextmanager
    def one(self, caller: str) -> Iterator[None]:
        """One file more for a caller, as long as it takes."""
        if self._open[caller] >= self._most:
            raise TooManyFilesError(_AGAIN_SECONDS)
        self._open[caller] += 1
        try:
            yield
        finally:
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]
