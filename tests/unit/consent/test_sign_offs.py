"""Who signed the policy: each controller, the very one in use, or it is not served."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from consent.policy_page import signatures
from consent.policy_reading import PolicyError
from consent.sign_offs import SignOff, SignOffs
from tests.unit.consent.world import policy

ON = date(2026, 11, 2)


def signed(controller="H85001", **changes) -> dict:
    whole = {"controller": controller, "by": "A. Guardian", "on": ON, "policy": policy().hash}
    return {name: value for name, value in (whole | changes).items() if value is not None}


def document(*entries, **changes) -> dict:
    return {"controllers": ["H85001", "X1K01"], "signed": list(entries), **changes}


def test_a_controller_signs_one_policy_and_no_other():
    found = SignOffs.parse(document(signed(), signed("X1K01", policy="an earlier one")))
    assert found.of(policy()) == (SignOff("H85001", "A. Guardian", ON, policy().hash),)
    assert found.missing(policy()) == ("X1K01",)
    assert found.missing(replace(policy(), hash="the next one")) == ("H85001", "X1K01")
    assert SignOffs.parse({"controllers": ["A"]}).missing(policy()) == ("A",)
    both = SignOffs.parse(document(signed(), signed("X1K01")))
    assert both.missing(policy()) == ()


@pytest.mark.parametrize(
    ("whole", "said"),
    [
        ({}, "controllers: missing"),
        (document(controllers=[]), "controllers: one controller at least is needed"),
        (document(controllers=["A", "A"]), "controllers: a word stands here twice"),
        (document(more=1), "more: this entry has no meaning here"),
        (document() | {"signed": {}}, "signed: a list of tables is needed"),
        (document(7), "signed[0]: a table is needed here"),
        (document(signed(), signed(more=1)), "signed[1].more: this entry has no meaning here"),
        (document(signed("X26")), "signed[0].controller: one of H85001, X1K01 is needed"),
        (document(signed(by=" ")), "signed[0].by: a text is needed"),
        (document(signed(on=None)), "signed[0].on: missing"),
        (document(signed(on="2026-11-02")), "signed[0].on: a date is needed"),
        (document(signed(on=datetime(2026, 11, 2))), "signed[0].on: a date is needed"),  # noqa: DTZ001
        (document(signed(policy=7)), "signed[0].policy: a text is needed"),
    ],
)
def test_what_is_no_sign_off_is_refused_where_it_stands(whole, said):
    with pytest.raises(PolicyError) as refused:
        SignOffs.parse(whole)
    assert str(refused.value) == said


def test_the_page_says_who_signed_and_who_has_not():
    found = SignOffs.parse(document(signed()))
    lines = signatures(policy(), found).splitlines()
    assert lines[-2:] == ["- H85001: A. Guardian, 2026-11-02", "- X1K01: not signed"]
    assert policy().hash in signatures(policy(), None)
    assert "No controllers are named." in signatures(policy(), None)
