"""A team's edits laid over what a source states, as the row of a version holds it.

In      The source's body and lineage; what a row seals.
Out     Over: the body that is shown, what is sealed, the lineage, and all that it refers to.
Pure    Values in, values out.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from gateway.store.clear import precise
from gateway.store.team.team_edits import laid
from gateway.store.team.team_lineage import lineage_with, since_in
from gateway.store.team.team_statements import Beside, Statement, beside_in, refs_in


class Over(NamedTuple):
    """What a version's row holds."""

    body: dict[str, Any]
    plain: bytes
    lineage: bytes
    named: list[str]


def under(source: bytes, over: bytes, head: Mapping[str, Any], lineage: bytes) -> Over:
    """A source's new word, under the edits that lay over the one before."""
    return put_over(precise.loads(source), beside_in(over).statements, head, lineage)


def put_over(
    source: dict[str, Any],
    statements: tuple[Statement, ...],
    head: Mapping[str, Any],
    lineage: bytes,
) -> Over:
    """Statements over the source's body; `head`: what the version says of itself."""
    beside = Beside(source, statements, since_in(lineage))
    body = laid(beside)
    body = body | {"meta": body["meta"] | head}
    return Over(
        body, beside.sealed(body), lineage_with(lineage, beside, body), refs_in(beside, body)
    )
