"""A mapping's version: a content hash of its rows, codes and ignored fields.

Out     A short hexadecimal text, the same on every machine for the same tables.
Source  Design decision: released tables are kept, so that two versions can be compared.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from mappings.core.model.codes import CodeTable, Concept, rules_of
from mappings.core.model.rows import Kind, Row, Target


@cache
def version(kind: Kind) -> str:
    """Twelve hexadecimal digits of the hash of everything this kind's mapping is."""
    return version_of(table_of(kind))


def version_of(table: Mapping[str, Any]) -> str:
    """The version of a mapping that is at hand as a table."""
    text = json.dumps(table, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def table_of(kind: Kind) -> dict[str, Any]:
    """The whole mapping of a kind as JSON: targets, rows, code tables, ignored fields."""
    made = {
        "kind": kind.name,
        "title": kind.title,
        "targets": [target_table(target) for target in kind.targets],
        "ignored": dict(kind.ignored),
    }
    made |= {"lists": dict(kind.lists)} if kind.lists else {}
    return made | ({"merges": name_of(kind.merges)} if kind.merges else {})


def target_table(target: Target) -> dict[str, Any]:
    """One target as JSON."""
    return {
        "type": target.type,
        "name": target.title,
        "each": name_of(target.each),
        "when": name_of(target.when),
        "key": name_of(target.key) if callable(target.key) else list(target.key),
        "category": name_of(target.category),
        "confidentiality": target.confidentiality,
        "labels": name_of(target.labels),
        "label_codes": codes_table(getattr(target.labels, "table", None)),
        "fold": str(target.fold),
        "adds": list(target.adds),
        "defaults": _plain(target.defaults),
        "rows": [row_table(row) for row in target.rows],
    }


def row_table(row: Row) -> dict[str, Any]:
    """One row as JSON; what is empty is left out."""
    made = {
        "id": row.id,
        "to": row.to,
        "source": list(row.source) if isinstance(row.source, tuple) else row.source,
        "value": _plain(row.value),
        "fn": name_of(row.fn),
        "gather": name_of(row.gather),
        "reads": list(row.reads),
        "refers_to": row.refers_to,
        "table": codes_table(row.table),
        "must": row.must,
        "why": row.why,
        "rules": rules_of(row.gather, row.fn) or None,
        "rows": [row_table(child) for child in row.rows],
    }
    return {name: value for name, value in made.items() if value not in (None, [], False, "")}


def codes_table(table: CodeTable | None) -> Any:
    """One code table as JSON."""
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


def name_of(thing: Any) -> str | None:
    """A named function's own name; partials show what they wrap and with what."""
    if thing is None or not callable(thing) or isinstance(thing, str):
        return None if thing is None else str(thing)
    wrapped = getattr(thing, "func", None)
    if wrapped is not None:
        return f"{wrapped.__name__}{thing.args or ''}"
    return str(getattr(thing, "__name__", type(thing).__name__))
