"""A private PostgreSQL for these tests, and both engines behind one fixture.

postgres_url  an empty database of its own for each test, `postgresql://...`
database_url  the same test twice: on a fresh SQLite file and on a fresh PostgreSQL database

Each test worker has one cluster, in a folder that goes with it. Nothing is written to disk for
certain (fsync is off): these databases live for one test.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.postgres import Cluster, ClusterUnavailableError


@pytest.fixture(scope="session")
def postgres_cluster(unavailable: Callable[[str, str], None]) -> Iterator[Cluster]:
    """One running cluster for the worker; without it, a skip, or a failure when required."""
    try:
        cluster = Cluster.start()
    except ClusterUnavailableError as reason:
        unavailable("postgres", str(reason))
        return
    try:
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """The address of an empty database that no other test sees."""
    name = postgres_cluster.create_database()
    yield postgres_cluster.url(name)
    postgres_cluster.drop_database(name)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once for each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/x.db"
    return str(request.getfixturevalue("postgres_url"))
