"""The consultations of a record: what each holds, under which heading, and about which problem.

In      The indexed record.
Out     For each consultation its entries in order, those of its topics and headings included;
        for each Encounter the problems its topics are about.
Rule    GP Connect nests Lists: consultation, topic, heading. They become one List for each
        consultation, and the words of topic and heading stand beside each entry.
Source  GP Connect Access Record: Structured 1.6, consultations.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model.paths import Found, Steps
from mappings.gp.assemble.plan import snomed_codes
from mappings.gp.assemble.record import KEPT, Lost, Record
from mappings.gp.codes.extensions import names_of
from mappings.gp.message.fitting import misfits
from mappings.gp.message.shapes import SHAPES

CONSULTATION: Final = "325851000000107"
_GROUPS: Final = frozenset({"25851000000105", "24781000000107"})
"""Topic and heading."""
_UNTITLED: Final = frozenset({"", "untitled"})


def consultations(record: Record) -> Iterator[Found]:
    """The Lists that are consultations and hold something that is kept."""
    for steps, one in _lists(record):
        is_one = CONSULTATION in snomed_codes(one.get("code")) and one.get("id")
        if is_one and any(isinstance(e.value, dict) for e in entries(record, steps)):
            yield Found(steps, one)


def entries(record: Record, steps: Steps) -> Iterator[Found]:
    """What a consultation holds: references in order, or why one cannot be kept."""
    return _entries(record, steps, (), {steps})


def told_by(record: Record, steps: Steps) -> list[dict[str, Any]]:
    """What the words of a consultation tell of: its lists, and the problems its topics head."""
    seen = {steps}
    for _ in _entries(record, steps, (), seen):
        pass
    lists = [record.get(place) for place in sorted(seen, key=str)]
    named = [found for one in lists for found in _headed(one)]
    places = [record.place_of(target) for _, target in named]
    return [*lists, *(record.get(place) for place in places if place)]


def problems(record: Record) -> dict[Steps, list[Found]]:
    """Place of an Encounter -> the problems that topics of it are about, as sent."""
    found: dict[Steps, list[Found]] = {}
    for steps, one in _lists(record):
        place = record.place_of(one.get("encounter"))
        if place is not None:
            for position, target in _headed(one):
                at = (*steps, "extension", position)
                found.setdefault(place, []).append(Found(at, target))
    return found


def _headed(topic: dict[str, Any]) -> Iterator[tuple[int, Any]]:
    """The problems a topic is about: the place of the extension, and the reference."""
    for position, extension in enumerate(topic.get("extension") or ()):
        if names_of(str(extension.get("url"))) == "RelatedProblemHeader":
            for part in extension.get("extension") or ():
                if part.get("url") == "target" and part.get("valueReference"):
                    yield position, part["valueReference"]


def _lists(record: Record) -> Iterator[tuple[Steps, dict[str, Any]]]:
    for position, one in enumerate(record.facts.get("List") or ()):
        if isinstance(one, dict) and not any(True for _ in misfits(SHAPES["List"], one)):
            yield ("List", position), one


def _entries(
    record: Record, steps: Steps, titles: tuple[str, ...], seen: set[Steps]
) -> Iterator[Found]:
    one = record.get(steps)
    if any(True for _ in misfits(SHAPES["List"], one)):
        return
    for position, entry in enumerate(one.get("entry") or ()):
        item = entry.get("item")
        place = record.place_of(item)
        at = (*steps, "entry", position, "item")
        if place and place[0] == "List":
            if place not in seen:
                seen.add(place)
                yield from _entries(record, place, (*titles, *_title(record.get(place))), seen)
            continue
        made = record.resolve(item, KEPT)
        if isinstance(made, Lost):
            yield Found(at, made)
        elif made is not None:
            flag = {"flag": {"text": ": ".join(titles)}} if titles else {}
            yield Found(at, {**flag, "item": made})


def _title(group: dict[str, Any]) -> tuple[str, ...]:
    title = group.get("title")
    is_group = bool(_GROUPS & set(snomed_codes(group.get("code"))))
    if not is_group or not isinstance(title, str) or title.strip().lower() in _UNTITLED:
        return ()
    return (title.strip(),)
