"""Open what an entry of the log seals: words that somebody typed.

Rule    For flows that recorded the look first. Nothing else opens an entry.
Errors  KeyUnavailableError where the key is gone: then so are the words.
"""

from gateway.audit.entry import AuditRecord, Sensitive
from gateway.store.database.engine import Connection
from gateway.store.sealed.vault import Vault


async def opened(conn: Connection, vault: Vault, record: AuditRecord) -> Sensitive:
    """The sealed part of the entry; empty where it has none."""
    if record.sealed is None:
        return Sensitive()
    owner = record.sealed.owner
    keys = await vault.keys(conn, [owner])
    return record.open_sensitive(lambda content, aad: keys.open(owner, content, aad))
