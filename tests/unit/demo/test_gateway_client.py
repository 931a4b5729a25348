"""The walk-through's view of HTTP: tokens, pages, and failures that say which step."""

import asyncio
import json
import tomllib
from importlib.resources import files

import httpx
import pytest

from consent.policy import Policy
from gateway.cli.demo.cast import borough_of
from gateway.cli.demo.deliveries import Delivery
from gateway.cli.demo.findings import Integrity
from gateway.cli.demo.gateway_client import As, Gateway, StepFailedError
from gateway.cli.demo.walkthrough import WalkThrough

POLICY = Policy.parse(tomllib.loads(files("consent").joinpath("policy.toml").read_text()))
BASE = "http://gateway.example"
GP = As("gp", "gp-1", "H85901")


class Tokens:
    """Counts the tokens it makes; each says for whom."""

    def __init__(self):
        self.made = []

    def __call__(self, role, user, org, **more):
        self.made.append((role, user, org, more))
        return f"{role}.{org}"


class Served:
    """A gateway that answers from a list, and remembers what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    def __call__(self, request):
        self.requests.append(request)
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return httpx.Response(status, json=body)


def asked(served, work):
    """Run one piece of work against the answers."""
    tokens = Tokens()

    async def run():
        transport = httpx.MockTransport(served)
        async with httpx.AsyncClient(base_url=BASE, transport=transport) as http:
            return await work(Gateway(http, tokens))

    return asyncio.run(run()), tokens


def page(names, onward=None):
    links = [{"relation": "next", "url": onward}] if onward else []
    entries = [{"resource": {"resourceType": "Goal", "id": name}} for name in names]
    return {"resourceType": "Bundle", "link": links, "entry": entries}


def test_a_push_goes_out_as_the_provider_with_its_feed():
    served = Served((200, {"status": "taken"}))
    delivery = Delivery("gp", "H85901", "application/fhir+json", b"{}")
    answer, tokens = asked(served, lambda gateway: gateway.push(delivery))
    assert answer == {"status": "taken"}
    request = served.requests[0]
    assert (request.method, request.url.path) == ("POST", "/feeds/gp")
    assert request.headers["content-type"] == "application/fhir+json"
    assert request.headers["authorization"] == "Bearer provider.H85901"
    assert tokens.made == [("provider", "system-h85901", "H85901", {"feeds": ("gp",)})]


def test_every_page_is_followed_with_one_token():
    onward = f"{BASE}/fhir/R4/Patient/p1/$everything?_page=2"
    served = Served((200, page("ab", onward)), (200, page("c")))
    found, tokens = asked(served, lambda gateway: gateway.everything(GP, "p1"))
    assert [one["id"] for one in found] == ["a", "b", "c"]
    assert served.requests[1].url.params["_page"] == "2"
    assert len(tokens.made) == 1


def test_nothing_to_see_is_an_empty_record():
    found, _ = asked(Served((404, {})), lambda gateway: gateway.everything(GP, "p1"))
    assert found == []


def test_a_permission_is_asked_for_in_person_and_standing():
    served = Served((201, {"permission": "1"}))
    asked(served, lambda gateway: gateway.record_permission(GP, "p1"))
    assert json.loads(served.requests[0].content) == {
        "patient": "p1",
        "asked_how": "in-person",
        "kind": "standing",
    }


def test_a_purpose_is_asked_for_where_one_is_named():
    lead = As("governance-lead", "lead", "X1K", purpose="HCOMPL")
    _, tokens = asked(Served((200, page(""))), lambda gateway: gateway.events_about(lead, "p1"))
    assert tokens.made[0][3] == {"purpose": "HCOMPL"}


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_failed_step_says_which_and_repeats_no_answer(status):
    served = Served((status, {"issue": "Ashdown 9990000077"}))
    with pytest.raises(StepFailedError) as failed:
        asked(served, lambda gateway: gateway.everything(GP, "p1"))
    assert str(failed.value) == f"gp looks at the record: answered {status}"


def test_links_in_a_circle_end():
    served = Served((200, page("a", f"{BASE}/again")))
    with pytest.raises(StepFailedError):
        asked(served, lambda gateway: gateway.everything(GP, "p1"))


class NoOperator:
    """Never reached: the walk ends at its first step."""

    async def verify(self):
        return Integrity(0, "", verified=False)

    async def reviews(self):
        return {}


def test_a_walk_ends_at_the_first_step_that_fails():
    """The failure comes out as itself, and what was not begun is never begun."""
    served = Served((500, {}))
    borough = borough_of(1, 60)
    with pytest.raises(StepFailedError, match="pushes to the gp feed: answered 500"):
        asked(served, lambda gateway: WalkThrough(gateway, borough, POLICY, NoOperator()).walk())
    assert len(served.requests) < 30
