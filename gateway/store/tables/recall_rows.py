"""The tables of recalls: which entries of the log showed something of whom, and who was told.

Rule    As in tables.rows. `shown` is made from the log and can be made again from it.
"""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field, SQLModel


class ShownEntry(SQLModel, table=True):
    """An entry of the log that was made from a person's source records, this one too."""

    __tablename__: ClassVar[Any] = "shown"
    patient_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=BigInteger)


class LogReader(SQLModel, table=True):
    """How far somebody who reads the log in order has come."""

    __tablename__: ClassVar[Any] = "log_reader"
    name: str = Field(primary_key=True)
    seq: int = Field(sa_type=BigInteger)
    """The number of the first entry that was not read yet."""


class RecallTask(SQLModel, table=True):
    """One organisation is asked to act on what its staff were shown of a source record."""

    __tablename__: ClassVar[Any] = "recall_task"
    __table_args__ = (
        Index("recall_task_org", "org", "task_id"),
        Index("recall_task_id", "task_id"),
        CheckConstraint(
            "status IN ('requested', 'accepted', 'completed')", name="recall_task_status"
        ),
    )
    patient_id: str = Field(primary_key=True)
    task_id: str = Field(primary_key=True)
    version: int
    org: str
    reason: str
    """A code of gateway.flows.audit.recall.Reason."""
    refs: str
    """Blank-separated `Type/id/_history/version` that its staff were shown."""
    status: str
    due_at: int = Field(sa_type=BigInteger)
    asked_at: int = Field(sa_type=BigInteger)
    changed_at: int = Field(sa_type=BigInteger)
    changed_by: str
    """Who accepted or completed it; empty before."""
