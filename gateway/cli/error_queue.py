"""feed list | errors | replay | discard | report: how the feeds stand, and what waits."""

from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from gateway.cli.output import Json

if TYPE_CHECKING:
    from gateway.flows.feeds.feed_errors import Choice
    from gateway.settings import Settings
    from gateway.store.commit.units import Store

feed_app = typer.Typer(help="How the feeds stand.", no_args_is_help=True, rich_markup_mode=None)

OneFeed = Annotated[str, typer.Argument(metavar="FEED", help="One feed alone.")]
Org = Annotated[str, typer.Option(help="What this organisation sent alone (ODS code).")]
_Message = Annotated[str, typer.Option(help="A delivery or an item, by its id.")]
_Rule = Annotated[str, typer.Option(help="What broke this rule: `code:path`, or the code alone.")]
_All = Annotated[bool, typer.Option("--all", help="Everything that waits.")]


@feed_app.command("list")
def list_feeds(json: Json = False) -> None:
    """Each feed's deliveries and items by state, and how many records wait for review; how each
    organisation's feed stands and how fresh it is; each source that is pulled, with its last run
    and its next; each sender of HL7 v2 that has a profile.

    Example: care-gateway feed list
    """
    from gateway.cli import output
    from gateway.cli.feed_standing import show_standings
    from gateway.cli.opening import with_store
    from gateway.cli.pulling import show_sources
    from gateway.flows.feeds.feed_errors import feed_states
    from gateway.flows.feeds.feed_state import changed_standing
    from gateway.flows.intake.pull_source import source_states
    from gateway.sources import read_sources
    from mappings.registry import FEEDS

    async def both(settings: "Settings", store: "Store") -> tuple[list[dict[str, Any]], ...]:
        sources = read_sources(settings.sources_file, production=settings.production)
        return (
            await feed_states(store.engine, FEEDS),
            await source_states(store.engine, sources),
            await changed_standing(store.engine),
            [one.model_dump(mode="json") for one in sources.hospital],
        )

    found, sources, standings, senders = with_store(both)
    if json:
        told = {"feeds": found, "standing": standings, "sources": sources, "senders": senders}
        output.as_json(told)
        return
    rows = [
        (one["feed"], *(_counts(one[name]) for name in ("deliveries", "items")),
         one["review"], one["last_received"])
        for one in found
    ]  # fmt: skip
    output.table(("feed", "deliveries", "items", "review", "last received"), rows)
    show_standings(standings)
    show_sources(sources, senders)


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
    from gateway.flows.feeds.decide_absence import waiting
    from gateway.flows.feeds.feed_errors import errors, feed_states

    feeds = _choice(feed, org).feeds

    async def all_of(_settings: "Settings", store: "Store") -> tuple[dict[str, Any], int, int]:
        states = await feed_states(store.engine, feeds)
        found = await errors(store.engine, feeds, limit, org)
        held = sum(org in ("", one["organisation"]) for one in await waiting(store.engine, feeds))
        return found, sum(one["review"] for one in states), held

    found, review, held = with_store(all_of)
    if held:
        output.say(f"files whose absences wait for a decision: {held} (care-gateway feed absence)")
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
    taken: Annotated[
        bool, typer.Option("--taken", help="What was taken, from its kept facts.")
    ] = False,
    mapping_older: Annotated[
        bool, typer.Option("--mapping-older", help="With --taken: under an older mapping alone.")
    ] = False,
    org: Org = "",
    json: Json = False,
) -> None:
    """Read and map what waits again, with today's mappings, as if it came when it came.

    Ids stay; what was taken whole is not touched; what is still wrong waits on with its reasons of
    today. A message named by its id is taken up even where it was discarded. Exit 1 when something
    waits on, or nothing has that id. With --taken, what was taken is mapped again instead: what
    comes out the same keeps its version; exit 1 when today's mapping refuses some of it, which
    stays as it was.

    Example: care-gateway feed replay social-care --rule unmapped-code:plan.state
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.feeds.replay import replay

    if taken or mapping_older:
        if not taken or message.strip() or rule.strip() or everything:
            raise typer.BadParameter("--taken goes with FEED, --org and --mapping-older alone")
        _replay_taken(_choice(feed, org), json=json, older=mapping_older)
    choice = _one_choice(feed, org, message, rule, everything=everything)
    found = with_store(lambda _settings, store: replay(store, choice, operator()))
    _show_replayed(found, json=json)
    gone = any(one["status"] == "gone" for one in found["deliveries"])
    unknown = bool(message) and not found["deliveries"]
    if unknown:
        output.say("nothing that waits or was discarded has this id")
    raise typer.Exit(int(found["waiting"] > 0 or gone or unknown))


def _show_replayed(found: dict[str, Any], *, json: bool) -> None:
    from gateway.cli import output

    if json:
        output.as_json(found)
    else:
        heads = ("feed", "organisation", "delivery", "before", "status", "mended")
        output.table(heads, [[one[head] for head in heads] for one in found["deliveries"]])
        output.say(f"mended: {found['mended']}; waiting on: {found['waiting']}")
    gone = sum(one["status"] == "gone" for one in found["deliveries"])
    if gone:
        output.say(f"{gone} can be opened no more (status gone): have them sent again")


def _replay_taken(choice: "Choice", *, json: bool, older: bool) -> NoReturn:
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.feeds.replay_taken import replay_taken

    found = with_store(
        lambda _settings, store: replay_taken(store, choice, operator(), older=older)
    )
    if json:
        output.as_json(found)
    else:
        heads = ("feed", "records", "items", "new", "changed", "withdrawn", "refused")
        output.table(heads, [[one[head] for head in heads] for one in found["feeds"]])
    raise typer.Exit(int(any(one["refused"] for one in found["feeds"])))


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
    nothing was there to discard. It says how much else waits of the same feed and organisation.

    Example: care-gateway feed discard gp --rule names-nobody --reason "test messages"
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.feeds.discard import discard

    choice = _one_choice(feed, org, message, rule, everything=everything)
    found = with_store(lambda _settings, store: discard(store, choice, operator(), reason))
    if json:
        output.as_json(found)
    else:
        heads = ("feed", "organisation", "delivery", "discarded")
        output.table(heads, [[one[head] for head in heads] for one in found["deliveries"]])
        output.say(f"discarded: {found['discarded']}; others that wait: {found['waiting']}")
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
    from gateway.flows.feeds.report_card import report_cards
    from gateway.flows.feeds.report_text import text_of

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
    from gateway.flows.feeds.feed_errors import Choice
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
