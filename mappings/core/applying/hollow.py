"""Leave out of a resource what came to nothing: cleared values, and places made only to count.

In      A resource as rows made it: a row for `name[1]` makes an empty `name[0]` where no row
        fills it; a cleared value (HL7 v2's `""`) is None.
Out     The resource without empty objects, arrays, texts and None; lineage with the paths that
        are left, counted anew. Under Fold.MERGE an element of the resource itself that was
        cleared stays, as None: the store removes it from the state.
Pure    The resource given in is left as it is.
"""

from typing import Any, Final

from mappings.core.model.outcome import Fold, Lineage, Resource

_Moved = dict[str, str]
"""Where an element was -> where it is now; empty where it is gone."""

_GONE: Final = object()


def without_hollow(
    resource: Resource, lineage: list[Lineage], fold: Fold
) -> tuple[Resource, list[Lineage]]:
    """The resource and its lineage, with nothing empty in them."""
    hollow = {name for name, value in resource.items() if _is_hollow_inside((value,))}
    if not hollow:
        return resource, lineage
    moved: _Moved = {}
    made: Resource = {}
    for name, value in resource.items():
        kept = _kept(value, name, name, moved) if name in hollow else value
        if kept is not _GONE:
            made[name] = kept
        elif fold is Fold.MERGE and _holds_clear(value):
            made[name] = None
    lines = []
    for line in lineage:
        path = _new_path(line.path, moved)
        if not path and made.get(line.path.partition(".")[0].partition("[")[0], _GONE) is None:
            path = line.path.partition(".")[0].partition("[")[0]
        if path:
            lines.append(Lineage(path, line.source, line.rule))
    return made, lines


def _is_hollow(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, dict | list) and not value)


def _is_hollow_inside(node: Any) -> bool:
    for child in node.values() if isinstance(node, dict) else node:
        if child.__class__ is str:
            if not child:
                return True
        elif child is None or (
            isinstance(child, dict | list) and (not child or _is_hollow_inside(child))
        ):
            return True
    return False


def _holds_clear(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_clear(child) for child in value.values())
    if isinstance(value, list):
        return any(_holds_clear(child) for child in value)
    return value is None


def _kept(value: Any, old: str, new: str, moved: _Moved) -> Any:
    """The value without what is hollow in it; _GONE where nothing is left."""
    made: Any = value
    if isinstance(value, dict):
        made = {}
        for name, child in value.items():
            kept = _kept(child, f"{old}.{name}", f"{new}.{name}", moved)
            if kept is not _GONE:
                made[name] = kept
    elif isinstance(value, list):
        made = []
        for index, child in enumerate(value):
            kept = _kept(child, f"{old}[{index}]", f"{new}[{len(made)}]", moved)
            if kept is not _GONE:
                made.append(kept)
    gone = _is_hollow(made)
    moved[old] = "" if gone else new
    return _GONE if gone else made


def _new_path(path: str, moved: _Moved) -> str:
    """Where an element stands now; an element below a known one moves with it."""
    at = path
    while at not in moved:
        cut = max(at.rfind("."), at.rfind("["))
        if cut < 0:
            return path
        at = at[:cut]
    return moved[at] + path[len(at) :] if moved[at] else ""
