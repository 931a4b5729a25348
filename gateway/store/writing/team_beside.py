"""A team's edits of what a feed states, written as a version of the resource they lie over.

In      A connection of a writing; what stands, locked; the statements that are to lie over it.
Out     A row of a version, written: the source's organisation, feed and place in the order stay.
Rule    The source's words stay as they are, beside what is shown. As with every other version:
        where links alone differ, it stays what it is and has a new linking.
Source  docs/adr/0014-links-make-no-version.md,
        docs/adr/0045-an-edit-lies-over-what-a-feed-states.md.
"""

from typing import Any

from gateway.clock import instant
from gateway.store.clear import precise
from gateway.store.clear.columns import columns_of
from gateway.store.database.engine import Connection
from gateway.store.record.fold import head_of
from gateway.store.record.resources import Current, NewVersion, current_rows, write_versions
from gateway.store.record.versions import held_aad, lineage_of_row
from gateway.store.sealed import label_decisions
from gateway.store.sealed.lineage_seal import Told, lineage_sealed
from gateway.store.sealed.row_seal import bound, row_aad
from gateway.store.sealed.vault import Keys, Vault
from gateway.store.team.team_over import Over, put_over
from gateway.store.team.team_statements import EDITED, Statement, shown_part, source_part
from gateway.store.writing.team_versions import Hand, Standing, own_words


async def write_over(
    conn: Connection,
    vault: Vault,
    now: Standing,
    resource_id: str,
    statements: tuple[Statement, ...],
    hand: Hand,
) -> int:
    """The version in which these statements lie over the source's words, and its number; the one
    that stands, where it shows the same."""
    place = (now.patient_id, resource_id)
    row = (await current_rows(conn, [place]))[place]
    keys = await vault.ensure(conn, [now.patient_id])
    held = keys.open(row.patient_id, row.sealed, held_aad(row, resource_id))
    before, head = precise.loads(shown_part(held)), head_of(shown_part(held))
    source = _sources(held, now)
    lineage = lineage_of_row(row, resource_id, keys)
    over = put_over(source, statements, head, lineage)
    if over.plain == held or (not statements and row.origin != EDITED):
        return row.version
    version, linking, at = row.version, row.linking + 1, row.updated_at
    if own_words(before) != own_words(over.body):
        version, linking, at = row.version + 1, 0, hand.at
        head = {"versionId": str(version), "lastUpdated": instant(at), "source": hand.source}
        over = put_over(source, statements, head, lineage)
    new = await _sealed(conn, vault, keys, now, row, (version, linking, at), over, hand)
    await write_versions(conn, [new])
    return version


def _sources(held: bytes, now: Standing) -> dict[str, Any]:
    """The source's body, under its own name."""
    source: dict[str, Any] = precise.loads(source_part(held))
    name = f"urn:care-gateway:source:{now.source_org}:{now.feed}"
    return source | {"meta": source["meta"] | {"source": name}}


async def _sealed(
    conn: Connection,
    vault: Vault,
    keys: Keys,
    now: Standing,
    row: Current,
    place: tuple[int, int, int],
    over: Over,
    hand: Hand,
) -> NewVersion:
    version, linking, at = place
    owner, resource_id = row.patient_id, over.body["id"]
    where = (owner, resource_id)
    marking = await label_decisions.marking_of(conn, vault, keys, now.feed, [where])
    said = columns_of(over.body, over.named, hasher=keys.hasher)
    columns, others = marking.marked(where, over.body, said, fresh=False)
    labels = bound(now.source_org, now.author, columns, now.feed, linking)
    aad = row_aad(row.type, resource_id, version, owner, labels)
    told = Told(owner, row.type, resource_id, version, linking, hand.author_id)
    return NewVersion(
        owner, resource_id, row.type, version, False, at, now.source_org, now.author, columns,
        keys.seal(owner, over.plain, aad),
        told.author_id, lineage_sealed(keys, told, over.lineage),
        row.container, EDITED, row.source_time, row.content_hash, row.state_hash, linking,
        now.feed, marking.labelling.version, others,
    )  # fmt: skip
