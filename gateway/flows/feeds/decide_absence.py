"""An operator looks at files whose absences are held, and decides.

    which wait -> confirm or refuse one -> judge its scope anew, state anew, answer, record

Rule    A decision needs a reason, which stands sealed in the log. Confirmed, the file replaces what
        came before it as any other does; refused, what it says stays and what it leaves out is
        never taken away. Counts, periods and ids are shown, nothing of any person.
Errors  FaultyRequestError without a reason; NotFoundError where no such file waits.
"""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Final

import orjson

from gateway.audit.entry import AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome
from gateway.errors import Fault, FaultyRequestError, NotFoundError
from gateway.flows.asking.search_log import Operator
from gateway.flows.intake.absence import Taken, rules_of, settle_again
from gateway.flows.intake.batches import context_of, entries_of
from gateway.store.absences import absence
from gateway.store.absences.absence import File
from gateway.store.absences.absence_judging import (
    CONFIRMED,
    HELD,
    IN_PART,
    REFUSED,
    SEVERAL,
    Filed,
    Guard,
    Judged,
    judged,
)
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection, Engine
from gateway.store.intake import deliveries
from gateway.store.intake.deliveries import DeliveryRow
from mappings.core.model.outcome import Issue
from mappings.core.model.rows import Feed

_SAID: Final = frozenset(
    {"absence-held", "absence-in-part", "absence-several", "absent-withdrawn", "absent-ended"}
)


async def waiting(engine: Engine, feeds: Mapping[str, Feed]) -> list[dict[str, Any]]:
    """Files whose absences are not applied, the latest first, with their rows by table."""
    async with engine.reading() as conn:
        held = await absence.waiting(conn, feeds)
        scopes = {
            scope: await _scope(conn, scope, feed)
            for scope, feed in sorted({(one.scope, one.feed) for one in held})
        }
        return [_shown(one, *scopes[one.scope]) for one in held]


async def _scope(
    conn: Connection, scope: str, feed: str
) -> tuple[dict[str, Filed], dict[str, Judged]]:
    """The files of a scope by id, and what is made of each."""
    files = [filed for filed, _, _ in await absence.scope_of(conn, scope)]
    made = judged(files, await absence.guard_of(conn, feed))
    return {filed.snapshot_id: filed for filed in files}, made


def _shown(one: File, files: Mapping[str, Filed], made: Mapping[str, Judged]) -> dict[str, Any]:
    mine, known = files.get(one.snapshot_id), made.get(one.snapshot_id)
    before = known.before if known else {}
    return {
        "file": one.snapshot_id,
        "feed": one.feed,
        "organisation": one.source_org,
        "delivery": one.delivery_id,
        "set": one.title,
        "period": [one.starts, one.ends],
        "state": one.state,
        "refused_rows": one.refused,
        "rows": {
            name: {"before": before.get(name, 0), "now": number}
            for name, number in sorted(mine.tables.items() if mine else ())
        },
    }


async def decide(
    store: Store,
    feeds: Mapping[str, Feed],
    snapshot_id: str,
    operator: Operator,
    reason: str,
    *,
    confirmed: bool,
) -> dict[str, Any]:
    """Confirm or refuse what a file leaves out; how many resources it changed."""
    if not reason.strip():
        raise FaultyRequestError([Fault("required", "reason", "a decision needs a reason")])
    decided = CONFIRMED if confirmed else REFUSED

    async def unit(conn: Connection) -> dict[str, Any]:
        seen = await _waiting(conn, feeds, snapshot_id)
        await absence.one_at_a_time(conn, [seen.scope])
        one = await _waiting(conn, feeds, snapshot_id)
        row = await deliveries.find(conn, one.delivery_id)
        if row is None:
            raise NotFoundError
        await absence.decide(conn, snapshot_id, decided)
        rules = rules_of(feeds[one.feed], one.title)
        taken = await settle_again(conn, store.vault, context_of(row), rules, one)
        await _answer_anew(conn, row, taken.issues)
        await append(conn, store.vault, _entries(one, row, taken, operator, decided, reason))
        return {"file": snapshot_id, "decided": decided, "changed": _changed(taken)}

    return await store.write(unit)


async def _waiting(conn: Connection, feeds: Collection[str], snapshot_id: str) -> File:
    """The file, where it waits as this transaction sees it. Errors: NotFoundError."""
    one = await absence.find(conn, snapshot_id)
    if one is None or one.feed not in feeds or one.state not in (HELD, IN_PART, SEVERAL):
        raise NotFoundError
    return one


async def set_guard(store: Store, feed: str, guard: Guard, operator: Operator) -> None:
    """Give a feed's guard other figures; they hold from the next file on."""

    async def unit(conn: Connection) -> None:
        await absence.set_guard(conn, feed, guard)
        detail = (("share", str(guard.share)), ("least", str(guard.least)))
        made = partial(AuditEntry, operator.at, Event.SETTING_CHANGE, Outcome.STORED)
        await append(conn, store.vault, [made(operator.agent, query=feed, detail=detail)])

    await store.write(unit)


def _changed(taken: Taken) -> int:
    return sum(len(one.references) for one in taken.absent)


def _entries(
    one: File, row: DeliveryRow, taken: Taken, operator: Operator, decided: str, reason: str
) -> list[AuditEntry]:
    made = partial(AuditEntry, operator.at, Event.REVIEW)
    entry = made(
        Outcome.STORED,
        operator.agent,
        query=one.feed,
        delivery_id=one.delivery_id,
        reasons=(f"absence-{decided}",),
        detail=(("owners", one.source_org), ("changed", str(_changed(taken)))),
        sensitive=Sensitive(free_text=reason.strip()),
    )

    def person(outcome: Outcome, **more: Any) -> AuditEntry:
        return made(outcome, operator.agent, query=one.feed, **more)

    return [entry, *(entries_of(row, taken.absent, person) if taken.absent else ())]


async def _answer_anew(conn: Connection, row: DeliveryRow, issues: list[Issue]) -> None:
    """The provider that asks again is told how it stands now."""
    if not row.answer:
        return
    answer = orjson.loads(row.answer)
    kept = [one for one in answer["issues"] if one["code"] not in _SAID]
    told = [
        {"severity": str(one.severity), "item": 0, "path": "", "code": one.code, "text": one.text}
        for one in issues
    ]
    stored = orjson.dumps(answer | {"issues": kept + told})
    await deliveries.finish(conn, row.delivery_id, row.state, row.taken, row.quarantined, stored)
