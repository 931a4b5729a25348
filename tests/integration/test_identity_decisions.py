"""An operator decides whose a record is: what that links, breaks, refuses and leaves in the log."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from consent.terms import Caller, CallerKind, Purpose
from gateway.audit.entry import decode
from gateway.audit.events import Event
from gateway.errors import FaultyRequestError, NotFoundError
from gateway.flows.asking.search_log import Operator
from gateway.flows.identity.decide_identity import decide, history
from gateway.flows.identity.review_identity import queue
from gateway.flows.reading import query_record
from gateway.flows.site.site import Asking, Site
from gateway.identity.statements import Verdict
from gateway.main import policy_of
from gateway.settings import Settings
from gateway.store.audit import audit_reads
from mappings.registry import FEEDS
from tests.integration.taking import (
    ROOT,
    Delivery,
    all_taken,
    opened,
    provider,
    resources,
    state_of,
    upgraded,
    verified,
)
from tests.integration.test_ingest_identity import NORMA, OTHER, PLACEHOLDER, seen_by
from tests.integration.test_ingest_merges import at, identity_event

REASON = "Ashdown rang the ward"


def over(url: str, folder: Path, sent: list[Delivery], work: Callable[[Any], Awaitable[Any]]):
    upgraded(url)

    async def scenario() -> Any:
        async with opened(url, provider(folder)) as store:
            await all_taken(store, sent)
            return await work(store)

    return asyncio.run(scenario())


def by(store: Any) -> Operator:
    return Operator("ops", store.vault._clock())


async def records(store: Any) -> dict[str, str]:
    """Organisation -> its one source record."""
    async with store.engine.reading() as conn:
        return dict(await conn.fetch("SELECT source_org, patient_id FROM source_record"))


async def people(store: Any) -> set[frozenset[str]]:
    async with store.engine.reading() as conn:
        rows = await conn.fetch("SELECT person_id, source_org FROM source_record")
    found: dict[str, set[str]] = {}
    for person, org in rows:
        found.setdefault(person, set()).add(org)
    return {frozenset(orgs) for orgs in found.values()}


def groups(*texts: str) -> set[frozenset[str]]:
    return {frozenset(text.split()) for text in texts}


def test_a_decision_links_or_parts_and_is_taken_back(database_url, tmp_path):
    sent = [seen_by("RAX", NORMA), seen_by("RJ7", NORMA), seen_by("RPY", OTHER)]

    async def work(store: Any) -> None:
        ids, before = await records(store), await state_of(store)

        async def decided(one: str, verdict: Verdict, other: str) -> set[frozenset[str]]:
            await decide(store, by(store), (ids[one], ids[other], verdict), REASON)
            return await people(store)

        assert await people(store) == groups("RAX RJ7", "RPY")
        assert await decided("RJ7", Verdict.DIFFERENT, "RAX") == groups("RAX", "RJ7", "RPY")
        assert await decided("RPY", Verdict.SAME, "RAX") == groups("RAX RPY", "RJ7")
        assert await decided("RPY", Verdict.OPEN, "RAX") == groups("RAX", "RJ7", "RPY")
        assert await decided("RAX", Verdict.OPEN, "RJ7") == groups("RAX RJ7", "RPY")
        assert await state_of(store) == before
        assert await verified(store)
        told = await history(store, by(store), ids["RAX"])
        assert [one["verdict"] for one in told["statements"]] == [
            "different", "same", "open", "open",
        ]  # fmt: skip
        assert {one["by"] for one in told["statements"]} == {"ops"}
        looked = [decode(row[1]).entry async for row in audit_reads.entries(store.engine, 0)][-1]
        assert (looked.event, looked.agent.user_id) == (Event.REVIEW, "ops")
        assert (looked.person_id, set(looked.patient_ids)) == (
            told["person"], {one["source_record"] for one in told["records"]},
        )  # fmt: skip

    over(database_url, tmp_path, sent, work)


def test_a_decision_holds_whatever_comes_later(database_url, tmp_path):
    """Also what names the records again, a message that merges them, and a new source."""

    async def work(store: Any) -> set[frozenset[str]]:
        ids = await records(store)
        await decide(store, by(store), (ids["RJ7"], ids["RAX"], Verdict.DIFFERENT), REASON)
        await all_taken(
            store,
            [
                seen_by("RJ7", NORMA, at="20261009090000"),
                seen_by("RPY", NORMA),
                identity_event("A40", "1", "9", at(5), NORMA),
            ],
        )
        return await people(store)

    sent = [seen_by("RAX", NORMA), seen_by("RJ7", NORMA)]
    assert over(database_url, tmp_path, sent, work) == groups("RAX RPY", "RJ7")


def test_nobody_sees_across_a_parted_link_from_the_next_request(database_url, tmp_path):
    doctor = Caller(
        "dr", CallerKind.STAFF, "gp", "H85001", Purpose.TREATMENT, "c",
        frozenset({"user/*.*"}), frozenset(), None, "", "",
    )  # fmt: skip

    async def work(store: Any) -> None:
        site = Site(store, policy_of(Settings(permission_to_view="implied")), FEEDS, "http://t")
        ids = await records(store)
        problem = next(
            name.partition("/")[2]
            for name, (body, _) in (await resources(store)).items()
            if name.startswith("Condition/") and ":RAX:" in body["meta"]["source"]
        )

        async def look() -> Any:
            asking = Asking(doctor, store.vault._clock(), "r")
            return await query_record.read(site, asking, "Condition", problem)

        assert (await look()).resource_id == problem
        await decide(store, by(store), (ids["RAX"], ids["H85001"], Verdict.DIFFERENT), REASON)
        with pytest.raises(NotFoundError):
            await look()
        await decide(store, by(store), (ids["RAX"], ids["H85001"], Verdict.OPEN), REASON)
        assert (await look()).resource_id == problem

    example = ROOT / "examples" / "gp" / "norma-structured.json"
    practice = Delivery("gp", example.read_bytes(), "application/fhir+json")
    over(database_url, tmp_path, [practice, seen_by("RAX", NORMA)], work)


def test_what_cannot_be_decided_changes_nothing(database_url, tmp_path):
    async def work(store: Any) -> None:
        ids, before = await records(store), await state_of(store)
        one, other = ids["RAX"], ids["RJ7"]
        for pair, reason in (((one, other), " "), ((one, one), REASON)):
            with pytest.raises(FaultyRequestError):
                await decide(store, by(store), (*pair, Verdict.SAME), reason)
        with pytest.raises(NotFoundError):
            await decide(store, by(store), (one, "nobody", Verdict.SAME), REASON)
        await decide(store, by(store), (ids["RPY"], one, Verdict.DIFFERENT), REASON)
        await decide(store, by(store), (one, other, Verdict.SAME), REASON)
        with pytest.raises(FaultyRequestError) as refused:
            await decide(store, by(store), (other, ids["RPY"], Verdict.SAME), REASON)
        assert [fault.code for fault in refused.value.faults] == ["contradiction"]
        assert len((await history(store, by(store), one))["statements"]) == 2
        assert (await state_of(store)).standing == before.standing

    sent = [seen_by("RAX", ""), seen_by("RJ7", ""), seen_by("RPY", "")]
    over(database_url, tmp_path, sent, work)


def test_a_reason_is_in_the_log_and_nowhere_in_clear(database_url, tmp_path):
    async def work(store: Any) -> None:
        ids = await records(store)
        await decide(store, by(store), (ids["RAX"], ids["RJ7"], Verdict.SAME), REASON)
        async with store.engine.reading() as conn:
            entries = await conn.fetch(
                "SELECT record, person_id, owner_orgs FROM audit_entry"
                " WHERE event = 'identity-change' ORDER BY seq"
            )
            said = await conn.fetch("SELECT * FROM identity_statement")
        assert [row[2] for row in entries] == ["|RAX|", "|RJ7|"]
        assert len({row[1] for row in entries}) == 1
        assert not any(b"Ashdown" in bytes(row[0]) for row in entries)
        assert "Ashdown" not in repr(said)

    over(database_url, tmp_path, [seen_by("RAX", NORMA), seen_by("RJ7", OTHER)], work)


def test_the_queue_ranks_pairs_says_why_and_shows_nobody(database_url, tmp_path):
    sent = [
        seen_by("RAX", NORMA),
        seen_by("RJ7", NORMA, born="19430403"),
        seen_by("RPY", PLACEHOLDER),
        seen_by("RQY", f"{NORMA}~{OTHER}", born="19600101"),
    ]

    async def work(store: Any) -> None:
        ids = await records(store)
        found = await queue(store, by(store), 50)
        pairs = [
            {row[side]["organisation"] for side in ("record", "other") if row[side]}
            for row in found
        ]
        assert pairs == [{"RAX", "RJ7"}, {"RAX", "RPY"}, {"RQY"}]
        assert [row["weight"] for row in found] == sorted(
            (row["weight"] for row in found), reverse=True
        )
        assert {"trait": "born", "agreement": "near", "weight": 4.9} in found[0]["why"]
        assert not any(text in repr(found).upper() for text in ("ASHDOWN", NORMA, "1943"))
        await decide(store, by(store), (ids["RJ7"], ids["RAX"], Verdict.DIFFERENT), REASON)
        left = await queue(store, by(store), 50)
        assert all(row["record"]["source_record"] != ids["RJ7"] for row in left)

    over(database_url, tmp_path, sent, work)


def test_a_merge_that_was_not_followed_waits_until_it_is_decided(database_url, tmp_path):
    """A score never links, however high: the first two differ in a digit of the date alone."""
    sent = [
        seen_by("RAX", NORMA), seen_by("RAX", "", born="19430314", local="2"),
        identity_event("A40", "1", "2", at(5), NORMA),
    ]  # fmt: skip

    async def work(store: Any) -> None:
        (row,) = await queue(store, by(store), 50)
        assert {row[side]["state"] for side in ("record", "other")} == {"merge-conflict"}
        pair = row["record"]["source_record"], row["other"]["source_record"]
        await decide(store, by(store), (*pair, Verdict.SAME), REASON)
        assert await queue(store, by(store), 50) == []
        assert len(await people(store)) == 1

    over(database_url, tmp_path, sent, work)


@pytest.mark.parametrize(
    ("number", "born"),
    [(f"{NORMA}~{OTHER}", "19430304"), (NORMA, "19510622"), ("9990000078", "19430304")],
    ids=["two people named", "a stolen number", "a twin with one digit changed"],
)
def test_who_might_be_somebody_else_is_never_linked_and_always_queued(
    number, born, database_url, tmp_path
):
    """Though name, sex and all the rest are those of the person: no weight links."""

    async def work(store: Any) -> None:
        assert await people(store) == groups("RAX RPY", "RJ7")
        ids = await records(store)
        waiting = [
            row[side]["source_record"]
            for row in await queue(store, by(store), 50)
            for side in ("record", "other")
            if row[side]
        ]
        assert ids["RJ7"] in waiting

    sent = [seen_by("RAX", NORMA), seen_by("RPY", NORMA), seen_by("RJ7", number, born)]
    over(database_url, tmp_path, sent, work)
