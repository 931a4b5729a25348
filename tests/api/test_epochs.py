"""What is kept in memory about a person is what the database holds, whoever changed it and how."""

import pytest

from consent.periods import MAX_MICROS
from gateway.store.access import facts
from gateway.store.access.held import HeldCache
from tests.api.service import Service
from tests.api.world import ALICE, COUNCIL, NORMA, World

EVER = f"0, {MAX_MICROS}"
RECORD = "(SELECT patient_id FROM source_record WHERE person_id = '{norma}' LIMIT 1)"
FACT = (
    "INSERT INTO person_fact (patient_id, fact, origin, value, claim, said_by, recorded_at)"
    " VALUES ({{record}}, '{fact}', 'operator', '{value}', '', 'ops', 1)"
)
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
    "an opt-out": FACT.format(fact="opted-out", value="yes"),
    "a restriction": FACT.format(fact="pds", value="R"),
    "a stricter one": "UPDATE person_fact SET value = 'V' WHERE fact = 'pds'",
    "a death": FACT.format(fact="deceased", value="yes"),
    "no death": "DELETE FROM person_fact WHERE fact = 'deceased'",
    "a feed in the sandbox": (
        "INSERT INTO feed_standing (org, feed, state, changed_at, changed_by, joined_at)"
        " VALUES ('ORG7', 'gp', 'sandbox', 1, 'ops', 0)"
    ),
    "its checking": "UPDATE feed_standing SET state = 'safety-access' WHERE org = 'ORG7'",
    "its opening": "UPDATE feed_standing SET state = 'open' WHERE org = 'ORG7'",
    "a switch": (
        "INSERT INTO site_switch (locality, kind, name) VALUES ('north', 'feed', 'social-care')"
    ),
    "practices": (
        "INSERT INTO site_entry (kind, entry_id, part_of, body)"
        " SELECT DISTINCT 'practice', practice, 'north', '{{}}' FROM source_record"
    ),
    "their move": "UPDATE site_entry SET part_of = 'south'",
    "the end of the switch": "DELETE FROM site_switch",
    "the end of the site": "DELETE FROM site_entry",
    "another practice": "UPDATE source_record SET practice = 'ORG8' WHERE person_id = '{norma}'",
    "a consent": (
        "UPDATE resource SET resource_type = 'Consent', deleted = 1"
        " WHERE resource_id = (SELECT MIN(resource_id) FROM resource WHERE resource_type = 'Goal'"
        " AND patient_id IN (SELECT patient_id FROM source_record WHERE person_id = '{norma}'))"
    ),
    "an emergency": (
        "INSERT INTO access_grant (patient_id, grant_id, kind, org, user_id, role, purpose, reason,"
        " text_length, day, number, starts, ends, closed_by) VALUES ({record}, 'b-1',"
        " 'break-glass', 'ORG9', 'u', 'gp', 'TREAT', 'emergency', 20, '2026-11-21', 1, {ever}, '')"
    ),
    "its closing": "UPDATE access_grant SET ends = 5, closed_by = 'u' WHERE grant_id = 'b-1'",
    "a claim": "UPDATE access_grant SET kind = 'self-claim' WHERE grant_id = 'b-1'",
    "no claim": "DELETE FROM access_grant WHERE grant_id = 'b-1'",
    "a visit": (
        "INSERT INTO home_visit (patient_id, resource_id, org, starts, ends, recorded_at)"
        " VALUES ({record}, 'v-1', 'ORG9', {ever}, 1)"
    ),
    "its delay": "UPDATE home_visit SET starts = 7 WHERE resource_id = 'v-1'",
    "no visit": "DELETE FROM home_visit WHERE resource_id = 'v-1'",
    "a consent of others too": (
        "INSERT INTO written_together (patient_id, name, version, kind, written_at, settled_at)"
        " VALUES ({record}, 'c-1', 1, 'Consent', {ever})"
    ),
    "its settling": "UPDATE written_together SET settled_at = settled_at - 1",
    "what is doubtful again": "UPDATE written_together SET settled_at = settled_at + 1",
    "what is not": "DELETE FROM written_together WHERE name = 'c-1'",
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


def test_what_a_writing_reads_is_not_kept_where_it_is_undone(world: World):
    service, warm = world.service, HeldCache()
    person = world.person(NORMA, world.gp)

    class UndoneError(Exception):
        pass

    async def undone(conn):
        names = {"record": RECORD.format(norma=person)}
        await conn.execute(FACT.format(fact="opted-out", value="yes").format(**names))
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


def test_what_a_writing_reads_is_kept_once_it_is_durable(world: World):
    service, warm = world.service, HeldCache()
    person = world.person(NORMA, world.gp)

    async def done(conn):
        read = await facts.facts_about(conn, service.site.store.vault, warm, [person])
        assert not warm.kept
        return read

    inside = service.write(done)
    assert held(service, warm, [person])[person] is inside[person]
