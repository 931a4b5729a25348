"""The lines of `care-gateway check`, each red or not, none hiding another.

Out     Lines in order. A red line says what to change; nothing of a secret stands in any.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from gateway.audit.merkle import Frontier
from gateway.auth.jose import TrustedKeys
from gateway.cli.alerting import webhook_of
from gateway.cli.edge import told
from gateway.cli.opening import check_is_current, check_is_there, read_keys, sqlite_file
from gateway.clock import now, to_micros
from gateway.custody import wrapping_of
from gateway.denial import check_denials_in
from gateway.errors import ConfigurationError
from gateway.flows.intake.pull_source import check_feeds as feeds_of_sources
from gateway.flows.sign_in.sign_in_system import clients_of
from gateway.main import policy_of
from gateway.mllp.sources import check_feeds, tls_of
from gateway.setting_parts import StaffFile, says
from gateway.settings import Settings, unknown_names
from gateway.sign_offs import check_signed
from gateway.sources import FolderSource, read_sources
from gateway.store.database import schema
from gateway.store.database.engine import Connection, closing, open_engine
from gateway.store.keyring.wrapping import Wrapping
from gateway.store.sealed.vault import Vault
from gateway.store.upkeep import operations
from gateway.store.upkeep.label_check import altered_labels
from mappings.core.shaping.identifiers import is_usable_nhs_number
from mappings.registry import FEEDS

_SKEW: Final = timedelta(seconds=5)
_Result = TypeVar("_Result")
_PATIENCE_SECONDS: Final = 10
_SAMPLE: Final = 5_000
"""Rows whose labels are looked at."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing looked at."""

    name: str
    ok: bool
    text: str


def run_checks() -> list[Line]:
    """Every line; only the settings' own fault stops the rest."""
    try:
        settings = Settings()
    except ConfigurationError as fault:
        return [Line("configuration", False, fault.args[0])]
    return [_line(name, look, settings) for name, look in _LOOKS.items()]


def _line(name: str, look: Callable[[Settings], str], settings: Settings) -> Line:
    try:
        return Line(name, True, look(settings))
    except Exception as fault:  # noqa: BLE001 - whatever is wrong makes this line red
        said, hint, _ = told(fault)
        return Line(name, False, f"{said}. {hint}" if hint else said)


def _configuration(settings: Settings) -> str:
    if unknown := unknown_names():
        raise ConfigurationError(f"no such settings: {', '.join(unknown)}")
    return f"{settings.environment}, permission to view {settings.permission_to_view}"


def _keys(settings: Settings) -> str:
    provider = read_keys(settings)
    kind = "development" if provider.development else "production"
    wrapping = wrapping_of(settings, provider)
    return f"{kind} keys, data keys under {asyncio.run(_current(wrapping))}"


async def _current(wrapping: Wrapping) -> str:
    """The key that wraps now, of a service that answers."""
    try:
        return await wrapping.current()
    finally:
        await wrapping.close()


def _issuers(settings: Settings) -> str:
    for trusted in settings.trusted_issuers:
        TrustedKeys.of(trusted.read_jwks(), trusted.algorithms)
    if settings.production and not settings.trusted_issuers:
        raise ConfigurationError("GATEWAY_TRUSTED_ISSUERS: nobody could sign in")
    return f"{len(settings.trusted_issuers)} trusted"


def _clients(settings: Settings) -> str:
    """The systems that sign in with keys of their own."""
    return f"{len(clients_of(settings, policy_of(settings)))} registered"


def _policy(settings: Settings) -> str:
    policy = policy_of(settings)
    signed = check_signed(settings, policy)
    by = ", ".join(signed.controllers) if signed else "nobody"
    return f"version {policy.version}, {len(policy.roles)} roles; signed by {by}"


def _mllp(settings: Settings) -> str:
    listeners = settings.mllp.listeners
    check_feeds(listeners, FEEDS)
    for listener in listeners:
        tls_of(listener)
    return f"{len(listeners)} listening" if listeners else "nobody may send"


def _sources(settings: Settings) -> str:
    """The sources that are pulled, and the profiles of senders."""
    found = read_sources(settings.sources_file, production=settings.production)
    feeds_of_sources(found, FEEDS)
    for source in found.source:
        if isinstance(source, FolderSource) and not source.folder.is_dir():
            raise ConfigurationError(f"sources file: {source.name}.folder: there is none")
    return f"{len(found.source)} pulled, {len(found.hospital)} profiles of senders"


def _alerts(settings: Settings) -> str:
    """Where notices go, and who is known as a member of staff."""
    folder, url = settings.alert_folder, settings.alert_webhook_url
    if folder is not None and not folder.is_dir():
        raise ConfigurationError("GATEWAY_ALERT_FOLDER: there is none")
    if url:
        webhook_of(settings)
    ways = [name for name, way in (("a folder", folder), ("an address", url)) if way]
    file = StaffFile.read(settings.staff_file)
    wrong, staff = sum(not is_usable_nhs_number(one) for one, _ in file.numbers), file.staff
    if wrong:
        text = f"a file of right NHS numbers; by {wrong} of them nobody is known as a person"
        raise ConfigurationError(says("staff_file", text))
    return f"notices go to {' and '.join(ways) or 'nobody'}, {len(staff)} staff are known"


def _database(settings: Settings) -> str:
    async def look(conn: Connection) -> str:
        await conn.fetch("SELECT 1")
        return "SQLite" if sqlite_file(settings) else "PostgreSQL"

    return _asked(settings, look)


def _migrations(settings: Settings) -> str:
    check_is_current(settings)
    return f"at {schema.head()}"


def _clock(settings: Settings) -> str:
    """Our clock is the database's, and no entry of the log is from the future."""

    async def look(conn: Connection) -> tuple[int, int]:
        server = 0 if sqlite_file(settings) else await operations.postgres_clock(conn)
        return server, await operations.latest_recorded(conn)

    server, latest = _asked(settings, look)
    ours, skew = to_micros(now()), _SKEW // timedelta(microseconds=1)
    if server and abs(server - ours) > skew:
        raise ConfigurationError("the clocks here and of the database differ by over 5 seconds")
    if latest > ours + skew:
        raise ConfigurationError("the log holds an entry from after this moment")
    return "agrees"


def _log(settings: Settings) -> str:
    size, stored, entries = _asked(settings, operations.log_end)
    try:
        fits = Frontier.from_bytes(stored).size == size == entries
    except ValueError:
        fits = False
    if not fits:
        raise ConfigurationError("the log and its head differ: run `care-gateway audit verify`")
    if _asked(settings, operations.log_guards):
        text = "the database does not refuse changes of the log or of versions: triggers are gone"
        raise ConfigurationError(text)
    return f"{size} entries; `care-gateway audit verify` checks them all"


def _labels(settings: Settings) -> str:
    """The clear labels of some rows are those they were written with."""
    keys = read_keys(settings)
    vault = Vault(keys, now, wrapping_of(settings, keys))
    looked, altered = _asked(settings, lambda conn: altered_labels(conn, vault, _SAMPLE))
    if altered:
        raise ConfigurationError(
            f"{altered} of {looked} rows have other labels, or come from elsewhere, than they were"
            " written with: what was altered of them is not served"
        )
    return f"as written, of {looked} rows"


def _denial(settings: Settings) -> str:
    """Who has no reason to look sees nothing, and a hard stop holds: here and in the engine."""
    _asked(settings, lambda conn: check_denials_in(conn, policy_of(settings), now()))
    return "proved here and in the database"


def _asked(settings: Settings, ask: Callable[[Connection], Awaitable[_Result]]) -> _Result:
    """What the database answers; it is opened for this alone."""
    check_is_there(settings)

    async def run() -> _Result:
        async with (
            asyncio.timeout(_PATIENCE_SECONDS),
            closing(await open_engine(settings.database_url)) as engine,
            engine.reading() as conn,
        ):
            return await ask(conn)

    return asyncio.run(run())


_LOOKS: Final[Mapping[str, Callable[[Settings], str]]] = {
    "configuration": _configuration,
    "keys": _keys,
    "issuers": _issuers,
    "clients": _clients,
    "policy": _policy,
    "mllp": _mllp,
    "sources": _sources,
    "alerts": _alerts,
    "database": _database,
    "migrations": _migrations,
    "clock": _clock,
    "log": _log,
    "labels": _labels,
    "denial": _denial,
}
