"""When people were born, as authorities to act for them rest on it: asked in one go, and of nobody
where keys do not open."""

from datetime import date

import pytest

from gateway.store.identity import births
from tests.api.acting import SAM, a_child
from tests.api.service import resources
from tests.api.world import HOSPITAL, NORMA
from tests.fake_log import FakeLog


class Counted:
    """A vault that counts how often it is asked for keys."""

    def __init__(self, vault):
        self._vault, self.asked = vault, 0

    async def keys(self, conn, owners):
        self.asked += 1
        return await self._vault.keys(conn, owners)


@pytest.fixture
def vault(gateway):
    return Counted(gateway.site.store.vault)


def _read(gateway, ask):
    async def read():
        async with gateway.site.store.engine.reading() as conn:
            return await ask(conn)

    return gateway.run(read())


def test_the_birth_dates_of_several_people_cost_one_look_at_keys(gateway, world, vault):
    people = {a_child(gateway): SAM, world.norma: NORMA}
    found = _read(gateway, lambda conn: births.of_people(conn, vault, [*people, "nobody"]))
    assert found == {one: date.fromisoformat(who["born"]) for one, who in people.items()}
    assert vault.asked == 1


def test_where_a_key_does_not_open_nobody_has_a_birth_date(gateway, world, vault, monkeypatch):
    log = FakeLog()
    monkeypatch.setattr(births, "_log", log)
    child = a_child(gateway)
    owners = _owners(gateway, child)

    async def alter(conn):
        for owner in owners:
            await conn.execute(
                "UPDATE data_key SET wrapped = $2 WHERE owner = $1", (owner, b"\0" * 60)
            )

    gateway.write(alter)
    for owner in owners:
        gateway.site.store.vault.forget(owner)
    people = [child, world.norma]
    assert _read(gateway, lambda conn: births.of_people(conn, vault, people)) == {}
    assert _read(gateway, lambda conn: births.of_records(conn, vault, owners)) is None
    assert log.events == ["birth-date-unreadable"] * 2


def _owners(gateway, person):
    async def ask(conn):
        return await conn.fetch(
            "SELECT patient_id FROM source_record WHERE person_id = $1", (person,)
        )

    return [row[0] for row in _read(gateway, ask)]


def test_a_reader_is_told_that_a_birth_date_was_estimated(gateway, world):
    lines = [
        "MSH|^~\\&|PAS|RAX|GW|SWL|20261001090000||ADT^A04|A-1|P|2.4",
        "EVN|A04|20261001090000",
        "PID|1||4711^^^RAX^MR||HOLLIS^Ida||19400101|2" + "|" * 24 + "ED",
        "PV1|1|O|Astor||||||||||||||||SP-9|||||||||||||||||||||||||20261001083000",
    ]
    gateway.push("hospital", HOSPITAL, "\r".join(lines).encode() + b"\r", "application/hl7-v2")
    (person,) = resources(gateway.get("Patient?family=HOLLIS", world.doctor).json())
    (said,) = person["_birthDate"]["extension"]
    assert (person["birthDate"], said["valueBoolean"]) == ("1940-01-01", True)
    answer = gateway.get(f"Patient/{person['id']}?_format=xml", world.doctor)
    assert '<birthDate value="1940-01-01"><extension url="' in answer.text
