"""A list that other rows name, such as of a provider's staff: what becomes of each of its rows.

In      The rows of the list, its key, and the keys that rows of the delivery named.
Out     The rows that cannot be used, each with an error; of the others, what reading repaired and
        how many no row names, as warnings about the list as a whole.
Errors  None raised.
Rule    Asked for once the rows that may name it were read; a row that is named stands in their
        lineage. A list may well hold more than a delivery needs: that is told, and no fault.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from mappings.core.model.outcome import Issue, error, has_errors, warning
from mappings.core.reading.tables import TableRow


@dataclass(slots=True)
class Listing:
    """One list of a delivery being read."""

    name: str
    key: str
    named: set[str] = field(default_factory=set)
    _unnamed: int = 0
    _repairs: dict[Issue, None] = field(default_factory=dict)

    def unusable(self, rows: Iterable[TableRow]) -> Iterator[TableRow]:
        """The rows that cannot be read or named; the others are counted."""
        for row in rows:
            key = row.cells.get(self.key)
            if has_errors(row.issues):
                yield row
            elif key is None:
                missing = error(f"{self.name}.{self.key}", "missing", _NO_KEY)
                yield replace(row, issues=(*row.issues, missing))
            else:
                self._unnamed += key not in self.named
                self._repairs |= dict.fromkeys(row.issues)

    def told(self) -> Iterator[Issue]:
        """What is said of the list as a whole, after its rows were read."""
        yield from self._repairs
        if self._unnamed:
            text = f"rows that no row of this delivery names: {self._unnamed}; kept with it"
            yield warning(self.name, "not-named", text)


_NO_KEY = "no row can name this one; send the key that other rows name it by"
