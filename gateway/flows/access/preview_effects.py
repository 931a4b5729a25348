"""Who would gain and lose sight of which items, were a person's facts or the policy others.

In      Labels of stored rows; facts and policy before and after; who is supposed to ask.
Out     For each asker what becomes hidden and what becomes shown, by category and labels.
Rule    Before and after are asked of the one decision, and its Filter of every row.
Pure    Values in, values out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from consent.decision import compile_filter
from consent.filter import Filter
from consent.labels import CONFIDENTIALITIES, SENSITIVITIES
from consent.policy import Policy, Role
from consent.terms import (
    Action,
    BreakGlass,
    Caller,
    CallerKind,
    Labels,
    PersonFacts,
    Purpose,
    Request,
)

_MOST_ITEMS: Final = 100
"""Items of one kind that are named; all of them are counted."""
_LEVELS: Final = {int(level): code for code, level in CONFIDENTIALITIES.items()}


class World(NamedTuple):
    """What a decision rests on beside who asks."""

    facts: PersonFacts
    policy: Policy
    opened: BreakGlass | None = None
    """The emergency access that whoever asks has open."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one asker would see no more, and what they would see as well."""

    loses: tuple[Labels, ...] = ()
    gains: tuple[Labels, ...] = ()

    def with_more(self, other: "Change") -> "Change":
        """What either of two people of one place sees differently, each item once."""
        loses, gains = (*self.loses, *other.loses), (*self.gains, *other.gains)
        return Change(tuple(dict.fromkeys(loses)), tuple(dict.fromkeys(gains)))


def asker(role: Role, user_id: str, org: str, person_id: str) -> Caller:
    """Somebody in this role who asks for the purpose of care, where the role has it."""
    purposes = {Purpose(one) for one in role.purposes}
    purpose = Purpose.TREATMENT if Purpose.TREATMENT in purposes else min(purposes)
    bound = role.kind in (CallerKind.PATIENT, CallerKind.PROXY)
    return Caller(
        user_id, role.kind, role.id, org, purpose, "", frozenset(), frozenset(),
        person_id if bound else None, "", "",
    )  # fmt: skip


def change_for(
    caller: Caller, before: World, after: World, rows: Sequence[Labels], at: datetime
) -> Change:
    """What the change does to one asker's sight of these rows."""
    was, will = (sight_in(caller, world, at) for world in (before, after))
    if was.hash == will.hash:
        return Change()
    shown = [(was.allows(row), will.allows(row), row) for row in rows]
    return Change(
        tuple(row for then, now, row in shown if then and not now),
        tuple(row for then, now, row in shown if now and not then),
    )


def sight_in(caller: Caller, world: World, at: datetime) -> Filter:
    """What the asker would see."""
    request = Request(Action.READ, caller.purpose, at, world.opened)
    return compile_filter(caller, world.facts, request, world.policy)


def grouped(rows: Iterable[Labels]) -> dict[tuple[str, tuple[str, ...]], list[str]]:
    """The names of rows by category and labels, each once: a person's several records have one
    Patient."""
    by_kind: dict[tuple[str, tuple[str, ...]], dict[str, None]] = {}
    for row in rows:
        kind = (row.category, tuple(_codes_of(row)))
        by_kind.setdefault(kind, {})[f"{row.resource_type}/{row.resource_id}"] = None
    return {kind: list(names) for kind, names in by_kind.items()}


def _named(rows: Iterable[Labels]) -> list[dict[str, Any]]:
    """Rows by category and labels: how many, and which."""
    return [
        {
            "category": category,
            "labels": list(codes),
            "count": len(items),
            "items": items[:_MOST_ITEMS],
        }
        for (category, codes), items in sorted(grouped(rows).items())
    ]


def _codes_of(row: Labels) -> Iterator[str]:
    """The codes of a row's level and sensitivities."""
    yield _LEVELS.get(row.confidentiality, "unknown")
    yield from (code for code, bit in SENSITIVITIES.items() if row.sensitivities & bit)
    if row.sensitivities & ~sum(SENSITIVITIES.values()):
        yield "unknown"


def together(changes: Mapping[tuple[str, str, str], Change]) -> list[dict[str, Any]]:
    """Changes by organisation, user and role; roles of one organisation that see the same change
    are told together."""
    alike: dict[tuple[str, str, Change], list[str]] = {}
    for (org, user, role), change in changes.items():
        if change != Change():
            alike.setdefault((org, user, change), []).append(role)
    return [
        {
            "organisation": org or None,
            "user": user or None,
            "roles": roles,
            "loses": _named(change.loses),
            "gains": _named(change.gains),
        }
        for (org, user, change), roles in alike.items()
    ]
