"""What sources and operators say of two source records: one person, or not.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "identity_statement",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("statement_id", sa.String(), nullable=False),
        sa.Column("other_id", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("source_time", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('same', 'different', 'open')", name="identity_statement_verdict"
        ),
        sa.PrimaryKeyConstraint("patient_id", "statement_id", "other_id"),
    )
    with op.batch_alter_table("identity_statement", schema=None) as batch_op:
        batch_op.create_index("identity_statement_other", ["other_id"], unique=False)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("identity_statement", schema=None) as batch_op:
        batch_op.drop_index("identity_statement_other")
    op.drop_table("identity_statement")
