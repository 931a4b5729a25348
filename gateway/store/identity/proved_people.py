"""Whose record somebody may read as their own: found by what a provider proved of them.

In      A connection; a number and a birth date that were proved.
Out     The person, where exactly one has a record of both; else nobody.
Rule    The number counts for the record, and the same record says the birth date: a number that
        was mistyped, or stands with somebody else's record, opens nothing. Nor does a record that
        waits for a name, or stand in the way of the one that has it.
"""

from gateway.auth.sessions import Described
from gateway.identity.linking import LinkState
from gateway.store.database.engine import Connection, placeholders
from gateway.store.keyring.keys import KeyedHasher


async def person_proved(conn: Connection, hasher: KeyedHasher, proved: Described) -> str | None:
    """The person of a proved number and birth date."""
    numbers = hasher.keyed_hashes("nhs-number", proved.nhs_number)
    births = hasher.keyed_hashes("birth-date", proved.born)
    rows = await conn.fetch(
        "SELECT DISTINCT person_id FROM source_record"
        f" WHERE nhs_hash IN ({placeholders(len(numbers))}) AND number_counts = 1"
        f" AND birth_hash IN ({placeholders(len(births), 1 + len(numbers))})"
        f" AND link_state <> '{LinkState.NAMELESS}'",
        [*numbers, *births],
    )
    found = [person_id for (person_id,) in rows]
    return found[0] if len(found) == 1 else None
