"""Client assertions that were taken once.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "spent_assertion",
        sa.Column("spent_id", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("spent_id"),
    )
    op.create_index("ix_spent_assertion_until", "spent_assertion", ["until"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("spent_assertion")
