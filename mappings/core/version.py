"""A mapping's version: a content hash of its rows, codes and ignored fields.

Out     A short hexadecimal text, the same on every machine for the same tables.
Source  Design decision: released tables are kept, so that two versions can be compared.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from mappings.core.codes import CodeTable, Concept
from mappings.core.rows import Kind, Row, Target


@cache
def version(kind: Kind) -> str:
    """Twelve hexadecimal digits of the hash of everything this kind's mapping is."""
    text = json.dumps(table_of(kind), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def table_of(kind: Kind) -> dict[str, Any]:
    """The whole mapping of a kind as JSON: targets, rows, code tables, ignored fields."""
    made = {
        "kind": kind.name,
        "title": kind.title,
        "targets": [_target(target) for target in kind.targets],
        "ignored": dict(kind.ignored),
    }
    made |= {"lists": dict(kind.lists)} if kind.lists else {}
    return made | ({"merges": _name(kind.merges)} if kind.merges else {})


def _target(target: Target) -> dict[str, Any]:
    return {
        "type": target.type,
        "name": target.title,
        "each": _name(target.each),
        "when": _name(target.when),
        "key": _name(target.key) if callable(target.key) else list(target.key),
        "category": _name(target.category),
        "confidentiality": target.confidentiality,
        "labels": _name(target.labels),
        "label_codes": _codes(getattr(target.labels, "table", None)),
        "fold": str(target.fold),
        "adds": list(target.adds),
        "defaults": _plain(target.defaults),
        "rows": [_row(row) for row in target.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    made = {
        "id": row.id,
        "to": row.to,
        "source": list(row.source) if isinstance(row.source, tuple) else row.source,
        "value": _plain(row.value),
        "fn": _name(row.fn),
        "gather": _name(row.gather),
        "reads": list(row.reads),
        "refers_to": row.refers_to,
        "table": _codes(row.table),
        "must": row.must,
        "why": row.why,
        "rows": [_row(child) for child in row.rows],
    }
    return {name: value for name, value in made.items() if value not in (None, [], False, "")}


def _codes(table: CodeTable | None) -> Any:
    if table is None:
        return None
    codes = {word: _plain(meaning) for word, meaning in table.rows.items()}
    made = {"source": table.source, "required": table.required, "codes": codes}
    return made | ({"bare": True} if table.bare else {})


def _plain(value: Any) -> Any:
    if isinstance(value, Concept):
        return [value.system, value.code, value.display]
    if isinstance(value, Mapping):
        return {str(name): _plain(child) for name, child in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(child) for child in value]
    return value if isinstance(value, int | float | bool | None) else str(value)


def _name(thing: Any) -> str | None:
    """A named function's own name; partials show what they wrap and with what."""
    if thing is None or not callable(thing) or isinstance(thing, str):
        return None if thing is None else str(thing)
    wrapped = getattr(thing, "func", None)
    if wrapped is not None:
        return f"{wrapped.__name__}{thing.args or ''}"
    return str(getattr(thing, "__name__", type(thing).__name__))
