"""What a search may cost is bounded before anything is looked for."""

from datetime import UTC, datetime

import pytest

from consent.filter import Clause, Filter, Reduction
from gateway.api.search.search_params import parse
from gateway.errors import TooCostlyError
from gateway.store.clear.search_table import PARAMETERS
from gateway.store.record import finding, statement
from gateway.store.record.finding import Asked
from gateway.store.record.reads import Group
from gateway.store.record.statement import Statement
from mappings.core.checking.validate import MOST_PROBLEMS, validate
from tests.api.service import is_outcome


@pytest.fixture
def gateway(shared):
    return shared


@pytest.mark.parametrize(
    "query",
    [
        "Condition?" + "&".join(["evidence-detail.evidence-detail.code=a"] * 12),
        "Goal?" + "&".join(["_has:CarePlan:goal:goal.lifecycle-status=active"] * 30 + ["x=1"]),
        "List?" + "&".join(["item.encounter.status:missing=true"] * 8),
    ],
)
def test_references_that_lead_to_too_many_types_are_refused(gateway, world, query):
    assert is_outcome(gateway.get(query, world.gp), 400, "invalid")


def test_so_many_includes_and_no_more(gateway, world):
    path = f"CarePlan?patient={world.norma}&" + "&".join(["_include=CarePlan:goal"] * 20)
    answer = gateway.get(path, world.gp)
    modes = [entry["search"]["mode"] for entry in answer.json()["entry"]]
    assert modes == ["match", "include", "include"]
    assert is_outcome(gateway.get(f"{path}&_include=CarePlan:goal", world.gp), 400, "invalid")


def test_filters_in_every_join_are_counted(gateway, world, monkeypatch):
    path = f"CarePlan?patient={world.norma}&goal.lifecycle-status=active"
    assert gateway.get(path, world.gp).json()["total"] == 1
    monkeypatch.setattr(statement, "MOST_FILTERS", 1)
    assert is_outcome(gateway.get(path, world.gp), 400, "too-costly")


def test_a_filter_that_says_what_is_cut_is_counted_too(monkeypatch):
    allowed = Filter((Clause(),), reduction=Reduction(frozenset({"safety"}), (), ("*.encounter",)))
    encounter = PARAMETERS["Observation"]["encounter"]
    monkeypatch.setattr(statement, "MOST_FILTERS", 1)
    to = Statement([Group(("a",), allowed)])
    assert "category" in to.shown(encounter, "r", "1 = 1")
    with pytest.raises(TooCostlyError):
        to.shown(encounter, "r", "1 = 1")


def test_so_many_values_in_one_statement_and_no_more(shared):
    """Of people with many records, or of one question that is asked again in every join."""
    everything = Filter((Clause(),))
    asked = Asked(("Goal",))

    async def found(records: int) -> int:
        group = Group(tuple(f"none-{n}" for n in range(records)), everything)
        async with shared.site.store.engine.reading() as conn:
            return await finding.total(conn, [group], asked)

    assert shared.run(found(statement.MOST_BOUND - 1)) == 0
    with pytest.raises(TooCostlyError):
        shared.run(found(statement.MOST_BOUND))


def test_what_is_asked_of_people_is_asked_once_for_all_types_of_a_step(gateway):
    hasher = gateway.site.store.vault.hasher
    pairs = [("activity-reference.patient", "x"), ("activity-reference.patient._id", "x")]
    query = parse(("CarePlan",), pairs, hasher, str, "", datetime(2026, 11, 21, tzinfo=UTC))
    assert len(query.about) == 1


def test_a_search_that_takes_too_long_is_ended(gateway, world, monkeypatch):
    path = f"Goal?patient={world.norma}"
    assert gateway.get(path, world.gp).status_code == 200
    monkeypatch.setattr("gateway.store.database.sqlite._STEPS", 1)
    monkeypatch.setattr("gateway.store.record.finding.SECONDS", -1.0)
    assert is_outcome(gateway.get(path, world.gp), 400, "too-costly")


def test_a_hidden_reference_counts_for_nothing_that_goes_beside(gateway, world, monkeypatch):
    plan = f"CarePlan?patient={world.alice}&_include=CarePlan:goal"
    shown = gateway.get(plan, world.gp).json()["entry"]
    goals = sum(1 for entry in shown if entry["search"]["mode"] == "include")
    monkeypatch.setattr("gateway.flows.reading.including.MOST_INCLUDED", goals)
    assert gateway.get(plan, world.gp).status_code == 200
    monkeypatch.setattr("gateway.flows.reading.including.MOST_INCLUDED", goals - 1)
    assert is_outcome(gateway.get(plan, world.gp), 400, "too-costly")


@pytest.mark.parametrize("year", ["9999999999", "9" * 30, "0001"])
def test_a_moment_that_no_calendar_holds_is_no_condition(gateway, world, year):
    (goal, *_) = world.of("Goal", world.norma, world.gp)
    since = {"If-Modified-Since": f"Mon, 01 Jan {year} 00:00:00 GMT"}
    assert gateway.get(f"Goal/{goal['id']}", world.gp, headers=since).status_code == 200


def test_the_elements_that_are_named_are_few(gateway):
    several = ",".join(f"a{number}" for number in range(101))
    assert is_outcome(gateway.get(f"metadata?_elements={several}"), 400, "invalid")
    assert gateway.get("metadata?_elements=" + several.rpartition(",")[0]).status_code == 200


def test_a_shape_is_read_however_its_name_is_written(gateway, world):
    path = f"CarePlan?patient={world.norma}&_%73ummary=true"
    (entry,) = gateway.get(path, world.gp).json()["entry"]
    assert entry["resource"]["meta"]["tag"][0]["code"] == "SUBSETTED"


def test_the_place_of_an_unknown_element_is_looked_for_where_it_is_told_alone():
    class Looked(dict):
        times = 0

        def __iter__(self):
            Looked.times += 1
            return super().__iter__()

    found = validate(Looked({"resourceType": "Goal"} | {f"x{n}": 1 for n in range(1_000)}))
    assert len(found) == MOST_PROBLEMS
    assert Looked.times <= MOST_PROBLEMS + 1
