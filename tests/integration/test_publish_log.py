"""What is published of a log from its first moment on."""

from datetime import timedelta

from gateway.flows.audit.publish_log import checkpoint
from tests.integration.taking import all_taken, run
from tests.integration.test_replay import plan, social

ORIGIN = "log.example/gateway"


def test_a_log_that_was_signed_while_it_was_empty_is_signed_again_when_it_has_grown(
    database_url, tmp_path
):
    async def scenario(store) -> list[int]:
        at = store.vault.now()
        empty = await checkpoint(store, ORIGIN, at)
        await all_taken(store, [social(plan(1))])
        early = await checkpoint(store, ORIGIN, at)
        grown = await checkpoint(store, ORIGIN, at + timedelta(minutes=1))
        return [empty.size, early.size, grown.size]

    empty, early, grown = run(database_url, tmp_path, scenario)
    assert (empty, early) == (0, 0)
    assert grown > 0
