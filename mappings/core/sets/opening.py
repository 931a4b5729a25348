"""The files of a delivery as the tables they are, and what is said of files that are not read.

In      The members of a delivery, the table each is called, the columns of each table that is
        read, and why others are not.
Out     Table -> its files in the order of their names; an issue for what is no table, is not
        read or had to be repaired.
Errors  None raised.
Pure    Rows are read again each time they are asked for.
"""

from collections.abc import Iterator, Mapping
from itertools import chain

from mappings.core.model.outcome import Issue, warning
from mappings.core.reading.tables import Columns, Table, TableRow

Tables = dict[str, list[Table]]
"""The files of each table, in the order of their names."""


def opened(
    members: Mapping[str, bytes],
    called: Mapping[str, str | None],
    columns: Mapping[str, Columns],
    ignored: Mapping[str, str],
    title: str,
) -> tuple[Tables, list[Issue]]:
    """The tables that are read; what makes one unreadable is left to whoever reads its rows."""
    tables: Tables = {}
    issues: list[Issue] = []
    for member, body in members.items():
        name = called[member]
        if name is None:
            issues.append(warning("", "unknown-member", "a file that is no table; not read"))
        elif name in ignored:
            issues.append(warning(name, "ignored-table", ignored[name]))
        elif name not in columns:
            issues.append(warning(name, "unknown-table", f"no table of {title}; not read"))
        else:
            if name in tables:
                text = "stands in several files of this delivery; they are read as one table"
                issues.append(warning(name, "repeated-table", text))
            tables.setdefault(name, []).append(Table(name, body, columns[name]))
    for table in chain.from_iterable(tables.values()):
        issues += [issue for issue in table.issues if table.readable or issue.code != "no-heading"]
    return tables, issues


def rows_of(tables: Tables, name: str) -> Iterator[TableRow]:
    """The rows of every file of a table."""
    return chain.from_iterable(table.rows() for table in tables.get(name, ()))
