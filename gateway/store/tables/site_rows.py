"""The tables of how a deployment stands: feeds by organisation, places, switches; as in rows."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field, SQLModel


class FeedStanding(SQLModel, table=True):
    """How far one organisation's feed has joined; one that has no row is as the setting says."""

    __tablename__: ClassVar[Any] = "feed_standing"
    __table_args__ = (
        CheckConstraint(
            "state IN ('sandbox', 'safety-access', 'open', 'paused', 'down')",
            name="feed_standing_state",
        ),
    )
    org: str = Field(primary_key=True)
    feed: str = Field(primary_key=True)
    state: str
    changed_at: int = Field(sa_type=BigInteger)
    changed_by: str
    joined_at: int = Field(sa_type=BigInteger)
    """When its first delivery came that was no back-fill; 0 before that."""


class SiteEpoch(SQLModel, table=True):
    """Moved by the database with everything that decides access for a whole deployment."""

    __tablename__: ClassVar[Any] = "site_epoch"
    __table_args__ = (CheckConstraint("id = 1", name="site_epoch_single"),)
    id: int = Field(primary_key=True)
    epoch: int = Field(sa_type=BigInteger)


class SiteEntry(SQLModel, table=True):
    """One place, organisation, team, service or member of staff, as the reviewed files say it."""

    __tablename__: ClassVar[Any] = "site_entry"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('borough', 'locality', 'practice', 'mdt', 'organisation', 'service',"
            " 'practitioner', 'post')",
            name="site_entry_kind",
        ),
    )
    kind: str = Field(primary_key=True)
    entry_id: str = Field(primary_key=True)
    part_of: str
    """Of a practice its locality; empty for the rest."""
    body: str


class SiteSwitch(SQLModel, table=True):
    """A feed or a feature that a locality has switched off."""

    __tablename__: ClassVar[Any] = "site_switch"
    __table_args__ = (CheckConstraint("kind IN ('feed', 'feature')", name="site_switch_kind"),)
    locality: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
