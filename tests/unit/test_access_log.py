"""What the log says of an access, beside what was shown."""

import pytest

from consent.decision import compile_filter
from gateway.audit.events import Event
from gateway.flows.asking.access_log import entry_of
from gateway.flows.asking.sight import Sight
from gateway.flows.site.site import Asking, Site
from gateway.store.access.held import Held
from tests.unit.consent.world import NOW, caller, person, policy, proxy, request


@pytest.mark.parametrize(("role", "authority"), [("proxy", "proxy-1"), ("patient", ""), ("gp", "")])
def test_who_acts_for_somebody_is_named_with_the_consent_that_lets_them(role, authority):
    facts = person(proxies=(proxy(basis="health-and-welfare-attorney"),))
    who, site = caller(role), Site(None, policy(), {}, "")  # type: ignore[arg-type]
    sight = Sight(Held(facts, {}, 0, ()), compile_filter(who, facts, request(), policy()))
    assert not sight.allowed.is_nothing
    entry = entry_of(site, Asking(who, NOW, "r"), Event.READ, sight, [], "Goal")
    assert entry.agent.on_behalf_of == authority
