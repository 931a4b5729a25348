"""The service's own log, as tests read it."""

from typing import Any


class FakeLog:
    """Stands for a module's `_log`: the lines it was told, each an event and its fields."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, Any]]] = []

    def error(self, event: str, **fields: Any) -> None:
        """Keep a line, whatever its level."""
        self.lines.append((event, fields))

    warning = error

    @property
    def events(self) -> list[str]:
        """What happened, in order."""
        return [event for event, _ in self.lines]
