"""The borough these tests ask about: people, organisations, and what feeds said of them.

Norma   practice H85001 and council XK1, linked; a support plan with two goals, hypertension
Alice   practice H85001 and council XK1, linked; hypertension, HIV, schizophrenia; a plan of six
        goals, of which two are about mental health and one is very restricted
Bob     practice H85002 alone
Olive   council XK1, a placeholder number: linked to nobody
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from consent.periods import MAX_MICROS, MIN_MICROS
from gateway.store.access import caseload
from tests.api.messages import (
    HIV,
    HYPERTENSION,
    SCHIZOPHRENIA,
    goal,
    gp_record,
    support_plan,
)
from tests.api.service import Headers, Service, resources

ROOT: Final = Path(__file__).resolve().parents[2]
EXAMPLE: Final = ROOT / "examples" / "social-care" / "norma-support-plan.json"
PRACTICE, OTHER_PRACTICE, COUNCIL, HOSPITAL = "H85001", "H85002", "XK1", "RAX"
NHS: Final = "https://fhir.nhs.uk/Id/nhs-number"

NORMA: Final = {
    "id": "6f1c7a10-0000-4000-8000-000000000077",
    "nhs_number": "9990000077",
    "family": "ASHDOWN",
    "given": "Norma",
    "born": "1943-03-04",
}
ALICE: Final = {
    "id": "6f1c7a10-0000-4000-8000-000000000158",
    "nhs_number": "9990000158",
    "family": "THORNBURY",
    "given": "Alice",
    "born": "1980-02-29",
}
BOB: Final = {
    "id": "6f1c7a10-0000-4000-8000-000000000239",
    "nhs_number": "9990000239",
    "family": "PENDLETON",
    "given": "Bob",
    "born": "2012-07-01",
}
ALICE_PLAN: Final = [
    goal("G1", "I want to swim again.", started_on="2026-10-20"),
    goal("G2", "I want to cook for friends.", note="Quiet mornings suit her."),
    goal("G3", "I want the voices to be quieter.", sharing=["mental health"]),
    goal("G4", "I want to sleep without fear.", sharing=["mental health"]),
    goal("G5", "I want to see my brother.", sharing=["very restricted"]),
    goal("G6", "I want to keep my allotment."),
]
HIDDEN_WORDS: Final = ("voices to be quieter", "sleep without fear", "see my brother")


def council_person(person: dict[str, str], **more: str) -> dict[str, Any]:
    return {
        "local_id": f"SC-{person['family']}",
        "nhs_number": person["nhs_number"],
        "birth_date": person["born"],
        "family_name": person["family"],
        "given_names": [person["given"]],
        "gender": "female",
        "address": {"lines": ["7 Ash Row", "Surbiton"], "postcode": "KT6 5ZZ"},
        "phone": "020 7946 0901",
        **more,
    }


def messages() -> list[tuple[str, str, bytes, str]]:
    """(feed, organisation, body, media type) of everything that is pushed."""
    fhir, plain = "application/fhir+json", "application/json"
    olive = {**ALICE, "family": "GREENFIELD", "given": "Olive", "nhs_number": "9999999999"}
    return [
        ("gp", PRACTICE, gp_record(PRACTICE, NORMA, [HYPERTENSION]), fhir),
        ("gp", PRACTICE, gp_record(PRACTICE, ALICE, [HYPERTENSION, HIV, SCHIZOPHRENIA]), fhir),
        ("gp", OTHER_PRACTICE, gp_record(OTHER_PRACTICE, BOB, [HYPERTENSION]), fhir),
        ("social-care", COUNCIL, EXAMPLE.read_bytes(), plain),
        (
            "social-care",
            COUNCIL,
            support_plan(council_person(ALICE), {"id": "SP-A"}, goals=ALICE_PLAN),
            plain,
        ),
        (
            "social-care",
            COUNCIL,
            support_plan(
                council_person(olive), {"id": "SP-O"}, goals=[goal("G1", "I want to read.")]
            ),
            plain,
        ),
    ]


def fill(service: Service) -> None:
    """Push everything, and put the council's and the hospital's workers in touch."""
    for feed, org, body, media_type in messages():
        service.push(feed, org, body, media_type)
    world = World(service)
    for person in (NORMA, ALICE):
        put_on_caseload(service, world.person(person, world.gp), COUNCIL)
    put_on_caseload(service, world.person(ALICE, world.gp), HOSPITAL)


def put_on_caseload(
    service: Service, person_id: str, org: str, user_id: str = "", kind: str = "caseload"
) -> None:
    """Dated evidence, as a referral or a caseload list will make it."""
    entry = caseload.Entry(
        person_id, f"{org}-{user_id}-{kind}", org, user_id, kind, MIN_MICROS, MAX_MICROS, "list", ""
    )

    async def unit(conn: Any) -> None:
        await caseload.insert(conn, [entry])

    service.write(unit)


@dataclass
class World:
    """Who asks, and the ids of whom they ask about."""

    service: Service

    @property
    def gp(self) -> Headers:
        return self.service.token("gp", "gp-1", PRACTICE)

    @property
    def other_gp(self) -> Headers:
        return self.service.token("gp", "gp-2", OTHER_PRACTICE)

    @property
    def social_worker(self) -> Headers:
        return self.service.token("social-worker", "sw-1", COUNCIL)

    @property
    def doctor(self) -> Headers:
        return self.service.token("hospital-doctor", "hd-1", HOSPITAL)

    @property
    def coordinator(self) -> Headers:
        return self.service.token("case-coordinator", "cc-1", PRACTICE)

    @property
    def lead(self) -> Headers:
        return self.service.token("governance-lead", "ig-1", COUNCIL)

    @property
    def stranger(self) -> Headers:
        return self.service.token("community-nurse", "cn-1", "RY9")

    def person(self, whom: dict[str, str], who: Headers) -> str:
        """The id of a person, by number, as a caller who may see them finds it."""
        answer = self.service.search("Patient", who, identifier=f"{NHS}|{whom['nhs_number']}")
        found = resources(answer.json())
        assert len(found) == 1, answer.text
        return str(found[0]["id"])

    @property
    def norma(self) -> str:
        return self.person(NORMA, self.gp)

    @property
    def alice(self) -> str:
        return self.person(ALICE, self.gp)

    @property
    def bob(self) -> str:
        return self.person(BOB, self.other_gp)

    def of(self, resource_type: str, person_id: str, who: Headers) -> list[dict]:
        """Everything of one type that the caller sees of a person."""
        answer = self.service.get(f"{resource_type}?patient={person_id}&_count=500", who)
        assert answer.status_code == 200, answer.text
        return resources(answer.json())

    def revise(self, written_at: str, *, without: str = "", **plan: Any) -> None:
        """The council sends Norma's plan again, changed, perhaps without one goal."""
        document = json.loads(EXAMPLE.read_bytes()) | {"written_at": written_at}
        document["plan"] |= plan
        if without:
            document["goals"] = [g for g in document["goals"] if g["id"] != without]
            for action in document["actions"]:
                action["goal_ids"] = [g for g in action["goal_ids"] if g != without]
        self.service.at += timedelta(minutes=5)
        self.service.push("social-care", COUNCIL, json.dumps(document).encode())
