"""The service under an account that owns no table: everything goes on, and nothing of the log can
be changed, whatever is tried."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

import asyncpg
import pytest

from gateway.errors import ConfigurationError
from gateway.flows.audit import publish_log
from gateway.store.audit import shown
from gateway.store.database import rights
from gateway.store.upkeep import operations
from tests.integration.taking import all_taken, authored, run, upgraded, verified
from tests.integration.test_tampered_log import ORIGIN, fill

REFUSED = (
    "UPDATE audit_entry SET outcome = 'x'",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
    "ALTER TABLE audit_entry DISABLE TRIGGER USER",
    "DROP TRIGGER audit_entry_append_only ON audit_entry",
    "DROP FUNCTION audit_entry_refuse() CASCADE",
    "DROP TABLE audit_entry",
    "INSERT INTO audit_head (id, size, frontier) VALUES (1, 0, '')",
    "DELETE FROM audit_head",
    "UPDATE log_checkpoint SET note = ''",
    "DELETE FROM log_checkpoint",
    "UPDATE log_subtree SET root = ''",
    "DELETE FROM log_subtree",
    "UPDATE resource_version SET version = 9",
    "UPDATE alembic_version SET version_num = ''",
)


@pytest.fixture
def account(database_url):
    """The database's address for an account that serves; it goes when the test ends."""
    if not database_url.startswith("postgresql:"):
        pytest.skip("SQLite has no accounts: the file's owner may do everything")
    role = f"serving_{urlsplit(database_url).path[1:]}"

    made = (f"CREATE ROLE {role} LOGIN PASSWORD 'p'", *rights.statements(role))
    upgraded(database_url)
    asyncio.run(owner_of(database_url, *made))
    there = urlsplit(database_url)
    yield there._replace(netloc=f"{role}:p@{there.hostname}:{there.port}").geturl()
    asyncio.run(owner_of(database_url, f"DROP OWNED BY {role}", f"DROP ROLE {role}"))


async def owner_of(url: str, *statements: str) -> None:
    """As whoever owns the tables."""
    conn = await asyncpg.connect(url)
    for statement in statements:
        await conn.execute(statement)
    await conn.close()


def test_a30_s60_an_account_that_serves_can_change_nothing_of_the_log(account, tmp_path):
    async def scenario(store):
        answers = await all_taken(store, authored("social-care") + authored("gp"))
        assert any(one["items"]["taken"] for one in answers if "items" in one)
        await fill(store, 300)
        await shown.catch_up(store)
        await publish_log.checkpoint(store, ORIGIN, store.vault.now())
        for statement in REFUSED:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with store.engine.writing() as conn:
                    await conn.execute(statement)
        return await verified(store)

    assert run(account, tmp_path, scenario)


@pytest.mark.parametrize("name", ["", "a b", "a;", "Ä", "1a", "x" * 64])
def test_a_role_is_named_so_that_it_needs_no_quotes(name):
    with pytest.raises(ConfigurationError):
        rights.statements(name)


WEAKENED = {
    "postgresql": (
        ["DROP TRIGGER audit_entry_append_only ON audit_entry"],
        ["ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only"],
        ["ALTER TABLE audit_entry ENABLE REPLICA TRIGGER audit_entry_append_only"],
        [
            "DROP TRIGGER log_checkpoint_append_only ON log_checkpoint",
            "CREATE TRIGGER log_checkpoint_append_only BEFORE UPDATE ON person"
            " FOR EACH STATEMENT EXECUTE FUNCTION log_checkpoint_refuse()",
        ],
        ["ALTER TABLE resource_version DISABLE TRIGGER resource_version_no_delete"],
        ["DROP TRIGGER resource_version_append_only ON resource_version"],
    ),
    "sqlite": (
        ["DROP TRIGGER audit_entry_no_update"],
        [
            "DROP TRIGGER log_checkpoint_no_delete",
            "CREATE TRIGGER log_checkpoint_no_delete BEFORE DELETE ON person BEGIN SELECT 1; END",
        ],
        ["DROP TRIGGER resource_version_no_update"],
        ["DROP TRIGGER resource_version_no_delete"],
    ),
}


class _UndoneError(Exception):
    """The transaction goes back."""


def test_each_guard_that_is_not_in_place_is_counted(database_url, tmp_path):
    weakened = WEAKENED["postgresql" if database_url.startswith("postgresql:") else "sqlite"]

    async def scenario(store):
        found = []
        for statements in ([], *weakened):
            with suppress(_UndoneError):
                async with store.engine.writing() as conn:
                    for one in statements:
                        await conn.execute(one)
                    found.append(await operations.log_guards(conn))
                    raise _UndoneError
        return found

    assert run(upgraded(database_url), tmp_path, scenario) == [0] + [1] * len(weakened)
