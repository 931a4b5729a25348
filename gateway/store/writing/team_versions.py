"""What a member of a team writes over REST: held while it is decided on, and its new versions.

In      A connection of a writing; the body to be stored.
Out     Rows of versions, written; what stands, locked until the writing ends.
Rule    It is kept apart from what feeds say: its feed is `team`, its organisation the one that
        first wrote it, its author whoever wrote the version. Where an edit changes links alone the
        version stays what it is, with its time, and has a new linking.
Source  docs/adr/0014-links-make-no-version.md, docs/adr/0040-writing-over-rest.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.clock import from_micros
from gateway.store.clear import precise
from gateway.store.clear.columns import columns_of, links
from gateway.store.clear.cutting import without_links
from gateway.store.database.engine import Connection
from gateway.store.identity import source_records
from gateway.store.labels.labelling import TEAM
from gateway.store.record.lineage import as_written
from gateway.store.record.resources import NewVersion, write_versions
from gateway.store.sealed import label_decisions
from gateway.store.sealed.lineage_seal import Told, lineage_sealed, of_column
from gateway.store.sealed.row_seal import bound, row_aad
from gateway.store.sealed.vault import Vault
from gateway.store.team.team_lineage import NOTHING, lineage_of

_HEAD: Final = ("versionId", "lastUpdated", "source")


@dataclass(frozen=True, slots=True)
class Standing:
    """A resource as it stands now."""

    patient_id: str
    resource_type: str
    version: int
    linking: int
    deleted: bool
    updated_at: int
    source_org: str
    author: str
    feed: str

    @property
    def is_teams(self) -> bool:
        """Whether a member of a team wrote it; otherwise it is its source's own."""
        return self.feed == TEAM


@dataclass(frozen=True, slots=True)
class Hand:
    """Who writes, when."""

    org: str
    author: str
    source: str
    """How the version's own words name where it comes from."""
    request_id: str
    at: int

    @property
    def author_id(self) -> str:
        """Who made the versions that come of it."""
        return f"user:{self.org}:{self.author}"


async def standing(conn: Connection, resource_id: str) -> Standing | None:
    """The resource; nobody else changes it before this writing ends.

    Of what a feed states the source record is held first: feeds write under that alone.
    """
    owners = await conn.fetch(
        "SELECT o.patient_id, r.feed FROM resource_owner o JOIN resource r"
        " ON r.patient_id = o.patient_id AND r.resource_id = o.resource_id"
        " WHERE o.resource_id = $1",
        (resource_id,),
    )
    if not owners:
        return None
    if owners[0][1] != TEAM:
        await source_records.lock(conn, [owners[0][0]])
    rows = await conn.fetch(
        "SELECT patient_id, resource_type, version, linking, deleted, updated_at, source_org,"
        " author, feed FROM resource WHERE patient_id = $1 AND resource_id = $2"
        f"{conn.lock_rows}",
        (owners[0][0], resource_id),
    )
    if not rows:
        return None
    patient_id, kind, version, linking, deleted, *rest = rows[0]
    return Standing(patient_id, kind, version, linking, bool(deleted), *rest)


async def write_first(
    conn: Connection, vault: Vault, patient_id: str, body: dict[str, Any], hand: Hand
) -> int:
    """The first version of a new resource; its number."""
    made = Standing(
        patient_id, body["resourceType"], 1, 0, False, hand.at, hand.org, hand.author, TEAM
    )
    lineage = lineage_of(body, {}, NOTHING, hand.request_id, hand.at)
    return await _write(conn, vault, made, body, hand, lineage)


async def write_next(
    conn: Connection,
    vault: Vault,
    now: Standing,
    before: Mapping[str, Any],
    body: dict[str, Any],
    hand: Hand,
) -> int:
    """The version after the one that stands, whose body is `before`, and its number; the same
    one, where what it says itself is the same."""
    same = not now.deleted and own_words(before) == own_words(body)
    if same and _said(before) == _said(body):
        return now.version
    known = await _lineage(conn, vault, now, body["id"])
    lineage = lineage_of(body, before, known, hand.request_id, hand.at)
    if same:
        head = {name: before["meta"][name] for name in _HEAD if name in before["meta"]}
        body = body | {"meta": body["meta"] | head}
        made = Standing(
            now.patient_id, now.resource_type, now.version, now.linking + 1, False,
            now.updated_at, now.source_org, now.author, TEAM,
        )  # fmt: skip
        return await _write(conn, vault, made, body, hand, lineage)
    made = Standing(
        now.patient_id, now.resource_type, now.version + 1, 0, False, hand.at, now.source_org,
        hand.author, TEAM,
    )  # fmt: skip
    return await _write(conn, vault, made, body, hand, lineage)


async def write_deletion(
    conn: Connection, vault: Vault, now: Standing, last: Mapping[str, Any], hand: Hand
) -> int:
    """The version that says that it is no more; its labels stay."""
    made = Standing(
        now.patient_id, now.resource_type, now.version + 1, 0, True, hand.at, now.source_org,
        hand.author, TEAM,
    )  # fmt: skip
    return await _write(conn, vault, made, last, hand, NOTHING)


async def writers(conn: Connection, now: Standing, resource_id: str) -> set[str]:
    """Who wrote a version of what a team wrote."""
    rows = await conn.fetch(
        "SELECT author FROM resource_version WHERE patient_id = $1 AND resource_id = $2",
        (now.patient_id, resource_id),
    )
    return {row[0] for row in rows}


async def _lineage(conn: Connection, vault: Vault, now: Standing, resource_id: str) -> bytes:
    rows = await conn.fetch(
        "SELECT author_id, lineage FROM resource_version WHERE patient_id = $1 AND resource_id = $2"
        " AND version = $3 AND linking = $4",
        (now.patient_id, resource_id, now.version, now.linking),
    )
    keys = await vault.keys(conn, [now.patient_id])
    ((author_id, stored),) = rows
    of = Told(now.patient_id, now.resource_type, resource_id, now.version, now.linking, author_id)
    found = as_written(keys, of, of_column(stored))
    return NOTHING if found is None else found


def own_words(body: Mapping[str, Any]) -> bytes:
    """What a resource says itself, without its links, as bytes."""
    return precise.dumps(without_links(_plain(body), links(body)), orjson.OPT_SORT_KEYS)


def _said(body: Mapping[str, Any]) -> bytes:
    return precise.dumps(_plain(body), orjson.OPT_SORT_KEYS)


def _plain(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body without what is of its version; its labels in one order."""
    meta = {name: value for name, value in body["meta"].items() if name not in _HEAD}
    meta["security"] = sorted(meta["security"], key=lambda one: (one["system"], one["code"]))
    return {**body, "meta": meta}


async def _write(
    conn: Connection,
    vault: Vault,
    made: Standing,
    body: Mapping[str, Any],
    hand: Hand,
    lineage: bytes,
) -> int:
    resource_id, owner = body["id"], made.patient_id
    if not made.linking and not made.deleted:
        moment = from_micros(made.updated_at).isoformat().replace("+00:00", "Z")
        head = {"versionId": str(made.version), "lastUpdated": moment, "source": hand.source}
        body = {**body, "meta": {**body["meta"], **head}}
    keys = await vault.ensure(conn, [owner])
    place = (owner, resource_id)
    earlier = [place] if made.version > 1 or made.linking else []
    marking = await label_decisions.marking_of(conn, vault, keys, TEAM, earlier)
    columns, others = marking.marked(place, body, columns_of(body, hasher=keys.hasher), fresh=False)
    labels = bound(made.source_org, made.author, columns, TEAM, made.linking)
    aad = row_aad(made.resource_type, resource_id, made.version, owner, labels)
    plain = b"" if made.deleted else precise.dumps(body)
    told = Told(
        owner, made.resource_type, resource_id, made.version, made.linking, hand.author_id
    )  # fmt: skip
    await write_versions(conn, [
        NewVersion(
            owner, resource_id, made.resource_type, made.version, made.deleted, made.updated_at,
            made.source_org, made.author, columns,
            keys.seal(owner, plain, aad), told.author_id,
            lineage_sealed(keys, told, lineage), "", "team", "", "", "",
            made.linking, TEAM, marking.labelling.version, others and not made.deleted,
        )
    ])  # fmt: skip
    return made.version
