"""Start, use and stop a private PostgreSQL cluster.

In      nothing: the programs are found (PG_CONFIG's folder, Debian's, then the search path)
Out     Cluster: a server on a free port of 127.0.0.1, with databases made on request; its folder
        is in memory where asked for and where the machine has a place for that. One that is asked
        to be durable is as a site's own: a commit is on disk before it is answered
Errors  ClusterUnavailableError with a reason a person can act on
"""

import asyncio
import base64
import hashlib
import hmac
import itertools
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import asyncpg

from tests.ports import free_port

_DEBIAN: Final = Path("/usr/lib/postgresql")
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of our own there
_ENOUGH: Final = 2 * 1024**3
_PROGRAMS: Final = ("initdb", "pg_ctl", "postgres")
_OPTIONS: Final = "-c max_connections=100 -c timezone=UTC -c log_min_messages=error"
_HASTY: Final = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    " -c shared_buffers=64MB -c autovacuum=off"
)
_DURABLE: Final = "-c shared_buffers=256MB"
_ROLE: Final = "gateway_tests"
_SECONDS: Final = 120
_ATTEMPTS: Final = 3


class ClusterUnavailableError(Exception):
    """No cluster can be started here, and why."""


@dataclass
class Cluster:
    """A running server; `stop` ends it and removes its folder."""

    programs: Path
    folder: Path
    port: int
    password: str
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    _desk: asyncpg.Connection | None = None

    @classmethod
    def start(cls, *, in_memory: bool = False, durable: bool = False) -> "Cluster":
        """A new cluster, accepting connections. Errors: ClusterUnavailableError."""
        programs = _find_programs()
        owner = _owner()
        within = _MEMORY if in_memory and _has_room() else None
        folder = Path(tempfile.mkdtemp(prefix="gateway-postgres-", dir=within))
        try:
            return cls._start_in(folder, programs, owner, _DURABLE if durable else _HASTY)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    @classmethod
    def _start_in(cls, folder: Path, programs: Path, owner: str | None, way: str) -> "Cluster":
        password = secrets.token_hex(16)
        secret = folder / "password"
        secret.write_text(_verifier(password))
        if owner:
            shutil.chown(folder, owner)
            shutil.chown(secret, owner)
        data = folder / "data"
        words = ("-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync")
        _run(owner, programs / "initdb", "-D", data, "-U", _ROLE, "--pwfile", secret, *words)
        for _ in range(_ATTEMPTS):
            port = free_port()
            options = f"{_OPTIONS} {way} -c listen_addresses=127.0.0.1 -p {port} -k {folder}"
            arguments = ("-D", data, "-l", folder / "log", "-w", "-t", str(_SECONDS))
            try:
                _run(owner, programs / "pg_ctl", *arguments, "-o", options, "start")
            except ClusterUnavailableError:  # another program took the port meanwhile
                continue
            return cls(programs, folder, port, password)
        raise ClusterUnavailableError("the PostgreSQL server did not start; see its log")

    def url(self, database: str) -> str:
        """The address of one database of this cluster."""
        return f"postgresql://{_ROLE}:{self.password}@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str = "template0") -> str:
        """A copy of a database of this server, by default of its empty template; its name."""
        name = f"t{next(self._numbers)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, ending whatever connections a failed test left open."""
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """End the server at once and remove everything it wrote."""
        if self._desk:
            self._runner.run(self._desk.close())
        self._runner.close()
        data = self.folder / "data"
        try:
            _run(_owner(), self.programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _execute(self, statement: str) -> None:
        self._runner.run(self._ask(statement))

    async def _ask(self, statement: str) -> None:
        if self._desk is None:
            self._desk = await asyncpg.connect(self.url("postgres"))
        await self._desk.execute(statement)


def _has_room() -> bool:
    return _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ENOUGH


def _find_programs() -> Path:
    """The folder with all the programs: the newest of Debian's, else the search path's."""
    versions = sorted(_DEBIAN.glob("*/bin"), key=lambda p: float(p.parent.name), reverse=True)
    found = shutil.which("pg_ctl")
    if found:
        versions.append(Path(found).resolve().parent)
    for folder in versions:
        if all((folder / name).is_file() for name in _PROGRAMS):
            return folder
    raise ClusterUnavailableError("no PostgreSQL server is installed (initdb, pg_ctl, postgres)")


def _owner() -> str | None:
    """PostgreSQL refuses to run as root: then the account it is to run as, else None."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise ClusterUnavailableError("PostgreSQL refuses to run as root, and no account is free")


def _verifier(password: str) -> str:
    """What the server is to know of it. Guessing is made no dearer by counting: the password is
    drawn at random, and each connection of each test would count again."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt, stored, server = map(base64.b64encode, (salt, stored, server))
    return f"SCRAM-SHA-256$1:{salt.decode()}${stored.decode()}:{server.decode()}"


def _run(owner: str | None, *command: str | Path) -> None:
    """Run to the end, quietly. Output goes to a file: a server that is started keeps a pipe."""
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            user=owner,
            group=pwd.getpwnam(owner).pw_gid if owner else None,
            extra_groups=[] if owner else None,
            timeout=2 * _SECONDS,
            check=False,
        )
        output.seek(0)
        said = output.read().decode(errors="replace").strip()
    if done.returncode:
        last = said.splitlines()[-1] if said else "no message"
        raise ClusterUnavailableError(f"{Path(command[0]).name} failed: {last}")
