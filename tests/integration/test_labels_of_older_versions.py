"""A resource that is written again once a site's sets have changed keeps no older version back from
being labelled by them."""

import pytest

from consent.labels import SENSITIVITIES
from gateway.clock import to_micros
from gateway.flows.upkeep import label_queue
from gateway.store.labels import reference_sets
from tests.integration.taking import run, taken, upgraded
from tests.integration.test_ingest_gp_orders import SNOMED, _problem, _record

BEFORE, AFTER = "38341003", "195967001"
"""What a problem was coded as, and is now: neither is sensitive but by a site's sets."""


async def _hold(store, code):
    """The site's set holds this code from now on."""

    async def unit(conn):
        await conn.execute(
            "INSERT INTO reference_set_member (name, system, code)"
            " VALUES ('gp-sexually-transmitted', $1, $2)",
            (SNOMED, code),
        )
        await reference_sets.move_epoch(conn, to_micros(store.vault.now()))

    await store.write(unit)


async def _sensitivities(store):
    """Of each version of the problem in its newest linking."""
    async with store.engine.reading() as conn:
        rows = await conn.fetch(
            "SELECT version, sensitivities FROM resource_version WHERE resource_type = 'Condition'"
            " ORDER BY version, linking"
        )
    return dict(map(tuple, rows))


@pytest.mark.parametrize("written", [True, False], ids=["written again", "left alone"])
def test_an_older_version_is_labelled_by_the_sets_that_hold_now(database_url, tmp_path, written):
    upgraded(database_url)

    async def work(store):
        await taken(store, _record(1, _problem("p-1", BEFORE)))
        await taken(store, _record(2, _problem("p-1", AFTER)))
        await _hold(store, BEFORE)
        if written:
            await taken(store, _record(3, _problem("p-1", AFTER) | {"note": [{"text": "again"}]}))
        await label_queue.relabel_all(store, store.vault.now())
        return await _sensitivities(store)

    held = run(database_url, tmp_path, work)
    assert list(held) == [1, 2, 3][: 2 + written]
    assert held.pop(1) == SENSITIVITIES["STD"], "the code that it had then"
    assert not any(held.values())


def test_a_worker_looks_at_it_once(database_url, tmp_path):
    upgraded(database_url)

    async def work(store):
        await taken(store, _record(1, _problem("p-1", BEFORE)))
        await _hold(store, BEFORE)
        await taken(store, _record(2, _problem("p-1", AFTER)))
        first = await label_queue.relabel_all(store, store.vault.now())
        return first, await label_queue.relabel_all(store, store.vault.now())

    first, again = run(database_url, tmp_path, work)
    assert first["looked_at"] > 0
    assert again == {"looked_at": 0, "changed": 0}
