"""Who answers a byte at a time holds nobody for longer than the answer may take in all."""

from dataclasses import replace

import httpx
import pytest

from gateway.audit.events import Event
from gateway.flows.access import post_alerts as posting
from gateway.flows.access.post_alerts import Webhook, post_alerts
from gateway.flows.asking.search_log import origin
from gateway.flows.audit import tell_witnesses as telling
from gateway.flows.audit.tell_witnesses import standing, tell_witnesses
from gateway.flows.sign_in import sign_in_person_provider
from gateway.settings import Witness
from tests.api.browsing import BASE, browser, provider
from tests.api.opened import break_glass
from tests.api.provider import write_providers
from tests.api.service import is_outcome
from tests.dripping import dripping

__all__ = ["browser", "provider"]
SHORT = 0.3
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def gateway(start, tmp_path):
    return start(providers_file=write_providers(tmp_path), base_url=BASE)


@pytest.mark.parametrize("body", [True, False])
def test_a_provider_that_drips_opens_nothing(gateway, browser, monkeypatch, body):
    monkeypatch.setattr(sign_in_person_provider, "_SECONDS", SHORT)
    with dripping(body=body) as address:
        desk = gateway.app.state.people_desk
        found, trusted = desk.providers["staff-sign-in"]
        slow = found.model_copy(update={"token_endpoint": address})
        providers = {**desk.providers, "staff-sign-in": (slow, trusted)}
        direct = httpx.AsyncHTTPTransport()
        gateway.app.state.people_desk = replace(desk, providers=providers, transport=direct)
        first = gateway.size()
        assert is_outcome(browser.sign_in(), 401, "login")
    entry = [one for one in gateway.entries(first) if one.event is Event.LOGIN][-1]
    assert entry.reasons == ("provider-unreached",)


def test_an_address_of_alerts_that_drips_its_head_has_taken_nothing(gateway, world, monkeypatch):
    monkeypatch.setattr(posting, "_SECONDS", SHORT)

    def posted(url):
        given_to = Webhook(url, bytes(32))
        return gateway.run(post_alerts(gateway.site.store, given_to, BASE, gateway.at))

    assert posted(NOWHERE) == 0
    break_glass(gateway, world.doctor, world.norma)
    with dripping(body=False) as address:
        assert posted(address) == 0


@pytest.mark.parametrize("body", [True, False])
def test_a_witness_that_drips_holds_nobody(gateway, monkeypatch, body):
    """What it says after its head is not read."""
    monkeypatch.setattr(telling, "_SECONDS", SHORT)
    store = gateway.site.store
    with dripping(body=body) as address:
        witness = Witness(name="slow", url=address)
        gateway.run(tell_witnesses(store, origin(BASE), [witness], gateway.at))
        (stands,) = gateway.run(standing(store, [witness], gateway.at))
    assert (stands["size"] > 0) == body
