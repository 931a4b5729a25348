"""The table of business identifiers that the writers of resources gave them.

Rule    As in tables.rows. It is a global look-up: one identifier of one organisation, and
        whose resource bears it.
"""

from typing import Any, ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class WrittenIdentifier(SQLModel, table=True):
    """An identifier on a resource that was written over REST. The key makes one of two writers
    who give the same one at the same moment come second, and see the first."""

    __tablename__: ClassVar[Any] = "written_identifier"
    __table_args__ = (Index("written_identifier_resource", "patient_id", "resource_id"),)
    source_org: str = Field(primary_key=True)
    identifier_hash: str = Field(primary_key=True)
    """Keyed hash of type, system and value."""
    number: int = Field(primary_key=True)
    """0, and 1 and more where the organisation gave it to several."""
    patient_id: str
    resource_id: str
