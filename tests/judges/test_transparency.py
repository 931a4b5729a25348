"""The tools of Go's checksum database verify the published log: notes, tiles and proofs."""

import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.audit.tiles import LEVELS, WIDTH, Tile, complete
from gateway.cli.keyring import rotated
from gateway.store.audit import audit_reads
from tests.api.world import World

PROGRAM = Path(__file__).parent / "transparency"


@pytest.fixture(scope="session")
def judge(tmp_path_factory, unavailable) -> Path:
    """The program, built where Go and its module can be had."""
    go = shutil.which("go")
    if go is None:
        return unavailable("go", "Go is not on this machine")
    built = tmp_path_factory.mktemp("judge") / "check"
    environment = os.environ | {"GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0"}
    made = subprocess.run(
        [go, "build", "-o", str(built), "."],
        cwd=PROGRAM,
        env=environment,
        capture_output=True,
        check=False,
    )
    if made.returncode:
        unavailable("go", "the Go module of the judge cannot be had")
    return built


@pytest.fixture(scope="module")
def published(start_once, tmp_path_factory) -> Path:
    """The log as it was published twice, each time under another key, and some of its records as
    they are exported."""
    gateway, folder = start_once(), tmp_path_factory.mktemp("published")
    who = World(gateway).gp
    _save(gateway, "/log/checkpoint", folder / "earlier")
    for _ in range(WIDTH + 44):
        gateway.get("Patient/nobody", who)
    gateway.run(rotated(gateway.settings, gateway.site.store, "log-signing"))
    gateway.get("Patient/nobody", who)
    gateway.at += timedelta(minutes=1)
    _save(gateway, "/log/checkpoint", folder / "checkpoint")
    _save(gateway, "/log/keys", folder / "keys")
    size = int((folder / "checkpoint").read_text().split("\n")[1])
    for level in range(LEVELS):
        for tile in _tiles(level, size):
            _save(gateway, f"/log/tile/{tile.to_path()}", folder / "tile" / tile.to_path())
    for number, record in gateway.run(_records(gateway)):
        if number in (0, 1, WIDTH, size - 1):
            (folder / f"record-{number}").write_bytes(record)
    return folder


@pytest.fixture
def folder(published, tmp_path) -> Path:
    """A copy, for a test to change."""
    return Path(shutil.copytree(published, tmp_path / "log"))


def test_an_outside_verifier_takes_checkpoint_tiles_and_proofs(judge, folder):
    found = _judged(judge, folder)
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip().endswith("4 records")


@pytest.mark.parametrize("changed", ["record-1", "checkpoint", "earlier", "tile/0/000"])
def test_an_outside_verifier_refuses_what_was_changed(judge, folder, changed):
    path = folder / changed
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert _judged(judge, folder).returncode != 0


def _judged(judge: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(judge), str(folder)], capture_output=True, text=True, check=False)


def _save(service, path: str, place: Path) -> None:
    answer = service.get(path)
    assert answer.status_code == 200, (path, answer.text)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(answer.content)


def _tiles(level: int, size: int) -> list[Tile]:
    full, rest = divmod(complete(level, size), WIDTH)
    return [Tile(level, index) for index in range(full)] + [Tile(level, full, rest)] * bool(rest)


async def _records(service) -> list[tuple[int, bytes]]:
    found = audit_reads.entries(service.site.store.engine)
    return [(number, record) async for number, record, _, _ in found]
