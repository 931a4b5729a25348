"""What opens a label beside the role, in Cedar: a visit that is near, aftercare for its few."""

from collections.abc import Iterable
from json import dumps
from typing import Any

from consent.periods import BEGINNING, FOREVER, MAX_MICROS, MIN_MICROS, to_micros
from consent.policy import Policy
from consent.rule import ConsentRule

HOME_ACCESS = "HOMEACCESS"
AFTERCARE = """
permit (principal, action in Action::"view", resource) when {
  ($BEFORE_ALL) && ($AFTERCARE) && context.after_shelves.contains(resource.category)
};
permit (principal, action in Action::"write", resource) when {
  ($BEFORE_ALL) && ($AFTERCARE) && context.after_shelves.contains(resource.category)
  && principal.role.write.contains(resource.category)
};
"""
AFTERCARE_FITS = """resource.marks.contains("S117")
  && context.after_marks.containsAll(resource.marks)
  && resource.level <= principal.role.level && principal.types.contains(resource.type)
  && (context.after_roles.contains(principal.role_id)
    || context.after_named.contains(principal.role_id) && ($ON_TEAM))"""


def fits(level: str, marks: str) -> str:
    """A row is no higher than the level and bears no other marks, but for a visit's."""
    within = f"{marks}.containsAll(resource.marks)"
    return f"resource.level <= {level} && ({within} || ($VISITS) && {near(marks)})"


def near(marks: str) -> str:
    """The marks, and that of how to get in: named apart, as Cedar makes no union of sets."""
    return f"{marks}_near.containsAll(resource.marks)"


def visits(visited, rules: Policy, *, keeps: bool) -> str:
    """Whether a visit is near."""
    told, found = rules.home_access, []
    for one in visited if not keeps else ():
        if one.start == BEGINNING:
            continue
        start = to_micros(one.start)
        longest = _micros(told.longest)
        lasts = _micros(told.assumed) if one.end == FOREVER else to_micros(one.end) - start
        first = start - _micros(told.before)
        last = min(start + min(lasts, longest) + _micros(told.after), MAX_MICROS)
        when = f"{first} <= context.at && context.at < {last}"
        found.append(f"principal.org == {dumps(one.org)} && {when}")
    roles = list_(*told.roles)
    return f'{roles}.contains(principal.role_id) && action in Action::"view" && {any_(found)}'


def _micros(span) -> int:
    return round(span.total_seconds() * 1_000_000)


def during(one: Any) -> str:
    return between("context.at", to_micros(one.start), to_micros(one.end))


def between(what: str, start: int, end: int) -> str:
    first = "true" if start == MIN_MICROS else f"{start} <= {what}"
    return f"{first} && {what} < {end}"


def any_(conditions: Iterable[str]) -> str:
    return "(" + (" || ".join(f"({one})" for one in conditions) or "false") + ")"


def quoted(value: str) -> str:
    """A string of Cedar: its escapes are not those of JSON."""
    return dumps(value, ensure_ascii=False)


def flag(value: bool) -> str:
    return "true" if value else "false"


def list_(*values: str) -> str:
    return "[" + ", ".join(dumps(str(value)) for value in sorted(values)) + "]"


def recorded(rule: ConsentRule, related: str) -> str:
    """Whether the row is a Consent that the caller's organisation recorded, and this rule, which
    staff recorded, leaves it to whoever records such there."""
    shut_out = any_(
        f"principal.form == {quoted(one.value.casefold())}"
        for part in (rule.root, *rule.nested)
        if not part.permit
        for one in part.askers
        if one.kind == "person"
    )
    row = 'resource.category == "consent" && resource.type == "Consent"'
    writes = 'principal.role.write_own.contains("consent")'
    own = "resource.org == principal.org"
    changes = 'action != Action::"create"'
    who = f"{own} && {writes} && {changes} && ({related})"
    return f"{flag(rule.by_team)} && !{shut_out} && {row} && {who}"
