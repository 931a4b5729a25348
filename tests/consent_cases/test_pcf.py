"""IHE Privacy Consent on FHIR: the published Consents and resources, decided as published."""

import pytest

from consent.decision import compile_filter
from consent.from_fhir import read_consent
from tests.consent_cases.outside import (
    actors_of,
    asked,
    asker,
    cases,
    known_to,
    links_of,
    open_policy,
    plain_row,
    row_of,
    with_known_purposes,
)


@pytest.fixture(scope="module")
def pcf(shared_folder):
    return {
        name: cases(shared_folder, f"pcf/{name}.json")
        for name in ("cases", "consents", "resources")
    }


def decided(case, rules, links, policy):
    who = asker(case["actor"], case["purposeOfUse"][0])
    request = asked(case["at"], who, case["purposeOfUse"])
    return compile_filter(who, known_to(who, rules[case["consent"]], links=links), request, policy)


def test_every_published_case_is_decided_as_published(pcf):
    members, policy = pcf["cases"]["group_members"], open_policy()
    rules = {
        consent["id"]: read_consent(with_known_purposes(consent), actors_of(consent, members))
        for consent in pcf["consents"]
    }
    rows = {f"{r['resourceType']}/{r['id']}": row_of(r) for r in pcf["resources"]}
    links, differ = links_of(pcf["resources"]), []
    for case in pcf["cases"]["cases"]:
        shown = decided(case, rules, links, policy)
        asked_about = rows.values() if case["resource"] == "*" else [rows[case["resource"]]]
        answers = {shown.allows(row) for row in asked_about}
        if answers != {case["expected"] == "permit"}:
            differ.append(case["id"])
    assert len(pcf["cases"]["cases"]) == 811
    assert differ == []


def test_a_record_without_a_consent_stays_closed_here():
    who = asker("Practitioner/ex-author", "TREAT")
    shown = compile_filter(who, known_to(who), asked("2022-07-01", who, []), open_policy())
    assert not shown.allows(plain_row())
