"""What every flow is given, and what every request brings with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from consent.policy import Policy
from consent.terms import Caller
from gateway.audit.entry import Agent
from gateway.auth.rates import UNLIMITED, Rates
from gateway.flows.site.site_served import SiteServed
from gateway.store.access.held import HeldCache
from gateway.store.commit.units import Store
from mappings.core.model.rows import Feed


@dataclass(frozen=True, slots=True)
class Site:
    """One running deployment: its store, its policy, its feeds."""

    store: Store
    policy: Policy
    feeds: Mapping[str, Feed]
    base_url: str
    on_call: str = ""
    """The number that every not-found answer carries, whatever was asked for."""
    known: HeldCache = field(default_factory=HeldCache)
    served: SiteServed = field(default_factory=SiteServed)
    register: Path = Path()
    """The file, apart from the database, of which records were shredded."""
    rates: Rates = field(default_factory=lambda: Rates(UNLIMITED, bytes(32)))
    """How often callers may ask for what is limited; without settings, for ever."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, when, under which request id; `raw_query` is sealed in the log."""

    caller: Caller
    at: datetime
    request_id: str
    raw_query: str = field(default="", repr=False)
    in_bundle: bool = False
    """Whether it is an entry of a Bundle, whose answer has no headers to tell anything in."""

    @property
    def agent(self) -> Agent:
        """The caller as the audit log names them."""
        return _agent_of(self.caller)


@lru_cache(maxsize=4096)
def _agent_of(caller: Caller) -> Agent:
    """Of the callers of late: each asks many times with one token."""
    return Agent.of(caller)
