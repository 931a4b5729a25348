"""What opens once and was taken, for every process of the deployment: client assertions, attempts
to sign in, logout tokens.

In      A connection in a writing; the id of one and the moment it dies, in microseconds.
Out     Whether this was the first time.
Rule    What has died is forgotten as the next one is spent.
"""

from gateway.store.database.engine import Connection


async def spend(conn: Connection, spent_id: str, until: int, at: int) -> bool:
    """Take it; false where it was taken before."""
    await conn.execute("DELETE FROM spent_assertion WHERE until < $1", [at])
    taken = await conn.fetch(
        "INSERT INTO spent_assertion (spent_id, until) VALUES ($1, $2)"
        " ON CONFLICT DO NOTHING RETURNING spent_id",
        [spent_id, until],
    )
    return bool(taken)
