"""Many tables in one delivery: joined exactly, or refused with what would mend it."""

import pytest

from mappings.core.model.outcome import NotThisFormatError
from mappings.core.reading.keys import Child, Context, Primary
from mappings.core.reading.tables import Columns
from mappings.core.sets.datasets import DataSet

DATASET = DataSet(
    title="Test set",
    prefix="TST",
    header="TST000",
    created="Made",
    tables={
        "TST000": Columns(("Made", "Provider"), {"Sender": "Provider"}),
        "TST001": Columns(("Person", "Name", "RowNumber")),
        "TST004": Columns(("Plan", "Person", "Words")),
        "TST005": Columns(("Plan", "By"), {"Agreed": "By"}),
        "TST006": Columns(("Person", "Plan", "Score")),
        "TST009": Columns(("Words", "Meaning")),
    },
    contexts={
        "TST001": Context("Person", ("Person",)),
        "TST004": Context("Plan", ("Plan", "Person")),
        "TST009": Context("Words", ("Meaning",)),
    },
    primaries={
        "TST001": Primary(("Person",)),
        "TST004": Primary(("Plan",), up=("TST001",), beside=("TST009",), down=("TST005",)),
        "TST006": Primary(("Plan", "Person"), up=("TST004", "TST001")),
    },
    children={"TST005": Child("TST004", "Plan")},
    ignored={"TST008": "anonymous"},
)
HEADER = {"TST000Header.csv": b"Made,Provider\n2026-11-01,X1\n"}
PEOPLE = {"TST001People.csv": b"Person,Name\np1,Ann\np2,Bob\n"}


def _items(**members):
    named = {f"{name}.csv": body for name, body in members.items()}
    return list(DATASET.read(HEADER | PEOPLE | named))


def _issues(item):
    return [(issue.path, issue.code) for issue in item.issues]


@pytest.mark.parametrize(
    ("member", "table"),
    [
        ("TST008CarePlan.csv", "TST008"),
        ("a/b/tst004_plan.CSV", "TST004"),
        ("a\\TST004.csv", "TST004"),
        ("TST001/TST004.csv", "TST004"),
        ("TST004CarePlan/part-1.csv", "TST004"),
        ("TST004CarePlan/readme.txt", None),
        ("TST0041.csv", None),
        ("readme.txt", None),
        ("", None),
    ],
)
def test_a_member_is_known_by_its_name(member, table):
    assert DATASET.table_of(member) == table
    assert DATASET.recognises({member: b""}) is (table is not None)


def test_a_row_is_given_what_it_belongs_to():
    plans = b"Plan,Person,Words\nA,p1,w\n"
    (plan,) = _items(
        TST004=plans, TST005=b"Plan,By\nA,x\nA,y\n", TST009=b"Words,Meaning\nw,walk\n"
    )[2:]
    assert plan.facts == {
        "TST000": {"Made": "2026-11-01", "Provider": "X1"},
        "TST001": {"Person": "p1"},
        "TST004": {"Plan": "A", "Person": "p1", "Words": "w"},
        "TST005": [{"Plan": "A", "By": "x"}, {"Plan": "A", "By": "y"}],
        "TST009": {"Meaning": "walk"},
    }
    assert (plan.kind, plan.number, plan.issues) == ("TST004", 3, ())


def test_a_chain_of_parents_is_followed():
    score = _items(TST004=b"Plan,Person\nA,p2\n", TST006=b"Plan,Score\nA,4\n")[-1]
    assert score.facts["TST001"] == {"Person": "p2"}


def test_a_missing_parent_names_the_column_and_what_would_mend_it():
    items = _items(TST004=b"Plan,Person\nA,p9\nB,P1\nC,\n", TST005=b"Plan,By\nZ,x\na,y\n,z\n")
    found = {item.facts[item.kind].get("Plan"): item for item in items[2:]}
    assert _issues(found["A"]) == [("TST004.Person", "no-parent")]
    assert _issues(found["B"]) == [("TST004.Person", "no-parent")]
    assert "upper and lower case" in found["B"].issues[0].text
    assert "upper and lower case" not in found["A"].issues[0].text
    assert _issues(found["C"]) == [("TST004.Person", "missing")]
    assert [item.kind for item in items[-3:]] == ["TST005"] * 3
    assert _issues(found["Z"]) == [("TST005.Plan", "no-parent")]
    assert "upper and lower case" in found["a"].issues[0].text
    assert _issues(items[-1]) == [("TST005.Plan", "missing")]


def test_two_different_rows_under_one_key_are_both_refused_and_all_that_hangs_on_them():
    people = b"Person,Name\np1,Ann\np1,Bob\n"
    named = {"TST001.csv": people, "TST004.csv": b"Plan,Person\nA,p1\n"}
    first, second, plan = DATASET.read(HEADER | named)
    assert _issues(first) == _issues(second) == [("TST001.Person", "ambiguous-key")]
    assert _issues(plan) == [("TST004.Person", "ambiguous-key")]


def test_the_same_row_twice_is_no_fault():
    people = {"TST001.csv": b"Person,Name,RowNumber\np1,Ann,1\np1,Ann,2\n"}
    assert [_issues(item) for item in DATASET.read(HEADER | people)] == [[], []]


def test_a_composite_key_said_twice_differently_is_refused_the_second_time():
    items = _items(
        TST004=b"Plan,Person\nA,p1\n", TST006=b"Plan,Person,Score\nA,p1,1\nA,p1,1\nA,p1,2\n"
    )
    assert [_issues(item) for item in items[-3:]] == [[], [], [("TST006.Plan", "duplicate-key")]]


def test_what_is_not_read_is_said_once_on_the_first_item():
    items = _items(TST008=b"x\n", TST099=b"x\n", notes=b"x", TST001again=b"Person\np3\n")
    assert sorted(_issues(items[0])) == [
        ("", "unknown-member"),
        ("TST001", "repeated-table"),
        ("TST008", "ignored-table"),
        ("TST099", "unknown-table"),
    ]
    assert [_issues(item) for item in items[1:]] == [[]] * (len(items) - 1)


def test_a_column_that_is_not_read_is_said_once_for_its_file():
    header = b"Made,Provider,UniqID\n2026-11-01,X1,7\n"
    plans = b"Plan,Person,SK,Empty\nA,p1,8,\nB,p2,9,\n"
    agreed = b"Plan,By,SK\nA,x,1\nB,y,2\n"
    members = {"TST000.csv": header, "TST004.csv": plans, "TST005.csv": agreed}
    items = list(DATASET.read(PEOPLE | members))
    assert [_issues(item) for item in items] == [
        [("TST000.UniqID", "unknown-field")],
        [],
        [("TST004.SK", "unknown-field"), ("TST005.SK", "unknown-field")],
        [],
    ]


def test_a_header_that_contradicts_itself_keeps_every_row_out():
    header = {"TST000.csv": b"Made,Provider,Sender\n2026-11-01,X1,X2\n"}
    items = list(DATASET.read(header | PEOPLE))
    said = ("TST000.Provider", "contradiction")
    assert [said in _issues(item) for item in items] == [True, True]


def test_an_unreadable_row_is_an_item_with_its_fault():
    items = _items(TST004=b"Plan,Person\nA,p1,x\nB,p1\n", TST005=b"Plan,By\nB,x,y\n")
    assert _issues(items[2]) == [("TST004", "unreadable-row")]
    assert _issues(items[3]) == []
    assert _issues(items[4]) == [("TST005", "unreadable-row"), ("TST005.Plan", "missing")]


def test_a_table_without_a_heading_is_one_refused_item():
    (item,) = _items(TST004=b"A,p1\nB,p2\n")[2:]
    assert (item.kind, _issues(item)) == ("TST004", [("TST004", "no-heading")])


@pytest.mark.parametrize("header", [{}, {"TST000.csv": b"Provider\nX1\n"}])
def test_without_a_creation_time_nothing_is_taken(header):
    for item in DATASET.read(header | PEOPLE):
        assert ("TST000.Made", "missing") in _issues(item)


def test_a_delivery_without_a_mapped_table_is_not_this_format():
    with pytest.raises(NotThisFormatError):
        next(iter(DATASET.read(HEADER)))


def test_a_creation_time_that_is_no_time_is_no_better_than_none():
    header = {"TST000.csv": b"Made,Provider\n2026/11/01,X1\n"}
    for item in DATASET.read(header | PEOPLE):
        assert _issues(item) == [("TST000.Made", "invalid-date")]


def test_two_headers_are_two_submissions():
    header = {"TST000.csv": b"Made,Provider\n2026-11-01,X1\n2026-12-01,X1\n"}
    for item in DATASET.read(header | PEOPLE):
        assert _issues(item) == [("TST000", "several-headers")]
    twice = {"TST000.csv": b"Made,Provider\n2026-11-01,X1\n2026-11-01,X1\n"}
    assert [_issues(item) for item in DATASET.read(twice | PEOPLE)] == [[], []]


def test_a_table_in_several_files_is_read_as_one():
    items = _items(TST001more=b"Person\np3\n", TST004=b"Plan,Person\nA,p3\n")
    assert items[-1].facts["TST001"] == {"Person": "p3"}
    assert ("TST001", "repeated-table") in _issues(items[0])


def test_one_row_with_its_columns_in_another_order_is_the_same_row():
    more = b"Name,Person,RowNumber\nAnn,p1,9\n"
    people = {"TST001.csv": b"Person,Name,RowNumber\np1,Ann,1\n", "TST001more.csv": more}
    items = list(DATASET.read(HEADER | people))
    assert "ambiguous-key" not in {code for item in items for _, code in _issues(item)}


def test_what_a_childs_row_had_repaired_is_said_on_its_parent():
    (plan,) = _items(TST004=b"Plan,Person\nA,p1\n", TST005=b"Plan,By\nA, x\n")[2:]
    assert _issues(plan) == [("TST005", "blanks")]


def test_a_childs_row_that_contradicts_itself_is_refused_alone():
    plan, orphan = _items(TST004=b"Plan,Person\nA,p1\n", TST005=b"Plan,By,Agreed\nA,x,y\n")[2:]
    assert (_issues(plan), "TST005" in plan.facts) == ([], False)
    assert (orphan.kind, _issues(orphan)) == ("TST005", [("TST005.By", "contradiction")])
