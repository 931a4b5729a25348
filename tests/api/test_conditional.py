"""Conditional create, update and delete, row by row: by one identifier, of the own organisation."""

import asyncio
import json
from urllib.parse import urlencode

import pytest

from tests.api.service import FHIR, is_outcome
from tests.api.writing import PLANS, goal, on_shelf


def _named(person_id, value="g-1", **more):
    named = [{"system": PLANS, "value": value}]
    return goal(person_id, identifier=named, meta=on_shelf("support-plan"), **more)


def _put(gateway, resource, who, query):
    headers = {"Content-Type": FHIR}
    path = f"Goal?{query}" if query is not None else "Goal"
    return gateway.ask("PUT", path, who, content=json.dumps(resource), headers=headers)


def test_ccreate_01_02_03_none_one_and_several(gateway, world):
    sent, condition = _named(world.norma), f"identifier={PLANS}|g-1"
    made = gateway.create(sent, world.gp, If_None_Exist=condition)
    assert made.status_code == 201
    again = gateway.create(sent | {"priority": {"text": "x"}}, world.gp, If_None_Exist=condition)
    assert (again.status_code, again.json()) == (200, made.json())
    assert again.headers["location"] == made.headers["location"]
    assert gateway.create(sent, world.gp).status_code == 201, "without a condition a second one"
    several = gateway.create(sent, world.gp, If_None_Exist=condition)
    assert is_outcome(several, 412, "multiple-matches")
    other = gateway.create(sent, world.social_worker, If_None_Exist=condition)
    assert other.status_code == 201, "another organisation's identifier is another one"


def test_ccreate_02_the_address_of_the_type_may_stand_before_the_condition(gateway, world):
    sent, condition = _named(world.norma), urlencode({"identifier": f"{PLANS}|g-1"})
    made = gateway.create(sent, world.gp, If_None_Exist=f"Goal?{condition}")
    base = f"{gateway.settings.base_url}/fhir/R4"
    for address in ("?", "Goal?", f"{base}/Goal?"):
        again = gateway.create(sent, world.gp, If_None_Exist=f"{address}{condition}")
        assert (again.status_code, again.json()) == (200, made.json())
    for address in ("CarePlan?", "https://elsewhere.example/Goal?", f"{base}/CarePlan?"):
        wrong = gateway.create(sent, world.gp, If_None_Exist=f"{address}{condition}")
        assert is_outcome(wrong, 400, "invalid")


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    "condition",
    ["", "nosuch=1", "identifier=", "identifier=x", "identifier=|x", "identifier=a|b&_id=1",
     "identifier=a|b,c|d", "_format=json", "patient=1"],
)  # fmt: skip
def test_ccreate_04_cupdate_06_a_condition_never_means_all(gateway, world, condition):
    sent = _named(world.norma)
    assert is_outcome(gateway.create(sent, world.gp, If_None_Exist=condition), 400, "invalid")
    for method in ("PUT", "DELETE"):
        headers = {"Content-Type": FHIR}
        path = f"Goal?{condition}"
        answer = gateway.ask(method, path, world.gp, content=json.dumps(sent), headers=headers)
        assert is_outcome(answer, 400 if condition else 405)


def test_ccreate_05_of_many_at_once_one_is_made(gateway, world):
    sent = json.dumps(_named(world.norma))
    headers = world.gp | {"Content-Type": FHIR, "If-None-Exist": f"identifier={PLANS}|g-1"}

    async def many():
        asked = (
            gateway._client.post("/fhir/R4/Goal", content=sent, headers=headers) for _ in range(20)
        )
        return await asyncio.gather(*asked)

    answers = gateway.run(many())
    assert sorted(one.status_code for one in answers) == [200] * 19 + [201]
    assert len({one.json()["id"] for one in answers}) == 1


def test_cupdate_01_to_05_none_one_and_several(gateway, world):
    query, sent = f"identifier={PLANS}|g-1", _named(world.norma)
    refused = _put(gateway, sent | {"id": "mine"}, world.gp, query)
    assert is_outcome(refused, 400, "invalid")
    made = _put(gateway, sent, world.gp, query)
    assert (made.status_code, made.headers["etag"]) == (201, 'W/"1"')
    changed = _put(gateway, sent | {"priority": {"text": "high"}}, world.gp, query)
    assert (changed.status_code, changed.headers["etag"]) == (200, 'W/"2"')
    assert changed.json()["id"] == made.json()["id"]
    assert is_outcome(_put(gateway, sent | {"id": "other"}, world.gp, query), 400, "invalid")
    whole = _put(gateway, changed.json() | {"priority": {"text": "low"}}, world.gp, query)
    assert whole.status_code == 200
    gateway.create(sent, world.gp)
    assert is_outcome(_put(gateway, sent, world.gp, query), 412, "multiple-matches")


def test_cupdate_07_to_10_deletion_by_identifier(gateway, world):
    path = f"Goal?identifier={PLANS}|g-1"
    assert gateway.ask("DELETE", path, world.gp).status_code == 204
    made = gateway.create(_named(world.norma), world.gp).json()
    assert gateway.ask("DELETE", path, world.gp).status_code == 204
    assert is_outcome(gateway.get(f"Goal/{made['id']}", world.gp), 410)
    two = [gateway.create(_named(world.norma), world.gp).json() for _ in range(2)]
    assert is_outcome(gateway.ask("DELETE", path, world.gp), 412, "multiple-matches")
    for one in two:
        assert gateway.get(f"Goal/{one['id']}", world.gp).status_code == 200
    assert is_outcome(gateway.ask("DELETE", "Goal", world.gp), 405, "not-supported")


def test_an_identifier_is_found_as_it_now_stands(gateway, world):
    made = gateway.create(_named(world.norma, "old"), world.gp).json()
    renamed = made | {"identifier": [{"system": PLANS, "value": "new"}]}
    assert _put(gateway, renamed, world.gp, f"identifier={PLANS}|old").status_code == 200
    for value, status in (("old", 201), ("new", 200)):
        condition = f"identifier={PLANS}|{value}"
        answer = gateway.create(_named(world.norma, value), world.gp, If_None_Exist=condition)
        assert answer.status_code == status
