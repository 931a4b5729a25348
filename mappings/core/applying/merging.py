"""One item more about a resource, under Fold.MERGE: each item changes only what it names.

In      The resource as folded so far (None for the first item), and what the next item, in
        source-time order, says (`Mapped`).
Out     The resource after it. An element the item names is replaced; one it clears (None) goes;
        one it `adds` to is completed: a list keeps its other entries, an object its other
        parts. What no item said is filled in from `defaults`.
Rule    Two entries of a list that differ only in their period are one: the newer stands.
Pure    Neither argument is changed. Labels (`meta`) are the store's: they only rise.
"""

from typing import Any

from mappings.core.model.outcome import Mapped, Resource, without_cleared_parts


def merged(before: Resource | None, mapped: Mapped, said: Resource | None = None) -> Resource:
    """The resource after one item more; `said` is what that item says, where its references
    have become ids."""
    made = dict(before or {})
    says = mapped.resource if said is None else said
    for name, value in says.items():
        adds = name in mapped.adds and name in made
        now = without_cleared_parts(completed(made[name], value) if adds else value)
        if now is None or now == {}:
            made.pop(name, None)
        else:
            made[name] = now
    for name, value in mapped.defaults.items():
        if name not in made and name not in says:
            made[name] = value
    return made


def completed(old: Any, new: Any) -> Any:
    """A list with the new entries beside the old, or an object with the new parts in it."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old | new
    if not isinstance(old, list) or not isinstance(new, list):
        return new
    made = list(old)
    for entry in new:
        place = next((at for at, one in enumerate(made) if _same(one, entry)), None)
        if place is None:
            made.append(entry)
        else:
            made[place] = entry
    return made


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return _without_period(one) == _without_period(other)
    return bool(one == other)


def _without_period(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "period"}
