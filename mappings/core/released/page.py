"""A feed as a page: every kind, row, code table and ignored field, as a reviewer signs it off.

In      A Feed.
Out     Markdown. The same feed gives the same page; a test compares it with docs/mappings. What
        several kinds share is printed with the first of them, and named with the others.
Pure    Nothing is read but the feed.
"""

import inspect
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from mappings.core.model.codes import CodeTable, Concept, rules_of
from mappings.core.model.rows import Feed, Kind, Row, Target
from mappings.core.released.version import version

_HEAD: Final = """\
# {title}: what its messages become

Generated from `mappings/{folder}`; change the tables there, then run
`python -m tools.write_docs`. A mapping is a table of rows: which element of a FHIR resource
comes from which field, through which function or code table, and why. What is not mapped is
listed with the reason. A code that is not in a *required* table stops the item; any other
unmapped code is kept as text where its element can hold text, and is reported.
"""


def page(feed: Feed) -> str:
    """The whole page of a feed."""
    parts = [_HEAD.format(title=feed.title, folder=feed.name.replace("-", "_"))]
    formats = [(one.name, ", ".join(one.media_types)) for one in feed.formats]
    parts.append("## Formats\n\n" + _table(("format", "media types"), formats))
    kinds = [(f"`{name}`", kind.title, f"`{version(kind)}`") for name, kind in feed.kinds.items()]
    parts.append("## Kinds\n\n" + _table(("kind", "what it is", "version"), kinds))
    printed: dict[str, str] = {}
    parts += [_kind(kind, printed) for kind in feed.kinds.values()]
    return "\n".join(parts)


def _kind(kind: Kind, printed: dict[str, str]) -> str:
    tables = list(tables_of(kind))
    parts = [f"## {kind.title} (`{kind.name}`)\n", f"Version `{version(kind)}`.\n"]
    if kind.keeps_rest:
        holders = ", ".join(sorted(kind.holders))
        parts.append(
            "A resource that cannot be made is refused alone, and the rest is taken; where it is a"
            f" {holders}, nothing is.\n"
        )
    if kind.whole:
        parts.append("An item states its subject whole: what it no longer names is withdrawn.\n")
    for of, name in kind.lists.items():
        said = f"An item that makes the List of {name} names every {of}: another is withdrawn."
        parts.append(f"{said}\n")
    if kind.merges:
        parts.append(f"Of two records: `{_named(kind.merges)}`. {_says(kind.merges)}\n")
    sections = [_target(target, tables) for target in kind.targets]
    if kind.ignored:
        reasons: dict[str, list[str]] = {}
        for path, why in kind.ignored.items():
            reasons.setdefault(why, []).append(f"`{path}`")
        rows = [(", ".join(paths), why) for why, paths in reasons.items()]
        sections.append("### Not mapped\n\n" + _table(("fields", "why"), rows))
    functions = _functions(kind)
    if functions:
        sections.append("### Functions\n\n" + _table(("function", "what it makes"), functions))
    sections += [_rules(name, rules) for name, rules in _looked_up(kind)]
    sections += [_codes(name, table) for name, table in tables]
    return "\n".join([*parts, *(_once(section, kind, printed) for section in sections)])


def _once(section: str, kind: Kind, printed: dict[str, str]) -> str:
    """A section where it stands first; elsewhere its heading, and where it is printed."""
    first = printed.setdefault(section, kind.name)
    if first == kind.name:
        return section
    return section.partition("\n")[0] + f"\n\nAs in `{first}`.\n"


def _target(target: Target, tables: list[tuple[str, CodeTable]]) -> str:
    name = f" (`{target.name}`)" if target.name else ""
    facts = [
        ("made for", "the item" if target.each == "." else f"each `{_named(target.each)}`"),
        ("only when", f"`{_named(target.when)}`" if target.when else ""),
        ("key", _key(target)),
        ("access category", f"`{_named(target.category)}`"),
        ("confidentiality", f"`{target.confidentiality}`"),
        ("further labels", f"`{_named(target.labels)}`" if target.labels else ""),
        ("several items", f"`{target.fold}`"),
    ]
    said = _table(("", ""), [fact for fact in facts if fact[1]])
    rows = _table(
        ("element", "from", "how", "why", "row"),
        [
            *(cells for row in target.rows for cells in _cells(row, "", tables)),
            *(_default(target, element) for element in target.defaults),
        ],
    )
    return f"### {target.type}{name}\n\n{said}\n{rows}"


def _key(target: Target) -> str:
    if callable(target.key):
        return f"`{_named(target.key)}`"
    return " and ".join(f"`{part}`" for part in target.key) or "the person"


def _cells(row: Row, within: str, tables: list[tuple[str, CodeTable]]) -> Iterator[tuple[str, ...]]:
    element = f"{within}{row.to}"
    must = " (needed)" if row.must else ""
    yield f"`{element}`{must}", _from(row), _how(row, tables), row.why, f"`{row.id}`"
    for child in row.rows:
        yield from _cells(child, f"{element}.", tables)


def _default(target: Target, element: str) -> tuple[str, ...]:
    said = f"{_shown(target.defaults[element])} where nothing says it"
    return f"`{element}`", said, "", "needed in FHIR R4", f"`{target.default_rule(element)}`"


def _from(row: Row) -> str:
    if row.value is not None:
        return f"always {_shown(row.value)}"
    if row.refers_to is not None:
        return f"every `{row.refers_to}` made here"
    texts = (row.source,) if isinstance(row.source, str) else (row.source or row.reads)
    return ", ".join(f"`{text}`" for text in texts)


def _how(row: Row, tables: list[tuple[str, CodeTable]]) -> str:
    steps = [f"`{_named(one)}`" for one in (row.gather, row.fn) if one is not None]
    if row.table is not None:
        name = next(name for name, table in tables if table is row.table)
        steps.append(f"codes of `{name}`")
    return ", then ".join(steps)


def tables_of(kind: Kind) -> Iterator[tuple[str, CodeTable]]:
    """Each code table once, by the id of the first row that uses it."""
    seen: set[int] = set()
    for name, table in _named_tables(kind):
        if id(table) not in seen:
            seen.add(id(table))
            yield name, table


def _named_tables(kind: Kind) -> Iterator[tuple[str, CodeTable]]:
    for target in kind.targets:
        for row in _every(target.rows):
            if row.table is not None:
                yield row.id, row.table
        table = getattr(target.labels, "table", None)
        if isinstance(table, CodeTable):
            yield _named(target.labels), table


def _codes(name: str, table: CodeTable) -> str:
    rows = [(_shown(word), *_meaning(meaning)) for word, meaning in table.rows.items()]
    required = "Required: any other code stops the item. " if table.required else ""
    head = f"### Codes of `{name}`\n\n{required}Source: {table.source}.\n\n"
    return head + _table(("sent", "becomes", "display", "system"), rows)


def _looked_up(kind: Kind) -> Iterator[tuple[str, dict[str, str]]]:
    """What each function of the kind looks up, by its name."""
    rows = (row for target in kind.targets for row in _every(target.rows))
    functions = {_named(one): one for row in rows for one in (row.gather, row.fn) if one}
    return ((name, found) for name, one in functions.items() if (found := rules_of(one)))


def _rules(name: str, rules: dict[str, str]) -> str:
    rows = [(f"`{word}`", said) for word, said in rules.items()]
    return f"### What `{name}` looks up\n\n" + _table(("for", "it finds"), rows)


def _meaning(meaning: str | Concept) -> tuple[str, str, str]:
    if isinstance(meaning, Concept):
        return f"`{meaning.code}`", meaning.display, meaning.system
    return f"`{meaning}`", "", ""


def _functions(kind: Kind) -> list[tuple[str, str]]:
    """Every named function of the kind with the first line of what it says of itself."""
    found: dict[str, str] = {}
    for target in kind.targets:
        whole = (target.category, target.key, target.each, target.when, target.labels)
        inner = [one for row in _every(target.rows) for one in (row.gather, row.fn)]
        for one in (*whole, *inner):
            if callable(one):
                found.setdefault(_named(one), _says(one))
    return [(f"`{name}`", says) for name, says in sorted(found.items()) if says]


def _every(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        yield row
        yield from _every(row.rows)


def _says(function: Callable[..., Any]) -> str:
    plain = getattr(function, "func", function)
    told = inspect.getdoc(plain) or ""
    if not inspect.isroutine(plain):
        told = inspect.getdoc(type(plain)) or ""
    return told.partition("\n")[0]


def _named(thing: Any) -> str:
    """A path as it is; a function by its own name, with what it was given."""
    if isinstance(thing, str):
        return str(thing)
    given = getattr(thing, "args", ())
    plain = getattr(thing, "func", thing)
    name = str(getattr(plain, "__name__", type(plain).__name__))
    return f"{name}({', '.join(map(str, given))})" if given else name


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"`{value}`"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return f"`{text}`"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join("| " + " | ".join(map(_cell, line)) + " |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
