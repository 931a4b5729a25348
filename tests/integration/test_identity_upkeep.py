"""What follows from links: whom a number finds, and what goes when an item is taken out."""

from typing import Any

from gateway.flows.identity.decide_identity import decide
from gateway.identity.statements import Verdict
from gateway.store.access import facts
from gateway.store.identity.people_said import number_hash
from gateway.store.intake import queue
from gateway.store.intake.queue import HeldItem
from tests.integration.test_identity_decisions import by, groups, over, people, records
from tests.integration.test_ingest_identity import NORMA, OTHER, seen_by
from tests.integration.test_ingest_merges import at, care, identity_event, shapes
from tests.integration.test_ingest_names import traced


async def found_by(store: Any, number: str) -> set[str]:
    """The organisations of everyone whom a number finds."""
    held = await records(store)
    async with store.engine.reading() as conn:
        wanted = [number_hash(store.vault.hasher, number)]
        persons = await facts.persons_by_number(conn, wanted)
        owners = {one: await facts.person_of(conn, one) for one in held.values()}
    return {org for org, one in held.items() if owners[one] in persons}


def test_a_number_finds_nobody_by_a_record_whose_number_no_longer_counts(database_url, tmp_path):
    sent = [seen_by("RAX", NORMA), seen_by("RJ7", NORMA), seen_by("RPY", OTHER)]

    async def work(store: Any) -> None:
        ids = await records(store)

        async def decided(one: str, verdict: Verdict, other: str) -> None:
            await decide(store, by(store), (ids[one], ids[other], verdict), "asked")

        assert await found_by(store, NORMA) == {"RAX", "RJ7"}
        await decided("RJ7", Verdict.DIFFERENT, "RAX")
        assert await found_by(store, NORMA) == {"RAX"}
        await decided("RPY", Verdict.SAME, "RAX")
        assert await found_by(store, OTHER) == set()
        assert await found_by(store, NORMA) == {"RAX", "RPY"}
        await decided("RPY", Verdict.OPEN, "RAX")
        await decided("RJ7", Verdict.OPEN, "RAX")
        assert await found_by(store, OTHER) == {"RPY"}
        assert await found_by(store, NORMA) == {"RAX", "RJ7"}

    over(database_url, tmp_path, sent, work)


def test_a_number_that_a_trace_did_not_find_finds_nobody(database_url, tmp_path):
    async def work(store: Any) -> None:
        assert await found_by(store, NORMA) == {"RAX"}

    over(database_url, tmp_path, [seen_by("RAX", NORMA), traced(1, "04")], work)


def test_what_an_item_said_of_two_records_goes_with_the_item(database_url, tmp_path):
    sent = [care("1"), care("2", ""), identity_event("A40", "1", "2", at(2))]

    async def work(store: Any) -> None:
        assert await shapes(store) == [(2, ("linked", "linked"))]
        async with store.engine.reading() as conn:
            ((org, row),) = [
                (row[0], HeldItem(row[1], row[2], row[3], row[4], row[5], ()))
                for row in await conn.fetch(
                    "SELECT source_org, content_hash, item_id, patient_id, number, state FROM item"
                    " WHERE kind = 'ADT^A40'"
                )
            ]
        await store.write(lambda conn: queue.take_out(conn, org, [row]))
        assert await shapes(store) == [(1, ("alone",)), (1, ("no-number",))]
        async with store.engine.reading() as conn:
            assert await conn.fetch("SELECT 1 FROM identity_statement") == []

    over(database_url, tmp_path, sent, work)


def test_a_decision_outlives_the_items_it_was_made_on(database_url, tmp_path):
    async def work(store: Any) -> None:
        ids = await records(store)
        pair = (ids["RJ7"], ids["RAX"], Verdict.SAME)
        decision = (await decide(store, by(store), pair, "asked"))["decision"]
        gone = HeldItem("", decision, "", 1, "taken", ())
        await store.write(lambda conn: queue.take_out(conn, "RAX", [gone]))
        assert await people(store) == groups("RAX RJ7")

    over(database_url, tmp_path, [seen_by("RAX", NORMA), seen_by("RJ7", "")], work)
