"""The database itself moves a person's epoch with everything that decides access.

What a decision rests on is kept in memory under the epoch it was read at (store.access.facts),
so no writing may forget to move it: neither the gateway's own nor one made by hand.

Revision ID: 0002
Revises: 0001
"""

from collections.abc import Iterator

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOVE = (
    "INSERT INTO person (person_id, epoch, pds, opted_out, deceased, birth_date) {whose}"
    " ON CONFLICT (person_id) DO UPDATE SET epoch = person.epoch + 1;"
)
_OF_PERSON = "VALUES ({row}.person_id, 1, 'U', 0, 0, '')"
_OF_RECORD = (
    "SELECT s.person_id, 1, 'U', 0, 0, '' FROM source_record s"
    " WHERE s.patient_id = {row}.patient_id"
)
_SHARED = " FOR SHARE"
"""PostgreSQL: waits for a writing that links the record anew, and then moves whom it left it with;
a later one waits for this. Else the change would go to a person whose epoch stood still."""
_TABLES = (
    ("source_record", _OF_PERSON, ""),
    ("caseload", _OF_RECORD, ""),
    ("permission", _OF_RECORD, ""),
    ("resource", _OF_RECORD, "{row}.resource_type = 'Consent'"),
)
"""Each table that facts are read from, whose epoch a row of it moves, and which rows count."""
_LEFT = "UPDATE person SET epoch = epoch + 1 WHERE person_id = OLD.person_id;"
"""For a source record that left a person: they may have no other, and keep their row."""
_FLAGS = ("pds", "opted_out", "deceased")


def upgrade() -> None:
    """Make the triggers."""
    for sql in _postgres() if _is_postgres() else _sqlite():
        op.execute(sql)


def downgrade() -> None:
    """Undo."""
    for table in ("person", *(name for name, _, _ in _TABLES)):
        for change in _changes(table):
            name = f"{table}_epoch_{change.lower()}"
            if _is_postgres():
                op.execute(f"DROP TRIGGER {name} ON {table}")
                op.execute(f"DROP FUNCTION {name}()")
            else:
                op.execute(f"DROP TRIGGER {name}")
        if _is_postgres():
            op.execute(f"DROP TRIGGER {table}_epoch_truncate ON {table}")
    if _is_postgres():
        op.execute("DROP FUNCTION epoch_truncate()")


def _changes(table: str) -> tuple[str, ...]:
    return ("UPDATE", "DELETE") if table == "person" else ("INSERT", "UPDATE", "DELETE")


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _rows(change: str) -> tuple[str, ...]:
    return {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}[change]


def _body(table: str, whose: str, change: str) -> str:
    moves = [_MOVE.format(whose=whose.format(row=row)) for row in _rows(change)]
    if table == "source_record" and change != "INSERT":
        moves[0] = _LEFT
    return " ".join(moves)


def _when(condition: str, change: str) -> str:
    if not condition:
        return ""
    return "WHEN (" + " OR ".join(condition.format(row=row) for row in _rows(change)) + ")"


def _flags_changed(different: str) -> str:
    return " OR ".join(f"OLD.{name} {different} NEW.{name}" for name in _FLAGS)


def _sqlite() -> Iterator[str]:
    for table, whose, condition in _TABLES:
        for change in _changes(table):
            yield (
                f"CREATE TRIGGER {table}_epoch_{change.lower()} AFTER {change} ON {table}"
                f" {_when(condition, change)} BEGIN {_body(table, whose, change)} END"
            )
    yield (
        f"CREATE TRIGGER person_epoch_update AFTER UPDATE ON person"
        f" WHEN {_flags_changed('IS NOT')} BEGIN {_LEFT} END"
    )
    yield (
        "CREATE TRIGGER person_epoch_delete BEFORE DELETE ON person"
        " BEGIN SELECT RAISE(ABORT, 'a person keeps their epoch'); END"
    )


def _postgres() -> Iterator[str]:
    for table, whose, condition in _TABLES:
        held = whose + _SHARED if whose == _OF_RECORD else whose
        for change in _changes(table):
            name = f"{table}_epoch_{change.lower()}"
            yield _function(name, f"{_body(table, held, change)} RETURN NULL;")
            yield (
                f"CREATE TRIGGER {name} AFTER {change} ON {table} FOR EACH ROW"
                f" {_when(condition, change)} EXECUTE FUNCTION {name}()"
            )
    yield _function("person_epoch_update", "NEW.epoch := OLD.epoch + 1; RETURN NEW;")
    yield (
        "CREATE TRIGGER person_epoch_update BEFORE UPDATE ON person FOR EACH ROW"
        f" WHEN ({_flags_changed('IS DISTINCT FROM')}) EXECUTE FUNCTION person_epoch_update()"
    )
    yield _function("person_epoch_delete", "RAISE EXCEPTION 'a person keeps their epoch';")
    yield (
        "CREATE TRIGGER person_epoch_delete BEFORE DELETE ON person FOR EACH ROW"
        " EXECUTE FUNCTION person_epoch_delete()"
    )
    yield _function("epoch_truncate", "RAISE EXCEPTION 'no epoch would move: delete the rows';")
    for table in ("person", *(name for name, _, _ in _TABLES)):
        yield (
            f"CREATE TRIGGER {table}_epoch_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION epoch_truncate()"
        )


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
