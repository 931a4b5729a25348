"""How the service writes its own log: JSON lines, of an agreed set of fields only.

Rule    No person data: a field that is not on the list is dropped whatever it holds. The audit
        log is another thing; nothing of it is written here.
"""

import logging
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

FIELDS: Final = frozenset(
    {"event", "level", "timestamp", "fault", "feed", "route", "status", "count", "seconds"}
)


def configure() -> None:
    """Set up logging for the process."""
    logging.getLogger("uvicorn.access").disabled = True
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_agreed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def _only_agreed(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return {name: value for name, value in event.items() if name in FIELDS}
