"""What a writer who names an older version is told has changed since, as far as they see it.

In      A resource's versions as this writer is shown them, newest first, to the one they name.
Out     Faults: the path of each part that reads otherwise now, by whose organisation, and when.
Rule    Told from views alone: what the writer is not shown, before or after, has no path here.
        Where organisations are masked none is named.
Pure    Values in, values out.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from gateway.clock import instant
from gateway.errors import Fault
from gateway.flows.asking.views import View
from gateway.store.clear import precise

MOST_TOLD: Final = 50
_CHANGED: Final = "has changed since the version you name"
_APART: Final = ("meta", "text")


def changes(shown: Sequence[View], named: int, *, names: bool) -> list[Fault]:
    """What has changed since the version that was named, of those since then that have content;
    `names`: with whose change it was."""
    if not shown or shown[-1].version != named:
        return []
    faults = []
    bodies = [precise.loads(one.body) for one in shown]
    kind = shown[0].resource_type
    steps = [list(_differing(old, new, kind)) for new, old in pairwise(bodies)]
    for path in list(_differing(bodies[-1], bodies[0], kind))[:MOST_TOLD]:
        by = next((place for place, step in enumerate(steps) if _touches(step, path)), None)
        told = _whose(shown[by], bodies[by]) if names and by is not None else ""
        faults.append(Fault("conflict", path, _CHANGED + told))
    return faults


def _differing(then: Any, now: Any, path: str) -> Iterator[str]:
    """The paths of the innermost parts that read otherwise."""
    if isinstance(then, dict) and isinstance(now, dict):
        for name in dict.fromkeys([*then, *now]):
            if name not in _APART and then.get(name) != now.get(name):
                yield from _differing(then.get(name), now.get(name), f"{path}.{name}")
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for place, (old, new) in enumerate(zip(then, now, strict=True)):
            if old != new:
                yield from _differing(old, new, f"{path}[{place}]")
    else:
        yield path


def _touches(step: Sequence[str], path: str) -> bool:
    """Whether one of these parts is the part, is in it, or holds it."""
    return any(_holds(one, path) or _holds(path, one) for one in step)


def _holds(outer: str, inner: str) -> bool:
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))


def _whose(view: View, body: Mapping[str, Any]) -> str:
    source = str(body["meta"].get("source", "")).removeprefix("urn:care-gateway:")
    org = source.split(":")[1] if ":" in source else ""
    return f": by {org}, {instant(view.updated_at)}" if org else f": {instant(view.updated_at)}"
