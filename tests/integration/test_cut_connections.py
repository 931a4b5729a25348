"""The server ends connections while deliveries are being applied together: whoever was answered is
in the record, whoever was not can come again, and nothing is there twice."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import asyncpg

from gateway.store.database.engine import BusyError
from gateway.store.database.outage import OUT_OF_REACH
from tests.integration.taking import (
    Delivery,
    all_taken,
    opened,
    provider,
    state_of,
    taken,
    upgraded,
    verified,
    wiped,
)
from tests.integration.test_ingest_identity import NORMA, seen_by
from tests.integration.test_ingest_merges import at, identity_event

PEOPLE: Final = 12
TIMES: Final = 12
"""How often every connection is ended."""
MOST_TRIES: Final = 100
_TRY_AGAIN: Final[tuple[type[Exception], ...]] = (*OUT_OF_REACH, BusyError)
"""What a sender is told as 503."""
SENT: Final = [
    *(
        seen_by("RAX", "", "19430304", f"202610{day:02d}090000", str(person))
        for day in (1, 2)
        for person in range(PEOPLE)
    ),
    seen_by("RAX", NORMA, "19430304", "20261003090000", "n-1"),
    seen_by("RAX", NORMA, "19430304", "20261004090000", "n-2"),
    identity_event("A40", "1", "2", at(2)),
]


async def _until_answered(store: Any, sent: Delivery) -> tuple[dict[str, Any], int]:
    """The answer, and how often it had to come."""
    for tries in range(1, MOST_TRIES):
        try:
            return await taken(store, sent), tries
        except _TRY_AGAIN:
            await asyncio.sleep(0.01)
    raise AssertionError(sent)


async def _ended(url: str) -> int:
    """End every other connection to the database; how many there were."""
    own = await asyncpg.connect(url)
    try:
        rows = await own.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await own.close()
    return len(rows)


def test_what_was_answered_stands_and_what_was_not_can_come_again(postgres_url, tmp_path):
    upgraded(postgres_url)

    async def scenario() -> tuple[Any, ...]:
        async with opened(postgres_url, provider(tmp_path)) as store:
            await all_taken(store, SENT)
            alone = await state_of(store)
            await wiped(store)
            answers, ended = await _while_ending(
                postgres_url,
                lambda: asyncio.gather(*(_until_answered(store, one) for one in SENT)),
            )
            again = [await taken(store, one) for one in SENT]
            return alone, answers, ended, await state_of(store), again, await verified(store)

    alone, answers, ended, after, again, is_true = asyncio.run(scenario())
    assert ended
    assert max(tries for _, tries in answers) > 1, "somebody was cut off"
    assert {answer["status"] for answer, _ in answers} == {"taken"}
    assert after == alone
    assert all(answer["duplicate"] for answer in again)
    assert is_true


async def _while_ending(url: str, work: Callable[[], Awaitable[Any]]) -> tuple[Any, int]:
    """What the work gives, while connections are ended; how many were."""
    doing = asyncio.ensure_future(work())
    ended = 0
    for _ in range(TIMES):
        await asyncio.sleep(0.02)
        ended += await _ended(url)
    return await doing, ended
