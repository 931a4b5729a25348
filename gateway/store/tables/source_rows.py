"""The tables of sources that are pulled; rules as in tables.rows."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field, SQLModel


class PullSource(SQLModel, table=True):
    """One source of the sources file: when it runs next, and how it went. Nothing of a person."""

    __tablename__: ClassVar[Any] = "pull_source"
    __table_args__ = (
        CheckConstraint("outcome IN ('', 'done', 'partly', 'failed')", name="pull_source_outcome"),
    )
    name: str = Field(primary_key=True)
    next_at: int = Field(sa_type=BigInteger)
    held_by: str
    """The puller at work; empty where none is."""
    held_until: int = Field(sa_type=BigInteger)
    """After this moment the source is free again, whatever became of that puller."""
    began_at: int = Field(sa_type=BigInteger)
    ended_at: int = Field(sa_type=BigInteger)
    outcome: str
    reason: str
    """A word of our own for what went wrong first."""
    taken: int
    duplicates: int
    refused: int
    failed: int
    waiting: int
    """Files not ready yet, or people who are due and were not asked for in this run."""


class PullPerson(SQLModel, table=True):
    """When a source is next asked for one person, and how often that failed in a row."""

    __tablename__: ClassVar[Any] = "pull_person"
    patient_id: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    due_at: int = Field(sa_type=BigInteger)
    failures: int
