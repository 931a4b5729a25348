"""The tables of what is said of source records: of pairs, and of whom they are about.

Rule    As in tables.rows.
"""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field, SQLModel


class IdentityStatement(SQLModel, table=True):
    """What an item or an operator says of two source records: one person, or not."""

    __tablename__: ClassVar[Any] = "identity_statement"
    __table_args__ = (
        Index("identity_statement_other", "other_id"),
        Index("identity_statement_item", "statement_id"),
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
    seen_hash: str
    """What was said of whom the record is about when it was decided (`identity.sayings`)."""
    other_seen_hash: str
    """The same of the other."""
    recorded_at: int = Field(sa_type=BigInteger)


class PersonFact(SQLModel, table=True):
    """The newest word of a source, or of an operator, on whom a record is about."""

    __tablename__: ClassVar[Any] = "person_fact"
    __table_args__ = (
        CheckConstraint(
            "fact IN ('pds', 'opted-out', 'deceased', 'review-from')", name="person_fact_fact"
        ),
        CheckConstraint("origin IN ('source', 'operator')", name="person_fact_origin"),
        CheckConstraint(
            "value IN ('U', 'R', 'V', 'REDACTED', 'no', 'yes', 'open')"
            " OR (fact = 'review-from' AND value LIKE '____-__-__')",
            name="person_fact_value",
        ),
    )
    patient_id: str = Field(primary_key=True)
    fact: str = Field(primary_key=True)
    origin: str = Field(primary_key=True)
    value: str
    claim: str
    """Source time and hash of the item; moment and id of a decision."""
    said_by: str
    """The operator; empty where an item says it."""
    recorded_at: int = Field(sa_type=BigInteger)
