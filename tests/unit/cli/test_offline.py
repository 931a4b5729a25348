"""Commands that need no database: map, mapping, policy, config, dev token."""

import json
import zipfile

import pytest

from consent.terms import CallerKind, Purpose
from gateway.clock import now
from gateway.custody import keys_of
from gateway.errors import UnauthenticatedError
from gateway.main import policy_of, verifier_of
from gateway.settings import Settings
from mappings.registry import FEEDS
from tests.golden.cases import GOLDEN
from tests.unit.cli.running import PLAN, changed_plan

ROLES = tuple(policy_of(Settings(_env_file=None)).roles.values())


def test_map_shows_resources_with_the_source_of_every_element(commands):
    found = commands.json("map", "social-care", PLAN, "--org", "X1K01")
    assert found["source"] == {
        "feed": "social-care",
        "format": "support-plan",
        "organisation": "X1K01",
        "items": 1,
        "quarantined": 0,
    }
    (item,) = found["items"]
    plan = next(one for one in item["resources"] if one["type"] == "CarePlan")
    assert plan["resource"]["resourceType"] == "CarePlan"
    sources = {line["path"]: line["source"] for line in plan["lineage"]}
    assert sources["title"] == "plan.title"
    assert not (commands.folder / "keys.json").exists()


def test_map_writes_tables_without_json(commands):
    text = commands.good("map", "social-care", PLAN)
    assert "\tplan.title\t" in text
    assert text.startswith("feed social-care, format support-plan, items 1, quarantined 0\n")


def test_map_takes_a_folder_as_one_delivery(commands):
    (commands.folder / "plans").mkdir()
    (commands.folder / "plans/a.json").write_bytes(PLAN.read_bytes())
    (commands.folder / "plans/.hidden").write_text("not this")
    assert commands.json("map", "social-care", "plans")["source"]["items"] == 1
    (commands.folder / "empty").mkdir()
    assert commands("map", "social-care", "empty").exit_code == 2


def test_the_same_folder_is_the_same_bytes(tmp_path):
    from gateway.cli.opening import read_body

    for name in ("b.json", "a.json"):
        (tmp_path / name).write_text("{}")
    body, media_type = read_body(tmp_path)
    assert (body, media_type) == read_body(tmp_path)
    assert media_type == "application/zip"
    (tmp_path / "packed.zip").write_bytes(body)
    with zipfile.ZipFile(tmp_path / "packed.zip") as archive:
        assert archive.namelist() == ["a.json", "b.json"]


def test_map_ends_with_1_where_an_item_would_be_quarantined(commands):
    path = changed_plan(commands.folder, state="no such state")
    found = commands.json("map", "social-care", path, code=1)
    assert found["source"]["quarantined"] == 1
    issues = found["items"][0]["issues"]
    assert ("plan.state", "error") in {(one["path"], one["severity"]) for one in issues}
    assert "no such state" not in json.dumps(issues)


def test_map_ends_with_2_where_it_is_not_the_format(commands):
    (commands.folder / "x.txt").write_text("Dear gateway, ASHDOWN fell.")
    done = commands("map", "social-care", "x.txt")
    assert done.exit_code == 2
    assert "ASHDOWN" not in done.output
    assert done.stderr.startswith("error: not one of this feed's formats")


@pytest.mark.parametrize("feed", FEEDS)
def test_mapping_show_prints_the_page_and_its_tables(commands, feed):
    assert commands.good("mapping", "show", feed).startswith(f"# {FEEDS[feed].title}")
    found = commands.json("mapping", "show", feed)
    assert set(found["kinds"]) == set(FEEDS[feed].kinds)


def test_mapping_coverage_names_what_nothing_reads(commands):
    found = commands.json("mapping", "coverage", "social-care", PLAN)
    assert found["kinds"]["support-plan"]["items"] == 1
    assert found["kinds"]["support-plan"]["unread"] == {}
    path = changed_plan(commands.folder, brand_new_field="x")
    found = commands.json("mapping", "coverage", "social-care", path, PLAN, code=1)
    assert found["kinds"]["support-plan"]["items"] == 2
    assert found["kinds"]["support-plan"]["unread"] == {"plan.brand_new_field": 1}
    assert "brand_new_field" in commands("mapping", "coverage", "social-care", path).stdout


def test_mapping_coverage_of_an_example_lists_what_it_holds(commands):
    shown = commands.good("mapping", "coverage", "social-care", PLAN)
    assert "support-plan" in shown
    assert "cld-review" not in shown
    assert "cld-review" in commands.good("mapping", "coverage", "social-care")


def test_mapping_coverage_names_a_column_of_no_table(commands):
    (known,) = (GOLDEN / "social-care/cld-minimal/input").glob("*.csv")
    heading, *rows = known.read_text("utf-8").splitlines()
    path = commands.folder / "return.csv"
    path.write_text("\n".join([f"{heading},Local note", *(f"{row},x" for row in rows)]) + "\n")
    found = commands.json("mapping", "coverage", "social-care", path, code=1)
    unread = {name: kind["unread"] for name, kind in found["kinds"].items() if kind["unread"]}
    assert [*unread.values()] == [{"Local note": 1}]


def test_mapping_coverage_skips_and_names_a_file_of_another_format(commands):
    other = commands.folder / "letter.txt"
    other.write_text("Dear gateway, ASHDOWN fell.")
    path = changed_plan(commands.folder, brand_new_field="x")
    done = commands("mapping", "coverage", "social-care", path, other, PLAN, "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)["kinds"]["support-plan"]
    assert (found["items"], found["unread"]) == (2, {"plan.brand_new_field": 1})
    assert found["issues"] == [
        {"code": "unknown-field", "path": "plan.brand_new_field", "number": 1}
    ]
    assert done.stderr.splitlines() == [f"skipped, not one of this feed's formats: {other}"]
    alone = commands("mapping", "coverage", "social-care", other)
    assert (alone.exit_code, str(other) in alone.stderr) == (2, True)


def test_policy_show_and_check(commands):
    assert commands.good("policy", "show").startswith("# Access policy")
    shown = commands.json("policy", "show")
    assert {role["id"] for role in shown["roles"]} == {role.id for role in ROLES}
    found = commands.json("policy", "check")
    assert found["ok"] is True
    assert found["roles"] == len(ROLES)
    assert f"version\t{found['version']}" in commands.good("policy", "check")


def test_config_show_hides_secrets_and_names_origins(commands):
    commands.set(port="9100", database_url="postgresql://a:hunter2@h/d")
    rows = {row["name"]: row for row in commands.json("config", "show")["settings"]}
    assert rows["database_url"] == {
        "name": "database_url",
        "value": "****",
        "from": "environment",
    }
    assert rows["port"] == {"name": "port", "value": 9100, "from": "environment"}
    assert rows["limits.fhir_body_bytes"]["from"] == "default"
    assert "hunter2" not in commands.good("config", "show")
    only = commands.json("config", "show", "limits")["settings"]
    assert all(row["name"].startswith("limits.") for row in only)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.id)
def test_a_token_of_every_role_is_taken(commands, role):
    more: list[str] = []
    if role.kind in (CallerKind.PATIENT, CallerKind.PROXY):
        more = ["--patient", "0188a0b2-0000-7000-8000-000000000001"]
    elif role.id == "provider":
        more = ["--org", "X1K01", "--feed", "gp", "--feed", "social-care"]
    done = commands("dev", "token", "--as", role.id, *more)
    assert done.exit_code == 0, done.output
    settings = Settings()
    caller = verifier_of(settings, keys_of(settings)).verify(done.stdout.strip(), now())
    assert (caller.role, caller.kind) == (role.id, role.kind)
    assert str(caller.purpose) in role.purposes
    assert caller.feeds == ({"gp", "social-care"} if role.id == "provider" else set())
    assert bool(caller.org) is (caller.patient is None)
    assert (commands.folder / "keys.json").stat().st_mode & 0o777 == 0o600


def test_a_token_says_what_was_asked(commands):
    arguments = ("--user", "u-7", "--org", "RAX", "--purpose", "ETREAT")
    token = commands.good("dev", "token", "--as", "hospital-doctor", *arguments).strip()
    settings = Settings()
    caller = verifier_of(settings, keys_of(settings)).verify(token, now())
    assert (caller.user_id, caller.org) == ("u-7", "RAX")
    assert caller.purpose is Purpose.EMERGENCY


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({"port": "9100"}, "http://127.0.0.1:9100"),
        ({"base_url": "https://gateway.example/"}, "https://gateway.example"),
        ({"port": "9100", "audience": "urn:gateway"}, "urn:gateway"),
    ],
)
def test_a_token_says_which_service_takes_it(commands, settings, address):
    """The port is part of the address: made without it, a token is good for the usual one."""
    commands.set(**settings)
    done = commands("dev", "token", "--as", "gp")
    assert f"good for {address} alone" in done.stderr
    there = Settings()
    assert verifier_of(there, keys_of(there)).verify(done.stdout.strip(), now()).role == "gp"
    elsewhere = there.model_copy(update={"audience": "http://127.0.0.1:9999"})
    with pytest.raises(UnauthenticatedError):
        verifier_of(elsewhere, keys_of(there)).verify(done.stdout.strip(), now())


@pytest.mark.parametrize(
    "arguments",
    [
        ("--as", "king"),
        ("--as", "patient"),
        ("--as", "patient", "--patient", "p", "--org", "RAX"),
        ("--as", "gp", "--patient", "p"),
        ("--as", "gp", "--feed", "gp"),
        ("--as", "gp", "--purpose", "FUN"),
        ("--as", "provider", "--feed", "gp"),
        ("--as", "provider", "--org", "RAX"),
        ("--as", "provider", "--org", "RAX", "--feed", "no-such-feed"),
    ],
)
def test_a_token_that_would_be_refused_is_not_made(commands, arguments):
    done = commands("dev", "token", *arguments)
    assert done.exit_code == 2, done.output
    assert done.stdout == ""


def test_an_organisation_that_cannot_be_is_refused(commands):
    done = commands("dev", "token", "--as", "gp", "--org", "not an ODS code")
    assert done.exit_code == 1
    assert done.stdout == ""


def test_production_makes_no_development_token(commands):
    commands.set(environment="production", base_url="https://gateway.example")
    commands.set(on_call_number="020 7946 0100")
    commands.set(database_url="postgresql://a:b@h/d")
    done = commands("dev", "token", "--as", "gp")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "refused in production" in done.stderr
    assert not (commands.folder / "keys.json").exists()


def test_a_folder_is_taken_with_its_sub_folders_and_without_hidden_files(commands):
    folder = commands.folder / "sent"
    for name in ("one", "two", ".cache"):
        (folder / name).mkdir(parents=True)
        (folder / name / "plan.json").write_bytes(
            changed_plan(commands.folder, title=name).read_bytes()
        )
    (folder / ".DS_Store").write_bytes(b"Bud1")
    answer = commands.json("map", "social-care", folder)
    assert [item["item"] for item in answer["items"]] == [1, 2]
    assert "ignored-file" not in str(answer)
