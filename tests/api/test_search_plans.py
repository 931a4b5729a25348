"""Every shape of a search has an index for each table that it goes through."""

import re
from dataclasses import replace

import pytest
from sqlmodel import SQLModel

from consent.filter import Clause, Filter, Reduction
from gateway.store.clear.filter_sql import COLUMNS as FILTERED
from gateway.store.clear.search_table import PARAMETERS
from gateway.store.record import finding
from gateway.store.record.conditions import (
    Chain,
    Codes,
    Dates,
    Ids,
    Missing,
    Order,
    Referred,
    Refers,
    Updated,
)
from gateway.store.record.finding import Asked, Place
from gateway.store.record.reads import Group
from gateway.store.record.spans import Span

PLAN, GOAL, TOLD = PARAMETERS["CarePlan"], PARAMETERS["Goal"], PARAMETERS["Provenance"]
YEAR = Span("eq", 1_700_000_000_000_000, 1_800_000_000_000_000)
CATEGORY = Codes(GOAL["category"], (("category:x", True),))
SHAPES = {
    "type": Asked(("CarePlan",)),
    "ids": Asked(("CarePlan",), (Ids(("a", "b")),)),
    "code": Asked(("Goal",), (CATEGORY,)),
    "not": Asked(("Goal",), (Codes(GOAL["category"], (("category:x", True),), negated=True),)),
    "date": Asked(("CarePlan",), (Dates(PLAN["date"], (YEAR,)),)),
    "updated": Asked(("CarePlan",), (Updated((YEAR,)),)),
    "reference": Asked(("CarePlan",), (Refers(PLAN["goal"], (("Goal", "a"),)),)),
    "missing": Asked(("CarePlan",), (Missing(PLAN["goal"], True),)),
    "chain": Asked(("CarePlan",), (Chain(PLAN["goal"], "Goal", (CATEGORY,)),)),
    "has": Asked(("Goal",), (Referred(PLAN["goal"], (Dates(PLAN["date"], (YEAR,)),)),)),
    "provenance": Asked(("Provenance",), (Dates(TOLD["recorded"], (YEAR,)),)),
    "sorted": Asked(("CarePlan",), (), (Order("starts", True), Order("updated_at")), 1),
    "several": Asked(("CarePlan", "Goal", "Provenance")),
}
ONE = frozenset({"x"})
EVERY_TEST = Filter((
    Clause(
        categories=ONE, resource_types=ONE, resource_ids=ONE, source_orgs=ONE, feeds=ONE,
        authors=ONE, confidentiality_max=3, confidentiality_min=0, sensitivities_within=1,
        sensitivities_any=1, holds_any=1, legal_any=1, overlaps=(0, 1), contained_in=(0, 1),
    ),
))  # fmt: skip
WHOLE = r"Seq Scan on|^SCAN (?!(?:\d+ )?CONSTANT|people$|found$|picked$)"
"""A table read from end to end; not what a statement made itself."""
ALONE = [Group(("a", "b"), Filter((Clause(confidentiality_max=1),)))]
TOGETHER = [*ALONE, Group(("c",), Filter((Clause(categories=frozenset({"x"})),)))]


class _Recorder:
    """A connection that notes what is asked, and finds nothing."""

    lock_rows, writes = "", False
    busy: tuple[type[Exception], ...] = ()

    def __init__(self):
        self.asked = []
        self.own = {}

    async def fetch(self, sql, args=(), seconds=None):
        self.asked.append((sql, list(args)))
        return [(0,)] if "COUNT(*)" in sql and "picked" not in sql else []

    async def execute(self, sql, args=()):
        raise AssertionError("a search writes nothing")

    async def executemany(self, sql, rows):
        raise AssertionError("a search writes nothing")

    async def add(self, insert, rows):
        raise AssertionError("a search writes nothing")

    async def remove(self, several):
        raise AssertionError("a search writes nothing")

    async def settle(self):
        raise AssertionError("a search writes nothing")


async def _statements(vault, shape, groups):
    conn = _Recorder()
    after = Place(tuple(0 for _ in shape.order), "a")
    await finding.page(conn, vault, groups, shape, None, 50)
    await finding.page(conn, vault, groups, shape, after, 50)
    await finding.page(conn, vault, groups, shape, None, 50, counted=True)
    await finding.page(conn, vault, groups, shape, replace(after, resource_id="z"), 5, counted=True)
    await finding.total(conn, groups, shape)
    await finding.owners(conn, groups, shape)
    await finding.linked(conn, groups, {"a"}, PLAN["goal"])
    await finding.linking(conn, groups, {"a"}, PLAN["goal"], 10)
    return conn.asked


async def _plans(engine, asked):
    found = []
    async with engine.reading() as conn:
        sqlite = engine.one_writer
        if not sqlite:
            await conn.execute("SET enable_seqscan = off")
        for sql, args in asked:
            rows = await conn.fetch(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{sql}", args)
            found.append("\n".join(str(row[-1]) for row in rows))
        if not sqlite:
            await conn.execute("RESET enable_seqscan")
    return found


@pytest.mark.parametrize("groups", [ALONE, TOGETHER], ids=["alone", "together"])
@pytest.mark.parametrize("shape", SHAPES)
def test_no_table_is_read_whole(shared, shape, groups):
    store = shared.site.store

    async def explain():
        asked = await _statements(store.vault, SHAPES[shape], groups)
        return await _plans(store.engine, asked)

    plans = shared.run(explain())
    assert len(plans) == 9
    for plan in plans:
        assert not re.search(WHOLE, plan, re.MULTILINE), plan


OF_AN_ORG = Clause(source_orgs=frozenset({"x"}))
KEPT_APART = {
    "edits": Filter((OF_AN_ORG,)),
    "masked": Filter((OF_AN_ORG,), masks=("Goal.category", "CarePlan.goal", "CarePlan.period")),
    "reduced": Filter((OF_AN_ORG,), reduction=Reduction(ONE, (OF_AN_ORG,), ("Goal.category",))),
}


@pytest.mark.parametrize("allowed", KEPT_APART)
@pytest.mark.parametrize("shape", SHAPES)
def test_people_under_one_filter_are_listed_once(shared, shape, allowed):
    """A plan made once for many askings compares a list of people with each row, one by one."""
    groups = [Group(("a", "b"), KEPT_APART[allowed])]
    for sql, _ in shared.run(_statements(shared.site.store.vault, SHAPES[shape], groups)):
        assert len(re.findall(r"patient_id IN \(\$|patient_id, ''\) IN \(\$", sql)) == 1, sql


def test_a_table_that_is_read_whole_would_be_seen(shared):
    async def explain():
        sql = "SELECT COUNT(*) FROM resource WHERE state_hash = $1"
        return await _plans(shared.site.store.engine, [(sql, ["x"])])

    assert re.search(WHOLE, shared.run(explain())[0], re.MULTILINE)


@pytest.mark.parametrize("name", ["type", "code", "date", "several"])
def test_rows_are_judged_and_counted_in_the_index(standing_sqlite, name):
    """One that a Filter keeps out, or that has not the code, is not read; nor is one to count."""
    store = standing_sqlite.site.store
    groups = [Group(("a", "b"), EVERY_TEST)]

    async def explain():
        conn = _Recorder()
        await finding.total(conn, groups, SHAPES[name])
        return await _plans(store.engine, conn.asked)

    (plan,) = standing_sqlite.run(explain())
    index = "COVERING INDEX" if name != "code" else "INDEX"
    assert f"SEARCH r USING {index} resource_by_type" in plan


def test_the_index_of_a_type_holds_all_that_a_filter_reads():
    (index,) = (
        i for i in SQLModel.metadata.tables["resource"].indexes if i.name == "resource_by_type"
    )
    held = [column.name for column in index.columns]
    assert held[:3] == ["patient_id", "resource_type", "resource_id"]
    assert {*FILTERED, "deleted", "origin", "code_marks", "dated_from", "dated_until"} <= set(held)
