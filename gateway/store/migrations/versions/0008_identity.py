"""What stands on a person is told of source records, and follows them; whom a number finds.

The columns of `person` that held for a whole person, and would have been lost when records link or
part, go. What stands in them becomes an operator's word on the record whose id the person bears.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_WAS = ("(person_id, epoch, pds, opted_out, deceased, birth_date)", ", 1, 'U', 0, 0, ''")
_NOW = ("(person_id, epoch)", ", 1")
"""How a trigger that moves an epoch names the columns of a person, and fills them."""
_GONE = ("pds", "opted_out", "deceased", "birth_date")
_CARRIED = (
    ("pds", "pds", "pds <> 'U'"),
    ("opted-out", "'yes'", "opted_out <> 0"),
    ("deceased", "'yes'", "deceased <> 0"),
)
_MOVE = (
    "INSERT INTO person (person_id, epoch) SELECT s.person_id, 1 FROM source_record s"
    " WHERE s.patient_id = {row}.patient_id{shared}"
    " ON CONFLICT (person_id) DO UPDATE SET epoch = person.epoch + 1;"
)
_CHANGES = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
_CHANGED = "WHEN (OLD.value <> NEW.value OR OLD.patient_id <> NEW.patient_id)"
_FOLLOWS_OR_APART = (
    "UPDATE source_record SET number_counts = 0 WHERE link_state = 'told-apart' OR EXISTS"
    " (SELECT 1 FROM identity_statement i WHERE i.patient_id = source_record.patient_id"
    " AND i.decided_by <> '' AND i.verdict = 'same' AND NOT EXISTS"
    " (SELECT 1 FROM identity_statement l WHERE l.decided_by <> ''"
    " AND l.recorded_at > i.recorded_at AND (l.patient_id = i.patient_id"
    " AND l.other_id = i.other_id OR l.patient_id = i.other_id AND l.other_id = i.patient_id)))"
)


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("source_record") as table:
        for name in (
            *("trace", "trace_claim", "called_hash", "called_claim", "own_hash"),
            *("since_hash", "since_claim", "sex", "sex_claim", "said_hash"),
        ):
            table.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        counts = sa.Column("number_counts", sa.SmallInteger(), nullable=False, server_default="1")
        table.add_column(counts)
        nameless = sa.Column("nameless", sa.SmallInteger(), nullable=False, server_default="0")
        table.add_column(nameless)
    with op.batch_alter_table("identity_statement") as table:
        for name in ("seen_hash", "other_seen_hash"):
            table.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_index("source_record_birth", "source_record", ["birth_hash"])
    op.create_index("identity_statement_item", "identity_statement", ["statement_id"])
    op.execute(_FOLLOWS_OR_APART)
    op.create_table(
        "person_fact",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("patient_id", "fact", "origin", "value", "claim", "said_by")
        ),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "fact IN ('pds', 'opted-out', 'deceased', 'review-from')", name="person_fact_fact"
        ),
        sa.CheckConstraint("origin IN ('source', 'operator')", name="person_fact_origin"),
        sa.CheckConstraint(
            "value IN ('U', 'R', 'V', 'REDACTED', 'no', 'yes', 'open')"
            " OR (fact = 'review-from' AND value LIKE '____-__-__')",
            name="person_fact_value",
        ),
        sa.PrimaryKeyConstraint("patient_id", "fact", "origin"),
    )
    for fact, value, where in _CARRIED:
        op.execute(
            "INSERT INTO person_fact (patient_id, fact, origin, value, claim, said_by, recorded_at)"
            f" SELECT person_id, '{fact}', 'operator', {value}, '', 'before', 0 FROM person"
            f" WHERE {where}"
        )
    for sql in _postgres_without_columns() if _is_postgres() else _sqlite_without_columns():
        op.get_bind().exec_driver_sql(sql.replace(_WAS[0], _NOW[0]).replace(_WAS[1], _NOW[1]))
    for sql in _postgres() if _is_postgres() else _sqlite():
        op.execute(sql)


def downgrade() -> None:
    """Refused: a restriction that was told of several records has nowhere to go back to."""
    raise RuntimeError("an earlier version would forget restrictions: restore a backup instead")


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _postgres_without_columns() -> list[str]:
    """Drop columns of `person`; what is to be written anew because it names them."""
    op.execute("DROP TRIGGER person_epoch_update ON person")
    op.execute("DROP FUNCTION person_epoch_update()")
    for column in _GONE:
        op.drop_column("person", column)
    found = op.get_bind().exec_driver_sql(
        "SELECT pg_get_functiondef(oid) FROM pg_proc"
        " WHERE pronamespace = current_schema()::regnamespace"
        f" AND prosrc LIKE '%INSERT INTO person {_WAS[0]}%'"
    )
    return [row[0] for row in found]


def _sqlite_without_columns() -> list[str]:
    """The same; every trigger that touches the table has to go for a moment."""
    connection = op.get_bind()
    found = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND (tbl_name = 'person'"
        " OR sql LIKE '%INTO person %' OR sql LIKE '%UPDATE person %')"
    ).fetchall()
    for name, _ in found:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    with op.batch_alter_table("person", recreate="always") as table:
        table.drop_constraint("person_pds", type_="check")
        for column in _GONE:
            table.drop_column(column)
    return [sql for name, sql in found if name != "person_epoch_update"]


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER person_fact_epoch_{change.lower()} AFTER {change} ON person_fact"
        f" {_CHANGED if change == 'UPDATE' else ''} BEGIN"
        f" {' '.join(_MOVE.format(row=row, shared='') for row in rows)} END"
        for change, rows in _CHANGES.items()
    ]


def _postgres() -> list[str]:
    made = []
    for change, rows in _CHANGES.items():
        name = f"person_fact_epoch_{change.lower()}"
        body = " ".join(_MOVE.format(row=row, shared=" FOR SHARE") for row in rows)
        made += [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {body} RETURN NULL; END $$",
            f"CREATE TRIGGER {name} AFTER {change} ON person_fact FOR EACH ROW"
            f" {_CHANGED if change == 'UPDATE' else ''} EXECUTE FUNCTION {name}()",
        ]
    return [
        *made,
        "CREATE TRIGGER person_fact_epoch_truncate BEFORE TRUNCATE ON person_fact"
        " FOR EACH STATEMENT EXECUTE FUNCTION epoch_truncate()",
    ]
