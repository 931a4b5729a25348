"""Who acts for somebody else has no way to the record but an authority in force.

No door records such an authority yet, and so nobody who signs in as a proxy is shown anything.
"""

import pytest

from consent.terms import Purpose
from tests.api.service import is_outcome

pytestmark = pytest.mark.changes_nothing


@pytest.mark.parametrize("purpose", [Purpose.FAMILY_REQUEST, Purpose.POWER_OF_ATTORNEY])
def test_a38_a_proxy_of_whom_no_authority_is_recorded_is_told_nothing(gateway, world, purpose):
    herself = gateway.token("patient", "norma", patient=world.norma)
    (goal, *_) = world.of("Goal", world.norma, herself)
    who = gateway.token("proxy", "daughter", patient=world.norma, purpose=purpose)
    for path in (f"Patient/{world.norma}", f"Goal/{goal['id']}", f"Goal/{goal['id']}/_history"):
        assert is_outcome(gateway.get(path, who), 404)
    for path in (f"Goal?patient={world.norma}", f"Patient?_id={world.norma}", "Goal"):
        assert gateway.get(path, who).json()["total"] == 0
    assert is_outcome(gateway.get(f"Patient/{world.norma}/$everything", who), 404)
