"""The table of processes that serve.

Rule    As in tables.rows. It is of processes, and of nobody.
Source  docs/adr/0061-what-a-killed-process-leaves.md.
"""

from typing import Any, ClassVar

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class Serving(SQLModel, table=True):
    """One process that serves, as it last said; the row goes as it ends in order."""

    __tablename__: ClassVar[Any] = "serving"
    process_id: str = Field(primary_key=True)
    seen_at: int = Field(sa_type=BigInteger)
    reached: int = Field(sa_type=BigInteger)
    """Of its entries before this number all answers were handed over, but for those under way."""
    under_way: str
    """Blank-separated numbers."""
