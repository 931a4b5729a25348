"""audit triage."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.output import Json

if TYPE_CHECKING:
    from gateway.flows.asking.search_log import Operator
    from gateway.settings import Settings
    from gateway.store.commit.units import Store

_HEADS = ("alert", "entry", "organisation", "points", "why")


def triage(
    since: Annotated[datetime | None, typer.Option(help="From this moment on (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(help="Before this moment (UTC).")] = None,
    budget: Annotated[
        int, typer.Option(min=1, help="At most so many to ten thousand accesses.")
    ] = 20,
    raised: Annotated[
        bool, typer.Option("--raise", help="Raise an alert for each, to be settled.")
    ] = False,
    json: Json = False,
) -> None:
    """The accesses of staff that nothing held explains, by reference, with the reasons of each.

    By default those of the last day. With GATEWAY_STAFF_FILE also own records, relatives,
    neighbours and colleagues. `audit alerts` lists and settles what was raised; no alert is raised
    twice. The look is recorded.

    Example: care-gateway audit triage --since 2026-11-01 --until 2026-11-08 --raise
    """
    from datetime import timedelta
    from functools import partial

    from gateway.cli import output
    from gateway.cli.opening import operator, with_store

    who = operator()
    last = _utc(until) or who.at
    first = _utc(since) or last - timedelta(days=1)
    made = with_store(partial(_looked, who, first, last, budget, raised))
    if json:
        output.as_json(made)
    else:
        _show(made)


async def _looked(
    who: "Operator",
    first: datetime,
    last: datetime,
    budget: int,
    raised: bool,
    settings: "Settings",
    store: "Store",
) -> dict[str, Any]:
    from gateway.flows.access import triage as flow
    from gateway.setting_parts import StaffFile

    staff = StaffFile.read(settings.staff_file).staff
    found = await flow.look_for_misuse(store, who, staff, first, last, budget)
    made: dict[str, Any] = {"accesses": found.accesses}
    made["suspicions"] = [flow.shown(one) for one, _ in found.suspicions]
    if raised:
        made["raised"] = await flow.raise_alerts(store, who, found)
    return made


def _show(made: dict[str, Any]) -> None:
    from gateway.cli import output

    rows = [one | {"why": " ".join(one["why"])} for one in made["suspicions"]]
    output.table(_HEADS, [[one[head] for head in _HEADS] for one in rows])
    output.say(f"of {made['accesses']} accesses; {made.get('raised', 0)} alerts raised")


def _utc(at: datetime | None) -> datetime | None:
    from datetime import UTC

    return None if at is None else at.replace(tzinfo=at.tzinfo or UTC)
