"""CSV files as they come: repaired where nothing is guessed, refused row by row where not."""

import tracemalloc

import pytest

from mappings.core.reading.tables import MOST_LINES_IN_A_ROW, Columns, Table, columns_of

COLUMNS = Columns(("PlanID", "Plan_Type", "Words"), {"OldType": "Plan_Type"})


def _table(body):
    return Table("T", body, COLUMNS)


def _cells(body):
    return [row.cells for row in _table(body).rows()]


def _codes(issues):
    return [issue.code for issue in issues]


def test_plain_rows():
    assert _cells(b"PlanID,Plan_Type,Words\n1,02,a\n2,,b\n") == [
        {"PlanID": "1", "Plan_Type": "02", "Words": "a"},
        {"PlanID": "2", "Words": "b"},
    ]


def test_rows_can_be_read_again():
    table = _table(b"PlanID\n1\n2\n")
    assert [row.number for row in table.rows()] == [row.number for row in table.rows()] == [1, 2]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"\xef\xbb\xbfPlanID,Words\n1,x\n", "byte-order-mark"),
        ("PlanID,Words\n1,x\n".encode("utf-16"), "byte-order-mark"),
        (b"\xfe\xff" + "PlanID,Words\n1,x\n".encode("utf-16-be"), "byte-order-mark"),
        (b"PlanID,Words\n1,x\n2,adult\x92s\n", "encoding"),
        ("PlanID,Words\n1,x\n".encode("utf-16-le"), "encoding"),
        ("PlanID,Words\n1,x\n".encode("utf-16-be"), "encoding"),
        (b"sep=,\nPlanID,Words\n1,x\n", "separator-line"),
        (b'"sep=,"\r\nPlanID,Words\r\n1,x\r\n', "separator-line"),
        (b"\xef\xbb\xbfsep=,\nPlanID,Words\n1,x\n", "separator-line"),
        ("sep=,\nPlanID,Words\n1,x\n".encode("utf-16"), "separator-line"),
        ("sep=,\r\nPlanID,Words\r\n1,x\r\n".encode("utf-16-le"), "separator-line"),
        (b"PlanID;Words\n1;x\n", "separator"),
        (b"planid,words\n1,x\n", "column-name"),
    ],
)
def test_a_repaired_file_says_what_was_repaired(body, code):
    table = _table(body)
    assert code in _codes(table.issues)
    assert next(table.rows()).cells == {"PlanID": "1", "Words": "x"}


def test_a_column_of_no_table_is_told_once_for_the_file_where_it_is_first_filled():
    table = _table(b"PlanID,dmicSystemId,Words,SK\n1,NULL,a,\n2,77,b,\n3,78,c,\n")
    told = (("T.dmicSystemId", "unknown-field"),)
    for _ in range(2):
        rows = list(table.rows())
        assert [row.cells for row in rows] == [
            {"PlanID": "1", "Words": "a"},
            {"PlanID": "2", "Words": "b"},
            {"PlanID": "3", "Words": "c"},
        ]
        assert [tuple((i.path, i.code) for i in row.issues) for row in rows] == [(), told, ()]
    assert table.issues == []


def test_what_stands_under_no_heading_is_not_lost_in_silence():
    assert _cells(b"PlanID,\n1,x\n2,\n") == [{"PlanID": "1", "": "x"}, {"PlanID": "2"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_long_file_is_never_held_as_one_text(encoding):
    odd = "\N{RIGHT SINGLE QUOTATION MARK}" if encoding == "cp1252" else "\N{GRINNING FACE}"
    rows = "2,plain words that go on\n" * 100_000
    body = f"PlanID,Words\n1,{odd}\n{rows}".encode(encoding)
    tracemalloc.start()
    try:
        table = _table(body)
        assert next(table.rows()).cells["Words"] == odd
        assert tracemalloc.get_traced_memory()[1] < len(body) / 4
    finally:
        tracemalloc.stop()


def test_windows_1252_apostrophes_are_read():
    assert _cells(b"PlanID,Words\n1,adult\x92s home\n")[0]["Words"] == "adult’s home"


@pytest.mark.parametrize("body", [b"PlanID,Words\n1,\x81\n", b"\xef\xbb\xbfPlanID,Words\n1,\xe9\n"])
def test_bytes_that_no_encoding_has_are_told_and_are_no_error(body):
    assert _cells(body) == [{"PlanID": "1", "Words": "�"}]
    assert "unreadable-characters" in _codes(_table(body).issues)
    assert "unreadable-characters" not in _codes(_table(b"PlanID,Words\n1,x\x92\n").issues)


def test_an_older_name_is_the_official_column():
    table = _table(b"PlanID,OldType\n1,02\n")
    assert [row.cells for row in table.rows()] == [{"PlanID": "1", "Plan_Type": "02"}]
    assert [(i.path, i.code) for i in table.issues] == [("T.Plan_Type", "column-name")]


def test_of_repeated_columns_the_first_is_read_and_the_others_are_told():
    (row,) = _table(b"PlanID,Words,Words\n1,a,b\n").rows()
    assert row.cells == {"PlanID": "1", "Words": "a"}
    assert [(i.path, i.code) for i in row.issues] == [("T.Words (2)", "unknown-field")]


def test_quoted_newlines_and_blank_lines():
    rows = list(_table(b'PlanID,Words\r\n\r\n1,"x\r\ny"\r\n,\r\n2,z\r\n').rows())
    assert [row.cells for row in rows] == [
        {"PlanID": "1", "Words": "x\r\ny"},
        {"PlanID": "2", "Words": "z"},
    ]
    assert [row.number for row in rows] == [1, 2]


def test_null_and_blanks_are_taken_off_with_a_warning():
    row = next(_table(b"PlanID,Plan_Type,Words\n1 ,NULL,(null)\n").rows())
    assert row.cells == {"PlanID": "1"}
    assert _codes(row.issues) == ["blanks", "null-word"]


@pytest.mark.parametrize(
    "bad",
    [b'2,"open\n', b"2,a,b,c\n", b"2," + b"x" * 200_000 + b"\n"],
    ids=["open-quote", "too-many-cells", "endless-cell"],
)
def test_one_bad_row_leaves_the_others(bad):
    rows = list(_table(b"PlanID,Words\n1,a\n" + bad + b"3,c\n4,d\n").rows())
    assert [row.cells.get("PlanID") for row in rows] == ["1", None, "3", "4"]
    assert _codes(rows[1].issues) == ["unreadable-row"]
    assert "row 2 " in rows[1].issues[0].text


def test_an_open_quote_swallows_no_more_than_a_row_may_hold():
    body = b'PlanID,Words\n1,"open\n' + b"2,b\n" * (MOST_LINES_IN_A_ROW + 50)
    rows = list(_table(body).rows())
    assert len(rows) == MOST_LINES_IN_A_ROW + 51
    assert [bool(row.cells) for row in rows[:3]] == [False, True, True]


def test_a_short_row_is_read_and_a_cut_off_one_is_not():
    rows = list(_table(b"PlanID,Plan_Type,Words\n1,02\n2,0").rows())
    assert rows[0].cells == {"PlanID": "1", "Plan_Type": "02"}
    assert _codes(rows[0].issues) == ["short-row"]
    assert (rows[1].cells, _codes(rows[1].issues)) == ({}, ["unreadable-row"])


@pytest.mark.parametrize(
    ("body", "code"), [(b"1,02,a\n2,03,b\n", "no-heading"), (b"", "empty-table")]
)
def test_a_file_without_a_heading_has_no_rows(body, code):
    table = _table(body)
    assert not table.readable
    assert _codes(table.issues) == [code]
    assert list(table.rows()) == []


def test_a_nameless_table_gives_bare_paths():
    assert Table("", b"planid\n1\n", COLUMNS).issues[0].path == "PlanID"


@pytest.mark.parametrize(
    ("heading", "told"),
    [
        ("shoe size", "T.shoe size"),
        ("Cost (GBP)", "T.Cost (GBP)"),
        ("9990000077", "T.(column 2)"),
        ("QUILLFEATHER 471199", "T.(column 2)"),
        ("1943-03-04", "T.(column 2)"),
        ("\\ud800", "T.(column 2)"),
    ],
)
def test_a_heading_that_may_be_a_value_is_told_by_its_place(heading, told):
    (row,) = _table(f"PlanID,{heading}\n1,x\n".encode()).rows()
    assert [one.path for one in row.issues] == [told]


def test_two_names_of_one_column_are_one_column():
    both = b"Plan_Type,OldType\n02,02\n02,\n,02\n"
    assert _cells(both) == [{"Plan_Type": "02"}] * 3


def test_two_names_of_one_column_that_differ_refuse_the_row():
    (row,) = _table(b"Plan_Type,OldType\n02,03\n").rows()
    assert ("T.Plan_Type", "contradiction") in [(i.path, i.code) for i in row.issues]


def test_columns_are_read_from_lines():
    made = columns_of("A1|Plan|C01|PLAN IDENTIFIER\nA1|By\nA2|Plan\n")
    assert made["A1"].names == ("Plan", "By", "RowNumber")
    assert [made["A1"].known(name) for name in ("c01", "Plan identifier", "by")] == [
        "Plan",
        "Plan",
        "By",
    ]
    assert made["A2"].known("C01") is None
