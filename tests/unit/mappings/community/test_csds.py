"""CSDS: plan headers, referrals and their teams, contacts, scores."""

from mappings.community import FEED
from mappings.community.message.csds import CSDS
from mappings.community.message.csds_tables import IGNORED_TABLES, TABLES
from mappings.core.applying.apply import map_item
from tests.golden.cases import GOLDEN

FOLDER = GOLDEN / "community/full/input"
FULL = {path.name: path.read_bytes() for path in FOLDER.iterdir()}


def _outcomes(members):
    return [(item, map_item(FEED.kinds[item.kind], item)) for item in CSDS.read(members)]


def _resources(members, resource_type):
    return {
        made.key: made.resource
        for _, outcome in _outcomes(members)
        for made in outcome.resources
        if made.type == resource_type
    }


def test_every_table_of_the_data_set_is_read_or_left_out_for_a_reason():
    assert not set(TABLES) & set(IGNORED_TABLES)
    kinds = {name for name in FEED.kinds if name.startswith("CYP")}
    assert kinds == {*CSDS.primaries, *CSDS.children, *CSDS.lists}
    assert kinds | {CSDS.header} == set(TABLES)


def test_every_row_of_the_full_delivery_maps():
    assert not [item.number for item, outcome in _outcomes(FULL) if outcome.quarantined]


def test_closing_one_team_does_not_close_the_referral():
    referral = _resources(FULL, "ServiceRequest")["SR-1"]
    assert referral["status"] == "active"
    assert [team["display"] for team in referral["performer"]] == [
        "Team T-1",
        "Team T-2 (closed on 2026-10-21)",
        "Team T-3 (rejected on 2026-10-03)",
    ]


def test_a_day_to_come_does_not_end_a_referral():
    rows = b"ServiceRequestID,LocalPatientID,ReferralRequest_ReceivedDate,Discharge_Date\n"
    members = FULL | {"CYP101Referral.csv": rows + b"SR-1,CH-1,2026-10-01,2027-06-01\n"}
    referral = _resources(members, "ServiceRequest")["SR-1"]
    assert referral["status"] == "active"
    assert referral["note"] == [{"text": "To be discharged on 2027-06-01"}]


def _warned(members, kind):
    return [
        issue.path
        for item, outcome in _outcomes(members)
        for issue in outcome.issues
        if item.kind == kind and issue.code == "contradiction" and not outcome.quarantined
    ]


def test_days_that_contradict_what_stands_beside_them_are_told_and_the_row_shown():
    rows = b"CareContactID,ServiceRequestID,Contact_Date,AttendanceStatus\n"
    contact = FULL | {"CYP201CareContact.csv": rows + b"CC-1,SR-1,2027-06-01,5\n"}
    assert _warned(contact, "CYP201") == ["CYP201.Contact_Date"]
    assert _resources(contact, "Encounter")["CC-1"]["status"] == "finished"
    rows = b"PlanID,LocalPatientID,Plan_Type,Plan_CreatedDate,Plan_LastUpdateDate\n"
    plan = FULL | {"CYP004CarePlanType.csv": rows + b"P-1,CH-1,10,2026-10-05,2026-10-01\n"}
    assert _warned(plan, "CYP004") == ["CYP004.Plan_LastUpdateDate"]
    assert not _warned(FULL, "CYP201")
    assert not _warned(FULL, "CYP004")


def test_a_team_without_a_number_is_left_out():
    teams = b"ServiceRequestID,TeamType\nSR-1,18\n"
    members = FULL | {"CYP102ServiceTypeReferredTo.csv": teams}
    referral = _resources(members, "ServiceRequest")["SR-1"]
    assert "performer" not in referral
    assert referral["performerType"]["coding"][0]["code"] == "18"


def test_a_plan_type_without_a_published_meaning_stays_the_code_it_is():
    plan = _resources(FULL, "CarePlan")["P-1"]
    (coding,) = plan["category"][1]["coding"]
    assert coding["code"] == "02"
    assert "display" not in coding


def test_a_provisional_diagnosis_is_not_a_confirmed_one():
    conditions = _resources(FULL, "Condition")
    provisional = [key for key, made in conditions.items() if "verificationStatus" in made]
    assert [key.split("|")[0] for key in provisional] == ["CYP606"]


def _wishes(row):
    heading = b"LocalPatientID,OrgID_LocalPatientID,NHSNumber,DeathLocationPreferred_Type,"
    heading += b"DiscussedPreferredDeathLocation_Indicator\n"
    person = heading + b"CH-1,RY9XX,9990000530," + row + b"\n"
    outcomes = _outcomes(FULL | {"CYP001MPI.csv": person})
    (outcome,) = (one for item, one in outcomes if item.kind == "CYP001")
    made = {one.key.split("|")[0]: one.resource for one in outcome.resources}
    found = [(one.path, one.code) for one in outcome.issues if one.path.startswith("CYP001")]
    return made, found


def test_where_somebody_would_wish_to_die_is_restricted_and_belongs_to_the_plan():
    made, issues = _wishes(b"42,Y")
    wish = made["preferred-place-of-death"]
    assert wish["valueCodeableConcept"]["coding"][0]["display"] == "Care home without nursing"
    discussed = made["preferred-place-of-death-discussed"]["valueCodeableConcept"]
    assert discussed["text"].startswith("Code Y of the list")
    for one in (wish, made["preferred-place-of-death-discussed"]):
        assert {label["code"] for label in one["meta"]["security"]} == {"R", "care-plan"}
    assert issues == []


def test_no_wish_is_made_of_a_blank_and_an_unknown_code_is_told():
    made, _ = _wishes(b",")
    assert not [key for key in made if key.startswith("preferred")]
    made, issues = _wishes(b"77,")
    assert made["preferred-place-of-death"]["valueCodeableConcept"] == {"text": "77"}
    assert issues == [("CYP001.DeathLocationPreferred_Type", "unmapped-code")]


def test_a_person_states_their_wishes_whole_so_that_one_taken_back_is_withdrawn():
    whole = FEED.kinds["CYP001"].whole
    assert whole is not None
    (item, *_) = (item for item, _ in _outcomes(FULL) if item.kind == "CYP001")
    assert whole(item.facts) == "CYP001|CH-1"


def test_a_mothers_number_is_nowhere():
    assert all("9990000549" not in repr(outcome) for _, outcome in _outcomes(FULL))


def test_an_agreement_whose_plan_differs_by_case_is_joined_and_one_without_a_plan_refused():
    folder = GOLDEN / "community/broken-joins/input"
    found = _outcomes({path.name: path.read_bytes() for path in folder.iterdir()})
    plan = next(outcome for item, outcome in found if item.kind == "CYP004")
    orphan = next(outcome for item, outcome in found if item.kind == "CYP005")
    assert [made.type for made in plan.resources] == ["CarePlan", "Provenance"]
    assert ("CYP005.PlanID", "joined-by-case") in [(i.path, i.code) for i in plan.issues]
    assert orphan.quarantined
    assert ("CYP005.PlanID", "no-parent") in [(i.path, i.code) for i in orphan.issues]


def test_an_agreement_that_could_mean_two_plans_is_joined_to_neither():
    plans = b"PlanID,LocalPatientID\np-1,CH-1\nP-1,CH-1\n"
    agreed = b"PlanID,Plan_AgreedBy\nP-1,10\n"
    members = FULL | {
        "CYP004CarePlanType.csv": plans,
        "CYP005CarePlanAgreement.csv": agreed,
    }
    status = {key: plan["status"] for key, plan in _resources(members, "CarePlan").items()}
    assert status == {"p-1": "draft", "P-1": "active"}
    members["CYP004CarePlanType.csv"] = b"PlanID,LocalPatientID\np-a,CH-1\nP-a,CH-1\n"
    members["CYP005CarePlanAgreement.csv"] = b"PlanID,Plan_AgreedBy\nP-A,10\n"
    (orphan,) = [outcome for item, outcome in _outcomes(members) if item.kind == "CYP005"]
    assert orphan.quarantined


def test_an_agreement_sent_twice_is_one():
    twice = b"PlanID,Plan_AgreedBy,Plan_AgreedDate\nP-1,10,2026-10-05\nP-1,10,2026-10-05\n"
    made = _resources(FULL | {"CYP005CarePlanAgreement.csv": twice}, "Provenance")
    assert [key for key in made if "|agreed|" in key] == ["P-1|agreed|10|2026-10-05|"]


def test_an_assessment_without_a_score_is_kept_without_one():
    rows = b"ServiceRequestID,SNOMED_ID,AssessmentCompletion_Date\nSR-1,763264000,2026-10-05\n"
    members = FULL | {"CYP609CodedAssessmentReferral.csv": rows}
    made = _resources(members, "Observation")["CYP609|SR-1|763264000|2026-10-05"]
    assert "valueQuantity" not in made


def test_what_the_specification_says_of_a_field_is_told_by_row_and_uid_and_refuses_nothing():
    """What the publisher does with such a row is not published: nothing is said of that."""
    plan = b"PlanID,LocalPatientID,Plan_Type,Plan_CreatedDate,Plan_CreatedTime\nP-1,L-1,02,soon,9\n"
    mpi = b"LocalPatientID,OrgID_LocalPatientID,HVFAV_Date\nL-1,RY9,no day\n"
    members = {name: body for name, body in FULL.items() if name.startswith("CYP000")}
    members |= {"CYP001MPI.csv": mpi, "CYP004CarePlanType.csv": plan}
    told = {
        (issue.path, issue.text.rpartition("(")[2])
        for _, outcome in _outcomes(members)
        for issue in outcome.issues
        if issue.code == "against-specification"
    }
    assert told == {
        ("CYP001.HVFAV_Date", "field C001120)"),
        ("CYP004.Plan_CreatedDate", "field C004040)"),
        ("CYP004.Plan_CreatedTime", "field C004050)"),
    }
    assert not [item.number for item, outcome in _outcomes(members) if outcome.quarantined]


def test_an_anonymous_table_is_joined_to_nobody():
    """Even where its columns would match: the scores of CYP613 reach no item."""
    scores = b"LocalPatientID,SNOMED_ID,Score\nCH-1,720433000,SECRET-4\n"
    members = FULL | {"CYP613AnonSelfAssessment.csv": scores}
    found = _outcomes(members)
    assert "SECRET-4" not in repr(found)
    assert [item.kind for item, _ in found] == [item.kind for item, _ in _outcomes(FULL)]


def test_safeguarding_and_child_protection_are_restricted_flags_for_one_role():
    plans = (
        b"LocalPatientID,CPP_Reason,CPP_StartDate,CPP_EndDate\n"
        b"CH-1,01,2026-05-01,\nCH-1,99,2026-06-01,2026-06-30\n"
    )
    flags = _resources(FULL | {"CYP403CPP.csv": plans}, "Flag")
    assert {key: (one["status"], _text(one)) for key, one in flags.items()} == {
        "CYP402|CH-1|01": ("active", "Code 01 of the list SAFEGUARDING VULNERABILITY FACTORS TYPE"),
        "CYP403|CH-1|01|2026-05-01": ("active", "Child protection plan: neglect"),
        "CYP403|CH-1|99|2026-06-01": ("inactive", "99"),
    }
    labels = [[label["code"] for label in one["meta"]["security"]] for one in flags.values()]
    assert labels == [["R", "safeguarding"]] * 3


def _text(flag):
    return flag["code"].get("text") or flag["code"]["coding"][0]["display"]


def test_whoever_did_an_activity_is_who_the_list_of_staff_says():
    folder = GOLDEN / "community/every-table/input"
    done = _resources({path.name: path.read_bytes() for path in folder.iterdir()}, "Procedure")
    (performer,) = done["CA-1"]["performer"]
    assert performer["actor"]["identifier"]["value"] == "ST-1"
    assert performer["actor"]["display"].startswith(
        "Registered under PH999999; Code 08 of the list"
    )
