"""Databases for these tests, and both engines behind one fixture.

postgres_url        a PostgreSQL database of its own for each test, with the service's tables
database_url        the same test twice: on a SQLite file and on a PostgreSQL database with them
empty_database_url  the same without any table

The tables are made once by a worker, and copied. Nothing is written to disk for certain (fsync is
off): these databases live for one test.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.database import schema
from tests.integration.postgres import Cluster
from tests.integration.taking import WITH_TABLES


@pytest.fixture(scope="session")
def tables_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables and nothing in them."""
    path = tmp_path_factory.mktemp("tables") / "x.db"
    schema.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def tables_on_postgres(postgres_cluster: Cluster) -> str:
    """The name of a database with the tables and nothing in them."""
    name = postgres_cluster.create_database()
    schema.upgrade(postgres_cluster.url(name))
    return name


@pytest.fixture
def postgres_url(postgres_cluster: Cluster, tables_on_postgres: str) -> Iterator[str]:
    """The address of a database that no other test sees."""
    name = postgres_cluster.create_database(tables_on_postgres)
    url = postgres_cluster.url(name)
    WITH_TABLES.add(url)
    yield url
    postgres_cluster.drop_database(name)


@pytest.fixture
def empty_postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """The same without any table."""
    name = postgres_cluster.create_database()
    yield postgres_cluster.url(name)
    postgres_cluster.drop_database(name)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with the tables, once for each engine."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("tables_on_sqlite"), tmp_path / "x.db")
        url = f"sqlite:///{tmp_path}/x.db"
        WITH_TABLES.add(url)
        return url
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once for each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/x.db"
    return str(request.getfixturevalue("empty_postgres_url"))
