"""What stands on a person follows the links of their records, in any order, and comes back."""

import asyncio
import itertools
from typing import Any

import pytest

from gateway.errors import FaultyRequestError, NotFoundError
from gateway.flows.identity.decide_identity import decide, history
from gateway.flows.identity.state_person import state
from gateway.identity.person_facts import Fact
from gateway.identity.statements import Verdict
from gateway.store.access import facts
from gateway.store.access.held import HeldCache
from tests.integration.taking import Delivery, all_taken, opened, provider, upgraded, wiped
from tests.integration.test_identity_decisions import by, over, people, records
from tests.integration.test_ingest_identity import NORMA, OTHER, seen_by


def told(
    org: str, at: str, number: str = NORMA, *, pid: str = "", pd1: str = "", zu8: str = ""
) -> Delivery:
    """A hospital says more of the person: the fields of PID from 29, PD1-12, ZU8-4."""
    text = (
        f"MSH|^~\\&|EPR|{org}|GW|SWL|{at}||ADT^A31|F-{at}|P|2.4\rEVN|A31|{at}\r"
        f"PID|1||1^^^{org}^MR~{number}^^^NHS^NH||ASHDOWN^Norma||19430304|2{'|' * 21}{pid}\r"
        f"PD1|{'|' * 11}{pd1}\rZU8||||{zu8}"
    )
    return Delivery("hospital", text.encode(), org=org, name=f"{org} {pid} {pd1} {zu8} {at}")


async def standing(store: Any) -> dict[str, tuple[str, bool, bool]]:
    """What a decision would be made on: organisation -> protection, opted out, died."""
    held = await records(store)
    async with store.engine.reading() as conn:
        made = {}
        for org, patient_id in held.items():
            person = await facts.person_of(conn, patient_id) or ""
            found = (await facts.facts_about(conn, store.vault, HeldCache(), [person]))[person]
            said = found.facts
            made[org] = (str(said.pds), said.opted_out, said.deceased)
        return made


def day(number: int) -> str:
    return f"202610{number:02d}120000"


SCENARIOS = {
    "the stricter of two records stands for both": (
        [told("RAX", day(1), zu8="2"), told("RJ7", day(2), zu8="0")],
        {"RAX": ("R", False, False), "RJ7": ("R", False, False)},
    ),
    "the newest word of one record stands": (
        [told("RAX", day(1), zu8="2"), told("RAX", day(2)), told("RAX", day(3), zu8="0")],
        {"RAX": ("U", False, False)},
    ),
    "hidden by the hospital alone, protected by indicator": (
        [told("RAX", day(1), zu8="1"), told("RJ7", day(1), OTHER, pd1="Y")],
        {"RAX": ("R", False, False), "RJ7": ("R", False, False)},
    ),
    "a death is told, and taken back": (
        [told("RAX", day(1), pid="20261001|Y"), told("RJ7", day(2), pid="|N"),
         told("RAX", day(3), pid="|N")],
        {"RAX": ("U", False, False), "RJ7": ("U", False, False)},
    ),
    "a death told by one is a death": (
        [told("RAX", day(1), pid="|Y"), told("RJ7", day(2), pid="|N")],
        {"RAX": ("U", False, True), "RJ7": ("U", False, True)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENARIOS)
def test_any_order_of_messages_leaves_the_same_standing(name, database_url, tmp_path):
    sent, stands = SCENARIOS[name]
    upgraded(database_url)

    async def scenario() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            for order in itertools.permutations(sent):
                await all_taken(store, [*order, order[0]])
                assert await standing(store) == stands, order
                await wiped(store)

    asyncio.run(scenario())


def test_links_carry_what_stands_and_parting_gives_it_back(database_url, tmp_path):
    sent = [told("RAX", day(1), zu8="2"), seen_by("RJ7", OTHER, born="19600101")]

    async def work(store: Any) -> None:
        ids, apart = await records(store), await standing(store)
        assert apart == {"RAX": ("R", False, False), "RJ7": ("U", False, False)}
        ruled = await state(store, by(store), ids["RJ7"], (Fact.OPTED_OUT, "yes"), "her letter")
        assert ruled["stands"] == {"opted-out": "yes"}
        for going, staying in (("RAX", "RJ7"), ("RJ7", "RAX")):
            pair = (ids[going], ids[staying])
            await decide(store, by(store), (*pair, Verdict.SAME), "one woman")
            assert await standing(store) == dict.fromkeys(("RAX", "RJ7"), ("R", True, False))
            await decide(store, by(store), (*pair, Verdict.DIFFERENT), "two women")
            parted = {"RAX": ("R", False, False), "RJ7": ("U", True, False)}
            assert await standing(store) == parted
            await decide(store, by(store), (*pair, Verdict.OPEN), "asked again")
        await state(store, by(store), ids["RJ7"], (Fact.OPTED_OUT, "open"), "she rang")
        assert await standing(store) == apart

    over(database_url, tmp_path, sent, work)


def test_an_operators_word_stands_before_its_sources_until_opened(database_url, tmp_path):
    async def work(store: Any) -> None:
        (one,) = (await records(store)).values()
        for value, stands in (("U", "U"), ("V", "V"), ("REDACTED", "REDACTED"), ("open", "R")):
            await state(store, by(store), one, (Fact.PDS, value), "as the service says")
            assert (await standing(store))["RAX"][0] == stands
        words = (await history(store, by(store), one))["facts"]
        assert [(word["by"], word["value"]) for word in words if word["fact"] == "pds"] == [
            ("ops", "open"), ("its source", "R"),
        ]  # fmt: skip

    over(database_url, tmp_path, [told("RAX", day(1), zu8="2")], work)


def test_a_word_is_refused_without_a_reason_a_record_or_a_value(database_url, tmp_path):
    async def work(store: Any) -> None:
        (one,) = (await records(store)).values()
        before = await standing(store)
        for value, reason in (("R", " "), ("S", "letter"), ("yes", "letter")):
            with pytest.raises(FaultyRequestError):
                await state(store, by(store), one, (Fact.PDS, value), reason)
        with pytest.raises(NotFoundError):
            await state(store, by(store), "nobody", (Fact.PDS, "R"), "letter")
        assert await standing(store) == before

    over(database_url, tmp_path, [seen_by("RAX", NORMA)], work)


def test_the_log_names_every_record_whose_view_changes_by_its_organisation(database_url, tmp_path):
    sent = [seen_by("RAX", NORMA), seen_by("RJ7", NORMA), seen_by("RPY", OTHER)]

    async def told_of(store: Any) -> set[str]:
        async with store.engine.reading() as conn:
            rows = await conn.fetch(
                "SELECT owner_orgs FROM audit_entry WHERE event = 'identity-change'"
            )
        return {row[0] for row in rows}

    async def work(store: Any) -> None:
        ids = await records(store)
        await decide(store, by(store), (ids["RPY"], ids["RAX"], Verdict.SAME), "one woman")
        assert len(await people(store)) == 1
        assert await told_of(store) == {"|RAX|", "|RJ7|", "|RPY|"}
        await state(store, by(store), ids["RJ7"], (Fact.PDS, "R"), "letter")
        async with store.engine.reading() as conn:
            rows = await conn.fetch("SELECT record FROM audit_entry ORDER BY seq DESC LIMIT 3")
        assert len({row[0] for row in rows}) == 3
        assert not any(b"letter" in bytes(row[0]) for row in rows)

    over(database_url, tmp_path, sent, work)
