"""The site's places, organisations and services, and what its localities have switched off.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TABLES = ("site_entry", "site_switch")
"""Both decide access: by the locality a practice is in, and by what that has switched off."""
_MOVE = "UPDATE site_epoch SET epoch = epoch + 1 WHERE id = 1;"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "site_entry",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("part_of", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('borough', 'locality', 'practice', 'mdt', 'organisation', 'service',"
            " 'practitioner', 'post')",
            name="site_entry_kind",
        ),
        sa.PrimaryKeyConstraint("kind", "entry_id"),
    )
    op.create_table(
        "site_switch",
        sa.Column("locality", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('feed', 'feature')", name="site_switch_kind"),
        sa.PrimaryKeyConstraint("locality", "kind", "name"),
    )
    for sql in _postgres() if _is_postgres() else _sqlite():
        op.execute(sql)


def downgrade() -> None:
    """Undo."""
    for table in _TABLES:
        op.drop_table(table)
    if _is_postgres():
        op.execute("DROP FUNCTION site_data_epoch()")


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER {table}_epoch_{change.lower()} AFTER {change} ON {table} BEGIN {_MOVE} END"
        for table in _TABLES
        for change in ("INSERT", "UPDATE", "DELETE")
    ]


def _postgres() -> list[str]:
    return [
        "CREATE FUNCTION site_data_epoch() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {_MOVE} RETURN NULL; END $$",
        *(
            f"CREATE TRIGGER {table}_epoch_{change.lower()} AFTER {change} ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION site_data_epoch()"
            for table in _TABLES
            for change in ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
        ),
    ]
