"""What every test may ask for: a running gateway, a database, the shared samples, and the switches
that make a skip a failure.

Switches  REQUIRE_POSTGRES=1, REQUIRE_JUDGES=1, REQUIRE_GO=1, REQUIRE_NODE=1 (or
          --require-postgres and so on): a machine that promises the database or the outside
          judges fails where another skips.
Network   A test may reach this machine and nothing else; tests/unit and tests/contract may
          open no socket at all.
"""

import gc
import os
import socket
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from tests.api.browsing import browser, provider, standing_sign_in
from tests.api.running import (
    filled_postgres,
    filled_sqlite,
    gateway,
    key_file,
    shared,
    standing_postgres,
    standing_sqlite,
    start,
    start_once,
    world,
)
from tests.integration.postgres import Cluster, ClusterUnavailableError

__all__ = [
    "browser",
    "filled_postgres",
    "filled_sqlite",
    "gateway",
    "key_file",
    "provider",
    "shared",
    "standing_postgres",
    "standing_sign_in",
    "standing_sqlite",
    "start",
    "start_once",
    "world",
]

ROOT: Final = Path(__file__).resolve().parent.parent
_SWITCHES: Final = ("postgres", "judges", "go", "node")
_OFFLINE: Final = ("unit", "contract")
_THIS_MACHINE: Final = ("127.", "::1", "localhost")
_GARBAGE: Final = 10_000
"""So many more things than were thrown away before the collector of garbage looks again."""

# No test is judged by the clock: a busy machine is slow, and proves nothing. The sample draws the
# same examples in every run, so that it fails for a change and not by chance; soaking draws anew.
_PATIENT: Final = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("sample", _PATIENT, max_examples=40, derandomize=True, database=None)
settings.register_profile("soak", _PATIENT, max_examples=100, derandomize=False)


def pytest_addoption(parser: pytest.Parser) -> None:
    for name in _SWITCHES:
        parser.addoption(
            f"--require-{name}",
            action="store_true",
            default=os.environ.get(f"REQUIRE_{name.upper()}", "0") not in ("", "0"),
            help=f"fail, rather than skip, where {name} cannot be had",
        )
    parser.addoption("--soak", action="store_true", help="run the full counts and timings")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("soak" if config.getoption("--soak") else "sample")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end: the collector of garbage need not look it over again.
    A test makes much that lives as long as itself, so that looking seldom finds as much."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(_GARBAGE)
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked `soak` run only when asked for. A law of many cases, which asks for `whole` or
    draws examples, belongs to both runs."""
    soaking = config.getoption("--soak")
    for item in items:
        if soaking and _has_many_cases(item):
            item.add_marker("soak")
        elif not soaking and item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.skip(reason="a long run: make soak"))


def _has_many_cases(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    own = item.callspec.params if hasattr(item, "callspec") else {}
    return is_hypothesis_test(item.obj) or ("whole" in item.fixturenames and "whole" not in own)


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest) -> bool:
    """Whether every case of a law is to be run (`make soak`), or a fixed part of them."""
    return bool(request.config.getoption("--soak"))


@pytest.fixture(scope="session")
def unavailable(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`unavailable("postgres", reason)`: skip here, or fail where the switch says required."""

    def stop(name: str, reason: str) -> None:
        if request.config.getoption(f"--require-{name}"):
            pytest.fail(f"{name} is required here, but {reason}", pytrace=False)
        pytest.skip(reason)

    return stop


@pytest.fixture(scope="session")
def postgres_cluster(unavailable: Callable[[str, str], None]) -> Iterator[Cluster]:
    """One running cluster for the worker, in a folder that goes with it; without it, a skip, or a
    failure when required."""
    try:
        cluster = Cluster.start(in_memory=True)
    except ClusterUnavailableError as reason:
        unavailable("postgres", str(reason))
        return
    try:
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder of real samples and outside cases, which stands beside the repository.

    It is not part of the project: a checkout without it skips these tests, and says so.
    """
    folder = ROOT.parent / "shared"
    if not (folder / "samples").is_dir():
        pytest.skip("the folder `shared`, with samples, does not stand beside the repository")
    return folder


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Tests marked `anyio` are coroutines, run on asyncio: what the service runs on."""
    return "asyncio"


@pytest.fixture(autouse=True)
def _network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test leaves this machine; a unit or contract test opens no connection at all."""
    parts = request.path.relative_to(ROOT).parts
    offline = parts[1:2] and parts[1] in _OFFLINE
    for name in ("connect", "connect_ex"):
        original = getattr(socket.socket, name)
        monkeypatch.setattr(socket.socket, name, _guarded(original, offline=bool(offline)))


def _guarded(original: Callable[..., Any], *, offline: bool) -> Callable[..., Any]:
    def connect(self: socket.socket, address: Any) -> Any:
        inside = self.family == socket.AF_UNIX or str(address[0]).startswith(_THIS_MACHINE)
        if offline or not inside:
            pytest.fail(f"a test tried to open a connection ({self.family.name})")
        return original(self, address)

    return connect
