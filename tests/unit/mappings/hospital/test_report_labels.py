"""A report and its documents are no less restricted than the results that stand in it."""

from mappings.core.applying.apply import map_item
from mappings.registry import FEEDS

HOSPITAL = FEEDS["hospital"]
HEAD = (
    "MSH|^~\\&|LAB|RAX|GW|SWL|20261001090000||ORU^R01|1|P|2.4",
    "PID|1||5500902^^^RAX^MR||ASHDOWN^Norma||19430304|2",
    "PV1|1|O",
)
DOCUMENT = "OBX|2|ED|PDF^Report^L||^AP^^Base64^JVBERi0xLjQK||||||F"


def _labels(*segments: str) -> dict[str, set[str]]:
    (item,) = HOSPITAL.formats[0].read({"": "\r".join((*HEAD, *segments)).encode()})
    made = map_item(HOSPITAL.kinds[item.kind], item)
    assert not made.quarantined
    return {
        one.type: {coding["code"] for coding in one.resource["meta"]["security"]}
        for one in made.resources
    }


def _report(result: str) -> dict[str, set[str]]:
    return _labels("OBR|1|P1|F1|SER^Serology^L|||20261001080000", "NTE|1||Words", result, DOCUMENT)


def test_what_a_result_reveals_its_report_and_its_document_reveal():
    labels = _report("OBX|1|CE|165816005^HIV positive^SCT||10828004^Positive^SCT||||||F")
    for resource_type in ("Observation", "DiagnosticReport", "DocumentReference"):
        assert {"R", "HIV"} <= labels[resource_type], resource_type
    assert "HIV" not in labels["Patient"]


def test_a_report_of_what_is_not_sensitive_is_as_open_as_its_visit():
    labels = _report("OBX|1|NM|718-7^Haemoglobin^LN||130|g/L|||||F")
    assert {"N", "documents"} == labels["DocumentReference"]
    assert {"N", "observations"} == labels["DiagnosticReport"]
