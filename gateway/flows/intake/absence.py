"""A delivery that states a period whole is applied: what it says, then what it leaves out.

    lock its scope -> apply the batch -> note its items -> (after the last) judge, state anew

Rule    What a file leaves out is applied for the whole of it or not at all, in the transaction
        that ends its delivery: not where a row of it was refused, nor where a table shrank below
        the guard. Then its answer says so, and it waits for an operator.
Source  docs/adr/0027-what-absence-says.md.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.clock import from_micros, to_micros
from gateway.flows.intake.absence_reached import reached
from gateway.flows.intake.absence_words import holding, told
from gateway.flows.intake.map_items import AHEAD
from gateway.flows.intake.recognise import Contents
from gateway.store.absences import absence, absence_left
from gateway.store.absences.absence import File, Member
from gateway.store.absences.absence_folding import Restating
from gateway.store.absences.absence_judging import OPEN, Filed, Judged, judged
from gateway.store.clear.columns import Place
from gateway.store.database.engine import Connection
from gateway.store.identity import source_records
from gateway.store.intake.apply import apply_batch
from gateway.store.intake.work import Applied, Prepared
from gateway.store.record.versions import DeliveryContext
from gateway.store.sealed.vault import Vault
from mappings.core.model.dates import utc_text
from mappings.core.model.outcome import Issue, has_errors
from mappings.core.model.rows import Feed
from mappings.core.model.snapshots import Placed, Snapshot

_Period = tuple[str, str, str, str]
"""What rows of one file have in common (`Placed.period`)."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What a delivery states whole: by which rules, in which tables."""

    rules: Snapshot
    names: frozenset[str]


@dataclass(slots=True)
class Taken:
    """What became of a batch: of its items, and of what its delivery leaves out."""

    items: list[Applied]
    absent: list[Applied] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    @property
    def all(self) -> list[Applied]:
        """Everything that was written of somebody."""
        return [*self.items, *self.absent]


def covered(contents: Contents) -> Covered | None:
    """What a delivery states whole by its format; None where it states parts."""
    for group in contents.groups:
        rules = group.carrier.snapshot
        if rules is not None:
            part_of = group.carrier.part_of
            mine = [one for one in contents.groups if one.carrier is group.carrier]
            named = {part_of(name) for one in mine for name in one.members} if part_of else set()
            return Covered(rules, frozenset(filter(None, named)) or frozenset({rules.title}))
    return None


async def apply_whole(
    conn: Connection,
    vault: Vault,
    delivery: DeliveryContext,
    whole: Covered | None,
    batch: Sequence[Prepared],
    *,
    last: bool,
) -> Taken:
    """Apply a batch, and after the last what the delivery leaves out."""
    if whole is None or not batch:
        return Taken(await apply_batch(conn, vault, delivery, batch) if batch else [])
    placed = [whole.rules.placed(one.item.kind, one.item.facts) for one in batch]
    noting = _Noting(vault, delivery, whole.rules)
    files = noting.files(place for place in placed if place is not None)
    await absence.one_at_a_time(conn, {one.scope for one in files.values()})
    taken = Taken(await apply_batch(conn, vault, delivery, batch))
    members = noting.members(batch, taken.items, placed, files)
    await absence.note(conn, {one.snapshot_id: one for one in files.values()}.values(), members)
    if last:
        for one in await _closed(conn, delivery.delivery_id, noting.unplaced, whole.names):
            await _settle(conn, vault, delivery, whole.rules, one, taken)
    return taken


async def settle_again(
    conn: Connection, vault: Vault, delivery: DeliveryContext, rules: Snapshot, one: File
) -> Taken:
    """Judge the scope of a file anew, such as after a decision."""
    taken = Taken([])
    await _settle(conn, vault, delivery, rules, one, taken)
    return taken


async def state_left(
    conn: Connection,
    vault: Vault,
    delivery: DeliveryContext,
    rules: Snapshot,
    one: File,
    places: Collection[Place],
) -> Taken:
    """State what a file left because it was altered, as its scope is judged now; what still is
    altered is left again."""
    taken = Taken([])
    files = [filed for filed, _, _ in await absence.scope_of(conn, one.scope)]
    made = judged(files, await absence.guard_of(conn, one.feed))
    await absence_left.done(conn, one.snapshot_id, places)
    restating = _restating(conn, vault, delivery, rules, one, files, made)
    await _restate(restating, one, set(places), taken)
    return taken


def rules_of(feed: Feed, title: str) -> Snapshot:
    """The rules of the feed's files of this title."""
    rules = (one.snapshot for one in feed.formats)
    return next(one for one in rules if one is not None and one.title == title)


@dataclass(slots=True)
class _Noting:
    """The items of a delivery as rows of its files."""

    vault: Vault
    delivery: DeliveryContext
    rules: Snapshot
    unplaced: str = ""
    """Stands for the file of rows that do not say of which file they are."""

    def __post_init__(self) -> None:
        self.unplaced = self._id("", "")

    def _id(self, scope: str, ends: str) -> str:
        return self.vault.hasher.keyed_uuid("snapshot", self.delivery.delivery_id, scope, ends)

    def files(self, placed: Iterable[Placed]) -> dict[_Period, File]:
        """The files that rows are of."""
        found: dict[_Period, File] = {}
        for one in placed:
            if one.period not in found:
                found[one.period] = self._file(one)
        return found

    def _file(self, placed: Placed) -> File:
        delivery, title = self.delivery, self.rules.title
        org, feed = delivery.source_org, delivery.feed
        scope = self.vault.hasher.lasting_hash("snapshot-scope", org, feed, title, placed.scope)
        ahead = placed.made > utc_text(from_micros(delivery.received_at) + AHEAD)
        return File(
            self._id(scope, placed.ends), delivery.delivery_id, org, feed, title, scope,
            placed.starts, placed.ends, "" if ahead else placed.made, delivery.received_at, "", 0,
            OPEN, "",
        )  # fmt: skip

    def members(
        self,
        batch: Sequence[Prepared],
        applied: Sequence[Applied],
        placed: Sequence[Placed | None],
        files: Mapping[_Period, File],
    ) -> Iterator[Member]:
        """Each item once. One that stands nowhere counts where it was refused."""
        hasher, seen = self.vault.hasher, set()
        for prepared, one, place in zip(batch, applied, placed, strict=True):
            refused = one.quarantined or one.discarded or has_errors(one.issues)
            if prepared.item_hash in seen or (place is None and not refused):
                continue
            seen.add(prepared.item_hash)
            if place is None:
                yield Member(
                    one.patient_id, self.unplaced, one.item_id, "", True, "", False, "", ""
                )
                continue
            thread = hasher.lasting_hash("thread", place.thread) if place.thread else ""
            yield Member(
                one.patient_id, files[place.period].snapshot_id, one.item_id, place.table, refused,
                place.falls, place.lasts, place.begins, thread,
            )  # fmt: skip


async def _closed(
    conn: Connection, delivery_id: str, unplaced: str, names: Collection[str]
) -> list[File]:
    files = await absence.files_of(conn, delivery_id)
    if files:
        refused = await absence.refused_rows(conn, [unplaced, *(one.snapshot_id for one in files)])
        for one in files:
            await absence.close(conn, one, names, refused)
    return files


async def _settle(
    conn: Connection,
    vault: Vault,
    delivery: DeliveryContext,
    rules: Snapshot,
    one: File,
    taken: Taken,
) -> None:
    held = await absence.scope_of(conn, one.scope)
    guard = await absence.guard_of(conn, one.feed)
    files = [filed for filed, _, _ in held]
    made = judged(files, guard)
    await absence.save(conn, made)
    places = await reached(conn, rules, one.snapshot_id, held, made)
    restating = _restating(conn, vault, delivery, rules, one, files, made)
    await _restate(restating, one, places, taken)
    taken.issues += told(files, made, one.snapshot_id, restating)


def _restating(
    conn: Connection,
    vault: Vault,
    delivery: DeliveryContext,
    rules: Snapshot,
    one: File,
    files: Sequence[Filed],
    made: Mapping[str, Judged],
) -> Restating:
    applied = [filed for filed in files if made[filed.snapshot_id].applies]
    words = holding(applied, next(it for it in files if it.snapshot_id == one.snapshot_id))
    return Restating(conn, vault, delivery, rules, applied, words)


async def _restate(restating: Restating, one: File, places: set[Place], taken: Taken) -> None:
    conn = restating.conn
    touched = await restating.restate(places) if places else {}
    at = to_micros(restating.vault.now())
    await absence_left.note(conn, one.snapshot_id, restating.left, at)
    taken.absent += await _as_applied(conn, touched)


async def _as_applied(
    conn: Connection, touched: Mapping[str, Sequence[tuple[str, int]]]
) -> list[Applied]:
    """What was touched, person by person, as what an item did: for the log."""
    owners = sorted(touched)
    people = await source_records.people_of(conn, owners)
    return [
        Applied(
            0,
            duplicate=False,
            quarantined=False,
            issues=(),
            references=[reference for reference, _ in touched[owner]],
            versions=[number for _, number in touched[owner]],
            patient_id=owner,
            person_id=people[owner],
        )
        for owner in owners
        if owner in people
    ]
