"""Who was erased has no key: what is done for everybody goes on without them, and says so."""

import asyncio

from gateway.flows.feeds.replay_taken import replay_taken
from gateway.store.access import triage_facts
from gateway.store.identity import patients, review
from gateway.store.intake import sources
from gateway.store.upkeep import operations
from tests.fake_log import FakeLog
from tests.integration.taking import opened, provider, taken, upgraded, verified
from tests.integration.test_ingest_identity import NORMA, OTHER, seen_by
from tests.integration.test_replay import ALL, OPERATOR


async def _erased(store) -> tuple[dict[str, str], str]:
    """Two people are sent and one is erased: source record -> person, and the erased record."""
    await taken(store, seen_by("RAX", NORMA))
    async with store.engine.reading() as conn:
        [(gone,)] = await conn.fetch("SELECT patient_id FROM source_record")
    await taken(store, seen_by("RAX", OTHER, local="5500999"))
    await store.write(lambda conn: operations.shred(conn, gone))
    store.vault.forget(gone)
    async with store.engine.reading() as conn:
        rows = await conn.fetch("SELECT patient_id, person_id FROM source_record")
    return dict(rows), gone


def test_what_is_done_for_everybody_goes_on_without_an_erased_person(
    database_url, tmp_path, monkeypatch
):
    upgraded(database_url)
    log = FakeLog()
    monkeypatch.setattr(patients, "_log", log)

    async def scenario() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            people, gone = await _erased(store)
            [kept] = people.keys() - {gone}
            async with store.engine.reading() as conn:
                asked = (conn, store.vault, list(people))
                assert set(await triage_facts.named(*asked)) == {kept}
                assert set(await review.traits_of(*asked)) == {kept}
                found = await sources._numbers(conn, store.vault, list(people.values()))
                assert found == {people[kept]: OTHER}
            assert log.lines == [("patients-unreadable", {"count": 1})] * 3

    asyncio.run(scenario())


def test_a_replay_leaves_an_erased_record_as_it_stands_and_counts_it(database_url, tmp_path):
    upgraded(database_url)

    async def scenario() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            _, gone = await _erased(store)
            done = await replay_taken(store, ALL, OPERATOR, older=False)
            [told] = [one for one in done["feeds"] if one["feed"] == "hospital"]
            assert (told["records"], told["items"], told["keyless"]) == (2, 1, 1)
            async with store.engine.reading() as conn:
                assert gone not in (await store.vault.keys(conn, [gone])).by_owner
            assert await verified(store)

    asyncio.run(scenario())
