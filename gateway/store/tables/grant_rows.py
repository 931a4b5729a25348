"""The tables of what ties callers to people, and of what privacy officers look at.

Rule    As in tables.rows. The words somebody typed stand sealed in the log and nowhere else.
"""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field, SQLModel


class CaseloadEntry(SQLModel, table=True):
    """Dated evidence of a relationship between a person and an organisation or one user."""

    __tablename__: ClassVar[Any] = "caseload"
    __table_args__ = (Index("caseload_org", "org", "user_id"),)
    patient_id: str = Field(primary_key=True)
    entry_id: str = Field(primary_key=True)
    org: str
    user_id: str
    kind: str
    starts: int = Field(sa_type=BigInteger)
    ends: int = Field(sa_type=BigInteger)
    evidence: str
    why: str
    recorded_at: int = Field(sa_type=BigInteger)
    """When it was recorded; 0 where that was not kept."""


class PermissionRow(SQLModel, table=True):
    """The person was asked and agreed to a view, for this visit or standing."""

    __tablename__: ClassVar[Any] = "permission"
    patient_id: str = Field(primary_key=True)
    permission_id: str = Field(primary_key=True)
    org: str
    user_id: str
    starts: int = Field(sa_type=BigInteger)
    ends: int = Field(sa_type=BigInteger)
    asked_how: str
    recorded_by: str
    recorded_at: int = Field(sa_type=BigInteger)


class AccessGrant(SQLModel, table=True):
    """An emergency access or a self-claimed relationship, or that a source of harm is suspended
    from sight: one user, one person, from when to when. It decides access, so that each row of it
    moves the person's epoch."""

    __tablename__: ClassVar[Any] = "access_grant"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('break-glass', 'self-claim', 'suspension')", name="access_grant_kind"
        ),
        Index("access_grant_number", "kind", "user_id", "day", "number", unique=True),
        Index("access_grant_id", "grant_id"),
        Index("access_grant_user", "user_id", "org"),
    )
    patient_id: str = Field(primary_key=True)
    grant_id: str = Field(primary_key=True)
    kind: str
    org: str
    user_id: str
    role: str
    purpose: str
    reason: str
    """A code of the policy."""
    text_length: int
    """How much was written as the reason."""
    day: str
    """Of opening, in UTC; and which of the user's that day: two at once cannot be the same."""
    number: int
    starts: int = Field(sa_type=BigInteger)
    ends: int = Field(sa_type=BigInteger)
    closed_by: str
    """Who ended it early; empty where it ends by itself."""


class AccessAlert(SQLModel, table=True):
    """Something that a privacy officer has to look at, by reference."""

    __tablename__: ClassVar[Any] = "access_alert"
    __table_args__ = (
        CheckConstraint(
            "status IN ('open', 'asked', 'escalated', 'justified', 'dismissed')",
            name="access_alert_status",
        ),
        Index("access_alert_org", "org", "status", "due_at"),
        Index("access_alert_id", "alert_id", unique=True),
        Index("access_alert_user", "user_id", "kind", "raised_at"),
        Index("access_alert_told", "told_at", "raised_at"),
        Index("access_alert_posted", "posted_at", "raised_at"),
    )
    patient_id: str = Field(primary_key=True)
    """Empty where it is about nobody who is known here."""
    alert_id: str = Field(primary_key=True)
    kind: str
    org: str
    """Whose privacy officer looks at it: the organisation of who did it."""
    user_id: str
    why: str
    """Codes, blank-separated."""
    entry: int = Field(sa_type=BigInteger)
    """The entry of the log that it is about; -1 where the entry names the alert."""
    raised_at: int = Field(sa_type=BigInteger)
    due_at: int = Field(sa_type=BigInteger)
    status: str
    changed_at: int = Field(sa_type=BigInteger)
    changed_by: str
    told_at: int = Field(sa_type=BigInteger)
    """When the notice of it went to the folder; 0 before."""
    posted_at: int = Field(sa_type=BigInteger)
    """When the notice of it was posted; 0 before."""


class WrittenTogether(SQLModel, table=True):
    """That something was written of a person whom this record was part of, beside others: a row
    on each of the records. It decides access, so that each row of it moves the person's epoch."""

    __tablename__: ClassVar[Any] = "written_together"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('Consent', 'CareTeam', 'permission', 'access-grant')",
            name="written_together_kind",
        ),
        Index("written_together_name", "name"),
    )
    patient_id: str = Field(primary_key=True)
    """Empty for a record that was shredded after it was parted from the others."""
    name: str = Field(primary_key=True)
    """The id of the Consent, team, permission or grant."""
    version: int = Field(primary_key=True)
    """Of a Consent or a team; else 1."""
    kind: str
    written_at: int = Field(sa_type=BigInteger)
    settled_at: int = Field(sa_type=BigInteger)
    """From when on it is of its own record alone, or another version counts; MAX_MICROS before."""


class HomeVisitRow(SQLModel, table=True):
    """Who comes to somebody's home, and when. It decides who is shown how to get in, so that each
    row of it moves the person's epoch."""

    __tablename__: ClassVar[Any] = "home_visit"
    patient_id: str = Field(primary_key=True)
    resource_id: str = Field(primary_key=True)
    org: str
    starts: int = Field(sa_type=BigInteger)
    ends: int = Field(sa_type=BigInteger)
    recorded_at: int = Field(sa_type=BigInteger)
