"""Subscriptions, and what they are to be told of.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "subscription",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("subscription_id", *_WHOSE)),
        sa.Column("registered", sa.SmallInteger(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("fault", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("shaken", sa.SmallInteger(), nullable=False),
        sa.Column("posted", sa.SmallInteger(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("held_by", sa.String(), nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "status IN ('requested', 'active', 'error', 'off')", name="subscription_status"
        ),
        sa.PrimaryKeyConstraint("subscription_id"),
    )
    op.create_index("subscription_owner", "subscription", ["org", "user_id"])
    op.create_table(
        "subscription_event",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("subscription_id", sa.String(), nullable=False),
        sa.Column("resource_id", sa.String(), nullable=False),
        sa.Column("occasion", sa.BigInteger(), nullable=False),
        sa.Column("resource_type", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("recorded", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "subscription_id", "resource_id", "occasion"),
    )
    ordered = ["subscription_id", "number", "position"]
    op.create_index("subscription_event_order", "subscription_event", ordered)
    op.create_index("subscription_event_at", "subscription_event", ["at"])
    op.create_table(
        "subscription_reader",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


_WHOSE = ("org", "user_id", "kind", "role", "purpose", "client_id", "scopes")


def downgrade() -> None:
    """Undo."""
    for table in ("subscription_reader", "subscription_event", "subscription"):
        op.drop_table(table)
