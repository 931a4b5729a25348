"""Apply a batch of mapped items in one transaction: people, folds, versions, inbox rows.

    seen -> records -> keys -> folds -> versions -> inbox

In      Prepared items of one delivery (mapped already), in the delivery's order.
Out     For each, what became of it; the caller appends the audit entry last and commits.
Rule    An item that was taken before changes nothing and answers as before. The final state does
        not depend on the order of items, batches or deliveries.
Errors  AlteredError for items that speak of what was altered in the database; nothing is to stand
        then, and the batch may come again without them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from gateway.errors import GatewayError
from gateway.identity.statements import Statement, Verdict
from gateway.store.clear.columns import Place
from gateway.store.database.engine import Connection, Insert
from gateway.store.identity import people, people_said
from gateway.store.identity.source_records import new_record
from gateway.store.identity.statements import Stated
from gateway.store.intake.containers import IN_PART, container_id, lists_of
from gateway.store.intake.folding import Folding
from gateway.store.intake.seen import Seen, seen_of
from gateway.store.intake.told import item_aad
from gateway.store.record.fold import Order
from gateway.store.record.versions import DeliveryContext
from gateway.store.sealed.vault import UNREADABLE, Vault
from mappings.core.applying.apply import person_key
from mappings.core.model.outcome import Issue, Item, Outcome, PersonClaim, Severity, error
from mappings.core.model.rows import Kind

_ITEM = Insert(
    "item",
    "patient_id, item_id, delivery_id, number, source_org, feed, kind, state, container,"
    " source_time, content_hash, mapping_version, received_at, issues, key_owner, sealed",
)
_SEEN = Insert("item_seen", "source_org, item_hash, item_id, patient_id, delivery_id")
_SPEAKS = Insert("item_resource", "patient_id, resource_id, item_id", "ON CONFLICT DO NOTHING")


_SHREDDED_TEXT = (
    "this person's record was shredded here, and nothing of it is taken until that is allowed"
)


class AlteredError(GatewayError):
    """What is stored of something that these items speak of, by hash, does not open."""

    def __init__(self, items: Collection[str]) -> None:
        super().__init__("a stored row is not as it was written")
        self.items = frozenset(items)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One item, mapped, with what the store needs to keep it."""

    item: Item
    item_hash: str
    facts: bytes
    outcome: Outcome
    kind: Kind | None
    mapping_version: str

    @property
    def order(self) -> Order:
        """Its place among items that speak of the same resource."""
        return (self.outcome.source_time, self.item_hash)


@dataclass(slots=True)
class Applied:
    """What became of one item."""

    number: int
    duplicate: bool
    quarantined: bool
    issues: tuple[Issue, ...]
    references: list[str] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    """`Type/id` of each resource, and the version that holds now."""
    patient_id: str = ""
    person_id: str = ""
    container: str = ""
    item_id: str = ""
    """The same item of the same source is one item for ever."""
    discarded: bool = False
    """An operator decided that it is not to be taken; then it is not quarantined."""


async def apply_batch(
    conn: Connection, vault: Vault, delivery: DeliveryContext, batch: Sequence[Prepared]
) -> list[Applied]:
    """Take every item of the batch that is new."""
    seen = await seen_of(conn, delivery.source_org, [prepared.item_hash for prepared in batch])
    answers: list[Applied] = []
    fresh: dict[str, tuple[Prepared, Applied]] = {}
    for prepared in batch:
        before = seen.get(prepared.item_hash)
        if before is not None:
            answers.append(_as_before(prepared.item.number, before))
            continue
        outcome = prepared.outcome
        answer = Applied(
            prepared.item.number,
            prepared.item_hash in fresh,
            outcome.quarantined,
            outcome.issues,
            item_id=vault.hasher.keyed_uuid("item", delivery.source_org, prepared.item_hash),
        )
        answers.append(answer)
        fresh.setdefault(prepared.item_hash, (prepared, answer))
    await _take(conn, vault, delivery, list(fresh.values()))
    return answers


def _as_before(number: int, before: Seen) -> Applied:
    """The answer the same item was given before."""
    return Applied(
        number,
        duplicate=True,
        quarantined=before.state == "quarantined",
        issues=issues_from(before.issues) if before.issues else (),
        references=list(before.standing),
        versions=list(before.standing.values()),
        patient_id=before.patient_id,
        item_id=before.item_id,
        discarded=before.state == "discarded",
    )


async def _take(
    conn: Connection,
    vault: Vault,
    delivery: DeliveryContext,
    work: list[tuple[Prepared, Applied]],
) -> None:
    folding = Folding(conn, vault, delivery)
    taken = [(prepared, applied) for prepared, applied in work if not applied.quarantined]
    for prepared, applied in taken:
        key = person_key(prepared.outcome.person) or ""
        applied.patient_id = folding.localisers.record_id(key)
    while (claimed := await _people(folding, taken)).refused:
        taken = _without_shredded(taken, claimed.refused)
    for prepared, applied in taken:
        if prepared.kind and prepared.kind.whole:
            applied.container = container_id(
                vault.hasher, applied.patient_id, prepared.item, prepared.kind, prepared.outcome
            )
    lists = [lists_of(prepared.kind, prepared.outcome) for prepared, _ in taken]
    owners = {a.patient_id: a.patient_id in claimed.before for _, a in taken}
    await folding.load(owners, *_named(folding, taken, lists))
    versions = await _fold(folding, taken, lists)
    for _, applied in taken:
        owner = applied.patient_id
        applied.person_id = claimed.people[owner]
        applied.references = [ref for ref in applied.references if (owner, ref) in versions]
        applied.versions = [versions[owner, ref] for ref in applied.references]
    await _keep(conn, delivery, work, folding)


def _named(
    folding: Folding,
    taken: Sequence[tuple[Prepared, Applied]],
    lists: Sequence[Mapping[str, str]],
) -> tuple[set[tuple[str, str, str]], dict[Place, Order], dict[Place, Order]]:
    """Every resource that the items speak of; what they state whole, by containers and by Lists,
    each with the newest that does."""
    said = {(a.patient_id, m.type, m.key) for p, a in taken for m in p.outcome.resources}
    named = set(said)
    wholes: dict[Place, Order] = {}
    made: dict[Place, Order] = {}
    for (prepared, applied), listed in sorted(zip(taken, lists, strict=True), key=_order):
        owner, localiser = applied.patient_id, folding.localisers.of(applied.patient_id)
        for key in listed.values():
            if (owner, "List", key) in said:
                made[owner, localiser.resource_id("List", key)] = prepared.order
            named.add((owner, "List", key))
        if applied.container:
            wholes[owner, applied.container.removeprefix(IN_PART)] = prepared.order
    return named, wholes, made


def _order(one: tuple[tuple[Prepared, Applied], Mapping[str, str]]) -> Order:
    return one[0][0].order


async def _fold(
    folding: Folding,
    taken: Sequence[tuple[Prepared, Applied]],
    lists: Sequence[Mapping[str, str]],
) -> dict[tuple[str, str], int]:
    """Fold every item in; the versions that stand. Errors: AlteredError, for all it is about."""
    altered: set[str] = set()
    for (prepared, applied), listed in zip(taken, lists, strict=True):
        try:
            applied.references = await folding.fold_item(
                applied.patient_id, applied.item_id, applied.container, prepared.item,
                prepared.outcome, prepared.order, prepared.mapping_version, listed,
            )  # fmt: skip
        except UNREADABLE:
            altered.add(prepared.item_hash)
    if altered:
        raise AlteredError(altered)
    try:
        return await folding.write()
    except UNREADABLE as fault:
        mine = {one.item_hash for one, applied in taken if applied.patient_id == fault.owner}
        if not mine:
            raise
        raise AlteredError(mine) from None


def _without_shredded(
    taken: list[tuple[Prepared, Applied]], gone: Collection[str]
) -> list[tuple[Prepared, Applied]]:
    """Those that may be taken; what is sent of a shredded record is refused, item by item."""
    for _, applied in taken:
        if applied.patient_id in gone:
            applied.patient_id, applied.quarantined = "", True
            applied.issues = (*applied.issues, error("", "shredded", _SHREDDED_TEXT))
    return [one for one in taken if not one[1].quarantined]


async def _people(folding: Folding, taken: list[tuple[Prepared, Applied]]) -> people.Claimed:
    """Write what the items claim of their people, and of two records being one person's."""
    delivery = folding.delivery
    claims: dict[str, list[tuple[PersonClaim, str]]] = {}
    said: list[Stated] = []
    for prepared, applied in taken:
        claim = (prepared.outcome.person, people_said.claim_order(*prepared.order))
        claims.setdefault(applied.patient_id, []).append(claim)
        for merge in prepared.outcome.merges:
            gone, stays = map(folding.localisers.record_id, (merge.gone, merge.stays))
            verdict = Verdict.SAME if merge.holds else Verdict.OPEN
            statement = Statement(gone, stays, verdict, prepared.order)
            said.append(
                Stated(applied.item_id, statement, "", prepared.item.kind, delivery.received_at)
            )
    fresh = {
        patient_id: new_record(patient_id, delivery.source_org, delivery.feed, delivery.received_at)
        for patient_id in claims
    }
    return await people.claim(folding.conn, folding.vault, fresh, claims, said)


async def _keep(
    conn: Connection,
    delivery: DeliveryContext,
    work: list[tuple[Prepared, Applied]],
    folding: Folding,
) -> None:
    """The inbox's own rows: each item sealed whole, its outcome, and that it was seen."""
    items, seen = [], []
    for prepared, applied in work:
        item_id, owner = applied.item_id, applied.patient_id or delivery.key_owner
        sealed = folding.keys.seal(owner, prepared.facts, item_aad(item_id))
        state = "quarantined" if applied.quarantined else "taken"
        items.append(
            (
                applied.patient_id, item_id, delivery.delivery_id, prepared.item.number,
                delivery.source_org, delivery.feed, prepared.item.kind, state,
                applied.container, *prepared.order, prepared.mapping_version,
                delivery.received_at, issues_bytes(applied.issues), owner, sealed,
            )
        )  # fmt: skip
        seen.append(
            (
                delivery.source_org, prepared.item_hash, item_id, applied.patient_id,
                delivery.delivery_id,
            )
        )  # fmt: skip
    await conn.add(_ITEM, items)
    await conn.add(_SEEN, seen)
    await conn.add(_SPEAKS, folding.links)


def issues_bytes(issues: Sequence[Issue]) -> bytes:
    """Issues as the inbox keeps them."""
    return orjson.dumps([[i.severity, i.path, i.code, i.text] for i in issues])


def issues_from(stored: bytes) -> tuple[Issue, ...]:
    """Issues as the inbox kept them."""
    return tuple(Issue(Severity(row[0]), *row[1:]) for row in orjson.loads(stored))
