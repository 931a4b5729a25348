"""How long a decision stands: until one of the periods it rests on begins or ends.

In      the facts about one person, a moment, the windows that the policy sets about visits.
Out     the half-open span of moments about it in which compile_filter gives the same Filter for
        the same caller, action and purpose.
Rule    Every period of the facts counts, whoever it is for. A proxy's authority may also rest on
        the person's age, and an emergency on its own times: neither is said to stand.
Pure    No clock.
"""

from collections.abc import Iterator
from datetime import datetime

from consent.periods import BEGINNING, FOREVER
from consent.terms import PersonFacts
from consent.visiting import HomeAccessRules

Span = tuple[datetime, datetime]


def constant_span(person: PersonFacts, at: datetime, visits: HomeAccessRules) -> Span:
    """The moments about `at` between which no period of the facts begins or ends."""
    first, last = BEGINNING, FOREVER
    for moment in (*_moments(person), *_about_visits(person, visits)):
        if moment <= at:
            first = max(first, moment)
        else:
            last = min(last, moment)
    return first, last


def _about_visits(person: PersonFacts, rules: HomeAccessRules) -> Iterator[datetime]:
    for visit in person.visits:
        yield from rules.window(visit)


def _moments(person: PersonFacts) -> Iterator[datetime]:
    for relationship in person.relationships:
        yield from (relationship.start, relationship.end)
    for emergency in person.emergencies:
        yield from (emergency.opened, emergency.expires)
    for suspension in person.suspensions:
        yield from (suspension.start, suspension.end)
    for permission in person.permissions:
        yield from (permission.start, permission.end)
    for proxy in person.proxies:
        yield from (proxy.start, proxy.end)
    for rule in person.consents:
        for part in (rule.root, *rule.nested):
            yield from (part.start, part.end)
