"""Files that state a period whole, their items, and what follows from what they leave out.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _snapshots()
    op.create_table(
        "snapshot_item",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("snapshot_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("refused", sa.SmallInteger(), nullable=False),
        sa.Column("falls", sa.String(), nullable=False),
        sa.Column("lasts", sa.SmallInteger(), nullable=False),
        sa.Column("begins", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "snapshot_id", "item_id"),
    )
    op.create_index("snapshot_item_snapshot", "snapshot_item", ["snapshot_id"])
    op.create_table(
        "absence_mark",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("resource_id", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "resource_id"),
    )
    op.create_table(
        "absence_guard",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("feed"),
    )
    op.create_table(
        "lapse",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("resource_id", sa.String(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "resource_id"),
    )
    op.create_index("lapse_due", "lapse", ["due_at"])


def _snapshots() -> None:
    op.create_table(
        "snapshot",
        sa.Column("snapshot_id", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("source_org", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("starts", sa.String(), nullable=False),
        sa.Column("ends", sa.String(), nullable=False),
        sa.Column("made", sa.String(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'in-part', 'held', 'several', 'applied', 'refused')",
            name="snapshot_state",
        ),
        sa.CheckConstraint("decided IN ('', 'confirmed', 'refused')", name="snapshot_decided"),
        sa.PrimaryKeyConstraint("snapshot_id"),
    )
    op.create_index("snapshot_scope", "snapshot", ["scope", "ends"])
    op.create_index("snapshot_delivery", "snapshot", ["delivery_id"])
    op.create_index("snapshot_state", "snapshot", ["state"])
    op.create_table(
        "snapshot_table",
        sa.Column("snapshot_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("counts", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("snapshot_id", "name"),
    )


def downgrade() -> None:
    """Undo."""
    for table in (
        "lapse",
        "absence_guard",
        "absence_mark",
        "snapshot_item",
        "snapshot_table",
        "snapshot",
    ):
        op.drop_table(table)
