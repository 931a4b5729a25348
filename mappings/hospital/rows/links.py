"""Which goals, problems and reviews belong to which plan.

In      The tree of a message: pathways under goals or problems, or above them.
Out     References for CarePlan.goal, addresses and activity, each once, in message order.
Rule    A pathway's group is the outermost goal, problem or pathway it stands in. Goals in groups
        without a pathway belong to the one plan of the person and source.
Source  HL7 v2 chapter 12: PGL nests pathway and problem in goal, PPP problem and goal in pathway,
        PPG goal and problem in pathway.
"""

from collections.abc import Callable, Iterator

from mappings.core.model.outcome import Facts
from mappings.core.model.paths import Found, Scope, Steps
from mappings.core.model.rows import local_reference
from mappings.hospital.rows import goal, keys, orders, problem
from mappings.hospital.rows.tree import above, inside
from mappings.hospital.rows.whole import every


def _around(scope: Scope, name: str) -> Iterator[Found]:
    """Segments of a name that stand with a pathway, wherever the message tells of it."""
    key = keys.pathway_key(scope)
    for found in every(scope, "PTH"):
        if keys.pathway_key(scope.inside(found)) == key:
            yield from above(scope.facts, found.steps, name)
            yield from inside(scope.facts, found.steps[:2], name)


def _loose(scope: Scope, name: str) -> Iterator[Found]:
    """Segments of a name in groups without a pathway."""
    for found in every(scope, name):
        top = found.steps[:2]
        if top[0] != "PTH" and next(inside(scope.facts, top, "PTH"), None) is None:
            yield found


def pathway_goals(scope: Scope) -> Iterator[Found]:
    """References to the goals of a pathway."""
    return _goals(scope, _around(scope, "GOL"))


def pathway_problems(scope: Scope) -> Iterator[Found]:
    """References to the problems of a pathway."""
    return _problems(scope, _around(scope, "PRB"))


def pathway_reviews(scope: Scope) -> Iterator[Found]:
    """References to the next reviews of a pathway's goals."""
    return _reviews(scope, _around(scope, "GOL"))


def pathway_orders(scope: Scope) -> Iterator[Found]:
    """References to the orders of a pathway."""
    return _orders(scope, _around(scope, "OBR"))


def loose_orders(scope: Scope) -> Iterator[Found]:
    """References to the orders for goals that stand in no pathway."""
    held = _loose(scope, "OBR")
    return _orders(scope, (one for one in held if _has_goal(scope.facts, one.steps)))


def loose_goals(scope: Scope) -> Iterator[Found]:
    """References to the goals that stand in no pathway."""
    return _goals(scope, _loose(scope, "GOL"))


def loose_problems(scope: Scope) -> Iterator[Found]:
    """References to the problems of goals that stand in no pathway."""
    held = _loose(scope, "PRB")
    with_goal = (found for found in held if _has_goal(scope.facts, found.steps))
    return _problems(scope, with_goal)


def loose_reviews(scope: Scope) -> Iterator[Found]:
    """References to the next reviews of goals that stand in no pathway."""
    return _reviews(scope, _loose(scope, "GOL"))


def _has_goal(facts: Facts, steps: Steps) -> bool:
    top = steps[:2]
    return top[0] == "GOL" or next(inside(facts, top, "GOL"), None) is not None


def _goals(scope: Scope, found: Iterator[Found]) -> Iterator[Found]:
    return _referred("Goal", scope, found, keys.goal_key, "4")


def _problems(scope: Scope, found: Iterator[Found]) -> Iterator[Found]:
    present = (one for one in found if not problem.is_expected(scope.inside(one)))
    return _referred("Condition", scope, present, keys.problem_key, "4")


def _reviews(scope: Scope, found: Iterator[Found]) -> Iterator[Found]:
    planned = (one for one in found if goal.has_review(scope.inside(one)))
    return _referred("ServiceRequest", scope, planned, keys.review_key, "13")


def _orders(scope: Scope, found: Iterator[Found]) -> Iterator[Found]:
    return _referred("ServiceRequest", scope, found, orders.order_key, "4")


def _referred(
    kind: str, scope: Scope, found: Iterator[Found], key_of: Callable[[Scope], str], field: str
) -> Iterator[Found]:
    seen = set()
    for one in found:
        key = key_of(scope.inside(one))
        if key not in seen:
            seen.add(key)
            yield Found((*one.steps, field), {"reference": local_reference(kind, key)})


def has_loose_goals(scope: Scope) -> bool:
    """Whether any goal stands in no pathway."""
    return any(True for _ in _loose(scope, "GOL"))
