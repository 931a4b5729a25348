"""Consents never seen before: decided as their author would expect, or refused with the place."""

import pytest

from consent.decision import compile_filter
from consent.fhir_values import UnsupportedConsentError
from consent.from_fhir import read_consent
from consent.policy import AccessSettings
from consent.terms import Purpose
from tests.unit.consent.strangers import OPEN, READ, ROWS
from tests.unit.consent.strangers_refused import REFUSED
from tests.unit.consent.world import EXPLICIT, IMPLIED, caller, person, policy, request


def _shown(role: str, purpose: str, settings: AccessSettings, *consents: dict) -> set[str]:
    who, why = caller(role, purpose=Purpose(purpose)), Purpose(purpose)
    about = person(*(read_consent(one) for one in consents), links={})
    shown = compile_filter(who, about, request(purpose=why), policy(settings))
    return {name for name, row in ROWS.items() if shown.allows(row)}


def test_the_rows_are_open_to_each_role_while_no_consent_speaks():
    assert {role: _shown(role, "TREAT", IMPLIED) for role in OPEN} == OPEN


@pytest.mark.parametrize("stranger", REFUSED, ids=lambda one: one.name)
def test_what_is_given_no_meaning_here_is_refused_by_its_place(stranger):
    with pytest.raises(UnsupportedConsentError) as refused:
        read_consent(stranger.consent)
    assert refused.value.path == stranger.path
    assert refused.value.text


@pytest.mark.parametrize("stranger", READ, ids=lambda one: one.name)
def test_what_is_read_hides_what_its_author_expects(stranger):
    for role in OPEN:
        before = _shown(role, stranger.purpose, IMPLIED)
        after = _shown(role, stranger.purpose, IMPLIED, stranger.consent)
        assert after == before - stranger.hides.get(role, frozenset()), role


@pytest.mark.parametrize("stranger", [one for one in READ if one.only], ids=lambda one: one.name)
def test_what_is_read_permits_what_its_author_expects_and_no_more(stranger):
    for role in OPEN:
        after = _shown(role, stranger.purpose, EXPLICIT, stranger.consent)
        assert after == stranger.only.get(role, frozenset()), role


def test_no_stranger_beside_another_shows_what_either_hides():
    """Denies of all of them hold, whoever wrote them; a limit is widened by limits alone."""
    denies = [one for one in READ if one.consent["provision"]["type"] == "deny"]
    for one in denies:
        for other in READ:
            if {one.purpose, other.purpose} != {"TREAT"}:
                continue
            for role in OPEN:
                both = _shown(role, "TREAT", IMPLIED, one.consent, other.consent)
                assert both.isdisjoint(one.hides.get(role, frozenset())), (one.name, other.name)
