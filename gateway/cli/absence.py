"""feed absence | guard: files that leave so much out that somebody has to look first."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.error_queue import OneFeed
from gateway.cli.output import Json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mappings.core.model.rows import Feed


def feed_absence(
    feed: OneFeed = "",
    confirm: Annotated[str, typer.Option(help="The file, by its id: apply it as it is.")] = "",
    refuse: Annotated[str, typer.Option(help="The file, by its id: take nothing away.")] = "",
    reason: Annotated[str, typer.Option(help="Why; it stands sealed in the audit log.")] = "",
    json: Json = False,
) -> None:
    """Files whose absences are not applied: rows were refused, or far fewer came than before.

    Of each its period and rows by table, beside those of the file before it. What such a file says
    was taken; only what it leaves out waits. Confirm it, or refuse it, with a reason.

    Example: care-gateway feed absence mental-health
    """
    from gateway.cli import output
    from gateway.cli.opening import feed_named, with_store
    from gateway.flows.feeds.decide_absence import waiting
    from mappings.registry import FEEDS

    feeds = {feed: feed_named(feed)} if feed else FEEDS
    if confirm or refuse:
        return _decide(feeds, confirm, refuse, reason, json=json)
    found = with_store(lambda _settings, store: waiting(store.engine, feeds))
    if json:
        return output.as_json({"absence": found})
    return _show(found)


def _decide(
    feeds: "Mapping[str, Feed]", confirm: str, refuse: str, reason: str, *, json: bool
) -> None:
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.feeds.decide_absence import decide

    if confirm and refuse:
        raise typer.BadParameter("say one of --confirm and --refuse")
    made = with_store(
        lambda _settings, store: decide(
            store, feeds, confirm or refuse, operator(), reason, confirmed=bool(confirm)
        )
    )
    if json:
        output.as_json(made)
    else:
        output.say(f"{made['decided']}; resources changed: {made['changed']}")


def _show(found: list[dict[str, Any]]) -> None:
    from gateway.cli import output

    heads = ("feed", "organisation", "set", "from", "to", "state", "refused", "rows", "file")
    output.table(
        heads,
        [
            (
                one["feed"], one["organisation"], one["set"], *one["period"], one["state"],
                one["refused_rows"],
                ", ".join(f"{n} {it['before']}>{it['now']}" for n, it in one["rows"].items()),
                one["file"],
            )
            for one in found
        ],
    )  # fmt: skip


def feed_guard(
    feed: Annotated[str, typer.Argument(metavar="FEED", help="The feed, such as `community`.")],
    share: Annotated[int, typer.Option(min=0, max=100, help="Per cent of the rows before.")] = 50,
    least: Annotated[int, typer.Option(min=0, help="Tables with fewer rows are not held.")] = 20,
) -> None:
    """From when on a shrinking file of this feed waits for somebody: below this share of its rows.

    Of any table that had at least so many rows. It holds from the next file on.

    Example: care-gateway feed guard community --share 60 --least 50
    """
    from gateway.cli import output
    from gateway.cli.opening import feed_named, operator, with_store
    from gateway.flows.feeds.decide_absence import set_guard
    from gateway.store.absences.absence_judging import Guard

    name, guard = feed_named(feed).name, Guard(share, least)
    with_store(lambda _settings, store: set_guard(store, name, guard, operator()))
    output.say(f"{name}: below {share} % of at least {least} rows")
