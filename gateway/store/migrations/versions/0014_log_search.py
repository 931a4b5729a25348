"""Search the log by purpose and break-glass, within seconds; remember what witnesses took.

The new columns of entries that are there are filled from their records; the records themselves,
which the tree is over, stay as they are.

Revision ID: 0014
Revises: 0013
"""

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_AT_ONCE = 5_000
_OF_HARM = sa.text("event = 'safeguarding'")
_COLUMNS = [
    *("seq", "recorded_at", "event", "outcome", "org", "user_id", "person_id"),
    *("owner_orgs", "purpose", "break_glass"),
]


def upgrade() -> None:
    """Add and fill the columns, then the index; make the table."""
    empty, zero = sa.text("''"), sa.text("0")
    op.add_column(
        "audit_entry", sa.Column("purpose", sa.String(), nullable=False, server_default=empty)
    )
    op.add_column(
        "audit_entry",
        sa.Column("break_glass", sa.SmallInteger(), nullable=False, server_default=zero),
    )
    _refuse_changes(False)
    _fill()
    _refuse_changes(True)
    op.create_index("audit_search", "audit_entry", _COLUMNS)
    op.create_index(
        "audit_safeguarding",
        "audit_entry",
        ["seq"],
        sqlite_where=_OF_HARM,
        postgresql_where=_OF_HARM,
    )
    if op.get_bind().dialect.name == "postgresql":
        # a log only grows: swept often, a search never has to look at the rows behind the index
        op.execute(
            "ALTER TABLE audit_entry SET (autovacuum_vacuum_insert_scale_factor = 0.02,"
            " autovacuum_analyze_scale_factor = 0.02)"
        )
    op.create_table(
        "log_witness",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("again_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("log_witness")
    op.drop_index("audit_safeguarding", "audit_entry")
    op.drop_index("audit_search", "audit_entry")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE audit_entry RESET (autovacuum_vacuum_insert_scale_factor,"
            " autovacuum_analyze_scale_factor)"
        )
    for column in ("break_glass", "purpose"):  # in place: a copied table would lose its triggers
        op.execute(f"ALTER TABLE audit_entry DROP COLUMN {column}")


def _refuse_changes(refused: bool) -> None:
    """Lift what keeps the log append-only, and put it back."""
    if op.get_bind().dialect.name == "postgresql":
        word = "ENABLE" if refused else "DISABLE"
        op.execute(f"ALTER TABLE audit_entry {word} TRIGGER audit_entry_append_only")
    elif refused:
        op.execute(
            "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry"
            " BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END"
        )
    else:
        op.execute("DROP TRIGGER audit_entry_no_update")


def _fill() -> None:
    connection, last = op.get_bind(), -1
    read = sa.text(
        "SELECT seq, record FROM audit_entry WHERE seq > :last ORDER BY seq LIMIT :count"
    )
    change = sa.text(
        "UPDATE audit_entry SET purpose = :purpose, break_glass = :broken WHERE seq = :seq"
    )
    while rows := connection.execute(read, {"last": last, "count": _AT_ONCE}).all():
        made = [{"seq": seq} | _said(bytes(record)) for seq, record in rows]
        filled = [one for one in made if one["purpose"] or one["broken"]]
        if filled:
            connection.execute(change, filled)
        last = rows[-1][0]


def _said(record: bytes) -> dict[str, object]:
    entry = orjson.loads(record)
    opened = entry["event"] in ("break-glass-open", "break-glass-use", "break-glass-close")
    return {
        "purpose": entry.get("agent", {}).get("purpose", ""),
        "broken": int(opened or "break-glass" in entry.get("reasons", ())),
    }
