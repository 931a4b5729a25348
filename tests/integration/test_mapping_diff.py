"""mapping diff: kept versions against today's, over examples and over deliveries of the store."""

import json

import pytest

from gateway.cli.diffing import ROOT as SOURCES
from gateway.flows.feeds import mapping_diff
from gateway.flows.feeds.mapping_diff import NOW, releases, version_named
from gateway.store.database import schema
from gateway.store.intake import deliveries
from mappings.core.released.kept import tables_of, told, unpacked
from mappings.registry import FEEDS
from tests.unit.cli.running import PLAN, Commands

KEPT = SOURCES / "mappings" / "kept"
STATUS = "plan.status"


@pytest.fixture
def commands(tmp_path, monkeypatch):
    return Commands(tmp_path, monkeypatch)


@pytest.fixture
def other(tmp_path):
    """A file of the social-care tables in which one code of a plan's status is another."""
    tables = tables_of(FEEDS["social-care"])
    for target in tables["support-plan"]["targets"]:
        for row in target["rows"]:
            if row["id"] == STATUS:
                row["table"]["codes"]["active"] = "on-hold"
    path = tmp_path / "other.json"
    path.write_text(json.dumps(told(tables)), encoding="utf-8")
    return path


def test_every_kept_release_is_whole_and_compares_with_today():
    assert releases()[-1] == NOW
    assert len(releases()) > 1
    for release in releases()[:-1]:
        for feed in FEEDS.values():
            assert unpacked((KEPT / release / f"{feed.name}.json.xz").read_bytes())
            assert set(version_named(feed, release).kinds) <= set(feed.kinds)


def test_one_version_differs_from_itself_in_nothing(commands):
    found = commands.json("mapping", "diff", "now", "now", "--feed", "social-care")
    (feed,) = found["feeds"]
    assert (feed["differs"], feed["changes"], feed["not_replayed"]) == (False, [], [])
    assert sum(one["items"] for one in feed["examples"]) > 20
    assert not any(one["differ"] for one in feed["examples"])


def test_a_changed_code_is_named_with_the_elements_that_come_out_otherwise(commands, other):
    arguments = ("mapping", "diff", "now", other, "--feed", "social-care")
    found = commands.json(*arguments, "--example", PLAN, code=1)
    (feed,) = found["feeds"]
    assert [(one["what"], one["name"], one["change"], one["parts"]) for one in feed["changes"]] == [
        ("code", f"{STATUS} active", "changed", ["active -> on-hold"])
    ]
    (example,) = feed["examples"]
    assert (example["items"], example["differ"]) == (1, 1)
    assert example["elements"] == [{"element": "CarePlan.status", "change": "changed", "items": 1}]
    assert "on-hold" not in json.dumps(feed["examples"])
    told = commands(*arguments, "--example", PLAN)
    assert told.exit_code == 1
    assert f"{STATUS} active\tchanged\tactive -> on-hold" in told.stdout
    assert "CarePlan.status\tchanged\t1" in told.stdout
    assert "1 changes; 1 of 1 examples come out otherwise" in told.stderr


def test_what_mapping_show_writes_can_be_compared_with(commands, tmp_path):
    written = tmp_path / "tables.json"
    written.write_text(commands.good("mapping", "show", "gp", "--tables"), encoding="utf-8")
    assert commands("mapping", "diff", written, "now", "--feed", "gp").exit_code == 0


@pytest.mark.parametrize("name", ["nothing", "../kept", "0.1.0-alpha.1/../.."])
def test_a_version_that_there_is_not_is_usage(name, commands):
    done = commands("mapping", "diff", name, "now", "--feed", "gp")
    assert done.exit_code == 2
    assert "there are" in done.output


def test_deliveries_of_the_store_are_compared_under_the_log_and_nothing_of_them_is_shown(
    commands, other, tmp_path, monkeypatch, database_url
):
    commands.set(database_url=database_url)
    schema.upgrade(database_url)
    commands.good("ingest", "social-care", PLAN, "--org", "X1K01")
    arguments = ("mapping", "diff", "now", other, "--feed", "social-care", "--deliveries", 5)
    monkeypatch.setattr("gateway.cli.diffing.ROOT", tmp_path)
    found = commands.json(*arguments, code=1)
    (example,) = found["feeds"][0]["examples"]
    assert [one["element"] for one in example["elements"]] == ["CarePlan.status"]
    assert "Norma" not in json.dumps(found)
    logged = commands.json("audit", "search", "--event", "review")
    assert len(logged["entries"]) == 1


def test_one_delivery_of_the_store_is_held_at_a_time(commands, tmp_path, monkeypatch, database_url):
    commands.set(database_url=database_url)
    schema.upgrade(database_url)
    for number in range(3):
        plan = tmp_path / f"{number}.json"
        plan.write_bytes(PLAN.read_bytes() + b" " * number)
        commands.good("ingest", "social-care", plan, "--org", "X1K01")
    done: list[str] = []
    find, compare = deliveries.find, mapping_diff._seen

    async def found(conn, delivery_id):
        done.append("read")
        return await find(conn, delivery_id)

    def seen(*given):
        done.append("compared")
        return compare(*given)

    monkeypatch.setattr("gateway.cli.diffing.ROOT", tmp_path)
    monkeypatch.setattr(deliveries, "find", found)
    monkeypatch.setattr(mapping_diff, "_seen", seen)
    commands.good("mapping", "diff", "now", "now", "--feed", "social-care", "--deliveries", 2)
    assert done == ["read", "compared"] * 2


def test_an_example_of_another_format_is_told_and_stops_nothing(commands, tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear all")
    found = commands.json(
        "mapping", "diff", "now", "now", "--feed", "gp", "--example", letter, "--example", PLAN
    )
    elements = [one["elements"] for one in found["feeds"][0]["examples"]]
    assert [[one["change"] for one in each] for each in elements] == [["not the feed's format"]] * 2
