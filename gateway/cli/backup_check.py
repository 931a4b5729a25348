"""Whether a copy of a SQLite database could be put to use: looked at in a copy of the copy."""

import tempfile
from pathlib import Path
from typing import Any

from gateway.errors import ConfigurationError
from gateway.flows.audit.verify_log import verify_log
from gateway.store.database import backups
from gateway.store.database.engine import closing, open_engine
from gateway.store.keyring.keys import FileKeyProvider
from gateway.store.keyring.wrapping import Wrapping
from gateway.store.upkeep import operations


async def verdict(path: Path, keys: FileKeyProvider, wrapping: Wrapping) -> dict[str, Any]:
    """Whole or not and why, rows by table, the size of its log."""
    found: dict[str, Any] = {"ok": False, "reason": "", "rows": {}, "audit": {}}
    try:
        found["rows"] = backups.check(path)
    except ConfigurationError as fault:
        return found | {"reason": fault.args[0]}
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder, "copy.db")
        backups.copy(path, scratch)
        async with closing(await open_engine(f"sqlite:///{scratch}")) as engine:
            log = await verify_log(engine, keys.log_public_keys)
            async with engine.reading() as conn:
                closed = await operations.keys_that_do_not_open(conn, wrapping)
    found["audit"] = log.to_json()
    if not log.ok:
        return found | {"reason": f"entry {log.first_bad} of its log: {log.reason}"}
    if closed:
        return found | {"reason": f"{closed} of its data keys do not open"}
    return found | {"ok": True}
