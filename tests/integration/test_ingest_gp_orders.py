"""A GP record in pieces: each order of arrival gives one state.

Whole records, one that is still in transit, and plans and goals sent as such, as JSON and XML.
"""

import asyncio
import itertools
import json
from typing import Any

from tests.integration.taking import (
    Delivery,
    all_taken,
    opened,
    provider,
    resources,
    state_of,
    upgraded,
    wiped,
)
from tests.sampling import part

SNOMED = "http://snomed.info/sct"
WARNING = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-ListWarningCode-1"
SECTIONS = (
    *("717711000000103", "886921000000105", "1149501000000101", "826501000000100"),
    *("792931000000107", "714311000000108", "933361000000108"),
)
PATIENT = {
    "resourceType": "Patient",
    "id": "ada-1",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
    "birthDate": "1950-02-01",
}


def _coded(code: str, **more: Any) -> dict[str, Any]:
    return {"code": {"coding": [{"system": SNOMED, "code": code}]}, **more}


def _record(day: int, *held: dict[str, Any], warned: str = "") -> Delivery:
    extension = [{"url": WARNING, "valueCode": warned}] if warned else []
    lists = [
        _coded(code, resourceType="List", **({"extension": extension} if extension else {}))
        for code in SECTIONS
    ]
    sent = {
        "resourceType": "Bundle",
        "meta": {"lastUpdated": f"2026-05-{day:02}T08:00:00Z"},
        "entry": [{"resource": one} for one in (PATIENT, *lists, *held)],
    }
    return Delivery("gp", json.dumps(sent).encode(), name=f"record of day {day}")


def _problem(id_: str, code: str) -> dict[str, Any]:
    return _coded(code, resourceType="Condition", id=id_, clinicalStatus="active")


def _observed(id_: str, code: str, day: int, **more: Any) -> dict[str, Any]:
    on = f"2026-04-{day:02}"
    made = _coded(code, resourceType="Observation", id=id_, status="final", effectiveDateTime=on)
    return made | more


PLAN = {
    "resourceType": "CarePlan",
    "id": "plan-1",
    "meta": {"lastUpdated": "2026-05-04T08:00:00Z"},
    "status": "active",
    "intent": "plan",
    "created": "2026-05-04",
    "subject": {"reference": "Patient/ada-1"},
    "goal": [{"reference": "Goal/goal-1"}],
}
GOAL = """<Goal xmlns="http://hl7.org/fhir"><id value="goal-1"/>
<meta><lastUpdated value="2026-05-05T08:00:00Z"/></meta>
<lifecycleStatus value="active"/><description><text value="Walk to the park"/></description>
<subject><reference value="Patient/ada-1"/></subject></Goal>"""

SENT = [
    _record(1, _problem("p-1", "44054006"), _observed("t-1", "315612005", 1)),
    _record(2, _observed("t-2", "315612005", 2), warned="data-in-transit"),
    _record(3, _problem("p-2", "195967001"), _observed("t-2", "315612005", 2)),
    Delivery("gp", json.dumps(PLAN).encode(), name="a plan"),
    Delivery("gp", GOAL.encode(), name="a goal as XML"),
]


def test_each_order_of_arrival_gives_one_state(database_url, tmp_path, whole):
    upgraded(database_url)
    made, held = asyncio.run(_each_order(database_url, provider(tmp_path), whole=whole))
    first = made[0][1]
    assert [order for order, state in made if state != first] == []
    kinds = sorted(name.partition("/")[0] for name in held)
    assert kinds == [
        *("CarePlan", "CarePlan", "Condition", "Goal", "Goal", "Observation", "Patient")
    ]
    said = {one["resourceType"]: one for one, _ in held.values()}
    assert said["Condition"]["code"]["coding"][0]["code"] == "195967001"


async def _each_order(url: str, keys: Any, *, whole: bool) -> tuple[list[Any], dict[str, Any]]:
    orders = list(itertools.permutations(range(len(SENT))))
    orders += [(*order, *order[::-1]) for order in orders[::15]]
    made, held = [], {}
    async with opened(url, keys) as store:
        for order in part(orders, 28, whole=whole):
            answers = await all_taken(store, [SENT[number] for number in order])
            assert all(answer["status"] == "taken" for answer in answers), answers
            made.append((order, await state_of(store)))
            held = await resources(store)
            await wiped(store)
    return made, held
