"""Messages that speak of one thing: merged, withdrawn, brought back, in any order."""

import asyncio
import copy
import itertools
import json
import sqlite3
from typing import Any

import pytest

from gateway.store.clear.columns import columns_of
from gateway.store.commit.units import Store
from gateway.store.database.engine import BusyError
from gateway.store.intake.told import EarlierItems
from gateway.store.record.localising import Localisers
from gateway.store.record.resources import NewVersion, write_versions
from mappings.core.model.paths import dotted
from tests.contract.deliveries import leaves
from tests.integration.taking import (
    ROOT,
    Delivery,
    all_taken,
    opened,
    provider,
    resources,
    state_of,
    upgraded,
    wiped,
)
from tests.sampling import part

_PID = (
    "PID|1||5500900^^^RAX^MR~9990000077^^^NHS^NH||MARSH^Edwin^^^Mr^^L||19510622|1{rest}",
    "PV1|1|I|{ward}^Bay 2^Bed 1^RAX|||||||300|||||||||SP-9^^^RAX"
    + "|" * 25
    + "20261001083000{end}",
)


def _message(kind: str, at: str, *segments: str) -> Delivery:
    head = f"MSH|^~\\&|PAS|RAX|GW|SWL|{at}||{kind}|{kind}-{at}|P|2.4"
    return Delivery("hospital", "\r".join((head, *segments)).encode(), name=kind)


def _adt(trigger: str, at: str, rest: str = "", ward: str = "Astor", end: str = "") -> Delivery:
    pid, pv1 = _PID
    return _message(
        f"ADT^{trigger}", at, f"EVN|{trigger}|{at}", pid.format(rest=rest),
        pv1.format(ward=ward, end=end),
    )  # fmt: skip


def _problem(action: str, at: str, rest: str, kind: str = "PPR^PC1") -> Delivery:
    problem = f"PRB|{action}|{at}|195967001^Asthma^SCT|P-100^RAX|||{rest}"
    return _message(kind, at, _PID[0].format(rest=""), problem)


def _goal(action: str, at: str, rest: str) -> Delivery:
    goal = f"GOL|{action}|{at}|^Climb my stairs.|G-1^RAX|{rest}"
    problem = f"PRB|AD|{at}|195967001^Asthma^SCT|P-{at[6:8]}^RAX|||{at[:8]}"
    return _message("PGL^PC6", at, _PID[0].format(rest=""), goal, problem)


HL7 = {
    "visit": [
        _adt("A01", "20261001090000", "||||020 7946 0101^PRN^PH"),
        _adt("A08", "20261002090000", '||||""', ward="Derby"),
        _adt("A03", "20261003090000", end="|20261003080000"),
        _adt("A08", "20261004090000", "||||020 7946 0999^PRN^PH"),
    ],
    "problem": [
        _problem("AD", "20261005101500", "20261005|||||||Active"),
        _problem("UP", "20261006101500", "|20261101|||||Confirmed"),
        _problem("UP", "20261007101500", '|""|20261007|||||Resolved'),
        _problem("DE", "20261008101500", "", kind="PPR^PC3"),
    ],
    "goal": [
        _goal("AD", "20261009101500", "|1^High|20261009|20261101"),
        _goal("UP", "20261010101500", '||""|20261201|||||||||Active'),
        _goal("UP", "20261011101500", "|2^Medium"),
    ],
}


def _orders(count: int) -> list[tuple[int, ...]]:
    plain = list(itertools.permutations(range(count)))
    doubled = [tuple(n for n in order for _ in range(2)) for order in plain[::5]]
    return plain + doubled + [(*order, *order[::-1]) for order in plain[::7]]


async def _each_order(url: str, keys: Any, sent: list[Delivery], *, whole: bool) -> list[Any]:
    """The state and the lineage (without ids) after each order of what was sent."""
    made = []
    async with opened(url, keys) as store:
        for order in part(_orders(len(sent)), 8, whole=whole):
            answers = await all_taken(store, [sent[number] for number in order])
            assert all(a["status"] != "quarantined" for a in answers), answers
            for name, (body, lineage) in (await resources(store)).items():
                await _lineage_is_true(store, name, body, lineage)
            made.append((order, await state_of(store)))
            await wiped(store)
    return made


async def _lineage_is_true(store: Store, name: str, body: Any, lineage: Any) -> None:
    """Each line names an item that, mapped again, says so of this element; none is without."""
    told = EarlierItems(None, Localisers(store.vault.hasher, "RAX"))  # type: ignore[arg-type]
    told.expect({name.partition("/")[2]})
    origins, lines = lineage
    lined = {path for path, *_ in lines}
    for leaf in (dotted(steps) for steps, _ in leaves(body)):
        if leaf not in ("resourceType", "id") and not leaf.startswith("meta."):
            assert any(leaf == p or leaf.startswith((f"{p}.", f"{p}[")) for p in lined), leaf
    async with store.engine.reading() as conn:
        told._conn = conn
        rows = await conn.fetch("SELECT item_id, patient_id, kind, number FROM item")
        items = {row[0]: row for row in rows}
        keys = await store.vault.keys(conn, {row[1] for row in rows})
        for path, source, rule, place in lines:
            item_id, owner, kind, number = items[origins[place][0]]
            said = await told._said(owner, {item_id: ("hospital", kind, number)}, keys)
            one = said[item_id][name.partition("/")[2]]
            values = [
                told._localisers.of(owner).localised({"x": _at(one.alone(), line.path)})["x"]
                for line in one.lineage_alone()
                if (line.source, line.rule) == (source, rule)
            ]
            assert _at(body, path) in values, (name, path)


def _at(node: Any, path: str) -> Any:
    for step in path.replace("[", ".[").split("."):
        node = node[int(step[1:-1])] if step.startswith("[") else node[step]
    return node


@pytest.mark.parametrize("about", HL7)
def test_each_order_of_hl7_events_gives_one_state(about, database_url, tmp_path, whole):
    upgraded(database_url)
    keys = provider(tmp_path)
    made = asyncio.run(_each_order(database_url, keys, HL7[about], whole=whole))
    _, first = made[0]
    assert first.standing
    for order, state in made[1:]:
        assert state == first, order


def test_a_merged_problem_points_at_the_messages_its_elements_are_from(database_url, tmp_path):
    """Asthma was added as active, then confirmed: each element's line names its message."""
    upgraded(database_url)

    async def scenario() -> tuple[list, list]:
        async with opened(database_url, provider(tmp_path)) as store:
            await all_taken(store, HL7["problem"][:2])
            found = await resources(store)
            async with store.engine.reading() as conn:
                rows = await conn.fetch("SELECT item_id, source_time FROM item")
                times = {row[0]: row[1] for row in rows}
        _, (origins, lines) = next(v for k, v in found.items() if k.startswith("Condition/"))
        return lines, [times[origin[0]] for origin in origins]

    lines, times = asyncio.run(scenario())
    day = {line[0]: times[line[3]][:10] for line in lines}
    assert day["clinicalStatus"] == "2026-10-05"
    assert day["verificationStatus"] == "2026-10-06"


def _plan(written: str, **parts: Any) -> Delivery:
    source = ROOT / "examples" / "social-care" / "norma-support-plan.json"
    plan = copy.deepcopy(json.loads(source.read_text())) | {"written_at": written}
    plan["plan"] |= parts.pop("plan", {})
    without = parts.pop("without", ())
    for goal in without:
        plan["goals"] = [one for one in plan["goals"] if one["id"] != goal]
        plan["actions"] = [one for one in plan["actions"] if goal not in one["goal_ids"]]
    plan |= parts
    return Delivery("social-care", json.dumps(plan).encode(), "application/json", name=written)


PLANS = {
    "dropped and brought back": [
        _plan("2026-11-01T00:00:00Z", plan={"sharing": ["restricted"]}),
        _plan("2026-11-02T00:00:00Z", without=["G1"]),
        _plan("2026-11-03T00:00:00Z"),
    ],
    "late old plan": [
        _plan("2026-11-01T00:00:00Z"),
        _plan("2026-11-05T00:00:00Z", without=["G2"]),
        _plan("2026-11-03T00:00:00Z", plan={"title": "Another title"}),
    ],
    "a goal moved between plans": [
        _plan("2026-11-01T00:00:00Z"),
        _plan("2026-11-02T00:00:00Z", plan={"id": "SP-882"}),
        _plan("2026-11-03T00:00:00Z", plan={"id": "SP-882"}, without=["G1"]),
        _plan("2026-11-04T00:00:00Z", without=["G1", "G2"]),
    ],
}


@pytest.mark.parametrize("about", PLANS)
def test_each_order_of_whole_plans_gives_one_state(about, database_url, tmp_path, whole):
    sent = PLANS[about]

    upgraded(database_url)

    async def scenario() -> list:
        made = []
        async with opened(database_url, provider(tmp_path)) as store:
            for order in part(_orders(len(sent)), 8, whole=whole):
                await all_taken(store, [sent[number] for number in order])
                made.append((order, await state_of(store)))
                await wiped(store)
        return made

    made = asyncio.run(scenario())
    for order, state in made[1:]:
        assert state == made[0][1], order


def test_a_plan_withdraws_what_it_no_longer_names(database_url, tmp_path):
    upgraded(database_url)

    async def scenario() -> list[int]:
        counts = []
        async with opened(database_url, provider(tmp_path)) as store:
            for plan in PLANS["dropped and brought back"]:
                await all_taken(store, [plan])
                found = await resources(store)
                counts.append(sum(name.startswith("Goal/") for name in found))
        return counts

    assert asyncio.run(scenario()) == [2, 1, 2]


def test_a_plan_with_a_refused_part_withdraws_nothing(database_url, tmp_path):
    """What is missing may be missing for the fault: it stays as the last whole plan had it."""
    bundle = json.loads((ROOT / "examples" / "gp" / "norma-structured.json").read_text())
    broken = copy.deepcopy(bundle)
    entries = broken["entry"] if "entry" in broken else broken["parameter"][0]["resource"]["entry"]
    condition = next(e["resource"] for e in entries if e["resource"]["resourceType"] == "Condition")
    condition["clinicalStatus"] = "no-such-status"

    upgraded(database_url)

    async def scenario() -> tuple[set, set, dict]:
        async with opened(database_url, provider(tmp_path)) as store:
            await all_taken(store, [_gp(bundle)])
            before = set(await resources(store))
            (answer,) = await all_taken(store, [_gp(broken)])
            return before, set(await resources(store)), answer

    before, after, answer = asyncio.run(scenario())
    assert answer["status"] == "partly-taken", answer["issues"]
    assert before <= after


def _gp(bundle: dict) -> Delivery:
    return Delivery("gp", json.dumps(bundle).encode(), "application/fhir+json", name="gp")


def test_two_people_under_one_key_never_share_a_resource(database_url, tmp_path):
    """One plan id sent for two people, in one delivery or two: neither sees the other's."""
    one = _problem("AD", "20261005101500", "20261005")
    other = Delivery(
        "hospital",
        one.body.replace(b"5500900", b"5500901").replace(b"9990000077", b"9990000085")
        .replace(b"Asthma", b"Hay fever"),
    )  # fmt: skip
    both = Delivery("hospital", one.body + b"\r" + other.body)

    upgraded(database_url)

    async def scenario() -> list:
        made = []
        async with opened(database_url, provider(tmp_path)) as store:
            for sent in ([one, other], [other, one], [both], [both, one]):
                await all_taken(store, sent)
                made.append(await state_of(store))
                async with store.engine.reading() as conn:
                    rows = await conn.fetch(
                        "SELECT patient_id, resource_id FROM resource"
                        " WHERE resource_type = 'Condition'"
                    )
                assert [len(set(of)) for of in zip(*rows, strict=True)] == [2, 2]
                await wiped(store)
        return made

    made = asyncio.run(scenario())
    assert all(state == made[0] for state in made)


def test_the_database_refuses_an_id_of_another_record(database_url, tmp_path):
    upgraded(database_url)

    async def scenario() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            await all_taken(store, HL7["problem"][:1])
            async with store.engine.reading() as conn:
                [(held,)] = await conn.fetch(
                    "SELECT resource_id FROM resource_owner WHERE resource_id <> patient_id"
                )
            row = _first_of_somebody_else(held)
            with pytest.raises((sqlite3.IntegrityError, BusyError)):
                await store.write(lambda conn: write_versions(conn, [row]))
            assert len(await resources(store)) == 2

    asyncio.run(scenario())


def _first_of_somebody_else(resource_id: str) -> NewVersion:
    columns = columns_of({"resourceType": "Condition", "meta": {}})
    return NewVersion(
        "another", resource_id, "Condition", 1, False, 0, "RAX", "RAX", columns, b"", "test",
        b"[[],[]]", "", "feed", "", "", "",
    )  # fmt: skip


_LEVEL = {"N": 0, "R": 1, "V": 2}


def test_labels_only_rise_whatever_the_order(database_url, tmp_path):
    plans = PLANS["dropped and brought back"]

    upgraded(database_url)

    async def scenario() -> list:
        made = []
        async with opened(database_url, provider(tmp_path)) as store:
            for order in itertools.permutations(plans):
                levels: dict[str, int] = {}
                for plan in order:
                    await all_taken(store, [plan])
                    for name, (body, _) in (await resources(store)).items():
                        now = _LEVEL[body["meta"]["security"][0]["code"]]
                        assert now >= levels.get(name, 0), name
                        levels[name] = now
                made.append(levels)
                await wiped(store)
        return made

    made = asyncio.run(scenario())
    assert max(made[0].values()) >= 1
    assert all(levels == made[0] for levels in made)
