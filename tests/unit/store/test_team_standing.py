"""What is held while a writing over REST is decided on, and in which order."""

import asyncio
from typing import Any

import pytest

from gateway.store.writing.team_versions import standing

ROW = ("p", "Goal", 1, 0, 0, 5, "XK1", "XK1")


class _Locking:
    """A connection to a server that locks rows, with one resource; which tables were locked."""

    lock_rows = " FOR UPDATE"

    def __init__(self, feed):
        self.feed = feed
        self.locked = []

    async def fetch(self, sql, _args):
        table = next(name for name in ("resource_owner", "source_record", "resource")
                     if f"FROM {name} " in sql)  # fmt: skip
        if sql.endswith(self.lock_rows):
            self.locked.append(table)
        return {
            "resource_owner": [("p", self.feed)],
            "source_record": [("p",)],
            "resource": [(*ROW, self.feed)],
        }[table]


@pytest.mark.parametrize(
    ("feed", "locked"),
    [("social-care", ["source_record", "resource"]), ("team", ["resource"])],
)
def test_an_edit_of_what_a_feed_states_waits_for_the_feed(feed, locked):
    """Feeds hold the source record: a new linking of theirs would put the version back."""
    conn: Any = _Locking(feed)
    found = asyncio.run(standing(conn, "g"))
    assert found is not None
    assert (found.resource_type, found.is_teams) == ("Goal", feed == "team")
    assert conn.locked == locked
