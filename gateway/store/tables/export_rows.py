"""The table of bulk exports: what a system asked for, until it is over.

Rule    As in tables.rows. Nothing that is exported stands here: files are made as they are
        fetched. What was asked for may name people, and stands sealed under the deployment's key.
"""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel


class ExportJob(SQLModel, table=True):
    """One export of one system."""

    __tablename__: ClassVar[Any] = "export_job"
    __table_args__ = (
        Index("export_job_client", "client_id", "expires_at"),
        Index("export_job_expires", "expires_at"),
    )
    job_id: str = Field(primary_key=True)
    client_id: str
    org: str
    started_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    sealed: bytes
