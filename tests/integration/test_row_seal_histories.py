"""Whatever a row has been through, it opens with its labels and no others: drawn histories.

A history lays sources' items, a team's edits, decisions on labels, other rules, new wrapping keys
and new data keys over one another, in any order; on PostgreSQL several of them at once.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from consent.labels import SENSITIVITIES
from gateway.clock import to_micros
from gateway.errors import NotFoundError
from gateway.flows.asking.search_log import Operator
from gateway.flows.upkeep import label_queue
from gateway.flows.upkeep.label_queue import Choice
from gateway.store.commit.units import Store
from gateway.store.database.engine import Row
from gateway.store.keyring.keys import KeyUnavailableError
from gateway.store.labels import reference_sets
from gateway.store.sealed.row_seal import BOUND, bound_columns, row_aad
from gateway.store.sealed.sealing import UnsealError, new_key
from gateway.store.sealed.vault import Keys
from gateway.store.upkeep import operations, relabelling
from gateway.store.upkeep.label_check import altered_labels
from gateway.store.writing import team_versions
from gateway.store.writing.team_versions import Hand
from tests.integration.taking import opened, provider, resources, taken, upgraded, verified
from tests.integration.test_ingest_gp_orders import _observed, _problem, _record

OPERATOR_NAME = "a-lead"
RULED = ("38341003", "195967001")
"""Of no sensitivity but by a site's sets, which hold the one or the other."""
PROBLEMS = ("38341003", "86406008", "195967001")
"""Of several sensitivities."""


@dataclass
class _History:
    """One store, and the steps that may be laid over what stands in it."""

    store: Store
    draw: random.Random
    steps: list[str] = field(default_factory=list)
    ruled: str = ""
    """The code that the site's sets hold."""

    async def step(self, name: str = "") -> None:
        """One more, this or any of them."""
        acts: dict[str, Callable[[], Awaitable[None]]] = {
            "push": self._push, "decide": self._decide, "edit": self._edit,
            "rules": self._rules, "wrap": self._wrap, "data key": self._data_key,
        }  # fmt: skip
        name = name or self.draw.choices(list(acts), weights=(5, 3, 3, 2, 1, 2))[0]
        self.steps.append(name)
        await acts[name]()

    async def _push(self) -> None:
        draw = self.draw
        held = [_problem(f"p-{n}", draw.choice(PROBLEMS)) for n in range(4) if draw.random() < 0.7]
        held += [_observed("o-1", "75367002", draw.randint(1, 9))]
        warned = draw.choice(("", "data-in-transit"))
        await taken(self.store, _record(draw.randint(1, 28), *held, warned=warned))

    async def _named(self) -> str | None:
        """One of the problems that stand."""
        async with self.store.engine.reading() as conn:
            rows = await conn.fetch(
                "SELECT resource_id FROM resource WHERE resource_type = 'Condition'"
                " AND deleted = 0 ORDER BY resource_id"
            )
        return self.draw.choice(rows)[0] if rows else None

    async def _decide(self) -> None:
        name, level = await self._named(), self.draw.choice("NRV")
        if name:
            at = self.store.vault.now()
            choice = Choice(name, level=level)
            await label_queue.decide(
                self.store, Operator(OPERATOR_NAME, at), choice, "asked by them"
            )

    async def _edit(self) -> None:
        """A member of a team says another severity of a problem, as REST would lay it."""
        name, word = await self._named(), f"word {self.draw.randint(1, 9)}"
        if not name:
            return

        async def unit(conn: Any) -> None:
            now = await team_versions.standing(conn, name)
            if now is None or now.deleted:
                return
            shown = await _body(conn, self.store, name)
            said = shown | {"note": [{"text": word}]}
            at = to_micros(self.store.vault.now())
            hand = Hand("H85001", "nurse-1", "urn:care-gateway:team", "r", at)
            await team_versions.write_next(conn, self.store.vault, now, shown, said, hand)

        await self.store.write(unit)

    async def _rules(self) -> None:
        """A site's sets change, and a worker labels anew what they may concern."""
        at = self.store.vault.now()
        self.ruled = code = next(one for one in RULED if one != self.ruled)

        async def unit(conn: Any) -> None:
            await conn.execute("DELETE FROM reference_set_member")
            await conn.execute(
                "INSERT INTO reference_set_member (name, system, code)"
                " VALUES ('gp-sexually-transmitted', 'http://snomed.info/sct', $1)",
                (code,),
            )
            await reference_sets.move_epoch(conn, to_micros(at))

        await self.store.write(unit)
        await label_queue.relabel_some(self.store, at)

    async def reads_the_sets(self) -> bool:
        """Whether a problem that comes now is labelled as the site's sets say."""
        before = await _problems(self.store)
        await taken(self.store, _record(29, _problem("p-9", self.ruled)))
        now = await _problems(self.store)
        [mask] = [now[name] for name in now.keys() - before.keys()]
        return bool(mask & SENSITIVITIES["STD"])

    async def _wrap(self) -> None:
        wrapping = self.store.vault.wrapping
        current = await wrapping.rotate()
        await self.store.write(
            lambda conn: operations.rewrap_some(conn, wrapping, wrapping, current)
        )

    async def _data_key(self) -> None:
        """Every record has a newer key: what was sealed before stands under the older one."""
        vault = self.store.vault

        async def unit(conn: Any) -> None:
            rows = await conn.fetch(
                "SELECT owner, MAX(number) FROM data_key WHERE owner IN"
                " (SELECT patient_id FROM source_record) GROUP BY owner ORDER BY owner"
            )
            for owner, number in rows:
                [one] = await vault.wrapping.wrap([(owner, new_key())])
                await conn.execute(
                    "INSERT INTO data_key (owner, number, kek_id, wrapped, created_at)"
                    " VALUES ($1, $2, $3, $4, 0)",
                    (owner, number + 1, one.kek_id, one.wrapped),
                )
            await conn.execute("UPDATE key_state SET epoch = epoch + 1")

        await self.store.write(unit)


async def _problems(store: Store) -> dict[str, int]:
    """Every problem that stands or stood, and its sensitivities."""
    async with store.engine.reading() as conn:
        return {
            row[0]: row[1]
            for row in await conn.fetch(
                "SELECT resource_id, sensitivities FROM resource WHERE resource_type = 'Condition'"
            )
        }


async def _body(conn: Any, store: Store, name: str) -> dict[str, Any]:
    rows = await _rows(conn, "resource", f"WHERE resource_id = '{name}'")
    keys = await store.vault.keys(conn, [rows[0][0]])
    shown = _open(keys, rows[0]).partition(b"\n")[0]
    found: dict[str, Any] = json.loads(shown)
    return found


async def _rows(conn: Any, table: str, more: str = "") -> list[Row]:
    found: list[Row] = await conn.fetch(
        "SELECT patient_id, resource_type, resource_id, version, deleted, sealed,"  # noqa: S608
        f" {bound_columns(table)} FROM {table} {more} ORDER BY resource_id, version, linking"
    )
    return found


def _open(keys: Keys, row: Row, labels: list[Any] | None = None, version: int = 0) -> bytes:
    patient_id, kind, name, number, _, sealed, *own = row
    aad = row_aad(kind, name, version or number, patient_id, own if labels is None else labels)
    return keys.open(patient_id, bytes(sealed), aad)


def _is_shut(keys: Keys, row: Row, labels: list[Any], version: int = 0) -> bool:
    try:
        _open(keys, row, labels, version)
    except (UnsealError, KeyUnavailableError):
        return True
    return False


async def _check(history: _History) -> int:
    """Every row opens, under nothing but its own labels; and nothing is left to be labelled. How
    many rows there are."""
    store, draw = history.store, history.draw
    await label_queue.relabel_all(store, store.vault.now())
    async with store.engine.reading() as conn:
        current, kept = [await _rows(conn, one) for one in ("resource", "resource_version")]
        keys = await store.vault.keys(conn, {row[0] for row in kept})
        assert await altered_labels(conn, store.vault, 10_000) == (len(current), 0)
    every = {(row[2], row[3], row[-1]): row for row in kept}
    newest = {row[2]: row for row in kept}
    for row in kept:
        _open(keys, row)
    for row in current:
        assert tuple(row) == tuple(newest[row[2]]) == tuple(every[row[2], row[3], row[-1]])
    for row in draw.sample(kept, min(len(kept), 12)):
        labels = list(row[6:])
        for place in range(len(BOUND)):
            value = labels[place]
            other = value + 1 if isinstance(value, int) else value + "x"
            assert _is_shut(keys, row, [*labels[:place], other, *labels[place + 1 :]])
        assert _is_shut(keys, row, labels, row[3] + 1)
        for other in kept:
            if other[2] == row[2] and other[3:] != row[3:]:
                assert _is_shut(keys, (*other[:5], row[5], *other[6:]), list(other[6:]))
    places = {(row[0], row[2]) for row in current}
    count = await store.write(lambda conn: relabelling.relabel(conn, store.vault, places))
    assert count == (len(places), 0), "it was not labelled as it is to be"
    return len(kept)


def _run(url: str, tmp_path: Any, seed: int, length: int, together: int) -> None:
    upgraded(url)

    async def scenario() -> None:
        async with opened(url, provider(tmp_path)) as store:
            history = _History(store, random.Random(seed))
            await taken(store, _record(1, *(_problem(f"p-{n}", PROBLEMS[0]) for n in range(3))))
            for turn in range(length):
                done = await asyncio.gather(
                    history.step(_FIXED.get(length - turn, "")),
                    *(history.step() for _ in range(together - 1)),
                    return_exceptions=True,
                )
                wrong = [one for one in done if isinstance(one, BaseException)]
                withdrawn_since = [one for one in wrong if isinstance(one, NotFoundError)]
                assert withdrawn_since == wrong
            assert history.steps.count("rules") >= 2, history.steps
            assert await history.reads_the_sets()
            assert await _check(history) > len(await resources(store)), history.steps
            assert await verified(store)

    asyncio.run(scenario())


_FIXED = {3: "rules", 1: "rules"}
"""So many turns before the end the sets change, whatever is drawn."""
SEEDS = (1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 21)))


@pytest.mark.parametrize("seed", SEEDS)
def test_after_any_history_every_row_opens_with_its_own_labels_alone(
    database_url, tmp_path, seed, whole
):
    _run(database_url, tmp_path, seed, 60 if whole else 14, 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_so_it_does_where_several_write_at_once(postgres_url, tmp_path, seed, whole):
    _run(postgres_url, tmp_path, seed, 15 if whole else 5, 4)
