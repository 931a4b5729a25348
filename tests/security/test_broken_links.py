"""Attacks across a link that broke: by every way out, from the next request, however it broke.

A trust's plan is linked with Norma's record at her practice. Her GP has read it, keeps the ids, the
tags and the list of an export, and a system of the practice has subscribed. Then the link breaks.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any

import pytest

from gateway.flows.identity.decide_identity import decide
from gateway.flows.outbound import outbound
from gateway.flows.outbound.outbound_profiles import Form, Outbound, Profile
from gateway.identity.statements import Verdict
from tests.api.exports import begun, exported, kick_off, listed, system, write_clients
from tests.api.messages import goal, support_plan
from tests.api.service import FHIR, Headers, Service, resources
from tests.api.subscribing import look, pulled, subscribed
from tests.api.world import NHS, NORMA, PRACTICE, World, council_person
from tests.integration.test_identity_decisions import by
from tests.security.canary import TRUST
from tests.security.test_outbound import every_byte

CANARY = "I want to hear the blackbird."
LOCAL = "T-77"
ELSE = {"nhs_number": "9990000255", "family": "FENWICK", "given": "Oliver", "born": "1951-06-22"}


def sent(person: dict[str, str], day: int, **more: str) -> bytes:
    told = council_person(person, local_id=LOCAL, **more)
    plan = {"id": "SP-B", "written_at": f"2026-11-{day:02d}T14:30:00Z"}
    return support_plan(told, plan, goals=[goal("G1", CANARY)])


def trust_sends(gateway: Service, person: dict[str, str], day: int, **more: str) -> None:
    gateway.at += timedelta(minutes=5)
    gateway.push("mental-health", TRUST, sent(person, day, **more))


def parted(gateway: Service, held: "Held") -> None:
    said = (held.record, held.norma, Verdict.DIFFERENT)
    gateway.run(decide(gateway.site.store, by(gateway.site.store), said, "her twin"))


def number_corrected(gateway: Service, _held: "Held") -> None:
    trust_sends(gateway, NORMA | {"nhs_number": ELSE["nhs_number"]}, 12)


def two_numbers(gateway: Service, _held: "Held") -> None:
    trust_sends(gateway, NORMA | {"born": "1943-03-05"}, 12)


def used_again(gateway: Service, _held: "Held") -> None:
    trust_sends(gateway, ELSE, 12)


def used_before(gateway: Service, _held: "Held") -> None:
    trust_sends(gateway, ELSE, 1)


def decided_and_used_again(gateway: Service, held: "Held") -> None:
    said = (held.record, held.norma, Verdict.SAME)
    gateway.run(decide(gateway.site.store, by(gateway.site.store), said, "the ward rang"))
    assert gateway.get(held.names[0], held.gp).status_code == 200
    used_again(gateway, held)


BREAKS: list[Callable[[Service, "Held"], None]] = [
    parted, number_corrected, two_numbers, used_again, used_before, decided_and_used_again,
]  # fmt: skip


@dataclass
class Held:
    """What those at the practice hold from before."""

    norma: str
    record: str
    gp: Headers
    subscription: dict[str, Any]
    job: str
    names: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> list[str]:
        return [name.partition("/")[2] for name in self.names] + [self.record]


@pytest.fixture
def gateway(start, tmp_path):
    return start(clients_file=write_clients(tmp_path), permission_to_view="implied")


@pytest.fixture
def held(gateway, world: World) -> Held:
    trust_sends(gateway, NORMA, 10)
    norma, gp = world.norma, world.gp
    subscription = subscribed(gateway, gp, "goal-changed")
    look(gateway)
    everything = resources(gateway.get(f"Patient/{norma}/$everything?_count=500", gp).json())
    of_trust = [one for one in everything if f":{TRUST}:" in one["meta"].get("source", "")]
    names = sorted(
        f"{one['resourceType']}/{one['id']}" for one in of_trust if one["resourceType"] != "Patient"
    )
    assert CANARY in json.dumps(everything)
    assert {name.partition("/")[0] for name in names} >= {"CarePlan", "Goal"}
    practice = system(gateway, "practice-system")
    job = begun(kick_off(gateway, practice))
    assert any(CANARY in json.dumps(one) for one in exported(gateway, practice)["Goal"])

    async def of_the_trust(conn: Any) -> str:
        sql = "SELECT patient_id FROM source_record WHERE source_org = $1 AND person_id = $2"
        ((record,),) = await conn.fetch(sql, (TRUST, norma))
        return str(record)

    found = Held(norma, gateway.write(of_the_trust), gp, subscription, job, names)
    for name in names:
        found.tags[name] = gateway.get(name, gp).headers["etag"]
    return found


def ways(held: Held) -> list[str]:
    """Every way in which the practice could ask."""
    norma, record = held.norma, held.record
    of_each = [
        way
        for name in held.names
        for way in (
            name, f"{name}/_history", f"{name}/_history/1", f"{name}/$lineage",
            name.replace("/", "?_id="), f"Provenance?target={name}",
        )
    ]  # fmt: skip
    of_both = [
        way
        for whom in (norma, record)
        for way in (
            f"Patient/{whom}", f"Patient/{whom}/$everything?_count=500", f"Goal?patient={whom}",
            f"Patient/{whom}/_history", f"Patient?_id={whom}", f"CarePlan?subject=Patient/{whom}",
            f"Provenance?patient={whom}",
            f"CarePlan?patient={whom}&_include=CarePlan:goal&_revinclude=Provenance:target",
        )
    ]  # fmt: skip
    return [
        *of_each, *of_both, f"Patient?identifier={NHS}|{ELSE['nhs_number']}",
        "Goal?_lastUpdated=gt2020-01-01&_count=500", "List", "Task", "CareTeam",
    ]  # fmt: skip


def leaks(held: Held, text: str) -> list[str]:
    return [told for told in (CANARY, *held.ids) if told in text]


@pytest.mark.parametrize("broke", BREAKS, ids=lambda one: one.__name__)
def test_nobody_sees_across_a_link_that_broke_by_any_way_out(gateway, held: Held, broke):
    """A request that names an id may say it back as it was asked; nothing else does."""
    broke(gateway, held)
    for way in ways(held):
        answer = gateway.get(way, held.gp)
        asked = answer.text.replace(way, "")
        named = [one for one in held.ids if one in way]
        found = [told for told in leaks(held, asked) if told not in named]
        assert not found, (way, found)
        assert CANARY not in answer.text, way
        assert answer.status_code in ((404,) if way in held.names else (200, 404)), way
    for name, tag in held.tags.items():
        answer = gateway.get(name, held.gp, headers={"If-None-Match": tag})
        assert answer.status_code == 404, (name, "a kept copy is not confirmed")
    matched = gateway.ask(
        "POST", "Patient/$match", held.gp, headers={"Content-Type": FHIR},
        content=json.dumps({"resourceType": "Parameters", "parameter": [{
            "name": "resource", "resource": {
                "resourceType": "Patient", "birthDate": ELSE["born"],
                "identifier": [{"system": NHS, "value": ELSE["nhs_number"]}],
            },
        }]}),
    )  # fmt: skip
    assert matched.status_code == 200, matched.text
    assert not leaks(held, matched.text)


@pytest.mark.parametrize("broke", BREAKS, ids=lambda one: one.__name__)
def test_nor_is_a_system_given_what_it_asked_for_before(gateway, held: Held, broke, tmp_path):
    """An export that was begun, a subscription with what waits in it, a nightly file."""
    broke(gateway, held)
    gateway.at += timedelta(minutes=1)
    look(gateway)
    events = pulled(gateway, held.gp, held.subscription)
    assert not leaks(held, json.dumps(events["events"]))
    practice = system(gateway, "practice-system")
    for one in listed(gateway, practice, held.job)["output"]:
        file = gateway.get(one["url"], practice)
        assert file.status_code == 200
        assert not leaks(held, file.text), one["type"]
    again = exported(gateway, practice)
    assert not leaks(held, json.dumps(again))
    of = Profile(PRACTICE, "gp", Form.CSV, time(2), frozenset())
    given = Outbound(tmp_path / "files", (of,))
    gateway.run(outbound.run(gateway.site, given, of, lambda: gateway.at))
    assert not leaks(held, every_byte(tmp_path / "files"))


@pytest.mark.parametrize("broke", BREAKS, ids=lambda one: one.__name__)
def test_what_is_done_to_the_other_record_since_is_not_in_the_practices_log(
    gateway, held: Held, broke
):
    broke(gateway, held)
    nurse = gateway.token("mental-health-nurse", "mh-1", TRUST)

    def known(org: str) -> set[str]:
        lead = gateway.token("governance-lead", f"ig-{org}", org)
        return {
            one["id"]
            for whom in (held.norma, held.record)
            for one in resources(gateway.get(f"AuditEvent?patient={whom}&_count=500", lead).json())
            if "mh-1" in json.dumps(one)
        }

    assert gateway.get(held.names[-1], nurse).status_code == 200
    assert known(TRUST)
    assert not known(PRACTICE)
