"""Apply a batch of mapped items in one transaction: people, folds, versions, inbox rows.

    seen -> records -> keys -> folds -> versions -> inbox

In      Prepared items of one delivery (mapped already), in the delivery's order; or of several of
        one source's feed, which speak of different records.
Out     For each, what became of it; the caller appends the audit entry last and commits.
Rule    An item that was taken before changes nothing and answers as before. The final state does
        not depend on the order of items, batches or deliveries.
Errors  AlteredError for items that speak of what was altered in the database; nothing is to stand
        then, and the batch may come again without them.
"""

from collections.abc import Collection, Mapping, Sequence

import orjson

from gateway.identity.statements import Statement, Verdict
from gateway.store.clear.columns import Place
from gateway.store.database.engine import Connection, Insert
from gateway.store.identity import people, people_said
from gateway.store.identity.source_records import Record, new_record
from gateway.store.identity.statements import Stated
from gateway.store.intake.containers import IN_PART, container_id, lists_of
from gateway.store.intake.folding import Folding
from gateway.store.intake.seen import Seen, seen_of
from gateway.store.intake.told import item_aad
from gateway.store.intake.work import AlteredError, Applied, Part, Prepared, Work
from gateway.store.record.fold import Order
from gateway.store.record.localising import Localisers
from gateway.store.record.versions import DeliveryContext
from gateway.store.sealed.vault import UNREADABLE, Vault
from mappings.core.applying.apply import person_key
from mappings.core.model.outcome import Issue, PersonClaim, Severity, error

_ITEM = Insert(
    "item",
    "patient_id, item_id, delivery_id, number, source_org, feed, kind, state, container,"
    " source_time, content_hash, mapping_version, received_at, issues, key_owner, sealed",
)
_SEEN = Insert("item_seen", "source_org, item_hash, item_id, patient_id, delivery_id")
_SPEAKS = Insert(
    "item_resource", "patient_id, resource_id, item_id, sealed", "ON CONFLICT DO NOTHING"
)


_SHREDDED_TEXT = (
    "this person's record was shredded here, and nothing of it is taken until that is allowed"
)


async def apply_batch(
    conn: Connection, vault: Vault, delivery: DeliveryContext, batch: Sequence[Prepared]
) -> list[Applied]:
    """Take every item of the batch that is new."""
    (answers,) = await apply_parts(conn, vault, [Part(delivery, batch)])
    return answers


async def apply_parts(conn: Connection, vault: Vault, parts: Sequence[Part]) -> list[list[Applied]]:
    """Take every item of deliveries of one source's feed that is new, as one batch. No two of the
    deliveries may speak of one record, or bear the same item (`records_of`)."""
    org = parts[0].delivery.source_org
    seen = await seen_of(conn, org, [one.item_hash for part in parts for one in part.items])
    work: list[Work] = []
    answers = [_answered(vault, part, seen, work) for part in parts]
    await _take(conn, vault, work)
    return answers


def records_of(vault: Vault, org: str, batch: Sequence[Prepared]) -> set[str]:
    """The source records that items of a source speak of, and the items themselves: whatever two
    batches have to differ in that are to be applied as one."""
    localisers = Localisers(vault.hasher, org)
    taken = [one for one in batch if not one.outcome.quarantined]
    records = {localisers.record_id(person_key(one.outcome.person) or "") for one in taken}
    return records | {one.item_hash for one in batch}


def _answered(
    vault: Vault, part: Part, seen: Mapping[str, Seen], work: list[Work]
) -> list[Applied]:
    """What is answered to each item; one that is new is added to the work, which fills it in."""
    answers: list[Applied] = []
    fresh: dict[str, Work] = {}
    for prepared in part.items:
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
            item_id=vault.hasher.keyed_uuid("item", part.delivery.source_org, prepared.item_hash),
        )
        answers.append(answer)
        fresh.setdefault(prepared.item_hash, Work(prepared, answer, part.delivery))
    work += fresh.values()
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


async def _take(conn: Connection, vault: Vault, work: Sequence[Work]) -> None:
    if not work:
        return
    folding = Folding(conn, vault, work[0].delivery)
    taken = [one for one in work if not one.applied.quarantined]
    for prepared, applied, delivery in taken:
        key = person_key(prepared.outcome.person) or ""
        applied.patient_id = folding.localisers.record_id(key)
        folding.deliveries[applied.patient_id] = delivery
    while (claimed := await _people(folding, taken)).refused:
        taken = _without_shredded(taken, claimed.refused)
    for prepared, applied, _ in taken:
        if prepared.kind and prepared.kind.whole:
            applied.container = container_id(
                vault.hasher, applied.patient_id, prepared.item, prepared.kind, prepared.outcome
            )
    lists = [lists_of(one.prepared.kind, one.prepared.outcome) for one in taken]
    owners = {a.patient_id: a.patient_id in claimed.before for _, a, _ in taken}
    inboxes = {one.delivery.key_owner for one in work}
    await folding.load(owners, inboxes, *_named(folding, taken, lists))
    versions = await _fold(folding, taken, lists)
    for _, applied, _ in taken:
        owner = applied.patient_id
        applied.person_id = claimed.people[owner]
        applied.references = [ref for ref in applied.references if (owner, ref) in versions]
        applied.versions = [versions[owner, ref] for ref in applied.references]
    await _keep(conn, work, folding)


def _named(
    folding: Folding,
    taken: Sequence[Work],
    lists: Sequence[Mapping[str, str]],
) -> tuple[set[tuple[str, str, str]], dict[Place, Order], dict[Place, Order]]:
    """Every resource that the items speak of; what they state whole, by containers and by Lists,
    each with the newest that does."""
    said = {(a.patient_id, m.type, m.key) for p, a, _ in taken for m in p.outcome.resources}
    named = set(said)
    wholes: dict[Place, Order] = {}
    made: dict[Place, Order] = {}
    for (prepared, applied, _), listed in sorted(zip(taken, lists, strict=True), key=_order):
        owner, localiser = applied.patient_id, folding.localisers.of(applied.patient_id)
        for key in listed.values():
            if (owner, "List", key) in said:
                made[owner, localiser.resource_id("List", key)] = prepared.order
            named.add((owner, "List", key))
        if applied.container:
            wholes[owner, applied.container.removeprefix(IN_PART)] = prepared.order
    return named, wholes, made


def _order(one: tuple[Work, Mapping[str, str]]) -> Order:
    return one[0].prepared.order


async def _fold(
    folding: Folding,
    taken: Sequence[Work],
    lists: Sequence[Mapping[str, str]],
) -> dict[tuple[str, str], int]:
    """Fold every item in; the versions that stand. Errors: AlteredError, for all it is about."""
    altered: set[str] = set()
    for (prepared, applied, _), listed in zip(taken, lists, strict=True):
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
        mine = {one.item_hash for one, applied, _ in taken if applied.patient_id == fault.owner}
        if not mine:
            raise
        raise AlteredError(mine) from None


def _without_shredded(taken: Sequence[Work], gone: Collection[str]) -> list[Work]:
    """Those that may be taken; what is sent of a shredded record is refused, item by item."""
    for _, applied, _ in taken:
        if applied.patient_id in gone:
            applied.patient_id, applied.quarantined = "", True
            applied.issues = (*applied.issues, error("", "shredded", _SHREDDED_TEXT))
    return [one for one in taken if not one.applied.quarantined]


async def _people(folding: Folding, taken: Sequence[Work]) -> people.Claimed:
    """Write what the items claim of their people, and of two records being one person's."""
    claims: dict[str, list[tuple[PersonClaim, str]]] = {}
    said: list[Stated] = []
    fresh: dict[str, Record] = {}
    for prepared, applied, delivery in taken:
        org, feed, at = delivery.source_org, delivery.feed, delivery.received_at
        fresh[applied.patient_id] = new_record(applied.patient_id, org, feed, at)
        claim = (prepared.outcome.person, people_said.claim_order(*prepared.order))
        claims.setdefault(applied.patient_id, []).append(claim)
        for merge in prepared.outcome.merges:
            gone, stays = map(folding.localisers.record_id, (merge.gone, merge.stays))
            verdict = Verdict.SAME if merge.holds else Verdict.OPEN
            statement = Statement(gone, stays, verdict, prepared.order)
            said.append(Stated(applied.item_id, statement, "", prepared.item.kind, at))
    return await people.claim(folding.conn, folding.vault, fresh, claims, said)


async def _keep(conn: Connection, work: Sequence[Work], folding: Folding) -> None:
    """The inbox's own rows: each item sealed whole, its outcome, and that it was seen."""
    items, seen = [], []
    for prepared, applied, delivery in work:
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
