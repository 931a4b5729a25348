"""feed list | errors | replay | discard | report: how the feeds stand, and what waits."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.output import Json

if TYPE_CHECKING:
    from gateway.flows.feed_errors import Choice
    from gateway.settings import Settings
    from gateway.store.units import Store

feed_app = typer.Typer(help="How the feeds stand.", no_args_is_help=True, rich_markup_mode=None)

OneFeed = Annotated[str, typer.Argument(metavar="FEED", help="One feed alone.")]
Org = Annotated[str, typer.Option(help="What this organisation sent alone (ODS code).")]
_Message = Annotated[str, typer.Option(help="A delivery or an item, by its id.")]
_Rule = Annotated[str, typer.Option(help="What broke this rule: `code:path`, or the code alone.")]
_All = Annotated[bool, typer.Option("--all", help="Everything that waits.")]


@feed_app.command("list")
def list_feeds(json: Json = False) -> None:
    """Each feed's deliveries and items by state, and how many records wait for review.

    Example: care-gateway feed list
    """
    from gateway.cli import output
    from gateway.cli.opening import with_store
    from gateway.flows.feed_errors import feed_states
    from mappings.registry import FEEDS

    found = with_store(lambda _settings, store: feed_states(store.engine, FEEDS))
    if json:
        output.as_json({"feeds": found})
        return
    output.table(
        ("feed", "deliveries", "items", "review", "last received"),
        [
            (
                one["feed"], _counts(one["deliveries"]), _counts(one["items"]), one["review"],
                one["last_received"],
            )
            for one in found
        ],
    )  # fmt: skip


@feed_app.command("errors")
def feed_errors(
    feed: OneFeed = "",
    org: Org = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many of each.")] = 100,
    json: Json = False,
) -> None:
    """What waits to be mended: by rule, message by message, and records of people to be reviewed.

    A message waits that was refused whole, quarantined, or taken in part. Ids, paths and codes
    only, nothing of any person. The latest come first; standard error says how many there are
    where not all are shown.

    Example: care-gateway feed errors social-care --json
    """
    from gateway.cli import output
    from gateway.cli.opening import with_store
    from gateway.flows.feed_errors import errors, feed_states

    feeds = _choice(feed, org).feeds

    async def both(_settings: "Settings", store: "Store") -> tuple[dict[str, Any], int]:
        states = await feed_states(store.engine, feeds)
        found = await errors(store.engine, feeds, limit, org)
        return found, sum(one["review"] for one in states)

    found, review = with_store(both)
    _say_cut("quarantined", len(found["quarantined"]), found["waiting"])
    if not org:
        _say_cut("review", len(found["review"]), review)
    if json:
        output.as_json(found)
    else:
        _show_errors(found)


@feed_app.command("replay")
def feed_replay(
    feed: OneFeed = "",
    message: _Message = "",
    rule: _Rule = "",
    everything: _All = False,
    org: Org = "",
    json: Json = False,
) -> None:
    """Read and map what waits again, with today's mappings, as if it came when it came.

    Deliveries and items keep their ids; what was taken whole is not touched, and what is still
    wrong waits on with its reasons of today. A message asked for by its id is taken up again even
    where it was discarded. Exit 1 when something of what was asked for waits on, or when nothing
    has the id that was asked for.

    Example: care-gateway feed replay social-care --rule unmapped-code:plan.state
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.replay import replay

    choice = _one_choice(feed, org, message, rule, everything=everything)
    found = with_store(lambda _settings, store: replay(store, choice, operator()))
    if json:
        output.as_json(found)
    else:
        heads = ("feed", "organisation", "delivery", "before", "status", "mended")
        output.table(heads, [[one[head] for head in heads] for one in found["deliveries"]])
        output.say(f"mended: {found['mended']}; waiting on: {found['waiting']}")
    gone = [one for one in found["deliveries"] if one["status"] == "gone"]
    if gone:
        output.say(f"{len(gone)} can be opened no more (status gone): have them sent again")
    unknown = bool(message) and not found["deliveries"]
    if unknown:
        output.say("nothing that waits or was discarded has this id")
    raise typer.Exit(int(found["waiting"] > 0 or bool(gone) or unknown))


@feed_app.command("discard")
def feed_discard(
    reason: Annotated[str, typer.Option(help="Why; it stands sealed in the audit log.")],
    feed: OneFeed = "",
    message: _Message = "",
    rule: _Rule = "",
    everything: _All = False,
    org: Org = "",
    json: Json = False,
) -> None:
    """Decide that what waits is not to be taken; its provider is told so, not why.

    It can be taken up again by `feed replay --message` until the key of its day dies. Exit 1 when
    nothing was there to discard.

    Example: care-gateway feed discard gp --rule names-nobody --reason "test messages"
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.discard import discard

    choice = _one_choice(feed, org, message, rule, everything=everything)
    found = with_store(lambda _settings, store: discard(store, choice, operator(), reason))
    if json:
        output.as_json(found)
    else:
        heads = ("feed", "organisation", "delivery", "discarded")
        output.table(heads, [[one[head] for head in heads] for one in found["deliveries"]])
        output.say(f"discarded: {found['discarded']}; waiting on: {found['waiting']}")
    raise typer.Exit(int(not found["discarded"]))


@feed_app.command("report")
def feed_report(
    feed: Annotated[str, typer.Argument(metavar="FEED", help="The feed, such as `gp`.")],
    org: Annotated[str, typer.Option(help="One organisation alone (ODS code).")] = "",
    days: Annotated[int, typer.Option(min=1, max=366, help="Of so many days.")] = 28,
    json: Json = False,
) -> None:
    """The report card of each organisation that sends to a feed, to be given to that provider.

    Volumes, freshness, what waits by rule with an example, codes in no table, identity, trend and
    what to mend first. Of that organisation alone: paths and ids, nothing of any person. A
    provider's system asks for its own over HTTP.

    Example: care-gateway feed report social-care --org X1K01
    """
    from gateway.cli import output
    from gateway.cli.opening import feed_named, operator, with_store
    from gateway.flows.report_card import report_cards
    from gateway.flows.report_text import text_of

    wanted, at = feed_named(feed), operator().at
    cards = with_store(
        lambda _settings, store: report_cards(store.engine, wanted, org.strip(), at, days)
    )
    if json:
        output.as_json({"reports": cards})
    else:
        output.data("\n".join(map(text_of, cards)).rstrip() or "nothing was sent yet")


def _choice(feed: str, org: str, message: str = "", rule: str = "") -> "Choice":
    from gateway.cli.opening import feed_named
    from gateway.flows.feed_errors import Choice
    from mappings.registry import FEEDS

    feeds = {feed: feed_named(feed)} if feed else FEEDS
    return Choice(feeds, org.strip(), message.strip(), rule.strip())


def _one_choice(feed: str, org: str, message: str, rule: str, *, everything: bool) -> "Choice":
    if sum(map(bool, (message.strip(), rule.strip(), everything))) != 1:
        raise typer.BadParameter("say one of --message, --rule and --all")
    return _choice(feed, org, message, rule)


def _show_errors(found: dict[str, Any]) -> None:
    from gateway.cli import output

    if found["rules"]:
        heads = ("feed", "rule", "number", "alone", "text")
        output.table(heads, [[one[head] for head in heads] for one in found["rules"]])
        output.data("")
    output.table(
        ("feed", "organisation", "delivery", "state", "item", "severity", "path", "code", "text"),
        [
            (
                held["feed"], held["organisation"], held["delivery"], _state(held), held["item"],
                *(issue[name] for name in ("severity", "path", "code", "text")),
            )
            for held in found["quarantined"]
            for issue in held["issues"]
        ],
    )  # fmt: skip
    if found["review"]:
        output.data("")
        output.table(
            ("feed", "organisation", "source record", "state"),
            [
                (one["feed"], one["organisation"], one["source_record"], one["state"])
                for one in found["review"]
            ],
        )


def _state(held: dict[str, Any]) -> str:
    """With a word where it can be opened no more, and has to be sent again."""
    return str(held["state"]) if held["kept"] else f"{held['state']}, gone"


def _say_cut(name: str, shown: int, total: int) -> None:
    """A line on standard error for a list that is not shown whole."""
    from gateway.cli import output

    if total > shown:
        output.say(f"{name}: {shown} of {total} shown; --limit shows more")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{state} {number}" for state, number in counts.items())
