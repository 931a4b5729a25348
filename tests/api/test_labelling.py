"""How items are labelled, decided on, and labelled anew, over HTTP and on both engines."""

import io
import json
import zipfile

import pytest

from consent.periods import MAX_MICROS, MIN_MICROS, micros_covered
from gateway.errors import FaultyRequestError, NotFoundError
from gateway.flows.asking.search_log import Operator
from gateway.flows.upkeep import label_queue
from gateway.flows.upkeep.import_terminology import import_files, loaded
from gateway.flows.upkeep.label_queue import Choice
from gateway.store.clear import columns
from gateway.store.labels.labelling import LabelBook
from tests.api.messages import goal, support_plan
from tests.api.rows import goal_row, put
from tests.api.service import is_outcome
from tests.api.world import ALICE, COUNCIL, World, council_person

SNOMED = "http://snomed.info/sct"
HYPERTENSION = "38341003"
LATER = "2026-11-21T11:00:00Z"
WORDS = "I want to walk to the shop."


def _operator(service) -> Operator:
    return Operator("lead", service.at)


def _decide(service, choice: Choice, reason: str = "read with the team"):
    return service.run(label_queue.decide(service.site.store, _operator(service), choice, reason))


def _relabel(service):
    return service.run(label_queue.relabel_all(service.site.store, service.at))


def _import(service, text: str, *names: str):
    work = import_files(
        service.site.store, _operator(service), [("set.csv", text.encode())], names, ""
    )
    return service.run(work)


def _codes(resource) -> set[str]:
    return {one["code"] for one in resource["meta"]["security"]}


def _epoch(service, person: str) -> int:
    async def read(conn):
        sql = "SELECT epoch FROM person WHERE person_id = $1"
        return (await conn.fetch(sql, (person,)))[0][0]

    return int(service.write(read))


def _conditions(world: World, who):
    return world.of("Condition", world.alice, who)


def test_what_nobody_labelled_waits_and_is_released_by_decision(gateway, world):
    person = world.alice
    put(gateway, person, goal_row("g-1", person, "quiet words"), conf="", category="problems")
    queue = gateway.run(
        label_queue.pending(gateway.site.store, _operator(gateway), "", 50, days=14)
    )
    assert [one["resource"] for one in queue["items"]] == ["Goal/g-1"]
    assert queue["items"][0]["owner"] == "RQY"
    assert (queue["waiting"], queue["overdue"]) == (1, 0)
    assert "quiet words" not in json.dumps(queue)
    nurse = gateway.token("home-care", "hc-1", COUNCIL)
    assert is_outcome(gateway.get("Goal/g-1", nurse), 404)
    epoch = _epoch(gateway, person)
    found = _decide(gateway, Choice("g-1", release=True))
    assert _epoch(gateway, person) > epoch
    assert "PENDING" in found["before"]
    assert found["after"] == ["N", "problems"]
    shown = gateway.get("Goal/g-1", world.gp)
    assert _codes(shown.json()) == {"N", "problems"}
    assert gateway.get("Goal/g-1/_history/1", world.gp).status_code == 200
    (entry,) = [one for one in gateway.entries() if one.event == "label-change"]
    assert entry.resources == (("Goal", "g-1", 1),)
    assert entry.person_id == person
    assert dict(entry.detail)["decision"] == found["decision"]


def test_what_waits_too_long_is_told_as_a_number(gateway, world):
    person = world.alice
    put(gateway, person, goal_row("g-1", person, "quiet words"), conf="")
    later = label_queue.numbers(gateway.site.store, gateway.at, 0)
    assert gateway.run(later) == {"waiting": 1, "overdue": 0}
    gateway.at = gateway.at.replace(year=gateway.at.year + 1)
    found = gateway.run(label_queue.numbers(gateway.site.store, gateway.at, 14))
    assert found == {"waiting": 1, "overdue": 1}


def test_the_agreed_plan_never_waits_to_be_shown_to_the_person(gateway, world):
    one = goal("G1", WORDS, sharing=["a word nobody knows"])
    body = support_plan(council_person(ALICE), {"id": "SP-W"}, goals=[one])
    gateway.push("social-care", COUNCIL, body)
    (shown,) = [g for g in world.of("Goal", world.alice, world.gp) if WORDS in json.dumps(g)]
    assert {"R", "REVIEW"} <= _codes(shown)
    assert "PENDING" not in _codes(shown)
    self = gateway.token("patient", "alice", "", patient=world.alice)
    assert gateway.get(f"Goal/{shown['id']}", self).status_code == 200
    waiting = gateway.run(label_queue.numbers(gateway.site.store, gateway.at, 14))
    assert waiting["waiting"] >= 1


def test_a_decision_raises_at_once_and_a_feed_cannot_take_it_back(gateway, world):
    (shown,) = [g for g in world.of("Goal", world.alice, world.gp) if "swim again" in str(g)]
    path, who = f"Goal/{shown['id']}", world.social_worker
    held = gateway.get(path, who).headers["etag"]
    _decide(gateway, Choice(shown["id"], "R", ("PSY",)))
    assert is_outcome(gateway.get(path, who), 404)
    assert is_outcome(gateway.get(path, who, headers={"If-None-Match": held}), 404)
    assert is_outcome(gateway.get(f"{path}/_history/1", who), 404)
    assert _codes(gateway.get(path, world.gp).json()) >= {"R", "PSY"}
    again = support_plan(
        council_person(ALICE),
        {"id": "SP-A", "written_at": LATER},
        goals=[goal("G1", "I want to swim again, and to dive.", started_on="2026-10-20")],
    )
    gateway.push("social-care", COUNCIL, again)
    assert "dive" in gateway.get(path, world.gp).text
    assert is_outcome(gateway.get(path, who), 404)


def test_what_a_feed_says_after_a_decision_raises_again(gateway, world):
    (shown,) = [g for g in world.of("Goal", world.alice, world.gp) if "voices" in str(g)]
    path, who = f"Goal/{shown['id']}", world.social_worker
    assert is_outcome(gateway.get(path, who), 404)
    _decide(gateway, Choice(shown["id"], "N", (), ("PSY",)))
    assert gateway.get(path, who).status_code == 200
    again = support_plan(
        council_person(ALICE),
        {"id": "SP-A", "written_at": LATER},
        goals=[goal("G3", "I want the voices gone.", sharing=["very restricted"])],
    )
    gateway.push("social-care", COUNCIL, again)
    assert is_outcome(gateway.get(path, who), 404)


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        (Choice("g-1", "N"), " "),
        (Choice("g-1"), "why"),
        (Choice("g-1", "X"), "why"),
        (Choice("g-1", add=("SECRET",)), "why"),
        (Choice("g-1", add=("PENDING",)), "why"),
    ],
)
def test_a_decision_needs_a_reason_and_known_labels(gateway, world, choice, reason):
    person = world.alice
    put(gateway, person, goal_row("g-1", person, "words"))
    before = gateway.size()
    with pytest.raises(FaultyRequestError):
        _decide(gateway, choice, reason)
    assert gateway.size() == before
    with pytest.raises(NotFoundError):
        _decide(gateway, Choice("g-none", "R"))


def test_a_hard_stop_is_not_lowered_by_a_decision(gateway, world):
    person = world.alice
    put(gateway, person, goal_row("g-1", person, "words"), legal="GRA", sens="XYZ")
    _decide(gateway, Choice("g-1", "N", (), ("PSY",)))
    assert is_outcome(gateway.get("Goal/g-1", world.gp), 404)


def test_a_site_set_labels_what_stands_and_what_comes(gateway, world):
    doctor = world.doctor
    before = len(_conditions(world, doctor))
    told = _import(gateway, f"code,system\n{HYPERTENSION},{SNOMED}\n", "gp-termination")
    assert told["sets"][0] | {"release": ""} == {
        "name": "gp-termination", "release": "", "dated": "", "members": 1,
        "added": 1, "removed": 0,
    }  # fmt: skip
    found = _relabel(gateway)
    assert found["looked_at"] == told["to_relabel"]
    assert len(_conditions(world, doctor)) == before - 1
    (shown,) = [c for c in _conditions(world, world.gp) if HYPERTENSION in str(c["code"])]
    assert {"R", "SEX"} <= _codes(shown)
    assert shown["meta"]["versionId"] == "1"
    assert gateway.get(f"Condition/{shown['id']}/$lineage", world.gp).status_code == 200
    assert _relabel(gateway) == {"looked_at": 0, "changed": 0}
    sets = {one["name"]: one["members"] for one in gateway.run(loaded(gateway.site.store))["sets"]}
    assert sets["gp-termination"] == 1
    assert sets["gp-gender"] is None


def test_a_code_that_leaves_a_set_leaves_what_the_feed_said(gateway, world):
    doctor = world.doctor
    shown = {c["id"] for c in _conditions(world, doctor)}
    _import(gateway, f"code,system\n{HYPERTENSION},{SNOMED}\n", "violence")
    _relabel(gateway)
    _import(gateway, f"code,system\n1,{SNOMED}\n", "violence")
    _relabel(gateway)
    assert {c["id"] for c in _conditions(world, doctor)} == shown


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (" \r\n", "is empty"),
        ("code,system\n", "holds no active member of a set that is asked for"),
        ("id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\r\n",
         "holds no active member of a set that is asked for"),
        ("code,system\n1,urn:x\n", "no rule knows this set"),
    ],
)  # fmt: skip
def test_a_refused_set_is_refused_in_words_that_tell_why(gateway, text, words):
    name = "nobody-knows-it" if "no rule" in words else "violence"
    with pytest.raises(FaultyRequestError) as refused:
        _import(gateway, text, name)
    (fault,) = refused.value.faults
    assert words in fault.text


def test_no_set_is_loaded_where_one_of_the_files_brings_nothing(gateway, world):
    files = [("a.csv", b"code,system\n1,urn:x\n"), ("b.csv", b"code,system\n")]
    with pytest.raises(FaultyRequestError) as refused:
        gateway.run(import_files(gateway.site.store, _operator(gateway), files, ("violence",), ""))
    assert [one.path for one in refused.value.faults] == ["b.csv"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("code,system\n1,urn:x\n", ("nobody-knows-it",)),
        ("code,system\n1,urn:x\n", ()),
        ("code,system\n1,\n", ("violence",)),
        ("what\n1\n", ("violence",)),
        ("code,system\n1,urn:x,2\n", ("violence",)),
        ('code,system\n"1"x,urn:x\n', ("violence",)),
        ('code,system\n"1,urn:x\n', ("violence",)),
        ("code,system\n" + "1" * 200_000 + ",urn:x\n", ("violence",)),
        ("", ("violence",)),
    ],
)
def test_a_file_is_loaded_whole_or_refused_whole(gateway, world, text, names):
    before = gateway.size()
    with pytest.raises(FaultyRequestError):
        _import(gateway, text, *names)
    assert gateway.size() == before
    assert all(one["release"] is None for one in gateway.run(loaded(gateway.site.store))["sets"])


RF2 = (
    "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\r\n"
    "u1\t20260401\t1\t1\t700\t38341003\r\n"
    "u2\t20251001\t0\t1\t700\t86406008\r\n"
    "u3\t20251001\t1\t1\t701\t58214004\r\n"
)


def _archive(text: str, name: str = "Snapshot/der2_Refset_SimpleSnapshot_X1_20260401.txt") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "not a refset")
        archive.writestr(name, text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _damaged() -> list[bytes]:
    """The archive with a byte of what it packs turned, and with its compression renamed."""
    whole = _archive(RF2 * 40)
    begins = whole.index(b"20260401.txt") + len("20260401.txt")
    turned = [
        whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :] for at in range(begins, begins + 6)
    ]
    directory = whole.rindex(b"PK\x01\x02")
    named = [
        whole[: directory + 10] + bytes([kind, 0]) + whole[directory + 12 :]
        for kind in (12, 14, 97)
    ]
    return turned + named


def _load(service, body: bytes, *names: str):
    files = [("release.zip", body)]
    return service.run(import_files(service.site.store, _operator(service), files, names, ""))


def test_a_refset_snapshot_is_loaded_from_an_archive_by_its_active_rows(gateway, world):
    told = _load(gateway, _archive(RF2), "700=gp-termination")
    (one,) = told["sets"]
    assert (one["name"], one["release"], one["members"]) == ("gp-termination", "20260401", 1)
    (entry,) = [one for one in gateway.entries() if one.event == "policy-change"]
    assert dict(entry.detail)["name"] == "gp-termination"


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    ("body", "names"),
    [
        (_archive(RF2), ("gp-termination",)),
        (_archive(RF2), ("999=gp-termination",)),
        (_archive("id\n"), ("700=gp-termination",)),
        (_archive(RF2, "other.txt"), ("700=gp-termination",)),
        (_archive(RF2 + "u4\tx\t1\t1\t700\t1\n"), ("700=gp-termination",)),
        (_archive(RF2 + "u4\t2026\t1\t1\t700\t\u00b2\n"), ("700=gp-termination",)),
        *((one, ("700=gp-termination",)) for one in _damaged()),
        (b"PK\x03\x04 broken", ("gp-termination",)),
        (b"\xff\xfe", ("gp-termination",)),
    ],
)
def test_an_archive_that_cannot_be_read_whole_loads_nothing(gateway, body, names):
    with pytest.raises(FaultyRequestError):
        _load(gateway, body, *names)
    assert all(one["release"] is None for one in gateway.run(loaded(gateway.site.store))["sets"])


def test_a_withdrawn_item_is_labelled_anew_by_what_it_last_said(gateway, world):
    person = world.alice
    problem = {
        "resourceType": "Condition",
        "id": "c-1",
        "code": {"coding": [{"system": SNOMED, "code": HYPERTENSION}]},
        "subject": {"reference": f"Patient/{person}"},
    }
    put(gateway, person, problem, category="problems")
    put(gateway, person, problem, version=2, deleted=True, category="problems")
    assert is_outcome(gateway.get("Condition/c-1", world.doctor), 410)
    _import(gateway, f"code,system\n{HYPERTENSION},{SNOMED}\n", "gp-termination")
    _relabel(gateway)
    assert is_outcome(gateway.get("Condition/c-1", world.doctor), 404)
    assert is_outcome(gateway.get("Condition/c-1/_history/1", world.doctor), 404)
    assert is_outcome(gateway.get("Condition/c-1/_history", world.gp), 404)


def test_labelling_anew_says_of_old_rows_which_feed_they_came_by(gateway, world):
    put(gateway, world.alice, goal_row("g-old", world.alice, "of before"))
    _relabel(gateway)

    async def feed(conn):
        sql = "SELECT feed FROM resource WHERE resource_id = 'g-old'"
        return (await conn.fetch(sql))[0][0]

    assert gateway.write(feed) == "test"
    assert gateway.get("Goal/g-old", world.gp).status_code == 200


def test_dates_that_were_not_read_when_a_row_was_written_are_read_when_it_is_labelled_anew(
    gateway, world, monkeypatch
):
    done = {
        "resourceType": "Procedure",
        "id": "p-old",
        "status": "completed",
        "performedDateTime": "2019-03-04",
        "subject": {"reference": f"Patient/{world.alice}"},
    }

    def unread(resource):
        return MIN_MICROS, MAX_MICROS

    with monkeypatch.context() as before:
        before.setattr(columns, "period_of", unread)
        put(gateway, world.alice, done, category="problems")
        put(gateway, world.alice, done | {"id": "p-gone"}, category="problems")
        put(gateway, world.alice, done | {"id": "p-gone"}, version=2, deleted=True)

    async def days(conn):
        sql = "SELECT starts, ends FROM resource WHERE resource_id IN ('p-old', 'p-gone')"
        return {tuple(row) for row in await conn.fetch(sql)}

    assert gateway.write(days) == {(MIN_MICROS, MAX_MICROS)}
    _relabel(gateway)
    assert gateway.write(days) == {micros_covered("2019-03-04")}
    assert gateway.get("Procedure/p-old", world.gp).status_code == 200
    assert gateway.get("Procedure/p-gone", world.gp).status_code == 410
    assert _relabel(gateway) == {"looked_at": 0, "changed": 0}


def test_rows_are_labelled_anew_once_other_elements_say_their_dates(gateway, world, monkeypatch):
    _relabel(gateway)
    assert _relabel(gateway)["looked_at"] == 0
    read_now = columns.version()
    monkeypatch.setattr(columns, "PERIOD_ELEMENTS", {})
    read_then = columns.version.__wrapped__()
    assert read_then != read_now
    monkeypatch.setattr(columns, "version", lambda: read_then)
    gateway.site.store.vault.labels = LabelBook()  # as after a start
    assert _relabel(gateway)["looked_at"] > 0


def test_a_back_fill_outranks_nothing_that_was_said_live(gateway, world):
    """An extract of today holds what was so years ago; older history folds in its place."""
    (live,) = [g for g in world.of("Goal", world.alice, world.gp) if "swim again" in str(g)]
    extract = support_plan(
        council_person(ALICE),
        {"id": "SP-A", "written_at": "2026-11-21T23:00:00Z"},
        goals=[
            goal("G1", "I want to float.", started_on="2026-10-20"),
            goal("G-OLD", "I wanted to drive.", started_on="2020-10-20"),
        ],
    )
    who = gateway.token("provider", "system", COUNCIL, feeds=["social-care"])
    headers = {"Content-Type": "application/json", "Prefer": "back-fill"}
    again = support_plan(
        council_person(ALICE),
        {"id": "SP-A", "written_at": "2026-11-21T13:00:00Z"},
        goals=[goal("G1", "I want to swim again.", started_on="2026-10-20")],
    )
    gateway.push("social-care", COUNCIL, again)
    before = gateway.get(f"Goal/{live['id']}", world.gp).json()["meta"]["versionId"]
    answer = gateway.ask("POST", "/feeds/social-care", who, content=extract, headers=headers).json()
    assert answer["status"] == "taken"
    now = gateway.get(f"Goal/{live['id']}", world.gp).json()
    assert now["description"]["text"] == "I want to swim again."
    assert now["meta"]["versionId"] == before
