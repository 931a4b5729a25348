"""What an emergency access would show somebody of a person, beyond what they are shown now.

In      Caller, PersonFacts, Request, Policy, and the Filter that was compiled of them.
Out     A Filter of those rows; one that shows nothing where this caller is not to be told.
Rule    Told to a role that may break the glass, where the deployment's controllers signed that it
        is told; to one who looks alone, to look and not to keep, and who is shown something of
        the person as it is. It is what the decision itself gives with an emergency access open:
        what no emergency opens (hard stops, a very restricted person or item, a dissent that binds
        there, a way into a home) is never hinted at. A Provenance is left out: it is shown with
        what it speaks of, which may be any of these.
Source  docs/adr/0074-who-may-break-the-glass-may-be-told-that-something-is-withheld.md.
Pure    The moment is request.at.
"""

from dataclasses import replace

from consent.decision import compile_filter
from consent.filter import And, Clause, Filter, Node, Not, Or
from consent.policy import Policy
from consent.terms import Caller, PersonFacts, Request


def is_told(caller: Caller, request: Request, policy: Policy) -> bool:
    """Whether this caller is one who may be told, whoever the person is."""
    role = policy.roles.get(caller.role)
    return (
        policy.settings.tell_withheld
        and role is not None
        and role.break_glass
        and request.break_glass is None
        and not caller.present
        and not caller.keeps
    )


def beyond(
    caller: Caller, person: PersonFacts, request: Request, policy: Policy, shown: Filter
) -> Filter:
    """The rows that an emergency access would show, or show whole, and `shown` does not."""
    if shown.is_nothing or not is_told(caller, request, policy):
        return Filter.nothing()
    emergency = policy.break_glass.opened(caller, person.person_id, request.at)
    opened = replace(request, break_glass=emergency)
    more = compile_filter(caller, person, opened, policy)
    if more.is_nothing:
        return Filter.nothing()
    grants = (
        And((_rows(more), Not(_rows(shown)))),
        And((_whole(more), Not(_whole(shown)))),
    )
    return Filter(grants, denies=(Clause(resource_types=frozenset({"Provenance"})),))


def _rows(seen: Filter) -> Node:
    """Those that a Filter shows."""
    return And((Or(seen.grants), Not(Or(seen.denies))))


def _whole(seen: Filter) -> Node:
    """Those that it shows with their reasons."""
    if seen.reduction is None:
        return _rows(seen)
    grants, kept = seen.reduction.whole, frozenset(seen.reduction.categories)
    reduced = And((Clause(categories=kept), Not(Or(grants))))
    return And((_rows(seen), Not(reduced)))
