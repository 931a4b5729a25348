"""Which things hang together: the groups that pairs, or larger sets, connect.

Pure    Any order of the pairs gives the same.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

Groups = Mapping[str, frozenset[str]]
"""Each record -> all of its group, itself among them."""


def connected(ids: Iterable[str], pairs: Iterable[Iterable[str]]) -> Groups:
    """The groups that these pairs (or larger sets) connect."""
    groups = {one: {one} for one in ids}
    for pair in pairs:
        together = sorted({id(groups[one]): groups[one] for one in pair}.values(), key=len)
        largest = together.pop() if together else set()
        for group in together:  # the smaller go into the largest: a long chain stays cheap
            largest |= group
            groups |= dict.fromkeys(group, largest)
    whole = {id(group): frozenset(group) for group in groups.values()}
    return {one: whole[id(group)] for one, group in groups.items()}


def joined(
    groups: Groups, pairs: Collection[frozenset[str]], fits: Callable[[frozenset[str]], bool]
) -> tuple[Groups, set[str]]:
    """Groups joined by pairs where the whole fits together; else as they were, and named."""
    if not pairs:
        return groups, set()
    wider = connected(groups, [*{*groups.values()}, *pairs])
    refused: set[str] = set()
    for group in {*wider.values()} - {*groups.values()}:
        if not fits(group):
            refused |= group
    return {one: groups[one] if one in refused else wider[one] for one in groups}, refused
