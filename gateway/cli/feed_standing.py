"""feed state: how far an organisation's feed has joined the live record."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer

from gateway.cli.output import Json

_HEADS: Final = (
    "organisation", "feed", "state", "changed", "by", "joined", "last_source", "last_received",
)  # fmt: skip


def feed_state(
    org: Annotated[
        str,
        typer.Argument(metavar="ORG", help="ODS code; `*` for how every feed begins."),
    ],
    feed: Annotated[str, typer.Argument(metavar="FEED", help="The feed; with `*`, `*` for all.")],
    state: Annotated[
        str,
        typer.Argument(metavar="STATE", help="sandbox, safety-access, open, paused or down."),
    ],
    reason: Annotated[str, typer.Option(help="Why; it stands sealed in the audit log.")],
    json: Json = False,
) -> None:
    """Put a feed of an organisation in a state; it holds from the next request.

    `sandbox`: mapped and answered, shown to nobody. `safety-access`: shown to the sender's own
    clinical safety officer alone. `open`: shown to the teams. `paused`: what comes is kept sealed
    and applied once it is open again. `down`: it is known to be silent. Of a feed that is paused or
    down every reader is told so, within 15 seconds.

    Example: care-gateway feed state RQY mental-health safety-access --reason "first week of data"
    """
    from consent.feeds import FeedState
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.feeds.feed_state import set_state
    from mappings.registry import FEEDS

    if state not in set(FeedState):
        raise typer.BadParameter(f"the states are {', '.join(FeedState)}")
    named, wanted = (org.strip(), feed.strip()), FeedState(state)
    found = with_store(
        lambda _settings, store: set_state(store, operator(), named, wanted, reason, FEEDS)
    )
    if json:
        output.as_json(found)
        return
    heads = ("organisation", "feed", "before", "state")
    output.table(heads, [[found[head] for head in heads]])


def show_standings(rows: Sequence[dict[str, Any]]) -> None:
    """How each organisation's feed stands, below what was shown before."""
    from gateway.cli import output

    if rows:
        output.data("")
        heads = [head.replace("_", " ") for head in _HEADS]
        output.table(heads, [[one[head] for head in _HEADS] for one in rows])
