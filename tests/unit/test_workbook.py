"""Plans as an Excel workbook: the same as the CSV template, and what Excel does told by cell."""

import csv
import datetime
import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from gateway.errors import NotTheFormatError, TooLargeError
from gateway.flows.feeds.map_offline import map_body
from gateway.flows.intake import workbook
from gateway.flows.intake.unpack import members_of
from mappings.plan_document.message.template import PLAN_COLUMNS, VISIT_COLUMNS
from mappings.registry import FEEDS
from tests.architecture.repository import ROOT
from tools.workbook_template import blank
from tools.write_docs import DOCS, WORKBOOKS

EXAMPLE = ROOT / "examples/social-care/norma-community-group.csv"
VISITS = ROOT / "examples/social-care/norma-visits.csv"
FEED = FEEDS["social-care"]
LIMIT = 10_000_000


def _table(path=EXAMPLE):
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))


def _book(rows, change=lambda _book: None):
    book: Any = Workbook()
    for row in rows:
        book.active.append(row)
    change(book)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _mapped(body):
    return map_body(FEED, body, "", "VC1")


def _issues(body):
    return [(one["path"], one["code"]) for item in _mapped(body)["items"] for one in item["issues"]]


def _column(heading):
    return _table()[0].index(heading) + 1


def _letter(heading):
    return get_column_letter(_column(heading))


def _set(row, heading, value):
    def change(book):
        book.active.cell(row, _column(heading)).value = value

    return change


@pytest.mark.parametrize("path", [EXAMPLE, VISITS], ids=["plans", "visits"])
def test_a_workbook_becomes_what_its_csv_becomes(path):
    one, other = _mapped(_book(_table(path))), _mapped(path.read_bytes())
    assert one["source"].pop("format") == "plan-workbook"
    assert other["source"].pop("format") == "plan-template"
    assert one == other
    assert one["items"]


@pytest.mark.parametrize("feed", ["social-care", "community", "mental-health"])
@pytest.mark.parametrize("media_type", ["", "application/zip"])
def test_a_workbook_is_one_whatever_it_is_called_and_whatever_its_cells_hold(feed, media_type):
    """Unpacked it is JSON, with the words of a plan document in it."""
    body = _book(_table(), _set(2, "goals.words", "support-plan"))
    made = map_body(FEEDS[feed], body, media_type, "VC1")
    assert made["source"]["format"] == "plan-workbook"
    assert made["items"]


def test_a_date_is_taken_whatever_it_looks_like():
    born = datetime.datetime(1948, 3, 2)  # noqa: DTZ001 - Excel knows no zone

    def change(book):
        for row in (2, 3):
            book.active.cell(row, _column("person.birth_date")).value = born

    found = _mapped(_book(_table(), change))
    patient = found["items"][0]["resources"][0]["resource"]
    assert patient["birthDate"] == "1948-03-02"


def test_a_time_is_taken_as_excel_keeps_it():
    def change(book):
        book.active.cell(2, _column("actions.times")).value = datetime.time(10, 30)

    found = _mapped(_book(_table(), change))
    assert [issue["code"] for issue in found["items"][0]["issues"]] == []
    assert "10:30" in str(found)


def _title_above(book):
    book.active.insert_rows(1)
    book.active["A1"] = "SECRET support plans"


def _packed(*names):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "SECRET")
    return made.getvalue()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"SECRET", "without a password"),
        (b"\0\1\0\0Standard ACE DB\0SECRET", "export its tables as CSV"),
        (_packed("xl/workbook.bin", "[Content_Types].xml"), "save it as that"),
        (_packed("mimetype", "content.xml"), "save it as that"),
        (_book(_table(), _title_above), "whose first row has the template's headings"),
    ],
    ids=["locked or old", "Access", "binary", "OpenDocument", "a title above the headings"],
)
def test_what_is_sent_in_place_of_a_workbook_is_refused_with_what_would_mend_it(body, said):
    with pytest.raises(NotTheFormatError) as refused:
        _mapped(body)
    assert said in refused.value.faults[0].text
    assert "SECRET" not in str(refused.value.faults)


def test_a_number_with_zeros_in_front_stays_as_long_as_it_is_text():
    heading = "person.local_id"

    def both(value):
        def change(book):
            for row in (2, 3):
                book.active.cell(row, _column(heading)).value = value

        return _book(_table(), change)

    found = _mapped(both("00123"))
    assert found["items"][0]["resources"][0]["key"] == "00123"
    assert not found["items"][0]["issues"]
    cell = f"{heading}[{_letter(heading)}2]"
    assert (cell, "number-as-name") in _issues(both(123))
    assert not _mapped(both(123))["items"][0]["quarantined"]


@pytest.mark.parametrize(
    ("value", "code"), [("=1+1", "formula"), ("#REF!", "cell-error"), ("=SECRET()", "formula")]
)
def test_a_formula_and_an_error_are_told_by_cell_and_never_read(value, code):
    body = _book(_table(), _set(2, "goals.words", value))
    found = _mapped(body)
    assert (f"goals.words[{_letter('goals.words')}2]", code) in _issues(body)
    assert found["source"]["quarantined"] == 1
    assert "SECRET" not in str(found)


def test_a_merged_area_is_told():
    body = _book(_table(), lambda book: book.active.merge_cells("D2:D3"))
    assert ("[D2:D3]", "merged-cells") in _issues(body)
    assert _mapped(body)["source"]["quarantined"] == 1
    heading = _book(_table(), lambda book: book.active.merge_cells("A1:B1"))
    assert ("[A1:B1]", "merged-cells") in _issues(heading)


def test_hidden_and_further_sheets_are_told_and_not_read():
    def change(book):
        book.create_sheet("Norma Marsh").append(["secret"])
        book.create_sheet("old").sheet_state = "hidden"

    body = _book(_table(), change)
    assert {("", "other-sheets"), ("", "hidden-sheets")} <= set(_issues(body))
    assert "Norma Marsh" not in str(_mapped(body)["items"][0]["issues"])

    def all_hidden(book):
        book.create_sheet("other")
        for sheet in book.worksheets[:1]:
            sheet.sheet_state = "hidden"
        book.active = 1

    with pytest.raises(NotTheFormatError):
        _mapped(_book(_table(), all_hidden))


def test_empty_rows_between_and_after_are_nothing():
    head, *rows = _table()
    spaced = [head, [], rows[0], [None] * 5, *rows[1:], [], ["  "], []]
    found = _mapped(_book(spaced))
    assert [item["resources"] for item in found["items"]] == [
        item["resources"] for item in _mapped(EXAMPLE.read_bytes())["items"]
    ]
    assert not found["items"][0]["issues"]


def test_a_heading_that_stands_twice_or_is_unknown_is_told():
    head, *rows = _table()
    headings = [*head, "goals.words", "shoe size", "goals"]
    again = [headings, *([*row, "x", "y", "z"] for row in rows)]
    found = _issues(_book(again))
    assert "repeated-heading" in {code for _, code in found}
    assert {("shoe size", "unknown-field"), ("goals", "unknown-field")} <= set(found)


def test_a_heading_is_known_however_it_is_written():
    head, *rows = _table()
    assert _mapped(_book([[one.upper() for one in head], *rows]))["source"]["quarantined"] == 0


@pytest.mark.parametrize("rows", [[["a", "b"], [1, 2]], []])
def test_another_workbook_is_not_the_format(rows):
    with pytest.raises(NotTheFormatError):
        _mapped(_book(rows))


def _with_member(body, name, content):
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(made, "w") as new:
        for one in old.namelist():
            new.writestr(one, content if one == name else old.read(one))
    return made.getvalue()


ENTITY = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "SECRET">]>'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize("content", [ENTITY, b"<not-xml", b""])
@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_a_workbook_with_entities_or_damage_is_refused_in_our_own_words(name, content):
    with pytest.raises(NotTheFormatError) as refused:
        members_of(_with_member(_book(_table()), name, content), LIMIT)
    assert "SECRET" not in str(refused.value.faults)


def test_a_workbook_built_to_exhaust_us_is_too_large(monkeypatch):
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row>' + far + b"</sheetData></worksheet>"
    )
    with pytest.raises(TooLargeError):
        members_of(_with_member(_book(_table()), "xl/worksheets/sheet1.xml", sheet), LIMIT)
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    with pytest.raises(TooLargeError):
        members_of(_book(_table()), LIMIT)
    monkeypatch.setattr(workbook, "LARGEST_BYTES", 100)
    with pytest.raises(TooLargeError):
        members_of(_book([["a"]]), LIMIT)


@pytest.mark.parametrize("name", WORKBOOKS)
def test_the_published_workbook_is_current_blank_and_keeps_zeros(name):
    published, now = (DOCS / name).read_bytes(), WORKBOOKS[name]()
    with zipfile.ZipFile(io.BytesIO(published)) as one, zipfile.ZipFile(io.BytesIO(now)) as other:
        parts = [{part: book.read(part) for part in book.namelist()} for book in (one, other)]
    assert parts[0] == parts[1], "run: python -m tools.write_docs"
    sheet: Any = load_workbook(io.BytesIO(published)).active
    columns = VISIT_COLUMNS if name.startswith("schemas/visit") else PLAN_COLUMNS
    assert [cell.value for cell in sheet[1]] == list(columns)
    assert sheet.max_row == 1
    assert {one.number_format for one in sheet.column_dimensions.values()} == {"@"}


def test_the_blank_workbook_is_the_same_each_time():
    assert blank(["a", "b"]) == blank(["a", "b"])


@pytest.mark.parametrize(
    "body",
    [
        b'{"workbook":',
        b'{"workbook":1}',
        b'{"workbook":1,"rows":[],"merged":{},"other_sheets":0,"hidden_sheets":0}',
        b'{"workbook":1,"rows":[[1,{"A":"plan.id","B":"written_at"},{}],"x"],"merged":{},'
        b'"other_sheets":0,"hidden_sheets":0}',
        b'{"workbook":1,"rows":[[1,{"A":"plan.id","B":"written_at"},{"C":"SECRET"}]],"merged":{},'
        b'"other_sheets":0,"hidden_sheets":0}',
        b'{"workbook":1,"rows":[[1,{"A":"plan.id","SECRET":"written_at"},{}]],"merged":{},'
        b'"other_sheets":0,"hidden_sheets":0}',
        b'{"workbook":1,"rows":[[1,{"A":"plan.id","B":"written_at"},{}]],"merged":{"1":"SECRET"},'
        b'"other_sheets":0,"hidden_sheets":0}',
    ],
)
def test_what_only_pretends_to_be_a_workbook_is_no_format_of_ours(body):
    with pytest.raises(NotTheFormatError) as refused:
        _mapped(body)
    assert "SECRET" not in str(refused.value.faults)
