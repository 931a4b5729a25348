"""What rules rows out before their codes and dates are looked at: never one that would be found."""

import pytest

from gateway.store.clear.code_marks import marks_of
from gateway.store.record.spans import range_of

KEPT = "SELECT codes, code_marks, dated_from, dated_until, patient_id, resource_id FROM resource"
OLD = (-1, -(2**63), 2**63 - 1)
NOTHING = (0, 2**63 - 1, -(2**63))


def _rows(service, sql):
    async def read():
        async with service.site.store.engine.reading() as conn:
            return await conn.fetch(sql)

    return service.run(read())


def test_every_row_is_kept_with_what_its_own_codes_and_dates_say(shared):
    dates: dict[tuple[str, str], list[tuple[str, int, int]]] = {}
    for owner, name, low, high in _rows(
        shared, "SELECT patient_id, resource_id, low, high FROM search_date"
    ):
        dates.setdefault((owner, name), []).append(("", low, high))
    rows = _rows(shared, KEPT)
    assert any(row[1] for row in rows)
    assert dates
    for codes, marks, first, after, *place in rows:
        assert marks == marks_of(codes)
        assert (first, after) == range_of(dates.get(tuple(place), ()))


@pytest.mark.parametrize(("kept", "found"), [(OLD, True), (NOTHING, False)], ids=["old", "nothing"])
def test_a_row_of_before_is_found_and_what_is_kept_is_looked_at(start, world, kept, found):
    service = start()
    asked = (
        f"patient={world.norma}&lifecycle-status=active",
        f"patient={world.norma}&start-date=gt1900",
    )
    before = [service.get(f"Goal?{one}", world.gp).json()["total"] for one in asked]
    assert all(before)

    async def spoil(conn):
        await conn.execute(
            "UPDATE resource SET code_marks = $1, dated_from = $2, dated_until = $3", kept
        )

    service.run(service.site.store.write(spoil))
    after = [service.get(f"Goal?{one}", world.gp).json()["total"] for one in asked]
    assert after == (before if found else [0, 0])
