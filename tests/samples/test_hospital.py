"""Every public hospital sample: read without loss, mapped or quarantined with a reason.

The outside oracle for reading is the `hl7` package: the same segments with the same fields.
"""

import re
import time
from typing import Any

import hl7
import pytest
import yaml

from mappings.core.applying.apply import map_item
from mappings.core.model.outcome import NotThisFormatError
from mappings.hospital import FEED
from mappings.hospital.message.reader import read, recognises

_ADT = ("01", "02", "03", "04", "05", "08", "11", "13", "28", "31")
_OTHERS = ("PPR^PC1", "PPR^PC2", "PPR^PC3", "ORU^R01", "MDM^T02", "OML^O21", "REF^I12", "SIU^S12")
MAPPED = (*(f"ADT^A{event}" for event in _ADT), *_OTHERS)
NO_MESSAGE = ("pyhl7_sample_bad_batch.hl7", "pyhl7_sample_bad_file.hl7")
ENVELOPE = ("FHS", "BHS", "BTS", "FTS")


@pytest.fixture(scope="module")
def folder(shared_folder):
    return shared_folder / "samples" / "hospital"


@pytest.fixture(scope="module")
def files(folder):
    found = sorted(path for path in folder.glob("*.hl7*") if path.name not in NO_MESSAGE)
    assert len(found) >= 45
    return found


def _outcomes(files):
    for path in files:
        for item in read({"": path.read_bytes()}):
            kind = FEED.kinds.get(item.kind)
            yield path.name, item, map_item(kind, item) if kind else None


def _sent(path):
    """The messages of a file as the outside library sees them: [(segment, [field, ...])]."""
    text = path.read_bytes().decode("utf-8-sig")
    lines = [line for line in re.split(r"[\r\n]+", text) if line.strip()]
    messages, current = [], None
    for line in lines:
        if line[:3] in ENVELOPE:
            current = None
        elif line.startswith("MSH"):
            current = [line]
            messages.append(current)
        elif current is not None:
            current.append(line)
    return [hl7.parse("\r".join(lines) + "\r") for lines in messages]


def _flat(facts):
    """Every segment of a tree, by name, as sets of its fields' texts."""
    for name, entries in facts.items():
        if isinstance(entries, list):
            for entry in entries:
                yield name, {n: v.rstrip() for n, v in entry.items() if isinstance(v, str)}
                yield from _flat(entry)


def test_no_segment_and_no_field_is_lost(files):
    compared = 0
    for path in files:
        if path.name == "lfh_sample_win.hl7":  # holds a stray quotation mark after MSH-25
            continue
        items = [item for item in read({"": path.read_bytes()}) if "MSH" in item.facts]
        theirs = _sent(path)
        assert len(items) == len(theirs), path.name
        for item, message in zip(items, theirs, strict=True):
            separator = str(message[0][1][0])
            names = [str(segment[0][0]).strip() for segment in message]
            assert item.facts["order"].split() == names, path.name
            ours = sorted((name, sorted(fields.items())) for name, fields in _flat(item.facts))
            if separator != "|" or item.facts["MSH"][0]["2"] not in ("^~\\&", "^~\\&#"):
                assert len(ours) == len(names)
                continue
            sent = sorted(
                (
                    str(segment[0][0]).strip(),
                    sorted(
                        (str(number), str(field).rstrip())
                        for number, field in enumerate(segment)
                        if number and str(field).strip()
                    ),
                )
                for segment in message
            )
            assert ours == sent, path.name
            compared += len(sent)
    assert compared > 2000


def test_at_least_nine_in_ten_of_the_mapped_kinds_are_taken(files):
    results = [(n, i, o) for n, i, o in _outcomes(files) if i.kind in MAPPED]
    taken = [item for _, item, outcome in results if not outcome.quarantined]
    assert len(results) >= 95
    assert len(taken) / len(results) >= 0.9
    assert {item.kind for item in taken} == set(MAPPED)
    for name, _, outcome in results:
        if outcome.quarantined:
            reasons = [i for i in outcome.issues if i.severity == "error"]
            assert reasons, name
            assert all(issue.path and issue.text for issue in reasons), name


def test_every_sample_of_these_is_taken_today(files):
    refused = {
        (name, issue.path, issue.code)
        for name, item, outcome in _outcomes(files)
        if item.kind in MAPPED and outcome.quarantined
        for issue in outcome.issues
        if issue.severity == "error"
    }
    assert refused == {  # two batches whose messages have no PID
        ("pyhl7_sample_bad_batch1.hl7", "PID-3", "names-nobody"),
        ("pyhl7_sample_bad_file1.hl7", "PID-3", "names-nobody"),
    }


def test_what_each_sample_is_reported_for(files):
    said: dict[Any, Any] = {}
    for name, _, outcome in _outcomes(files):
        if outcome:
            said.setdefault(name, set()).update((i.path, i.code) for i in outcome.issues)
    assert said["lfh_sample_unix.hl7"] == {
        ("PRB", "no-end"),
        ("MSH-2", "delimiters"),
        ("PV1-2", "unmapped-code"),
        ("PV1-4", "unmapped-code"),
        ("PV1-16", "unmapped-code"),
    }
    assert said["ms_PC1-Problem-Add-v2.3.1.hl7"] == {("MSH-18", "byte-order-mark")}
    assert said["sim_messages_first200.hl7stream"] == {("PV1-4", "unmapped-code")}
    assert said["lfh_ppr_pc1_02.hl7"] == set()


def test_the_problem_messages_come_to_what_they_say(folder):
    def condition(name):
        (item,) = read({"": (folder / name).read_bytes()})
        result = map_item(FEED.kinds[item.kind], item)
        return next(one.alone() for one in result.resources if one.type == "Condition")

    added = condition("ms_PC1-Problem-Add-v2.3.1.hl7")
    assert added["clinicalStatus"]["coding"][0]["code"] == "active"
    resolved = condition("ms_PC1-Problem-Update-v2.3.1.hl7")
    assert resolved["clinicalStatus"]["coding"][0]["code"] == "resolved"
    assert resolved["abatementDateTime"] == "2004-06-29"
    deleted = condition("ms_PC1-Problem-Delete-v2.3.1.hl7")
    assert deleted["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert "clinicalStatus" not in deleted
    assert deleted["note"]


def test_what_results_documents_and_meetings_come_to(folder):
    def types(name):
        (item,) = read({"": (folder / name).read_bytes()})
        result = map_item(FEED.kinds[item.kind], item)
        unknown = [issue.path for issue in result.issues if issue.code == "unknown-field"]
        assert unknown == [], name
        return {one.type for one in result.resources} - {"Patient", "RelatedPerson"}

    reported = {"DiagnosticReport", "Observation"}
    for name in ("ms_ORU-R01-01", "ms_LAB-ORU-1", "sim_ORU_R01_0001", "lfh_ORU-multiline-short"):
        assert types(f"{name}.hl7") == reported, name
    assert types("ms_MDM-T02-01.hl7") == {"DocumentReference"}
    assert types("ms_REF-I12-01.hl7") == {"ServiceRequest", "AllergyIntolerance"} | reported
    assert types("ms_SIU-S12-01.hl7") == {"Appointment"}
    assert types("nwgmsa_mft_OML_O21_pdf.hl7") == {"ServiceRequest"}


def test_a_stream_of_two_hundred_messages_is_two_hundred_items(folder):
    items = list(read({"": (folder / "sim_messages_first200.hl7stream").read_bytes()}))
    assert [item.number for item in items] == list(range(1, 201))
    assert {item.kind for item in items} == {"ADT^A01", "MDM^T02", "ORU^R01"}
    assert not any(item.issues for item in items)


def test_every_message_is_mapped_and_what_stands_outside_of_one_is_named(files):
    named = {item.kind for _, item, outcome in _outcomes(files) if outcome is None}
    assert named == {"outside-a-message"}


def test_merges_name_two_records_of_one_source(files):
    """The one link names its people by numbers of no hospital, and is refused."""
    found: dict[str, list[Any]] = {"ADT^A34": [], "ADT^A40": [], "ADT^A24": []}
    for _, item, outcome in _outcomes(files):
        if item.kind in found:
            found[item.kind] += [(outcome.quarantined, merge) for merge in outcome.merges]
    assert found["ADT^A24"] == []
    assert len(found["ADT^A34"]) == 1
    assert len(found["ADT^A40"]) == 2
    for refused, merge in (*found["ADT^A34"], *found["ADT^A40"]):
        assert not refused
        assert merge.gone.partition(":")[0] == merge.stays.partition(":")[0]
        assert merge.gone != merge.stays


def test_a_batch_without_a_message_is_refused(folder):
    for name in NO_MESSAGE:
        with pytest.raises(NotThisFormatError) as refused:
            list(read({"": (folder / name).read_bytes()}))
        assert refused.value.path == "MSH"


def test_an_envelope_in_the_middle_keeps_what_can_be_read(folder):
    raw = (folder / "pyhl7_sample_bad_batch1.hl7").read_bytes()
    first, stray = read({"": raw})
    assert (first.kind, first.facts["order"]) == ("ADT^A04", "MSH EVN")
    assert (stray.kind, stray.facts["order"]) == ("outside-a-message", "PID PD1 NK1 PV1")


def test_every_sample_is_recognised(files):
    assert all(recognises({"": path.read_bytes()}) for path in files)


def test_the_invalid_messages_of_the_simulator_do_no_harm(folder):
    held = yaml.safe_load((folder / "sim_invalid_messages.yml").read_text(encoding="utf-8"))
    lines = held["InvalidNhsNum"]["segments"]
    (item,) = read({"": "\r".join(lines).encode()})
    outcome = map_item(FEED.kinds[item.kind], item)
    assert not outcome.quarantined
    assert len(outcome.person.nhs_numbers) == 1
    assert str(outcome.person.local_id).startswith("SFAC:")


def test_no_issue_repeats_what_was_sent(files):
    for name, item, outcome in _outcomes(files):
        issues = [*item.issues, *(outcome.issues if outcome else ())]
        values = {
            part
            for _, fields in _flat(item.facts)
            for value in fields.values()
            for part in re.split(r"[\^~&]", value)
            if len(part) >= 4
        }
        for issue in issues:
            assert not [v for v in values if v in issue.path], name
            assert not [v for v in values if v in issue.text and not v.islower()], name


def test_no_sample_cut_short_or_spoilt_raises(files):
    for path in files:
        raw = path.read_bytes()[:6000]
        for cut in range(0, len(raw), max(1, len(raw) // 12)):
            for spoilt in (raw[:cut], raw[:cut] + b"\xff\x00|^~&\\" + raw[cut:]):
                try:
                    items = list(read({"": spoilt}))
                except NotThisFormatError:
                    continue
                for item in items:
                    if item.kind in FEED.kinds:
                        map_item(FEED.kinds[item.kind], item)


@pytest.mark.soak
def test_reading_keeps_up(folder):
    """A small message: 20,000 a second on an idle core; a tenth of that here, on a shared one."""
    raw = (folder / "lfh_ppr_pc1_01.hl7").read_bytes()
    best = min(_seconds(raw) for _ in range(5))
    assert 200 / best > 2000


def _seconds(raw):
    start = time.perf_counter()
    for _ in range(200):
        list(read({"": raw}))
    return time.perf_counter() - start
