"""The running gateway, for tests over HTTP."""

from tests.api.running import (
    filled_postgres,
    filled_sqlite,
    gateway,
    key_file,
    postgres_cluster,
    shared,
    start,
    world,
)

__all__ = [
    "filled_postgres",
    "filled_sqlite",
    "gateway",
    "key_file",
    "postgres_cluster",
    "shared",
    "start",
    "world",
]
