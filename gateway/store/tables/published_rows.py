"""The tables of the published log, and of who outside was given it."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, LargeBinary, SmallInteger
from sqlmodel import Field, SQLModel


class LogSubtree(SQLModel, table=True):
    """The root of one complete subtree of the log: of 256 to the power of its level leaves."""

    __tablename__: ClassVar[Any] = "log_subtree"
    level: int = Field(sa_column=Column("level", SmallInteger, primary_key=True))
    number: int = Field(sa_column=Column("number", BigInteger, primary_key=True))
    root: bytes = Field(sa_column=Column("root", LargeBinary, nullable=False))


class LogCheckpoint(SQLModel, table=True):
    """A signed note over the log at one size: what outsiders hold it to."""

    __tablename__: ClassVar[Any] = "log_checkpoint"
    size: int = Field(sa_column=Column("size", BigInteger, primary_key=True))
    note: str
    signed_at: int = Field(sa_column=Column("signed_at", BigInteger, nullable=False))


class LogWitness(SQLModel, table=True):
    """How far one witness was given the log's checkpoints."""

    __tablename__: ClassVar[Any] = "log_witness"
    name: str = Field(primary_key=True)
    size: int = Field(sa_column=Column("size", BigInteger, nullable=False))
    """Of the newest checkpoint it took; 0 for none yet."""
    taken_at: int = Field(sa_column=Column("taken_at", BigInteger, nullable=False))
    failures: int
    """How often in a row it did not take one."""
    again_at: int = Field(sa_column=Column("again_at", BigInteger, nullable=False))
    """Not tried before."""
