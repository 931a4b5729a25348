"""What a person said about sharing, as a plan document tells it: a request, never a decision."""

import json

import pytest

from mappings.core.applying.apply import map_item
from mappings.core.model import systems
from mappings.plan_document.message import document, template
from mappings.registry import FEEDS

PLAN_FEEDS = ("community", "mental-health", "social-care")
WISH = {
    "words": "My daughter may know, my nephew may not.",
    "on": "2026-11-03",
    "wish": "agrees in part",
    "about": "my family",
    "told_to": "Grace Osei, wellbeing worker",
}


def _mapped(*wishes, feed="social-care"):
    sent = {
        "document": "support-plan",
        "version": "1",
        "written_at": "2026-11-03T10:00:00Z",
        "person": {"local_id": "VC-7", "sharing": list(wishes)},
        "plan": {"id": "VP-7", "type": "wellbeing", "state": "active"},
    }
    item = next(iter(document.read({"": json.dumps(sent).encode()})))
    return map_item(FEEDS[feed].kinds["support-plan"], item)


@pytest.mark.parametrize("feed", PLAN_FEEDS)
def test_a_wish_becomes_a_request_for_review_in_every_sector(feed):
    outcome = _mapped(WISH, feed=feed)
    (task,) = [one for one in outcome.resources if one.type == "Task"]
    made = task.resource
    assert (made["status"], made["intent"]) == ("requested", "proposal")
    assert made["description"] == WISH["words"]
    assert made["businessStatus"]["coding"][0]["code"] == "agrees-in-part"
    assert made["reasonCode"] == {"text": "my family"}
    assert made["authoredOn"] == "2026-11-03"
    assert made["requester"] == {"display": "Grace Osei, wellbeing worker"}
    assert made["for"]["reference"].endswith("VC-7")


@pytest.mark.parametrize("wish", ["refuses", "agrees", "whatever", None])
def test_no_wish_is_ever_a_consent_and_the_sender_is_told(wish):
    outcome = _mapped({**WISH, "wish": wish})
    assert not [one for one in outcome.resources if one.type == "Consent"]
    told = [(one.path, one.code) for one in outcome.issues if one.code == "needs-review"]
    assert told == [("person.sharing[0]", "needs-review")]
    assert not outcome.quarantined
    assert WISH["words"] not in repr(outcome.issues)


def test_a_wish_is_held_from_the_proxies_it_may_be_about():
    (task,) = [one for one in _mapped(WISH).resources if one.type == "Task"]
    labels = {(one["system"], one["code"]) for one in task.resource["meta"]["security"]}
    assert (systems.HOLD, "NOPAT") in labels
    assert (systems.ACCESS_CATEGORY, "consent") in labels


def test_two_wishes_are_two_requests_and_one_without_a_day_is_missing_it():
    outcome = _mapped(WISH, {**WISH, "words": "Not the church."})
    assert len([one for one in outcome.resources if one.type == "Task"]) == 2
    outcome = _mapped({"words": "No."})
    assert ("person.sharing[0].on", "missing") in {(i.path, i.code) for i in outcome.issues}


def test_a_row_of_the_template_says_it_too():
    headings = ("written_at", "person.local_id", "plan.id", "plan.type", "plan.state",
                "person.sharing.words", "person.sharing.on", "person.sharing.wish")  # fmt: skip
    cells = ("2026-11-03T10:00:00Z", "VC-7", "VP-7", "wellbeing", "active")
    said = [("Not my nephew.", "2026-11-01", "refuses"), ("My niece may.", "2026-11-02", "agrees")]
    rows = [headings, *((*cells, *one) for one in said)]
    body = "\n".join(",".join(row) for row in rows).encode()
    (item,) = template.read({"": body})
    outcome = map_item(FEEDS["social-care"].kinds[item.kind], item)
    tasks = [one.resource for one in outcome.resources if one.type == "Task"]
    assert [one["description"] for one in tasks] == ["Not my nephew.", "My niece may."]
    codes = [one["businessStatus"]["coding"][0]["code"] for one in tasks]
    assert codes == ["refuses", "agrees"]
