"""feed pull, and the loop that pulls beside a worker: sources that do not push."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from gateway.cli.output import Json

if TYPE_CHECKING:
    from gateway.flows.intake.pulling import Puller
    from gateway.settings import Settings
    from gateway.sources import Sources
    from gateway.store.commit.units import Store
    from gateway.store.intake.sources import Ended

LOOK_SECONDS: Final = 5.0
"""Between looks at whose turn it is."""
Told = Callable[[dict[str, "Ended"]], None]


def feed_pull(
    source: Annotated[str, typer.Option(help="One source of the sources file alone.")] = "",
    once: Annotated[
        bool, typer.Option("--once", help="Pull now, whether it is its turn or not, and stop.")
    ] = False,
    json: Json = False,
) -> None:
    """Pull from the sources of GATEWAY_SOURCES_FILE, each when its turn comes.

    The worker does the same; two who pull take nothing twice. With --once exit 1 when something
    could not be had or was refused, or when another puller is at it; one that was killed is for
    two minutes more.

    Example: care-gateway feed pull --source council-drop --once
    """
    from gateway.cli.opening import check_is_current, with_store
    from gateway.settings import Settings

    check_is_current(Settings())
    found: dict[str, Ended] = {}

    async def run(settings: "Settings", store: "Store") -> list[str]:
        puller, sources = puller_of(settings, store)
        wanted = _wanted(sources, source)
        if once:
            from gateway.flows.intake.pull_source import pull_due

            found.update(await pull_due(puller, sources, name=source, forced=True))
        else:
            from gateway.cli.working import stop_signal

            await pull_on(puller, sources, stop_signal(), source, _say)
        return wanted

    wanted = with_store(run)
    if once:
        _show(found, json=json)
        _say_held([name for name in wanted if name not in found])
        clean = all(one.outcome == "done" and not one.refused for one in found.values())
        raise typer.Exit(int(not clean or len(found) < len(wanted)))


def _wanted(sources: "Sources", name: str) -> list[str]:
    """Which sources are meant. Errors: typer.BadParameter where none is."""
    wanted = [one.name for one in sources.source if name in ("", one.name)]
    if not wanted:
        names = ", ".join(one.name for one in sources.source) or "none"
        raise typer.BadParameter(f"the sources are: {names}")
    return wanted


def puller_of(settings: "Settings", store: "Store") -> tuple["Puller", "Sources"]:
    """What pulls, and the sources of this deployment. Errors: ConfigurationError."""
    from gateway.clock import now
    from gateway.flows.intake.pull_source import check_feeds
    from gateway.flows.intake.pulling import Puller
    from gateway.sources import read_sources
    from mappings.registry import FEEDS

    sources = read_sources(settings.sources_file, production=settings.production)
    check_feeds(sources, FEEDS)
    limits = settings.limits
    puller = Puller(store, FEEDS, now, limits.feed_body_bytes, limits.feed_unpacked_bytes)
    return puller, sources


async def pull_on(
    puller: "Puller",
    sources: "Sources",
    stop: asyncio.Event,
    name: str = "",
    told: Told = lambda _found: None,
) -> None:
    """Pull each source when its turn comes, until told to stop."""
    from gateway.flows.intake.pull_source import pull_due

    while not stop.is_set():
        told(await pull_due(puller, sources, name=name))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_SECONDS)


def _say(found: dict[str, "Ended"]) -> None:
    from gateway.cli import output

    for name, one in found.items():
        output.say(
            f"{name}: {one.outcome}, taken {one.taken}, duplicates {one.duplicates},"
            f" refused {one.refused}, failed {one.failed}, waiting {one.waiting}"
        )


def _say_held(names: Sequence[str]) -> None:
    from gateway.cli import output

    for name in names:
        output.say(f"{name}: not pulled, for another puller is at it; `feed list` says since when")


def _show(found: dict[str, "Ended"], *, json: bool) -> None:
    from gateway.cli import output

    rows = [{"source": name} | asdict(one) for name, one in found.items()]
    if json:
        output.as_json({"sources": rows})
    elif rows:
        output.table(tuple(rows[0]), [tuple(row.values()) for row in rows])


def show_sources(found: Sequence[dict[str, Any]], senders: Sequence[dict[str, Any]]) -> None:
    """How the sources that are pulled stand, and the profiles of senders, as tables."""
    from gateway.cli import output

    heads: tuple[str, ...] = (
        *("source", "kind", "feed", "organisation", "schedule", "last_run", "next_run"),
        *("outcome", "reason", "taken", "duplicates", "refused", "failed", "waiting"),
    )
    if found:
        output.data("")
        shown = tuple(head.replace("_", " ") for head in heads)
        output.table(shown, [[one[head] for head in heads] for one in found])
    heads = (
        *("name", "applications", "facilities", "authority", "charset", "time_zone"),
        *("problem_states", "z_segments", "appointment_states", "answers", "reviewed"),
    )
    if senders:
        output.data("")
        shown = ("sender", *(head.replace("_", " ") for head in heads[1:]))
        output.table(shown, [[one[head] for head in heads] for one in senders])
