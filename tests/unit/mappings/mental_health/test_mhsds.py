"""MHSDS: plan headers, referrals, contacts, scores; what is never stored."""

import csv
import io

import pytest

from mappings.core import systems
from mappings.core.apply import map_item
from mappings.mental_health import FEED
from mappings.mental_health.message.mhsds import MHSDS
from mappings.mental_health.message.mhsds_tables import IGNORED_TABLES, TABLES
from tests.golden.cases import GOLDEN

FOLDER = GOLDEN / "mental-health/full/input"
FULL = {path.name: path.read_bytes() for path in FOLDER.iterdir()}


def _table(*rows):
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _outcomes(members):
    return [(item, map_item(FEED.kinds[item.kind], item)) for item in MHSDS.read(members)]


def _resources(members, resource_type):
    return {
        made.key: made.resource
        for _, outcome in _outcomes(members)
        for made in outcome.resources
        if made.type == resource_type
    }


def _category(resource):
    return [
        coding["code"]
        for coding in resource["meta"]["security"]
        if coding["system"] == systems.ACCESS_CATEGORY
    ]


def test_every_table_of_the_data_set_is_read_or_left_out_for_a_reason():
    assert not set(TABLES) & set(IGNORED_TABLES)
    kinds = {name for name in FEED.kinds if name.startswith("MHS")}
    assert kinds == {*MHSDS.primaries, *MHSDS.children}
    assert all(reason for reason in IGNORED_TABLES.values())


def test_every_row_of_the_full_delivery_maps():
    assert not [item.number for item, outcome in _outcomes(FULL) if outcome.quarantined]


def test_items_are_numbered_over_the_delivery_and_paths_name_table_and_column():
    items = list(MHSDS.read(FULL))
    assert [item.number for item in items] == list(range(1, len(items) + 1))
    kind = FEED.kinds["MHS008"]
    assert kind.show(("MHS008", "CarePlanID")) == "MHS008.CarePlanID"
    assert kind.show(("MHS009", 0, "CarePlanID")) == "MHS009[0].CarePlanID"


def test_the_registered_practice_is_the_newest_open_one():
    first, second = (outcome for _, outcome in _outcomes(FULL)[:2])
    assert first.person.registered_practice == "H85001"
    assert second.person.registered_practice is None


def test_everything_is_mental_health_but_crisis_plans():
    for _, outcome in _outcomes(FULL):
        for made in outcome.resources:
            assert _category(made.resource) == ["mental-health"]
    crisis = {
        path.name: path.read_bytes()
        for path in (GOLDEN / "mental-health/restricted/input").iterdir()
    }
    plans = [
        made.resource
        for _, outcome in _outcomes(crisis)
        for made in outcome.resources
        if made.type in ("CarePlan", "Provenance")
    ]
    assert [_category(plan) for plan in plans] == [["crisis-plan"]] * 3


def test_a_plan_without_an_agreement_is_never_agreed():
    plans = _resources(FULL, "CarePlan")
    assert {key: plan["status"] for key, plan in plans.items()} == {
        "P-1": "active",
        "P-2": "draft",
        "P-3": "completed",
    }
    agreed = [key for key in _resources(FULL, "Provenance") if "|agreed|" in key]
    assert [key.split("|")[0] for key in agreed] == ["P-1", "P-1"]


def test_each_agreement_is_said_once_with_its_code():
    made = _resources(FULL, "Provenance")["P-1|agreed|13|2026-10-07|"]
    assert made["agent"][0]["role"][0]["coding"][0]["code"] == "13"
    assert "display" not in made["agent"][0]["role"][0]["coding"][0]


@pytest.mark.parametrize(
    ("contact", "status"),
    [
        ("CC-1", "finished"),
        ("CC-2", "finished"),
        ("CC-3", "cancelled"),
        ("CC-4", "planned"),
        ("CC-5", "cancelled"),
    ],
)
def test_only_an_attended_contact_happened(contact, status):
    encounter = _resources(FULL, "Encounter")[contact]
    assert encounter["status"] == status
    assert ("type" in encounter) is (contact == "CC-3")


def test_scores_of_one_referral_pair_over_a_change_of_code():
    scores = _resources(FULL, "Observation").values()
    phq = [
        made
        for made in scores
        if any(coding["code"] == "720433000" for coding in made["code"]["coding"])
    ]
    phq.sort(key=lambda made: made["effectiveDateTime"])
    assert [made["valueQuantity"]["value"] for made in phq] == [14, 8]
    assert phq[0]["basedOn"] == phq[1]["basedOn"]


def test_a_score_of_an_activity_is_dated_by_its_contact():
    made = _resources(FULL, "Observation")["MHS607|CA-1|445455005"]
    assert made["effectiveDateTime"] == "2026-10-05T11:00:00+01:00"
    assert made["encounter"]["reference"] == "urn:source:Encounter:CC-1"


def test_an_undated_score_is_refused():
    rows = _table({"ServiceRequestID": "SR-1", "CodedAssToolType": "720433000", "PersScore": "3"})
    members = FULL | {"MHS606CodedScoreAssessmentRefer.csv": rows}
    (outcome,) = [out for item, out in _outcomes(members) if item.kind == "MHS606"]
    assert outcome.quarantined
    assert [(i.path, i.code) for i in outcome.issues] == [
        ("MHS606.AssToolCompTimestamp", "missing")
    ]


def test_sensitive_columns_and_anonymous_tables_leave_no_trace():
    """Gender identity, offence history and anonymous scores reach no resource."""
    mpi = _table(
        {
            "LocalPatientID": "MH-1",
            "OrgIDLocalPatientID": "RV9XX",
            "GenderIDCode": "SECRET-1",
            "GenderSameAtBirth": "SECRET-2",
        }
    )
    hidden = _table({"LocalPatientID": "MH-1", "OffenceHistory": "SECRET-3"})
    anonymous = _table({"CodedAssToolType": "720433000", "PersScore": "SECRET-4"})
    members = {
        "MHS000Header.csv": FULL["MHS000Header.csv"],
        "MHS001MPI.csv": mpi,
        "MHS005PatInd.csv": hidden,
        "MHS608AnonSelfAssess.csv": anonymous,
    }
    ((item, outcome),) = _outcomes(members)
    assert outcome.resources
    assert "SECRET" not in repr(outcome)
    assert "SECRET-3" not in repr(item)
    assert "SECRET-4" not in repr(item)


@pytest.mark.parametrize(
    ("indicator", "reason", "said"),
    [("N", "02", "no. Reason"), ("X", "", "code X."), ("", "03", "Reason for there being none")],
)
def test_what_is_said_of_a_family_plan(indicator, reason, said):
    agreement = _table(
        {
            "CarePlanID": "P-1",
            "FamilyCarePlanIndicator": indicator,
            "NoFamilyCarePlanReason": reason,
        }
    )
    members = FULL | {"MHS009CarePlanAgreement.csv": agreement}
    notes = _resources(members, "CarePlan")["P-1"]["note"]
    assert said in notes[1]["text"]


def test_a_further_team_without_a_number_is_left_out():
    teams = _table({"ServiceRequestID": "SR-1", "ReferClosureDate": "2026-10-21"})
    made = _resources(FULL | {"MHS102OtherServiceType.csv": teams}, "ServiceRequest")["SR-1"]
    assert [team["identifier"]["value"] for team in made["performer"]] == ["T-1"]


def test_a_hundred_rows_with_one_bad_one_apply_but_for_that_one():
    people = [
        {"LocalPatientID": f"MH-{number}", "OrgIDLocalPatientID": "RV9XX"} for number in range(100)
    ]
    plans = [
        {"CarePlanID": f"P-{number}", "LocalPatientID": f"MH-{number}", "CarePlanTypeMH": "10"}
        for number in range(100)
    ]
    plans[41]["LocalPatientID"] = "nobody"
    members = {
        "MHS000Header.csv": FULL["MHS000Header.csv"],
        "MHS001MPI.csv": _table(*people),
        "MHS008CarePlanType.csv": _table(*plans),
    }
    bad = [item.number for item, outcome in _outcomes(members) if outcome.quarantined]
    assert bad == [142]


def test_an_assessment_without_a_score_is_kept_without_one():
    rows = _table(
        {
            "ServiceRequestID": "SR-1",
            "CodedAssToolType": "720433000",
            "AssToolCompTimestamp": "2026-10-05",
        }
    )
    members = FULL | {"MHS606CodedScoreAssessmentRefer.csv": rows}
    made = _resources(members, "Observation")["MHS606|SR-1|720433000|2026-10-05"]
    assert "valueQuantity" not in made
