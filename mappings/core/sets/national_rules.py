"""The publisher's own rules of a data set, reported row by row with the rule's id.

In      Lines `rule|what the publisher does|table|column|check|against`; the facts of an item.
Out     An issue for each rule a row breaks, at its column.
Rule    The publisher's verdict is told, and followed where the row contradicts itself: two dates
        of its own in the wrong order refuse it. A value in another form, a blank, or a day
        outside the reporting period is told and the row kept: care goes on though a file fails.
        Rules are of one version: they are not applied to a submission of another.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from mappings.core.model import dates
from mappings.core.model.outcome import Facts, Issue, UnreadableValueError, error, warning
from mappings.core.shaping.snomed import is_snomed_code

Cells = Mapping[str, str]

SPEC: Final = "spec"
"""In the place of a verdict: a specification says so, and not what the publisher does."""
VERDICTS: Final = {
    "row": "the publisher refuses such a row",
    "group": "the publisher refuses such a row with all that hangs on it",
    "file": "the publisher refuses the whole file",
    "warn": "the publisher warns of it",
    SPEC: "its specification says otherwise; what its publisher does is not published",
}

CODES: Final = {"warn": "publisher-warns", SPEC: "against-specification"}
"""Verdict -> issue code; any other refuses."""
REFUSES: Final = "publisher-refuses"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one column."""

    id: str
    verdict: str
    table: str
    column: str
    check: str
    against: str

    @property
    def named(self) -> str:
        """What its id is the id of."""
        return f"{'field' if self.verdict == SPEC else 'rule'} {self.id}"

    @property
    def contradicts(self) -> bool:
        """Whether a row that breaks it contradicts itself, and is refused here too."""
        own = self.against.startswith(f"{self.table}.")
        return own and self.check in ("from", "until") and self.verdict not in CODES


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one version of a data set."""

    version: str
    """What the version number begins with."""
    said_at: tuple[str, str]
    """Table and column of the version number."""
    by_table: Mapping[str, tuple[Rule, ...]]

    def broken(self, name: str, facts: Facts) -> Iterator[Issue]:
        """What the item's own row and the rows below it break."""
        if not self.are_of(facts):
            return
        yield from self._row(name, facts[name], facts, "", own=True)
        for below, rows in facts.items():
            for index, row in enumerate(rows if isinstance(rows, list) else ()):
                yield from self._row(below, row, facts, f"[{index}]", own=False)

    def are_of(self, facts: Facts) -> bool:
        """Whether the item is of a submission of their version."""
        table, column = self.said_at
        return str((facts.get(table) or {}).get(column, "")).startswith(self.version)

    def _row(
        self, name: str, row: Cells, facts: Facts, place: str, *, own: bool
    ) -> Iterator[Issue]:
        for rule in self.by_table.get(name, ()):
            text = _CHECKS[rule.check](row.get(rule.column), rule, row, facts)
            if text:
                refused = own and rule.contradicts
                said = f"{text}; {VERDICTS[rule.verdict]} ({rule.named})"
                code = CODES.get(rule.verdict, REFUSES)
                path = f"{name}{place}.{rule.column}"
                yield error(path, code, said) if refused else warning(path, code, said)


def rules_of(version: str, said_at: str, lines: str) -> Rules:
    """The rules written in lines."""
    found: dict[str, tuple[Rule, ...]] = {}
    for line in lines.split("\n"):
        if line:
            rule = Rule(*line.split("|"))
            found[rule.table] = (*found.get(rule.table, ()), rule)
    table, _, column = said_at.partition(".")
    return Rules(version, (table, column), found)


def _blank(value: str | None, _rule: Rule, _row: Cells, _facts: Facts) -> str | None:
    return "is not sent" if value is None else None


def _in_form(value: str | None, rule: Rule, _row: Cells, _facts: Facts) -> str | None:
    fits = value is None or _form(rule.against).fullmatch(value)
    return None if fits else f"is not in the form {rule.against}"


@cache
def _form(form: str) -> re.Pattern[str]:
    """`an3..6`: three to six characters; `n10..10`: ten digits."""
    letters, least, most = re.findall(r"[a-z]+|\d+", form)
    return re.compile(rf"{'[0-9]' if letters == 'n' else '.'}{{{least},{most}}}", re.ASCII)


def _pattern(shape: str, name: str) -> Callable[..., str | None]:
    compiled = re.compile(shape, re.ASCII)

    def check(value: str | None, _rule: Rule, _row: Cells, _facts: Facts) -> str | None:
        return None if value is None or compiled.fullmatch(value) else f"is not in the form {name}"

    return check


def _one_of(value: str | None, rule: Rule, _row: Cells, _facts: Facts) -> str | None:
    fits = value is None or value in rule.against.split()
    return None if fits else "is not one of the codes of its list"


def _readable(value: str | None, _rule: Rule, _row: Cells, _facts: Facts) -> str | None:
    return None if value is None or _day(value) else "is no date"


def _clock(value: str | None, _rule: Rule, _row: Cells, _facts: Facts) -> str | None:
    try:
        if value is not None:
            dates.clock(value)
    except UnreadableValueError:
        return "is no time"
    return None


def _snomed(value: str | None, _rule: Rule, _row: Cells, _facts: Facts) -> str | None:
    first = value.partition(":")[0].strip() if value is not None else None
    return None if first is None or is_snomed_code(first) else "is no SNOMED CT code"


def _from(value: str | None, rule: Rule, row: Cells, facts: Facts) -> str | None:
    day, other = _day(value), _day(_other(rule, row, facts))
    return f"is before {rule.against}" if day and other and day < other else None


def _until(value: str | None, rule: Rule, row: Cells, facts: Facts) -> str | None:
    day, other = _day(value), _day(_other(rule, row, facts))
    return f"is after {rule.against}" if day and other and day > other else None


def _with(value: str | None, rule: Rule, row: Cells, facts: Facts) -> str | None:
    needed = value is None and _other(rule, row, facts) is not None
    return f"is not sent beside {rule.against}" if needed else None


def _without(value: str | None, rule: Rule, row: Cells, facts: Facts) -> str | None:
    needed = value is None and _other(rule, row, facts) is None
    return f"is not sent, nor is {rule.against}" if needed else None


def _other(rule: Rule, row: Cells, facts: Facts) -> str | None:
    table, _, column = rule.against.partition(".")
    other: Cells = row if table == rule.table else facts.get(table) or {}
    return other.get(column)


def _day(text: str | None) -> str | None:
    try:
        return dates.fhir_date(text) if text else None
    except UnreadableValueError:
        return None


_CHECKS: Final[Mapping[str, Callable[[str | None, Rule, Cells, Facts], str | None]]] = {
    "blank": _blank,
    "form": _in_form,
    "date": _pattern(r"\d{4}-\d{2}-\d{2}", "YYYY-MM-DD"),
    "time": _pattern(r"\d{2}:\d{2}:\d{2}", "HH:MM:SS"),
    "moment": _pattern(
        r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}([+-]\d{2}:\d{2}|Z)", "YYYY-MM-DDTHH:MM:SS+HH:MM"
    ),
    "readable": _readable,
    "clock": _clock,
    "whole": _pattern(r"\d{1,9}", "of a whole number"),
    "codes": _one_of,
    "snomed": _snomed,
    "from": _from,
    "until": _until,
    "with": _with,
    "without": _without,
}
