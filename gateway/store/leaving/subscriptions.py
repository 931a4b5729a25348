"""Subscriptions as stored: whose each is, how it stands, and what its owner sent.

In      A connection; the vault; an owner.
Out     Standing, with Content where it is wanted opened.
Rule    What the owner sent stands sealed with the key of its notices, bound to its row, its owner
        and the authority it was written under: a row that was altered does not open. Of several,
        one that does not open stops no other. One works at a subscription at a time, for as long
        as it holds it.
Errors  UnsealError, KeyUnavailableError.
"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any, Final

import orjson

from consent.terms import Caller, CallerKind, Purpose
from gateway.audit.entry import DEPLOYMENT
from gateway.store.database.engine import Connection, Row, placeholders
from gateway.store.keyring.keys import KeyUnavailableError
from gateway.store.leaving.subscription_events import drop_all
from gateway.store.sealed.sealing import UnsealError
from gateway.store.sealed.vault import Keys, Vault

REQUESTED, ACTIVE, ERROR, OFF = "requested", "active", "error", "off"
ALTERED: Final = "altered"
_NAMES: Final = (
    "subscription_id, org, user_id, kind, role, purpose, client_id, scopes, registered, topic,"
    " status, fault, version, created_at, updated_at, ends_at, shaken, posted, told, failures,"
    " failing_since, next_at, sent_at"
)
_WIDTH: Final = len(_NAMES.split(","))


@dataclass(frozen=True, slots=True)
class Content:
    """What the owner sent, and the key of the notices."""

    resource: Mapping[str, Any]
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """One subscription, as it stands; moments in microseconds."""

    subscription_id: str
    org: str
    user_id: str
    kind: str
    role: str
    purpose: str
    client_id: str
    scopes: str
    registered: int
    topic: str
    status: str
    fault: str
    version: int
    created_at: int
    updated_at: int
    ends_at: int
    shaken: int = 0
    posted: int = 0
    told: int = 0
    failures: int = 0
    failing_since: int = 0
    next_at: int = 0
    sent_at: int = 0

    @property
    def caller(self) -> Caller:
        """Its owner, as a decision knows callers; of no token."""
        return Caller(
            self.user_id, CallerKind(self.kind), self.role, self.org, Purpose(self.purpose),
            self.client_id, frozenset(self.scopes.split()), frozenset(), None, "", "",
        )  # fmt: skip


Kept = tuple[Standing, Content]
Owner = tuple[str, str, str, str]
"""Organisation, user, kind and role."""


def _aad(row: Standing) -> bytes:
    whose = (row.subscription_id, row.org, row.user_id, row.kind, row.role)
    under = (row.purpose, row.client_id, row.scopes, row.registered)
    what = (row.topic, row.posted, row.created_at, row.ends_at)
    return orjson.dumps(["subscription", *whose, *under, *what])


def _sealed(keys: Keys, row: Standing, content: Content) -> bytes:
    plain = orjson.dumps({"resource": content.resource, "key": content.key.hex()})
    return keys.seal(DEPLOYMENT, plain, _aad(row))


async def add(conn: Connection, vault: Vault, row: Standing, content: Content) -> None:
    """Keep a new one."""
    keys = await vault.ensure(conn, [DEPLOYMENT])
    await conn.execute(
        f"INSERT INTO subscription ({_NAMES}, sealed, held_by, held_until)"
        f" VALUES ({placeholders(_WIDTH + 1)}, '', 0)",
        (*astuple(row), _sealed(keys, row, content)),
    )


async def change(conn: Connection, vault: Vault, row: Standing, content: Content) -> None:
    """Keep it as its owner wrote it now; whoever is at work on it has no more to say."""
    keys = await vault.ensure(conn, [DEPLOYMENT])
    await conn.execute(
        "UPDATE subscription SET purpose = $2, client_id = $3, scopes = $4, registered = $5,"
        " topic = $6, status = $7, fault = $8, version = $9, updated_at = $10, ends_at = $11,"
        " shaken = $12, posted = $13, failures = 0, failing_since = 0, next_at = 0, sealed = $14,"
        " held_by = '', held_until = 0 WHERE subscription_id = $1",
        (
            row.subscription_id, row.purpose, row.client_id, row.scopes, row.registered, row.topic,
            row.status, row.fault, row.version, row.updated_at, row.ends_at, row.shaken,
            row.posted, _sealed(keys, row, content),
        ),
    )  # fmt: skip


async def remove(conn: Connection, subscription_id: str) -> None:
    """It is no more, nor what it was to be told."""
    await drop_all(conn, subscription_id)
    await conn.execute("DELETE FROM subscription WHERE subscription_id = $1", (subscription_id,))


async def find(conn: Connection, vault: Vault, owner: Caller, subscription_id: str) -> Kept | None:
    """One of the owner's; locked where the connection writes."""
    lock = conn.lock_rows if conn.writes else ""
    found = await _opened(
        conn,
        vault,
        f"WHERE subscription_id = $5 AND {_OWN}{lock}",
        (*_owner(owner), subscription_id),
    )
    return found[0] if found else None


async def of_owner(conn: Connection, vault: Vault, owner: Caller) -> list[Kept]:
    """All of the owner's that open, the oldest first."""
    rows = f"WHERE {_OWN} ORDER BY subscription_id"
    return (await _those_that_open(conn, vault, rows, _owner(owner)))[0]


async def standings(conn: Connection, owner: Caller) -> list[Standing]:
    """All of the owner's, unopened, the oldest first."""
    sql = f"SELECT {_NAMES} FROM subscription WHERE {_OWN} ORDER BY subscription_id"
    return [Standing(*row) for row in await conn.fetch(sql, _owner(owner))]


async def count_of(conn: Connection, owner: Caller) -> int:
    """How many the owner has."""
    sql = f"SELECT COUNT(*) FROM subscription WHERE {_OWN}"
    return int((await conn.fetch(sql, _owner(owner)))[0][0])


_OWN: Final = "org = $1 AND user_id = $2 AND kind = $3 AND role = $4"


def _owner(owner: Caller) -> Owner:
    return owner.org, owner.user_id, str(owner.kind), owner.role


async def all_standing(conn: Connection) -> list[Standing]:
    """Everybody's, unopened."""
    rows = await conn.fetch(f"SELECT {_NAMES} FROM subscription ORDER BY subscription_id")
    return [Standing(*row) for row in rows]


async def is_any_live(conn: Connection) -> bool:
    """Whether there is one that is not switched off."""
    return bool(await conn.fetch("SELECT 1 FROM subscription WHERE status <> 'off' LIMIT 1"))


async def live(conn: Connection, vault: Vault) -> tuple[list[Kept], list[str]]:
    """All that are not switched off: those that open, and the ids of the others."""
    rows = "WHERE status <> 'off' ORDER BY subscription_id"
    return await _those_that_open(conn, vault, rows, ())


async def set_aside(conn: Connection, subscription_id: str, at: int) -> None:
    """Switch one off that does not open."""
    await conn.execute(
        "UPDATE subscription SET status = 'off', fault = $3, version = version + 1,"
        " updated_at = $2, held_by = '', held_until = 0 WHERE subscription_id = $1"
        " AND status <> 'off'",
        (subscription_id, at, ALTERED),
    )


_DUE: Final = (
    "s.status <> 'off' AND s.held_until < $1 AND (s.next_at <= $1 OR (s.failures = 0"
    " AND s.posted = 1 AND EXISTS (SELECT 1 FROM subscription_event e"
    " WHERE e.subscription_id = s.subscription_id AND e.number = 0)))"
)
"""Nobody is at work on it, and its moment has come or something waits."""


async def due(conn: Connection, at: int) -> dict[Owner, list[str]]:
    """Those that are to be looked at by now, by owner: what was told last comes last."""
    rows = await conn.fetch(
        "SELECT s.subscription_id, s.org, s.user_id, s.kind, s.role FROM subscription s"
        f" WHERE {_DUE} ORDER BY s.sent_at, s.subscription_id",
        (at,),
    )
    found: dict[Owner, list[str]] = {}
    for name, org, user_id, kind, role in rows:
        found.setdefault((org, user_id, kind, role), []).append(name)
    return found


async def hold(
    conn: Connection, vault: Vault, subscription_id: str, who: str, at: int, until: int
) -> Kept | None:
    """Become the one that works at it; None where another does, or nothing is to be done."""
    held = await conn.execute(
        "UPDATE subscription SET held_by = $3, held_until = $4 WHERE held_until < $1"
        " AND subscription_id IN"
        f" (SELECT s.subscription_id FROM subscription s WHERE s.subscription_id = $2 AND {_DUE})",
        (at, subscription_id, who, until),
    )
    if not held:
        return None
    found = await _opened(conn, vault, "WHERE subscription_id = $1", (subscription_id,))
    return found[0]


async def is_held(conn: Connection, subscription_id: str, who: str) -> bool:
    """Whether it is still theirs to work at; locked until the writing ends."""
    rows = await conn.fetch(
        "SELECT 1 FROM subscription WHERE subscription_id = $1 AND held_by = $2" + conn.lock_rows,
        (subscription_id, who),
    )
    return bool(rows)


async def settle(conn: Connection, row: Standing, who: str) -> bool:
    """Note how it stands after a look, and let it go; whether it was still theirs."""
    done = await conn.execute(
        "UPDATE subscription SET status = $3, fault = $4, version = $5, updated_at = $6,"
        " shaken = $7, told = $8, failures = $9, failing_since = $10, next_at = $11,"
        " sent_at = $12, held_by = '', held_until = 0"
        " WHERE subscription_id = $1 AND held_by = $2",
        (
            row.subscription_id, who, row.status, row.fault, row.version, row.updated_at,
            row.shaken, row.told, row.failures, row.failing_since, row.next_at, row.sent_at,
        ),
    )  # fmt: skip
    return bool(done)


async def count_told(conn: Connection, subscription_id: str, told: int) -> None:
    """Note how many events it was told of by now; whoever is at work on it has no more to say."""
    await conn.execute(
        "UPDATE subscription SET told = $2, held_by = '', held_until = 0"
        " WHERE subscription_id = $1",
        (subscription_id, told),
    )


async def _opened(
    conn: Connection, vault: Vault, where: str, args: tuple[object, ...]
) -> list[Kept]:
    rows, keys = await _rows(conn, vault, where, args)
    return [_kept(keys, row) for row in rows]


async def _those_that_open(
    conn: Connection, vault: Vault, where: str, args: tuple[object, ...]
) -> tuple[list[Kept], list[str]]:
    rows, keys = await _rows(conn, vault, where, args)
    kept, altered = [], []
    for row in rows:
        try:
            kept.append(_kept(keys, row))
        except UnsealError:
            altered.append(str(row[0]))
    return kept, altered


async def _rows(
    conn: Connection, vault: Vault, where: str, args: tuple[object, ...]
) -> tuple[Sequence[Row], Keys]:
    rows = await conn.fetch(f"SELECT {_NAMES}, sealed FROM subscription {where}", args)
    keys = await vault.keys(conn, [DEPLOYMENT])
    if rows:
        keys.current(DEPLOYMENT)  # without it none opens, and none of them was altered
    return rows, keys


def _kept(keys: Keys, row: Row) -> Kept:
    standing = Standing(*row[:_WIDTH])
    try:
        said = orjson.loads(keys.open(DEPLOYMENT, bytes(row[_WIDTH]), _aad(standing)))
    except KeyUnavailableError:  # it names a key that is none of the deployment's
        raise UnsealError("a subscription is sealed with no key that is held") from None
    return standing, Content(said["resource"], bytes.fromhex(said["key"]))
