"""The tables of what deliveries state whole, and of what follows from what they leave out.

Rule    As in tables.rows.
"""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger
from sqlmodel import Field, SQLModel


class SnapshotRow(SQLModel, table=True):
    """One file that states a period whole, and whether what it leaves out is applied."""

    __tablename__: ClassVar[Any] = "snapshot"
    __table_args__ = (
        Index("snapshot_scope", "scope", "ends"),
        Index("snapshot_delivery", "delivery_id"),
        Index("snapshot_state", "state"),
        CheckConstraint(
            "state IN ('open', 'in-part', 'held', 'several', 'applied', 'refused')",
            name="snapshot_state",
        ),
        CheckConstraint("decided IN ('', 'confirmed', 'refused')", name="snapshot_decided"),
    )
    snapshot_id: str = Field(primary_key=True)
    delivery_id: str
    source_org: str
    feed: str
    title: str
    scope: str
    """Keyed hash of organisation, feed, data set and the provider that the file names."""
    starts: str
    ends: str
    """The period that it covers."""
    made: str
    """When the file was made; empty where it does not say."""
    received_at: int = Field(sa_type=BigInteger)
    digest: str
    """Of its items: tells two files of one moment apart."""
    refused: int
    """How many of its rows were refused, whole or in part."""
    state: str
    decided: str


class SnapshotTable(SQLModel, table=True):
    """One table of a file: how many rows, and whether what they say counts."""

    __tablename__: ClassVar[Any] = "snapshot_table"
    snapshot_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    items: int
    counts: int = Field(sa_type=SmallInteger)
    """0 where a later file of the period has replaced it."""


class SnapshotItem(SQLModel, table=True):
    """One item that a file holds; an item may stand in several."""

    __tablename__: ClassVar[Any] = "snapshot_item"
    __table_args__ = (Index("snapshot_item_snapshot", "snapshot_id"),)
    patient_id: str = Field(primary_key=True)
    snapshot_id: str = Field(primary_key=True)
    item_id: str = Field(primary_key=True)
    name: str
    """Its table."""
    refused: int = Field(sa_type=SmallInteger)
    falls: str
    """The day by which a later window judges it; empty where none does."""
    lasts: int = Field(sa_type=SmallInteger)
    begins: str
    thread: str
    """Keyed hash of what it has in common with a row of another first day; empty for none."""


class AbsenceMark(SQLModel, table=True):
    """How a resource was changed for want of a row: `ended DAY`, `begun DAY`."""

    __tablename__: ClassVar[Any] = "absence_mark"
    patient_id: str = Field(primary_key=True)
    resource_id: str = Field(primary_key=True)
    mark: str
    content_hash: str
    """The newest item that it was worked out from."""


class AbsenceLeft(SQLModel, table=True):
    """A resource that a file has to state anew, and that was altered in the database."""

    __tablename__: ClassVar[Any] = "absence_left"
    __table_args__ = (Index("absence_left_due", "due_at"),)
    patient_id: str = Field(primary_key=True)
    resource_id: str = Field(primary_key=True)
    snapshot_id: str = Field(primary_key=True)
    due_at: int = Field(sa_type=BigInteger)
    """When it is tried again."""


class LapseRow(SQLModel, table=True):
    """A resource that has to be said to be over once its last day is past."""

    __tablename__: ClassVar[Any] = "lapse"
    __table_args__ = (Index("lapse_due", "due_at"),)
    patient_id: str = Field(primary_key=True)
    resource_id: str = Field(primary_key=True)
    due_at: int = Field(sa_type=BigInteger)


class AbsenceGuard(SQLModel, table=True):
    """From which size on, and below which share of the rows before, a feed's files are held."""

    __tablename__: ClassVar[Any] = "absence_guard"
    feed: str = Field(primary_key=True)
    share: int
    """Per cent."""
    least: int
