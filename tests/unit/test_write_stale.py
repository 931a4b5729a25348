"""What a stale writer is told: each part by who changed that part."""

import orjson

from gateway.flows.asking.views import View
from gateway.flows.writing.write_stale import changes


def _view(version, org, *statuses):
    body = {
        "meta": {"source": f"urn:care-gateway:source:{org}:social-care"},
        "activity": [{"detail": {"status": status}} for status in statuses],
    }
    return View("CarePlan", "a", version, version, orjson.dumps(body))


def test_two_parts_of_one_element_are_told_with_their_own_writers():
    shown = [
        _view(3, "BBB", "completed", "completed"),
        _view(2, "AAA", "completed", "scheduled"),
        _view(1, "CCC", "scheduled", "scheduled"),
    ]
    told = {one.path: one.text for one in changes(shown, 1, names=True)}
    assert {path: text.partition(": by ")[2][:3] for path, text in told.items()} == {
        "CarePlan.activity[0].detail.status": "AAA",
        "CarePlan.activity[1].detail.status": "BBB",
    }
