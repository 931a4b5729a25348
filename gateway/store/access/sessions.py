"""Sessions as stored, and attempts as the browser that began them keeps them.

In      A connection; hashes of session ids, keyed hashes of what a provider calls a user or a
        session; who signed in.
Out     Sessions with whose they are, opened; what was ended, so that it can be recorded.
Rule    A session is looked up at each request and nowhere remembered: one that was ended is dead
        in every process at once. Sealed under the deployment's key, bound to its row; an attempt
        opens as nothing but an attempt.
Errors  UnsealError, KeyUnavailableError.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from itertools import product
from typing import Final

import orjson

from gateway.audit.entry import DEPLOYMENT
from gateway.auth.oidc import Attempt
from gateway.auth.sessions import SignedIn
from gateway.store.database.engine import Connection, Row, placeholders
from gateway.store.sealed.vault import Keys, Vault

_COLUMNS: Final = "session_hash, provider, sealed, seen_at, expires_at"
_ATTEMPT: Final = b"sign-in-attempt"
_ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Session:
    """One session; moments in microseconds."""

    hashed: str
    provider: str
    who: SignedIn
    seen_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class Known:
    """What a provider calls the user and its own session, each under every index key."""

    provider: str
    subject: Collection[str] = ()
    sid: Collection[str] = ()


async def add(conn: Connection, vault: Vault, session: Session, subject: str, sid: str) -> None:
    """Keep a new session; those that are over go."""
    await conn.execute("DELETE FROM sign_in_session WHERE expires_at <= $1", [session.seen_at])
    keys = await vault.ensure(conn, [DEPLOYMENT])
    sealed = keys.seal(DEPLOYMENT, session.who.to_bytes(), _aad(session.hashed, session.provider))
    await conn.execute(
        "INSERT INTO sign_in_session (session_hash, provider, subject_hash, sid_hash, sealed,"
        f" seen_at, expires_at) VALUES ({placeholders(7)})",
        [
            session.hashed, session.provider, subject, sid, sealed,
            session.seen_at, session.expires_at,
        ],
    )  # fmt: skip


async def find(conn: Connection, vault: Vault, hashed: str) -> Session | None:
    """The session of that hash, alive or not."""
    rows = await conn.fetch(
        f"SELECT {_COLUMNS} FROM sign_in_session WHERE session_hash = $1", [hashed]
    )
    return next(iter(await _opened(conn, vault, rows)), None)


async def see(conn: Connection, hashed: str, at: int) -> None:
    """Note that a session is in use."""
    await conn.execute(
        "UPDATE sign_in_session SET seen_at = $2 WHERE session_hash = $1 AND seen_at < $2",
        [hashed, at],
    )


async def end(conn: Connection, vault: Vault, hashed: str) -> list[Session]:
    """End one session; the session, if it was there."""
    rows = await conn.fetch(
        f"DELETE FROM sign_in_session WHERE session_hash = $1 RETURNING {_COLUMNS}", [hashed]
    )
    return await _opened(conn, vault, rows)


async def end_known(conn: Connection, vault: Vault, known: Known) -> list[Session]:
    """End what a provider says is over: its session where it names one, else all of the user; and
    what that user began without the provider naming a session."""
    column, hashes = ("sid_hash", known.sid) if known.sid else ("subject_hash", known.subject)
    narrower, more = "", list(known.subject) if known.sid else []
    if more:
        hashes = [*hashes, ""]
        first = 2 + len(hashes)
        narrower = f" AND subject_hash IN ({placeholders(len(more), first)})"
    rows = await conn.fetch(
        f"DELETE FROM sign_in_session WHERE provider = $1 AND {column}"
        f" IN ({placeholders(len(hashes), 2)}){narrower} RETURNING {_COLUMNS}",
        [known.provider, *hashes, *more],
    )
    return await _opened(conn, vault, rows)


async def note_end(conn: Connection, known: Known, until: int) -> None:
    """Let nothing that was begun before now open a session that a provider said is over, until the
    last attempt that was under way has died."""
    if not known.sid:
        named = set(product([_ANY], known.subject))
    elif not known.subject:
        named = set(product(known.sid, [_ANY]))
    else:
        named = {*product(known.sid, known.subject), *product([""], known.subject)}
    for mark in _marks(known.provider, named):
        await conn.execute(
            "INSERT INTO spent_assertion (spent_id, until) VALUES ($1, $2)"
            " ON CONFLICT (spent_id) DO UPDATE SET until = excluded.until",
            [mark, until],
        )


async def latest_end(conn: Connection, known: Known) -> int:
    """The latest `until` with which the end of such a session was noted; 0 where none was. Who
    notes one at the same time waits for this writing, or it for them."""
    sids = known.sid or ("",)
    named = {*product(sids, known.subject), *product([_ANY], known.subject)}
    named |= set(product(known.sid, [_ANY]))
    latest = 0
    for mark in _marks(known.provider, named):
        rows = await conn.fetch(
            "INSERT INTO spent_assertion (spent_id, until) VALUES ($1, 0)"
            " ON CONFLICT (spent_id) DO UPDATE SET until = spent_assertion.until RETURNING until",
            [mark],
        )
        latest = max(latest, rows[0][0])
    return latest


def _marks(provider: str, named: Iterable[tuple[str, str]]) -> list[str]:
    """In one order, so that no two writings wait for each other."""
    texts = (f"ended|{len(provider)}:{provider}|{sid}|{subject}" for sid, subject in named)
    return sorted(hashlib.sha256(text.encode()).hexdigest() for text in texts)


def seal_attempt(keys: Keys, attempt: Attempt) -> bytes:
    """An attempt as a browser may keep it."""
    return keys.seal(DEPLOYMENT, orjson.dumps(asdict(attempt)), _ATTEMPT)


def open_attempt(keys: Keys, sealed: bytes) -> Attempt:
    """The attempt again."""
    return Attempt(**orjson.loads(keys.open(DEPLOYMENT, sealed, _ATTEMPT)))


async def _opened(conn: Connection, vault: Vault, rows: Collection[Row]) -> list[Session]:
    keys = await vault.keys(conn, [DEPLOYMENT] if rows else [])
    return [
        Session(
            hashed,
            provider,
            SignedIn.from_bytes(keys.open(DEPLOYMENT, bytes(sealed), _aad(hashed, provider))),
            seen_at,
            expires_at,
        )
        for hashed, provider, sealed, seen_at, expires_at in rows
    ]


def _aad(hashed: str, provider: str) -> bytes:
    return f"sign-in-session|{hashed}|{provider}".encode()
