"""A number that its source merges with very many is a placeholder's: in any order none of these
merges is followed, and what was said of it is not read again for each of them."""

import asyncio
from typing import Any

import pytest

from gateway.store.identity import statements
from tests.integration.taking import all_taken, opened, provider, upgraded
from tests.integration.test_ingest_identity import NORMA, seen_by
from tests.integration.test_ingest_merges import at, care, final_states, identity_event, in_orders

_FEW = 2


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(statements, "MOST_MERGED", _FEW)


def merged(stays: str, gone: str, day: int = 2) -> Any:
    return identity_event("A40", stays, gone, at(day))


CROWD = [care("1"), merged("0", "1"), merged("0", "2", 3), merged("4", "0", 4)]
SCENARIOS = {
    "as many as a person may have": (
        [*CROWD[:3], care("2", "")],
        [(3, ("linked",) * 3)],
    ),
    "one more, and a record that only its merge names": (
        [*CROWD, care("0", "", 5), seen_by("RJ7", NORMA)],
        [
            (1, ("merge-conflict",)), (1, ("merge-conflict",)), (2, ("linked", "merge-conflict")),
        ],
    ),
    "the number alone": (
        [*CROWD[1:], merged("0", "5"), care("2", "")],
        [(1, ("merge-conflict",))] * 3,
    ),
    "a merge beside it holds": (
        [*CROWD, merged("1", "7", 5), care("7", "")],
        [(1, ("merge-conflict",)), (1, ("merge-conflict",)), (2, ("linked", "merge-conflict"))],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENARIOS)
def test_in_any_order_a_merge_with_a_placeholder_is_not_followed(
    name, database_url, tmp_path, whole
):
    sent, people = SCENARIOS[name]
    (first, shape), *rest = final_states(
        database_url, tmp_path, in_orders(sent, 720 if whole else 6)
    )
    assert shape == people
    assert all(one == first for one, _ in rest)


def test_what_a_placeholder_was_merged_with_is_read_once(database_url, tmp_path):
    upgraded(database_url)

    async def scenario() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            await all_taken(store, CROWD)
            async with store.engine.reading() as conn:
                rows = await conn.fetch("SELECT patient_id, other_id FROM identity_statement")
                (hub,) = set.intersection(*map(set, rows))
                others = {one for row in rows for one in row} - {hub}
                assert await statements.linking(conn, {hub}, {}) == ([], {hub})
                stated, crowded = await statements.linking(conn, {hub}, {hub: others})
                assert (len(stated), crowded) == (3, {hub})
                stated, crowded = await statements.linking(conn, others, {})
                assert (len(stated), crowded) == (3, set())

    asyncio.run(scenario())
