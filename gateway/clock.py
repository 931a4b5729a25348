"""The one place that reads the clock; everything else is told the time."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def to_micros(at: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z of an aware moment, exact."""
    delta = at - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_micros(micros: int) -> datetime:
    """The aware UTC moment that many microseconds after 1970-01-01T00:00Z."""
    seconds, rest = divmod(micros, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def instant(micros: int) -> str:
    """The moment as FHIR writes an instant."""
    return from_micros(micros).isoformat().replace("+00:00", "Z")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
