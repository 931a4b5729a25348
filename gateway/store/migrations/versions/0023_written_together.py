"""Of which source records something was written: all that were one person's by then; home visits.

They decide on access: each row of them moves the person's epoch.
And every practice that a source record ever named; and what a file has to state anew once it
was put right.
And the index of a type holds what a Filter reads, with marks of codes and
what all dates lie between: those of an old row rule nothing out until it is written again.
And what an item names of a resource: an old one is mapped again to be told. Items are found by
their key and no more by their state, which nearly all of them have in common.

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
_TABLES = ("written_together", "home_visit")
_BY_TYPE = ["patient_id", "resource_type", "resource_id"]
_JUDGED = [
    "deleted", "category", "confidentiality", "sensitivities", "holds", "legal", "source_org",
    "author", "feed", "starts", "ends", "origin", "code_marks", "dated_from",
    "dated_until",
]  # fmt: skip
_NARROWING = {
    "code_marks": "-1",
    "dated_from": "-9223372036854775808",
    "dated_until": "9223372036854775807",
}
_ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def upgrade() -> None:
    """Make the tables, and the index."""
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
    op.create_table(
        "home_visit",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("resource_id", sa.String(), nullable=False),
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "resource_id"),
    )
    op.create_table(
        "absence_left",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("resource_id", sa.String(), nullable=False),
        sa.Column("snapshot_id", sa.String(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "resource_id", "snapshot_id"),
    )
    op.create_index("absence_left_due", "absence_left", ["due_at"])
    practices = sa.Column("practices", sa.String(), nullable=False, server_default="")
    op.add_column("source_record", practices)
    op.execute("UPDATE source_record SET practices = practice")
    naming = sa.Column("sealed", sa.LargeBinary(), nullable=False, server_default="")
    op.add_column("item_resource", naming)
    for name, anything in _NARROWING.items():
        column = sa.Column(name, sa.BigInteger(), nullable=False, server_default=anything)
        op.add_column("resource", column)
    op.drop_index("resource_by_type", "resource")
    op.create_index("resource_by_type", "resource", [*_BY_TYPE, *_JUDGED])
    op.drop_index("item_state", "item")
    for table in _TABLES:
        for sql in _postgres(table) if _is_postgres() else _sqlite(table):
            op.execute(sql)


def downgrade() -> None:
    """Undo."""
    op.create_index("item_state", "item", ["state", "feed"])
    op.drop_index("resource_by_type", "resource")
    op.create_index("resource_by_type", "resource", _BY_TYPE)
    for name in _NARROWING:
        op.drop_column("resource", name)
    op.drop_column("item_resource", "sealed")
    op.drop_column("source_record", "practices")
    op.drop_table("absence_left")
    for table in _TABLES:
        op.drop_table(table)
        for change in _ROWS if _is_postgres() else ():
            op.execute(f"DROP FUNCTION {table}_epoch_{change.lower()}()")


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _body(change: str, shared: str) -> str:
    return " ".join(_MOVE.format(row=row, shared=shared) for row in _ROWS[change])


def _sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_epoch_{change.lower()} AFTER {change}"
        f" ON {table} BEGIN {_body(change, '')} END"
        for change in _ROWS
    ]


def _postgres(table: str) -> list[str]:
    made = []
    for change in _ROWS:
        name = f"{table}_epoch_{change.lower()}"
        made += [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {_body(change, ' FOR SHARE')} RETURN NULL; END $$",
            f"CREATE TRIGGER {name} AFTER {change} ON {table} FOR EACH ROW"
            f" EXECUTE FUNCTION {name}()",
        ]
    made.append(
        f"CREATE TRIGGER {table}_epoch_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION epoch_truncate()"
    )
    return made
