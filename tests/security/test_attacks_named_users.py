"""Whom a person names in what they say about their record, in another form of the user id: what
shuts out or limits somebody does so however their id is written, and what lets them in does not.
"""

import pytest

from tests.api.consents import CATEGORY, dissent
from tests.api.service import is_outcome
from tests.unit.consent.fhir_consents import USER, actor, coded

WRITTEN = ["sw-1", "SW-1", "Sw-1", "\uff53\uff57-1"]


def _plans(world, person):
    return world.of("CarePlan", person, world.social_worker)


def _said(gateway, person, provision):
    herself = gateway.token("patient", "norma", patient=person)
    made = gateway.create(dissent(person) | {"provision": provision}, herself)
    assert made.status_code == 201, made.text


@pytest.mark.parametrize("written", WRITTEN)
def test_s09_a_dissent_shuts_out_whom_it_names_however_the_id_is_written(gateway, world, written):
    norma, colleague = world.norma, gateway.token("social-worker", "sw-2", "XK1")
    (goal, *_) = world.of("Goal", norma, world.social_worker)
    _said(gateway, norma, {"type": "deny", "actor": [actor("IRCP", written, USER)]})
    assert _plans(world, norma) == []
    assert is_outcome(gateway.get(f"Goal/{goal['id']}", world.social_worker), 404)
    assert gateway.get(f"Goal/{goal['id']}", colleague).status_code == 200


@pytest.mark.parametrize("written", WRITTEN[1:])
def test_s17_an_exception_lets_in_whom_it_names_as_the_id_is_issued_alone(gateway, world, written):
    norma = world.norma
    let_in = {"type": "permit", "actor": [actor("IRCP", written, USER)]}
    _said(gateway, norma, {"type": "deny", "provision": [let_in]})
    assert _plans(world, norma) == []
    as_issued = let_in | {"actor": [actor("IRCP", "sw-1", USER)]}
    other = world.alice
    _said(gateway, other, {"type": "deny", "provision": [as_issued]})
    assert _plans(world, other)


@pytest.mark.parametrize("written", WRITTEN)
def test_s16_a_permit_limits_whom_it_names_however_the_id_is_written(gateway, world, written):
    norma = world.norma
    shelf = {"code": [coded(CATEGORY, "demographics")]}
    _said(gateway, norma, {"type": "permit", "actor": [actor("IRCP", written, USER)]} | shelf)
    assert _plans(world, norma) == []
    assert gateway.get(f"Patient/{norma}", world.social_worker).status_code == 200
    colleague = gateway.token("social-worker", "sw-2", "XK1")
    assert world.of("CarePlan", norma, colleague)
