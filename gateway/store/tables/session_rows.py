"""The table of sessions: staff and people who signed in, until they sign out.

Rule    As in tables.rows. Whose session it is stands sealed under the deployment's key.
"""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel


class SignInSession(SQLModel, table=True):
    """One session of one browser."""

    __tablename__: ClassVar[Any] = "sign_in_session"
    __table_args__ = (
        Index("sign_in_session_subject", "provider", "subject_hash"),
        Index("sign_in_session_sid", "provider", "sid_hash"),
        Index("sign_in_session_expires", "expires_at"),
    )
    session_hash: str = Field(primary_key=True)
    provider: str
    subject_hash: str
    sid_hash: str
    """Of the provider's own session; empty where it named none."""
    sealed: bytes
    seen_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
