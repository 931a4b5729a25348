"""Sealed bytes stay in their row where it fits a page, and are not compressed.

PostgreSQL alone: ciphertext does not compress, and most of a read is fetching rows: one look-up for
each in place of two.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = ("resource", "resource_version")
_LONGEST_ROW_BYTES = 8160
"""The most that PostgreSQL takes as toast_tuple_target: a page, but for its header."""


def upgrade() -> None:
    """Apply."""
    for table in _TABLES if _is_postgres() else ():
        op.execute(f"ALTER TABLE {table} SET (toast_tuple_target = {_LONGEST_ROW_BYTES})")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN sealed SET STORAGE EXTERNAL")


def downgrade() -> None:
    """Undo."""
    for table in _TABLES if _is_postgres() else ():
        op.execute(f"ALTER TABLE {table} RESET (toast_tuple_target)")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN sealed SET STORAGE EXTENDED")


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"
