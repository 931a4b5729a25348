"""What came to nothing leaves the resource, and lineage keeps to what is left."""

from typing import Any

import pytest

from mappings.core.applying.hollow import without_hollow
from mappings.core.model.outcome import Fold, Lineage


def _lines(*paths):
    return [Lineage(path, f"from {path}", "rule") for path in paths]


def _paths(lineage):
    return [(line.path, line.source) for line in lineage]


def test_a_resource_with_nothing_hollow_is_left_as_it_is():
    resource = {"name": [{"family": "A", "given": ["B"]}], "active": False, "rank": 0}
    lineage = _lines("name[0].family")
    assert without_hollow(resource, lineage, Fold.REPLACE) == (resource, lineage)
    assert without_hollow(resource, lineage, Fold.REPLACE)[0] is resource


def test_places_made_only_to_count_leave_and_lineage_counts_anew():
    resource = {"name": [{}, {"text": "Taid", "given": ["", "Idris"]}]}
    made, lineage = without_hollow(
        resource, _lines("name[1].text", "name[1].given[1]"), Fold.REPLACE
    )
    assert made == {"name": [{"text": "Taid", "given": ["Idris"]}]}
    assert _paths(lineage) == [
        ("name[0].text", "from name[1].text"),
        ("name[0].given[0]", "from name[1].given[1]"),
    ]
    assert resource == {"name": [{}, {"text": "Taid", "given": ["", "Idris"]}]}


@pytest.mark.parametrize("empty", [None, "", [], {}, [{}], {"start": None}, [[], {"a": [""]}]])
def test_an_empty_element_leaves_with_its_lineage(empty):
    made, lineage = without_hollow(
        {"period": empty, "status": "active"}, _lines("period.start", "status"), Fold.REPLACE
    )
    assert made == {"status": "active"}
    assert [line.path for line in lineage] == ["status"]


def test_under_merge_a_cleared_element_stays_as_cleared():
    resource: dict[str, Any] = {
        "gender": None,
        "name": [{"family": None}],
        "telecom": [{}],
        "active": True,
    }
    made, lineage = without_hollow(
        resource, _lines("gender", "name[0].family", "telecom[0].value", "active"), Fold.MERGE
    )
    assert made == {"gender": None, "name": None, "active": True}
    assert [line.path for line in lineage] == ["gender", "name", "active"]


def test_under_merge_a_clear_beside_a_value_leaves_alone():
    resource = {"name": [{"family": "A", "suffix": [None]}]}
    made, lineage = without_hollow(
        resource, _lines("name[0].family", "name[0].suffix[0]"), Fold.MERGE
    )
    assert made == {"name": [{"family": "A"}]}
    assert [line.path for line in lineage] == ["name[0].family"]


def test_an_element_below_a_moved_one_moves_with_it():
    resource = {"identifier": [None, {"system": "s", "value": "v"}]}
    made, lineage = without_hollow(resource, _lines("identifier[1]", "other"), Fold.REPLACE)
    assert made == {"identifier": [{"system": "s", "value": "v"}]}
    assert [line.path for line in lineage] == ["identifier[0]", "other"]
