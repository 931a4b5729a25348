"""The table of kept searches of the log.

Rule    As in tables.rows. Whose a search is stands as a keyed id; what it is called and what
        it asks may name people, and stands sealed under the deployment's key.
"""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel


class SavedSearch(SQLModel, table=True):
    """One search that somebody keeps."""

    __tablename__: ClassVar[Any] = "saved_search"
    __table_args__ = (Index("saved_search_owner", "owner", "saved_at"),)
    search_id: str = Field(primary_key=True)
    owner: str
    saved_at: int = Field(sa_type=BigInteger)
    sealed: bytes
