"""Offences, child protection, safeguarding factors: for one role, and no trace for the others."""

import pytest

from tests.api.opened import break_glass
from tests.api.world import COUNCIL, NORMA, PRACTICE, put_on_caseload
from tests.integration.returns import submission
from tests.integration.taking import zipped

PERSON = f"MH-1,RQY,{NORMA['nhs_number']},{NORMA['born']}"
CSDS = {
    "CYP000Header.csv": (
        "Version,OrgID_Provider,RP_StartDate,RP_EndDate,FileCreation_DateTime\n"
        "1.6,RY9,2026-10-01,2026-10-31,2026-11-05T08:00:00\n"
    ),
    "CYP001MPI.csv": (
        "LocalPatientID,OrgID_LocalPatientID,NHSNumber,DateOfBirth\n"
        f"CH-1,RY9,{NORMA['nhs_number']},{NORMA['born']}\n"
    ),
    "CYP402SVF.csv": "LocalPatientID,SafeguardingFactors_Type\nCH-1,01\n",
    "CYP403CPP.csv": "LocalPatientID,CPP_Reason,CPP_StartDate\nCH-1,04,2026-05-01\n",
}
ROLES = [
    ("gp", PRACTICE), ("home-care", COUNCIL), ("social-worker", COUNCIL),
    ("mental-health-nurse", "RQY"), ("community-nurse", "RY9"),
]  # fmt: skip
WORDS = ("offence", "abuse", "child-protection", "looked-after", "SAFEGUARDING VULNERABILITY")


def _without_flags():
    return submission(
        "2026-10-31", "2026-11-05T08:00:00", MHS001=(PERSON,), MHS005=("MH-1,1,N,1,5,",)
    )


def _with_flags():
    return submission(
        "2026-10-31", "2026-11-06T08:00:00", MHS001=(PERSON,), MHS005=("MH-1,3,Y,3,5,",)
    )


@pytest.fixture
def flagged(gateway, world):
    """Norma with all of them; the names of the Flags."""
    told = gateway.push("mental-health", "RQY", _with_flags().body, "application/zip")
    files = zipped({name: text.encode() for name, text in CSDS.items()})
    more = gateway.push("community", "RY9", files, "application/zip")
    named = [one["reference"] for one in (*told["resources"], *more["resources"])]
    flags = [one for one in named if one.startswith("Flag/")]
    assert len(flags) == 5
    return flags


def _caller(gateway, world, role, org):
    put_on_caseload(gateway, world.norma, org, "u-1")
    return gateway.token(role, "u-1", org)


@pytest.mark.parametrize(("role", "org"), ROLES)
def test_a6_no_member_of_a_team_finds_a_flag_of_safeguarding(gateway, world, flagged, role, org):
    who, norma = _caller(gateway, world, role, org), world.norma
    nowhere = gateway.get(f"Flag/{'0' * 8}{flagged[0][-28:]}", who)
    for flag in flagged:
        answer = gateway.get(flag, who)
        assert (answer.status_code, answer.content) == (nowhere.status_code, nowhere.content)
        assert gateway.get(f"{flag}/_history", who).status_code == 404
    shown = {one["id"] for one in world.of("Flag", norma, who)}
    assert not shown & {one.partition("/")[2] for one in flagged}
    for path in (
        f"Flag?patient={norma}",
        f"Patient/{norma}/$everything?_count=500",
        f"Patient?_id={norma}&_revinclude=*",
    ):
        text = gateway.get(path, who).text
        assert not [word for word in WORDS if word in text], path
    total = gateway.get(f"Flag?patient={norma}&_summary=count", who).json()["total"]
    assert total == len(shown)


def test_a31_an_emergency_opens_none_of_them(gateway, world, flagged):
    doctor = gateway.token("emergency", "ed-1", "RAX")
    norma = world.norma
    assert break_glass(gateway, doctor, norma).status_code == 201
    assert gateway.get(f"Patient/{norma}", doctor).status_code == 200
    assert [gateway.get(flag, doctor).status_code for flag in flagged] == [404] * 5


def test_the_safeguarding_role_sees_all_of_them(gateway, world, flagged):
    adviser = _caller(gateway, world, "safeguarding-adviser", COUNCIL)
    shown = {f"Flag/{one['id']}": one for one in world.of("Flag", world.norma, adviser)}
    assert {*flagged} <= {*shown}
    words = str([shown[flag]["code"] for flag in flagged])
    for word in (
        "A serious offence",
        "sexual abuse",
        "Is subject to a child",
        "Looked-after child",
    ):
        assert word in words


def test_what_an_indicator_no_longer_says_is_taken_back(gateway, world):
    adviser = _caller(gateway, world, "safeguarding-adviser", COUNCIL)
    before = world.of("Flag", world.norma, adviser)
    gateway.push("mental-health", "RQY", _without_flags().body, "application/zip")
    assert world.of("Flag", world.norma, adviser) == before
    gateway.push("mental-health", "RQY", _with_flags().body, "application/zip")
    later = submission(
        "2026-10-31", "2026-11-07T08:00:00", MHS001=(PERSON,), MHS005=("MH-1,2,N,X,5,",)
    )
    gateway.push("mental-health", "RQY", later.body, "application/zip")
    (left,) = [one for one in world.of("Flag", world.norma, adviser) if one not in before]
    assert (left["status"], left["code"]["coding"][0]["code"]) == ("inactive", "2")
