"""Business identifiers of what a team wrote over REST.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "written_identifier",
        sa.Column("source_org", sa.String(), nullable=False),
        sa.Column("identifier_hash", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("resource_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source_org", "identifier_hash", "number"),
    )
    resource = ["patient_id", "resource_id"]
    op.create_index("written_identifier_resource", "written_identifier", resource)


def downgrade() -> None:
    """Undo."""
    op.drop_table("written_identifier")
