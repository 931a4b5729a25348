"""One entry of the audit log: who did what to whose record, why, and what was shown.

In      an AuditEntry, 16 random bytes as nonce, and a way to seal what must stay confidential.
Out     the record: canonical JSON (RFC 8785) of format 1, over which the log's leaf is taken.
Rule    The record holds ciphertext of the sensitive part, so that shredding a key leaves every
        leaf, root and proof valid. Members that are empty are left out. Format 1 never changes;
        another layout is another format number.
Errors  EntryFormatError for bytes that are not a canonical record of a known format.
Source  docs/audit-format.md describes every member.
Pure    Values in, values out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final, Self, TypeVar

from consent.terms import Caller
from gateway.audit.canonical import (
    EntryFormatError,
    Reader,
    canonical,
    from_base64,
    from_text,
    to_base64,
    to_text,
)
from gateway.audit.events import Event, Outcome

FORMAT: Final = 1
NONCE_BYTES: Final = 16
DEPLOYMENT: Final = "deployment"  # the owner of what is sealed for the deployment itself
WORDS: Final = "log:"  # how the owners of sensitive parts about nobody in particular begin

_Code = TypeVar("_Code", bound=StrEnum)
Seal = Callable[[bytes, bytes], bytes]
"""(content, associated data) -> sealed bytes; an opener has the same shape."""


@dataclass(frozen=True, slots=True)
class Agent:
    """Who acted, as the token said: person or system, in which role, for which purpose."""

    user_id: str
    kind: str
    role: str = ""
    org: str = ""
    client_id: str = ""
    purpose: str = ""
    assurance: str = ""
    token_hash: str = ""
    session_hash: str = ""
    on_behalf_of: str = ""
    """The consent on which a proxy acts."""
    activities: tuple[str, ...] = ()
    workgroup: str = ""
    network: str = ""
    client_class: str = ""

    @classmethod
    def of(cls, caller: Caller, *, network: str = "") -> Self:
        """The agent that an authenticated caller is."""
        return cls(
            user_id=caller.user_id,
            kind=str(caller.kind),
            role=caller.role,
            org=caller.org,
            client_id=caller.client_id,
            purpose=str(caller.purpose),
            assurance=caller.assurance,
            token_hash=caller.token_hash,
            network=network,
        )


@dataclass(frozen=True, slots=True)
class Sensitive:
    """What only a key of the person opens: the query as sent, and words people typed."""

    raw_query: str = field(default="", repr=False)
    free_text: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self.raw_query or self.free_text)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Everything one entry says, apart from its place in the log."""

    recorded: datetime
    event: Event
    outcome: Outcome
    agent: Agent
    request_id: str = ""
    reasons: tuple[str, ...] = ()
    person_id: str = ""
    patient_ids: tuple[str, ...] = ()
    subject_hash: str = ""
    relationship: str = ""
    evidence: str = ""
    resources: tuple[tuple[str, str, int], ...] = ()
    hidden: int = 0
    query: str = ""
    filter_hash: str = ""
    policy_version: str = ""
    label_version: str = ""
    mapping_version: str = ""
    access_epoch: int = 0
    consents: tuple[tuple[str, int], ...] = ()
    delivery_id: str = ""
    detail: tuple[tuple[str, str], ...] = ()
    sensitive: Sensitive = Sensitive()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sensitive part as the record holds it: whose key, and the sealed bytes."""

    owner: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """A record read back: the entry without its sensitive part, which stays sealed."""

    entry: AuditEntry
    nonce: bytes
    sealed: Sealed | None

    def open_sensitive(self, opener: Seal) -> Sensitive:
        """The sensitive part, with an opener of the owner's key; empty when there is none."""
        if self.sealed is None:
            return Sensitive()
        plain = opener(self.sealed.content, sealed_aad(self.nonce, self.sealed.owner))
        reader = Reader.of(plain)
        opened = Sensitive(**reader.strings(*_SENSITIVE))
        reader.check_nothing_left()
        return opened


_AGENT_TEXTS: Final = tuple(name for name in Agent.__slots__ if name != "activities")
_SENSITIVE: Final = ("raw_query", "free_text")
_TEXTS: Final = (
    "request_id",
    "person_id",
    "subject_hash",
    "relationship",
    "evidence",
    "query",
    "filter_hash",
    "policy_version",
    "label_version",
    "mapping_version",
    "delivery_id",
)
_LISTS: Final = ("reasons", "patient_ids", "resources", "consents", "hidden", "access_epoch")
_OWN: Final = _TEXTS + _LISTS
_OWN_VALUES: Final[Callable[[AuditEntry], tuple[Any, ...]]] = attrgetter(*_OWN)
_AGENT_VALUES: Final[Callable[[Agent], tuple[Any, ...]]] = attrgetter(*Agent.__slots__)


def words_owner(at: datetime) -> str:
    """The owner of sensitive parts about nobody in particular: the log, in that month (UTC)."""
    return f"{WORDS}{at.astimezone(UTC):%Y-%m}"


def owner_of(entry: AuditEntry) -> str:
    """Whose key seals the entry's sensitive part: a record's of the person, or its month's."""
    return entry.patient_ids[0] if entry.patient_ids else words_owner(entry.recorded)


def encode(
    entry: AuditEntry,
    nonce: bytes,
    seal: Seal,
    owner: str = DEPLOYMENT,
    more: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """The record of an entry; its sensitive part, if any, is sealed for the owner. `more` is said
    beside its own detail."""
    if len(nonce) != NONCE_BYTES:
        raise EntryFormatError("the nonce must be 16 bytes")
    members: dict[str, Any] = dict(zip(_OWN, _OWN_VALUES(entry), strict=True))
    members["format"] = FORMAT
    members["nonce"] = to_base64(nonce)
    members["recorded"] = to_text(entry.recorded)
    members["event"] = entry.event
    members["outcome"] = entry.outcome
    members["agent"] = _agent_members(entry.agent)
    members["detail"] = {name: value for name, value in (*entry.detail, *more) if value}
    if entry.sensitive:
        plain = canonical({name: getattr(entry.sensitive, name) for name in _SENSITIVE})
        content = seal(plain, sealed_aad(nonce, owner))
        members["sealed"] = {"owner": owner, "content": to_base64(content)}
    return canonical(members)


def decode(record: bytes) -> AuditRecord:
    """What a record says. Only canonical bytes of format 1 are read."""
    reader = Reader.of(record)
    if reader.number("format") != FORMAT:
        raise EntryFormatError("a record of another format")
    entry = AuditEntry(
        recorded=from_text(reader.string("recorded")),
        event=_code(Event, reader.string("event")),
        outcome=_code(Outcome, reader.string("outcome")),
        agent=_agent(reader.inner("agent")),
        reasons=reader.texts("reasons"),
        patient_ids=reader.texts("patient_ids"),
        resources=reader.rows("resources", (str, str, int)),
        consents=reader.rows("consents", (str, int)),
        hidden=reader.number("hidden"),
        access_epoch=reader.number("access_epoch"),
        detail=tuple(reader.inner("detail").rest().items()),
        **reader.strings(*_TEXTS),
    )
    nonce, sealed = from_base64(reader.string("nonce")), _sealed(reader.inner("sealed"))
    reader.check_nothing_left()
    if len(nonce) != NONCE_BYTES:
        raise EntryFormatError("the nonce must be 16 bytes")
    return AuditRecord(entry, nonce, sealed)


def sealed_aad(nonce: bytes, owner: str) -> bytes:
    """The associated data that binds a sealed part to its record and owner."""
    return f"audit|{FORMAT}|{nonce.hex()}|{owner}".encode()


def _agent_members(agent: Agent) -> dict[str, Any]:
    members = zip(Agent.__slots__, _AGENT_VALUES(agent), strict=True)
    return {name: value for name, value in members if value}


def _agent(reader: Reader) -> Agent:
    agent = Agent(activities=reader.texts("activities"), **reader.strings(*_AGENT_TEXTS))
    reader.check_nothing_left()
    return agent


def _sealed(reader: Reader) -> Sealed | None:
    owner, content = reader.string("owner"), reader.string("content")
    reader.check_nothing_left()
    return Sealed(owner, from_base64(content)) if owner and content else None


def _code(codes: type[_Code], value: str) -> _Code:
    try:
        return codes(value)
    except ValueError:
        raise EntryFormatError("a code that this format does not have") from None
