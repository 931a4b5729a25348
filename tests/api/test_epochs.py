"""What is kept in memory about a person is what the database holds, whoever changed it and how."""

import pytest

from consent.periods import MAX_MICROS
from gateway.store import facts
from gateway.store.held import HeldCache
from tests.api.service import Service
from tests.api.world import ALICE, COUNCIL, NORMA, World

EVER = f"0, {MAX_MICROS}"
RECORD = "(SELECT patient_id FROM source_record WHERE person_id = '{norma}' LIMIT 1)"
CHANGES = {
    "a caseload entry": (
        "INSERT INTO caseload (patient_id, entry_id, org, user_id, kind, starts, ends, evidence,"
        " why) VALUES ({record}, 'e-1', 'ORG9', '', 'caseload', {ever}, 'list', '')"
    ),
    "its end": "UPDATE caseload SET ends = 5 WHERE entry_id = 'e-1'",
    "its removal": "DELETE FROM caseload WHERE entry_id = 'e-1'",
    "a permission": (
        "INSERT INTO permission (patient_id, permission_id, org, user_id, starts, ends,"
        " asked_how, recorded_by, recorded_at) VALUES ({record}, 'p-1', 'ORG9', '', {ever},"
        " 'in-person', 'u', 1)"
    ),
    "its end, too": "UPDATE permission SET ends = 5 WHERE permission_id = 'p-1'",
    "its withdrawal": "DELETE FROM permission WHERE permission_id = 'p-1'",
    "an opt-out": "UPDATE person SET opted_out = 1 WHERE person_id = '{norma}'",
    "a restriction": "UPDATE person SET pds = 'R' WHERE person_id = '{norma}'",
    "a death": "UPDATE person SET deceased = 1 WHERE person_id = '{norma}'",
    "another practice": "UPDATE source_record SET practice = 'ORG8' WHERE person_id = '{norma}'",
    "a consent": (
        "UPDATE resource SET resource_type = 'Consent', deleted = 1"
        " WHERE resource_id = (SELECT MIN(resource_id) FROM resource WHERE resource_type = 'Goal'"
        " AND patient_id IN (SELECT patient_id FROM source_record WHERE person_id = '{norma}'))"
    ),
    "a source record less": (
        "UPDATE source_record SET person_id = '{alice}' WHERE person_id = '{norma}'"
        " AND source_org = '{council}'"
    ),
    "a source record gone": (
        "DELETE FROM source_record WHERE person_id = '{alice}' AND patient_id <> '{alice}'"
    ),
}


def held(service: Service, cache: HeldCache, people: list[str]):
    async def read():
        store = service.site.store
        async with store.engine.reading() as conn:
            return await facts.facts_about(conn, store.vault, cache, people)

    return service.run(read())


def test_no_change_leaves_a_kept_person_as_they_were(world: World):
    service = world.service
    names = {"norma": world.person(NORMA, world.gp), "alice": world.person(ALICE, world.gp)}
    people = list(names.values())
    names |= {"record": RECORD.format(**names), "ever": EVER, "council": COUNCIL}
    warm = HeldCache()
    before = held(service, warm, people)
    for what, sql in CHANGES.items():

        async def change(conn, sql=sql):
            return await conn.execute(sql.format(**names))

        assert service.write(change) > 0, what
        after = held(service, warm, people)
        assert after == held(service, HeldCache(), people), what
        assert after != before, what
        moved = [one for one in people if one in after and after[one].epoch > before[one].epoch]
        assert moved, what
        before = after


def test_a_kept_person_is_not_read_again(world: World):
    service, warm = world.service, HeldCache()
    person = world.person(NORMA, world.gp)
    assert held(service, warm, [person])[person] is held(service, warm, [person])[person]


def test_what_a_writing_reads_is_not_kept(world: World):
    service, warm = world.service, HeldCache()
    person = world.person(NORMA, world.gp)

    class UndoneError(Exception):
        pass

    async def undone(conn):
        await conn.execute("UPDATE person SET opted_out = 1 WHERE person_id = $1", (person,))
        inside = await facts.facts_about(conn, service.site.store.vault, warm, [person])
        assert inside[person].facts.opted_out
        raise UndoneError

    with pytest.raises(UndoneError):
        service.write(undone)
    assert not held(service, warm, [person])[person].facts.opted_out


def test_a_person_keeps_their_epoch(world: World):
    async def remove(conn):
        await conn.execute("DELETE FROM person")

    with pytest.raises(Exception, match="keeps their epoch"):
        world.service.write(remove)
