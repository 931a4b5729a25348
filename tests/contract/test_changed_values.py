"""Whatever stands in a value's place: what is not taken is refused in the sender's own terms.

Golden inputs keep their format, and lose, repeat, swap or change values (seeded). No change may
come to a fault that only whoever writes the mapping could mend.
"""

import csv
import io
import json
import random
from functools import cache

import pytest

from mappings.core.applying.apply import map_item, parts_of
from mappings.core.model.outcome import NotThisFormatError, Severity
from mappings.registry import FEEDS
from tests.contract.deliveries import deliveries
from tests.golden.cases import delivery as members_of

LARGEST = 60_000
OURS = {"not-fhir", "mapping-failed"}
ODD = (
    "", '""', "NULL", "\0", "é£’", "2026-13-45", "2026-02-30T25:61:00+99:00", "99991231",
    "01/02/2024", "1e309", "-1", "9" * 400, "<script>", "a b", " ", "true", "[]", "9990001006",
    "http://x", "|^~\\&", "entered-in-error", "refuted",
)  # fmt: skip
ODD_JSON: tuple[object, ...] = (*ODD, None, 0, -1.5, True, [], {}, [None], {"a": "b"}, [{}])


@cache
def _bodies(feed):
    found = [members_of(one.source) for one in deliveries() if one.feed_name == feed]
    return [one for one in found if sum(map(len, one.values())) <= LARGEST]


def _slots(node):
    """Every place in a JSON tree that holds a value."""
    places = node.items() if isinstance(node, dict) else enumerate(node)
    for place, child in list(places):
        yield node, place
        if isinstance(child, dict | list):
            yield from _slots(child)


def _changed_tree(body, draw):
    tree = json.loads(body)
    for _ in range(draw.randint(1, 4)):
        slots = list(_slots(tree))
        node, place = draw.choice(slots)
        value = node[place]
        match draw.randrange(6):
            case 0:
                del node[place]
            case 1:
                node[place] = draw.choice(ODD_JSON)
            case 2:
                other, there = draw.choice(slots)
                node[place] = json.loads(json.dumps(other[there]))
            case 3 if isinstance(value, str) and value:
                at = draw.randrange(len(value))
                node[place] = value[:at] + draw.choice("0aZ-:é ") + value[at + 1 :]
            case 4 if isinstance(node, dict):
                node[f"x{place}"] = node.pop(place)
            case _:
                node[place] = [value, value]
    return json.dumps(tree).encode()


def _changed_table(body, draw):
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    for _ in range(draw.randint(1, 5)):
        row = draw.choice(rows)
        if not row:
            continue
        cell = draw.randrange(len(row))
        match draw.randrange(4):
            case 0:
                row[cell] = draw.choice(ODD)
            case 1:
                other = draw.choice(rows)
                row[cell] = draw.choice(other) if other else ""
            case 2:
                row[cell] = row[cell][: draw.randrange(len(row[cell]) + 1)]
            case _:
                rows.append(list(row))
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _changed(members, draw):
    name = draw.choice(sorted(members))
    body = members[name]
    for change in (_changed_tree, _changed_table):
        try:
            return {**members, name: change(body, draw)}
        except (ValueError, csv.Error, TypeError, AttributeError, IndexError):
            continue  # neither a tree nor a table of values, or nothing is left to change
    return members


def _outcomes(feed, members):
    for form in FEEDS[feed].formats:
        if form.recognises(members):
            try:
                items = list(form.read(members))
            except NotThisFormatError:
                return
            for item in (part for one in items for part in parts_of(FEEDS[feed].kinds, one)):
                if item.kind in FEEDS[feed].kinds:
                    yield item.kind, map_item(FEEDS[feed].kinds[item.kind], item)


@pytest.mark.parametrize("feed", ["gp", "community", "mental-health", "social-care"])
def test_what_is_not_taken_is_refused_in_the_senders_terms(feed, whole):
    draw = random.Random(f"changed values of {feed}")
    for _ in range(20_000 if whole else 250):
        for kind, outcome in _outcomes(feed, _changed(draw.choice(_bodies(feed)), draw)):
            ours = [(kind, one.path, one.text) for one in outcome.issues if one.code in OURS]
            assert not ours
            if outcome.quarantined:
                assert any(one.severity is Severity.ERROR for one in outcome.issues), kind
