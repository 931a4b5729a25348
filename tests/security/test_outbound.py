"""Files that leave for organisations: nothing hidden in them, each access in the log first."""

import asyncio
import csv
import io
import json
import stat
import zipfile
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.audit.events import Event
from gateway.errors import AuditUnavailableError, ConfigurationError
from gateway.flows.asking.governance import Looker
from gateway.flows.asking.search_log import Operator
from gateway.flows.audit import recall
from gateway.flows.audit.recall_subject import Question
from gateway.flows.outbound import outbound, outbound_files
from gateway.flows.outbound.outbound_forms import TABLES
from gateway.flows.outbound.outbound_profiles import Form, Outbound, Profile, read_outbound
from gateway.main import policy_of
from gateway.settings import Settings
from gateway.store.commit.units import Store
from gateway.store.leaving import outbound as stored
from mappings.core.checking.validate import validate
from tests.api.consents import against, dissent, of_category
from tests.api.rows import goal_row, mark, put
from tests.api.world import BOB, COUNCIL, HIDDEN_WORDS, HOSPITAL, PRACTICE, World, put_on_caseload

CANARY = "canary-7f3a"


@pytest.fixture
def files(tmp_path):
    """The folder of all files."""
    return tmp_path / "files"


def profile(org: str = COUNCIL, role: str = "social-worker", form: Form = Form.CSV) -> Profile:
    return Profile(org, role, form, time(2), frozenset())


def run(gateway, folder, of: Profile | None = None):
    of = of or profile()
    given_to = Outbound(folder, (of,))
    return gateway.run(outbound.run(gateway.site, given_to, of, lambda: gateway.at))


def content(folder, made) -> dict[str, str]:
    """Each table of a file, as text."""
    path = folder / made["organisation"] / made["file"]
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def every_line(tables: dict[str, str]) -> list[str]:
    return [line for text in tables.values() for line in text.splitlines()]


def every_byte(folder) -> str:
    """Names and content of everything in the folder, unpacked."""
    found = []
    for path in sorted(folder.rglob("*")):
        found.append(str(path))
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                found += [f"{name} {archive.read(name).decode()}" for name in archive.namelist()]
        elif path.is_file():
            found.append(path.read_text())
    return "\n".join(found)


def visible(world: World, who) -> set[str]:
    """Everything the caller is shown over HTTP of the two people of the council."""
    found = set()
    for person in (world.norma, world.alice):
        for page in world.service.walk(f"Patient/{person}/$everything?_count=100", who):
            entries = [entry["resource"] for entry in page.get("entry", [])]
            found |= {f"{one['resourceType']}/{one['id']}" for one in entries}
    return found


@pytest.mark.parametrize("form", list(Form))
def test_a26_a27_nothing_hidden_is_in_any_file_its_name_or_its_counts(gateway, world, files, form):
    for number in range(5):
        row = goal_row(f"{CANARY}-{number}", world.alice, f"{CANARY} words {number}")
        put(gateway, world.alice, row, org="RQY", conf="V", sens="PSY HIV")
    made = run(gateway, files, profile(form=form))
    assert made["status"] == outbound.VISIBLE
    said = every_byte(files)
    for word in (*HIDDEN_WORDS, CANARY, BOB["family"], BOB["nhs_number"]):
        assert word not in said
    assert "I want to swim again." in said


def test_a26_a_file_holds_what_a_caller_of_that_role_is_shown_and_no_more(gateway, world, files):
    tables = content(files, run(gateway, files))
    items = {f"{one['type']}/{one['id']}" for one in rows(tables["items.csv"])}
    people = {f"Patient/{one['id']}" for one in rows(tables["people.csv"])}
    shown = visible(world, world.social_worker)
    assert shown <= items | people
    extra = (items | people) - shown  # Olive, whom only the council knows, and nobody else
    for reference in extra:
        assert gateway.get(reference, world.social_worker).status_code == 200


def test_hidden_rows_change_no_byte_of_a_file_nor_its_name(start, files):
    """The same borough, once with more that is hidden, and more that happened elsewhere."""
    made_of = []
    for name in ("plain", "more"):
        gateway = start()
        world = World(gateway)
        if name == "more":
            for number in range(7):
                row = goal_row(f"hidden-{number}", world.alice, f"{CANARY} {number}")
                put(gateway, world.alice, row, org="RQY", conf="V", sens="PSY")
            gateway.get(f"Patient/{world.bob}/$everything", world.other_gp)
        folder = files / name
        made = run(gateway, folder)
        (path,) = [one for one in folder.rglob("*") if one.is_file()]
        made_of.append((path.name, path.read_bytes(), made["changed"], made["gone"]))
    assert made_of[0] == made_of[1]


def test_every_access_in_a_file_is_in_the_log_before_the_file_can_be_seen(
    gateway, world, files, monkeypatch
):
    size, seen = gateway.size(), []
    show = outbound_files.show

    def shown(folder, file_hash, name):
        seen.append(sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")))
        return show(folder, file_hash, name)

    monkeypatch.setattr(outbound_files, "show", shown)
    made = run(gateway, files)
    assert seen == [[]]
    entries = gateway.entries(size)
    assert {(one.event, str(one.outcome)) for one in entries} == {(Event.EXPORT, "served")}
    *people, of_file = entries
    assert dict(of_file.detail)["file"] == made["file"]
    named = {(kind, name) for one in people for kind, name, _ in one.resources}
    tables = content(files, made)
    items = {(one["type"], one["id"]) for one in rows(tables["items.csv"])}
    assert items <= named
    assert {one.agent.org for one in people} == {COUNCIL}
    assert {one.agent.role for one in people} == {"social-worker"}


def test_a29_without_the_log_there_is_no_file(gateway, files, monkeypatch):
    async def failing(*_given):
        raise AuditUnavailableError

    monkeypatch.setattr(outbound, "append", failing)
    with pytest.raises(AuditUnavailableError):
        run(gateway, files)
    assert not [one for one in (files / COUNCIL).iterdir() if not one.name.startswith(".")]
    monkeypatch.undo()
    assert run(gateway, files)["file"] == f"{COUNCIL}-000001.zip"


def test_a25_a_change_of_consent_between_two_files_is_told_by_reference_alone(
    gateway, world, files
):
    first = content(files, run(gateway, files))
    goals = {one["id"] for one in rows(first["items.csv"]) if one["type"] == "Goal"}
    alices = {one["id"] for one in world.of("Goal", world.alice, world.social_worker)}
    assert alices <= goals
    said = dissent(world.alice, **against(COUNCIL))
    assert gateway.create(said, world.gp).status_code == 201
    gateway.at += timedelta(days=1)
    second = run(gateway, files)
    tables = content(files, second)
    gone = {one["item"] for one in rows(tables["no-longer-shown.csv"])}
    hidden = {
        one for one in alices if gateway.get(f"Goal/{one}", world.social_worker).status_code == 404
    }
    assert {f"Goal/{one}" for one in hidden} <= gone
    assert list(rows(tables["no-longer-shown.csv"])[0]) == ["item"]
    third = run(gateway, files)
    assert (third["changed"], third["gone"]) == (0, 0)


def test_withdrawn_hidden_and_no_longer_theirs_look_alike(start, files):
    """The second file says the same of a goal, whyever it is no longer shown."""
    told = {}
    for why in ("withdrawn", "hidden", "dissent"):
        gateway, folder, worker = start(), files / why, profile(role="amhp")
        world = World(gateway)
        alice = world.alice
        row = goal_row("told-goal", alice, "I want to be left alone.")
        put(gateway, alice, row, org="RQY", category="mental-health")
        run(gateway, folder, worker)
        assert "told-goal" in every_byte(folder)
        gateway.at += timedelta(days=1)
        if why == "withdrawn":
            put(gateway, alice, row, org="RQY", version=2, deleted=True, category="mental-health")
        elif why == "hidden":
            put(gateway, alice, row, org="RQY", version=2, conf="V", category="mental-health")
        else:
            said = dissent(alice, **of_category("mental-health"))
            assert gateway.create(said, world.gp).status_code == 201
        tables = content(folder, run(gateway, folder, worker))
        told[why] = [line for line in every_line(tables) if "told-goal" in line]
        assert "left alone" not in "".join(tables.values())
    assert told["withdrawn"] == told["hidden"] == told["dissent"] == ["Goal/told-goal"]


def test_a_relationship_that_ended_takes_everything_back(gateway, world, files):
    hospital = profile(HOSPITAL, "hospital-doctor")
    first = content(files, run(gateway, files, hospital))
    given = {f"{one['type']}/{one['id']}" for one in rows(first["items.csv"])}
    given |= {f"Patient/{one['id']}" for one in rows(first["people.csv"])}
    assert len(given) > 3

    async def ended(conn):
        await conn.execute("UPDATE caseload SET ends = $1 WHERE org = $2", (1, HOSPITAL))

    gateway.write(ended)
    second = run(gateway, files, hospital)
    tables = content(files, second)
    assert {one["item"] for one in rows(tables["no-longer-shown.csv"])} == given
    assert rows(tables["items.csv"]) == rows(tables["people.csv"]) == []
    entry = next(one for one in reversed(gateway.entries()) if one.person_id)
    assert dict(entry.detail)["no-longer-shown"] == str(len(given))


def test_restricted_people_stay_out_or_masked(gateway, world, files):
    mark(gateway, world.alice, pds="V")
    mark(gateway, world.norma, pds="R")
    said = every_byte(files) if run(gateway, files) else ""
    assert "THORNBURY" not in said
    assert "KT3 5ZZ" not in said
    assert "ASHDOWN" in said


def test_two_runs_at_once_never_make_two_files(gateway, files, world):
    given_to = Outbound(files, (profile(),))

    async def both():
        url, provider = gateway.settings.database_url, gateway.site.store.vault.provider
        other = await Store.open(url, provider, lambda: gateway.at)
        try:
            sites = (gateway.site, replace(gateway.site, store=other))
            runs = [outbound.run(one, given_to, profile(), lambda: gateway.at) for one in sites]
            return await asyncio.gather(*runs)
        finally:
            await other.close()

    statuses = sorted(one["status"] for one in gateway.run(both()))
    assert statuses in (["held", "visible"], ["visible", "visible"])
    names = sorted(path.name for path in (files / COUNCIL).iterdir())
    made = [content(files, {"organisation": COUNCIL, "file": name}) for name in names]
    assert [bool(rows(tables["items.csv"])) for tables in made] == [True, False][: len(names)]
    assert len(names) == statuses.count("visible")


def test_a_dead_run_holds_an_organisation_for_a_time_and_not_for_ever(gateway, world, files):
    at = int(gateway.at.timestamp() * 1_000_000)
    until = at + 60 * 60 * 1_000_000
    gateway.write(lambda conn: stored.hold(conn, COUNCIL, "dead", at, until))
    assert run(gateway, files)["status"] == outbound.HELD
    gateway.at += timedelta(minutes=61)
    assert run(gateway, files)["status"] == outbound.VISIBLE


@pytest.mark.parametrize("stage", ["write_ready", "show"])
def test_a_run_that_was_killed_leaves_no_half_file_and_nothing_is_lost(
    gateway, world, files, monkeypatch, stage
):
    """Killed after the file was written, and after it was recorded: the next run begins anew."""
    real = getattr(outbound_files, stage)

    def killed(*given):
        if stage == "write_ready":
            real(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(outbound_files, stage, killed)
    with pytest.raises(KeyboardInterrupt):
        run(gateway, files)
    folder = files / COUNCIL
    assert not [one for one in folder.iterdir() if not one.name.startswith(".")]
    monkeypatch.undo()
    gateway.at += timedelta(hours=3)  # the dead run's hold ends
    run(gateway, files)
    names = sorted(path.name for path in folder.iterdir())
    assert names == [f"{COUNCIL}-00000{1 if stage == 'write_ready' else 2}.zip"]
    assert not [name for name in names if name.startswith(".")]
    whole = [content(files, {"organisation": COUNCIL, "file": name}) for name in names]
    assert "I want to swim again." in whole[0]["items.csv"]
    assert len([one for one in whole if rows(one["items.csv"])]) == 1


def test_a25_a_file_that_was_not_shown_in_time_is_not_shown_after_access_changed(
    gateway, world, files, monkeypatch
):
    """Killed between recording and showing; the relationship ends; what was given before that is
    told to be gone, in the file that is made then and not only in the one that nobody saw."""
    given = profile(HOSPITAL, "hospital-doctor")
    first = run(gateway, files, given)
    assert "THORNBURY" in every_byte(files)
    (files / HOSPITAL / first["file"]).unlink()

    def killed(*_given):
        raise KeyboardInterrupt

    def ends(at):
        sql = f"UPDATE caseload SET ends = {at} WHERE org = $1"  # noqa: S608
        gateway.write(lambda conn: conn.execute(sql, (HOSPITAL,)))

    for _ in range(2):
        monkeypatch.setattr(outbound_files, "show", killed)
        ends(1)
        with pytest.raises(KeyboardInterrupt):
            run(gateway, files, given)
        monkeypatch.undo()
        gateway.at += timedelta(hours=3)
    told = run(gateway, files, given)
    assert told["gone"] == first["changed"] > 0
    assert "THORNBURY" not in every_byte(files)
    gateway.at += timedelta(days=1)
    assert run(gateway, files, given)["gone"] == 0


def test_a_recorded_file_that_was_lost_is_given_again_whole(gateway, world, files, monkeypatch):
    def killed(*_given):
        raise KeyboardInterrupt

    monkeypatch.setattr(outbound_files, "show", killed)
    with pytest.raises(KeyboardInterrupt):
        run(gateway, files)
    monkeypatch.undo()
    for path in (files / COUNCIL).iterdir():
        path.unlink()
    gateway.at += timedelta(hours=3)
    made = run(gateway, files)
    assert made["file"] == f"{COUNCIL}-000002.zip"
    assert "I want to swim again." in content(files, made)["items.csv"]


def test_access_that_changes_while_a_file_is_made_is_read_again(gateway, world, files, monkeypatch):
    """The relationship ends between reading and recording: the file holds nothing of her."""
    real, moved, made = outbound_files.write_ready, stored.moved, []

    def written(*arguments):
        made.append(real(*arguments))
        return made[-1]

    async def meanwhile(conn, epochs):
        if len(made) == 1:
            await conn.execute("UPDATE caseload SET ends = 1 WHERE org = $1", (HOSPITAL,))
        return await moved(conn, epochs)

    monkeypatch.setattr(outbound_files, "write_ready", written)
    monkeypatch.setattr(stored, "moved", meanwhile)
    told = run(gateway, files, profile(HOSPITAL, "hospital-doctor"))
    assert (len(made), told["changed"]) == (2, 0)
    assert "THORNBURY" not in every_byte(files)


def test_files_are_the_organisations_alone(gateway, files):
    made = run(gateway, files)
    folder = files / COUNCIL
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / made["file"]).stat().st_mode) == 0o600
    assert sorted(content(files, made)) == sorted(TABLES)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(gateway, world, files, sign):
    row = goal_row("formula", world.alice, f"{sign}HYPERLINK(1)")
    put(gateway, world.alice, row, org=COUNCIL)
    tables = content(files, run(gateway, files))
    (one,) = [row for row in rows(tables["items.csv"]) if row["id"] == "formula"]
    assert one["text"] == f"'{sign}HYPERLINK(1)"
    for text in tables.values():
        for cells in csv.reader(io.StringIO(text, newline="")):
            assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_numbers_and_flags_stand_as_they_are(gateway, world, files):
    row = {
        "resourceType": "Observation",
        "id": "below",
        "subject": {"reference": f"Patient/{world.alice}"},
        "valueQuantity": {"value": -0.5, "unit": "mmol/L"},
        "component": [{"valueBoolean": False}, {"valueInteger": -3}],
    }
    put(gateway, world.alice, row, org=COUNCIL)
    tables = content(files, run(gateway, files))
    (one,) = [row for row in rows(tables["items.csv"]) if row["id"] == "below"]
    assert one["value"] == "-0.5"
    details = {row["path"]: row["value"] for row in rows(tables["details.csv"])}
    assert details["component[0].valueBoolean"] == "false"
    assert details["component[1].valueInteger"] == "-3"


def test_only_what_is_new_is_in_the_next_file(gateway, world, files):
    run(gateway, files)
    world.revise("2026-11-21T12:04:00Z", title="A new title")
    second = run(gateway, files)
    kinds = {one["type"] for one in rows(content(files, second)["items.csv"])}
    assert "CarePlan" in kinds
    assert second["changed"] < 10
    put_on_caseload(gateway, world.bob, COUNCIL)
    third = content(files, run(gateway, files))
    assert [one["family"] for one in rows(third["people.csv"])] == [BOB["family"]]


def test_a_bundle_keeps_and_drops_and_every_resource_in_it_is_valid(gateway, world, files):
    fhir = profile(form=Form.FHIR)
    first = run(gateway, files, fhir)
    bundle = json.loads((files / COUNCIL / first["file"]).read_text())
    assert len(bundle["entry"]) == first["changed"]
    for entry in bundle["entry"]:
        assert entry["request"]["method"] == "PUT"
        assert not validate(entry["resource"])
    world.revise("2026-11-21T12:04:00Z", without="G1")
    second = run(gateway, files, fhir)
    bundle = json.loads((files / COUNCIL / second["file"]).read_text())
    methods = {entry["request"]["method"] for entry in bundle["entry"]}
    assert methods == {"PUT", "DELETE"}
    third = run(gateway, files, fhir)
    assert json.loads((files / COUNCIL / third["file"]).read_text()) == {
        "resourceType": "Bundle",
        "type": "batch",
    }


def test_a_recall_task_is_in_the_file_of_its_organisation_and_of_no_other(gateway, world, files):
    first = run(gateway, files)
    assert first["changed"]
    goal = next(one["id"] for one in world.of("Goal", world.alice, world.social_worker))
    looker = Looker.of(Operator("an-operator", gateway.at))
    found = gateway.run(recall.found_by(gateway.site, looker, Question(f"Goal/{goal}")))
    made = gateway.run(recall.notify(gateway.site, looker, found))
    assert {one.org for one in made} == {COUNCIL}
    (row,) = rows(content(files, run(gateway, files))["recalls.csv"])
    assert (row["item"], row["status"]) == (f"Goal/{goal}/_history/1", "requested")
    other = run(gateway, files, profile(PRACTICE, "gp"))
    assert rows(content(files, other)["recalls.csv"]) == []


def test_a_file_is_due_once_a_day_at_its_london_time(gateway, files):
    given_to, london = Outbound(files, (profile(),)), ZoneInfo("Europe/London")
    gateway.at = datetime(2026, 11, 21, 12, tzinfo=london)
    due = lambda: gateway.run(outbound.run_due(gateway.site, given_to, lambda: gateway.at))  # noqa: E731
    assert [one["status"] for one in due()] == ["visible"]
    assert due() == []
    gateway.at = datetime(2026, 11, 22, 1, 59, tzinfo=london)
    assert due() == []
    gateway.at = datetime(2026, 11, 22, 2, 0, tzinfo=london)
    assert [one["file"] for one in due()] == [f"{COUNCIL}-000002.zip"]
    summer = datetime(2027, 6, 1, 1, 30, tzinfo=ZoneInfo("UTC"))
    assert profile().last_due(summer) == datetime(2027, 6, 1, 1, 0, tzinfo=ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("folder =", "not TOML"),
        ("x = 1", "folder"),
        ('folder = "f"\n[[organisation]]\norg = "XK1"', "reviewed"),
        ('folder = "f"\n[[organisation]]\norg = "../up"\nreviewed = "me"', "org"),
        (
            'folder = "f"\n[[organisation]]\norg = "XK1"\nreviewed = "me"\nrole = "patient"',
            "direct care",
        ),
        (
            'folder = "f"\n[[organisation]]\norg = "XK1"\nreviewed = "me"\nrole = "researcher"',
            "direct care",
        ),
        (
            'folder = "f"\n[[organisation]]\norg = "XK1"\nreviewed = "me"\nrole = "gp"'
            '\nform = "pdf"',
            "form",
        ),
        (
            'folder = "f"\n[[organisation]]\norg = "XK1"\nreviewed = "me"\nrole = "gp"'
            '\nat = "25:00"',
            "time of day",
        ),
    ],
)
def test_a_profile_that_is_not_clear_is_refused(tmp_path, text, said):
    file = tmp_path / "outbound.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        read_outbound(file, policy_of(Settings()))
    assert said in refused.value.args[0]
    assert "../up" not in refused.value.args[0]
