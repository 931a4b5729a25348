"""Whichever resource of an item is refused, nothing dangles and nothing sound is lost with it."""

import pytest

from mappings.core.model.outcome import Fold, Lineage, Mapped
from tests.contract import refusals
from tests.contract.deliveries import deliveries, mapped

TRIED = 12
"""Resources of an item that are refused in turn."""


@pytest.mark.parametrize("delivery", deliveries(), ids=str)
def test_nothing_names_what_was_refused_and_nothing_sound_leaves(delivery):
    stated = [o.resources for _, _, o in mapped(delivery) if _states_whole(o)]
    for made in stated:
        step = max(1, len(made) // TRIED)
        assert list(refusals.check(made, step)) == []


def _states_whole(outcome):
    """Kinds that add to what stands (HL7 v2) are taken whole or not at all."""
    return all(one.fold is Fold.REPLACE for one in outcome.resources)


def test_the_law_can_fail(monkeypatch):
    named = {"reference": "urn:source:Condition:1"}
    flag = {"resourceType": "Flag", "status": "active", "code": {"text": "a"}, "encounter": named}
    made = [
        Mapped("Flag", "1", flag, (Lineage("encounter", "f", "row"),)),
        Mapped("Condition", "1", {"resourceType": "Condition"}, ()),
    ]
    monkeypatch.setattr(refusals, "without_refused", lambda others, _refused, _issues: others)
    assert "without urn:source:Condition:1: Flag names what is gone" in list(refusals.check(made))
