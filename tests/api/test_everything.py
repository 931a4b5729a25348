"""`$everything` and `$lineage`: the whole record, and where each element came from."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from mappings.core.checking.validate import validate
from tests.api.rows import put
from tests.api.service import FHIR, is_outcome, references, resources
from tests.api.world import World


@pytest.fixture
def gateway(shared):
    return shared


def test_ops_01_the_patient_first_and_everything_once(gateway, world):
    bundle = gateway.get(f"Patient/{world.norma}/$everything", world.gp).json()
    found = references(bundle)
    assert (bundle["type"], bundle["total"]) == ("searchset", len(found))
    assert found[0] == f"Patient/{world.norma}"
    assert len(found) == len(set(found)) == 14
    for one in resources(bundle):
        assert validate(one, local_references=False) == ()


@pytest.mark.parametrize("count", [1, 2, 5, 13, 14, 15])
def test_ops_02_pages_lose_and_repeat_nothing(gateway, world, count):
    whole = references(gateway.get(f"Patient/{world.norma}/$everything", world.gp).json())
    pages = gateway.walk(f"Patient/{world.norma}/$everything?_count={count}", world.gp)
    assert [one for page in pages for one in references(page)] == whole
    assert {page["total"] for page in pages} == {14}
    assert all(len(page["entry"]) == count for page in pages[:-1])


def test_ops_02_types(gateway, world):
    path = f"Patient/{world.norma}/$everything?_type=CarePlan,Goal"
    assert sorted(
        {r.partition("/")[0] for r in references(gateway.get(path, world.gp).json())}
    ) == [
        "CarePlan",
        "Goal",
    ]
    pages = gateway.walk(f"{path}&_count=1", world.gp)
    assert len(pages) == 3
    none = gateway.get(f"Patient/{world.norma}/$everything?_type=Task", world.gp)
    assert (none.status_code, none.json()["total"]) == (200, 0)


@pytest.mark.parametrize("asked", ["", "_type", "_since", "_count"])
def test_ops_01_02_by_post_the_same(gateway, world, asked):
    """As clients that send Parameters ask it, and those that send nothing."""
    path = f"Patient/{world.norma}/$everything"
    values = {"_type": ("Code", "Goal"), "_since": ("Instant", "2026-01-01T00:00:00+01:00")}
    kind, value = values.get(asked, ("Integer", 3))
    sent = {"resourceType": "Parameters", "parameter": [{"name": asked, f"value{kind}": value}]}
    headers = {"Content-Type": FHIR}
    posted = gateway.ask("POST", path, world.gp, json=sent if asked else None, headers=headers)
    query = urlencode({asked: value}) if asked else ""
    assert posted.status_code == 200, posted.text
    assert posted.json() == gateway.get(f"{path}?{query}", world.gp).json()


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{", FHIR, 400),
        (b"[]", FHIR, 400),
        (b'{"resourceType":"Patient"}', FHIR, 400),
        (b'{"resourceType":"Parameters","parameter":[{"valueCode":"Goal"}]}', FHIR, 400),
        (b'{"resourceType":"Parameters","parameter":[{"name":"x","valueCode":"Goal"}]}', FHIR, 400),
        (
            b'{"resourceType":"Parameters","parameter":[{"name":"_type","valueCoding":{"code":"a"}}]}',
            FHIR,
            400,
        ),
        (b"<Parameters/>", "application/fhir+xml", 415),
    ],
)
def test_ops_02_by_post_what_cannot_be_read_is_refused(gateway, world, body, media_type, status):
    for path in (f"Patient/{world.norma}/$everything", f"Patient/{world.norma}/$lineage"):
        headers = {"Content-Type": media_type}
        answer = gateway.ask("POST", path, world.gp, content=body, headers=headers)
        assert is_outcome(answer, status)


def test_a1_by_post_who_is_hidden_looks_like_who_is_not_there(gateway, world):
    hidden = gateway.ask("POST", f"Patient/{world.bob}/$everything", world.gp)
    missing = gateway.ask("POST", "Patient/none/$everything", world.gp)
    assert (hidden.status_code, hidden.content) == (404, missing.content)


def test_ops_02_types_that_are_named_one_by_one(gateway, world):
    path = f"Patient/{world.norma}/$everything?_type="
    once = gateway.get(f"{path}CarePlan,Goal", world.gp).json()
    apart = gateway.get(f"{path}CarePlan&_type=Goal", world.gp).json()
    assert references(apart) == references(once) != []


@pytest.mark.parametrize(
    "query",
    [
        *("_since=x", "_since=2026&_since=2026", "start=x", "start=2026&start=2026", "end=20266"),
        *("end=2025&start=2026", "_type=X", "_count=x", "begin=2026"),
    ],
)
def test_ops_02_what_is_not_offered(gateway, world, query):
    answer = gateway.get(f"Patient/{world.norma}/$everything?{query}", world.gp)
    assert is_outcome(answer, 400)
    assert answer.json()["issue"][0]["expression"] == [query.partition("=")[0]]


def test_ops_02_what_was_stored_since(start):
    gateway = start()
    world = World(gateway)
    path = f"Patient/{world.norma}/$everything"
    whole = gateway.get(path, world.gp).json()
    assert gateway.get(f"{path}?_since=2026", world.gp).json()["entry"] == whole["entry"]
    assert gateway.get(f"{path}?_since=2027", world.gp).json()["total"] == 0
    world.revise("2026-11-20T10:00:00Z", title="Nearly there")
    since = (gateway.at - timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    found = resources(gateway.get(f"{path}?_since={since}", world.gp).json())
    assert {one["resourceType"] for one in found} >= {"CarePlan"}
    assert 0 < len(found) < len(whole["entry"])
    assert all(one["meta"]["lastUpdated"] >= since for one in found)
    pages = gateway.walk(f"{path}?_since={since}&_count=1", world.gp)
    assert [one["id"] for page in pages for one in resources(page)] == [o["id"] for o in found]


def _told(of):
    return {"recorded": "2026-11-01T10:00:00Z", "target": [{"reference": of}]}


CARE: list[tuple[dict[str, Any], str]] = [
    ({"resourceType": "Procedure", "id": "p-2019", "performedDateTime": "2019-05-02"}, "2019"),
    ({"resourceType": "Procedure", "id": "p-undated"}, "always"),
    ({"resourceType": "Observation", "id": "o-2021", "effectiveDateTime": "2021-07-31"}, "2021"),
    (
        {
            "resourceType": "Communication",
            "id": "c-2021",
            "sent": "2021-08-01T08:00:00Z",
            "received": "2021-08-01T09:00:00Z",
        },
        "2021",
    ),
    ({"resourceType": "Task", "id": "t-2019", "executionPeriod": {"end": "2019-12-31"}}, "2019"),
    (
        {"resourceType": "Coverage", "id": "v", "period": {"start": "2019", "end": "2021-02"}},
        "2019 early-2021",
    ),
    ({"resourceType": "Condition", "id": "d-2019", "onsetDateTime": "2019-11"}, "2019 2021"),
    ({"resourceType": "Provenance", "id": "w-2019", **_told("Procedure/p-2019")}, "2019"),
    ({"resourceType": "Provenance", "id": "w-2021", **_told("Observation/o-2021")}, "2021"),
]


@pytest.fixture
def cared(start):
    """Rows of somebody, dated; each with the years in which there was such care."""
    service = start()
    world = World(service)
    for row, _ in CARE:
        put(service, world.norma, row | {"subject": {"reference": f"Patient/{world.norma}"}})
    return world


@pytest.mark.parametrize(
    ("query", "years"),
    [
        ("start=2019&end=2019", "2019 always"),
        ("start=2021-07-31&end=2021-08-01", "2021 always"),
        ("end=2019-12-31", "2019 always"),
        ("start=2019", "2019 early-2021 2021 always"),
        ("start=2021", "early-2021 2021 always"),
        ("", "2019 early-2021 2021 always"),
    ],
)
def test_ops_02_the_care_of_some_days_and_what_bears_no_date(cared, query, years):
    path = f"Patient/{cared.norma}/$everything?{query}"
    pages = cared.service.walk(f"{path}&_count=2", cared.gp)
    found = [one for page in pages for one in references(page)]
    names = {f"{row['resourceType']}/{row['id']}" for row, _ in CARE}
    wanted = {
        f"{row['resourceType']}/{row['id']}"
        for row, of in CARE
        if set(of.split()) & set(years.split())
    }
    assert names & set(found) == wanted
    assert found[0] == f"Patient/{cared.norma}"
    assert {page["total"] for page in pages} == {len(found)} == {len(set(found))}
    assert references(cared.service.get(path, cared.gp).json()) == found


def test_ops_02_a_day_narrows_with_types_and_by_post(cared):
    path = f"Patient/{cared.norma}/$everything"
    query = {"_type": "Observation,Task", "start": "2021-07-31", "end": "2021-07-31"}
    once = cared.service.get(f"{path}?{urlencode(query)}", cared.gp).json()
    assert references(once) == ["Observation/o-2021"]
    sent = {
        "resourceType": "Parameters",
        "parameter": [
            *({"name": "_type", "valueCode": kind} for kind in ("Observation", "Task")),
            *({"name": name, "valueDate": "2021-07-31"} for name in ("start", "end")),
        ],
    }
    headers = {"Content-Type": FHIR}
    posted = cared.service.ask("POST", path, cared.gp, json=sent, headers=headers).json()
    assert posted["entry"] == once["entry"]


def test_ops_03_a_missing_and_a_hidden_person(gateway, world):
    for query in ("", "?_type=Task", "?_count=1"):
        answers = [
            gateway.get(f"Patient/{person}/$everything{query}", world.gp)
            for person in ("none", world.bob)
        ]
        assert all(is_outcome(answer, 404, "not-found") for answer in answers)
        assert answers[0].content == answers[1].content


def _elements(answer):
    return [
        {
            part["name"]: next(v for k, v in part.items() if k.startswith("value"))
            for part in element["part"]
        }
        for element in answer.json()["parameter"]
    ]


def test_lineage_names_for_each_element_where_it_came_from(gateway, world):
    goal = next(
        g
        for g in world.of("Goal", world.norma, world.social_worker)
        if "breakfast" in g["description"]["text"]
    )
    answer = gateway.get(f"Goal/{goal['id']}/$lineage", world.social_worker)
    assert answer.json()["resourceType"] == "Parameters"
    assert validate(answer.json(), local_references=False) == ()
    found = {one["path"]: one for one in _elements(answer)}
    words = found["description.text"]
    assert words["sourceField"] == "goals[1].words"
    assert set(words) >= {"path", "sourceField", "rule", "mappingVersion", "delivery", "item"}
    assert words["received"] == "2026-11-21T12:00:00Z"
    assert words["item"] == 1
    own = gateway.token("provider", "system", "XK1", feeds=["social-care"])
    again = gateway.get(f"/feeds/social-care/deliveries/{words['delivery']}", own)
    assert f"Goal/{goal['id']}" in [r["reference"] for r in again.json()["resources"]]


def test_lineage_of_a_patient_and_of_the_hidden(gateway, world):
    found = _elements(gateway.get(f"Patient/{world.norma}/$lineage", world.gp))
    assert {"name[0].family", "birthDate"} <= {one["path"] for one in found}
    for path in (f"Patient/{world.bob}/$lineage", "Goal/none/$lineage"):
        assert is_outcome(gateway.get(path, world.gp), 404, "not-found")


def test_lineage_of_a_cut_resource_follows_what_is_left(gateway, world):
    (plan,) = world.of("CarePlan", world.alice, world.social_worker)
    paths = {
        one["path"]
        for one in _elements(gateway.get(f"CarePlan/{plan['id']}/$lineage", world.social_worker))
    }
    goals = sorted(path for path in paths if path.startswith("goal["))
    assert len(plan["goal"]) == 3
    assert goals == ["goal[0]", "goal[1]", "goal[2]"] or goals == [
        f"goal[{n}].reference" for n in range(3)
    ]
