"""Who the care professional is: a provider's own list of its staff, joined where staff are named.

In      What a set calls its list and the columns of it; the column in which a row names somebody.
Out     Rows: a reference by the provider's own number, with whatever the list says beside it; in a
        team also as roles. Why the columns are left out where no target names anybody.
Source  NHS Data Model and Dictionary: CARE PROFESSIONAL LOCAL IDENTIFIER and the elements that
        stand with it. The list holds no names.
Rule    Staff groups, specialties and registering bodies stay the codes they are: no published
        source that may be cited gives their meanings. A professional number is shown in words
        with its body, and names nobody's account.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import Row
from mappings.core.sets import national
from mappings.core.sets.national_codes import LocalCode
from mappings.core.shaping.identifiers import organisation


@dataclass(frozen=True)
class StaffList:
    """A provider's list of staff."""

    table: str
    key: str
    """The column with the provider's own number, here and where a row names somebody."""
    owner: str
    """The column with the organisation whose number it is; empty where there is none."""
    body: str
    entry: str
    """The columns of a professional registration: by whom, and under what."""
    register: LocalCode
    works_as: Mapping[str, LocalCode]
    """Columns that say what somebody works as."""

    @property
    def said(self) -> tuple[str, ...]:
        """The columns that tell of somebody."""
        return tuple(filter(None, (self.owner, self.body, self.entry, *self.works_as)))

    def reference(self, row_id: str, to: str, named: str, *, must: bool = False) -> Row:
        """A reference to whoever a column of the item's own row names."""
        source = (named, *(f"{self.table}.{column}" for column in self.said))
        return Row(row_id, to, source, fn=self._by_number, must=must)

    def references(self, row_id: str, to: str, below: str, beside: str) -> Row:
        """A reference to each of those whom the rows of a table below name, but whom the row of the
        table `beside` names itself."""
        columns = (self.key, *(f"{self.table}.{column}" for column in self.said))
        reads = tuple(f"{below}[].{column}" for column in columns)
        named = _NamedIn(below, beside, self.key)
        return Row(row_id, to, gather=named, reads=reads, fn=self._by_row)

    def roles(self, row_id: str, to: str) -> tuple[Row, ...]:
        """What somebody in a team works as, one row for each column that says it."""
        return tuple(
            Row(f"{row_id}.{column}", to, f"{self.table}.{column}", fn=code)
            for column, code in self.works_as.items()
        )

    def joins(self, below: str = "") -> dict[str, str]:
        """Why the list's key is left out: of the item's own row, or of the rows of a table."""
        at = f"{below}[]." if below else ""
        return {f"{at}{self.table}.{self.key}": "joins the list of staff to the row"}

    def who(self, number: str, said: Mapping[str, str]) -> dict[str, Any]:
        """The reference to one of the staff."""
        made = national.staff(number)
        if owner := said.get(self.owner):
            made["identifier"]["assigner"] = organisation(owner)
        words = "; ".join(self._words(said))
        return made | ({"display": words} if words else {})

    def _words(self, said: Mapping[str, str]) -> Iterator[str]:
        if entry := said.get(self.entry):
            yield f"Registered under {entry}"
        for column, code in {self.body: self.register, **self.works_as}.items():
            if column in said:
                yield code.in_words(said[column])

    @cached_property
    def _by_number(self) -> "_ByNumber":
        return _ByNumber(self)

    @cached_property
    def _by_row(self) -> "_ByRow":
        return _ByRow(self)


class _ByNumber:
    """A reference to one of the staff, by the number and what the list says beside it."""

    def __init__(self, staff: StaffList) -> None:
        self._staff = staff
        self.__name__ = f"one_of_{staff.table}"

    def __call__(self, number: Any, *said: Any) -> dict[str, Any] | None:
        if number is None:
            return None
        columns = zip(self._staff.said, said, strict=True)
        return self._staff.who(str(number), {name: cell for name, cell in columns if cell})


class _ByRow:
    """A reference to one of the staff, by a row that names them."""

    def __init__(self, staff: StaffList) -> None:
        self._staff = staff
        self.__name__ = f"one_of_{staff.table}_by_row"

    def __call__(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return self._staff.who(row[self._staff.key], row.get(self._staff.table) or {})


class _NamedIn:
    """The rows of a table below that name somebody, each of the staff once."""

    def __init__(self, below: str, beside: str, key: str) -> None:
        self._below = below
        self._beside = beside
        self._key = key
        self.__name__ = f"staff_named_in_{below}"

    def __call__(self, scope: Scope) -> Iterator[Found]:
        seen = {(scope.facts.get(self._beside) or {}).get(self._key)}
        for index, row in enumerate(scope.facts.get(self._below) or ()):
            number = row.get(self._key)
            if number and number not in seen:
                seen.add(number)
                yield Found((self._below, index), row)
