"""Prescriptions and immunisations over HTTP: to whom medicines are shown, and to nobody else."""

import json
from pathlib import Path
from typing import Any

from tests.api.service import resources
from tests.api.world import PRACTICE

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


def _pushed(gateway: Any) -> None:
    sent = json.loads((GOLDEN / "gp/medicines/input/bundle.json").read_bytes())
    sent["entry"] = [one for one in sent["entry"] if one["resource"].get("status") != "lapsed"]
    gateway.push("gp", PRACTICE, json.dumps(sent).encode(), "application/fhir+json")


def _seen(gateway: Any, world: Any, who: Any) -> list[dict[str, Any]]:
    found = gateway.get(f"Patient/{world.norma}/$everything?_count=500", who)
    assert found.status_code == 200
    return resources(found.json())


def test_a_prescriber_reads_what_was_authorised_issued_stopped_and_given(gateway, world):
    _pushed(gateway)
    seen = _seen(gateway, world, world.gp)
    kinds = {one["resourceType"] for one in seen}
    assert {"MedicationRequest", "Immunization", "MedicationStatement"} <= kinds
    asked = {one["status"]: one for one in seen if one["resourceType"] == "MedicationRequest"}
    assert set(asked) == {"active", "completed", "stopped"}
    one = asked["stopped"]
    answer = gateway.get(f"MedicationRequest/{one['id']}", world.gp)
    assert answer.status_code == 200
    assert answer.json()["statusReason"]["text"] == "Made her dizzy on standing"
    (issue,) = asked["completed"]["basedOn"]
    assert issue["reference"] == f"MedicationRequest/{asked['active']['id']}"
    statement = next(one for one in seen if one["resourceType"] == "MedicationStatement")
    assert statement["basedOn"] == [issue]


def test_who_is_shown_no_medicines_reads_no_prescription_and_learns_of_none(gateway, world):
    _pushed(gateway)
    seen = _seen(gateway, world, world.social_worker)
    assert seen, "the caller sees nothing, and the test says nothing"
    assert "Furosemide" not in json.dumps(seen)
    assert "Shingles" not in json.dumps(seen)
    shown = _seen(gateway, world, world.gp)
    for kind in ("MedicationRequest", "Immunization"):
        hidden = next(one for one in shown if one["resourceType"] == kind)
        answer = gateway.get(f"{kind}/{hidden['id']}", world.social_worker)
        missing = gateway.get(f"{kind}/00000000-0000-4000-8000-000000000000", world.social_worker)
        assert answer.status_code == missing.status_code == 404
        assert answer.content == missing.content
