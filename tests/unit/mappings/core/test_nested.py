"""Submissions as nested records come to what the same tables come to."""

import json

import pytest

from mappings.core.model.outcome import NotThisFormatError
from mappings.core.sets.nested import Nested
from tests.unit.mappings.core.test_datasets import DATASET

NESTED = Nested(
    DATASET,
    record="TST001",
    tables={"Header": "TST000", "Plans": "TST004", "Agreements": "TST005"},
    left_out=frozenset({"META"}),
)
HEADER = {"Made": "2026-11-01", "Provider": "X1"}


def _items(*records):
    body = json.dumps(list(records)).encode()
    return list(NESTED.read({"": body}))


def test_records_come_to_what_their_tables_come_to():
    plans = [{"Plan": "A", "Person": "p1", "Words": None, "Agreements": [{"Plan": "A", "By": "x"}]}]
    made = _items({"META": {"n": 1}, "Header": HEADER, "Person": "p1", "Plans": plans})
    tables = {
        "TST000.csv": b"Made,Provider\n2026-11-01,X1\n",
        "TST001.csv": b"Person\np1\n",
        "TST004.csv": b"Plan,Person\nA,p1\n",
        "TST005.csv": b"Plan,By\nA,x\n",
    }
    assert made == list(DATASET.read(tables))


def test_a_row_that_lacks_its_parents_key_is_given_it():
    made = _items(
        {"Header": HEADER, "Person": "p1", "Plans": [{"Plan": "A", "Agreements": [{"By": "x"}]}]}
    )
    assert made[-1].facts["TST004"] == {"Plan": "A", "Person": "p1"}
    assert made[-1].facts["TST005"] == [{"By": "x", "Plan": "A"}]


def test_what_several_records_repeat_stands_once():
    record = {"Header": HEADER, "Person": "p1"}
    assert [item.kind for item in _items(record, record | {"Plans": []})] == ["TST001"]


def test_what_is_no_table_is_reported():
    (item,) = _items({"Header": HEADER, "Person": "p1", "Hobbies": [{"a": 1}], "Plans": ["x"]})
    assert [issue.code for issue in item.issues] == ["unknown-member"] * 2


@pytest.mark.parametrize("body", [b"[1]", b"{", b"null"])
def test_what_holds_no_records_is_not_this_format(body):
    with pytest.raises(NotThisFormatError):
        NESTED.read({"": body})


@pytest.mark.parametrize(
    ("body", "known"),
    [
        (b' {"Header": {"Made": 1}}', True),
        (b'[{"Header": {"Made": 1}}]', True),
        (b'{"Header": {"Other": 1}}', False),
        (b"Made,Header\n", False),
    ],
)
def test_a_record_is_known_by_its_header(body, known):
    assert NESTED.recognises({"": body}) is known
