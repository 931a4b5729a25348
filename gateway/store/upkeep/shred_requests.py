"""Requests to shred, and holds that stand in their way."""

from collections.abc import Collection
from dataclasses import astuple, dataclass
from typing import Final

from gateway.store.database.engine import Connection, placeholders

_REQUEST: Final = (
    "patient_id, request_id, whole, records, basis, state, asked_by, asked_at, confirmed_by,"
    " ended_at"
)
_HOLD: Final = "patient_id, hold_id, set_by, set_at, review_on"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as stored."""

    patient_id: str
    request_id: str
    whole: int
    records: str
    basis: str
    state: str
    asked_by: str
    asked_at: int
    confirmed_by: str = ""
    ended_at: int = 0


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as stored."""

    patient_id: str
    hold_id: str
    set_by: str
    set_at: int
    review_on: str


async def add(conn: Connection, request: Request) -> None:
    """Keep a new request."""
    await conn.execute(
        f"INSERT INTO shred_request ({_REQUEST}) VALUES ({placeholders(10)})", astuple(request)
    )


async def find(conn: Connection, request_id: str) -> Request | None:
    """A request by id; nobody else changes it until this transaction ends."""
    rows = await conn.fetch(
        f"SELECT {_REQUEST} FROM shred_request WHERE request_id = $1{conn.lock_rows}",
        (request_id,),
    )
    return Request(*rows[0]) if rows else None


async def in_states(conn: Connection, states: Collection[str]) -> list[Request]:
    """The requests in these states, in the order they were asked."""
    rows = await conn.fetch(
        f"SELECT {_REQUEST} FROM shred_request WHERE state IN ({placeholders(len(states))})"
        " ORDER BY asked_at, request_id",
        list(states),
    )
    return [Request(*row) for row in rows]


async def change(conn: Connection, request: Request) -> None:
    """Note how a request stands now."""
    await conn.execute(
        "UPDATE shred_request SET state = $3, confirmed_by = $4, ended_at = $5"
        " WHERE patient_id = $1 AND request_id = $2",
        (
            request.patient_id, request.request_id, request.state, request.confirmed_by,
            request.ended_at,
        ),
    )  # fmt: skip


async def hold(conn: Connection, made: Hold) -> None:
    """Keep a new hold."""
    await conn.execute(
        f"INSERT INTO shred_hold ({_HOLD}) VALUES ({placeholders(5)})", astuple(made)
    )


async def holds(conn: Connection, records: Collection[str] | None = None) -> list[Hold]:
    """The holds on these records; all of them, without."""
    wanted = sorted(records or ())
    if records is not None and not wanted:
        return []
    among = f" WHERE patient_id IN ({placeholders(len(wanted))})" if records is not None else ""
    rows = await conn.fetch(
        f"SELECT {_HOLD} FROM shred_hold{among} ORDER BY review_on, hold_id", wanted
    )
    return [Hold(*row) for row in rows]


async def lift(conn: Connection, hold_id: str) -> Hold | None:
    """Take a hold away; what it was."""
    rows = await conn.fetch(
        f"DELETE FROM shred_hold WHERE hold_id = $1 RETURNING {_HOLD}", (hold_id,)
    )
    return Hold(*rows[0]) if rows else None
