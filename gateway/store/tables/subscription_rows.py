"""The tables of subscriptions: whose each is and how it stands, and what it is still to be told.

Rule    As in tables.rows. An event names a resource and holds nothing of it.
"""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, SmallInteger
from sqlmodel import Field, SQLModel


class SubscriptionRow(SQLModel, table=True):
    """One subscription, under the authority that it was last written with."""

    __tablename__: ClassVar[Any] = "subscription"
    __table_args__ = (
        CheckConstraint(
            "status IN ('requested', 'active', 'error', 'off')", name="subscription_status"
        ),
        Index("subscription_owner", "org", "user_id"),
    )
    subscription_id: str = Field(primary_key=True)
    org: str
    user_id: str
    kind: str
    role: str
    purpose: str
    client_id: str
    scopes: str
    registered: int = Field(sa_type=SmallInteger)
    """1: a system that was registered here as it was written; it has to be still."""
    topic: str
    status: str
    fault: str
    """A code, where something is wrong; empty for nothing."""
    version: int
    sealed: bytes = Field(sa_type=LargeBinary)
    """What its owner sent, and the key that its notices are signed with."""
    created_at: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)
    ends_at: int = Field(sa_type=BigInteger)
    shaken: int = Field(sa_type=SmallInteger)
    """1: its address has taken a handshake."""
    posted: int = Field(sa_type=SmallInteger)
    """1: it is told at an address; 0: its owner asks."""
    told: int = Field(sa_type=BigInteger)
    """How many events it was told of: the number of the last."""
    failures: int
    failing_since: int = Field(sa_type=BigInteger)
    next_at: int = Field(sa_type=BigInteger)
    """When it is looked at again."""
    sent_at: int = Field(sa_type=BigInteger)
    held_by: str
    """Who is at work on it; empty for nobody."""
    held_until: int = Field(sa_type=BigInteger)


class SubscriptionEvent(SQLModel, table=True):
    """Something that a subscription is to be told of, or was."""

    __tablename__: ClassVar[Any] = "subscription_event"
    __table_args__ = (
        Index("subscription_event_order", "subscription_id", "number", "position"),
        Index("subscription_event_at", "at"),
    )
    patient_id: str = Field(primary_key=True)
    subscription_id: str = Field(primary_key=True)
    resource_id: str = Field(primary_key=True)
    occasion: int = Field(primary_key=True, sa_type=BigInteger)
    """Which change: the version; of a review the moment it is due."""
    resource_type: str
    position: int = Field(sa_type=BigInteger)
    """How far the log was read as it was found: their order."""
    at: int = Field(sa_type=BigInteger)
    number: int = Field(sa_type=BigInteger)
    """As its subscription was told; 0 before."""
    recorded: int = Field(sa_type=BigInteger)
    """The person's access epoch at which the log has that it is told; -1 before."""


class SubscriptionReader(SQLModel, table=True):
    """How far the log was read for what subscriptions are told of."""

    __tablename__: ClassVar[Any] = "subscription_reader"
    name: str = Field(primary_key=True)
    position: int = Field(sa_type=BigInteger)
