"""One SQL statement over rows that pass: values bound once, aliases, the Filter for each alias.

In      Groups of people, each with their Filter.
Out     Conditions: that a row passes, that an element of it is shown; the values they bind.
Rule    Every alias of `resource` carries the Filter of the people its rows are of. A Provenance
        is shown only where all it speaks of is.
Errors  TooCostlyError where the Filters of so many people, in every join, or their records, are
        more than one statement may hold.
Pure    No connection.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from consent.filter import Filter, Node
from consent.reach import reaching
from gateway.errors import TooCostlyError
from gateway.store.clear.filter_sql import where
from gateway.store.clear.search_index import EVERY
from gateway.store.clear.search_table import Parameter
from gateway.store.record.reads import Group
from gateway.store.team.team_statements import EDITED, tells_apart

MOST_FILTERS: Final = 4_000
"""So many times a statement may hold the Filter of somebody: once for each row that it joins."""
MOST_BOUND: Final = 32_766
"""Values that one statement may bind: of SQLite's own limit and PostgreSQL's the smaller."""
_NOBODY: Final = "1 = 0"
_Nodes = tuple[Node, ...]
_NO_PEOPLE: Final[Mapping[int, tuple[str, ...]]] = {}


class Statement:
    """Collects the values of one statement."""

    def __init__(
        self, groups: Sequence[Group], people: Mapping[int, tuple[str, ...]] = _NO_PEOPLE
    ) -> None:
        self.args: list[Any] = []
        self.people = people
        """By the number of a question about people: the source records of those it found."""
        self._aliases = 0
        self._filters = 0
        self._firsts: dict[Any, int] = {}
        """By Filter: the number of its first value."""
        self._groups = [
            (self.bound(group.patient_ids), group.allowed)
            for group in groups
            if group.patient_ids and not group.allowed.is_nothing
        ]
        self._everybody = ", ".join(ids for ids, _ in self._groups)
        rows = self._everybody.replace(", ", "), (")
        self.people_named = f"WITH people(id) AS MATERIALIZED (VALUES ({rows})) " if rows else ""
        """What every statement begins with: everybody, named once for all joins."""

    def bind(self, value: Any) -> str:
        """The placeholder of a value. Errors: TooCostlyError."""
        self._take((value,))
        return f"${len(self.args)}"

    def _take(self, values: Sequence[Any]) -> None:
        self.args += values
        if len(self.args) > MOST_BOUND:
            raise TooCostlyError

    def bound(self, values: Iterable[Any]) -> str:
        """The placeholders of several."""
        return ", ".join([self.bind(value) for value in values])

    def alias(self, letter: str) -> str:
        """An alias that is not taken."""
        self._aliases += 1
        return f"{letter}{self._aliases}"

    def visible(self, alias: str, resource_type: str = "") -> str:
        """That the row stands and passes; `resource_type`: the one it is known to be of."""
        told = ""
        if resource_type in ("", "Provenance"):
            told = f" AND NOT ({self._tells_of_hidden(alias)})"
        return f"{alias}.deleted = 0 AND {self.allowed(alias)}{told}"

    def allowed(self, alias: str) -> str:
        """That the row passes the Filter of whose it is.

        Of a row that is joined the column is hidden from the planner, as every join says whose it
        is: SQLite would look in the index for each of all people, for each row. What the Filters
        of several people have in common is written once: to plan a statement takes longer than
        to run it where each of two hundred people has a Filter of their own.
        """
        if not self._groups:
            return _NOBODY
        whose = f"COALESCE({alias}.patient_id, '')"
        self._count(len(self._groups))
        granted: dict[_Nodes, list[tuple[str, _Nodes]]] = {}
        for ids, allowed in self._groups:
            granted.setdefault(allowed.grants, []).append((ids, allowed.denies))
        ways = [self._passing(*one, alias, whose) for one in granted.items()]
        everybody = f"{whose} IN (SELECT id FROM people)"
        if alias == "r":
            everybody = f"r.patient_id IN ({self._everybody})"
        return f"{everybody} AND ({' OR '.join(ways)})"

    def _passing(
        self, grants: _Nodes, several: Sequence[tuple[str, _Nodes]], alias: str, whose: str
    ) -> str:
        """Of people with these grants what they let through, less what is denied of each."""
        denied: dict[Node, list[str]] = {}
        common = tuple(n for n in several[0][1] if all(n in denies for _, denies in several))
        for ids, denies in several:
            own = tuple(node for node in denies if node not in common)
            for node in (*reaching(common, grants), *reaching(own, grants)):
                denied.setdefault(node, []).append(ids)
        text = self._written(Filter(grants), alias)
        if len(several) < len(self._groups):
            text = f"{whose} IN ({', '.join(ids for ids, _ in several)}) AND {text}"
        stopped = []
        for node, of in denied.items():
            them = f"{whose} IN ({', '.join(of)}) AND " if len(of) < len(several) else ""
            stopped.append(f"({them}{self._written(Filter((node,)), alias)})")
        return f"({text} AND NOT ({' OR '.join(stopped)}))" if stopped else f"({text})"

    def shown(self, parameter: Parameter, alias: str, text: str, negated: bool = False) -> str:
        """The condition where the element is shown; else as if the row had none."""
        hidden = self._hidden(parameter, alias)
        if not hidden:
            return f"NOT {text}" if negated else text
        made = f"({text} AND NOT ({hidden}))"
        return f"NOT {made}" if negated else made

    def masks_places(self, alias: str) -> str:
        """Where no organisation or place is named, in words neither."""
        masked = [any(".@" in mask for mask in one.masks) for _, one in self._groups]
        return self._of(alias, masked) or _NOBODY

    def may_keep_edits(self, alias: str) -> str:
        """Where an edit may be hidden though the row that it lies over is shown."""
        kept = [tells_apart(one.grants, one.denies) for _, one in self._groups]
        return self._of(alias, kept) or _NOBODY

    def _hidden(self, parameter: Parameter, alias: str) -> str:
        """Where what the parameter reads is taken out of what is shown of a row, or may be that of
        an edit by somebody of whom it is kept from the caller."""
        allowed = [one for _, one in self._groups]
        masked = [parameter.is_within(one.masks) for one in allowed]
        edited = [
            parameter.is_edited and not out and tells_apart(one.grants, one.denies)
            for one, out in zip(allowed, masked, strict=True)
        ]
        ways = [self._of(alias, masked), self._of(alias, edited, f"{alias}.origin = '{EDITED}'")]
        for number, one in enumerate(allowed):
            reduction = one.reduction
            if reduction and not masked[number] and parameter.is_within(reduction.masks):
                whole = self._where(Filter(reduction.whole), alias)
                shelves = self.bound(sorted(reduction.categories))
                text = f"{alias}.category IN ({shelves}) AND NOT {whole}"
                these = [place == number for place in range(len(allowed))]
                ways.append(self._of(alias, these, text))
        return " OR ".join(way for way in ways if way)

    def _of(self, alias: str, groups: Sequence[bool], text: str = "") -> str:
        """That a row is of these groups, and the condition; empty of none of them. Every row is of
        some group, so that of all of them it is not asked whose it is: a list of hundreds of
        people is compared one by one where PostgreSQL plans a statement once for many askings."""
        listed = [ids for (ids, _), named in zip(self._groups, groups, strict=True) if named]
        if not listed:
            return ""
        if len(listed) == len(self._groups):
            return f"({text or '1 = 1'})"
        whose = f"{alias}.patient_id IN ({', '.join(listed)})"
        return f"({text} AND {whose})" if text else whose

    def _tells_of_hidden(self, alias: str) -> str:
        """That it is a Provenance of something that does not pass."""
        link, owner, target = self.alias("l"), self.alias("o"), self.alias("t")
        return (
            f"{alias}.resource_type = 'Provenance' AND EXISTS (SELECT 1 FROM search_link {link}"
            f" WHERE {link}.patient_id = {alias}.patient_id"
            f" AND {link}.resource_id = {alias}.resource_id AND {link}.name = {self.bind(EVERY)}"
            f" AND NOT EXISTS (SELECT 1 FROM resource_owner {owner} JOIN resource {target}"
            f" ON {target}.patient_id = {owner}.patient_id"
            f" AND {target}.resource_id = {owner}.resource_id"
            f" WHERE {owner}.resource_id = {link}.target AND {target}.deleted = 0"
            f" AND {self.allowed(target)}))"
        )

    def _where(self, allowed: Filter, alias: str) -> str:
        self._count(1)
        return self._written(allowed, alias)

    def _count(self, filters: int) -> None:
        self._filters += filters
        if self._filters > MOST_FILTERS:
            raise TooCostlyError

    def _written(self, allowed: Filter, alias: str) -> str:
        first = self._firsts.setdefault((allowed.grants, allowed.denies), len(self.args) + 1)
        text, values = where(allowed, alias, first)
        if first > len(self.args):
            self._take(values)
        return text
