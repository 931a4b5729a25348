"""The table of what is said of pairs of source records; rules as in gateway.store.rows."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field, SQLModel


class IdentityStatement(SQLModel, table=True):
    """What an item or an operator says of two source records: one person, or not."""

    __tablename__: ClassVar[Any] = "identity_statement"
    __table_args__ = (
        Index("identity_statement_other", "other_id"),
        CheckConstraint(
            "verdict IN ('same', 'different', 'open')", name="identity_statement_verdict"
        ),
    )
    patient_id: str = Field(primary_key=True)
    """The record that goes; it need not have been heard of yet, nor the other."""
    statement_id: str = Field(primary_key=True)
    """The item's id, or that of the decision."""
    other_id: str = Field(primary_key=True)
    verdict: str
    source_time: str
    content_hash: str
    decided_by: str
    """The operator; empty where an item says it."""
    kind: str
    """The item's; empty for a decision."""
    recorded_at: int = Field(sa_type=BigInteger)
