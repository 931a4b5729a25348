"""Search, row by row; a row's id is in the name of its test."""

from urllib.parse import quote, urlencode

import pytest

from mappings.core.model import systems
from tests.api.service import is_outcome, references, resources
from tests.api.world import ALICE, BOB, NHS, NORMA


@pytest.fixture
def gateway(shared):
    return shared


@pytest.fixture
def total(gateway):
    """`total(who, "Goal", status="active")`: how many match."""

    def count(who, resource_type, *pairs, **criteria):
        query = urlencode([*pairs, *criteria.items()])
        answer = gateway.get(f"{resource_type}?{query}", who)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert len(body.get("entry", [])) == body["total"]
        return body["total"]

    return count


def test_search_01_a_searchset_with_total_modes_and_self(gateway, world):
    bundle = gateway.get(f"Goal?patient={world.norma}", world.gp).json()
    assert (bundle["resourceType"], bundle["type"], bundle["total"]) == ("Bundle", "searchset", 2)
    base = f"{gateway.settings.base_url}/fhir/R4"
    assert bundle["link"] == [{"relation": "self", "url": f"{base}/Goal?patient={world.norma}"}]
    for entry in bundle["entry"]:
        assert entry["search"] == {"mode": "match"}
        assert entry["fullUrl"] == f"{base}/Goal/{entry['resource']['id']}"
        assert entry["resource"]["subject"]["reference"] == f"Patient/{world.norma}"


def test_search_02_search_03_by_form_the_same(gateway, world):
    by_get = gateway.get(f"CarePlan?patient={world.norma}&status=active", world.gp).json()
    by_form = gateway.search("CarePlan", world.gp, patient=world.norma, status="active").json()
    mixed = gateway.ask(
        "POST", "CarePlan/_search?status=active", world.gp, data={"patient": world.norma}
    ).json()
    assert references(by_get) == references(by_form) == references(mixed) != []
    none = gateway.ask(
        "POST", "CarePlan/_search?status=revoked", world.gp, data={"patient": world.norma}
    ).json()
    assert none["total"] == 0


@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
def test_search_02_only_a_form_is_taken(gateway, world, content_type):
    headers = {"Content-Type": content_type}
    answer = gateway.ask(
        "POST", "CarePlan/_search", world.gp, content=b"patient=1", headers=headers
    )
    assert is_outcome(answer, 415)


@pytest.mark.parametrize("patient", ["none", "Patient/none", "%00", "%ff", "a%25b"])
def test_search_04_leak_01_nobody_gives_an_empty_searchset(gateway, world, patient):
    answer = gateway.get(f"CarePlan?patient={patient}", world.gp)
    if patient in ("%00",):
        assert is_outcome(answer, 400)
    else:
        assert (answer.status_code, answer.json()["total"]) == (200, 0)
        assert "entry" not in answer.json()


REFUSED = [
    ("nosuchparam", "1"),
    ("status:nosuchmodifier", "active"),
    ("category:text", "falls"),
    ("date", "notadate"),
    ("date", "2026-01-10T09"),
    ("date", "xx2026"),
    ("date", "0001-01-01T00:00:00+14:00"),
    ("status", ""),
    ("status", ",,"),
    ("_sort", "nosuch"),
    ("_tag", "s|c"),
    ("_security", "R"),
    ("_profile", "http://x"),
    ("_count", "-1"),
    ("_count", "abc"),
    ("_total", "sometimes"),
    ("_include", "CarePlan:nosuch"),
    ("subject:identifier", "x|1"),
    ("start-date", "2026"),
    ("active", "true"),
    ("participant", "Practitioner/x"),
    ("actor", "x"),
    ("_text", "falls"),
    ("_content", "falls"),
    ("_list", "x"),
    ("_filter", "status eq active"),
    ("_query", "x"),
    ("_contained", "true"),
    ("_sort", "category"),
    ("_sort", "date,date"),
    ("_sort", "_id,date"),
    ("_include", "CarePlan"),
    ("_include", "Goal:patient"),
    ("_include", "CarePlan:goal:Condition"),
    ("_include:iterate", "CarePlan:nosuch"),
    ("_include:recurse", "CarePlan:goal"),
    ("_revinclude", "*"),
    ("_revinclude", "Goal:nosuch"),
    ("status:missing", "perhaps"),
    ("date:not", "2026"),
    ("goal:Condition", "x"),
    ("goal:identifier", "s|a"),
    ("goal.nosuch", "x"),
    ("goal:Condition.code", "x"),
    ("category:in", "http://set.example"),
    ("category:of-type", "a|b|c"),
    ("category", "a|b|c"),
    ("instantiates-uri:below", "http://x"),
    ("patient:missing.family", "x"),
    ("patient.address", "x"),
    ("patient.family:contains", "x"),
    ("patient.patient.family", "x"),
    ("goal.patient.family", "x"),
    ("_has:Goal:nosuch:status", "active"),
    ("_has:Goal:patient:lifecycle-status", "active"),
    ("_has:CarePlan:goal:status", "active"),
    ("_has:CarePlan", "x"),
    ("goal.patient.general-practitioner.name", "x"),
    ("_id:not", "x"),
]


HANDLING = [("nosuchparam", "1", f"handling={how}") for how in ("strict", "lenient")]


@pytest.mark.parametrize(
    ("name", "value", "handling"), [(*pair, "") for pair in REFUSED] + HANDLING
)
def test_search_05_06_07_08_15_16_token_06_07_date_09_reference_04_05_refused(
    gateway, world, name, value, handling
):
    """Also result-03, -07 to -09, -11, -12, include-02 to -05, chain-01 to -03, leak A9, A10."""
    path = f"CarePlan?{urlencode([('patient', world.norma), (name, value)])}"
    answer = gateway.get(path, world.gp | ({"Prefer": handling} if handling else {}))
    assert is_outcome(answer, 400, "invalid")
    assert answer.json()["issue"][0]["expression"] == [name]
    assert value not in answer.text or value in (
        "1",
        "R",
        "x",
        "2026",
        "date",
        "",
        "*",
        "true",
        "text",
    )


REFUSED_OF_PEOPLE = ["family:contains", "name:text", "address", "phone", "phonetic", "gender:in"]


@pytest.mark.parametrize("name", REFUSED_OF_PEOPLE)
def test_string_03_names_are_sealed_and_are_not_searched_inside(gateway, world, name):
    answer = gateway.search("Patient", world.gp, **{name: "ASHDOWN"})
    assert is_outcome(answer, 400, "invalid")
    assert "ASHDOWN" not in answer.text


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        ({"family": "ash"}, True),
        ({"family": "Áshdown"}, True),
        ({"family": "hdown"}, False),
        ({"family:exact": "ASHDOWN"}, True),
        ({"family:exact": "Ashdown"}, False),
        ({"family:exact": "ASH"}, False),
        ({"name": "norm"}, True),
        ({"name": "ashd"}, True),
        ({"given": "Nörma"}, True),
        ({"given": "ash"}, False),
        ({"given": "Zoe,norma"}, True),
        ({"family": "ash", "given": "zoe"}, False),
        ({"family:missing": "false"}, True),
        ({"family:missing": "true"}, False),
        ({"birthdate": "1943"}, True),
        ({"birthdate": "1943-03-04"}, True),
        ({"birthdate": "ne1943"}, False),
        ({"birthdate": "lt1944"}, True),
        ({"birthdate": "ap1943-03"}, True),
        ({"gender": "female"}, True),
        ({"gender": "http://hl7.org/fhir/administrative-gender|female"}, True),
        ({"gender": "https://other.example|female"}, False),
        ({"gender:not": "female"}, False),
        ({"gender:not": "male"}, True),
        ({"deceased": "false"}, True),
        ({"deceased": "true"}, False),
        ({"death-date": "ge2000"}, False),
        ({"death-date:missing": "true"}, True),
        ({"active": "true"}, False),
        ({"active:missing": "true"}, True),
        ({"active:not": "true"}, True),
        ({"identifier": "urn:care-gateway:xk1:local-id|SC-20417"}, True),
        ({"identifier": "SC-20417"}, True),
        ({"identifier": f"{NHS}|"}, True),
        ({"_lastUpdated": "ge2026"}, True),
        ({"_lastUpdated": "lt2026"}, False),
    ],
)
def test_string_01_02_04_token_08_people_are_found_by_what_is_shown_of_them(
    gateway, world, criteria, found
):
    answer = gateway.search("Patient", world.gp, **criteria)
    assert answer.status_code == 200, answer.text
    assert (f"Patient/{world.norma}" in references(answer.json())) is found
    both = gateway.search("Patient", world.gp, _id=world.norma, **criteria)
    assert both.json()["total"] == int(found)


def test_string_01_links_name_who_was_found_and_not_what_they_were_found_by(gateway, world):
    bundle = gateway.search("Patient", world.gp, name="a", _count="1").json()
    assert bundle["total"] == 2
    pages = [bundle, *gateway.walk(bundle["link"][1]["url"], world.gp)]
    found = [one for page in pages for one in references(page)]
    assert sorted(found) == sorted([f"Patient/{world.norma}", f"Patient/{world.alice}"])
    for page in pages:
        for link in page["link"]:
            assert "name=" not in link["url"]
            assert world.norma in link["url"]


def test_search_09_an_unknown_code_matches_nothing(total, world):
    assert total(world.gp, "CarePlan", patient=world.norma, status="nosuchcode") == 0


def test_search_10_a_comma_is_or(total, world):
    assert total(world.gp, "CarePlan", patient=world.norma, status="active,completed") == 1
    assert total(world.gp, "CarePlan", patient=world.norma, status="revoked,completed") == 0


def test_search_11_a_repetition_is_and(total, world):
    goals = world.of("Goal", world.norma, world.gp)
    codes = [c["coding"][0]["code"] for c in goals[0]["category"]]
    assert len(codes) > 1
    both = [("category", code) for code in codes]
    assert total(world.gp, "Goal", *both, patient=world.norma) >= 1
    assert total(world.gp, "Goal", *both, ("category", "nosuch"), patient=world.norma) == 0


def test_search_12_an_escaped_comma_is_part_of_the_value(total, world):
    assert total(world.gp, "CarePlan", patient=world.norma, status="active\\,completed") == 0
    assert total(world.gp, "CarePlan", patient=world.norma, status="a\\,b,active") == 1


def test_search_13_several_ids(total, world):
    ids = [goal["id"] for goal in world.of("Goal", world.norma, world.gp)]
    assert total(world.gp, "Goal", _id=",".join(ids)) == 2
    assert total(world.gp, "Goal", _id=f"{ids[0]},none") == 1
    assert total(world.gp, "Goal", _id=world.norma) == 0


def test_search_13_as_many_ids_as_a_page_may_hold(gateway, world):
    ids = [f"00000000-0000-4000-8000-{number:012}" for number in range(499)]
    for kind, name, wanted in (("Patient", "_id", world.norma), ("Goal", "patient", world.norma)):
        form = {name: ",".join([*ids, wanted])}
        assert gateway.search(kind, world.gp, **form).json()["total"] == (kind == "Goal") + 1


def test_search_14_last_updated(gateway, total, world):
    at = gateway.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    for prefix, found in (("ge", 2), ("gt", 0), ("lt", 0), ("le", 2), ("", 2), ("ne", 0)):
        assert total(world.gp, "Goal", patient=world.norma, _lastUpdated=prefix + at) == found
    assert total(world.gp, "Patient", _lastUpdated=f"ge{at}", _id=world.norma) == 1
    assert total(world.gp, "Patient", _lastUpdated=f"gt{at}", _id=world.norma) == 0


def test_token_01_a_code_without_system(total, world):
    assert total(world.gp, "Goal", **{"patient": world.norma, "lifecycle-status": "active"}) == 2


def test_token_02_token_03_token_04_systems(total, world):
    code = "38341003"
    for value, found in (
        (code, 1),
        (f"{systems.SNOMED_CT}|{code}", 1),
        (f"{systems.SNOMED_CT}|", 1),
        (f"|{code}", 0),
        (f"http://loinc.org|{code}", 0),
        ("http://loinc.org|", 0),
        ("3834100_", 0),
        ("38341%", 0),
        (f"{systems.SNOMED_CT[:-1]}_|{code}", 0),
    ):
        assert total(world.gp, "Condition", patient=world.norma, code=value) == found, value


def test_token_05_by_nhs_number_exactly_one(gateway, world):
    answer = gateway.search("Patient", world.gp, identifier=f"{NHS}|{NORMA['nhs_number']}")
    (patient,) = resources(answer.json())
    numbers = [i["value"] for i in patient["identifier"] if i["system"] == NHS]
    assert numbers == [NORMA["nhs_number"]]
    assert answer.json()["total"] == 1
    spaced = gateway.search("Patient", world.gp, identifier="999 000 0077")
    assert references(spaced.json()) == references(answer.json())
    for link in answer.json()["link"]:
        assert NORMA["nhs_number"] not in link["url"]


@pytest.mark.parametrize("value", ["https://other.example|9990000077", f"{NHS}|1", f"{NHS}|x"])
def test_token_05_other_identifiers(gateway, world, value):
    answer = gateway.search("Patient", world.gp, identifier=value)
    assert (answer.status_code, answer.json()["total"]) == (200, 0)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2026-10-20", 0),
        ("2026", 1),
        ("2026-10", 0),
        ("ge2026-11-15", 1),
        ("ge2026-12-02", 0),
        ("gt2026-11-30", 1),
        ("gt2026-12-01", 0),
        ("lt2026-10-20", 0),
        ("lt2026-10-21", 1),
        ("le2026-10-21", 1),
        ("le2026-10-20", 0),
        ("sa2026-10-19", 1),
        ("sa2026-10-20", 0),
        ("eb2026-12-02", 1),
        ("eb2026-12-01", 0),
        ("ne2026", 0),
        ("ne2025", 1),
    ],
)
def test_date_01_to_04_of_a_plan_from_20_october_to_1_december(total, world, value, found):
    assert total(world.gp, "CarePlan", patient=world.norma, date=value) == found


def test_date_05_both_bounds(total, world):
    bounds = [("date", "ge2026-11-01"), ("date", "lt2026-12-01")]
    assert total(world.gp, "CarePlan", *bounds, patient=world.norma) == 1
    bounds = [("date", "ge2026-12-10"), ("date", "lt2026-12-31")]
    assert total(world.gp, "CarePlan", *bounds, patient=world.norma) == 0


def test_date_06_a_period_without_an_end_goes_on(total, world):
    assert total(world.gp, "CarePlan", patient=world.alice, date="ge2030") == 1


def test_reference_01_02_03_ways_to_name_a_patient(gateway, total, world):
    base = f"{gateway.settings.base_url}/fhir/R4"
    for name in ("patient", "subject", "subject:Patient", "patient:Patient"):
        for value in (world.norma, f"Patient/{world.norma}", f"{base}/Patient/{world.norma}"):
            assert total(world.gp, "Goal", (name, value)) == 2
    assert total(world.gp, "Goal", patient=f"Group/{world.norma}") == 0
    pair = [("patient", world.norma), ("subject", world.alice)]
    assert total(world.gp, "Goal", *pair) == 0
    assert total(world.gp, "CarePlan", patient=f"{world.norma},{world.alice}") == 2


def test_include_01_goals_come_with_their_plan_and_are_not_counted(gateway, world):
    path = f"CarePlan?patient={world.norma}&_include=CarePlan:goal"
    bundle = gateway.get(path, world.gp).json()
    modes = [(e["resource"]["resourceType"], e["search"]["mode"]) for e in bundle["entry"]]
    assert modes == [("CarePlan", "match"), ("Goal", "include"), ("Goal", "include")]
    assert bundle["total"] == 1
    both = gateway.get(f"{path}&_include=CarePlan:goal:Goal&_include=*", world.gp).json()
    found = references(both)
    assert len(found) == len(set(found))


def test_include_06_a_goal_out_of_sight_is_absent_and_the_match_is_there(gateway, world):
    path = f"CarePlan?patient={world.alice}&_include=CarePlan:goal"
    bundle = gateway.get(path, world.social_worker).json()
    assert [e["search"]["mode"] for e in bundle["entry"]] == ["match"] + ["include"] * 3
    plan, *goals = resources(bundle)
    assert [g["reference"] for g in plan["goal"]] == sorted(
        (f"Goal/{goal['id']}" for goal in goals),
        key=[g["reference"] for g in plan["goal"]].index,
    )
    assert len(plan["goal"]) == 3


@pytest.mark.parametrize("count", [1, 2, 3])
def test_result_01_pages_are_full_and_lose_and_repeat_nothing(gateway, world, count):
    pages = gateway.walk(f"Goal?patient={world.alice}&_count={count}", world.gp)
    sizes = [len(page["entry"]) for page in pages]
    assert all(size == count for size in sizes[:-1])
    assert {page["total"] for page in pages} == {5}
    found = [one for page in pages for one in references(page)]
    assert len(found) == len(set(found)) == 5


@pytest.mark.parametrize("count", [1, 2])
def test_result_01_pages_of_patients(gateway, world, count):
    pages = gateway.walk(f"Patient?_count={count}", world.gp)
    found = [one for page in pages for one in references(page)]
    assert sorted(found) == sorted([f"Patient/{world.norma}", f"Patient/{world.alice}"])
    assert {page["total"] for page in pages} == {2}


@pytest.mark.parametrize("query", ["_count=0", "_summary=count"])
@pytest.mark.parametrize("resource_type", ["Goal", "Patient"])
def test_result_02_result_06_totals_alone(gateway, world, query, resource_type):
    bundle = gateway.get(f"{resource_type}?_id=x&{query}", world.gp).json()
    assert (bundle["total"], "entry" in bundle) == (0, False)
    bundle = gateway.get(f"{resource_type}?{query}", world.gp).json()
    assert bundle["total"] == {"Goal": 7, "Patient": 2}[resource_type]
    assert "entry" not in bundle
    assert [link["relation"] for link in bundle["link"]] == ["self"]


def test_result_04_count_is_capped_and_self_says_so(gateway, world):
    bundle = gateway.get("Goal?_count=999999", world.gp).json()
    assert bundle["link"][0]["url"].endswith("?_count=500")


def test_result_10_total(gateway, world):
    for wanted in ("accurate", "none", "estimate"):
        path = f"Goal?patient={world.norma}&_total={wanted}"
        assert gateway.get(path, world.gp).json().get("total", 2) == 2


def test_result_13_following_pages_while_others_write_loses_nothing(start):
    from tests.api.world import World

    gateway = start()
    world = World(gateway)
    path = f"Goal?patient={world.norma}&_count=1"
    before = {one for page in gateway.walk(path, world.gp) for one in references(page)}
    first = gateway.get(path, world.gp).json()
    world.revise("2026-11-20T10:00:00Z", title="Changed while paging")
    rest = gateway.walk(first["link"][1]["url"], world.gp)
    found = references(first) + [one for page in rest for one in references(page)]
    assert set(found) >= before
    assert len(found) == len(set(found))


def test_a_search_without_a_person_is_over_the_callers_caseload(gateway, world):
    assert references(gateway.get("Patient", world.other_gp).json()) == [f"Patient/{world.bob}"]
    assert gateway.get("Goal", world.stranger).json()["total"] == 0
    seen = {g["subject"]["reference"] for g in resources(gateway.get("Goal", world.gp).json())}
    assert seen == {f"Patient/{world.norma}", f"Patient/{world.alice}"}


def test_a_person_searches_their_own_record_without_naming_it(gateway, world):
    norma = gateway.token("patient", "norma", patient=world.norma)
    assert references(gateway.get("Patient", norma).json()) == [f"Patient/{world.norma}"]
    assert gateway.get("Goal", norma).json()["total"] == 2
    assert gateway.get(f"Goal?patient={world.alice}", norma).json()["total"] == 0


@pytest.mark.parametrize("whom", [NORMA, ALICE, BOB])
def test_by_number_only_to_those_who_may_see_the_person(gateway, world, whom):
    answer = gateway.search("Patient", world.stranger, identifier=f"{NHS}|{whom['nhs_number']}")
    assert answer.json()["total"] == 0
    assert quote(whom["nhs_number"]) not in answer.text
