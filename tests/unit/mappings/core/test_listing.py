"""Every row of a list is named by a row, told of, or an item with its fault."""

import pytest

from mappings.community.message.csds import CSDS
from mappings.mental_health.message.mhsds import MHSDS
from tests.unit.mappings.core.test_datasets import DATASET, HEADER, PEOPLE

PLAN = {"TST004.csv": b"Plan,Person,Words\nA,p1,w\n"}


def _items(**members):
    named = {f"{name}.csv": body for name, body in members.items()}
    return list(DATASET.read(HEADER | PEOPLE | PLAN | named))


def _told(item):
    return [(issue.path, issue.code) for issue in item.issues]


def test_rows_that_no_row_names_are_counted_on_the_last_item():
    *others, plan = _items(TST009=b"Words,Meaning\nw,walk\nx,run\ny,swim\n")
    assert [_told(item) for item in others] == [[], []]
    assert _told(plan) == [("TST009", "not-named")]
    assert "2" in plan.issues[0].text
    assert plan.facts["TST009"] == {"Meaning": "walk"}


def test_a_list_whose_every_row_is_named_is_told_of_in_no_word():
    assert _told(_items(TST009=b"Words,Meaning\nw,walk\n")[-1]) == []


def test_a_row_that_cannot_be_read_or_named_is_an_item_with_its_fault():
    *_, plan, long, nameless = _items(TST009=b"Words,Meaning\nw,walk\na,b,c\n,swim\n")
    assert _told(plan) == []
    assert (long.kind, _told(long)) == ("TST009", [("TST009", "unreadable-row")])
    assert _told(nameless) == [("TST009.Words", "missing")]


def test_what_reading_a_list_repaired_is_told_once():
    plan = _items(TST009=b"Words,Meaning\nw, walk\nx, run\n")[-1]
    assert sorted(_told(plan)) == [("TST009", "blanks"), ("TST009", "not-named")]


@pytest.mark.parametrize("table", ["TST005", "TST009"])
def test_a_table_below_or_beside_others_that_has_no_heading_is_an_item(table):
    last = _items(**{table: b"A,p1\nB,p2\n"})[-1]
    assert (last.kind, _told(last)) == (table, [(table, "no-heading")])


@pytest.mark.parametrize("dataset", [CSDS, MHSDS, DATASET])
def test_every_table_that_is_read_is_an_item_or_given_to_one(dataset):
    primaries = dataset.primaries.values()
    below = {name for primary in primaries for name in primary.down}
    joined = (*primaries, *dataset.children.values())
    beside = {name for one in joined for name in one.beside}
    assert below == set(dataset.children)
    assert beside == set(dataset.lists)
    assert {dataset.header, *dataset.primaries, *below, *beside} == set(dataset.tables)
