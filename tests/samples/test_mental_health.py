"""NHS England's MHSDS test records: which map, which are refused, and why."""

from mappings.core.applying.apply import map_item
from mappings.mental_health import FEED
from mappings.mental_health.message.mhsds import MHSDS
from mappings.mental_health.message.mhsds_record import MHSDS_RECORD


def test_mhsds(sample_folder):
    folder = sample_folder("mental-health", "mhsds_v6", "flat")
    members = {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}
    found = [(item, map_item(FEED.kinds[item.kind], item)) for item in MHSDS.read(members)]
    assert not [item.number for item, outcome in found if outcome.quarantined]
    warned = {(i.path, i.code) for _, outcome in found for i in outcome.issues}
    assert ("MHS001.NHSNumber", "unusable-nhs-number") in warned
    assert ("MHS009[0].NoFamilyCarePlanReason", "contradiction") in warned
    assert ("MHS002.GMPReg", "column-name") in warned
    unknown = [i.path for _, out in found for i in out.issues if i.code == "unknown-field"]
    assert unknown == []
    sent = [value for item, _ in found for value in _values(item.facts) if len(value) >= 4]
    texts = [issue.text for _, outcome in found for issue in outcome.issues]
    assert not [text for text in texts for value in sent if value in text]


def test_the_same_as_nested_records(sample_folder):
    body = (sample_folder("mental-health", "mhsds_v6") / "nested_record.json").read_bytes()
    assert MHSDS_RECORD.recognises({"": body})
    found = [
        (item, map_item(FEED.kinds[item.kind], item)) for item in MHSDS_RECORD.read({"": body})
    ]
    refused = [
        (item.kind, [issue.code for issue in outcome.issues if issue.code == "no-parent"])
        for item, outcome in found
        if outcome.quarantined
    ]
    assert refused == [(kind, ["no-parent"]) for kind in ["MHS402", "MHS403", "MHS404", "MHS405"]]


def _values(facts):
    if isinstance(facts, dict):
        return [value for child in facts.values() for value in _values(child)]
    if isinstance(facts, list):
        return [value for child in facts for value in _values(child)]
    return [facts]
