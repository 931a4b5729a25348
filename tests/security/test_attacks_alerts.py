"""Whoever settles alerts settles none of their own, by whichever user id, and none about their own
record."""

import pytest

from tests.api.opened import alert_rows, break_glass, post
from tests.api.service import is_outcome
from tests.api.world import HOSPITAL, NORMA, World

WHY = "rang the ward, the visit is in the diary"


@pytest.fixture
def book(tmp_path):
    """The doctor hd-1 is the officer po-9; the officer po-7 is Norma."""
    path = tmp_path / "staff.toml"
    path.write_text(
        f'[[staff]]\nuser_id = "hd-1"\norg = "{HOSPITAL}"\nnhs_number = "9990000409"\n'
        f'[[staff]]\nuser_id = "po-9"\norg = "{HOSPITAL}"\nnhs_number = "9990000409"\n'
        f'[[staff]]\nuser_id = "po-7"\norg = "{HOSPITAL}"\nnhs_number = "{NORMA["nhs_number"]}"\n'
    )
    return path


@pytest.fixture
def gateway(start, book):
    return start(staff_file=book)


@pytest.fixture
def alert(gateway):
    world = World(gateway)
    assert break_glass(gateway, world.doctor, world.norma).status_code == 201
    return alert_rows(gateway)[0].alert_id


def _officer(gateway, user):
    return gateway.token("privacy-officer", user, HOSPITAL)


@pytest.mark.parametrize(
    ("user", "status"), [("hd-1", 403), ("HD-1", 403), ("po-9", 403), ("PO-7", 404)]
)
@pytest.mark.parametrize("step", ["ask", "escalate", "justify", "dismiss"])
def test_a31_nobody_settles_what_they_did_or_what_was_done_with_their_own_record(
    gateway, alert, user, status, step
):
    before = gateway.size()
    answer = post(gateway, f"/ig/alerts/{alert}/{step}", _officer(gateway, user), reason=WHY)
    assert is_outcome(answer, status)
    assert alert_rows(gateway)[0].status == "open"
    assert [(e.event, e.outcome) for e in gateway.entries(before)] == [("review", "refused")]


def test_a31_nobody_opens_an_alert_about_their_own_record(gateway, alert):
    before = gateway.size()
    assert is_outcome(gateway.get(f"/ig/alerts/{alert}", _officer(gateway, "po-7")), 404)
    assert [(e.event, e.outcome) for e in gateway.entries(before)] == [("audit-view", "refused")]
    other = gateway.get(f"/ig/alerts/{alert}", _officer(gateway, "po-1"))
    assert other.status_code == 200
    assert (
        post(gateway, f"/ig/alerts/{alert}/dismiss", _officer(gateway, "po-1"), reason=WHY).json()[
            "status"
        ]
        == "dismissed"
    )
