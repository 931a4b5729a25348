"""Who may say that somebody acts for a person.

In      A Consent as it stands and as it is to be; who asks, under which Filter.
Rule    The roles that the policy names record it, on a relationship they did not claim for
        themselves; on the bases that it names the person alone may. Nobody records themselves, and
        nobody who acts for a person says who does, at work neither: whoever records is looked up
        among staff as people. Ending it is recording it.
Errors  ForbiddenError; UnprocessableError for a number that is nobody's.
"""

from collections.abc import Mapping
from typing import Any, Final

from consent.proxies import NUMBER_SYSTEM, basis_of, is_proxy_consent, proxy_named
from consent.terms import Caller, CallerKind, Reason
from gateway.errors import Fault, ForbiddenError, UnprocessableError
from gateway.flows.asking.sight import Sight
from gateway.flows.site.site import Site
from gateway.store.access.consent_rules import user_named
from mappings.core.shaping.identifiers import is_usable_nhs_number

_NUMBER: Final = "Consent.performer[0].identifier.value"


def check_number(consent: Mapping[str, Any]) -> None:
    """A proxy named by an NHS number is named by one. Errors: UnprocessableError."""
    if not is_proxy_consent(consent):
        return
    system, value = proxy_named(consent)
    if system == NUMBER_SYSTEM and not is_usable_nhs_number(value):
        raise UnprocessableError([Fault("value", _NUMBER, "ten digits of an NHS number")])


def check_recorder(
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    caller: Caller,
    sight: Sight,
    site: Site,
) -> None:
    """Refuse who may not say so, before an edit and after it. Errors: ForbiddenError."""
    said = [one for one in (before, after) if one is not None and _is_of_proxy(one)]
    if not said:
        return
    policy, vault = site.policy, site.store.vault
    acting = {user_named(one, vault) for one in said}
    if caller.kind is CallerKind.PATIENT:
        may = {basis_of(one) for one in said} <= policy.proxy_by_person
    else:
        may = (
            caller.kind is CallerKind.STAFF
            and caller.role in policy.proxy_recorders
            and Reason.SELF_CLAIM not in sight.allowed.reasons
        )
        acting |= {one.user_id for one in sight.held.facts.proxies if one.accepted}
    if not may or any(vault.staff.is_one(one, caller.user_id) for one in acting):
        raise ForbiddenError


def _is_of_proxy(resource: Mapping[str, Any]) -> bool:
    return resource["resourceType"] == "Consent" and is_proxy_consent(resource)
