"""NHS England's CSDS test records: which map, which are refused, and why."""

from mappings.community import FEED
from mappings.community.message.csds import CSDS
from mappings.core.apply import map_item


def test_csds(sample_folder):
    folder = sample_folder("community", "csds_v1_6", "flat")
    members = {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}
    found = [(item, map_item(FEED.kinds[item.kind], item)) for item in CSDS.read(members)]
    refused = [(item.kind, outcome) for item, outcome in found if outcome.quarantined]
    assert [kind for kind, _ in refused] == ["CYP005"]
    (issue,) = [issue for issue in refused[0][1].issues if issue.code == "no-parent"]
    assert issue.path == "CYP005.PlanID"
    assert "upper and lower case" in issue.text
    assert len(refused) / len(found) <= 0.1
    unknown = [i.path for _, out in found for i in out.issues if i.code == "unknown-field"]
    assert unknown == []
    sent = [value for item, _ in found for value in _values(item.facts) if len(value) >= 4]
    texts = [issue.text for _, outcome in found for issue in outcome.issues]
    assert not [text for text in texts for value in sent if value in text]


def _values(facts):
    if isinstance(facts, dict):
        return [value for child in facts.values() for value in _values(child)]
    if isinstance(facts, list):
        return [value for child in facts for value in _values(child)]
    return [facts]
