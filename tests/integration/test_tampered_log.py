"""Every column of what the log is made of is changed, one by one: `audit verify` notices, or the
format's page says why it need not; and what one who holds the database would try."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlmodel import SQLModel

from gateway.audit.entry import Agent, AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome
from gateway.flows.audit import publish_log, verify_beside
from gateway.flows.audit.verify_log import verify_log
from gateway.store.audit import shown, witnesses
from gateway.store.audit.witnesses import Witnessed
from gateway.store.commit.log import append
from gateway.store.site import serving
from gateway.store.site.serving import Standing
from tests.integration.taking import run, upgraded

PAGE: Final = Path(__file__).parents[2] / "docs" / "audit-format.md"
ORIGIN: Final = "log.example/log"
MADE_OF: Final = (
    "audit_entry", "audit_head", "log_subtree", "log_checkpoint", "log_witness", "log_reader",
    "shown", "serving",
)  # fmt: skip
"""The log, what is published of it, and what is made of it and read instead of it."""


class Change(NamedTuple):
    """One value of a row in place of another; or no row."""

    table: str
    row: dict[str, Any]
    column: str = ""
    value: Any = None

    def __str__(self) -> str:
        return f"{self.table}.{self.column}".removesuffix(".")


def _declared() -> dict[str, str]:
    """`table.column` -> why nobody need notice, of the format's page."""
    _, _, section = PAGE.read_text(encoding="utf-8").partition("## What need not be noticed\n")
    rows = re.findall(r"^\| `([a-z_.]+)` \| (.+) \|$", section.partition("\n## ")[0], re.MULTILINE)
    assert rows
    return dict(rows)


def _columns(table: str) -> list[str]:
    return [column.name for column in SQLModel.metadata.tables[table].columns]


def _entry(number: int, at) -> AuditEntry:
    person = f"person-{number % 7}"
    return AuditEntry(
        at, Event.READ, Outcome.SERVED,
        Agent(f"user-{number % 5}", "staff", "gp", f"ORG{number % 3}", purpose="TREAT"),
        person_id=person, patient_ids=(person,), detail=(("owners", "ORG1|ORG2"),),
        reasons=("break-glass",) if number % 50 == 0 else (),
        sensitive=Sensitive(raw_query=f"q={number}") if number % 10 == 0 else Sensitive(),
    )  # fmt: skip


async def fill(store, count: int) -> None:
    at = store.vault.now()
    made = [_entry(number, at) for number in range(count)]
    await store.write(lambda conn: append(conn, store.vault, made))


async def published_log(store) -> None:
    """A log that was signed at two sizes, given to a witness, read to its end and served from."""
    at = store.vault.now()
    for number, count in enumerate((270, 40)):
        await fill(store, count)
        made = await publish_log.checkpoint(store, ORIGIN, at + timedelta(hours=number))
    await fill(store, 5)
    await shown.catch_up(store)
    async with store.engine.writing() as conn:
        await witnesses.note(conn, Witnessed("board", made.size, 1))
        await serving.keep(conn, Standing("process", 1, 300, (298,)))


async def unguarded(store) -> None:
    """What refuses changes is taken away, as its owner may."""
    async with store.engine.writing() as conn:
        if conn.lock_rows:
            for table in MADE_OF:
                await conn.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            return
        for (name,) in await conn.fetch("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            await conn.execute(f"DROP TRIGGER {name}")


async def verdict(store, checkpoints=None):
    return await verify_log(store.engine, store.vault.provider.log_public_keys, checkpoints)


async def _rows(store, table: str) -> list[dict[str, Any]]:
    names = _columns(table)
    keys = [column.name for column in SQLModel.metadata.tables[table].primary_key]
    async with store.engine.reading() as conn:
        rows = await conn.fetch(
            f"SELECT {', '.join(names)} FROM {table} ORDER BY {', '.join(keys)}"  # noqa: S608
        )
    return [dict(zip(names, row, strict=True)) for row in rows]


async def remove(conn, table: str, row: dict[str, Any]) -> None:
    keys = [column.name for column in SQLModel.metadata.tables[table].primary_key]
    where = " AND ".join(f"{key} = ${place}" for place, key in enumerate(keys, 1))
    await conn.execute(f"DELETE FROM {table} WHERE {where}", [row[key] for key in keys])  # noqa: S608


async def insert(conn, table: str, row: dict[str, Any]) -> None:
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    await conn.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})",  # noqa: S608
        list(row.values()),
    )


@asynccontextmanager
async def changed(store, change: Change) -> AsyncIterator[bool]:
    """What was changed, for the block; whether the database takes it."""
    other = change.row | {change.column: change.value} if change.column else {}
    try:
        async with store.engine.writing() as conn:
            await remove(conn, change.table, change.row)
            if other:
                await insert(conn, change.table, other)
    except Exception:  # noqa: BLE001 - of either engine: a key or a check that stands in the way
        yield False
        return
    yield True
    async with store.engine.writing() as conn:
        if other:
            await remove(conn, change.table, other)
        await insert(conn, change.table, change.row)


def _others(value: Any) -> Iterator[Any]:
    """Values in place of one: a near one, an empty one."""
    if isinstance(value, int):
        yield from (value + 1, value - 1, value + 100_000, 0)
    elif isinstance(value, bytes | memoryview):
        content = bytes(value)
        yield from (content[:-1] + bytes([content[-1] ^ 1]), b"", content[:-1])
    else:
        yield from (value + "x", "", value[:-1])


async def _changes(store) -> list[Change]:
    """For each column: of the middle row, values like its own and that of another row. And the
    first row and the middle one, gone."""
    found = []
    for table in MADE_OF:
        rows = await _rows(store, table)
        one, other = rows[len(rows) // 2], rows[0]
        for column in _columns(table):
            values = {*_others(one[column]), other[column]} - {one[column]}
            found += [Change(table, one, column, value) for value in values]
        found += [Change(table, gone) for gone in (one, other)]
    return found


async def _unnoticed(store) -> tuple[set[str], set[str]]:
    """Of which columns and rows a change was not noticed, and of which one was."""
    quiet: set[str] = set()
    told: set[str] = set()
    for change in await _changes(store):
        async with changed(store, change) as taken:
            if not taken:
                continue
            found = await verdict(store)
        (quiet if found.ok else told).add(str(change))
        assert found.ok or (found.reason and found.first_bad is not None), change
    assert (await verdict(store)).ok, "every row is as it was"
    return quiet, told


def test_a30_a_change_of_any_column_is_noticed_or_declared_with_its_reason(database_url, tmp_path):
    async def scenario(store):
        await published_log(store)
        await unguarded(store)
        assert (await verdict(store)).ok
        return await _unnoticed(store)

    quiet, told = run(upgraded(database_url), tmp_path, scenario)
    declared = _declared()
    every = {f"{table}.{column}" for table in MADE_OF for column in _columns(table)} | set(MADE_OF)
    assert quiet <= declared.keys(), quiet - declared.keys()
    assert declared.keys() <= quiet, "what is noticed needs no reason"
    assert every - told <= declared.keys() | {"audit_head.id"}


def test_who_is_shredded_while_the_log_is_verified_is_no_false_alarm(
    database_url, tmp_path, monkeypatch
):
    async def scenario(store):
        await fill(store, 30)
        await shown.catch_up(store)
        begin = verify_beside.begin_list

        async def then_shred(engine, size):
            begun = await begin(engine, size)
            monkeypatch.setattr(verify_beside, "begin_list", begin)
            async with engine.writing() as conn:
                await conn.execute("DELETE FROM shown WHERE patient_id = 'person-3'")
                await insert(
                    conn, "shredded", {"patient_id": "person-3", "keys_until": 1, "refused": 0}
                )
            return begun

        monkeypatch.setattr(verify_beside, "begin_list", then_shred)
        first = await verdict(store)
        async with store.engine.writing() as conn:
            await conn.execute("DELETE FROM shown WHERE patient_id = 'person-4'")
        return first, await verdict(store)

    during, after = run(upgraded(database_url), tmp_path, scenario)
    assert during.ok, during.reason
    assert (after.ok, after.first_bad) == (False, 4)
