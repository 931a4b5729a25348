"""A report card as text, for somebody to read.

In      What `report_card` gives.
Out     Lines of plain text; the same figures and no others.
Pure    The same card always gives the same text.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

_LINKS: Final = {
    "unusable-number": "the NHS number is not a valid one, or a placeholder",
    "number-conflict": "two different NHS numbers for one person",
    "no-birth-date": "an NHS number without a birth date: it links to nobody",
    "untraced-number": "an NHS number that did not fit the person when you had it traced",
    "date-conflict": "the birth date differs from that of others with this NHS number",
    "merge-conflict": "merged with a record that has another NHS number or birth date",
}


_MOST_HOURS: Final = 72


def text_of(card: Mapping[str, Any]) -> str:
    """The card, section by section."""
    parts = (
        [f"{card['feed']} of {card['organisation']}, {card['from'][:10]} to {card['until'][:10]}"],
        _volumes(card),
        _section("What to mend first", map(_mend, card["mend_first"])),
        _section("What waits, by rule", map(_rule, card["rules"])),
        _section("Codes in no table, by field", map(_unmapped, card["unmapped"])),
        _section("Who people are", _identity(card["identity"])),
        _section(f"Trend: {card['trend']['direction']}", map(_week, card["trend"]["weeks"])),
    )
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return [title, *([f"  {line}" for line in lines] or ["  nothing"])]


def _volumes(card: Mapping[str, Any]) -> list[str]:
    fresh, volumes = card["freshness"], card["volumes"]
    said = "nothing yet"
    if fresh["last_received"]:
        said = f"{fresh['last_received'][:16]}, {fresh['days_since']} days ago"
    lines = [
        f"deliveries: {_counts(volumes['deliveries'])}",
        f"items: {_counts(volumes['items'])}",
        f"waiting: {_counts(card['waiting'])}",
        f"last received: {said}",
    ]
    if fresh["median_hours_behind"] is not None:
        lines.append(f"half of it came within {_time(fresh['median_hours_behind'])} of being said")
    if fresh["without_a_time"]:
        lines.append(f"{fresh['without_a_time']} items say no time and count as the oldest")
    return _section("Volumes and freshness", lines)


def _time(hours: float) -> str:
    return f"{hours} hours" if hours < _MOST_HOURS else f"{hours / 24:,.0f} days"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {state}" for state, number in counts.items() if number) or "none"


def _mend(row: Mapping[str, Any]) -> str:
    return f"{row['rule']}: {row['would_take']} more would be taken; {row['text']}"


def _rule(row: Mapping[str, Any]) -> str:
    return f"{row['number']} x {row['rule']}: {row['text']} {_example(row['example'])}"


def _unmapped(row: Mapping[str, Any]) -> str:
    what = "not taken" if row["severity"] == "error" else "kept as text"
    return f"{row['number']} x {row['path']}: {what} {_example(row['example'])}"


def _example(example: Mapping[str, Any]) -> str:
    item = f"item {example['item']}, " if example["item"] else ""
    return f"(such as {item}{example['path']} of delivery {example['delivery']})".replace(
        ", )", ")"
    )


def _identity(found: Mapping[str, Any]) -> Iterable[str]:
    yield f"{found['records']} records of people"
    for state, number in found["problems"].items():
        yield f"{number} x {state}: {_LINKS.get(state, 'to be looked at')}"


def _week(row: Mapping[str, Any]) -> str:
    return f"from {row['from']}: {row['taken']} taken, {row['not_taken']} not"
