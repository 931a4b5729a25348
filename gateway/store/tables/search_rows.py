"""The tables of what a resource can be found by, beside its own row: dates and links.

Rule    As in tables.rows; they are of the current version alone, and written with it.
Source  docs/adr/0042-a-search-is-over-what-is-shown.md.
"""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel


def _key(**more: Any) -> Any:
    return Field(primary_key=True, **more)


class SearchDate(SQLModel, table=True):
    """When something of a resource was, by the name of the parameter that asks for it."""

    __tablename__: ClassVar[Any] = "search_date"
    patient_id: str = _key()
    resource_id: str = _key()
    name: str = _key()
    low: int = _key(sa_type=BigInteger)
    high: int = _key(sa_type=BigInteger)


class SearchLink(SQLModel, table=True):
    """What a resource refers to, by the name of the parameter that asks for it."""

    __tablename__: ClassVar[Any] = "search_link"
    __table_args__ = (Index("search_link_back", "target", "name"),)
    patient_id: str = _key()
    resource_id: str = _key()
    name: str = _key()
    kind: str = _key()
    target: str = _key()
