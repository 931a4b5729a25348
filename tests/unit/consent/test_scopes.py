"""SMART scopes narrow a role to resource types; they never widen it."""

import pytest

from consent.scopes import types_in_scope
from consent.terms import Action
from tests.unit.consent.world import caller, item, person, request, sees


@pytest.mark.parametrize(
    ("scopes", "action", "types"),
    [
        ([], Action.READ, None),
        (["openid", "launch"], Action.READ, None),
        (["user/CarePlan.rs"], Action.READ, {"CarePlan"}),
        (["user/CarePlan.rs", "patient/Goal.cruds"], Action.SEARCH, {"CarePlan", "Goal"}),
        (["user/CarePlan.s"], Action.READ, set()),
        (["user/CarePlan.r"], Action.HISTORY, {"CarePlan"}),
        (["system/*.rs"], Action.READ, None),
        (["system/*.read"], Action.SEARCH, None),
        (["system/*.read"], Action.CREATE, set()),
        (["user/Goal.write"], Action.UPDATE, {"Goal"}),
        (["user/Goal.*"], Action.DELETE, {"Goal"}),
        (["user/Goal.rs?category=x"], Action.READ, set()),
        (["user/Goal"], Action.READ, set()),
        (["user/*.cruds"], Action.PUSH, set()),
    ],
)
def test_types_in_scope(scopes, action, types):
    found = types_in_scope(scopes, action)
    assert found == (None if types is None else frozenset(types))


def test_a_scope_limits_what_the_role_opens():
    narrow = caller("gp", scopes=frozenset({"user/Goal.rs"}))
    assert sees(narrow, person(), item(resource_type="Goal"))
    assert not sees(narrow, person(), item(resource_type="CarePlan"))
    unreadable = caller("gp", scopes=frozenset({"user/Goal.rs?x=y"}))
    assert not sees(unreadable, person(), item(resource_type="Goal"), request())
