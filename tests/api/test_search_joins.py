"""Chains, includes, compartments, order: row by row; a row's id is in the name of its test."""

from datetime import timedelta

import pytest

from gateway.store.clear.search_table import PARAMETERS
from mappings.core.model import systems
from tests.api.rows import goal_row, plan_row, put
from tests.api.service import is_outcome, references, resources
from tests.api.world import NHS, NORMA


@pytest.fixture
def gateway(shared):
    return shared


def _total(gateway, who, path) -> int:
    answer = gateway.get(path, who)
    assert answer.status_code == 200, answer.text
    return answer.json()["total"]


def _plan(world, person) -> dict:
    (plan,) = world.of("CarePlan", person, world.gp)
    return plan


def test_search_12_an_identifier_is_found_by_system_and_value(gateway, world):
    plan = _plan(world, world.norma)
    known = plan["identifier"][0]
    for value, found in (
        (f"{known['system']}|{known['value']}", 1),
        (known["value"], 1),
        (f"{known['system']}|", 1),
        (f"|{known['value']}", 0),
        (f"{known['system']}|{known['value']}\\,b", 0),
        (f"{known['system']}|other", 0),
    ):
        path = f"CarePlan?patient={world.norma}&identifier={value}"
        assert _total(gateway, world.gp, path) == found, value


def test_search_16_missing(gateway, world):
    path = f"CarePlan?patient={world.norma}&"
    for query, found in (
        ("subject:missing=true", 0),
        ("subject:missing=false", 1),
        ("goal:missing=true", 0),
        ("goal:missing=false", 1),
        ("date:missing=false", 1),
        ("replaces:missing=true", 1),
        ("status:missing=true", 0),
    ):
        assert _total(gateway, world.gp, path + query) == found, query
    for query in ("Patient?", "CarePlan?", "CarePlan?patient."):
        path = f"{query}_lastUpdated:missing=true"
        assert is_outcome(gateway.get(path, world.gp), 400, "invalid"), query


def test_token_06_all_others_also_those_with_none_set(gateway, world):
    path = f"CarePlan?patient={world.norma}&"
    for query, found in (
        ("status:not=active", 0),
        ("status:not=completed", 1),
        ("status:not=active,completed", 0),
        ("activity-code:not=nosuch", 1),
    ):
        assert _total(gateway, world.gp, path + query) == found, query


def test_token_01_a_plain_code_takes_fhirs_own_system(gateway, world):
    path = f"CarePlan?patient={world.norma}&status="
    assert _total(gateway, world.gp, path + "http://hl7.org/fhir/request-status|active") == 1
    assert _total(gateway, world.gp, path + "https://other.example|active") == 0


def test_date_07_the_dates_of_a_goal(gateway, world):
    path = f"Goal?patient={world.norma}&"
    for query, found in (
        ("target-date=le2026-12-31", 2),
        ("target-date=2026-12-01", 2),
        ("target-date=gt2026-12-01", 0),
        ("start-date=2026-10-20", 2),
        ("start-date=2026-10-20&target-date=eb2026-12-02", 2),
        ("start-date=sa2026-10-20", 0),
        ("start-date=ap2026-10-21", 2),
    ):
        assert _total(gateway, world.gp, path + query) == found, query


def test_date_08_an_instant_with_its_zone_and_a_minute(gateway, world):
    path = f"Goal?patient={world.norma}&_lastUpdated="
    assert _total(gateway, world.gp, path + "2026-11-21T13:00:00%2B01:00") == 2
    assert _total(gateway, world.gp, path + "2026-11-21T12:00Z") == 2
    assert _total(gateway, world.gp, path + "2026-11-21T12:00") == 2
    assert _total(gateway, world.gp, path + "2026-11-21T12:00:00.001Z") == 0


def test_reference_05_what_a_plan_refers_to(gateway, world):
    plan = _plan(world, world.norma)
    goal = plan["goal"][0]["reference"]
    base = f"{gateway.settings.base_url}/fhir/R4"
    for value, found in (
        (goal, 1),
        (goal.partition("/")[2], 1),
        (f"{base}/{goal}", 1),
        (f"https://other.example/fhir/{goal}", 0),
        (f"Condition/{goal.partition('/')[2]}", 0),
        ("Goal/x", 0),
        (f"Goal/x,{goal}", 1),
    ):
        assert _total(gateway, world.gp, f"CarePlan?goal={value}") == found, value
    for name in ("care-team", "condition", "encounter"):
        assert _total(gateway, world.gp, f"CarePlan?{name}=none") == 0
    assert _total(gateway, world.gp, f"CarePlan?goal:Goal={goal.partition('/')[2]}") == 1


def test_reference_06_07_teams_and_consents(start):
    gateway = start()
    from tests.api.world import World

    world = World(gateway)
    norma = world.norma
    related = {
        "resourceType": "RelatedPerson", "id": "r-1", "patient": {"reference": f"Patient/{norma}"},
    }  # fmt: skip
    put(gateway, norma, related)
    team = {
        "resourceType": "CareTeam", "id": "t-1", "status": "active",
        "subject": {"reference": f"Patient/{norma}"},
        "participant": [
            {"member": {"reference": "RelatedPerson/r-1"}},
            {"member": {"reference": f"Patient/{norma}"}},
            {"member": {"display": "Priya Nair"}},
        ],
    }  # fmt: skip
    put(gateway, norma, team)
    for query, found in (
        ("participant=RelatedPerson/r-1", 1),
        ("participant:RelatedPerson=r-1", 1),
        ("participant:RelatedPerson.patient=" + norma, 1),
        (f"participant=Patient/{norma}", 1),
        (f"participant:Patient={norma}", 1),
        (f"participant=Patient/{world.alice}", 0),
        ("participant=Practitioner/x", 0),
    ):
        assert _total(gateway, world.gp, f"CareTeam?{query}") == found, query
    bundle = gateway.get("CareTeam?_id=t-1&_include=CareTeam:participant", world.gp).json()
    assert set(references(bundle)) == {"CareTeam/t-1", "RelatedPerson/r-1", f"Patient/{norma}"}
    consent = {
        "resourceType": "Consent", "id": "c-1", "status": "inactive",
        "patient": {"reference": f"Patient/{norma}"}, "dateTime": "2026-01-02",
        "scope": {"coding": [{"system": systems.CONSENT_SCOPE, "code": "adr"}]},
        "provision": {
            "type": "permit", "period": {"start": "2026-01-01", "end": "2026-06-30"},
            "actor": [{"role": {"coding": [{"code": "PRCP"}]},
                       "reference": {"reference": "CareTeam/t-1"}}],
        },
    }  # fmt: skip
    put(gateway, norma, consent, category="consent")
    for query, found in (
        (f"patient={norma}&status=inactive&actor=CareTeam/t-1&period=2026", 1),
        ("period=ge2026-07-01", 0),
        ("actor=CareTeam/none", 0),
        ("actor:CareTeam.status=active", 1),
        ("scope=adr&date=2026-01", 1),
    ):
        assert _total(gateway, world.gp, f"Consent?{query}") == found, query


def test_reference_08_provenance_of_a_plan(start):
    gateway = start()
    from tests.api.world import World

    world = World(gateway)
    norma = world.norma
    put(gateway, norma, goal_row("g-1", norma, "x"))
    told = {
        "resourceType": "Provenance", "id": "v-1", "recorded": "2026-11-01T10:00:00Z",
        "target": [{"reference": "Goal/g-1"}], "agent": [{"who": {"display": "x"}}],
    }  # fmt: skip
    put(gateway, norma, told, category="provenance")
    assert _total(gateway, world.gp, "Provenance?target=Goal/g-1") == 2
    assert _total(gateway, world.gp, "Provenance?target=Goal/none") == 0
    bundle = gateway.get("Goal?_id=g-1&_revinclude=Provenance:target", world.gp).json()
    assert references(bundle) == ["Goal/g-1", "Provenance/g-1.1", "Provenance/v-1"]


def test_chain_01_02_to_the_person(gateway, world):
    number = f"{NHS}|{NORMA['nhs_number']}"
    for query in (
        f"patient.identifier={number}",
        f"subject:Patient.identifier={number}",
        "subject:Patient.family=Ashd",
        "patient.family=Ashd&patient.given=norma",
        f"patient._id={world.norma}",
        "patient._has:Goal:patient:target-date=2026-12-01",
    ):
        bundle = gateway.get(f"CarePlan?{query}", world.gp).json()
        assert references(bundle) == [f"CarePlan/{_plan(world, world.norma)['id']}"], query
    assert _total(gateway, world.gp, "CarePlan?patient.family=Ashd&patient.given=Alice") == 0


def test_chain_02_along_references_twice(gateway, world):
    path = f"CarePlan?patient={world.norma}&"
    code = "goal.category"
    assert _total(gateway, world.gp, f"{path}{code}=regain") == 1
    assert _total(gateway, world.gp, f"{path}{code}=nosuch") == 0
    assert _total(gateway, world.gp, f"{path}goal._has:CarePlan:goal:status=active") == 1
    assert _total(gateway, world.gp, f"{path}goal.patient={world.norma}") == 1
    assert _total(gateway, world.gp, f"{path}goal.patient={world.alice}") == 0
    typed = f"{path}activity-reference:ServiceRequest.status="
    for status in ("active", "completed", "nosuch"):
        untyped = _total(gateway, world.gp, f"{path}activity-reference.status={status}")
        assert untyped == _total(gateway, world.gp, f"{typed}{status}")


def test_chain_02_to_an_id_is_what_a_reference_to_it_is(gateway, world):
    goal = world.of("Goal", world.norma, world.gp)[0]["id"]
    ids = {"Patient": world.norma, "Goal": goal}
    met = 0
    for kind, parameters in PARAMETERS.items():
        if kind in ("Patient", "Provenance"):
            continue
        for one in parameters.values():
            if one.kind not in ("reference", "who", "patient"):
                continue
            for target in {"Patient", "Goal", "Practitioner"} & {*one.targets}:
                named = ids.get(target, "dr-1")
                plain = gateway.get(f"{kind}?{one.name}={target}/{named}&_count=0", world.gp)
                chain = f"{kind}?{one.name}:{target}._id={named}&_count=0"
                chained = gateway.get(chain, world.gp)
                assert chained.status_code == plain.status_code == 200, chain
                assert chained.json()["total"] == plain.json()["total"], chain
                met += chained.json()["total"]
    assert met
    for wrong in ("CarePlan?goal:Task._id=x", "CarePlan?goal._id:missing=true"):
        assert is_outcome(gateway.get(wrong, world.gp), 400, "invalid"), wrong


def test_chain_03_people_with_an_active_plan(gateway, world):
    every = {f"Patient/{world.norma}", f"Patient/{world.alice}"}
    for query, found in (
        ("_has:CarePlan:patient:status=active", every),
        ("_has:CarePlan:subject:status=completed", set()),
        (f"_has:Condition:patient:code={systems.SNOMED_CT}|38341003", every),
        ("_has:CarePlan:patient:goal.category=regain", {f"Patient/{world.norma}"}),
        ("_has:Goal:patient:category=regain&family=ash", {f"Patient/{world.norma}"}),
        ("_has:Goal:patient:category=regain&family=thorn", set()),
    ):
        assert set(references(gateway.get(f"Patient?{query}", world.gp).json())) == found, query


def test_include_02_each_included_resource_once(gateway, world):
    people = f"{world.norma},{world.alice}"
    path = f"CarePlan?patient={people}&_include=CarePlan:subject&_include=CarePlan:care-team"
    bundle = gateway.get(path, world.gp).json()
    modes = [(e["resource"]["resourceType"], e["search"]["mode"]) for e in bundle["entry"]]
    assert sorted(modes) == [("CarePlan", "match")] * 2 + [("Patient", "include")] * 2
    assert bundle["total"] == 2
    one = gateway.get(f"Goal?patient={world.norma}&_include=Goal:patient", world.gp).json()
    assert references(one)[2:] == [f"Patient/{world.norma}"]


def test_include_03_plans_with_their_person(gateway, world):
    path = f"Patient?_id={world.norma}&_revinclude=CarePlan:patient&_revinclude=Goal:patient"
    bundle = gateway.get(path, world.gp).json()
    kinds = [one["resourceType"] for one in resources(bundle)]
    assert kinds[0] == "Patient"
    assert sorted(kinds[1:]) == ["CarePlan", "Goal", "Goal"]
    assert bundle["total"] == 1


def test_include_04_what_was_included_is_followed(gateway, world):
    plan = _plan(world, world.norma)
    path = f"CarePlan?_id={plan['id']}&_include=CarePlan:goal&_include:iterate=Goal:patient"
    kinds = [one["resourceType"] for one in resources(gateway.get(path, world.gp).json())]
    assert kinds == ["CarePlan", "Goal", "Goal", "Patient"]
    back = f"Goal?patient={world.norma}&_count=1&_revinclude=CarePlan:goal"
    bundle = gateway.get(f"{back}&_include:iterate=CarePlan:subject", world.gp).json()
    kinds = [one["resourceType"] for one in resources(bundle)]
    assert kinds == ["Goal", "CarePlan", "Patient"]


def test_include_05_what_is_not_there_to_follow_is_refused(gateway, world):
    for query in ("_include=CarePlan:nosuch", "_revinclude=Goal:nosuch", "_include=Nosuch:x"):
        for prefer in ({}, {"Prefer": "handling=lenient"}):
            assert is_outcome(gateway.get(f"CarePlan?{query}", world.gp | prefer), 400, "invalid")


def test_result_10_no_total_where_none_is_wanted(gateway, world):
    path = f"Goal?patient={world.alice}&_count=2&_total="
    assert "total" not in gateway.get(f"{path}none", world.gp).json()
    assert gateway.get(f"{path}accurate", world.gp).json()["total"] == 5


def test_result_11_order_is_kept_over_pages(start):
    gateway = start()
    from tests.api.world import World

    world = World(gateway)
    norma = world.norma
    for number, month in enumerate((3, 1, 2, 2)):
        when = {"period": {"start": f"2027-0{month}-01"}}
        put(gateway, norma, plan_row(f"p-{number}", norma, **when))
        gateway.at += timedelta(minutes=1)
    put(gateway, norma, plan_row("p-undated", norma))
    only = "p-0,p-1,p-2,p-3,p-undated"
    for sort, found in (
        ("date,_id", "p-undated p-1 p-2 p-3 p-0"),
        ("-date", "p-0 p-2 p-3 p-1 p-undated"),
        ("-date,-_id", "p-0 p-3 p-2 p-1 p-undated"),
        ("_lastUpdated", "p-0 p-1 p-2 p-3 p-undated"),
        ("-_lastUpdated", "p-undated p-3 p-2 p-1 p-0"),
        ("-date,-_lastUpdated", "p-0 p-3 p-2 p-1 p-undated"),
        ("-_id", "p-undated p-3 p-2 p-1 p-0"),
    ):
        for count in (1, 2, 500):
            pages = gateway.walk(f"CarePlan?_id={only}&_sort={sort}&_count={count}", world.gp)
            shown = [one["id"] for page in pages for one in resources(page)]
            assert shown == found.split(), (sort, count)
    people = gateway.walk("Patient?_sort=-_id&_count=1", world.gp)
    shown = [one["id"] for page in people for one in resources(page)]
    assert shown == sorted([norma, world.alice], reverse=True)


def test_result_12_an_order_by_what_is_no_order_is_refused(gateway, world):
    for query in ("_sort=nosuch", "_sort=status", "_sort=--date", "_sort="):
        assert is_outcome(gateway.get(f"CarePlan?{query}", world.gp), 400, "invalid")
    assert is_outcome(gateway.get("Patient?_sort=family", world.gp), 400, "invalid")


def test_result_14_several_types_at_once(gateway, world):
    bundle = gateway.get(f"/fhir/R4?_type=CarePlan,Goal&patient={world.norma}", world.gp).json()
    kinds = sorted(one["resourceType"] for one in resources(bundle))
    assert kinds == ["CarePlan", "Goal", "Goal"]
    path = f"/fhir/R4/?_type=CarePlan,Goal&patient={world.norma}&_count=1"
    pages = gateway.walk(path, world.gp)
    assert sorted(one for page in pages for one in references(page)) == sorted(references(bundle))
    for query in ("status=x", "_type=", "_type=Nosuch", "_type=CarePlan,Goal&status=active"):
        assert is_outcome(gateway.get(f"/fhir/R4?{query}", world.gp), 400, "invalid")


def test_compart_01_02_what_is_of_one_person(gateway, world):
    for kind in ("CarePlan", "Goal", "Condition"):
        mine = gateway.get(f"Patient/{world.norma}/{kind}", world.gp).json()
        same = gateway.get(f"{kind}?patient={world.norma}", world.gp).json()
        assert sorted(references(mine)) == sorted(references(same)) != []
        assert mine["link"][0]["url"].endswith(f"/Patient/{world.norma}/{kind}")
    path = f"Patient/{world.norma}/CarePlan?status="
    assert (_total(gateway, world.gp, path + "active"), _total(gateway, world.gp, path + "x")) == (
        1,
        0,
    )
    pages = gateway.walk(f"Patient/{world.alice}/Goal?_count=2", world.gp)
    assert [len(page["entry"]) for page in pages] == [2, 2, 1]
    every = gateway.get(f"Patient/{world.norma}/*?_count=500", world.gp).json()
    assert {"CarePlan", "Goal", "Condition"} <= {r["resourceType"] for r in resources(every)}
    assert "Patient" not in {r["resourceType"] for r in resources(every)}


def test_compart_04_an_address_names_one_person(gateway, world):
    path = f"Patient/{world.norma},{world.alice}/Goal"
    assert _total(gateway, world.gp, path) == 0
    assert _total(gateway, world.gp, path.replace(f",{world.alice}", "")) == 2


@pytest.mark.parametrize("kind", ["Task", "Patient", "Nosuch", "AuditEvent", "_nosuch"])
def test_compart_03_what_is_not_in_it_is_not_there(gateway, world, kind):
    assert is_outcome(gateway.get(f"Patient/{world.norma}/{kind}", world.gp), 404)


def test_compart_04_nobody_and_somebody_hidden_are_one_answer(gateway, world):
    answers = [
        gateway.get(f"Patient/{one}/CarePlan", world.gp).json() for one in ("none", world.bob)
    ]
    for answer in answers:
        assert (answer["total"], "entry" in answer) == (0, False)
