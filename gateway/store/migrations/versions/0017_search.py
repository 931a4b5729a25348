"""Dates and links that a resource can be found by.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "search_date",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("resource_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=False),
        sa.Column("high", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "resource_id", "name", "low", "high"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_link",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("resource_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "resource_id", "name", "kind", "target"),
        sqlite_with_rowid=False,
    )
    op.create_index("search_link_back", "search_link", ["target", "name"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("search_link")
    op.drop_table("search_date")
