"""A released mapping as it is kept: what several kinds share stands once, by its hash.

In      The tables of a feed's kinds (`version.table_of`); or what was kept of them.
Out     The other of the two.
Rule    What is kept comes back as it was: each kind under the version it had, or not at all.
Errors  ValueError for what was not kept by this, or was changed since.
Pure    Yes.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from mappings.core.rows import Feed
from mappings.core.version import table_of, version_of

Tables = dict[str, dict[str, Any]]
"""Kind -> its whole mapping as JSON."""


def tables_of(feed: Feed) -> Tables:
    """Every kind of a feed."""
    return {name: table_of(kind) for name, kind in feed.kinds.items()}


def packed(tables: Tables) -> dict[str, Any]:
    """The tables, to be kept."""
    parts: dict[str, Any] = {}
    kinds = {}
    for name, table in tables.items():
        targets = [_part(_without_codes(target, parts), parts) for target in table["targets"]]
        shared = {"targets": targets, "ignored": _part(_by_reason(table["ignored"]), parts)}
        kinds[name] = table | shared | {"version": version_of(table)}
    return {"kinds": kinds, "parts": dict(sorted(parts.items()))}


def unpacked(content: Mapping[str, Any]) -> Tables:
    """The tables that were kept."""
    try:
        parts = content["parts"]
        return {name: _unpacked(kind, parts) for name, kind in content["kinds"].items()}
    except (LookupError, TypeError, AttributeError):
        raise ValueError("not the tables of a mapping") from None


def _unpacked(kind: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    table = {name: value for name, value in kind.items() if name != "version"}
    table["targets"] = [_with_codes(parts[name], parts) for name in kind["targets"]]
    reasons = parts[kind["ignored"]]
    table["ignored"] = {path: why for why, paths in reasons.items() for path in paths}
    if version_of(table) != kind["version"]:
        raise ValueError("the tables are not of the version that they are kept under")
    return table


def _by_reason(ignored: Mapping[str, str]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for path, why in sorted(ignored.items()):
        reasons.setdefault(why, []).append(path)
    return reasons


def _part(value: Any, parts: dict[str, Any]) -> str:
    name = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
    parts[name] = value
    return name


def _without_codes(target: Mapping[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    codes = target["label_codes"]
    rows = [_row_without(row, parts) for row in target["rows"]]
    return {**target, "rows": rows, "label_codes": _part(codes, parts) if codes else None}


def _row_without(row: Mapping[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    made = dict(row)
    if "table" in row:
        made["table"] = _part(row["table"], parts)
    if "rows" in row:
        made["rows"] = [_row_without(child, parts) for child in row["rows"]]
    return made


def _with_codes(target: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    codes = target["label_codes"]
    rows = [_row_with(row, parts) for row in target["rows"]]
    return {**target, "rows": rows, "label_codes": parts[codes] if codes else None}


def _row_with(row: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(row)
    if "table" in row:
        made["table"] = parts[row["table"]]
    if "rows" in row:
        made["rows"] = [_row_with(child, parts) for child in row["rows"]]
    return made
