"""The tables of what becomes of keys: who was shredded, who is asked for, who is held, how far.

Rule    As in tables.rows. Reasons stand sealed in the log and nowhere else.
Source  docs/adr/0053-what-shredding-leaves.md.
"""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger
from sqlmodel import Field, SQLModel


class KeyState(SQLModel, table=True):
    """What every process goes by before it opens or hashes anything."""

    __tablename__: ClassVar[Any] = "key_state"
    __table_args__ = (CheckConstraint("id = 1", name="key_state_single"),)
    id: int = Field(primary_key=True)
    epoch: int = Field(sa_type=BigInteger)
    """Moves with every shredding: opened keys that were kept before are forgotten."""
    generation: int
    """How many of the index keys stored hashes stand under."""


class ShredRequest(SQLModel, table=True):
    """Somebody asks that a person's records, or one record, be shredded; another confirms."""

    __tablename__: ClassVar[Any] = "shred_request"
    __table_args__ = (
        Index("shred_request_id", "request_id"),
        CheckConstraint(
            "state IN ('asked', 'confirmed', 'done', 'withdrawn')", name="shred_request_state"
        ),
        CheckConstraint("asked_by <> confirmed_by", name="shred_request_two"),
    )
    patient_id: str = Field(primary_key=True)
    request_id: str = Field(primary_key=True)
    whole: int = Field(sa_type=SmallInteger)
    """1: every record of the person; 0: this one source's record alone."""
    records: str
    """Blank-separated ids of the records, as they were when it was asked."""
    basis: str
    """A code of gateway.flows.identity.shred.Basis."""
    state: str
    asked_by: str
    asked_at: int = Field(sa_type=BigInteger)
    confirmed_by: str
    """Empty before."""
    ended_at: int = Field(sa_type=BigInteger)
    """When it was done or withdrawn; 0 before."""


class ShredHold(SQLModel, table=True):
    """A record that may not be shredded, until somebody lifts the hold."""

    __tablename__: ClassVar[Any] = "shred_hold"
    patient_id: str = Field(primary_key=True)
    hold_id: str = Field(primary_key=True)
    set_by: str
    set_at: int = Field(sa_type=BigInteger)
    review_on: str
    """The day by which somebody looks at it again; it holds beyond it."""


class Shredded(SQLModel, table=True):
    """A record that was shredded: what is sent of it again is refused, unless that was allowed."""

    __tablename__: ClassVar[Any] = "shredded"
    patient_id: str = Field(primary_key=True)
    keys_until: int = Field(sa_type=BigInteger)
    """When the last of its keys that went was made: one from then or before is an older copy's."""
    refused: int = Field(sa_type=SmallInteger)
