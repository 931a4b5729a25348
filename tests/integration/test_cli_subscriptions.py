"""`care-gateway subscriptions list`, and the worker's turn of telling, over a real database."""

import asyncio

import pytest

from gateway.clock import now, to_micros
from gateway.store.commit.units import Store
from gateway.store.keyring.keys import FileKeyProvider
from gateway.store.leaving import subscriptions
from gateway.store.leaving.subscriptions import Content, Standing
from tests.api.outside import outside
from tests.api.subscribing import subscription
from tests.unit.cli.running import Commands

__all__ = ["outside"]


@pytest.fixture
def commands(tmp_path, monkeypatch, database_url):
    made = Commands(tmp_path, monkeypatch)
    made.set(database_url=database_url)
    made.good("db", "upgrade")
    made.good("audit", "search")  # the first command makes the keys
    return made


def subscribed(database_url, key_file, url) -> None:
    """A nurse of RAX asks to be told of plans at that address."""
    at = to_micros(now())
    whose = ("RAX", "hd-1", "staff", "hospital-doctor", "TREAT", "test", "", 0)
    row = Standing("one", *whose, "plan-changed", "requested", "", 1, at, at, at + 10**12, posted=1)
    content = Content(subscription("plan-changed", url), bytes(32))

    async def run() -> None:
        store = await Store.open(database_url, FileKeyProvider.read(key_file), now)
        try:
            await store.write(lambda conn: subscriptions.add(conn, store.vault, row, content))
        finally:
            await store.close()

    asyncio.run(run())


def test_a_worker_tells_and_a_failing_address_is_told_by_the_exit(
    commands, database_url, tmp_path, outside
):
    keys = next(tmp_path.rglob("keys.json"))
    assert commands.json("subscriptions", "list") == {"subscriptions": []}
    subscribed(database_url, keys, outside.url)
    outside.answers = 500
    commands.good("worker", "--once")
    (one,) = commands.json("subscriptions", "list", code=1)["subscriptions"]
    assert (one["organisation"], one["topic"], one["status"]) == ("RAX", "plan-changed", "error")
    assert (one["fault"], one["told"]) == ("receiver", 0)
    assert outside.url not in str(one)
    assert len(outside.headers) == 1


def test_one_that_was_altered_is_told_by_the_exit(commands, database_url, tmp_path, outside):
    keys = next(tmp_path.rglob("keys.json"))
    commands.json("subscriptions", "list")
    subscribed(database_url, keys, outside.url)

    async def alter() -> None:
        store = await Store.open(database_url, FileKeyProvider.read(keys), now)
        sql = "UPDATE subscription SET scopes = 'user/*.cruds'"
        try:
            await store.write(lambda conn: conn.execute(sql))
        finally:
            await store.close()

    asyncio.run(alter())
    commands.good("worker", "--once")
    (one,) = commands.json("subscriptions", "list", code=1)["subscriptions"]
    assert (one["status"], one["fault"]) == ("off", "altered")
    assert outside.headers == []
