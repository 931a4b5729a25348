"""The site's staff: who works where and how to reach them at work, for whom the policy says."""

from datetime import timedelta

import pytest

from consent.terms import Purpose
from mappings.core.checking.validate import validate
from tests.api.rows import mark, put
from tests.api.service import is_outcome, references, resources
from tests.api.test_site import load
from tests.api.world import COUNCIL, World

SDS = "https://fhir.nhs.uk/Id/sds-user-id"
GMC = "https://fhir.hl7.org.uk/Id/gmc-number"
TYPES = ("Practitioner", "PractitionerRole")


@pytest.fixture(scope="module")
def loaded(start_once):
    """The site loaded once, for the tests that only read it."""
    gateway = start_once()
    load(gateway)
    return gateway


@pytest.fixture
def known(start):
    """People with records, and the site's staff."""
    gateway = start()
    load(gateway)
    return gateway, World(gateway)


def doctor(gateway):
    return gateway.token("gp", "gp-1", "H85001")


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one.partition("/")[2] for one in references(answer.json())]


def test_a_post_says_who_where_for_what_and_how_to_reach_them(loaded):
    who = doctor(loaded)
    assert loaded.get("Practitioner/nair", who).json() == {
        "resourceType": "Practitioner", "id": "nair",
        "identifier": [{"system": SDS, "value": "555000000101"},
                       {"system": GMC, "value": "9990101"}],
        "active": True,
        "name": [{"use": "official", "text": "Dr Priya Nair", "family": "Nair",
                  "given": ["Priya"], "prefix": ["Dr"]}],
    }  # fmt: skip
    assert loaded.get("PractitionerRole/okafor-district", who).json() == {
        "resourceType": "PractitionerRole", "id": "okafor-district", "active": True,
        "period": {"start": "2019-09-02"},
        "practitioner": {"reference": "Practitioner/okafor"},
        "organization": {"reference": "Organization/RY9"},
        "code": [{"text": "District nurse"}],
        "healthcareService": [{"reference": "HealthcareService/district-nursing"}],
        "telecom": [{"system": "phone", "value": "020 7946 0911"}],
    }  # fmt: skip
    for kind in TYPES:
        for one in resources(loaded.get(kind, who).json()):
            assert validate(one) == ()


def test_who_has_left_is_not_active_and_cannot_be_reached(loaded):
    who = doctor(loaded)
    left = loaded.get("PractitionerRole/haddad-council", who).json()
    assert (left["active"], left["period"]["end"]) == (False, "2026-09-30")
    assert "telecom" not in left
    assert loaded.get("Practitioner/haddad", who).json()["active"] is False
    assert names(loaded.get("Practitioner?active=false", who)) == ["haddad"]
    assert "haddad-council" not in names(loaded.get("PractitionerRole?active=true", who))


def test_a_post_ends_by_itself_at_the_end_of_its_last_day(start):
    gateway = start()
    files = [
        (name, body.replace(b"2026-09-30", gateway.at.date().isoformat().encode()))
        for name, body in load.__globals__["site_files"]()
    ]
    load(gateway, files)
    path = "PractitionerRole/haddad-council"
    assert gateway.get(path, doctor(gateway)).json()["active"] is True
    gateway.at += timedelta(days=1)
    assert gateway.get(path, doctor(gateway)).json()["active"] is False
    assert gateway.get("Practitioner/haddad", doctor(gateway)).json()["active"] is False


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Practitioner?name=nai", ["nair"]),
        ("Practitioner?name=priya", ["nair"]),
        ("Practitioner?family=OKAFOR", ["okafor"]),
        ("Practitioner?given=okafor", []),
        ("Practitioner?given=Tom,Grace", ["lindqvist", "okafor"]),
        (f"Practitioner?identifier={SDS}|555000000101", ["nair"]),
        (f"Practitioner?identifier={GMC}|555000000101", []),
        ("Practitioner?active=true", ["lindqvist", "nair", "okafor"]),
        ("Practitioner?_id=nair,okafor", ["nair", "okafor"]),
        ("PractitionerRole?practitioner=nair", ["nair-elm-crescent"]),
        ("PractitionerRole?practitioner=Practitioner/nair", ["nair-elm-crescent"]),
        ("PractitionerRole?practitioner=Organization/nair", []),
        ("PractitionerRole?organization=Organization/RY9", ["okafor-district"]),
        ("PractitionerRole?service=night-owls", ["lindqvist-home-first"]),
        ("PractitionerRole?phone=020 7946 0911", ["okafor-district"]),
        ("PractitionerRole?email=020 7946 0911", []),
        ("PractitionerRole?phone=020 7946 0903", []),
    ],
)
def test_staff_are_searched_by_name_number_post_and_place(loaded, query, expected):
    who = doctor(loaded)
    answer = loaded.get(query, who)
    assert (names(answer), answer.json()["total"]) == (expected, len(expected))
    path, _, pairs = query.partition("?")
    form = dict(pair.split("=", 1) for pair in pairs.split("&"))
    assert names(loaded.search(path, who, **form)) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "PractitionerRole?organization=RY9&_include=PractitionerRole:practitioner"
            "&_include=PractitionerRole:organization:Organization"
            "&_include=PractitionerRole:service",
            ["PractitionerRole/okafor-district", "Practitioner/okafor", "Organization/RY9",
             "HealthcareService/district-nursing"],
        ),
        (
            "Practitioner?family=nair&_revinclude=PractitionerRole:practitioner",
            ["Practitioner/nair", "PractitionerRole/nair-elm-crescent"],
        ),
        (
            "HealthcareService?_id=night-owls&_revinclude=PractitionerRole:service"
            "&_include=HealthcareService:organization",
            ["HealthcareService/night-owls", "PractitionerRole/lindqvist-home-first",
             "Organization/XK1"],
        ),
        (
            "Organization?_id=H85901&_revinclude=Organization:partof"
            "&_revinclude=Location:organization",
            ["Organization/H85901", "Organization/mdt-h85901", "Location/H85901"],
        ),
    ],
)  # fmt: skip
def test_what_goes_with_a_match_goes_once_and_does_not_count(loaded, query, expected):
    answer = loaded.get(query, doctor(loaded)).json()
    assert (references(answer), answer["total"]) == (expected, 1)
    assert [one["search"]["mode"] for one in answer["entry"]] == [
        "match", *["include"] * (len(expected) - 1)
    ]  # fmt: skip
    base = loaded.settings.base_url
    assert [one["fullUrl"] for one in answer["entry"]] == [
        f"{base}/fhir/R4/{name}" for name in expected
    ]


@pytest.mark.parametrize(
    "query",
    ["Practitioner?_include=PractitionerRole:practitioner", "Practitioner?birthdate=1980",
     "PractitionerRole?_include=PractitionerRole:practitioner:Organization",
     "PractitionerRole?_include=PractitionerRole:endpoint", "Practitioner?_include=*",
     "PractitionerRole?_revinclude=PractitionerRole:practitioner", "Practitioner?address=x",
     "PractitionerRole?practitioner.name=nair"],
)  # fmt: skip
def test_what_is_not_served_of_staff_is_refused(loaded, query):
    assert is_outcome(loaded.get(query, doctor(loaded)), 400, "invalid")


def test_a_search_of_the_record_brings_the_staff_it_names(known):
    gateway, world = known
    member = {"type": "Practitioner", "identifier": {"system": SDS, "value": "555000000102"},
              "display": "Grace Okafor"}  # fmt: skip
    team = {"resourceType": "CareTeam", "id": "t-1", "status": "active",
            "subject": {"reference": f"Patient/{world.norma}"},
            "participant": [{"member": member}, {"member": {"display": "a friend"}}]}  # fmt: skip
    put(gateway, world.norma, team, category="team")
    path = f"CareTeam?patient={world.norma}&_include=CareTeam:participant"
    for query in (path, f"{path}:Practitioner", f"CareTeam?patient={world.norma}&_include=*"):
        found = gateway.get(query, world.gp).json()
        assert references(found).count("Practitioner/okafor") == 1, query
        assert found["entry"][-1]["search"] == {"mode": "include"}
        assert found["total"] == len([one for one in found["entry"]
                                      if one["search"]["mode"] == "match"])  # fmt: skip
    for query in (f"CareTeam?patient={world.norma}", f"{path}:RelatedPerson"):
        assert "Practitioner/okafor" not in references(gateway.get(query, world.gp).json())


@pytest.mark.changes_nothing
@pytest.mark.parametrize("kind", TYPES)
def test_the_capability_statement_says_what_goes_along(gateway, kind):
    told = {one["type"]: one for one in gateway.get("metadata").json()["rest"][0]["resource"]}
    along = "PractitionerRole:practitioner"
    place = "searchRevInclude" if kind == "Practitioner" else "searchInclude"
    assert along in told[kind][place]
    assert [one["code"] for one in told[kind]["interaction"]] == ["read", "search-type"]
    named = {one["name"]: one["definition"] for one in told["Practitioner"]["searchParam"]}
    assert named["family"] == "http://hl7.org/fhir/SearchParameter/individual-family"


@pytest.mark.parametrize("kind", TYPES)
def test_staff_are_shown_by_role_and_hidden_as_if_there_were_none(loaded, kind):
    governance = {"purpose": Purpose.COMPLIANCE}
    own = loaded.token("governance-lead", "ig", "RY9")
    shown = names(loaded.get(kind, own))
    assert shown == ["okafor" if kind == "Practitioner" else "okafor-district"]
    hidden = "nair" if kind == "Practitioner" else "nair-elm-crescent"
    missing = loaded.get(f"{kind}/no-such", own)
    assert loaded.get(f"{kind}/{hidden}", own).content == missing.content
    assert loaded.get(f"{kind}/{hidden}", own).status_code == missing.status_code == 404
    for who in (
        loaded.token("patient", "p", patient="p"),
        loaded.token("circle-member", "c", "XV1"),
        loaded.token("researcher", "r", "XU1", purpose=Purpose.RESEARCH),
        loaded.token("gp", "gp-1", "H85001", scope="user/CarePlan.rs"),
        loaded.token("gp", "gp-1", "H85001", **governance),
    ):
        answer = loaded.get(kind, who)
        assert (answer.status_code, answer.json()["total"]) == (200, 0)
        assert "entry" not in answer.json()
        assert loaded.get(f"{kind}/{hidden}", who).status_code == 404


def test_what_goes_along_is_hidden_too(loaded):
    own = loaded.token("governance-lead", "ig", "RY9")
    path = "Organization?_id=RY9,H85901&_revinclude=PractitionerRole:organization"
    assert "PractitionerRole/okafor-district" in references(loaded.get(path, own).json())
    assert "PractitionerRole/nair-elm-crescent" not in references(loaded.get(path, own).json())
    person = loaded.token("patient", "p", patient="p")
    assert not any("Practitioner" in one for one in references(loaded.get(path, person).json()))


def test_who_looks_together_is_shown_what_each_of_them_would_be(loaded):
    who = doctor(loaded)
    for present, expected in (
        ("social-worker;XK1;sw", 4),
        ("governance-lead;RY9;ig", 1),
        ("governance-lead;RY9;ig,governance-lead;RAX;ig2", 0),
        ("circle-member;XV1;c", 0),
    ):
        answer = loaded.get("Practitioner", who | {"X-Present": present})
        assert answer.json()["total"] == expected, present


def test_looking_staff_up_is_recorded(known):
    gateway, _ = known
    before = gateway.size()
    for path in ("Practitioner/nair", "PractitionerRole", "Practitioner/nobody"):
        gateway.get(path, doctor(gateway))
    assert gateway.size() == before + 3


def test_a9_a16_staff_of_a_restricted_person_lead_to_no_place(known):
    gateway, world = known
    norma = world.norma
    by_number = {"identifier": {"system": SDS, "value": "555000000102"}, "display": "Okafor"}
    team = {"resourceType": "CareTeam", "id": "t-1", "status": "active",
            "subject": {"reference": f"Patient/{norma}"},
            "participant": [{"role": [{"text": "nurse"}], "member": by_number}]}  # fmt: skip
    put(gateway, norma, team, category="team")
    path = f"CareTeam?patient={norma}&_include=CareTeam:participant"
    assert "Okafor" in gateway.get(path, world.gp).text
    missing = f"CareTeam?patient={norma}&participant:missing="
    assert gateway.get(f"{missing}false", world.gp).json()["total"] == 1
    mark(gateway, norma, pds="R")
    found = gateway.get(path, world.gp)
    assert found.json()["total"] == 1
    for words in ("Okafor", "okafor", "555000000102"):
        assert words not in found.text
    assert gateway.get(f"{missing}false", world.gp).json()["total"] == 0
    assert gateway.get(f"{missing}true", world.gp).json()["total"] == 1


def test_the_person_is_brought_no_staff_by_an_include(known):
    gateway, world = known
    plan = {"resourceType": "CareTeam", "id": "t-1", "status": "active",
            "subject": {"reference": f"Patient/{world.norma}"},
            "participant": [{"member": {"type": "Practitioner", "identifier":
                                        {"system": SDS, "value": "555000000102"}}}]}  # fmt: skip
    put(gateway, world.norma, plan, category="team", org=COUNCIL)
    who = gateway.token("patient", "p-norma", patient=world.norma, assurance="P9")
    found = gateway.get(f"CareTeam?patient={world.norma}&_include=CareTeam:participant", who)
    assert found.json()["total"] == 1
    assert "Practitioner/okafor" not in references(found.json())
