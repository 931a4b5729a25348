"""Sealed bytes are not compressed, and stay in their row where it fits a page; records are, fast.

PostgreSQL alone: ciphertext does not compress, and most of a read is fetching rows: one look-up for
each in place of two. An audit record is text and does, but what the server does of itself takes
longer than all else of writing a long one.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WHOLE = ("resource", "resource_version")
_SEALED = (*_WHOLE, "delivery", "item")
_LONGEST_ROW_BYTES = 8160
"""The most that PostgreSQL takes as toast_tuple_target: a page, but for its header."""
_FAST = sa.text(
    "SELECT COUNT(*) FROM pg_settings"
    " WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)"
)


def upgrade() -> None:
    """Apply."""
    if not _is_postgres():
        return
    for table in _WHOLE:
        op.execute(f"ALTER TABLE {table} SET (toast_tuple_target = {_LONGEST_ROW_BYTES})")
    for table in _SEALED:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN sealed SET STORAGE EXTERNAL")
    if op.get_bind().scalar(_FAST):  # a server may be built without it
        op.execute("ALTER TABLE audit_entry ALTER COLUMN record SET COMPRESSION lz4")


def downgrade() -> None:
    """Undo."""
    if not _is_postgres():
        return
    for table in _WHOLE:
        op.execute(f"ALTER TABLE {table} RESET (toast_tuple_target)")
    for table in _SEALED:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN sealed SET STORAGE EXTENDED")
    op.execute("ALTER TABLE audit_entry ALTER COLUMN record SET COMPRESSION default")


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"
