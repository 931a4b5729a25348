"""The walk-through as text for a person: what happened, in the order it happened.

In      Findings; a Rich console (plain when it is no terminal).
Out     Text on the console. No NHS number, name or address of anybody is in it but the cast's
        first names.
"""

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from gateway.cli.demo.findings import FeedCount, Findings, Look
from gateway.cli.demo.walkthrough import DENIED_CATEGORY

_ELEMENTS_SHOWN: Final = 8
_LOOKS_SHOWN: Final = 12
_ROOT_SHOWN: Final = 16
_SHELVES: Final = (
    "A shelf is an access category, not a type of resource: what stands on the shelf support-plan"
    " is shown to whoever sees that shelf, whatever its type."
)


def show(console: Console, found: Findings) -> None:
    """Everything that was found."""
    _feeds(console, found)
    _views(console, found)
    _dissent(console, found)
    _refusal(console, found)
    _lineage(console, found)
    _audit(console, found)


def _feeds(console: Console, found: Findings) -> None:
    _heading(console, f"1. Five feeds, {found.people} people")
    table = _table("feed", "deliveries", "items taken", "quarantined", "reported")
    for name, one in found.feeds.items():
        table.add_row(
            name, str(one.deliveries), str(one.taken), str(one.quarantined), _reported(one)
        )
    console.print(table)
    console.print(
        f"Asked for permission to view: {found.permissions} times."
        f" Teams put together: {found.teams}."
    )


def _reported(one: FeedCount) -> str:
    lines = [
        f"{code} at {path or 'the whole item'} ({count})"
        for (_, code, path), count in sorted(one.issues.items())
    ]
    lines += [f"for review: {reason} ({count})" for reason, count in sorted(one.review.items())]
    return "\n".join(lines) or "nothing"


def _views(console: Console, found: Findings) -> None:
    _heading(console, "2. One record, three members of Norma's team")
    roles = [view.role for view in found.views]
    table = _table("resources", *roles)
    types = dict.fromkeys(name for view in found.views for name in view.by_type)
    for name in types:
        table.add_row(name, *(str(view.by_type.get(name, 0)) for view in found.views))
    table.add_section()
    table.add_row("all", *(str(view.total) for view in found.views))
    console.print(table)
    for view in found.views:
        console.print(view.why_less)
    console.print(_SHELVES)


def _dissent(console: Console, found: Findings) -> None:
    _heading(console, "3. Norma says no")
    console.print(
        f"Her home-care workers shall not see her {DENIED_CATEGORY}. They were shown"
        f" {found.before} resources; from the next request on they are shown {found.after}."
    )


def _refusal(console: Console, found: Findings) -> None:
    _heading(console, "4. A doctor who has nothing to do with her")
    same = "the same bytes as" if found.refused_like_missing else "not the same as"
    console.print(f"Answered {found.refused_status}: {same} for a person who does not exist.")
    console.print(f"\u201c{found.refused_words}.\u201d", markup=False)


def _lineage(console: Console, found: Findings) -> None:
    _heading(console, "5. A goal, traced to the field it came from")
    console.print(f"\u201c{found.goal}\u201d")
    table = _table("element", "source field", "rule")
    sourced = [one for one in found.lineage if one.source_field]
    for one in sourced[:_ELEMENTS_SHOWN]:
        table.add_row(one.path, one.source_field, one.rule)
    console.print(table)
    left = len(found.lineage) - min(len(sourced), _ELEMENTS_SHOWN)
    if sourced:
        console.print(f"and {left} more elements; all of delivery {sourced[0].delivery}")


def _audit(console: Console, found: Findings) -> None:
    _heading(console, "6. Who has looked, and the proof that nobody changed the log")
    console.print(_trail(found.looks))
    console.print(
        f"Newest first. {len(found.looks)} entries about Norma; the council's own lead is shown the"
        f" {found.looks_of_one} by the council's staff or of the council's data."
    )
    one = found.integrity
    verdict = "verified from the first entry to the last" if one.verified else "NOT AS WRITTEN"
    console.print(f"Log: {one.size} entries, root {one.root[:_ROOT_SHOWN]}..., {verdict}.")


def _trail(looks: Sequence[Look]) -> Table:
    table = _table("time", "what", "who", "organisation", "outcome")
    for look in looks[:_LOOKS_SHOWN]:
        table.add_row(look.when[11:19], look.what, look.who, look.org, look.outcome)
    return table


def show_onward(
    console: Console, base_url: str, key_file: str, org: str, program: str = "care-gateway"
) -> None:
    """How to look further, with commands that can be pasted."""
    _heading(console, f"The gateway goes on at {base_url} (Ctrl-C ends it)")
    token = f"{program} dev token --as gp --user gp-{org.lower()} --org {org}"
    for line in (
        f"export GATEWAY_KEY_FILE={key_file} GATEWAY_BASE_URL={base_url}",
        f"TOKEN=$({token})",
        f'curl -H "Authorization: Bearer $TOKEN" {base_url}/fhir/R4/CarePlan',
        f'curl -H "Authorization: Bearer $TOKEN" -d identifier=9990000077'
        f" {base_url}/fhir/R4/Patient/_search",
        f"curl {base_url}/fhir/R4/metadata",
    ):
        console.print(line, soft_wrap=True, markup=False)


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(text, style="bold")


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
