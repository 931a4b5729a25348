"""Every shape of a search has an index for each table that it goes through."""

import re

import pytest

from consent.filter import Clause, Filter
from gateway.store import finding
from gateway.store.conditions import (
    Chain,
    Codes,
    Dates,
    Ids,
    Missing,
    Order,
    Referred,
    Refers,
    Span,
    Updated,
)
from gateway.store.finding import Asked, Place
from gateway.store.reads import Group
from gateway.store.search_table import PARAMETERS

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
        return [(0,)] if "COUNT(*)" in sql else []

    async def execute(self, sql, args=()):
        raise AssertionError("a search writes nothing")

    async def executemany(self, sql, rows):
        raise AssertionError("a search writes nothing")


async def _statements(vault, shape, groups):
    conn = _Recorder()
    after = Place(tuple(0 for _ in shape.order), "a")
    await finding.page(conn, vault, groups, shape, None, 50)
    await finding.page(conn, vault, groups, shape, after, 50)
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
    assert len(plans) == 6
    for plan in plans:
        assert not re.search(
            r"Seq Scan on|^SCAN (?!(?:\d+ )?CONSTANT|people$)", plan, re.MULTILINE
        ), plan


def test_a_table_that_is_read_whole_would_be_seen(shared):
    async def explain():
        sql = "SELECT COUNT(*) FROM resource WHERE author = $1"
        return await _plans(shared.site.store.engine, [(sql, ["x"])])

    assert re.search(r"Seq Scan on|^SCAN ", shared.run(explain())[0], re.MULTILINE)
