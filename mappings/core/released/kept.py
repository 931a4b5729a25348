"""A released mapping as it is kept: the tables of a feed's kinds, each under its version.

In      The tables of a feed's kinds (`version.table_of`); or what was kept of them.
Out     The other of the two.
Rule    What is kept comes back as it was: each kind under the version it had, or not at all.
Errors  ValueError for what was not kept by this, or was changed since.
Pure    Yes.
"""

import json
import lzma
from collections.abc import Mapping
from typing import Any

from mappings.core.model.rows import Feed
from mappings.core.released.version import table_of, version_of

Tables = dict[str, dict[str, Any]]
"""Kind -> its whole mapping as JSON."""


def tables_of(feed: Feed) -> Tables:
    """Every kind of a feed."""
    return {name: table_of(kind) for name, kind in feed.kinds.items()}


def told(tables: Tables) -> dict[str, Any]:
    """The tables as JSON, each with its version."""
    kinds = {name: table | {"version": version_of(table)} for name, table in tables.items()}
    return {"kinds": kinds}


def understood(content: Mapping[str, Any]) -> Tables:
    """The tables that were told."""
    try:
        return {name: _understood(kind) for name, kind in content["kinds"].items()}
    except (LookupError, TypeError, AttributeError):
        raise ValueError("not the tables of a mapping") from None


def _understood(kind: Mapping[str, Any]) -> dict[str, Any]:
    table = {name: value for name, value in kind.items() if name != "version"}
    if version_of(table) != kind["version"]:
        raise ValueError("the tables are not of the version that they are kept under")
    return table


def packed(tables: Tables) -> bytes:
    """The tables, to be kept: kinds share much, which compression finds."""
    text = json.dumps(told(tables), sort_keys=True, ensure_ascii=False)
    return lzma.compress(text.encode(), preset=9)


def unpacked(content: bytes) -> Tables:
    """The tables that were kept."""
    try:
        return understood(json.loads(lzma.decompress(content)))
    except lzma.LZMAError:
        raise ValueError("not the tables of a mapping") from None
