"""The tables, once, for both engines.

Rule    Every table that belongs to a person has `patient_id` (the source's record of the person)
        first in its primary key and in every unique key, so that it can be hash-partitioned or
        distributed unchanged. Global look-ups are small tables of their own.
        Ids are text, times are microseconds UTC, flags are small integers: both engines the same.
        No column is NULL: an unknown date is a sentinel, an unknown text is empty.
Source  Design decisions D4, D5, D7, D8, D10 (docs/adr).
"""

from typing import Any, ClassVar, Final

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, SmallInteger, text
from sqlmodel import Field, SQLModel


def _big(**more: Any) -> Any:
    return Field(sa_type=BigInteger, **more)


def _small(**more: Any) -> Any:
    return Field(sa_type=SmallInteger, **more)


def _bytes(**more: Any) -> Any:
    return Field(sa_type=LargeBinary, **more)


_JUDGED: Final = (
    "deleted", "category", "confidentiality", "sensitivities", "holds", "legal", "source_org",
    "author", "feed", "starts", "ends", "origin", "code_marks", "dated_from",
    "dated_until",
)  # fmt: skip
"""What a Filter and most conditions read: rows are counted in the index, without the table."""
_PENDING: Final = text("(holds & 48) <> 0")  # consent.labels.WAITING
_SEARCHED: Final = "recorded_at event outcome org user_id person_id owner_orgs purpose break_glass"
_OF_HARM: Final = text("event = 'safeguarding'")  # gateway.audit.events
_SAFEGUARDING: Final[Any] = {"sqlite_where": _OF_HARM, "postgresql_where": _OF_HARM}
_WAITING: Final[Any] = {"sqlite_where": _PENDING, "postgresql_where": _PENDING}


class SourceRecord(SQLModel, table=True):
    """One organisation's record of a person, and the person it is linked to."""

    __tablename__: ClassVar[Any] = "source_record"
    __table_args__ = (
        Index("source_record_person", "person_id"),
        Index("source_record_number", "nhs_hash"),
        Index("source_record_birth", "birth_hash"),
        Index("source_record_practice", "practice"),
    )
    patient_id: str = Field(primary_key=True)
    source_org: str
    feed: str
    person_id: str
    link_state: str
    nhs_hash: str
    nhs_claim: str
    birth_hash: str
    birth_claim: str
    practice: str
    practice_claim: str
    practices: str = Field(sa_column_kwargs={"server_default": ""})
    """Every practice that was ever named, blank-separated: a deny of one stays."""
    trace: str
    """How far the source says that a number was traced, 01 to 08, and which; else empty."""
    trace_claim: str
    called_hash: str
    """Keyed marks of the first names (`identity.names`), for the number they were said with."""
    called_claim: str
    own_hash: str
    """The same, made for this record."""
    since_hash: str
    """Keyed marks, made for this record, of first names that came without a number that links."""
    since_claim: str
    sex: str
    """`male` or `female`; empty where the source says neither."""
    sex_claim: str
    nameless: int = _small()
    """1: nothing was sent of it yet but in kinds of items that bear no names (a data set)."""
    said_hash: str
    """Beginnings of keyed hashes, and marks, of this record alone (`identity.sayings`)."""
    number_counts: int = _small()
    """0: the record follows another, or was told apart: nobody is found by its number."""
    created_at: int = _big()


class Person(SQLModel, table=True):
    """Everybody who has a record; the epoch changes with everything that decides access."""

    __tablename__: ClassVar[Any] = "person"
    person_id: str = Field(primary_key=True)
    epoch: int = _big()


class DataKeyRow(SQLModel, table=True):
    """The wrapped data key of one owner; without it what it sealed is gone."""

    __tablename__: ClassVar[Any] = "data_key"
    owner: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    kek_id: str
    wrapped: bytes = _bytes()
    created_at: int = _big()


class Delivery(SQLModel, table=True):
    """One body a provider pushed, sealed, with the answer it was given."""

    __tablename__: ClassVar[Any] = "delivery"
    __table_args__ = (
        Index("delivery_body", "body_hash", unique=True),
        Index("delivery_received", "received_at"),
        Index("delivery_latest", "source_org", "feed", "received_at"),
        CheckConstraint(
            "state IN ('accepted', 'taken', 'partly-taken', 'quarantined', 'refused', 'discarded')",
            name="delivery_state",
        ),
    )
    delivery_id: str = Field(primary_key=True)
    source_org: str
    feed: str
    format: str
    media_type: str
    body_hash: str
    received_at: int = _big()
    state: str
    taken: int
    quarantined: int
    answer: bytes = _bytes()
    key_owner: str
    sealed: bytes = _bytes()
    back_fill: int = _small()


class ItemSeen(SQLModel, table=True):
    """Each item once: the idempotency key of the inbox."""

    __tablename__: ClassVar[Any] = "item_seen"
    item_hash: str = Field(primary_key=True)
    source_org: str = Field(primary_key=True)
    item_id: str
    patient_id: str
    delivery_id: str


class ItemRow(SQLModel, table=True):
    """One item of a delivery: its facts sealed whole, its outcome, its place in the order."""

    __tablename__: ClassVar[Any] = "item"
    __table_args__ = (
        Index("item_container", "patient_id", "container"),
        Index("item_delivery", "delivery_id", "state", "source_time"),
        CheckConstraint("state IN ('taken', 'quarantined', 'discarded')", name="item_state"),
    )
    patient_id: str = Field(primary_key=True)
    item_id: str = Field(primary_key=True)
    delivery_id: str
    number: int
    source_org: str
    feed: str
    kind: str
    state: str
    container: str
    """Keyed hash of the thing this item states whole; empty where it states parts."""
    source_time: str
    content_hash: str
    mapping_version: str
    received_at: int = _big()
    issues: bytes = _bytes()
    key_owner: str
    sealed: bytes = _bytes()


class ItemResource(SQLModel, table=True):
    """Which items speak of which resource, and what they name of it, sealed: what a fold reads."""

    __tablename__: ClassVar[Any] = "item_resource"
    patient_id: str = Field(primary_key=True)
    resource_id: str = Field(primary_key=True)
    item_id: str = Field(primary_key=True)
    sealed: bytes = _bytes()


class ResourceOwner(SQLModel, table=True):
    """Resource id to source record: the one look-up a by-id read makes first."""

    __tablename__: ClassVar[Any] = "resource_owner"
    resource_id: str = Field(primary_key=True)
    patient_id: str


class _Labelled(SQLModel):
    """The columns a Filter reads, and what a search reads; the same on both tables."""

    linking: int
    """How often what the version links to has changed since it was written."""
    resource_type: str
    deleted: int = _small()
    updated_at: int = _big()
    category: str
    confidentiality: int = _small()
    sensitivities: int = _big()
    holds: int = _big()
    legal: int = _big()
    source_org: str
    feed: str
    author: str
    starts: int = _big()
    ends: int = _big()
    refs: str
    """Blank-separated `Type/id` of every resource this version refers to."""
    label_rules: str
    relabelled: int = _small()  # 1: not the labels that the sealed bytes state
    sealed: bytes = _bytes()


class ResourceRow(_Labelled, table=True):
    """The current version of a resource."""

    __tablename__: ClassVar[Any] = "resource"
    __table_args__ = (
        Index("resource_by_type", "patient_id", "resource_type", "resource_id", *_JUDGED),
        Index("resource_container", "patient_id", "container"),
        Index("resource_label_rules", "label_rules"),
        Index("resource_waiting", "source_org", "since", "resource_id", **_WAITING),
    )
    patient_id: str = Field(primary_key=True)
    resource_id: str = Field(primary_key=True)
    version: int
    status: str
    codes: str
    """Bar-bounded `|system#code|` list of the type's search codes."""
    code_marks: int = _big()
    """Bits of those codes (`code_marks.marks_of`): most rows without a code show it by them."""
    dated_from: int = _big()
    dated_until: int = _big()
    """What all that `search_date` has of it lies between."""
    container: str
    origin: str
    """`feed`, or `team` for what a member of the team wrote over REST."""
    source_time: str
    content_hash: str
    """Source time and hash of the newest item folded in."""
    state_hash: str
    """Keyed hash of the state without its links: the same state makes no new version."""
    since: int = _big()
    """When it last came to stand, or was withdrawn."""


class ResourceVersionRow(_Labelled, table=True):
    """Every version of a resource in every linking, the current one too; never changed."""

    __tablename__: ClassVar[Any] = "resource_version"
    patient_id: str = Field(primary_key=True)
    resource_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    linking: int = Field(primary_key=True)
    author_id: str
    """User or delivery that made the version: provenance."""
    lineage: bytes = _bytes()


class AuditEntryRow(SQLModel, table=True):
    """One leaf of the log: record, leaf hash, root after it; beside them what is searched by."""

    __tablename__: ClassVar[Any] = "audit_entry"
    __table_args__ = (
        Index("audit_person", "person_id", "seq"),
        Index("audit_org", "org", "seq"),
        Index("audit_user", "user_id", "seq"),
        Index("audit_recorded", "recorded_at"),
        Index("audit_search", "seq", *_SEARCHED.split()),
        Index("audit_safeguarding", "seq", **_SAFEGUARDING),
    )
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    record: bytes = _bytes()
    leaf_hash: bytes = _bytes()
    root_after: bytes = _bytes()
    recorded_at: int = _big()
    event: str
    outcome: str
    org: str
    user_id: str
    person_id: str
    owner_orgs: str
    """Bar-bounded ODS codes whose data was served: a lead sees access to own data."""
    purpose: str
    break_glass: int = _small()


class AuditHead(SQLModel, table=True):
    """The log's one head: how long it is and its frontier; locked by every append."""

    __tablename__: ClassVar[Any] = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="audit_head_single"),)
    id: int = Field(primary_key=True)
    size: int = _big()
    frontier: bytes = _bytes()
