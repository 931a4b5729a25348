"""What the service's own account of a PostgreSQL database may do, and no more.

In      The name of a role, which owns no table.
Out     SQL statements, for the tables' owner to run after each migration.
Rule    What is never changed may be added to and read; of the log's head, one row is moved on.
        Triggers refuse the same of everybody: who owns a table can take those away, and such a role
        cannot.
Errors  ConfigurationError for a name that would have to be quoted.
"""

import re
from typing import Final

from sqlmodel import SQLModel

from gateway.errors import ConfigurationError
from gateway.store.database import schema  # noqa: F401 - registers the tables

_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)
_ALL: Final = "SELECT, INSERT, UPDATE, DELETE"
_LESS: Final = {
    "alembic_version": "SELECT",
    "audit_entry": "SELECT, INSERT",
    "audit_head": "SELECT, UPDATE",
    "log_checkpoint": "SELECT, INSERT",
    "log_subtree": "SELECT, INSERT",
    "resource_version": "SELECT, INSERT, DELETE",  # of who was shredded: a trigger sees to that
}


def statements(role: str) -> list[str]:
    """What gives the role its rights, and takes away whatever else it had."""
    if not _NAME.fullmatch(role):
        raise ConfigurationError("a role is named by small letters, digits and underscores")
    tables = sorted({*SQLModel.metadata.tables, *_LESS})
    return [
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        *(f"GRANT {_LESS.get(table, _ALL)} ON {table} TO {role}" for table in tables),
    ]
