"""Which things hang together: the groups that pairs, or larger sets, connect.

Pure    Any order of the pairs gives the same.
"""

from collections.abc import Iterable, Mapping

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
