"""An operator puts a feed of an organisation in a state; how feeds stand, and how fresh they are.

    the change -> the site's epoch, by the database -> record

Rule    A change holds from the next request, in every way out: it is part of the one Filter. The
        reason is needed, and stands sealed in the log. What is told here is per feed, never per
        person.
Errors  FaultyRequestError without a reason, for a feed nobody knows, and for an organisation that
        is none.
"""

import re
from collections.abc import Collection
from typing import Any, Final

from consent.feeds import FeedState
from gateway.audit.entry import AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome
from gateway.clock import instant, to_micros
from gateway.errors import Fault, FaultyRequestError
from gateway.flows.asking.search_log import Operator
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection, Engine
from gateway.store.site import feed_standing
from gateway.store.site.feed_standing import ANY, Freshness, Standing

_ORG: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}", re.ASCII)
_MOST_TOLD: Final = 10
"""Feeds that are named one by one where many are behind."""
_BEGINNINGS: Final = frozenset({FeedState.SANDBOX, FeedState.SAFETY_ACCESS, FeedState.OPEN})


async def set_state(
    store: Store,
    operator: Operator,
    named: tuple[str, str],
    state: FeedState,
    reason: str,
    feeds: Collection[str],
) -> dict[str, Any]:
    """The state before and after; of `*`, how every feed begins that has none of its own."""
    org, feed = named
    _check(org, feed, state, reason, feeds)

    async def unit(conn: Connection) -> dict[str, Any]:
        before = await feed_standing.find(conn, org, feed)
        was = str(before.state) if before else ""
        await feed_standing.change(conn, org, feed, state, to_micros(operator.at), operator.name)
        detail = (("organisation", org), ("before", was), ("after", str(state)), ("owners", org))
        entry = AuditEntry(
            operator.at, Event.SETTING_CHANGE, Outcome.STORED, operator.agent,
            query=feed, detail=detail, sensitive=Sensitive(free_text=reason.strip()),
        )  # fmt: skip
        await append(conn, store.vault, [entry])
        return {"organisation": org, "feed": feed, "before": was, "state": str(state)}

    return await store.write(unit)


def _check(org: str, feed: str, state: FeedState, reason: str, feeds: Collection[str]) -> None:
    """Errors: FaultyRequestError."""
    if not reason.strip():
        raise FaultyRequestError([Fault("required", "reason", "a change needs a reason")])
    if org != ANY and not _ORG.fullmatch(org):
        raise FaultyRequestError([Fault("invalid", "org", "an ODS code, or * for how all begin")])
    if feed not in feeds and (org, feed) != (ANY, ANY):
        text = f"the feeds are {', '.join(sorted(feeds))}"
        raise FaultyRequestError([Fault("not-found", "feed", text)])
    if org == ANY and state not in _BEGINNINGS:
        text = f"a feed begins as {', '.join(sorted(_BEGINNINGS))}"
        raise FaultyRequestError([Fault("invalid", "state", text)])


async def behind(engine: Engine) -> str:
    """Which feeds are known to be behind, and since when, in words for every reader; empty for
    none."""
    async with engine.reading() as conn:
        found = await feed_standing.behind(conn)
    told = [f"{o.feed} of {o.org} is {o.state} since {_second(o.changed_at)}" for o in found]
    more = [f"and {len(told) - _MOST_TOLD} more: see /status"] if len(told) > _MOST_TOLD else []
    return "; ".join((*told[:_MOST_TOLD], *more))


async def standing(engine: Engine) -> list[dict[str, Any]]:
    """Each feed of each organisation: its state, when it joined, when it was last heard of."""
    return [row for _, row in await _standing(engine)]


async def changed_standing(engine: Engine) -> list[dict[str, Any]]:
    """The same for operators: also when and by whom each was put in its state."""
    return [
        row | {"changed": _moment(one.changed_at), "by": one.changed_by}
        for one, row in await _standing(engine)
    ]


async def _standing(engine: Engine) -> list[tuple[Standing, dict[str, Any]]]:
    async with engine.reading() as conn:
        return [
            (one, _row(one, await feed_standing.freshness(conn, one.org, one.feed)))
            for one in await feed_standing.standings(conn)
        ]


def _row(one: Standing, fresh: Freshness) -> dict[str, Any]:
    return {
        "organisation": one.org,
        "feed": one.feed,
        "state": str(one.state),
        "joined": _moment(one.joined_at),
        "last_source": fresh.last_source or None,
        "last_received": _moment(fresh.last_received),
    }


def _second(at: int) -> str:
    return instant(at - at % 1_000_000)


def _moment(at: int) -> str | None:
    return instant(at) if at else None
