"""MHSDS: who the professionals are (MHS901), and what the indicators of a person say (MHS005)."""

import json

import pytest

from mappings.core.applying.apply import map_item
from mappings.mental_health import FEED
from mappings.mental_health.message.mhsds import MHSDS
from mappings.mental_health.message.mhsds_record import MHSDS_RECORD
from tests.golden.cases import GOLDEN

FULL = {path.name: path.read_bytes() for path in (GOLDEN / "mental-health/full/input").iterdir()}
STAFF = "MHS901StaffDetails.csv"
HEAD = FULL[STAFF].splitlines(keepends=True)[0]


def _mapped(members, kind):
    return [
        map_item(FEED.kinds[item.kind], item) for item in MHSDS.read(members) if item.kind == kind
    ]


def _codes(outcomes):
    return [
        (issue.path, issue.code)
        for outcome in outcomes
        for issue in outcome.issues
        if issue.code in ("not-in-list", "ambiguous-key", "unmapped-code")
    ]


def _members(outcomes):
    return [
        part["member"]
        for outcome in outcomes
        for made in outcome.resources
        for part in made.resource["participant"]
    ]


def test_a_care_co_ordinator_is_who_the_list_of_staff_says():
    outcomes = _mapped(FULL, "MHS006")
    unlisted, listed = _members(outcomes)
    assert listed["display"].startswith("Registered under 99A1234E; Code 09 of the list PROF")
    assert listed["identifier"]["assigner"]["identifier"]["value"] == "RV9XX"
    assert "display" not in unlisted
    assert _codes(outcomes) == [("MHS006.CareProfLocalID", "not-in-list")]
    (_, named) = [made.resource for outcome in outcomes for made in outcome.resources]
    roles = named["participant"][0]["role"]
    assert roles[0] == {"text": "Care co-ordinator"}
    assert [role["coding"][0]["code"] for role in roles[1:]] == ["03", "950", "N6E", "R8006"]


def test_without_a_list_the_providers_own_number_stands_alone():
    outcomes = _mapped({name: body for name, body in FULL.items() if name != STAFF}, "MHS006")
    assert ["display" in one for one in _members(outcomes)] == [False, False]
    assert _codes(outcomes) == []


def test_a_number_that_stands_on_two_different_rows_of_the_list_names_neither():
    twice = HEAD + b"CP-118,RV9XX,09,99A1234E,,,,\nCP-118,RV9XX,03,9999999,,,,\n"
    outcomes = _mapped(FULL | {STAFF: twice}, "MHS006")
    assert ["display" in one for one in _members(outcomes)] == [False, False]
    assert ("MHS006.CareProfLocalID", "ambiguous-key") in _codes(outcomes)
    assert not any(outcome.quarantined for outcome in outcomes)


def test_whoever_did_an_activity_is_named_once_whichever_table_says_it():
    """Version 5 names one of them in the activity, version 6 all of them in a table below."""
    below = b"CareActID,CareProfLocalID\nCA-1,CP-118\nCA-1,CP-9\nCA-1,CP-118\n"
    activity = b"CareActID,CareContactID,CareProfLocalID,Procedure\nCA-1,CC-1,CP-118,304891004\n"
    members = FULL | {"MHS202CareActivity.csv": activity, "MHS206StaffActivity.csv": below}
    (outcome,) = _mapped(members, "MHS202")
    (done,) = [made.resource for made in outcome.resources if made.type == "Procedure"]
    actors = [one["actor"] for one in done["performer"]]
    assert [one["identifier"]["value"] for one in actors] == ["CP-118", "CP-9"]
    assert ["display" in one for one in actors] == [True, False]
    assert [rule.path for rule in outcome.issues if rule.code == "not-in-list"] == [
        "MHS206.CareProfLocalID"
    ]
    orphan = FULL | {"MHS206StaffActivity.csv": b"CareActID,CareProfLocalID\nCA-9,CP-9\n"}
    assert [outcome.quarantined for outcome in _mapped(orphan, "MHS206")] == [True]


def _indicators(**said):
    row = {"LocalPatientID": "MH-1"} | said
    table = f"{','.join(row)}\n{','.join(row.values())}\n".encode()
    (outcome,) = _mapped(FULL | {"MHS005PatInd.csv": table}, "MHS005")
    return outcome


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ({"CPP": "3"}, [("Flag", "safeguarding", "R", "active")]),
        ({"CPP": "2"}, [("Flag", "safeguarding", "R", "inactive")]),
        ({"CPP": "1", "OffenceHistory": "1", "LACStatus": "N"}, []),
        ({"CPP": "X", "OffenceHistory": "X", "LACStatus": "X"}, []),
        ({"CPP": "x", "OffenceHistory": "x", "LACStatus": "n"}, []),
        ({"LACStatus": "y"}, [("Flag", "safeguarding", "R", "active")]),
        ({"OffenceHistory": "2"}, [("Flag", "safeguarding", "R", "active")]),
        ({"LACStatus": "Y", "LACLegalStatus": "01"}, [("Flag", "safeguarding", "R", "active")]),
        ({"LDStatus": "1"}, [("Condition", "mental-health", "N", None)]),
        ({"LDStatus": "2", "AutismStatus": "5"}, []),
        ({"ReasonableAdjustmentInd": "Y"}, [("Observation", "mental-health", "N", "final")]),
        ({"ExBAFIndicator": "05"}, [("Observation", "mental-health", "R", "final")]),
    ],
)
def test_what_protects_somebody_is_for_the_safeguarding_role_and_no_is_no_flag(said, made):
    outcome = _indicators(**said)
    found = [
        (
            one.type,
            one.resource["meta"]["security"][1]["code"],
            one.resource["meta"]["security"][0]["code"],
            one.resource.get("status"),
        )
        for one in outcome.resources
    ]
    assert found == made
    assert _codes([outcome]) == []


def test_a_code_of_no_list_is_told_and_stays_the_word_it_is():
    outcome = _indicators(CPP="7", LACStatus="01", LDStatus="9", YoungCarer="Q")
    said = {
        made.key: made.resource.get("code" if made.type == "Flag" else "valueCodeableConcept")
        for made in outcome.resources
    }
    assert said == {
        "child-protection|MH-1": {"text": "7"},
        "looked-after-child|MH-1": {"text": "01"},
        "young-carer|MH-1": {"text": "Q"},
    }
    about = [made.resource["category"] for made in outcome.resources if made.type == "Flag"]
    assert about == [[{"text": "Child protection"}], [{"text": "Looked-after child"}]]
    assert {*_codes([outcome])} == {
        (f"MHS005.{column}", "unmapped-code")
        for column in ("CPP", "LACStatus", "LDStatus", "YoungCarer")
    }


REFERRALS = b"ServiceRequestID,LocalPatientID,ServDischDate,ReferRejectionDate\n"


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        (b"", "active"),
        (b"SR-1,MH-1,2026-10-30,\n", "completed"),
        (b"SR-1,MH-1,2026-10-30,\nSR-2,MH-1,,2026-10-29\n", "completed"),
        (b"SR-1,MH-1,2026-10-30,\nSR-2,MH-1,,\n", "active"),
        (b"SR-1,MH-1,,\nSR-2,MH-2,2026-10-30,\n", "active"),
    ],
)
def test_a_plan_is_over_when_every_referral_of_its_person_is(rows, status):
    outcomes = _mapped(FULL | {"MHS101Referral.csv": REFERRALS + rows}, "MHS008")
    (plan,) = [made for made in outcomes[0].resources if made.type == "CarePlan"]
    assert (plan.key, plan.resource["status"]) == ("P-1", status)
    told = plan.resource["note"][0]["text"]
    assert ("every referral" in told) is (status == "completed")


def test_a_record_of_one_referral_does_not_say_that_it_is_the_only_one():
    """As nested records come: others of the person's may be in another delivery."""
    record = {
        "Header": {
            "DatSetVer": "6.0",
            "OrgIDProvider": "RV9",
            "DateTimeDatSetCreate": "2026-11-05",
        },
        "ServiceRequestID": "SR-1",
        "ServDischDate": "2026-10-30",
        "Patient": {
            "LocalPatientID": "MH-1",
            "CarePlanTypes": [{"CarePlanID": "P-1", "CarePlanImplementDate": "2026-10-06"}],
        },
    }
    items = list(MHSDS_RECORD.read({"": json.dumps(record).encode()}))
    (plan,) = [map_item(FEED.kinds[item.kind], item) for item in items if item.kind == "MHS008"]
    assert plan.resources[0].resource["status"] == "active"


def test_an_extract_that_has_the_older_names_too_says_one_agreement():
    """Commissioners' extracts hold the columns of every version, filled for their own rows."""
    table = (
        b"CarePlanID,CarePlanContentAgreedBy,CarePlanContentAgreedDate,CarePlanAgreedBy,"
        b"CarePlanAgreedDate\nP-1,,,10,2026-10-05\nP-1,13,2026-10-07,13,2026-10-07\n"
    )
    first, *_ = _mapped(FULL | {"MHS009CarePlanAgreement.csv": table}, "MHS008")
    agreed = [made.key for made in first.resources if "|agreed|" in made.key]
    assert agreed == ["P-1|agreed|10|2026-10-05|", "P-1|agreed|13|2026-10-07|"]
