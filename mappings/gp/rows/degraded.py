"""The tag of an entry that lost its code when it moved from one practice to another.

Rule    Such an entry is found by no rule and by no search for its code: a person must read it.
"""

from collections.abc import Iterable, Iterator
from functools import partial

from mappings.core.model.paths import Found, Gather, Scope
from mappings.core.model.rows import Row
from mappings.gp.assemble.plan import snomed_codes
from mappings.gp.codes.degraded import DEGRADED, TAG
from mappings.gp.rows.looking_up import path_of


def row(of: str, root: str, path: str = "code") -> Row:
    """The row that tags such an entry by the code at a path."""
    reads = (f"{root}.{path.removesuffix('[]')}",)
    return tag_row(of, partial(_degraded, path), reads)


def tag_row(of: str, gather: Gather, reads: tuple[str, ...]) -> Row:
    """The row that tags what a named function finds to be degraded."""
    why = "a degraded entry is found by no rule: a person must read it"
    return Row(f"{of}.degraded", "meta.tag[+]", gather=gather, reads=reads, why=why)


def _degraded(path: str, scope: Scope) -> Iterator[Found]:
    return tags(path_of(path).find(scope))


def tags(concepts: Iterable[Found]) -> Iterator[Found]:
    """One tag, where any of these concepts says that its code was lost."""
    for found in concepts:
        if DEGRADED & set(snomed_codes(found.value)):
            yield Found(found.steps, dict(TAG))
            return
