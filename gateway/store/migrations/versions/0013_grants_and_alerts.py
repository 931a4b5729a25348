"""Access that somebody gave themselves, alerts, and when evidence of a relationship was recorded.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_MOVE = (
    "INSERT INTO person (person_id, epoch) SELECT s.person_id, 1 FROM source_record s"
    " WHERE s.patient_id = {row}.patient_id{shared}"
    " ON CONFLICT (person_id) DO UPDATE SET epoch = person.epoch + 1;"
)
_ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def upgrade() -> None:
    """Apply."""
    recorded = sa.Column("recorded_at", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("caseload", recorded)
    op.create_table(
        "access_grant",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("grant_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("text_length", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('break-glass', 'self-claim', 'suspension')", name="access_grant_kind"
        ),
        sa.PrimaryKeyConstraint("patient_id", "grant_id"),
    )
    numbered = ["kind", "user_id", "day", "number"]
    op.create_index("access_grant_number", "access_grant", numbered, unique=True)
    op.create_index("access_grant_id", "access_grant", ["grant_id"])
    op.create_index("access_grant_user", "access_grant", ["user_id", "org"])
    _alert_table()
    for sql in _postgres() if _is_postgres() else _sqlite():
        op.execute(sql)


def _alert_table() -> None:
    op.create_table(
        "access_alert",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'asked', 'escalated', 'justified', 'dismissed')",
            name="access_alert_status",
        ),
        sa.PrimaryKeyConstraint("patient_id", "alert_id"),
    )
    op.create_index("access_alert_org", "access_alert", ["org", "status", "due_at"])
    op.create_index("access_alert_id", "access_alert", ["alert_id"], unique=True)
    op.create_index("access_alert_user", "access_alert", ["user_id", "kind", "raised_at"])
    op.create_index("access_alert_told", "access_alert", ["told_at", "raised_at"])
    op.create_index("access_alert_posted", "access_alert", ["posted_at", "raised_at"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("access_alert")
    op.drop_table("access_grant")
    if _is_postgres():
        for change in _ROWS:
            op.execute(f"DROP FUNCTION access_grant_epoch_{change.lower()}()")
    op.drop_column("caseload", "recorded_at")


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _body(change: str, shared: str) -> str:
    return " ".join(_MOVE.format(row=row, shared=shared) for row in _ROWS[change])


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER access_grant_epoch_{change.lower()} AFTER {change} ON access_grant"
        f" BEGIN {_body(change, '')} END"
        for change in _ROWS
    ]


def _postgres() -> list[str]:
    made = []
    for change in _ROWS:
        name = f"access_grant_epoch_{change.lower()}"
        made += [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {_body(change, ' FOR SHARE')} RETURN NULL; END $$",
            f"CREATE TRIGGER {name} AFTER {change} ON access_grant FOR EACH ROW"
            f" EXECUTE FUNCTION {name}()",
        ]
    made.append(
        "CREATE TRIGGER access_grant_epoch_truncate BEFORE TRUNCATE ON access_grant"
        " FOR EACH STATEMENT EXECUTE FUNCTION epoch_truncate()"
    )
    return made
