"""A row that was altered in the database keeps back what speaks of it, and nothing else."""

from datetime import UTC, datetime

import pytest

from consent.label_rules import Decision, Marks
from consent.labels import SENSITIVITIES
from consent.periods import to_micros
from gateway.flows.feeds.feed_errors import errors
from gateway.flows.feeds.replay import replay
from gateway.flows.feeds.replay_taken import replay_taken
from gateway.flows.intake import set_aside
from gateway.flows.upkeep.lapse import lapse_due
from gateway.store.labels import reference_sets
from gateway.store.record import versions
from gateway.store.sealed.label_decisions import keep
from gateway.store.upkeep import relabelling
from gateway.store.upkeep.label_check import altered_labels
from gateway.store.upkeep.relabelling import relabel
from mappings.registry import FEEDS
from tests.fake_log import FakeLog
from tests.integration.returns import plan, submission
from tests.integration.taking import Clock, resources, run, state_of, taken, verified
from tests.integration.test_replay import ALL, OPERATOR

LATER = "2026-11-30T08:00:00"
SECTION = "{},MH-{},2026-11-20,2026-12-17,,02"
PEOPLE = ("MH-1,RQY,9990000506,1961-05-09", "MH-2,RQY,9990000514,1962-05-09")


def _month(made="2026-11-29T08:00:00", ends="2026-10-31", *, more=()):
    """Plans of two people, and a section of each."""
    plans = [plan(str(number), person=f"MH-{number}") for number in (1, 2)]
    sections = [SECTION.format(f"LS-{number}", number) for number in (1, 2)]
    tables = {"MHS001": PEOPLE, "MHS008": (*plans, *more), "MHS401": sections}
    return submission(ends, made, **tables)


async def _alter(store, name, change="starts = starts + 1"):
    async with store.engine.writing() as conn:
        await conn.execute(f"UPDATE resource SET {change} WHERE resource_id = $1", (name,))  # noqa: S608


async def _one(store, kind):
    """One resource of the type: its id."""
    return min(name for name in await resources(store) if name.startswith(kind)).partition("/")[2]


def _is_flag(body):
    return body["resourceType"] == "Flag"


def _changed(body):
    """The same plans, of another type."""
    return body.replace(b",10,", b",11,")


def _logs(monkeypatch):
    log = FakeLog()
    for module in (set_aside, versions, relabelling):
        monkeypatch.setattr(module, "_log", log)
    return log


CHANGES = {
    "label": ("starts = starts + 1", "starts = starts - 1"),
    "linking": ("linking = linking + 1", "linking = linking - 1"),
}


OF_FLAGS = {
    "label": CHANGES["label"],
    "source": ("content_hash = content_hash || 'x'", "content_hash = rtrim(content_hash, 'x')"),
}


@pytest.mark.parametrize(("change", "mend"), CHANGES.values(), ids=CHANGES)
def test_what_speaks_of_an_altered_row_waits_and_the_rest_is_taken(
    database_url, tmp_path, monkeypatch, change, mend
):
    log = _logs(monkeypatch)

    async def work(store):
        goals = FEEDS["mental-health"]
        await taken(store, _month(more=(plan("3"), plan("4"))))
        before = await resources(store)
        name = await _one(store, "CarePlan/")
        await _alter(store, name, change)
        plans = [plan(str(n), "2026-02-01", f"MH-{n}") for n in (1, 2)]
        later = submission(
            "2026-10-31", LATER, MHS001=PEOPLE,
            MHS008=(*plans, plan("3", "2026-02-01"), plan("4", "2026-02-01")),
            MHS401=[SECTION.format(f"LS-{n}", n) for n in (1, 2)],
        )  # fmt: skip
        answer = await taken(store, later)
        waits = await errors(store.engine, {"mental-health": goals}, 10)
        await _alter(store, name, mend)
        now = await resources(store)
        mended = await replay(store, ALL, OPERATOR)
        return before, answer, waits, now, mended, await resources(store), await verified(store)

    before, answer, waits, now, mended, after, is_whole = run(database_url, tmp_path, work)
    assert answer["status"] == "partly-taken"
    assert answer["items"]["quarantined"] == 1
    told = [one for one in answer["issues"] if one["severity"] == "error"]
    assert [one["code"] for one in told] == ["altered-in-store"]
    assert [row["rule"] for row in waits["rules"]] == ["altered-in-store"]
    assert log.lines == [("altered-row-met", {"items": 1})]
    old = {name for name in now if name.startswith("CarePlan/") and now[name] == before.get(name)}
    assert len(old) == 1, "the three other plans say when they began"
    assert mended["mended"] == 1
    assert mended["waiting"] == 0
    assert all(after[name] != before[name] for name in before if name.startswith("CarePlan/"))
    assert is_whole


def _two_months_of_others(*more):
    """What the next file of the period leaves out: both plans of the first person."""
    plans = [plan("2", person="MH-2"), *more]
    sections = [SECTION.format(f"LS-{number}", number) for number in (1, 2)]
    return submission("2026-10-31", LATER, MHS001=PEOPLE, MHS008=plans, MHS401=sections)


def test_what_a_file_leaves_out_is_withdrawn_but_for_an_altered_row(
    database_url, tmp_path, monkeypatch
):
    log = _logs(monkeypatch)

    async def work(store):
        await taken(store, _month(more=(plan("3"),)))
        plans = [name for name in await resources(store) if name.startswith("CarePlan/")]
        async with store.engine.reading() as conn:
            [(name,)] = await conn.fetch(
                "SELECT MIN(resource_id) FROM resource WHERE resource_type = 'CarePlan' AND"
                " patient_id = (SELECT patient_id FROM resource WHERE resource_type = 'CarePlan'"
                " GROUP BY patient_id HAVING COUNT(*) = 2)"
            )
        await _alter(store, name)
        answer = await taken(store, _two_months_of_others())
        await _alter(store, name, "starts = starts - 1")
        left = {one for one in await resources(store) if one.startswith("CarePlan/")}
        return plans, f"CarePlan/{name}", answer, left

    plans, name, answer, left = run(database_url, tmp_path, work)
    assert answer["status"] == "taken"
    assert name in left
    assert len(left) == len(plans) - 1
    assert log.events == ["altered-row-left"]


@pytest.mark.parametrize(("change", "mend"), OF_FLAGS.values(), ids=OF_FLAGS)
def test_a_flag_that_was_altered_keeps_no_other_from_being_over(
    database_url, tmp_path, monkeypatch, change, mend
):
    log, clock = _logs(monkeypatch), Clock()

    async def work(store):
        await taken(store, _month())
        name = await _one(store, "Flag/")
        await _alter(store, name, change)
        clock.at = datetime(2026, 12, 20, tzinfo=UTC)
        looked_at = await lapse_due(store, clock.at)
        await _alter(store, name, mend)
        held = await resources(store)
        states = [b["status"] for n, (b, _) in held.items() if n.startswith("Flag/")]
        clock.at = datetime(2026, 12, 21, 1, tzinfo=UTC)
        again = await lapse_due(store, clock.at)
        held = await resources(store)
        return (looked_at, again), states, {b["status"] for b, _ in held.values() if _is_flag(b)}

    looked_at, states, then = run(database_url, tmp_path, work, clock)
    assert looked_at == (2, 1), "what was altered is looked at again, once it was put right"
    assert sorted(states) == ["active", "inactive"]
    assert then == {"inactive"}
    assert log.events == ["altered-row-left"]


def test_a_record_of_which_something_was_altered_keeps_no_other_from_being_mapped_again(
    database_url, tmp_path
):
    async def work(store):
        await taken(store, _month())
        async with store.engine.writing() as conn:
            [(item,)] = await conn.fetch("SELECT MIN(item_id) FROM item WHERE patient_id <> ''")
            await conn.execute("DELETE FROM snapshot_item")
            await conn.execute(
                "UPDATE item SET sealed ="
                " (SELECT sealed FROM item o WHERE o.item_id <> item.item_id"
                " LIMIT 1) WHERE item_id = $1",
                (item,),
            )
        before = await state_of(store)
        done = await replay_taken(store, ALL, OPERATOR, older=False)
        return done, before == await state_of(store)

    done, same = run(database_url, tmp_path, work)
    [told] = [one for one in done["feeds"] if one["feed"] == "mental-health"]
    assert (told["records"], told["unreadable"]) == (2, 1)
    assert told["items"] > 0
    assert same


def test_a_decision_on_labels_that_was_altered_keeps_back_its_own_item_alone(
    database_url, tmp_path, monkeypatch
):
    log = _logs(monkeypatch)

    async def work(store):
        await taken(store, _month())
        async with store.engine.writing() as conn:
            places = [
                tuple(row)
                for row in await conn.fetch(
                    "SELECT patient_id, resource_id FROM resource WHERE resource_type = 'CarePlan'"
                    " ORDER BY resource_id"
                )
            ]
            keys = await store.vault.keys(conn, {owner for owner, _ in places})
            for place in places:
                await keep(conn, keys, place, Decision(Marks(), Marks(sensitivities=1)))
            await conn.execute(
                "UPDATE label_decision SET sealed = (SELECT sealed FROM label_decision o"
                " WHERE o.resource_id = $2) WHERE resource_id = $1",
                (places[0][1], places[1][1]),
            )
        count = await store.write(lambda conn: relabel(conn, store.vault, places))
        plans = [plan(str(n), "2026-02-01", f"MH-{n}") for n in (1, 2)]
        sections = [SECTION.format(f"LS-{n}", n) for n in (1, 2)]
        later = submission("2026-10-31", LATER, MHS001=PEOPLE, MHS008=plans, MHS401=sections)
        return count, await taken(store, later)

    count, answer = run(database_url, tmp_path, work)
    assert count == (2, 1)
    assert answer["status"] == "partly-taken"
    assert 0 < answer["items"]["quarantined"] < 4, "of that person alone"
    assert log.events == ["altered-label-decision-met", "altered-row-met"]


def test_what_is_raised_reaches_a_row_whose_decision_was_altered(
    database_url, tmp_path, monkeypatch
):
    """A decision that lowered is not followed, once it is not the one that was made."""
    log = _logs(monkeypatch)

    async def work(store):
        await taken(store, _month())
        shown = await resources(store)
        plans = sorted(name for name in shown if name.startswith("CarePlan/"))
        coding = shown[plans[0]][0]["category"][-1]["coding"][0]
        async with store.engine.writing() as conn:
            places = [
                (row[0], row[1])
                for row in await conn.fetch(
                    "SELECT patient_id, resource_id FROM resource WHERE resource_type = 'CarePlan'"
                )
            ]
            keys = await store.vault.keys(conn, {owner for owner, _ in places})
            lowered = Decision(Marks(2, 2**16 - 1), Marks())
            for place in places:
                await keep(conn, keys, place, lowered)
            await _mixed_up(conn, "label_decision", places[0][1])
            await conn.execute(
                "INSERT INTO reference_set_member (name, system, code) VALUES ($1, $2, $3)",
                ("gp-sexually-transmitted", coding["system"], coding["code"]),
            )
            await reference_sets.move_epoch(conn, to_micros(store.vault.now()))
        await store.write(lambda conn: relabel(conn, store.vault, places))
        async with store.engine.reading() as conn:
            rows = await conn.fetch("SELECT resource_id, sensitivities FROM resource")
            _, altered = await altered_labels(conn, store.vault, 1_000)
        borne = dict(tuple(row) for row in rows)
        return [borne[name] for _, name in places], altered

    (altered, sound), counted = run(database_url, tmp_path, work)
    assert sound == 0, "as was decided"
    assert altered == SENSITIVITIES["STD"]
    assert counted == 1, "a check finds the decision"
    assert log.events == ["altered-label-decision-met"]


async def _mixed_up(conn, table, name, *, by="resource_id"):
    """Put another row's sealed bytes in a row, as whoever writes to the database could."""
    await conn.execute(
        f"UPDATE {table} SET sealed = (SELECT sealed FROM {table} o WHERE o.{by} <> {table}.{by}"  # noqa: S608
        f" LIMIT 1) WHERE {by} = $1",
        (name,),
    )


async def _alter_lineage(conn, store, name):
    if conn.lock_rows:
        await conn.execute("ALTER TABLE resource_version DISABLE TRIGGER USER")
    else:
        await conn.execute("DROP TRIGGER IF EXISTS resource_version_no_update")
    await conn.execute(
        "UPDATE resource_version SET lineage = $1 WHERE resource_id = $2", (b"[[", name)
    )


async def _reword_lineage(conn, store, name):
    """It is lineage still, and says something else."""
    rows = await conn.fetch(
        "SELECT lineage FROM resource_version WHERE resource_id = $1 AND version = 1", (name,)
    )
    held = bytes(rows[0][0])
    await _alter_lineage(conn, store, name)
    made = held.replace(b"MHS008", b"MHS009")
    assert made != held
    await conn.execute(
        "UPDATE resource_version SET lineage = $1 WHERE resource_id = $2", (made, name)
    )


async def _alter_decision(conn, store, name):
    [(owner,)] = await conn.fetch("SELECT patient_id FROM resource WHERE resource_id = $1", (name,))
    keys = await store.vault.keys(conn, {owner})
    await keep(conn, keys, (owner, name), Decision(Marks(), Marks(sensitivities=1)))
    await conn.execute(
        "UPDATE label_decision SET sealed = (SELECT sealed FROM resource r"
        " WHERE r.resource_id = $1) WHERE resource_id = $1",
        (name,),
    )


async def _alter_item(conn, store, name):
    rows = await conn.fetch("SELECT item_id FROM item_resource WHERE resource_id = $1", (name,))
    for (item,) in rows:
        await _mixed_up(conn, "item", item, by="item_id")


ALTERED = {
    "lineage": _alter_lineage,
    "words of lineage": _reword_lineage,
    "decision": _alter_decision,
    "item": _alter_item,
}


def _file(made, *plans, ends="2026-10-31"):
    return submission(ends, made, MHS001=PEOPLE, MHS008=plans)


@pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED)
def test_whatever_was_altered_of_a_row_stops_no_file_by_which_it_is_stated_again(
    database_url, tmp_path, monkeypatch, alter
):
    """A file leaves out a plan that the month before named, and one that nothing else names."""
    log = _logs(monkeypatch)
    second = plan("2", person="MH-2")
    begun = plan("2", "2026-02-01", "MH-2")

    async def work(store):
        await taken(store, _file("2026-10-29T08:00:00", plan("1"), second, ends="2026-09-30"))
        await taken(store, _file("2026-11-29T08:00:00", plan("1"), plan("3"), begun))
        async with store.engine.writing() as conn:
            [(name,)] = await conn.fetch(
                "SELECT MIN(resource_id) FROM resource WHERE resource_type = 'CarePlan'"
                " GROUP BY patient_id HAVING COUNT(*) = 1"
            )
            await alter(conn, store, name)
        answer = await taken(store, _file(LATER, plan("1")))
        async with store.engine.reading() as conn:
            rows = await conn.fetch(
                "SELECT resource_id, version, deleted FROM resource"
                " WHERE resource_type = 'CarePlan'"
            )
        return name, answer, {row[0]: tuple(row[1:]) for row in rows}, await verified(store)

    name, answer, plans, is_whole = run(database_url, tmp_path, work)
    assert answer["status"] == "taken"
    assert is_whole
    assert plans.pop(name) == (2, 0), "as it was"
    assert sorted(plans.values()) == [(1, 0), (2, 1)]
    assert log.events == ["altered-row-left"]


@pytest.mark.parametrize("alter", [_alter_lineage, _alter_decision], ids=["lineage", "decision"])
def test_whatever_was_altered_of_a_flag_keeps_no_other_from_being_over(
    database_url, tmp_path, monkeypatch, alter
):
    log, clock = _logs(monkeypatch), Clock()

    async def work(store):
        await taken(store, _month())
        name = await _one(store, "Flag/")
        async with store.engine.writing() as conn:
            await alter(conn, store, name)
        clock.at = datetime(2026, 12, 20, tzinfo=UTC)
        looked_at = await lapse_due(store, clock.at)
        async with store.engine.reading() as conn:
            rows = await conn.fetch(
                "SELECT version FROM resource WHERE resource_type = 'Flag' ORDER BY version"
            )
        return looked_at, [row[0] for row in rows]

    looked_at, versions_held = run(database_url, tmp_path, work, clock)
    assert looked_at == 2
    assert versions_held == [1, 2]
    assert log.events == ["altered-row-left"]


def test_a_push_onto_a_row_whose_lineage_was_altered_waits(database_url, tmp_path, monkeypatch):
    log = _logs(monkeypatch)

    async def work(store):
        await taken(store, _month())
        name = await _one(store, "CarePlan/")
        async with store.engine.writing() as conn:
            await _alter_lineage(conn, store, name)
        plans = [plan(str(n), "2026-02-01", f"MH-{n}") for n in (1, 2)]
        sections = [SECTION.format(f"LS-{n}", n) for n in (1, 2)]
        return await taken(
            store,
            submission("2026-10-31", LATER, MHS001=PEOPLE, MHS008=plans, MHS401=sections),
        )

    answer = run(database_url, tmp_path, work)
    assert answer["status"] == "partly-taken"
    assert answer["items"]["quarantined"] == 1
    assert log.events == ["altered-row-met"]
