"""An NHS number is sought by POST alone, and no answer says one back."""

import pytest

from tests.api.service import is_outcome
from tests.api.world import NORMA, World

NUMBER = NORMA["nhs_number"]


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    "written", [NUMBER, f"Patient/{NUMBER}", f"{NUMBER[:3]} {NUMBER[3:6]} {NUMBER[6:]}"]
)
@pytest.mark.parametrize("path", ["Goal?patient=", "CarePlan?subject=", "Patient?_id="])
def test_a_number_is_not_taken_as_an_id(world: World, path, written):
    answer = world.service.get(path + written, world.gp)
    assert is_outcome(answer, 400, "invalid")
    assert NUMBER not in answer.text
