"""The laws every feed keeps, over its golden inputs and its worked examples.

A new feed inherits all of them by being registered.
"""

import copy
import json
import re
from collections import Counter
from itertools import chain

import pytest

from mappings.core.applying.apply import map_item, person_key
from mappings.core.applying.coverage import covered_paths
from mappings.core.checking.fhir import to_r4
from mappings.core.checking.validate import validate
from mappings.core.model import systems
from mappings.core.model.outcome import Item, has_errors
from mappings.core.model.paths import EVERY
from mappings.core.shaping.labels import LEVELS
from mappings.registry import FEEDS
from mappings.terms.access import Category
from tests.contract.deliveries import (
    as_stored,
    changed,
    deliveries,
    items,
    leaves,
    mapped,
    objects,
    page_of,
    resources,
    text_of,
)
from tests.contract.identity import newly_said

LEAVES_TRIED, LEAVES_SOAKING = 8, 40

every_delivery = pytest.mark.parametrize("delivery", deliveries(), ids=str)


@every_delivery
def test_the_same_bytes_give_the_same_outcome(delivery):
    again = [
        map_item(delivery.feed.kinds[item.kind], item)
        for item in items(delivery)
        if item.kind in delivery.feed.kinds
    ]
    assert [text_of(o) for o in again] == [text_of(o) for _, _, o in mapped(delivery)]


@every_delivery
def test_an_outcome_shares_nothing_with_the_message_or_another_outcome(delivery):
    for kind, item, outcome in mapped(delivery):
        facts, was = json.dumps(item.facts), text_of(outcome)
        for one in map_item(kind, item).resources:
            _spoil(one.resource)
        assert json.dumps(item.facts) == facts
        assert text_of(map_item(kind, item)) == was


def _spoil(node):
    for value in node.values() if isinstance(node, dict) else node:
        if isinstance(value, dict | list):
            _spoil(value)
    if isinstance(node, dict):
        node["spoilt"] = True
    else:
        node.append("spoilt")


@every_delivery
def test_keys_name_one_resource_each(delivery):
    for _, _, outcome in mapped(delivery):
        keys = Counter((one.type, one.key) for one in outcome.resources)
        assert [key for key, count in keys.items() if count > 1] == []
        assert all(one.key.strip() for one in outcome.resources)


@every_delivery
def test_the_order_of_items_changes_nothing(delivery):
    forwards = {(item.number, item.kind): item for item in items(delivery)}
    kinds = delivery.feed.kinds
    backwards = {
        place: text_of(map_item(kinds[item.kind], item))
        for place, item in reversed(forwards.items())
        if item.kind in kinds
    }
    for _, item, outcome in mapped(delivery):
        assert backwards[item.number, item.kind] == text_of(outcome)


@every_delivery
def test_every_goal_is_referenced_once_and_in_order(delivery):
    for _, _, outcome in mapped(delivery):
        plans = [one for one in outcome.resources if one.type == "CarePlan"]
        goals = [f"urn:source:Goal:{one.key}" for one in outcome.resources if one.type == "Goal"]
        named = [
            [reference["reference"] for reference in plan.resource.get("goal", ())]
            for plan in plans
        ]
        if plans and goals:
            assert Counter(chain.from_iterable(named)) == Counter(goals)
        for references in named:
            assert references == [goal for goal in goals if goal in references]


@every_delivery
def test_every_resource_carries_its_labels(delivery):
    for _, one in resources(delivery):
        security = one.resource["meta"]["security"]
        systems_used = Counter(coding["system"] for coding in security)
        assert systems_used[systems.CONFIDENTIALITY] == 1
        assert systems_used[systems.ACCESS_CATEGORY] == 1
        by_system = {coding["system"]: coding["code"] for coding in security}
        assert by_system[systems.CONFIDENTIALITY] in LEVELS
        assert by_system[systems.ACCESS_CATEGORY] in set(Category)
        assert set(systems_used) <= {
            systems.CONFIDENTIALITY,
            systems.ACCESS_CATEGORY,
            systems.ACT_CODE,
            systems.HOLD,
            systems.LEGAL,
        }


@every_delivery
def test_a_goal_is_never_less_restricted_than_its_plan(delivery):
    for _, _, outcome in mapped(delivery):
        made = {f"urn:source:{one.type}:{one.key}": one for one in outcome.resources}
        for plan in (one for one in outcome.resources if one.type == "CarePlan"):
            for reference in plan.resource.get("goal", ()):
                goal = made.get(reference["reference"])
                if goal is None:
                    continue
                assert _level(goal) >= _level(plan)
                assert _others(goal) >= _others(plan)


def _level(one):
    security = one.resource["meta"]["security"]
    codes = [c["code"] for c in security if c["system"] == systems.CONFIDENTIALITY]
    return LEVELS.index(codes[0])


def _others(one):
    aside = (systems.CONFIDENTIALITY, systems.ACCESS_CATEGORY)
    security = one.resource["meta"]["security"]
    return {(c["system"], c["code"]) for c in security if c["system"] not in aside}


@every_delivery
def test_every_resource_is_r4(delivery, broken_invariants):
    for _, one in resources(delivery):
        assert validate(one.alone()) == (), (one.type, one.key)
        stored = as_stored(one)
        assert validate(stored, local_references=False) == (), (one.type, one.key)
        to_r4(stored)
        assert list(broken_invariants(stored)) == [], (one.type, one.key)


@pytest.mark.parametrize("feed", FEEDS)
def test_an_independent_library_takes_every_resource(feed, google_verdicts):
    made = [
        as_stored(one) | {"id": "1"}
        for delivery in deliveries()
        if delivery.feed_name == feed
        for _, one in resources(delivery)
    ]
    assert made
    refused = {
        (resource["resourceType"], verdict)
        for resource, verdict in zip(made, google_verdicts(made), strict=True)
        if verdict
    }
    assert refused == set()


@every_delivery
def test_a_quarantined_outcome_has_no_resources(delivery):
    for kind, _, outcome in mapped(delivery):
        if outcome.quarantined:
            assert outcome.resources == ()
            assert has_errors(outcome.issues)
        else:
            assert kind.keeps_rest or not has_errors(outcome.issues)


@every_delivery
def test_every_element_has_lineage_and_every_lineage_an_element(delivery):
    for _, one in resources(delivery):
        every = one.lineage_alone()
        assert all(line.rule for line in every)
        lines = {line.path for line in every}
        stands = [_shown(steps) for steps, _ in leaves(one.alone())]
        for path in stands:
            if not path.startswith(("resourceType", "meta.")):
                assert any(_within(path, line) for line in lines), (one.type, path)
        paths = [*stands, *(_shown(steps) for steps, _ in leaves(one.resource))]
        for line in lines:
            assert any(_within(path, line) for path in paths), (one.type, line)


def _shown(steps):
    shown = ""
    for step in steps:
        shown += f"[{step}]" if isinstance(step, int) else f".{step}" if shown else step
    return shown


def _within(path, line):
    return path == line or path.startswith((f"{line}.", f"{line}["))


@every_delivery
def test_lineage_names_fields_and_holds_no_values(delivery):
    """A source is a path in the provider's terms: it never repeats what stood there."""
    known = page_of(delivery.feed_name)
    for _, item, outcome in mapped(delivery):
        values = {v for _, v in leaves(item.facts) if isinstance(v, str) and len(v) >= 6}
        values = {value for value in values if value not in known}
        for one in outcome.resources:
            for line in one.lineage:
                assert line.source not in values


@every_delivery
def test_our_own_inputs_are_covered_in_full(delivery):
    """Every field is read by a row or left out for a reason that is written down."""
    if delivery.case.startswith("unknown-field"):
        assert any(i.code == "unknown-field" for _, _, o in mapped(delivery) for i in o.issues)
        return
    unknown = {
        (item.kind, issue.path)
        for _, item, outcome in mapped(delivery)
        for issue in outcome.issues
        if issue.code == "unknown-field" and not outcome.quarantined
    }
    assert unknown == set()


@every_delivery
def test_a_field_nobody_knows_is_reported_at_every_level(delivery):
    for kind, item, outcome in mapped(delivery):
        if person_key(outcome.person) is None:
            continue
        covered = covered_paths(kind)
        done = set()
        for steps, _ in objects(item.facts):
            place = tuple(EVERY if isinstance(step, int) else step for step in steps)
            if place in done or any(
                _covers(path, steps) for path in covered if len(path) <= len(steps) and path
            ):
                continue
            done.add(place)
            facts = changed(item.facts, (*steps, "zzUnknown"), "something")
            found = map_item(kind, Item(item.kind, item.number, facts)).issues
            where = kind.show((*steps, "zzUnknown"))
            assert any(
                i.code == "unknown-field" and (where == i.path or where.startswith(f"{i.path}."))
                for i in found
            ), where
        assert () in done


def _covers(path, steps):
    pairs = zip(path, steps, strict=False)
    return all(one == other or (one == EVERY and isinstance(other, int)) for one, other in pairs)


@every_delivery
def test_no_issue_holds_what_was_sent(delivery):
    known = page_of(delivery.feed_name)
    for _, item, outcome in mapped(delivery):
        sent = {str(v) for _, v in leaves(item.facts) if len(str(v)) >= 4}
        sent -= {value for value in sent if value in known}
        for issue in (*item.issues, *outcome.issues):
            leaked = [value for value in sent if value in issue.text or value in issue.path]
            assert not leaked, issue.code


@every_delivery
def test_a_value_that_makes_no_sense_is_never_repeated_never_raises_and_is_nobodys_fact(
    delivery, whole
):
    """It makes nobody dead, and gives nobody another birth date or sex."""
    token, most = "Zq7Xw9", LEAVES_SOAKING if whole else LEAVES_TRIED
    for kind, item, before in mapped(delivery):
        every = list(leaves(item.facts))
        chosen = every[:: max(1, len(every) // most)]
        for position, (steps, value) in enumerate(chosen):
            poisons = (f"{token}-{value}", {token: token}, token, [token], 1e300, True, "\0")
            for worse in (poisons[position % 7], poisons[(position + 1) % 7]):
                facts = changed(item.facts, steps, worse)
                outcome = map_item(kind, Item(item.kind, item.number, facts))
                assert not (outcome.quarantined and outcome.resources)
                assert worse is True or not newly_said(before, outcome), kind.show(steps)
                for issue in outcome.issues:
                    assert token not in issue.text
                    assert token not in issue.path or issue.code == "unknown-field"


@every_delivery
def test_what_a_person_claim_and_a_time_look_like(delivery):
    for _, _, outcome in mapped(delivery):
        person = outcome.person
        assert person.local_id is None or isinstance(person.local_id, str)
        assert len(set(person.nhs_numbers)) == len(person.nhs_numbers)
        assert not any(" " in number for number in person.nhs_numbers)
        if person.birth_date is not None:
            assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", person.birth_date)
        if outcome.source_time:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\d*", outcome.source_time)


def test_there_are_deliveries_of_every_feed():
    assert {delivery.feed_name for delivery in deliveries()} == set(FEEDS)
    for feed in FEEDS:
        taken = [d for d in deliveries() if d.feed_name == feed for _ in resources(d)]
        assert taken, feed


def test_the_laws_can_fail():
    """A shared part, once spoilt, is noticed."""
    shared = {"a": [1]}
    other = copy.copy(shared)
    _spoil(other)
    assert shared["a"] == [1, "spoilt"]
