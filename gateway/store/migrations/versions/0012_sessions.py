"""Sessions of staff and people who signed in.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "sign_in_session",
        sa.Column("session_hash", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("subject_hash", sa.String(), nullable=False),
        sa.Column("sid_hash", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session_hash"),
    )
    for name, columns in (
        ("subject", ["provider", "subject_hash"]),
        ("sid", ["provider", "sid_hash"]),
        ("expires", ["expires_at"]),
    ):
        op.create_index(f"sign_in_session_{name}", "sign_in_session", columns)


def downgrade() -> None:
    """Undo."""
    op.drop_table("sign_in_session")
