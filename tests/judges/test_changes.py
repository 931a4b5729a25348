"""Whatever a library or a judge refuses, the validator refuses: over every change of examples.

In      our own examples and, where they are at hand, UK Core's.
Rule    Each element in turn is taken away, emptied, doubled or given the wrong kind of value.
"""

import copy
import random
from typing import Any, Final

import pytest

from mappings.core.checking import fhir
from mappings.core.checking.validate import validate
from tests.judges.examples import GOOD
from tests.judges.fhirpath import SKIPPED
from tests.judges.test_judges import uk_core
from tests.judges.test_xml import golden_resources

SAMPLE = 30
GOOGLE_IS_STRICTER = (
    "Unable to find pattern",  # it takes no null in an array of primitives
    "is an empty reference",  # a Reference that gives only a type, which no invariant forbids
)
WRONG: Final[tuple[Any, ...]] = (
    None,
    "",
    " ",
    "a b\x00",
    5,
    -1.5,
    True,
    "true",
    [],
    {},
    [None],
    {"zz": 1},
    "2026-02-30",
)


def places(value, path=()):
    """The path of every element inside."""
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in entries:
        yield (*path, step)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, step))


def changed(resource, path, change):
    """A copy of the resource with one place changed."""
    resource = copy.deepcopy(resource)
    *above, last = path
    holder = resource
    for step in above:
        holder = holder[step]
    change(holder, last)
    return resource


def take_away(holder, step):
    del holder[step]


def wrap(holder, step):
    holder[step] = holder[step][0] if isinstance(holder[step], list) else [holder[step]]


def add_unknown(holder, step):
    if isinstance(holder, dict):
        holder[f"{step}Zz"] = holder[step]


def exchange(holder, step):
    """A value and the one after it of the same kind change places: a period runs backwards."""
    steps = list(holder) if isinstance(holder, dict) else range(len(holder))
    alike = [one for one in steps if type(holder[one]) is type(holder[step])]
    other = alike[(alike.index(step) + 1) % len(alike)]
    holder[step], holder[other] = holder[other], holder[step]


def put(value):
    def change(holder, step):
        holder[step] = copy.deepcopy(value)

    return change


CHANGES = (take_away, wrap, add_unknown, *(put(value) for value in WRONG))


def mutants(resource):
    for path in places(resource):
        if path != ("resourceType",):
            for change in CHANGES:
                yield changed(resource, path, change)


def library_refuses(resource):
    try:
        fhir.to_r4(resource)
    except fhir.NotFhirError:
        return True
    return False


def sampled(resources, whole):
    """Changed resources: a sample, or all of them when soaking."""
    every = [mutant for resource in resources for mutant in mutants(resource)]
    if whole:
        return every
    return random.Random(4).sample(every, min(len(every), SAMPLE * len(resources)))


def slipped(resources, whole):
    """What the library refuses and the validator lets by."""
    every = sampled(resources, whole)
    refused = [mutant for mutant in every if library_refuses(mutant)]
    assert len(refused) > len(every) / 4
    return [mutant for mutant in refused if validate(mutant) == ()]


def test_the_library_refuses_nothing_the_validator_takes(whole):
    assert slipped(GOOD, whole) == []


def test_nor_over_uk_core(shared_folder, whole):
    examples = uk_core(shared_folder).values()
    supported = [e for e in examples if validate(e) == ()]
    assert slipped(supported, whole) == []


def test_nor_does_google(google_verdicts, whole):
    taken = [mutant for mutant in sampled(GOOD, whole) if validate(mutant) == ()]
    assert taken
    refusals = {verdict for verdict in google_verdicts(taken) if verdict}
    assert {r for r in refusals if not any(limit in r for limit in GOOGLE_IS_STRICTER)} == set()


def test_nor_do_the_official_invariants(broken_invariants, whole):
    taken = [mutant for mutant in sampled(GOOD, whole) if validate(mutant) == ()]
    assert [m for m in taken if broken_invariants(m)] == []


def golden_mutants(whole):
    """Changes of what the feeds make: of each type alike, however many there are of it."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for one in golden_resources():
        kinds.setdefault(one["resourceType"], []).append(one)
    chance = random.Random(5)
    for _ in range(20_000 if whole else 1_000):
        resource = chance.choice(kinds[chance.choice(sorted(kinds))])
        path = chance.choice([one for one in places(resource) if one != ("resourceType",)])
        yield changed(resource, path, chance.choice((*(take_away, exchange) * 5, *CHANGES)))


def keys(problems):
    return {problem.text.split(":")[0] for problem in problems}


def test_no_judge_says_otherwise_of_what_the_feeds_make(broken_invariants, whole):
    """Both ways: what we take they take, and an invariant that we say is broken is broken."""
    invariants = 0
    for mutant in golden_mutants(whole):
        problems = validate(mutant)
        if not problems:
            assert not library_refuses(mutant), mutant
            assert broken_invariants(mutant) == [], mutant
        elif all(problem.code == "invariant" for problem in problems):
            assert keys(problems) <= {*broken_invariants(mutant), *SKIPPED}, mutant
            invariants += 1
    assert invariants > 3


@pytest.mark.parametrize("path", ["status", "subject"])
def test_a_change_is_a_change(path):
    plan = GOOD[1]
    assert path not in changed(plan, (path,), take_away)
    assert path in plan
