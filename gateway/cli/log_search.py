"""What commands search the log by, and how they show what was found."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from gateway.store.audit.audit_reads import Wanted

Person = Annotated[str, typer.Option(help="Id of a Patient.")]
CallerId = Annotated[str, typer.Option("--caller", help="Id of a caller.")]
Org = Annotated[str, typer.Option(help="An organisation: its callers, or access to its data.")]
EventName = Annotated[str, typer.Option("--event", help="Such as `read` or `push`.")]
Since = Annotated[datetime | None, typer.Option(help="From this moment on (UTC).")]
Until = Annotated[datetime | None, typer.Option(help="Before this moment (UTC).")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many.")]
_SHOWN: Final = (
    "seq", "recorded", "event", "outcome", "organisation", "caller", "role", "purpose", "person",
    "resources",
)  # fmt: skip


def pairs_of(
    person: str,
    caller: str,
    org: str,
    event: str,
    since: datetime | None,
    until: datetime | None,
) -> list[tuple[str, str]]:
    """The options that were given, by name. Errors: typer.BadParameter for what is no event."""
    from gateway.audit.events import Event

    if event and event not in set(Event):
        raise typer.BadParameter(f"the events are {', '.join(sorted(Event))}")
    given = {
        "person": person,
        "caller": caller,
        "org": org,
        "event": event,
        "since": since and _utc(since).isoformat(),
        "until": until and _utc(until).isoformat(),
    }
    return [(name, value) for name, value in given.items() if value]


def wanted_of(pairs: Sequence[tuple[str, str]]) -> "Wanted":
    """What the log is asked for by these options."""
    from gateway.store.audit.audit_reads import Wanted

    given = dict(pairs)
    return Wanted(
        people=_one(given, "person"),
        users=_one(given, "caller"),
        events=_one(given, "event"),
        start=_micros(given, "since"),
        end=_micros(given, "until"),
        within_org=given.get("org"),
    )


def show(found: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Entries as they were found."""
    from gateway.cli import output

    if as_json:
        output.as_json({"entries": found})
    else:
        output.table(_SHOWN, [[one[name] for name in _SHOWN] for one in found])


def _one(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    return (given[name],) if name in given else ()


def _utc(at: datetime) -> datetime:
    from datetime import UTC

    return at.replace(tzinfo=at.tzinfo or UTC)


def _micros(given: Mapping[str, str], name: str) -> int | None:
    from gateway.clock import to_micros

    return to_micros(datetime.fromisoformat(given[name])) if name in given else None
