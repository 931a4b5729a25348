"""Who was shown what of whom, recalls, and files that leave for organisations.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "shown",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "seq"),
    )
    op.create_table(
        "log_reader",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "recall_task",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("refs", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "status IN ('requested', 'accepted', 'completed')", name="recall_task_status"
        ),
        sa.PrimaryKeyConstraint("patient_id", "task_id"),
    )
    op.create_index("recall_task_org", "recall_task", ["org", "task_id"], unique=False)
    op.create_index("recall_task_id", "recall_task", ["task_id"], unique=False)
    op.create_table(
        "outbound_run",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("file_hash", sa.String(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=False),
        sa.Column("held_by", sa.String(), nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('none', 'recorded', 'visible')", name="outbound_run_state"),
        sa.PrimaryKeyConstraint("org"),
    )
    op.create_table(
        "outbound_given",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("resource_id", sa.String(), nullable=False),
        sa.Column("resource_type", sa.String(), nullable=False),
        sa.Column("look_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "org", "resource_id"),
    )
    op.create_index("outbound_given_org", "outbound_given", ["org", "patient_id"], unique=False)


def downgrade() -> None:
    """Undo."""
    for table in ("outbound_given", "outbound_run", "recall_task", "log_reader", "shown"):
        op.drop_table(table)
