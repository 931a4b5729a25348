"""Whether the tables are those of this version, asked of a running store.

Errors  ConfigurationError: the service does not run on other tables than its own.
"""

from typing import Final

from gateway.errors import ConfigurationError
from gateway.store.database.engine import Engine

REVISION: Final = "0023"
"""The newest revision of gateway/store/migrations; a test holds the two equal."""


async def check_revision(engine: Engine) -> None:
    """The database is at this version's revision."""
    try:
        async with engine.reading() as conn:
            rows = await conn.fetch("SELECT version_num FROM alembic_version")
    except Exception:  # noqa: BLE001 - no such table, or no database: the same answer
        rows = []
    if [row[0] for row in rows] != [REVISION]:
        raise ConfigurationError(
            "these are another version's tables: run `care-gateway db upgrade`"
        )
