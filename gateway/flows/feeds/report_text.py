"""A report card as text, for somebody to read.

In      What `report_card` gives.
Out     Lines of plain text; the same figures and no others.
Pure    The same card always gives the same text.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

_MOST_HOURS: Final = 72


def text_of(card: Mapping[str, Any]) -> str:
    """The card, section by section."""
    parts = (
        [f"{card['feed']} of {card['organisation']}, {card['from'][:10]} to {card['until'][:10]}"],
        _volumes(card),
        _section("What to mend first", map(_mend, card["mend_first"])),
        _section("What waits, by rule", map(_rule, card["rules"])),
        _section("Codes in no table, by field", map(_unmapped, card["unmapped"])),
        _section("What else was noted, by rule", map(_warning, card["warnings"])),
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


def _mend(step: Mapping[str, Any]) -> str:
    rules, texts = " and ".join(step["rules"]), "; ".join(dict.fromkeys(step["texts"]))
    return f"{rules}: {step['would_take']} more would be taken, {step['together']} so far; {texts}"


def _rule(row: Mapping[str, Any]) -> str:
    seen = f"{row['first'][:10]} to {row['last'][:10]}"
    return f"{row['number']} x {row['rule']}, {seen}: {row['text']} {_example(row['example'])}"


def _warning(row: Mapping[str, Any]) -> str:
    rule = f"{row['code']}:{row['path']}".rstrip(":")
    return f"{row['number']} x {rule}: {row['text']} {_example(row['example'])}"


def _unmapped(row: Mapping[str, Any]) -> str:
    what = "not taken" if row["severity"] == "error" else "kept as text"
    return f"{row['number']} x {row['path']}: {what} {_example(row['example'])}"


def _example(example: Mapping[str, Any]) -> str:
    places = [f"item {example['item']}" if example["item"] else "", example.get("path", "")]
    place = ", ".join(filter(None, places))
    return f"(such as {f'{place} of ' if place else ''}delivery {example['delivery']})"


def _identity(found: Mapping[str, Any]) -> Iterable[str]:
    number = found["records"]
    yield "1 record of a person" if number == 1 else f"{number} records of people"
    for row in found["problems"]:
        yield f"{row['number']} x {row['state']}: {row['text']} {_example(row['example'])}"


def _week(row: Mapping[str, Any]) -> str:
    return f"from {row['from']}: {row['taken']} taken, {row['not_taken']} not"
