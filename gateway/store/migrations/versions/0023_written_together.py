"""Of which source records something was written: all that were one person's by then.

It decides on access: each row of it moves the person's epoch.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_MOVE = (
    "INSERT INTO person (person_id, epoch) SELECT s.person_id, 1 FROM source_record s"
    " WHERE s.patient_id = {row}.patient_id{shared}"
    " ON CONFLICT (person_id) DO UPDATE SET epoch = person.epoch + 1;"
)
_ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "written_together",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('Consent', 'CareTeam', 'permission', 'access-grant')",
            name="written_together_kind",
        ),
        sa.PrimaryKeyConstraint("patient_id", "name", "version"),
    )
    op.create_index("written_together_name", "written_together", ["name"])
    for sql in _postgres() if _is_postgres() else _sqlite():
        op.execute(sql)


def downgrade() -> None:
    """Undo."""
    op.drop_table("written_together")
    if _is_postgres():
        for change in _ROWS:
            op.execute(f"DROP FUNCTION written_together_epoch_{change.lower()}()")


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _body(change: str, shared: str) -> str:
    return " ".join(_MOVE.format(row=row, shared=shared) for row in _ROWS[change])


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER written_together_epoch_{change.lower()} AFTER {change}"
        f" ON written_together BEGIN {_body(change, '')} END"
        for change in _ROWS
    ]


def _postgres() -> list[str]:
    made = []
    for change in _ROWS:
        name = f"written_together_epoch_{change.lower()}"
        made += [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {_body(change, ' FOR SHARE')} RETURN NULL; END $$",
            f"CREATE TRIGGER {name} AFTER {change} ON written_together FOR EACH ROW"
            f" EXECUTE FUNCTION {name}()",
        ]
    made.append(
        "CREATE TRIGGER written_together_epoch_truncate BEFORE TRUNCATE ON written_together"
        " FOR EACH STATEMENT EXECUTE FUNCTION epoch_truncate()"
    )
    return made
