"""Where the elements of a version came from, and who made it, bound to the version.

In      Opened keys; which version in which linking, and who made it; its lineage as JSON.
Out     What is stored, a tag under the owner's key and then the lineage; the lineage again.
Rule    The lineage itself stands clear: it holds no word of the person, and a recall finds a
        delivery in it also when the person's key is gone. What is told of it is told by its tag.
Errors  UnsealError: it was altered, or is of another version. KeyUnavailableError.
Source  docs/adr/0079-lineage-is-bound-to-its-version.md.
Pure    No database; a tag draws its nonce.
"""

from typing import Final, NamedTuple

from gateway.store.sealed.row_seal import row_aad
from gateway.store.sealed.sealing import SHORTEST
from gateway.store.sealed.vault import Keys

_MARK: Final = "lineage"


class Told(NamedTuple):
    """The version in a linking that a lineage is of, and who made it."""

    owner: str
    resource_type: str
    resource_id: str
    version: int
    linking: int
    author_id: str
    """User or delivery that made the version."""


def lineage_sealed(keys: Keys, of: Told, lineage: bytes) -> bytes:
    """What is stored of the lineage of this version."""
    return keys.seal(of.owner, b"", _aad(of) + lineage) + lineage


def of_column(value: object) -> bytes:
    """What the column holds; nothing where that is no bytes, as whoever owns SQLite could put."""
    return value if isinstance(value, bytes) else b""


def lineage_opened(keys: Keys, of: Told, stored: bytes) -> bytes:
    """The lineage of this version, as it was written with it."""
    tag, lineage = stored[:SHORTEST], stored[SHORTEST:]
    keys.open(of.owner, tag, _aad(of) + lineage)
    return lineage


def _aad(of: Told) -> bytes:
    bound = (_MARK, of.linking, of.author_id)
    return row_aad(of.resource_type, of.resource_id, of.version, of.owner, bound)
