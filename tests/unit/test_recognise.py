"""What an archive holds: every file is read, or said to be unknown by its position."""

import io
import zipfile

import pytest

from gateway.errors import NotTheFormatError
from gateway.flows.intake.map_items import MOST_RESOURCES
from gateway.flows.intake.prepare import prepared
from gateway.flows.intake.recognise import recognised
from gateway.flows.intake.unpack import members_of
from gateway.store.keyring.keys import KeyedHasher
from mappings.core.model.outcome import NotThisFormatError
from mappings.registry import FEEDS
from tests.golden.cases import GOLDEN
from tests.integration.taking import START, zipped

PLAN = (GOLDEN / "social-care/minimal/input/plan.json").read_bytes()
ADT = next((GOLDEN / "hospital/minimal/input").iterdir()).read_bytes()
HASHER = KeyedHasher((b"k" * 32,), b"i" * 32)
NAME = "norma ashdown.pdf"


def _cld():
    sources = (one.read_bytes() for one in sorted((GOLDEN / "social-care").glob("*/input/*.csv")))
    return next(sources)


def _items(feed, files, media_type="application/zip"):
    contents = recognised(FEEDS[feed], files, media_type)
    return [item for _, item in contents.items()]


def _prepared(feed, files, received=None):
    return list(prepared(FEEDS[feed], recognised(FEEDS[feed], files, ""), HASHER, received))


def test_two_formats_in_one_archive_are_both_read():
    items = _items("social-care", {"a/return.csv": _cld(), "b/plan.json": PLAN})
    kinds = {item.kind for item in items}
    assert "support-plan" in kinds
    assert any(kind.startswith("cld-") for kind in kinds)
    numbers = [item.number for item in items]
    assert len(set(numbers)) == len(numbers)


def test_files_of_one_name_in_two_folders_are_both_read():
    body = zipped({"one/plan.json": PLAN, "two/plan.json": PLAN})
    items = _items("social-care", members_of(body, 2**20))
    assert [(item.kind, item.number) for item in items] == [
        ("support-plan", 1),
        ("support-plan", 2),
    ]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_read_twice():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("plan.json", PLAN)
        archive.writestr("plan.json", PLAN)
    assert len(members_of(made.getvalue(), 2**20)) == 2


@pytest.mark.parametrize("feed", FEEDS)
def test_the_files_of_two_folders_are_two_groups(feed):
    case = GOLDEN / feed / "minimal" / "input"
    files = {one.name: one.read_bytes() for one in sorted(case.iterdir())}
    alone = _items(feed, {f"a/{name}": body for name, body in files.items()})
    both = _items(feed, {f"{f}/{n}": body for f in "ab" for n, body in files.items()})
    assert len(both) == 2 * len(alone)
    assert [item.number for item in both[len(alone) :]] != [item.number for item in alone]


def test_tables_of_one_submission_in_several_folders_are_read_together():
    case = GOLDEN / "mental-health" / "minimal" / "input"
    files = {one.name: one.read_bytes() for one in sorted(case.iterdir())}
    alone = _items("mental-health", files)
    spread = _items("mental-health", {f"{name[:6]}/{name}": body for name, body in files.items()})
    by_folder = {f"{name[:6]}/part-1.csv": body for name, body in files.items()}
    assert spread == alone == _items("mental-health", by_folder)


def test_several_messages_in_an_archive_are_taken_each_alone():
    items = _items("hospital", {"2.hl7": ADT, "1.hl7": ADT + b"\r" + ADT})
    assert [item.number for item in items] == [1, 2, 3]


def test_a_file_nobody_knows_is_quarantined_by_its_position_and_not_its_name():
    files = {"plan.json": PLAN, NAME: b"%PDF-1.4 norma", "z.json": PLAN}
    found = _prepared("social-care", files)
    unknown = found[-1]
    assert [one.item.number for one in found] == [1, 2, 3]
    assert unknown.outcome.quarantined
    (issue,) = unknown.outcome.issues
    assert (issue.path, issue.code) == ("file 2", "unknown-file")
    assert "norma" not in repr(found[-1]).casefold()


def test_a_file_that_cannot_be_read_does_not_keep_the_others_out():
    files = {"good.json": PLAN, "bad.json": PLAN[:-20]}
    found = _prepared("social-care", files)
    assert [one.outcome.quarantined for one in found] == [False, True]
    assert found[1].outcome.issues[0].path == "file 2"


def test_where_no_file_can_be_read_the_reason_of_the_first_is_given():
    with pytest.raises(NotThisFormatError):
        _items("social-care", {"a.json": PLAN[:-20], "b.json": PLAN[:-30]})
    with pytest.raises(NotTheFormatError):
        recognised(FEEDS["social-care"], {"a.pdf": b"%PDF", ".DS_Store": b"x"}, "")


def test_hidden_and_empty_files_are_left_out_with_one_warning():
    files = {
        ".DS_Store": b"\0\0Bud1", "__MACOSX/._plan.json": b"\0\5", "empty.txt": b"",
        "plan.json": PLAN,
    }  # fmt: skip
    (item,) = _items("social-care", files)
    (noted,) = [issue for issue in item.issues if issue.code == "ignored-file"]
    assert noted.text.startswith("3 ")


@pytest.mark.parametrize(
    ("feed", "body", "path"),
    [
        ("hospital", b"MSH|^~\\&|A|B|C|D|20260101||BAR^P01|1|P|2.4\rPID|1||7\r", "MSH-9"),
    ],
)
def test_a_kind_that_is_not_mapped_names_the_field_that_says_so(feed, body, path):
    (one,) = _prepared(feed, {"": body})
    assert one.outcome.quarantined
    last = one.outcome.issues[-1]
    assert (last.path, last.code) == (path, "kind-not-mapped")
    assert "will be mapped" in last.text


def test_a_source_time_that_is_ahead_counts_as_unstated():
    ahead = PLAN.replace(b'"written_at": "20', b'"written_at": "21')
    assert ahead != PLAN
    (one,) = _prepared("social-care", {"": ahead}, START)
    assert not one.outcome.quarantined
    assert one.outcome.source_time == ""
    assert one.outcome.issues[-1].code == "future-time"
    assert _prepared("social-care", {"": PLAN}, START)[0].outcome.source_time


def test_an_item_of_too_many_resources_is_quarantined(monkeypatch):
    monkeypatch.setattr("gateway.flows.intake.map_items.MOST_RESOURCES", 1)
    (one,) = _prepared("social-care", {"": PLAN})
    assert one.outcome.quarantined
    assert one.outcome.issues[-1].code == "too-large"
    assert not one.outcome.resources
    assert f"{MOST_RESOURCES:,}" in one.outcome.issues[-1].text


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_archive_is_refused_whatever_compressed_it(method):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        archive.writestr("plan.json", PLAN)
    whole = made.getvalue()
    texts = []
    for place in range(39, len(whole) - 80, 7):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        try:
            members_of(bytes(damaged), 2**20)
        except NotTheFormatError as reason:
            texts += [fault.text for fault in reason.faults]
    assert len(texts) > 20
    assert set(texts) == {"the archive cannot be read"}
