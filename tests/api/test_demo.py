"""The demo, end to end: a gateway of its own, a borough pushed, one record walked through."""

import asyncio
import contextlib
import io
import json
import re
import signal
import socket
import sqlite3

import pytest

from gateway.cli.demo import performing, run
from gateway.errors import ConfigurationError
from gateway.settings import Settings
from mappings.registry import FEEDS

PEOPLE = 40


def walk(database, *, as_json):
    """Exit code, standard output, talk."""
    out, talk = io.StringIO(), io.StringIO()
    settings = Settings(database_url=f"sqlite:///{database}")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(talk):
        code = run(settings, once=True, as_json=as_json, people=PEOPLE)
    return code, out.getvalue(), talk.getvalue()


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return tmp_path_factory.mktemp("demo") / "borough.db"


@pytest.fixture(scope="module")
def walked(database):
    return walk(database, as_json=True)


@pytest.fixture(scope="module")
def found(walked):
    code, out, talk = walked
    assert code == 0, talk
    return json.loads(out)


def test_it_ends_well_and_standard_output_is_json_alone(walked):
    code, out, talk = walked
    assert code == 0, talk
    assert out.startswith("{")
    assert out.rstrip().endswith("}")
    assert talk


def test_the_json_has_the_documented_shape(found):
    assert list(found) == [
        *("people", "feeds", "views", "dissent", "refused", "lineage", "audit"),
    ]
    assert set(found["feeds"]) == set(FEEDS)
    assert all(set(feed) == {"taken", "quarantined"} for feed in found["feeds"].values())
    views = [set(view) for view in found["views"]]
    assert views == [{"role", "total", "by_type", "why_less"}] * 3
    assert set(found["dissent"]) == {"before", "after"}
    elements = [set(element) for element in found["lineage"]]
    assert elements
    assert all(keys == {"path", "source_field", "rule", "delivery"} for keys in elements)
    assert set(found["audit"]) == {"size", "root", "verified"}


def test_every_feed_was_taken_and_the_planted_dirt_was_refused(found):
    assert found["people"] == PEOPLE
    assert found["feeds"]["gp"] == {"taken": PEOPLE, "quarantined": 0}
    assert all(feed["taken"] > 5 for feed in found["feeds"].values())
    refused = {name: feed["quarantined"] for name, feed in found["feeds"].items()}
    assert refused == {
        "gp": 0,
        "hospital": 0,
        "community": 1,
        "mental-health": 0,
        "social-care": 1,
    }


def test_each_role_sees_less_than_the_one_before(found):
    views = found["views"]
    assert [view["role"] for view in views] == ["gp", "social-worker", "home-care"]
    totals = [view["total"] for view in views]
    assert totals == sorted(totals, reverse=True)
    assert len(set(totals)) == 3
    assert all(sum(view["by_type"].values()) == view["total"] for view in views)


def test_what_a_role_is_never_shown_is_not_in_its_view(found):
    by_role = {view["role"]: view for view in found["views"]}
    assert by_role["gp"]["by_type"]["MedicationStatement"] == 3
    assert "MedicationStatement" not in by_role["social-worker"]["by_type"]
    assert "Encounter" not in by_role["home-care"]["by_type"]
    assert "medicines" in by_role["social-worker"]["why_less"]
    assert "encounters" in by_role["home-care"]["why_less"]


def test_the_dissent_hides_her_three_medicines_from_home_care(found):
    home_care = found["views"][2]
    assert found["dissent"]["before"] == home_care["total"]
    hidden = found["dissent"]["before"] - found["dissent"]["after"]
    assert hidden == home_care["by_type"]["MedicationStatement"] == 3


def test_a_stranger_is_told_that_there_is_nothing(found):
    assert found["refused"] == {"status": 404}


def test_the_goal_is_traced_to_the_words_of_the_plan(found):
    by_path = {element["path"]: element for element in found["lineage"]}
    words = by_path["description.text"]
    assert words["source_field"] == "goals[].words"
    assert words["rule"] == "goal.words"
    assert words["delivery"]


def test_the_log_is_verified_and_holds_every_step(found):
    audit = found["audit"]
    assert audit["verified"] is True
    assert re.fullmatch(r"[0-9a-f]{64}", audit["root"])
    assert audit["size"] > 2 * PEOPLE


def test_no_name_and_no_number_of_anybody_stands_clear_in_the_file(found, database):
    """The database was kept: what was pushed is sealed in it."""
    assert found
    content = database.read_bytes()
    assert content.startswith(b"SQLite format 3")
    for clear in (b"9990000077", b"Ashdown", b"ASHDOWN", b"KT3 5ZZ", b"corner shop"):
        assert clear not in content


def test_the_kept_file_is_a_whole_database(found, database):
    with contextlib.closing(sqlite3.connect(database)) as opened:
        people = opened.execute("SELECT COUNT(DISTINCT person_id) FROM source_record")
        assert people.fetchone()[0] >= found["people"]


def test_a_database_that_is_there_is_left_alone(found, database):
    assert found
    before = database.stat().st_size
    with pytest.raises(ConfigurationError, match="choose a new file"):
        walk(database, as_json=True)
    assert database.stat().st_size == before


def test_as_text_it_names_nobody_but_the_cast(tmp_path):
    code, out, talk = walk(tmp_path / "other.db", as_json=False)
    assert code == 0, talk
    assert "\x1b" not in out
    for part in ("1. Five feeds", "date-conflict", "Norma says no", "404", "verified from"):
        assert part in out
    for private in ("999000", "Ashdown", "Elm Crescent", "1943"):
        assert private not in out + talk


def test_a_port_that_is_taken_is_said(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port} is taken"):
            run(
                Settings(database_url=f"sqlite:///{tmp_path / 'a.db'}"),
                once=True,
                as_json=True,
                people=10,
                port=port,
            )


def test_the_database_that_the_environment_names_is_left_alone(tmp_path, monkeypatch):
    named = tmp_path / "real.db"
    monkeypatch.setenv("GATEWAY_DATABASE_URL", f"sqlite:///{named}")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = run(Settings(), once=True, as_json=True, people=10)
    assert code == 0
    assert not named.exists()


@pytest.fixture(params=["in front", "in the background"])
def started(request):
    """A script that starts something in its background has it ignore Ctrl-C."""
    before = signal.getsignal(signal.SIGINT)
    if request.param == "in the background":
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_whoever_ends_it_leaves_nothing_behind(monkeypatch, how):
    files = []

    async def asked_to_end(_settings, *, file, **_more):
        files.append(file)
        assert file.parent.is_dir()
        signal.raise_signal(how)
        await asyncio.sleep(60)

    monkeypatch.setattr(performing, "_demo", asked_to_end)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        run(Settings(), once=False, as_json=True, people=10)
    assert not files[0].parent.exists()
    assert signal.getsignal(signal.SIGTERM) is before
