"""What changes access moves the epoch of whoever the record is linked to by then (PostgreSQL)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg
import pytest

RECORD: Final = (
    "INSERT INTO source_record (patient_id, source_org, feed, person_id, link_state, nhs_hash,"
    " nhs_claim, birth_hash, birth_claim, practice, practice_claim, created_at)"
    " VALUES ($1, 'ORG1', 'gp', $1, 'alone', '', '', '', '', '', '', 1)"
)
CASELOAD: Final = (
    "INSERT INTO caseload (patient_id, entry_id, org, user_id, kind, starts, ends, evidence, why)"
    " VALUES ('b', $1, 'ORG9', '', 'caseload', 0, 9, 'list', '')"
)
LINK: Final = "UPDATE source_record SET person_id = 'a' WHERE patient_id = 'b'"
CHANGES: Final = {
    "a caseload entry": CASELOAD.replace("$1", "'e-2'"),
    "its end": "UPDATE caseload SET ends = 5",
    "its removal": "DELETE FROM caseload",
    "a permission": (
        "INSERT INTO permission (patient_id, permission_id, org, user_id, starts, ends,"
        " asked_how, recorded_by, recorded_at)"
        " VALUES ('b', 'p-1', 'ORG9', '', 0, 9, 'in-person', 'u', 1)"
    ),
}


@asynccontextmanager
async def _session(url: str) -> AsyncIterator[Any]:
    conn = await asyncpg.connect(url)
    try:
        yield conn
    finally:
        await conn.close()


async def _waits(conn: Any, process: int) -> None:
    """Until that session waits for a lock."""
    asked = "SELECT wait_event_type FROM pg_stat_activity WHERE pid = $1"
    while await conn.fetchval(asked, process) != "Lock":
        await asyncio.sleep(0.005)


async def _epochs(url: str, first: str, second: str) -> tuple[int, int]:
    """Person a's epoch when the one change holds, and when both do; the second met the first."""
    async with _session(url) as one, _session(url) as two, _session(url) as reader:
        for patient_id in ("a", "b"):
            await reader.execute(RECORD, patient_id)
        await reader.execute(CASELOAD, "e-1")
        held, late = one.transaction(), two.transaction()
        await held.start()
        await one.execute(first)
        await late.start()
        waiting = asyncio.create_task(two.execute(second))
        await asyncio.wait_for(_waits(reader, two.get_server_pid()), 120)
        await held.commit()
        await waiting
        epoch = "SELECT epoch FROM person WHERE person_id = 'a'"
        between = await reader.fetchval(epoch)
        await late.commit()
        return between, await reader.fetchval(epoch)


@pytest.mark.parametrize("what", CHANGES)
def test_a_record_linked_anew_meanwhile_takes_the_change_along(postgres_url, what):
    between, after = asyncio.run(_epochs(postgres_url, LINK, CHANGES[what]))
    assert after > between  # else what was read in between would be kept for good


@pytest.mark.parametrize("what", CHANGES)
def test_a_link_that_waited_for_the_change_moves_the_epoch_after_it(postgres_url, what):
    between, after = asyncio.run(_epochs(postgres_url, CHANGES[what], LINK))
    assert after > between


@pytest.mark.parametrize("table", ["source_record", "caseload", "permission", "resource", "person"])
def test_no_table_of_facts_is_emptied_at_one_stroke(postgres_url, table):

    async def empty() -> None:
        async with _session(postgres_url) as conn:
            await conn.execute(f"TRUNCATE {table}")

    with pytest.raises(asyncpg.RaiseError, match="no epoch would move"):
        asyncio.run(empty())
