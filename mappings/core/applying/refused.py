"""Leave out references to resources of an item that were refused: none is left dangling.

In      The resources that were made, and the local references of those that were refused.
Out     The resources without those references, with a warning for each place; an element that is
        not whole without one leaves with it, told too, and a resource that is not is refused in
        its turn. Nothing else of a resource leaves; and none of what a Consent is limited to, since
        without it the Consent would say more: it is refused.
Pure    The resources given in are left as they are.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from mappings.core.applying.fitting import fit, source_of, without
from mappings.core.model.outcome import Issue, Mapped, error, warning
from mappings.core.model.rows import local_reference


def without_refused(made: Iterable[Mapped], refused: set[str], issues: list[Issue]) -> list[Mapped]:
    """What is left when nothing refers to what was refused."""
    kept = list(made)
    while True:
        again: set[str] = set()
        still: list[Mapped] = []
        for one in kept:
            whole = _loosened(one, refused, issues)
            if whole is None:
                again.add(local_reference(one.type, one.key))
            else:
                still.append(whole)
        if not again:
            return still
        kept, refused = still, again


def _loosened(one: Mapped, refused: set[str], issues: list[Issue]) -> Mapped | None:
    """The resource without those references, and without the least that is no FHIR without them."""
    paths = list(_places(one.resource, refused.__contains__, ""))
    if not paths:
        return one
    sources = [source_of(path, one.lineage) for path in paths]
    issues += [warning(source, "refused-target", _LEFT_OUT) for source in sources]
    if any(path.startswith(_LIMITS) for path in paths):
        issues.append(error("", "refused-target", _NOT_WHOLE))
        return None
    left = replace(one, resource=without(one.resource, set(paths)))
    whole = fit(left, lambda path: issues.append(warning(path, "refused-target", _WITH_IT)))
    if whole is None:
        issues.append(error("", "refused-target", _NOT_WHOLE))
    return whole


def _places(node: Any, is_refused: Callable[[str], bool], at: str) -> Iterator[str]:
    if isinstance(node, dict):
        named = node.get("reference")
        if isinstance(named, str) and is_refused(named):
            yield at
            return
        for name, child in node.items():
            yield from _places(child, is_refused, f"{at}.{name}" if at else name)
    elif isinstance(node, list):
        for position, child in enumerate(node):
            yield from _places(child, is_refused, f"{at}[{position}]")


_LIMITS: Final = "provision."
_LEFT_OUT: Final = "names a resource that was refused; left out"
_WITH_IT: Final = "is not whole without a resource that was refused; left out with it"
_NOT_WHOLE: Final = "a resource is not whole without one that was refused; refused with it"
