"""HL7 data-access policies: the rules that a Consent can state, decided as published."""

import pytest

from consent.decision import compile_filter
from consent.rule import ConsentRule, Provision
from tests.consent_cases.outside import asked, asker, cases, known_to, open_policy, plain_row
from tests.unit.consent.world import somebody

DECIDABLE = ("dap-01", "dap-02", "dap-03")
"""The others are about removing elements, and obligations that travel with an answer."""


def as_provision(rule: dict) -> Provision:
    meaning, author = rule.get("data", ("", "/"))
    return Provision(
        permit=rule["type"] == "permit",
        askers=somebody(rule["actor"].partition("/")[2]) if "actor" in rule else frozenset(),
        purposes=frozenset(rule.get("purpose", [])),
        authors=frozenset({author.partition("/")[2]}) if meaning else frozenset(),
    )


@pytest.mark.parametrize("case_id", DECIDABLE)
def test_published_policies_are_decided_as_published(shared_folder, case_id):
    case = next(c for c in cases(shared_folder, "hl7-dap/cases.json") if c["id"] == case_id)
    consents = [ConsentRule(as_provision(rule)) for rule in case["rules"]]
    for request in case["requests"]:
        who = asker(request.get("actor", "Practitioner/reader"), request["purpose"])
        about = known_to(who, *consents)
        shown = compile_filter(who, about, asked("2026-01-01", who, []), open_policy())
        row = plain_row(request.get("resource_author", ""))
        assert shown.allows(row) is (request["expected"] == "permit"), request
