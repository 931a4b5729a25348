"""What closes a GP record is ended by a word that says so: nothing left out reopens it."""

import itertools
import json
from typing import Any

import pytest

from gateway.store.commit.units import Store
from tests.integration.taking import Delivery, all_taken, resources, run, upgraded, wiped
from tests.integration.test_ingest_gp_orders import PATIENT, SECTIONS, _coded, _observed, _problem

ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
PRACTICE = {
    "resourceType": "Organization",
    "id": "o1",
    "identifier": [{"system": ODS, "value": "H85001"}],
}
REFUSED, GIVEN, DEGRADED = "416409005", "417528008", "196411000000103"
UNREAD = {
    "resourceType": "Consent", "id": "c-1", "dateTime": "2026-05-01",
    "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
    "patient": {"reference": "Patient/ada-1"},
    "consentingParty": [{"reference": "Patient/ada-1"}],
    "policyRule": "https://consents.example/opt-out",
    "except": [{"type": "deny", "actor": [{"reference": {"reference": "Organization/o1"}}]}],
}  # fmt: skip


def _whole(day: int, *held: dict[str, Any]) -> Delivery:
    """A record of every section."""
    person = PATIENT | {"managingOrganization": {"reference": "Organization/o1"}}
    lists = [_coded(code, resourceType="List") for code in SECTIONS]
    sent = {
        "resourceType": "Bundle",
        "meta": {"lastUpdated": f"2026-05-{day:02}T08:00:00Z"},
        "entry": [{"resource": one} for one in (person, PRACTICE, *lists, *held)],
    }
    return Delivery("gp", json.dumps(sent).encode(), name=f"record of day {day}")


def _consent(status: str) -> dict[str, Any]:
    return UNREAD | {"status": status}


REFUSAL = _observed("r-1", REFUSED, 20)
IN_WORDS = _observed("r-1", DEGRADED, 20, comment="refused consent for upload to shared record")
STAYS = {
    "an unread Consent, then a record without it": [_consent("active")],
    "a refusal, then a record without it": [REFUSAL],
}
LATER = {"nothing": [], "words that lost their code": [IN_WORDS]}
ENDS = {
    "the same Consent, not in force": ([_consent("active")], [_consent("inactive")]),
    "an agreement": ([REFUSAL], [REFUSAL, _observed("g-1", GIVEN, 25)]),
    "an agreement alone": ([REFUSAL], [_observed("g-1", GIVEN, 25)]),
    "the refusal was an error": ([REFUSAL], [REFUSAL | {"status": "entered-in-error"}]),
}


def _in_force(url, tmp_path, deliveries) -> list[set[str]]:
    """The states of the Consents that stand, after each order of arrival."""

    async def each(store: Store) -> list[set[str]]:
        found = []
        for order in itertools.permutations(deliveries):
            await wiped(store)
            answers = await all_taken(store, order)
            assert all(one["items"]["quarantined"] == 0 for one in answers), answers
            stands = await resources(store)
            assert any(name.startswith("Condition/") for name in stands)
            found.append({b["status"] for n, (b, _) in stands.items() if n.startswith("Consent/")})
        return found

    return run(upgraded(url), tmp_path, each)


@pytest.mark.parametrize("later", LATER.values(), ids=LATER)
@pytest.mark.parametrize("first", STAYS.values(), ids=STAYS)
def test_a_whole_record_that_leaves_a_refusal_out_reopens_nothing(tmp_path, first, later):
    kept = _problem("p-1", "38341003")
    sent = [_whole(2, kept, *first), _whole(3, kept, *later), _whole(4, kept)]
    found = _in_force(f"sqlite:///{tmp_path}/x.db", tmp_path, sent)
    assert found == [{"active"}] * 6


@pytest.mark.parametrize(("first", "then"), ENDS.values(), ids=ENDS)
def test_a_word_of_its_own_ends_it(tmp_path, first, then):
    kept = _problem("p-1", "38341003")
    sent = [_whole(2, kept, *first), _whole(3, kept, *then), _whole(4, kept)]
    found = _in_force(f"sqlite:///{tmp_path}/x.db", tmp_path, sent)
    assert found == [{"inactive"}] * 6
