"""NHS England's CSDS test records: which map, which are refused, and why."""

import csv

from mappings.community import FEED
from mappings.community.message.csds import CSDS
from mappings.community.message.csds_record import CSDS_RECORD
from mappings.community.message.csds_tables import TABLES
from mappings.core.applying.apply import map_item


def test_csds(sample_folder):
    folder = sample_folder("community", "csds_v1_6", "flat")
    members = {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}
    found = [(item, map_item(FEED.kinds[item.kind], item)) for item in CSDS.read(members)]
    assert not [item.number for item, outcome in found if outcome.quarantined]
    (plan,) = [outcome for item, outcome in found if item.kind == "CYP004"]
    assert [(issue.path, issue.code) for issue in plan.issues] == [
        ("CYP005.PlanID", "joined-by-case")
    ]
    assert [made.type for made in plan.resources] == ["CarePlan", "Provenance", "Provenance"]
    unknown = [i.path for _, out in found for i in out.issues if i.code == "unknown-field"]
    assert unknown == []
    sent = [value for item, _ in found for value in _values(item.facts) if len(value) >= 4]
    texts = [issue.text for _, outcome in found for issue in outcome.issues]
    assert not [text for text in texts for value in sent if value in text]


def test_the_same_as_nested_records(sample_folder):
    body = (sample_folder("community", "csds_v1_6") / "nested_record.json").read_bytes()
    assert CSDS_RECORD.recognises({"": body})
    found = [(item, map_item(FEED.kinds[item.kind], item)) for item in CSDS_RECORD.read({"": body})]
    refused = [
        (item.kind, [issue.code for issue in outcome.issues if issue.code == "no-parent"])
        for item, outcome in found
        if outcome.quarantined
    ]
    assert refused == []


def _values(facts):
    if isinstance(facts, dict):
        return [value for child in facts.values() for value in _values(child)]
    if isinstance(facts, list):
        return [value for child in facts for value in _values(child)]
    return [facts]


def test_every_field_of_the_specification_is_known_by_its_name_its_uid_and_its_dictionary_name(
    shared_folder,
):
    """Columns of extracts bear the dictionary's names; the field's uid says which column it is."""
    with (shared_folder / "specs/csds_v1_5_submission_spec.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["table"][:6] in TABLES]
    assert rows
    names = ("field", "uid", "nhs_data_dictionary_name")
    known = [{TABLES[row["table"][:6]].known(row[name]) for name in names} for row in rows]
    assert not [row["uid"] for row, found in zip(rows, known, strict=True) if len(found) != 1]
    assert not [row["uid"] for row, found in zip(rows, known, strict=True) if None in found]
