"""A request that is limited waits its turn: it is refused before anything is looked for.

Rule    What is limited is named by the kind of asking and by who asks, never by whom it is about:
        so that the refusal tells nothing of anybody.
Errors  ThrottledError with the seconds to wait.
"""

from dataclasses import replace

from gateway.audit.events import Event, Outcome
from gateway.auth.rates import Kind, caller_name
from gateway.errors import ThrottledError
from gateway.flows.asking.access_log import entry_of
from gateway.flows.asking.record_answer import refuse_unproved
from gateway.flows.site.site import Asking, Site


async def check_caller(site: Site, asking: Asking, kind: Kind, event: Event, query: str) -> None:
    """Refuse a caller who asks too often. The refusal is recorded within the bounds of those who
    flood."""
    seconds = site.rates.wait(kind, caller_name(asking.caller), asking.at)
    if seconds:
        entry = entry_of(site, asking, event, None, [], query)
        refused = replace(entry, outcome=Outcome.REFUSED, reasons=("rate",))
        await refuse_unproved(site.store, refused)
        raise ThrottledError(seconds)
