"""A field that is named twice in a small body: nobody may see one value and act on another."""

import json

import pytest

from tests.api.opened import JSON, WHY
from tests.api.service import FHIR, is_outcome
from tests.api.world import BOB, COUNCIL, HOSPITAL, PRACTICE
from tests.api.writing import PATCH, bundle, entry, goal

OPENING = {"reason": "emergency", "text": WHY}
CLAIM = {"reason": "seen-now", "text": WHY}
PERMIT = {"asked_how": "in-person", "kind": "visit"}
DECISION = {"record": "r", "other": "o", "verdict": "same", "reason": WHY}
STATEMENT = {"record": "r", "fact": "deceased", "value": "yes", "reason": WHY}
DESCRIPTION = {"resource": {"resourceType": "Patient", "birthDate": BOB["born"]}}


def _twice(body, name, value):
    """The body, with another value for a name before the one that stands in it."""
    first = f"{{{json.dumps(name)}: {json.dumps(value)}, "
    return first + json.dumps(body).removeprefix("{")


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    ("role", "org", "path", "body", "name"),
    [
        ("hospital-doctor", HOSPITAL, "/access/break-glass", OPENING, "patient"),
        ("hospital-doctor", HOSPITAL, "/access/self-claim", CLAIM, "patient"),
        ("gp", PRACTICE, "/access/permission", PERMIT, "patient"),
        ("identity-officer", COUNCIL, "/identity/decisions", DECISION, "verdict"),
        ("identity-officer", COUNCIL, "/identity/statements", STATEMENT, "fact"),
        ("governance-lead", COUNCIL, "/access/replay", {"entry": 1}, "entry"),
        ("privacy-officer", HOSPITAL, "/ig/alerts/none/justify", {"reason": WHY}, "reason"),
    ],
)
def test_it_is_refused_without_an_echo(gateway, world, role, org, path, body, name):
    more = {"purpose": "HSYSADMIN"} if role == "identity-officer" else {}
    who = gateway.token(role, "u-1", org, **more)
    asked = {"patient": f"Patient/{world.norma}"} | body if name == "patient" else body
    content = _twice(asked, name, f"Patient/{world.bob}")
    answer = gateway.ask("POST", path, who, content=content, headers=JSON)
    assert is_outcome(answer, 400)
    assert "each field once" in answer.text
    assert world.bob not in answer.text


@pytest.mark.changes_nothing
def test_a_description_is_sent_once(gateway, world):
    one = {"name": "resource", **DESCRIPTION}
    sent = {"resourceType": "Parameters", "parameter": [one]}
    bodies = [
        _twice(sent, "parameter", []),
        json.dumps(sent | {"parameter": [one, one]}),
    ]
    for body in bodies:
        headers = {"Content-Type": "application/fhir+json"}
        answer = gateway.ask("POST", "Patient/$match", world.gp, content=body, headers=headers)
        assert is_outcome(answer, 400)
        assert BOB["born"] not in answer.text


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    ("method", "path", "sent", "named"),
    [
        ("POST", "Goal", "{goal}", "description.text"),
        ("PUT", "Goal/none", "{goal}", "description.text"),
        ("POST", "Goal/$validate", "{goal}", "description.text"),
        ("POST", "/fhir/R4", "{batch}", "entry[0].resource.description.text"),
        ("PATCH", "Goal/none", '[{"op": "remove", "path": "/note", "path": "/x"}]', "[0].path"),
    ],
)
def test_of_a_resource_and_of_a_patch_each_field_is_named_once(
    gateway, world, method, path, sent, named
):
    once = {"goal": goal(world.norma), "batch": bundle("batch", entry("POST", "Goal", goal("x")))}
    twice = {
        name: json.dumps(body).replace('{"text"', '{"text": "SECRET", "\\u0074ext"')
        for name, body in once.items()
    }
    content = twice.get(sent.strip("{}"), sent)
    headers = {"Content-Type": PATCH if method == "PATCH" else FHIR, "If-Match": 'W/"1"'}
    answer = gateway.ask(method, path, world.gp, content=content, headers=headers)
    assert is_outcome(answer, 400, "structure")
    assert answer.json()["issue"][0]["expression"] == [named]
    assert "SECRET" not in answer.text
