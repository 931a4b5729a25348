"""Plans, visits and the council's return about one person, in any order: one state.

The messages: a plan, the same plan a goal shorter, the plan of a carer for another, a visit as
planned and as it was, a service of the council's return at two costs, three months apart.
"""

import asyncio
import itertools
import json
from typing import Any

from mappings.social_care.message import cld
from tests.integration.taking import (
    ROOT,
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

EXAMPLES = ROOT / "examples" / "social-care"


def _plan(written: str, name: str = "norma-home-care-plan.json", **parts: Any) -> Delivery:
    plan = json.loads((EXAMPLES / name).read_text()) | {"written_at": written} | parts
    return Delivery("social-care", json.dumps(plan).encode(), "application/json", name=written)


def _visit(written: str, cells: dict[str, str]) -> Delivery:
    row = {
        "written_at": written,
        "person.local_id": "VM2XX-77",
        "person.nhs_number": "999 000 0077",
        "plan.id": "HC-40",
        "visit.id": "V9",
        "visit.action_id": "A1",
        "visit.planned_start": "2026-11-12T07:45",
        **cells,
    }
    body = f"{','.join(row)}\n{','.join(row.values())}\n"
    return Delivery("social-care", body.encode(), "text/csv", name=written)


def _return(period: str, cost: str, end: str = "") -> Delivery:
    row = {
        "LA Code": "714",
        "Reporting Period End Date": period,
        "NHS Number": "9990000077",
        "LA Person Unique Identifier": "SC-20417",
        "Client Type": "Service user",
        "Event Type": "Service",
        "Event Start Date": "2026-05-01",
        "Event End Date": end,
        "Service Type": "Long term support: Community",
        "Service Component": "Home support or domiciliary care",
        "Unit Cost": cost,
    }
    cells = [row.get(heading, "") for heading in cld.HEADINGS]
    body = f"{','.join(cld.HEADINGS)}\n{','.join(cells)}\n"
    return Delivery("social-care", body.encode(), "text/csv", name=period)


MESSAGES = [
    _plan("2026-11-10T09:00:00Z"),
    _plan("2026-11-11T09:00:00Z", goals=[], actions=[], needs=[]),
    _plan("2026-11-10T10:00:00Z", "ruth-carer-plan.json"),
    _visit("2026-11-09T12:00:00Z", {"visit.state": "planned"}),
    _visit("2026-11-12T12:00:00Z", {"visit.state": "done", "visit.note": "All well."}),
    _return("2026-06-30", "20.50"),
    _return("2026-09-30", "22.75", "2026-09-01"),
]


def _orders(*, whole: bool) -> list[tuple[int, ...]]:
    every = list(itertools.permutations(range(len(MESSAGES))))
    some = [*every[:: len(every) // 60], every[-1], (*range(7), *range(6, -1, -1))]
    return part(some, 8, whole=whole)


def test_any_order_gives_one_state(database_url, tmp_path, whole):
    upgraded(database_url)

    async def scenario() -> list[Any]:
        made = []
        async with opened(database_url, provider(tmp_path)) as store:
            for order in _orders(whole=whole):
                answers = await all_taken(store, [MESSAGES[number] for number in order])
                assert {answer["status"] for answer in answers} == {"taken"}
                made.append((order, await state_of(store), await resources(store)))
                await wiped(store)
        return made

    made = asyncio.run(scenario())
    for order, state, _ in made[1:]:
        assert state == made[0][1], order
    _, _, stands = made[0]
    bodies = [body for body, _ in stands.values()]
    kinds = [body["resourceType"] for body in bodies]
    assert kinds.count("Goal") == 1, "the shorter plan withdrew its goal; the carer's stands"
    assert kinds.count("Encounter") == 1
    (visit,) = [body for body in bodies if body["resourceType"] == "Encounter"]
    assert visit["status"] == "finished"
    costs = [body for body in bodies if "/cost" in repr(body.get("extension"))]
    assert "22.75" in repr(costs)
    assert "20.5" not in repr(costs)
    names = [body for body in bodies if body.get("name")]
    assert len(names) == 2, "a visit overwrites nothing of what the plan says of the person"
