"""A user whom a Consent names: in whatever form of the id where it takes away, as issued where it
lets in."""

import pytest

from consent.rule import Provision
from tests.unit.consent.world import EXPLICIT, caller, deny, item, permit, person, sees, somebody

GP = caller("gp", user_id="u-smith")
FORMS = ("U-Smith", "ｕ-smith", " u-smith", "u-\u200bsmith")
PLAN = item("care-plan")
ONLY_TEAM = {"categories": frozenset({"team"})}


@pytest.mark.parametrize("form", ["u-smith", *FORMS])
def test_who_is_shut_out_is_so_however_the_id_is_written(form):
    for rule in (deny(askers=somebody(form)), permit(Provision(False, askers=somebody(form)))):
        assert not sees(GP, person(rule), PLAN)
    for rule in (deny(askers=somebody("u-else")), permit(Provision(False, askers=somebody("u-e")))):
        assert sees(GP, person(rule), PLAN)


@pytest.mark.parametrize("form", FORMS)
def test_an_exception_is_for_the_id_as_it_is_issued(form):
    excepted = deny(Provision(True, askers=somebody("u-smith")))
    assert sees(GP, person(excepted), PLAN)
    assert not sees(GP, person(deny(Provision(True, askers=somebody(form)))), PLAN)


@pytest.mark.parametrize("form", FORMS)
def test_a_permit_limits_in_any_form_and_opens_to_the_id_as_it_is_issued(form):
    for name in ("u-smith", form):
        limit = person(permit(askers=somebody(name), **ONLY_TEAM))
        assert not sees(GP, limit, PLAN)
    assert sees(GP, person(permit(askers=somebody("u-smith"))), PLAN, settings=EXPLICIT)
    assert not sees(GP, person(permit(askers=somebody(form))), PLAN, settings=EXPLICIT)
