"""An operator loads the site's own places, organisations and services, and looks at them.

    files -> the site, checked whole -> what differs -> replace, epoch by the database -> record

Rule    All or nothing: the site is what the files say, and no more. What a locality switches off
        holds from the next request, in every way out. A dry run tells what would differ.
Errors  FaultyRequestError with every fault, by file and key.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from gateway.audit.entry import AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome
from gateway.flows.asking.search_log import Operator
from gateway.flows.site import site_hours
from gateway.flows.site.site_entries import KINDS, Locality, Practice, stated
from gateway.flows.site.site_files import SiteRead, read_site
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection, Engine
from gateway.store.site import site_data
from gateway.store.site.site_data import FEATURE, FEED, Entry, Switch

Named = Mapping[tuple[str, str], Mapping[str, Any]]


async def load_site(
    store: Store,
    operator: Operator,
    files: Sequence[tuple[str, bytes]],
    feeds: Collection[str],
    *,
    dry_run: bool = False,
) -> dict[str, Any]:
    """What was added, changed and is gone; nothing is written in a dry run."""
    read = read_site(files, feeds)
    wanted, switches = _entries(read), _switches(read)
    if dry_run:
        async with store.engine.reading() as conn:
            return _told(read, await site_data.entries(conn), wanted, loaded=False)

    async def unit(conn: Connection) -> dict[str, Any]:
        await site_data.lock(conn)
        told = _told(read, await site_data.entries(conn), wanted, loaded=True)
        await site_data.replace(conn, wanted, switches)
        await append(conn, store.vault, [_audit_entry(operator, read, told)])
        return told

    return await store.write(unit)


async def shown_site(engine: Engine, at: datetime) -> dict[str, Any]:
    """The site as it is loaded, with how each service stands at this moment."""
    async with engine.reading() as conn:
        held = await site_data.entries(conn)
    found: dict[str, Any] = {kind: [] for kind in KINDS}
    for one in held:
        body = orjson.loads(one.body)
        found[one.kind].append(body | (_standing(body, at) if one.kind == "service" else {}))
    return found


def _entries(read: SiteRead) -> list[Entry]:
    return [
        Entry(
            kind, name, entry.locality if isinstance(entry, Practice) else "",
            orjson.dumps(stated(entry), option=orjson.OPT_SORT_KEYS).decode(),
        )
        for (kind, name), entry in read.entries.items()
    ]  # fmt: skip


def _switches(read: SiteRead) -> list[Switch]:
    return [
        Switch(entry.id, kind, str(name))
        for entry in read.entries.values()
        if isinstance(entry, Locality)
        for kind, names in ((FEED, entry.feeds_off), (FEATURE, entry.features_off))
        for name in dict.fromkeys(names)
    ]


def _told(
    read: SiteRead, before: Collection[Entry], wanted: Collection[Entry], *, loaded: bool
) -> dict[str, Any]:
    old, new = _by_name(before), _by_name(wanted)
    rows = [
        _change(name, old.get(name), new.get(name))
        for name in sorted({*old, *new}, key=lambda one: (_ORDER[one[0]], one[1]))
        if old.get(name) != new.get(name)
    ]
    counts = {
        word: sum(row["change"] == word for row in rows) for word in ("added", "changed", "gone")
    }
    return {"loaded": loaded, "files": read.hash, "entries": len(new), **counts, "changes": rows}


_ORDER: Final = {kind: number for number, kind in enumerate(KINDS)}


def _by_name(entries: Collection[Entry]) -> Named:
    return {(one.kind, one.entry_id): orjson.loads(one.body) for one in entries}


def _change(
    named: tuple[str, str], old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What differs of one entry, by its keys."""
    word = "added" if old is None else "gone" if new is None else "changed"
    keys = sorted(
        key for key in {*(old or ()), *(new or ())} if (old or {}).get(key) != (new or {}).get(key)
    )
    return {
        "change": word,
        "kind": named[0],
        "id": named[1],
        "name": str((new or old or {})["name"]),
        "keys": keys if word == "changed" else [],
    }


def _standing(body: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Whether a service is open; one that states no hours says nothing of it."""
    hours = body.get("hours", [])
    if not hours:
        return {"open": None, "until": None, "opens": None}
    found = site_hours.opening(hours, body.get("closed", []), at)
    local = found.changes.astimezone(site_hours.LONDON).isoformat() if found.changes else None
    return {
        "open": found.is_open,
        "until": local if found.is_open else None,
        "opens": None if found.is_open else local,
    }


def _audit_entry(operator: Operator, read: SiteRead, told: Mapping[str, Any]) -> AuditEntry:
    counts = tuple((name, str(told[name])) for name in ("entries", "added", "changed", "gone"))
    reviewed = Sensitive(free_text="; ".join(read.reviewed))
    return AuditEntry(
        operator.at, Event.SETTING_CHANGE, Outcome.STORED, operator.agent,
        query="site", detail=(("files", read.hash), *counts), sensitive=reviewed,
    )  # fmt: skip
