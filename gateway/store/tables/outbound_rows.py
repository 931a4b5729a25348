"""The tables of what leaves for organisations in files: how far each is, and what it was given.

Rule    As in tables.rows.
"""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field, SQLModel


class OutboundRun(SQLModel, table=True):
    """Where an organisation's files stand: one row each."""

    __tablename__: ClassVar[Any] = "outbound_run"
    __table_args__ = (
        CheckConstraint("state IN ('none', 'recorded', 'visible')", name="outbound_run_state"),
    )
    org: str = Field(primary_key=True)
    number: int
    """Of the last file that was recorded; they count from 1."""
    state: str
    """Whether that file is recorded in the log only, or to be seen in the folder as well."""
    file: str
    file_hash: str
    changed: int
    gone: int
    finished_at: int = Field(sa_type=BigInteger)
    held_by: str
    """The run that is at work on the next file; empty for none."""
    held_until: int = Field(sa_type=BigInteger)


class OutboundGiven(SQLModel, table=True):
    """A resource that an organisation has from its files, and as what it was given."""

    __tablename__: ClassVar[Any] = "outbound_given"
    __table_args__ = (Index("outbound_given_org", "org", "patient_id"),)
    patient_id: str = Field(primary_key=True)
    org: str = Field(primary_key=True)
    resource_id: str = Field(primary_key=True)
    resource_type: str
    look_hash: str
    """Of version, linking, and what was left out: the same look is not given again."""
