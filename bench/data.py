"""The records that are read and the messages that are pushed: authored, and counted.

Out     A support plan with enough goals and actions for a record of 120 resources; small ones for
        ingest, 4 resources each; an HL7 problem message; a care team.
"""

import json
from typing import Any

PERSON = {
    "nhs_number": "999 000 0085",
    "birth_date": "1950-02-01",
    "family_name": "BENCH",
    "given_names": ["Bea"],
    "gender": "female",
}


def plan(number: int, goals: int, actions: int, note: int = 0) -> bytes:
    """A whole support plan; `note` words pad each goal."""
    document: dict[str, Any] = {
        "document": "support-plan",
        "version": "1",
        "written_at": "2026-11-02T14:30:00Z",
        "person": PERSON | {"local_id": f"B-{number}", "nhs_number": None},
        "plan": {"id": f"P-{number}", "type": "support", "state": "active", "title": "Plan"},
        "goals": [
            {
                "id": f"G{one}",
                "words": f"I want to do thing {one} myself. " + "Step by step. " * note,
                "state": "working on",
                "aim": "regain",
                "started_on": "2026-10-20",
            }
            for one in range(goals)
        ],
        "actions": [
            {
                "id": f"A{one}",
                "what": f"Practise thing {one}. " + "Little and often. " * note,
                "state": "going on",
                "who": "Reablement team",
                "goal_ids": [f"G{one % max(goals, 1)}"],
            }
            for one in range(actions)
        ],
    }
    return json.dumps(document).encode()


def team(person: str) -> bytes:
    """A care team of one person, to be created."""
    subject = {"reference": f"Patient/{person}"}
    return json.dumps({"resourceType": "CareTeam", "status": "active", "subject": subject}).encode()


def problems(number: int) -> bytes:
    """A PPR^PC1 with two problems of one person."""
    lines = [
        f"MSH|^~\\&|PAS|RAX|GW|GW|20261101101500||PPR^PC1|M{number}|P|2.4",
        f"PID|||H{number}^^^RAX^MR||BENCH^BEN^^^MR||19440505|M",
        f"PRB|AD|20261101101500|I10^Essential hypertension^I10|{number}-1|||20261101|||||||ACTIVE",
        f"PRB|AD|20261101101500|J45^Asthma^I10|{number}-2|||20261101|||||||ACTIVE",
    ]
    return "\r".join(lines).encode() + b"\r"
