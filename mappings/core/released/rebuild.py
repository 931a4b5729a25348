"""A kept mapping made to work again, so that two versions can map the same example.

In      The table of a kind; the kinds of today, whose functions it names.
Out     Rebuilt: a Kind, and what of the table could not be made to work.
Rule    Rows, codes and targets are those of the table. A named function is today's of that name:
        that of the same row, or the only one; where there is none, the row or target is left out
        and named. What stands in the table as it stands today is today's own.
Pure    Yes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from mappings.core.model.codes import CodeTable, Concept, rules_of
from mappings.core.model.outcome import Fold
from mappings.core.model.rows import Kind, Row, Target
from mappings.core.released.version import codes_table, name_of, row_table, target_table

_PATH: Final = frozenset("[]./")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A kind of another version."""

    kind: Kind
    left_out: tuple[str, ...]
    """Ids of rows and names of targets that name a function there is no more."""


def rebuilt(table: Mapping[str, Any], today: Kind, kinds: Iterable[Kind]) -> Rebuilt:
    """The kind of the table; `kinds` are all whose functions it may name."""
    making = _Making(today, kinds)
    targets = [made for one in table["targets"] if (made := making.target(one)) is not None]
    merges = None
    try:
        merges = making.function(table.get("merges"), today.merges)
    except _UnknownError:
        making.left_out.append("merges")
    kind = replace(
        today,
        title=table["title"],
        targets=tuple(targets),
        ignored=dict(table["ignored"]),
        lists=dict(table.get("lists", {})),
        merges=merges,
    )
    return Rebuilt(kind, tuple(dict.fromkeys(making.left_out)))


class _UnknownError(Exception):
    """There is no function of that name, or several."""


class _Making:
    """Everything of today that a table may name."""

    def __init__(self, today: Kind, kinds: Iterable[Kind]) -> None:
        self.left_out: list[str] = []
        self._targets = [(target_table(one), one) for one in today.targets]
        self._named: dict[str, list[Any]] = {}
        for kind in (today, *kinds):
            for one in _functions(kind):
                known = self._named.setdefault(str(name_of(one)), [])
                if all(one is not other for other in known):
                    known.append(one)

    def target(self, table: Mapping[str, Any]) -> Target | None:
        """The target of a table; None where it cannot be made to work."""
        same = next((one for seen, one in self._targets if seen == table), None)
        if same is not None:
            return same
        like = next((one for _, one in self._targets if _is_like(one, table)), None)
        key, each = table["key"], table["each"]
        is_path = bool(_PATH & {*each})
        try:
            return Target(
                table["type"],
                rows=tuple(self._rows(table["rows"], like.rows if like else ())),
                category=self._either(table["category"], like and like.category),
                key=self.function(key, like and like.key) if isinstance(key, str) else tuple(key),
                name="" if table["name"] == table["type"] else table["name"],
                each=each if is_path else self._either(each, like and like.each),
                when=self.function(table["when"], like and like.when),
                confidentiality=table["confidentiality"],
                labels=self._labels(table, like and like.labels),
                fold=Fold(table["fold"]),
                reads=like.reads if like else (),
                adds=tuple(table["adds"]),
                defaults=table["defaults"],
            )
        except (_UnknownError, ValueError):
            self.left_out.append(f"{table['type']} {table['name']}")
            return None

    def _rows(self, tables: Iterable[Mapping[str, Any]], today: Sequence[Row]) -> Iterator[Row]:
        for table in tables:
            like = [row for row in today if row.id == table["id"]]
            same = next((row for row in like if row_table(row) == table), None)
            near = next((row for row in like if row.to == table["to"]), like[0] if like else None)
            try:
                yield same or self._row(table, near)
            except (_UnknownError, ValueError):
                self.left_out.append(table["id"])

    def _row(self, table: Mapping[str, Any], like: Row | None) -> Row:
        source = table.get("source")
        fn = self.function(table.get("fn"), like and like.fn)
        gather = self.function(table.get("gather"), like and like.gather)
        if "rules" in table and table["rules"] != rules_of(gather, fn):
            raise _UnknownError
        return Row(
            table["id"],
            table["to"],
            tuple(source) if isinstance(source, list) else source,
            value=table.get("value"),
            fn=fn,
            table=_codes(table.get("table"), like.table if like else None),
            gather=gather,
            reads=tuple(table.get("reads", ())),
            refers_to=table.get("refers_to"),
            rows=tuple(self._rows(table.get("rows", ()), like.rows if like else ())),
            must=table.get("must", False),
            why=table.get("why", ""),
        )

    def function(self, name: str | None, like: Any) -> Any:
        """The function of that name: that of the same place today, or the only one there is."""
        if name is None or name == name_of(like):
            return None if name is None else like
        known = self._named.get(name, [])
        if len(known) != 1:
            raise _UnknownError
        return known[0]

    def _either(self, name: str, like: Any) -> Any:
        """A function where there is one of that name; else the word itself."""
        is_function = name in self._named or (callable(like) and name == name_of(like))
        return self.function(name, like) if is_function else name

    def _labels(self, table: Mapping[str, Any], like: Any) -> Any:
        """The function that labels, with the codes of the table where it has codes."""
        found = self.function(table["labels"], like)
        codes = _codes(table["label_codes"], getattr(found, "table", None))
        if codes == getattr(found, "table", None):
            return found
        if not hasattr(found, "__dataclass_fields__"):
            raise _UnknownError
        return replace(found, table=codes)


def _is_like(target: Target, table: Mapping[str, Any]) -> bool:
    return (target.type, target.title) == (table["type"], table["name"])


def _codes(table: Mapping[str, Any] | None, like: CodeTable | None) -> CodeTable | None:
    """The code table; today's own where it is the same."""
    if table is None or table == codes_table(like):
        return None if table is None else like
    meanings = {
        word: Concept(*meaning) if isinstance(meaning, list) else meaning
        for word, meaning in table["codes"].items()
    }
    return CodeTable(
        table["source"],
        meanings,
        required=table["required"],
        ours=like.ours if like else False,
        bare=table.get("bare", False),
    )


def _functions(kind: Kind) -> Iterator[Callable[..., Any]]:
    whole: list[Any] = [kind.merges]
    for target in kind.targets:
        whole += [target.category, target.key, target.each, target.when, target.labels]
        for row in _every(target.rows):
            whole += [row.fn, row.gather]
    return (one for one in whole if callable(one))


def _every(rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        yield row
        yield from _every(row.rows)
