"""Which systems may export records in bulk, and as whom they are shown them.

    a system -> direct care -> registered for it -> scopes -> who it is shown as

Out     The caller that a person's Filter is made for: of the registered role of direct care at the
        system's own organisation, of a name of its own, so that nobody on a named team is meant.
Rule    Everybody else is refused, whoever the people are, and told why. The reason is in the log.
Errors  NotEntitledError.
Source  docs/api.md; SMART App Launch 2.2, Backend Services.
"""

from dataclasses import dataclass, replace
from typing import Final

from consent.policy import Policy
from consent.scopes import types_in_scope
from consent.terms import Action, Caller, CallerKind, Purpose
from gateway.audit.events import Event, Outcome
from gateway.auth.clients import ROLE, RegisteredClient
from gateway.errors import ConfigurationError, Fault, NotEntitledError
from gateway.flows.asking.access_log import entry_of
from gateway.flows.site.site import Asking, Site
from gateway.store.clear.search_table import PARAMETERS

TYPES: Final = tuple(PARAMETERS)
"""What can be exported."""
DIRECT_CARE: Final = frozenset({Purpose.TREATMENT, Purpose.CARE_MANAGEMENT, Purpose.COORDINATION})
SYSTEM_LEVEL: Final = "whole-system"
_TOLD: Final = {
    "kind": "Only a system that signed in by SMART Backend Services may export records",
    "secondary-purpose": "Records are exported for the direct care of a caseload alone: not for"
    " research, planning, payment or any other use of them",
    "purpose": "Records are exported for treatment, care management or co-ordination alone",
    "registration": "This system is not registered for exports",
    "scope": "An export needs scopes of the form system/*.rs, for every type it names",
    SYSTEM_LEVEL: "There is no export of everything: ask for Patient/$export, or for"
    " Group/{id}/$export of a caseload",
}
"""Why an export is refused."""


@dataclass(frozen=True, slots=True)
class Entitled:
    """A system that may export."""

    asking: Asking
    """It, as the log of its own requests names it."""
    shown_as: Caller
    types: frozenset[str]
    """What its scopes leave of the types there are."""

    def at(self, asking: Asking) -> Asking:
        """A look at people's records, as the log names it."""
        return replace(asking, caller=self.shown_as)


async def entitled(site: Site, asking: Asking, client: RegisteredClient | None) -> Entitled:
    """The caller, if it may export; with how it is registered, if it is."""
    caller = asking.caller
    reason = _refused(site.policy, caller, client)
    if reason or client is None:
        raise await refusal(site, asking, reason)
    shown_as = Caller(
        f"export:{client.id}", CallerKind.STAFF, client.exports_as, client.org, caller.purpose,
        client.id, caller.scopes, frozenset(), None, caller.assurance, caller.token_hash,
        keeps=True,
    )  # fmt: skip
    return Entitled(asking, shown_as, _types(caller))


async def refusal(site: Site, asking: Asking, reason: str) -> NotEntitledError:
    """What to raise; the reason is in the log first."""
    entry = entry_of(site, asking, Event.EXPORT, None, [], "$export")
    reasons = (f"export-{reason}",)
    await site.store.log.append(replace(entry, outcome=Outcome.REFUSED, reasons=reasons))
    return NotEntitledError([Fault("forbidden", "", _TOLD[reason])])


def check_exports_as(client: RegisteredClient, policy: Policy) -> None:
    """A system exports as a role of direct care, or not at all. Errors: ConfigurationError."""
    if not client.exports_as:
        return
    role = policy.roles.get(client.exports_as)
    if role is None or role.kind is not CallerKind.STAFF or role.lay or not role.direct_care:
        raise ConfigurationError(f"client {client.id}: exports_as: a role of direct care")


def _refused(policy: Policy, caller: Caller, client: RegisteredClient | None) -> str:
    """Why not; empty where it may."""
    if caller.kind is not CallerKind.SYSTEM:
        return "kind"
    if caller.purpose in policy.secondary:
        return "secondary-purpose"
    if caller.purpose not in DIRECT_CARE:
        return "purpose"
    if client is None or not client.exports_as:
        return "registration"
    if (client.id, client.org, ROLE) != (caller.user_id, caller.org, caller.role):
        return "registration"
    return "" if _types(caller) else "scope"


def _types(caller: Caller) -> frozenset[str]:
    """Those that the token's scopes let it both read and search; none where it states none."""
    stated = frozenset(scope for scope in caller.scopes if scope.startswith("system/"))
    if not stated:
        return frozenset()
    allowed = frozenset(TYPES)
    for action in (Action.READ, Action.SEARCH):
        types = types_in_scope(stated, action)
        allowed = allowed if types is None else allowed & types
    return allowed
