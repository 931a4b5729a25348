"""The tables of signing in."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel


class SpentAssertion(SQLModel, table=True):
    """What was taken, and opens nothing a second time: assertions, attempts, logout tokens."""

    __tablename__: ClassVar[Any] = "spent_assertion"
    spent_id: str = Field(primary_key=True)
    until: int = Field(sa_column=Column("until", BigInteger, nullable=False, index=True))
