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

from gateway.flows.site.site_hours import opening
from gateway.store.site_data import Entry

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
    """The service that looks at it first."""
    mine = {body["id"] for _, body in places if str(body.get("ods", "")).upper() == org}
    found = []
    for kind, body in places:
        if kind != "service" or body.get("organisation") not in mine:
            continue
        hours = body.get("hours", ())
        state = opening(hours, body.get("closed", ()), at)
        is_open = state.is_open and bool(hours)
        opens = None if is_open else state.changes
        found.append((not is_open, opens or _LATEST, body["id"], Desk(body["name"], opens)))
    return min(found, key=lambda one: one[:3])[3] if found else None
