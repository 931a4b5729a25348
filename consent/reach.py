"""A Filter's denies for a condition in SQL: what can stop a granted row, in as few words as can be.

In      the denies and the grants of one Filter.
Out     denies that stop the same of the rows that a grant matches. What speaks of other rows alone
        is left out, what differs in one set is said once, and who sent a row is asked first.
Rule    For a condition of grants and denies together. Never in place of a Filter's own denies:
        those are asked about an edit as well, which no grant was asked about.
Pure    Values in, values out; what cannot be told is kept.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache, reduce
from operator import or_
from typing import Any, Final

from consent.filter import EVERYTHING, And, Clause, Node, Not, Or, unique

_NOTHING: Final = Or(())
_JOINED: Final = ("categories", "authors", "resource_ids", "source_orgs", "sensitivities_any")
"""What one clause may say for several that are alike in all else."""


@lru_cache(maxsize=1024)
def reaching(denies: tuple[Node, ...], grants: tuple[Node, ...]) -> tuple[Node, ...]:
    """The denies, as far as they speak of rows that are granted."""
    return _any(denies, grants)


def _any(nodes: Iterable[Node], grants: tuple[Node, ...]) -> tuple[Node, ...]:
    kept = unique(_kept(node, grants) for node in nodes)
    others = [node for node in kept if not isinstance(node, Clause) and node != _NOTHING]
    clauses = [node for node in kept if isinstance(node, Clause)]
    for name in _JOINED:
        clauses = _joined(clauses, name)
    return _by_sender((*clauses, *others))


def _kept(node: Node, grants: tuple[Node, ...]) -> Node:
    """A node that matches the same of what is granted."""
    match node:
        case Clause():
            return node if any(_meets(grant, node) for grant in grants) else _NOTHING
        case And(parts):
            return _all(parts, grants)
        case Or(parts):
            return _alone(Or(_any(parts, grants)))
        case _:
            kept = _kept(node.part, grants)
            return EVERYTHING if kept == _NOTHING else Not(kept)


def _all(parts: Iterable[Node], grants: tuple[Node, ...]) -> Node:
    """Each part as far as it speaks of rows that the ones before it let through."""
    kept = list[Node]()
    for part in parts:
        kept.append(_kept(part, grants))
        grants = (And((Or(grants), part)),)
    return _NOTHING if _NOTHING in kept else _alone(And(tuple(p for p in kept if p != EVERYTHING)))


def _alone(node: And | Or) -> Node:
    return node.parts[0] if len(node.parts) == 1 else node


def _meets(grant: Node, clause: Clause) -> bool:
    """Whether some row may match both; True where names and labels do not tell."""
    match grant:
        case Clause():
            return _share_names(grant, clause) and _share_labels(grant, clause)
        case And(parts):
            return all(_meets(part, clause) for part in parts)
        case Or(parts):
            return any(_meets(part, clause) for part in parts)
        case _:
            return True


def _share_names(grant: Clause, clause: Clause) -> bool:
    pairs = (
        (grant.categories, clause.categories),
        (grant.resource_types, clause.resource_types),
        (grant.resource_ids, clause.resource_ids),
        (grant.source_orgs, clause.source_orgs),
        (grant.feeds, clause.feeds),
        (grant.authors, clause.authors),
    )
    return not any(
        one is not None and two is not None and one.isdisjoint(two) for one, two in pairs
    )


def _share_labels(grant: Clause, clause: Clause) -> bool:
    top, least = grant.confidentiality_max, clause.confidentiality_min
    within, some = grant.sensitivities_within, clause.sensitivities_any
    below = top is None or least is None or least <= top
    return below and (within is None or some is None or within & some != 0)


def _joined(clauses: Iterable[Clause], name: str) -> list[Clause]:
    """One clause for those that differ in this alone; each comes once, and so does a None."""
    alike = defaultdict[tuple[Clause, bool], list[Any]](list)
    for clause in clauses:
        value = getattr(clause, name)
        alike[clause._replace(**{name: None}), value is None].append(value)
    return [rest._replace(**{name: reduce(or_, values)}) for (rest, _), values in alike.items()]


def _by_sender(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """The nodes, those of one sender together: of a row from elsewhere one question is asked."""
    of = defaultdict[frozenset[str] | None, list[Node]](list)
    for node in nodes:
        match node:
            case Clause():
                of[node.source_orgs].append(node._replace(source_orgs=None))
            case And((Clause() as first, *others)):
                of[first.source_orgs].append(And((first._replace(source_orgs=None), *others)))
            case _:
                of[None].append(node)
    anybodys = of.pop(None, [])
    return (*anybodys, *(_sent_by(orgs, tuple(several)) for orgs, several in of.items()))


def _sent_by(orgs: frozenset[str] | None, several: tuple[Node, ...]) -> Node:
    match several:
        case (Clause() as one,):
            return one._replace(source_orgs=orgs)
        case _:
            return And((Clause(source_orgs=orgs), _alone(Or(several))))
