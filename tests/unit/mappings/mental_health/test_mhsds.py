"""MHSDS: plan headers, referrals, contacts, scores; what is never stored."""

import csv
import io

import pytest

from mappings.core.applying.apply import map_item
from mappings.core.model import systems
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
    assert kinds == {*MHSDS.primaries, *MHSDS.children, *MHSDS.lists}
    assert kinds | {MHSDS.header} == set(TABLES)
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


def test_the_score_of_a_goal_without_its_words_is_a_score_and_no_goal():
    score = {
        "ServiceRequestID": "SR-1",
        "CodedAssToolType": "959951000000108",
        "PersScore": "4",
        "AssToolCompTimestamp": "2026-10-05T11:00:00+01:00",
    }
    members = FULL | {"MHS606CodedScoreAssessmentRefer.csv": _table(score)}
    (outcome,) = [out for item, out in _outcomes(members) if item.kind == "MHS606"]
    assert [made.type for made in outcome.resources] == ["Observation"]


def test_an_undated_score_is_refused():
    rows = _table({"ServiceRequestID": "SR-1", "CodedAssToolType": "720433000", "PersScore": "3"})
    members = FULL | {"MHS606CodedScoreAssessmentRefer.csv": rows}
    (outcome,) = [out for item, out in _outcomes(members) if item.kind == "MHS606"]
    assert outcome.quarantined
    assert {(i.path, i.code) for i in outcome.issues} == {
        ("MHS606.AssToolCompTimestamp", "missing"),
        ("MHS606.AssToolCompTimestamp", "publisher-refuses"),
    }


def test_sensitive_columns_and_anonymous_tables_leave_no_trace():
    """Gender identity and anonymous scores reach no resource; an offence reaches one role's."""
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
    found = _outcomes(members)
    person, indicators = (outcome for _, outcome in found)
    assert "SECRET" not in repr(person)
    assert [_category(made.resource) for made in indicators.resources] == [["safeguarding"]]
    assert "SECRET-4" not in repr(found)


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


def _case(name):
    return {
        path.name: path.read_bytes()
        for path in (GOLDEN / "mental-health" / name / "input").iterdir()
    }


def test_legal_status_is_shown_only_while_it_is_in_force():
    outcomes = _outcomes(_case("inpatient"))
    shown = [
        made.key
        for item, outcome in outcomes
        for made in outcome.resources
        if item.kind in ("MHS401", "MHS403", "MHS404", "MHS405")
    ]
    assert shown == [
        "MHS401|LS-1",
        "MHS401|LS-4",
        "MHS403|LS-2|2026-10-02",
        "MHS404|LS-2|2026-10-02",
        "MHS405|LS-2|2026-11-01|08:00:00",
    ]
    over = [
        outcome for item, outcome in outcomes if item.kind == "MHS401" and not outcome.resources
    ]
    assert [[issue.code for issue in outcome.issues] for outcome in over] == [["not-in-force"]] * 2
    assert not any(outcome.quarantined for outcome in over)


@pytest.mark.parametrize(
    ("status", "starts", "where"),
    [
        ("03", "2027-06-01", "StartDateMHActLegalStatusClass"),
        ("98", "2026-10-01", "LegalStatusCode"),
        ("99", "2026-10-01", "LegalStatusCode"),
    ],
)
def test_a_section_to_come_and_no_status_at_all_are_not_shown(status, starts, where):
    row = {
        "MHActLegalStatusClassPeriodID": "LS-9",
        "LocalPatientID": "MH-1",
        "LegalStatusCode": status,
        "StartDateMHActLegalStatusClass": starts,
        "StartTimeMHActLegalStatusClass": "09:00:00",
    }
    members = FULL | {"MHS401MHActPeriod.csv": _table(row)}
    ((_, outcome),) = [found for found in _outcomes(members) if found[0].kind == "MHS401"]
    assert (outcome.resources, outcome.quarantined) == ((), False)
    assert (f"MHS401.{where}", "not-in-force") in [(i.path, i.code) for i in outcome.issues]


def test_a_day_to_come_ends_no_stay_and_no_referral():
    stay = {"HospProvSpellID": "HS-9", "ServiceRequestID": "SR-9", "WardStayID": "WS-9"}
    spell = stay | {
        "StartDateHospProvSpell": "2026-10-01",
        "DischDateHospProvSpell": "2027-06-01",
        "PlannedDischDateHospProvSpell": "2027-06-01",
    }
    ward = stay | {"StartDateWardStay": "2026-10-01", "EndDateWardStay": "2027-06-01"}
    referral = {
        "ServiceRequestID": "SR-9",
        "LocalPatientID": "MH-1",
        "ReferralRequestReceivedDate": "2026-10-01",
        "ServDischDate": "2027-06-01",
    }
    members = FULL | {
        "MHS101Referral.csv": _table(referral),
        "MHS501HospProvSpell.csv": _table(spell),
        "MHS502WardStay.csv": _table(ward),
    }
    stays, asked = (_resources(members, kind) for kind in ("Encounter", "ServiceRequest"))
    assert {key: one["status"] for key, one in stays.items() if key.endswith("-9")} == {
        "spell|HS-9": "in-progress",
        "ward-stay|WS-9": "in-progress",
    }
    assert (asked["SR-9"]["status"], asked["discharge|HS-9"]["status"]) == ("active", "active")
    assert asked["SR-9"]["note"] == [{"text": "To be discharged on 2027-06-01"}]


def test_what_a_section_is_called_is_not_hidden_behind_its_number():
    made = _resources(_case("inpatient"), "Flag")["MHS401|LS-1"]
    assert made["code"]["coding"][0]["display"].startswith("Formally detained")
    assert "text" not in made["code"]


def test_what_tells_of_the_act_of_restraint_and_of_absence_is_restricted():
    restricted = {"MHS401", "MHS402", "MHS403", "MHS404", "MHS405", "MHS505", "MHS511"}
    for item, outcome in _outcomes(_case("inpatient")):
        for made in outcome.resources:
            level = made.resource["meta"]["security"][0]["code"]
            assert (level == "R") is (item.kind in {*restricted, "MHS518"}), made.key


def test_a_ward_stay_is_on_leave_while_a_leave_is_open():
    stays = _resources(_case("inpatient"), "Encounter")
    assert {key: stay["status"] for key, stay in stays.items()} == {
        "spell|HS-1": "in-progress",
        "spell|HS-2": "finished",
        "ward-stay|WS-1": "onleave",
        "ward-stay|WS-2": "finished",
        "ward-stay|WS-3": "in-progress",
    }
    assert stays["ward-stay|WS-1"]["partOf"]["reference"] == "urn:source:Encounter:spell|HS-1"


def test_an_expected_discharge_is_an_action_until_it_has_come():
    made = _resources(_case("inpatient"), "ServiceRequest")
    said = {
        key: (one["status"], one["occurrenceDateTime"], one["note"][0]["text"])
        for key, one in made.items()
        if key.startswith("discharge|")
    }
    assert said == {
        "discharge|HS-1": ("active", "2026-11-20", "The day is estimated."),
        "discharge|HS-2": ("completed", "2026-08-20", "The day is planned."),
    }


def test_a_leave_without_its_first_day_is_left_out_and_said():
    leave = _table({"WardStayID": "WS-3", "EndDateHomeLeave": "2026-10-31"})
    members = _case("inpatient") | {"MHS509HomeLeave.csv": leave}
    stay = _resources(members, "Encounter")["ward-stay|WS-3"]
    assert (stay["status"], "statusHistory" in stay) == ("in-progress", False)
    issues = [
        (issue.path, issue.code)
        for item, outcome in _outcomes(members)
        for issue in outcome.issues
        if item.kind == "MHS502"
    ]
    assert ("MHS509[0].StartDateHomeLeave", "missing") in issues


def test_a_discharge_plan_is_never_mistaken_for_a_care_plan_of_the_same_number():
    plans = _resources(_case("every-table"), "CarePlan")
    assert {key: plan["status"] for key, plan in plans.items()} == {
        "SR-1|discharge-plan": "active",
        "SR-2|discharge-plan": "completed",
        "SR-3|discharge-plan": "active",
    }
    agreed = _resources(_case("every-table"), "Provenance")
    assert agreed["SR-1|discharge-plan-agreed|10|2026-10-12|"]["target"] == [
        {"reference": "urn:source:CarePlan:SR-1|discharge-plan"}
    ]


def test_a_plan_updated_before_it_was_made_is_refused_by_the_publishers_rule():
    plans = _table(
        {
            "CarePlanID": "P-9",
            "LocalPatientID": "MH-1",
            "CarePlanTypeMH": "10",
            "CarePlanCreatDate": "2026-10-05",
            "CarePlanLastUpdateDate": "2026-10-01",
        }
    )
    members = _case("minimal") | {"MHS008CarePlanType.csv": plans}
    (outcome,) = [outcome for item, outcome in _outcomes(members) if item.kind == "MHS008"]
    assert outcome.quarantined
    assert [(i.path, i.code) for i in outcome.issues] == [
        ("MHS008.CarePlanLastUpdateDate", "publisher-refuses")
    ]
    assert "MHS00824" in outcome.issues[0].text
    older = _case("version-5") | {"MHS008CarePlanType.csv": plans}
    (outcome,) = [outcome for item, outcome in _outcomes(older) if item.kind == "MHS008"]
    assert not outcome.quarantined
    told = {issue.path: issue.code for issue in outcome.issues}
    assert told["MHS008.CarePlanLastUpdateDate"] == "contradiction"


def test_a_contact_attended_on_a_day_to_come_is_told_and_shown():
    contacts = _table(
        {
            "CareContactID": "CC-9",
            "ServiceRequestID": "SR-1",
            "CareContDate": "2027-06-01",
            "AttendStatus": "5",
        }
    )
    members = FULL | {"MHS201CareContact.csv": contacts}
    (outcome,) = [outcome for item, outcome in _outcomes(members) if item.kind == "MHS201"]
    told = {(issue.path, issue.code) for issue in outcome.issues}
    assert ("MHS201.CareContDate", "contradiction") in told
    assert _resources(members, "Encounter")["CC-9"]["status"] == "finished"


def test_version_5_names_its_teams_and_columns_otherwise():
    referral = _resources(_case("version-5"), "ServiceRequest")["SR-1"]
    assert [team["identifier"]["value"] for team in referral["performer"]] == ["T-1"]
    assert referral["performerType"]["coding"][0]["code"] == "A06"
    issues = [
        issue.code for _, outcome in _outcomes(_case("version-5")) for issue in outcome.issues
    ]
    assert "unknown-field" not in issues
    assert not [code for code in issues if code.startswith("publisher")]
