"""The tables of what labels items: decisions, a site's reference sets; rules as in rows."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary
from sqlmodel import Field, SQLModel


class LabelDecisionRow(SQLModel, table=True):
    """What a governance lead decided of one resource's labels; the newest decision stands."""

    __tablename__: ClassVar[Any] = "label_decision"
    patient_id: str = Field(primary_key=True)
    resource_id: str = Field(primary_key=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    """What was seen and chosen, under the person's key: nobody else can lower a label."""


class ReferenceSet(SQLModel, table=True):
    """A set of codes that the site loaded under the name a rule knows it by."""

    __tablename__: ClassVar[Any] = "reference_set"
    name: str = Field(primary_key=True)
    release: str
    dated: str
    loaded_at: int = Field(sa_type=BigInteger)
    loaded_by: str
    members: int


class ReferenceSetMember(SQLModel, table=True):
    """One code of a reference set."""

    __tablename__: ClassVar[Any] = "reference_set_member"
    name: str = Field(primary_key=True)
    system: str = Field(primary_key=True)
    code: str = Field(primary_key=True)


class LabelEpoch(SQLModel, table=True):
    """How often the site's reference sets changed: part of the version of the rules."""

    __tablename__: ClassVar[Any] = "label_epoch"
    __table_args__ = (CheckConstraint("id = 1", name="label_epoch_single"),)
    id: int = Field(primary_key=True)
    epoch: int = Field(sa_type=BigInteger)
