"""What the engines raise where the database cannot be reached, or takes nothing: asked again later
the same may be done.
"""

import sqlite3
from typing import Final

import asyncpg

OUT_OF_REACH: Final[tuple[type[Exception], ...]] = (
    OSError,  # no connection, or none in time
    sqlite3.OperationalError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server ended an idle connection a moment ago
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.ReadOnlySQLTransactionError,
)
