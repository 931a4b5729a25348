"""When a GP record was made, as the record itself says.

Out     The source time of a bundle, by which bundles about one person are put in order: its
        meta.lastUpdated, or R4's timestamp; without that the newest date of its snapshot
        lists, which a GP system writes as it answers; without those the newest time anything
        in it was recorded.
Rule    Only times that a system sets count. A date a person types (due on 2033, seen in 1904)
        would put a record before or after every other for ever.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings.core.model import dates
from mappings.core.model.outcome import Facts, UnreadableValueError

RECORDED: Final = (
    *("issued", "assertedDate", "authoredOn", "dateAsserted", "indexed"),
    *("recordedDate", "recorded", "lastModified"),
)


def source_time(facts: Facts) -> str:
    """ISO instant in UTC; empty where the record has no time of its own."""
    bundle = facts.get("Bundle", {})
    for text in (_updated(bundle), bundle.get("timestamp")):
        if isinstance(text, str) and (stated := dates.ordering_time(text)):
            return stated
    lists = (one.get("date") for one in _resources(facts, "List"))
    return _newest(lists) or _newest(_recorded(facts))


def made_on(facts: Facts) -> str:
    """The day a record was made, in London; empty where it does not say."""
    moment = source_time(facts)
    return dates.instant(moment).astimezone(dates.LONDON).date().isoformat() if moment else ""


def day_of(text: Any) -> str:
    """The calendar day of a date or time; empty where it is not one."""
    try:
        return dates.fhir_date(text) if isinstance(text, str) else ""
    except UnreadableValueError:
        return ""


def moment_of(resource: dict[str, Any]) -> str:
    """When an observation or request is about, fit for ordering; empty where not said."""
    for name in ("effectiveDateTime", "occurrenceDateTime"):
        if isinstance(stated := resource.get(name), str):
            return dates.ordering_time(stated)
    period = resource.get("effectivePeriod")
    start = period.get("start") if isinstance(period, dict) else None
    return dates.ordering_time(start if isinstance(start, str) else None)


def issued_of(resource: dict[str, Any]) -> str:
    """When an observation was recorded, fit for ordering."""
    stated = resource.get("issued")
    return dates.ordering_time(stated if isinstance(stated, str) else None)


def _recorded(facts: Facts) -> Iterator[Any]:
    for section in facts:
        for resource in _resources(facts, section):
            yield _updated(resource)
            for name in RECORDED:
                yield resource.get(name)


def _newest(texts: Iterator[Any]) -> str:
    """Text order finds the day; only the times of the newest days are worth reading."""
    sent = sorted({text for text in texts if isinstance(text, str)}, reverse=True)[:20]
    return max((dates.ordering_time(text) for text in sent), default="")


def _updated(resource: dict[str, Any]) -> Any:
    meta = resource.get("meta")
    found = meta.get("lastUpdated") if isinstance(meta, dict) else None
    return found if isinstance(found, str) else None


def _resources(facts: Facts, section: str) -> list[dict[str, Any]]:
    held = facts.get(section)
    return [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []
