"""Label anew what stands: when rules or a site's sets have changed, or somebody decided.

In      A connection; which resources.
Out     How many rows were looked at, and how many bear other labels now.
Rule    A version and its words stay as they are: other labels are another linking of it, under a
        seal of its own; the newest linking counts. What a feed said is read from what is sealed, so
        that no rule lowers it. Its days are read again too. Nothing that is opened here leaves.
Source  docs/adr/0029-labels-are-kept-apart-from-what-a-feed-said.md,
        docs/adr/0068-one-seal-for-a-row-and-its-labels.md.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import orjson
import structlog

from consent.label_rules import Decision, Marks
from consent.labels import WAITING, LabelParts
from gateway.store.clear.columns import Columns, Place, columns_of
from gateway.store.database.engine import Connection, Row, placeholders
from gateway.store.identity import source_records
from gateway.store.labels.labelling import TEAM, Labelling, Marking, codes_of
from gateway.store.sealed.label_decisions import kept, opened
from gateway.store.sealed.lineage_seal import Told, lineage_opened, lineage_sealed, of_column
from gateway.store.sealed.row_seal import BOUND, LABELS, Bound, row_aad
from gateway.store.sealed.vault import UNREADABLE, Keys, Vault
from gateway.store.team.team_statements import shown_part

AT_ONCE: Final = 200
_VERSION: Final = (
    "patient_id", "resource_id", "version", "linking", "resource_type", "deleted", "updated_at",
    "label_rules", "relabelled", "sealed", "author_id", "lineage", *LABELS,
)  # fmt: skip
_INSERT: Final = (
    f"INSERT INTO resource_version ({', '.join(_VERSION)}) VALUES ({placeholders(len(_VERSION))})"
)
_SET: Final = ("linking", "label_rules", "relabelled", "sealed", *LABELS)
_UPDATE: Final = (
    "UPDATE resource SET "
    + ", ".join(f"{name} = ${place}" for place, name in enumerate(_SET, 3))
    + " WHERE patient_id = $1 AND resource_id = $2"
)
_SEEN: Final = "UPDATE resource SET label_rules = $3 WHERE patient_id = $1 AND resource_id = $2"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Standing:
    """The labels of one resource: what feed and rules say, and what it bears."""

    place: Place
    resource_type: str
    version: int
    source_org: str
    rules: str
    said: LabelParts
    borne: LabelParts

    @property
    def is_waiting(self) -> bool:
        """Whether somebody has yet to decide."""
        return bool(self.borne.holds & WAITING)

    def codes(self) -> list[str]:
        """The labels it bears, as codes."""
        return codes_of(self.borne)


class Count(NamedTuple):
    """What a relabelling came to."""

    looked_at: int
    changed: int


@dataclass(frozen=True, slots=True)
class _Kept:
    """The newest linking of one version, as it is kept."""

    values: Mapping[str, Any]

    @property
    def labels(self) -> tuple[Any, ...]:
        return tuple(self.values[name] for name in LABELS)


async def outdated(conn: Connection, labelling: Labelling, most: int = AT_ONCE) -> list[Place]:
    """Resources that were labelled by other rules than these."""
    found: list[Row] = []
    for side in ("<", ">"):
        found += await conn.fetch(
            f"SELECT patient_id, resource_id FROM resource WHERE label_rules {side} $1 LIMIT $2",
            (labelling.version, most - len(found)),
        )
    return [(row[0], row[1]) for row in found]


async def relabel(conn: Connection, vault: Vault, places: Collection[Place]) -> Count:
    """Give these resources, and all their versions, the labels they are to bear now."""
    owners = sorted({owner for owner, _ in places})
    if not owners:
        return Count(0, 0)
    await source_records.lock(conn, owners)
    await _lock(conn, owners, {resource_id for _, resource_id in places})
    labelling = await vault.labels.current(conn)
    keys = await vault.keys(conn, owners)
    decided = dict(await kept(conn, places))
    changed = 0
    for place in sorted(places):
        try:
            changed += await _relabel(conn, keys, labelling, place, decided.get(place))
        except UNREADABLE as fault:  # nor is it shown to anybody, where it is the row
            _log.error("not-relabelled", fault=type(fault).__name__)
            await conn.execute(_SEEN, (*place, labelling.version))
    return Count(len(places), changed)


async def _lock(conn: Connection, owners: Sequence[str], resource_ids: Collection[str]) -> None:
    """Wait for whoever writes these over REST, which holds no more than the resource."""
    if conn.lock_rows:
        await conn.fetch(
            f"SELECT resource_id FROM resource WHERE patient_id IN ({placeholders(len(owners))})"
            f" AND resource_id IN ({placeholders(len(resource_ids), len(owners) + 1)})"
            f" ORDER BY patient_id, resource_id{conn.lock_rows}",
            [*owners, *sorted(resource_ids)],
        )


async def _relabel(
    conn: Connection, keys: Keys, labelling: Labelling, place: Place, decided: bytes | None
) -> bool:
    """Whether some version bears other labels now."""
    versions = await _versions(conn, place)
    decisions = {} if decided is None else {place: _decision(keys, place, decided, versions[-1])}
    marking = Marking(labelling, "", decisions)
    moved = _moved(versions, place, keys, marking)
    await conn.executemany(_INSERT, [[one[name] for name in _VERSION] for one in moved])
    last = versions[-1].values
    now = moved[-1] if moved and moved[-1]["version"] == last["version"] else dict(last)
    now |= {"label_rules": marking.labelling.version}
    await conn.execute(_UPDATE, [*place, *(now[name] for name in _SET)])
    return bool(moved)


def _decision(keys: Keys, place: Place, decided: bytes, last: _Kept) -> Decision:
    """What was decided; of a decision that was altered no more than what it bears stays, beside all
    that is said: it is never lowered by one."""
    try:
        return opened(keys, place, decided)
    except UNREADABLE as fault:
        _log.error("altered-label-decision-met", fault=type(fault).__name__)
        borne, _ = _as_kept(last)
        return Decision(Marks(), Marks.of(borne.labels))


async def standing(conn: Connection, vault: Vault, resource_id: str) -> Standing | None:
    """How a resource is labelled now; None where there is none that stands."""
    rows = await conn.fetch(
        "SELECT patient_id FROM resource_owner WHERE resource_id = $1", (resource_id,)
    )
    place = (rows[0][0], resource_id) if rows else ("", "")
    versions = await _versions(conn, place) if rows else []
    if not versions or versions[-1].values["deleted"]:
        return None
    last = versions[-1]
    keys = await vault.keys(conn, [place[0]])
    marking = Marking(await vault.labels.current(conn), "", {})
    said, _, _ = _labelled(last, place, keys, marking)
    borne, _ = _as_kept(last)
    values = last.values
    return Standing(
        place, values["resource_type"], values["version"], values["source_org"],
        values["label_rules"], said.labels, borne.labels,
    )  # fmt: skip


async def _versions(conn: Connection, place: Place) -> list[_Kept]:
    """Every version in its newest linking, the first version first."""
    rows = await conn.fetch(
        f"SELECT {', '.join(_VERSION)} FROM resource_version"
        " WHERE patient_id = $1 AND resource_id = $2 ORDER BY version, linking",
        place,
    )
    newest: dict[int, _Kept] = {}
    for row in rows:
        values = dict(zip(_VERSION, row, strict=True))
        newest[values["version"]] = _Kept(values)
    return list(newest.values())


def _moved(
    versions: Sequence[_Kept], place: Place, keys: Keys, marking: Marking
) -> list[dict[str, Any]]:
    """The versions that bear other labels now, as they are to be kept."""
    found = []
    before: tuple[Columns, str] | None = None
    for one in versions:
        values = one.values
        if values["deleted"]:  # it has no words of its own: it bears what went before it
            (columns, feed), others = before or _as_kept(one), False
            feed = values["feed"] or feed
        else:
            columns, feed, others = _labelled(one, place, keys, marking)
        before = (columns, feed)
        labels = _in_order(columns, values, feed)
        if labels != one.labels:
            found.append(_linked(one, place, keys, labels, others, marking.labelling.version))
    return found


def _labelled(one: _Kept, place: Place, keys: Keys, marking: Marking) -> tuple[Columns, str, bool]:
    values = one.values
    body = orjson.loads(shown_part(_opened(one, place, keys)))
    feed = values["feed"] or _feed_of(body)
    marked, others = replace(marking, feed=feed).marked(place, body, columns_of(body), fresh=False)
    return marked, feed, others


def _opened(one: _Kept, place: Place, keys: Keys) -> bytes:
    labels = [one.values[name] for name in BOUND]
    return keys.open(place[0], bytes(one.values["sealed"]), _aad(one, place, labels))


def _aad(one: _Kept, place: Place, labels: Bound) -> bytes:
    return row_aad(one.values["resource_type"], place[1], one.values["version"], place[0], labels)


def _told_anew(one: _Kept, place: Place, keys: Keys) -> bytes:
    """Its lineage for the next linking; one that was altered stays so, and stops no labelling."""
    values = one.values
    told = Told(
        place[0], values["resource_type"], place[1], values["version"], values["linking"],
        values["author_id"],
    )  # fmt: skip
    stored = of_column(values["lineage"])
    try:
        lineage = lineage_opened(keys, told, stored)
    except UNREADABLE:
        return stored
    return lineage_sealed(keys, told._replace(linking=told.linking + 1), lineage)


def _feed_of(body: Mapping[str, Any]) -> str:
    """Which feed a version came by, as it says itself."""
    kind, _, rest = (
        str(body.get("meta", {}).get("source", "")).removeprefix("urn:care-gateway:").partition(":")
    )
    return TEAM if kind == TEAM else rest.rpartition(":")[2]


def _as_kept(one: _Kept) -> tuple[Columns, str]:
    values = one.values
    parts = LabelParts(*(values[name] for name in LABELS[:5]))
    columns = Columns(parts, values["starts"], values["ends"], "", values["refs"])
    return columns, values["feed"]


def _in_order(columns: Columns, values: Mapping[str, Any], feed: str) -> tuple[Any, ...]:
    labels = columns.labels
    return (
        labels.category, labels.confidentiality, labels.sensitivities, labels.holds, labels.legal,
        values["source_org"], values["author"], columns.starts, columns.ends, values["refs"],
        feed,
    )  # fmt: skip


def _linked(
    one: _Kept, place: Place, keys: Keys, labels: tuple[Any, ...], others: bool, rules: str
) -> dict[str, Any]:
    """Another linking of the version: the same words, sealed under what it bears now."""
    linking = one.values["linking"] + 1
    aad = _aad(one, place, (*labels, linking))
    return {
        **one.values,
        **dict(zip(LABELS, labels, strict=True)),
        "linking": linking,
        "sealed": keys.seal(place[0], _opened(one, place, keys), aad),
        "lineage": _told_anew(one, place, keys),
        "label_rules": rules,
        "relabelled": int(others),
    }
