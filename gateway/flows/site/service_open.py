"""Which service of an organisation looks at what is sent to it at some moment.

In      The site's entries; an ODS code; a moment.
Out     Its service that is open then, else the one that opens first; None where none is named.
Pure    Values in, values out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from gateway.flows.site.site_hours import Opening, opening
from gateway.store.site.site_data import Entry

_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """A service, and when it opens; None where it is open, or does not say when it is."""

    name: str
    opens: datetime | None


Place = tuple[str, Mapping[str, Any]]
"""An entry's kind, and what it says."""


def parsed(entries: Iterable[Entry]) -> list[Place]:
    """The site, read once for several organisations."""
    return [(one.kind, orjson.loads(one.body)) for one in entries]


def desk_of(places: Sequence[Place], org: str, at: datetime) -> Desk | None:
    """The service of the organisation that looks at it first."""
    body = _first([body for body in _services(places) if body.get("organisation") == org], at)
    return Desk(body["name"], _opens(body, at)) if body else None


@dataclass(frozen=True, slots=True)
class Line:
    """A service of some kind: whose it is, its number, and when it opens, as of a desk."""

    org: str
    phone: str
    opens: datetime | None


def line_of(places: Sequence[Place], kind: str, at: datetime) -> Line | None:
    """The service of that kind, whoever has it, that is open or opens first."""
    body = _first([body for body in _services(places) if body.get("kind") == kind], at)
    if body is None:
        return None
    return Line(body["organisation"], body.get("phone", ""), _opens(body, at))


def _services(places: Sequence[Place]) -> list[Mapping[str, Any]]:
    return [body for kind, body in places if kind == "service"]


def _first(bodies: Sequence[Mapping[str, Any]], at: datetime) -> Mapping[str, Any] | None:
    """The one that is open, else the one that opens first; one without hours comes last."""
    return min(bodies, key=lambda body: _order(body, at), default=None)


def _order(body: Mapping[str, Any], at: datetime) -> tuple[bool, datetime, str]:
    is_open = bool(body.get("hours")) and _state(body, at).is_open
    return not is_open, _opens(body, at) or _LATEST, body["id"]


def _opens(body: Mapping[str, Any], at: datetime) -> datetime | None:
    """When it opens; None where it is open, or does not say when it is."""
    state = _state(body, at)
    return None if state.is_open else state.changes


def _state(body: Mapping[str, Any], at: datetime) -> Opening:
    return opening(body.get("hours", ()), body.get("closed", ()), at)
