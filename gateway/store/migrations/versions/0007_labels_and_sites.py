"""Labels with their rules, what is decided of them, a site's reference sets, how feeds stand.

Rows that were there bear no rules and no feed: the worker labels them anew.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_LABELLED = ("resource", "resource_version")
_WAITING = sa.text("(holds & 48) <> 0")
_MOVE = (
    "INSERT INTO person (person_id, epoch, pds, opted_out, deceased, birth_date)"
    " SELECT s.person_id, 1, 'U', 0, 0, '' FROM source_record s"
    " WHERE s.patient_id = NEW.patient_id{shared}"
    " ON CONFLICT (person_id) DO UPDATE SET epoch = person.epoch + 1;"
)
_LABELS = ("category", "confidentiality", "sensitivities", "holds", "legal")
_RELABELLED = " OR ".join(f"OLD.{name} <> NEW.{name}" for name in _LABELS)
_SITE_MOVE = "UPDATE site_epoch SET epoch = epoch + 1 WHERE id = 1;"
_STANDING_CHANGED = "OLD.state <> NEW.state OR OLD.org <> NEW.org OR OLD.feed <> NEW.feed"


def upgrade() -> None:
    """Apply."""
    for table in _LABELLED:
        op.add_column(table, sa.Column("feed", sa.String(), nullable=False, server_default=""))
        rules = sa.Column("label_rules", sa.String(), nullable=False, server_default="")
        op.add_column(table, rules)
        anew = sa.Column("relabelled", sa.SmallInteger(), nullable=False, server_default="0")
        op.add_column(table, anew)
    load = sa.Column("back_fill", sa.SmallInteger(), nullable=False, server_default="0")
    op.add_column("delivery", load)
    op.create_index("resource_label_rules", "resource", ["label_rules"])
    op.create_index(
        "resource_waiting",
        "resource",
        ["source_org", "since", "resource_id"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.create_index("delivery_latest", "delivery", ["source_org", "feed", "received_at"])
    _label_tables()
    _site_tables()
    for sql in _postgres() if _is_postgres() else _sqlite():
        op.execute(sql)


def _label_tables() -> None:
    op.create_table(
        "label_decision",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("resource_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("patient_id", "resource_id"),
    )
    op.create_table(
        "reference_set",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("dated", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.BigInteger(), nullable=False),
        sa.Column("loaded_by", sa.String(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "reference_set_member",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", "system", "code"),
    )
    _epoch_table("label_epoch")


def _site_tables() -> None:
    op.create_table(
        "feed_standing",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('sandbox', 'safety-access', 'open', 'paused', 'down')",
            name="feed_standing_state",
        ),
        sa.PrimaryKeyConstraint("org", "feed"),
    )
    _epoch_table("site_epoch")


def _epoch_table(name: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=f"{name}_single"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(f"INSERT INTO {name} (id, epoch) VALUES (1, 0)")


def downgrade() -> None:
    """Undo."""
    if _is_postgres():
        op.execute("DROP TRIGGER resource_labels_update ON resource")
        op.execute("DROP FUNCTION resource_labels_update()")
    else:
        op.execute("DROP TRIGGER resource_labels_update")
    tables = ("feed_standing", "site_epoch", "label_epoch", "reference_set_member")
    for table in (*tables, "reference_set", "label_decision"):
        op.drop_table(table)
    if _is_postgres():
        op.execute("DROP FUNCTION feed_standing_epoch()")
    op.drop_index("delivery_latest", "delivery")
    op.drop_index("resource_waiting", "resource")
    op.drop_index("resource_label_rules", "resource")
    op.drop_column("delivery", "back_fill")
    for table in _LABELLED:
        for column in ("feed", "label_rules", "relabelled"):
            op.drop_column(table, column)


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _sqlite() -> list[str]:
    made = [
        f"CREATE TRIGGER resource_labels_update AFTER UPDATE ON resource WHEN {_RELABELLED}"
        f" BEGIN {_MOVE.format(shared='')} END"
    ]
    for change in ("INSERT", "UPDATE", "DELETE"):
        when = f"WHEN {_STANDING_CHANGED} " if change == "UPDATE" else ""
        made.append(
            f"CREATE TRIGGER feed_standing_epoch_{change.lower()} AFTER {change} ON feed_standing"
            f" {when}BEGIN {_SITE_MOVE} END"
        )
    return made


def _postgres() -> list[str]:
    made = [
        _function("resource_labels_update", _MOVE.format(shared=" FOR SHARE")),
        f"CREATE TRIGGER resource_labels_update AFTER UPDATE ON resource FOR EACH ROW"
        f" WHEN ({_RELABELLED}) EXECUTE FUNCTION resource_labels_update()",
        _function("feed_standing_epoch", _SITE_MOVE),
    ]
    for change in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
        each = "STATEMENT" if change == "TRUNCATE" else "ROW"
        when = f"WHEN ({_STANDING_CHANGED}) " if change == "UPDATE" else ""
        made.append(
            f"CREATE TRIGGER feed_standing_epoch_{change.lower()} AFTER {change} ON feed_standing"
            f" FOR EACH {each} {when}EXECUTE FUNCTION feed_standing_epoch()"
        )
    return made


def _function(name: str, body: str) -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {body} RETURN NULL; END $$"
    )
