"""Pages neither lose nor repeat a row while others write, whatever the order."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.rows import plan_row, put
from tests.api.running import Starter
from tests.api.service import references
from tests.api.world import World

ROWS = 7
SORTS = ("", "_id", "-_id", "_lastUpdated", "-_lastUpdated", "date", "-date", "-date,-_lastUpdated")
change = st.tuples(
    st.sampled_from(["again", "other-date", "label", "new", "gone"]), st.integers(0, ROWS - 1)
)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def world(request, tmp_path_factory):
    starter = Starter(request, request.param, tmp_path_factory.mktemp("paging"))
    yield World(starter())
    starter.stop()


class _Plans:
    """The plans of one example, under names of its own."""

    def __init__(self, world: World, number: int) -> None:
        self.world, self.person, self.prefix = world, world.norma, f"e{number}"
        self.versions: dict[str, int] = {}
        for one in range(ROWS):
            self.write(f"{self.prefix}-{one}", f"2027-01-{1 + one * 3 % ROWS:02}")

    def write(self, name: str, day: str, *, deleted: bool = False, **labels: str) -> None:
        self.versions[name] = self.versions.get(name, 0) + 1
        self.world.service.at += timedelta(seconds=7)
        put(
            self.world.service, self.person,
            plan_row(name, self.person, period={"start": day}),
            version=self.versions[name], deleted=deleted, **labels,
        )  # fmt: skip

    def change(self, kind: str, one: int) -> str:
        """What somebody else writes; the name of what is gone or hidden by it."""
        name = f"{self.prefix}-{one}"
        if kind == "new":
            self.write(f"{self.prefix}-new-{len(self.versions)}", f"2027-01-{1 + one:02}")
            return ""
        day = f"2027-0{2 + one % 3}-01" if kind == "other-date" else f"2026-12-{1 + one:02}"
        labels = {"conf": "V"} if kind == "label" else {}
        self.write(name, day, deleted=kind == "gone", **labels)
        return name if kind in ("label", "gone") else ""


_numbers = iter(range(10_000))


@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    sort=st.sampled_from(SORTS),
    count=st.integers(1, 3),
    changes=st.lists(change, max_size=6),
)
def test_result_13_what_is_written_meanwhile_loses_and_repeats_nothing(world, sort, count, changes):
    plans = _Plans(world, next(_numbers))
    kept = {f"{plans.prefix}-{one}" for one in range(ROWS)}
    query = f"CarePlan?patient={plans.person}&date=ge2026-12&_count={count}"
    path = f"{query}&_sort={sort}" if sort else query
    found: list[str] = []
    pending = list(changes)
    while path:
        bundle = world.service.get(path, world.gp).json()
        assert bundle["resourceType"] == "Bundle", bundle
        found += [one.partition("/")[2] for one in references(bundle)]
        path = next((one["url"] for one in bundle["link"] if one["relation"] == "next"), "")
        if pending:
            kept.discard(plans.change(*pending.pop(0)))
    mine = [one for one in found if one.startswith(f"{plans.prefix}-")]
    assert len(mine) == len(set(mine))
    assert set(mine) >= kept


@pytest.mark.parametrize("sort", ["_lastUpdated", "-_lastUpdated", "date", "-date"])
def test_result_13_an_earlier_version_that_is_hidden_places_nothing(world, sort):
    """The order of a page tells nothing of a date that the caller was never shown."""
    orders = []
    for hidden_day in ("2027-01-01", "2027-12-01"):
        plans = _Plans(world, next(_numbers))
        name = f"{plans.prefix}-3"
        plans.write(name, hidden_day, conf="V")
        path = f"CarePlan?patient={plans.person}&date=ge2026-12&_count=1&_sort={sort}"
        first = world.service.get(path, world.gp).json()
        plans.write(name, "2027-01-04")
        rest = world.service.walk(first["link"][1]["url"], world.gp)
        ids = [one for page in (first, *rest) for one in references(page)]
        mine = [one.rpartition("-")[2] for one in ids if f"/{plans.prefix}-" in one]
        orders.append(mine)
    assert orders[0] == orders[1]
