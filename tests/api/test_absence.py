"""What a later file leaves out, as whoever reads the record and the provider see it."""

from tests.integration.returns import plan, submission

FIRST = submission("2026-10-31", "2026-11-05T08:00:00", MHS008=(plan(1), plan(2)))
RESENT = submission("2026-10-31", "2026-11-12T08:00:00", MHS008=(plan(1),))


def _push(gateway, delivery):
    return gateway.push("mental-health", "RQY", delivery.body, "application/zip")


def test_what_is_taken_back_is_410_and_its_lineage_says_by_which_submission(gateway):
    first = _push(gateway, FIRST)
    answer = _push(gateway, RESENT)
    assert "absent-withdrawn" in [one["code"] for one in answer["issues"]]
    told = {one["reference"] for one in first["resources"]}
    kept = {one["reference"] for one in answer["resources"]}
    [gone] = [one for one in told - kept if one.startswith("CarePlan/")]
    nurse = gateway.token("mental-health-nurse", "mh-1", "RQY")
    assert gateway.get(gone, nurse).status_code == 410
    [element] = gateway.get(f"{gone}/$lineage", nurse).json()["parameter"]
    parts = {part["name"]: part for part in element["part"]}
    assert parts["path"]["valueString"] == "CarePlan"
    assert parts["rule"]["valueString"] == "absence.not-in-file"
    assert parts["sourceField"]["valueString"] == (
        "no longer in the submission of 2026-11-12 for the period to 2026-10-31"
    )
    assert parts["delivery"]["valueString"] == answer["delivery"]
    stranger = gateway.token("mental-health-nurse", "mh-2", "RX9")
    assert gateway.get(f"{gone}/$lineage", stranger).status_code == 404
