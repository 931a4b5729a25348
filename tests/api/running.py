"""Fixtures: the service with the world in it, fresh for each test, on both engines.

The world is pushed once for each engine by a worker; a test gets a copy of that database.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.store.database import schema
from gateway.store.keyring.keys import create_key_file
from tests.api.service import START, Service
from tests.api.world import World, fill


@pytest.fixture(scope="session")
def key_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    create_key_file(path, development=True)
    return path


def _filled(url: str, key_file: Path) -> None:
    schema.upgrade(url)
    service = Service(url, key_file)
    fill(service)
    service.close()


@pytest.fixture(scope="session")
def filled_sqlite(tmp_path_factory, key_file) -> Path:
    path = tmp_path_factory.mktemp("filled") / "world.db"
    _filled(f"sqlite:///{path}", key_file)
    return path


@pytest.fixture(scope="session")
def filled_postgres(postgres_cluster, key_file) -> str:
    name = postgres_cluster.create_database()
    _filled(postgres_cluster.url(name), key_file)
    return name


class Starter:
    """Starts services on copies of the filled database of one engine."""

    def __init__(self, request: pytest.FixtureRequest, engine: str, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self.key_file: Path = request.getfixturevalue("key_file")
        self.services: list[Service] = []
        self.databases: list[str] = []
        self.filled = request.getfixturevalue(f"filled_{engine}")
        self.cluster = None
        if engine == "postgres":
            self.cluster = request.getfixturevalue("postgres_cluster")

    def __call__(self, **settings: Any) -> Service:
        """A service with the world in it, under these settings."""
        if self.cluster:
            self.databases.append(self.cluster.create_database(self.filled))
            url = self.cluster.url(self.databases[-1])
        else:
            path = self.folder / f"world-{len(self.services)}.db"
            shutil.copy(self.filled, path)
            url = f"sqlite:///{path}"
        self.services.append(Service(url, self.key_file, **settings))
        return self.services[-1]

    def stop(self) -> None:
        for service in self.services:
            service.close()
        for name in self.databases:
            if self.cluster:
                self.cluster.drop_database(name)


@pytest.fixture(params=["sqlite", "postgres"])
def start(request, tmp_path) -> Iterator[Starter]:
    """`start(permission_to_view=...)`: a service of this test's own."""
    starter = Starter(request, request.param, tmp_path)
    yield starter
    starter.stop()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def start_once(request, tmp_path_factory) -> Iterator[Starter]:
    """`start` for a whole module, whose tests change nothing that another of them looks at."""
    starter = Starter(request, request.param, tmp_path_factory.mktemp("module"))
    yield starter
    starter.stop()


@pytest.fixture(scope="session")
def standing_sqlite(request, filled_sqlite, tmp_path_factory) -> Iterator[Service]:
    """The worker's one service on SQLite, for all tests that change nothing."""
    yield from _standing(request, "sqlite", tmp_path_factory)


@pytest.fixture(scope="session")
def standing_postgres(request, filled_postgres, tmp_path_factory) -> Iterator[Service]:
    """The same on PostgreSQL."""
    yield from _standing(request, "postgres", tmp_path_factory)


def _standing(request, engine: str, folders: pytest.TempPathFactory) -> Iterator[Service]:
    starter = Starter(request, engine, folders.mktemp("standing"))
    yield starter()
    starter.stop()


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def shared(request) -> Service:
    """One service for all tests that only read."""
    service: Service = request.getfixturevalue(f"standing_{request.param}")
    return service


@pytest.fixture
def gateway(request, start) -> Iterator[Service]:
    """A service with the world in it: the test's own, unless it is marked `changes_nothing`."""
    if request.node.get_closest_marker("changes_nothing") is None:
        yield start()
        return
    service: Service = request.getfixturevalue(f"standing_{start.engine}")
    service.run(service.app.state.refusals.flush())  # each test has a minute's entries to itself
    yield service
    assert service.at == START, "who changes nothing leaves the clock alone"


@pytest.fixture
def world(gateway) -> World:
    return World(gateway)
