"""Shredding: requests, holds, who was shredded; what processes go by before they open or hash.

What was written of somebody is never changed; now it can be removed, where the database itself
says that the record was shredded.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_SHREDDED = "EXISTS (SELECT 1 FROM shredded s WHERE s.patient_id = OLD.patient_id)"
_REFUSED = "resource_version is append-only"


def upgrade() -> None:
    """Make the tables, and let the versions of a shredded record go."""
    op.create_table(
        "key_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name="key_state_single"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute("INSERT INTO key_state (id, epoch, generation) VALUES (1, 1, 1)")
    op.create_table(
        "shred_request",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("whole", sa.SmallInteger(), nullable=False),
        sa.Column("records", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'confirmed', 'done', 'withdrawn')", name="shred_request_state"
        ),
        sa.CheckConstraint("asked_by <> confirmed_by", name="shred_request_two"),
        sa.PrimaryKeyConstraint("patient_id", "request_id"),
    )
    op.create_index("shred_request_id", "shred_request", ["request_id"])
    op.create_table(
        "shred_hold",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("hold_id", sa.String(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.Column("review_on", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "hold_id"),
    )
    op.create_table(
        "shredded",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("keys_until", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id"),
    )
    for sql in _postgres() if _is_postgres() else _sqlite():
        op.execute(sql)


def downgrade() -> None:
    """Undo."""
    for sql in _postgres_before() if _is_postgres() else _sqlite_before():
        op.execute(sql)
    for table in ("shredded", "shred_hold", "shred_request", "key_state"):
        op.drop_table(table)


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _sqlite() -> tuple[str, ...]:
    return (
        "DROP TRIGGER resource_version_no_delete",
        "CREATE TRIGGER resource_version_no_delete BEFORE DELETE ON resource_version"
        f" WHEN NOT {_SHREDDED} BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END",
    )


def _sqlite_before() -> tuple[str, ...]:
    return (
        "DROP TRIGGER resource_version_no_delete",
        "CREATE TRIGGER resource_version_no_delete BEFORE DELETE ON resource_version"
        f" BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END",
    )


def _postgres() -> tuple[str, ...]:
    return (
        "DROP TRIGGER resource_version_append_only ON resource_version",
        "CREATE TRIGGER resource_version_append_only BEFORE UPDATE OR TRUNCATE ON resource_version"
        " FOR EACH STATEMENT EXECUTE FUNCTION resource_version_refuse()",
        "CREATE FUNCTION resource_version_shredded() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF NOT {_SHREDDED} THEN RAISE EXCEPTION '{_REFUSED}'; END IF; RETURN OLD; END $$",
        "CREATE TRIGGER resource_version_no_delete BEFORE DELETE ON resource_version"
        " FOR EACH ROW EXECUTE FUNCTION resource_version_shredded()",
    )


def _postgres_before() -> tuple[str, ...]:
    return (
        "DROP TRIGGER resource_version_no_delete ON resource_version",
        "DROP FUNCTION resource_version_shredded()",
        "DROP TRIGGER resource_version_append_only ON resource_version",
        "CREATE TRIGGER resource_version_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
        " ON resource_version FOR EACH STATEMENT EXECUTE FUNCTION resource_version_refuse()",
    )
