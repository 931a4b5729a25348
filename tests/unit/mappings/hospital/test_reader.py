"""Bytes to facts: encodings, framing, delimiters, envelopes, groups."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.core.model.outcome import NotThisFormatError
from mappings.hospital import FEED
from mappings.hospital.message.fields import unescaped
from mappings.hospital.message.reader import read as read_members
from mappings.hospital.message.reader import recognises, show
from tests.unit.mappings.hospital.messages import (
    body,
    goal,
    header,
    only,
    outcome,
    person,
    problem,
    read,
    segment,
)

PPR = (header("PPR^PC1"), person(), problem())


def _facts(raw):
    return [item.facts for item in read_members({"": raw})]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\r\n", "\n\n"])
def test_line_ends_make_no_difference(end):
    assert _facts(body(*PPR, end=end)) == _facts(body(*PPR))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\x0b", b"\x1c\r"),
        (b"\x0b\x0b", b"\x1c\r\x1c\r"),
        (b"\n\n", b"\x1c"),
        (b"\xef\xbb\xbf", b""),
    ],
)
def test_framing_and_a_byte_order_mark_are_left_out(before, after):
    raw = before + body(*PPR) + after
    assert recognises({"": raw})
    assert _facts(raw) == _facts(body(*PPR))


def test_framed_messages_are_items_in_order():
    one = b"\x0b" + body(*PPR) + b"\x1c\r"
    two = b"\x0b" + body(header("PPR^PC2"), person(), problem(_1="UP")) + b"\x1c\r"
    items = list(read_members({"": one + two}))
    assert [(item.kind, item.number) for item in items] == [("PPR^PC1", 1), ("PPR^PC2", 2)]


@pytest.mark.parametrize(
    ("charset", "codec", "warned"),
    [
        ("", "utf-8", False),
        ("UNICODE UTF-8", "utf-8", False),
        ("8859/1", "latin-1", False),
        ("8859/2", "iso8859-2", False),
        ("8859/9", "iso8859-9", False),
        ("ASCII~8859/2", "iso8859-2", False),
        ("ASCII~8859/77~8859/2", "cp1252", True),
        ("", "cp1252", True),
        ("UNICODE", "cp1252", True),
    ],
)
def test_character_sets(charset, codec, warned):
    text = body(header("PPR^PC1", _18=charset), person(_5="SZABÓ^Réka"), problem()).decode()
    (item,) = read_members({"": text.encode(codec)})
    assert item.facts["PID"][0]["5"] == "SZABÓ^Réka"
    assert [issue.code for issue in item.issues] == ["character-set"] * warned


def test_a_name_keeps_its_letters_in_the_set_that_msh_18_names():
    text = body(header("PPR^PC1", _18="8859/2"), person(_5="ŁUKASZEWSKA^Żaneta"), problem())
    (item,) = read_members({"": text.decode().encode("iso8859-2")})
    assert item.facts["PID"][0]["5"] == "ŁUKASZEWSKA^Żaneta"
    assert item.issues == ()


def test_bytes_that_are_in_no_character_set_are_read_all_the_same():
    (item,) = read_members({"": body(*PPR).replace(b"Edwin", b"Ed\x81\xff")})
    assert item.kind == "PPR^PC1"


def test_a_line_end_inside_a_field_is_repaired():
    raw = body(*PPR).replace(b"Asthma", b"Asthma\nsince school")
    (item,) = read_members({"": raw})
    assert item.facts["PRB"][0]["3"] == "195967001^Asthma\\.br\\since school^SCT"
    assert ("PRB", "line-end-in-field") in {(i.path, i.code) for i in item.issues}


def test_other_delimiters_come_to_the_same_facts():
    usual = outcome(*PPR)
    table = str.maketrans({"|": "^", "^": "~", "~": "|"})
    assert only(outcome(*(s.translate(table) for s in PPR)), "Condition") == only(
        usual, "Condition"
    )


def test_a_usual_delimiter_that_is_text_elsewhere_stays_text():
    odd = ["MSH#:;!%#A#RAX#C#D#20261005##PPR:PC1#1#P#2.4", "PID###1:::RAX:MR", ""]
    odd.append("PRB#AD##:Pain ^ & ~ \\ | !F! !S! !T! !R! !E! done#7")
    code = only(outcome(*odd), "Condition")["code"]
    assert code == {"text": "Pain ^ & ~ \\ | # : % ; ! done"}


def test_a_field_separator_among_the_usual_ones_is_repaired():
    (item,) = read("MSH&^~\\%&A&RAX&C&D&20261005&&PPR^PC1&1&P&2.4", "PID&&&1^^^RAX^MR")
    assert item.kind == "PPR^PC1"
    (item,) = read("MSH&^~\\&&A&RAX", "PID&&&1^^^RAX^MR")
    assert ("MSH-2", "delimiters") in {(i.path, i.code) for i in item.issues}


@pytest.mark.parametrize("said", ["^~\\\\&", "^", "", "^^^^", "^~\\"])
def test_encoding_characters_that_make_no_sense_are_repaired(said):
    (item,) = read(header("PPR^PC1").replace("^~\\&", said), person(), problem())
    assert ("MSH-2", "delimiters") in {(i.path, i.code) for i in item.issues}
    assert item.kind == "PPR^PC1"


@pytest.mark.parametrize("said", ["^~\\&#", "^~\\}"])
def test_a_fifth_or_another_encoding_character_is_no_fault(said):
    (item,) = read(header("PPR^PC1").replace("^~\\&", said), person(), problem())
    assert item.issues == ()
    assert item.facts["MSH"][0]["2"] == said


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("A\\T\\E", "A&E"),
        ("\\F\\\\S\\\\R\\\\E\\", "|^~\\"),
        ("\\X41\\\\X4a6B\\", "AJk"),
        ("\\XC3A9\\", "é"),
        ("\\XE9\\", "é"),
        ("one\\.br\\two\\.sp2\\three", "one\ntwo\nthree"),
        ("\\H\\bold\\N\\ \\Zxyz\\end", "bold end"),
        ("C:\\dir\\file", "C:\\dir\\file"),
        ("a lone \\ backslash", "a lone \\ backslash"),
        ("ends with \\", "ends with \\"),
        ("lone\\slash, then A\\T\\E", "lone\\slash, then A&E"),
        ("\\X4\\", "\\X4\\"),
        ("bell\x07", "bell"),
        ("a\\.fi\\b\\.sk3\\c", "ab c"),
    ],
)
def test_escapes(written, meant):
    assert unescaped(written) == meant


def test_the_oldest_versions_name_the_event_in_evn_alone():
    (item,) = read(header("ADT", _12="2.1"), segment("EVN", _1="A08"), person())
    assert item.kind == "ADT^A08"
    assert [(issue.path, issue.code) for issue in item.issues] == [("MSH-9", "no-trigger")]
    (other,) = read(header("ADT^A31"), segment("EVN", _1="A08"), person())
    assert other.kind == "ADT^A31"
    for broken in (segment("EVN", _1="first"), segment("EVN", _2="2026"), person()):
        (item,) = read(header("ADT"), broken)
        assert item.kind == "ADT"
        assert ("MSH-9", "missing") in [(issue.path, issue.code) for issue in item.issues]


def test_the_structure_component_is_no_part_of_the_kind():
    kinds = [read(header(f"ADT^A40{rest}"), person())[0].kind for rest in ("", "^ADT_A39", "^X")]
    assert kinds == ["ADT^A40"] * 3


@pytest.mark.parametrize("said", ["", "ADT", "^A01", "ASHDOWN^Norma"])
def test_a_message_without_a_type_is_named_so_and_echoes_nothing(said):
    (item,) = read(header(said), person())
    assert "ASHDOWN" not in item.kind.upper()
    assert ("MSH-9", "missing") in {(i.path, i.code) for i in item.issues}


def test_goals_hold_what_stands_under_them():
    (item,) = read(
        header("PGL^PC6"),
        person(),
        goal(),
        segment("NTE", _3="n1"),
        segment("ROL", _1="1"),
        segment("VAR", _1="v"),
        segment("PTH", _1="AD"),
        segment("OBX", _1="1"),
        segment("NTE", _3="n2"),
        problem(),
        segment("OBX", _1="2"),
        goal(_4="G-2"),
        problem(_4="P-2"),
    )
    one, two = item.facts["GOL"]
    assert one["NTE"] == [{"3": "n1"}]
    assert one["ROL"] == [{"1": "1", "VAR": [{"1": "v"}]}]
    assert one["OBX"] == [{"1": "1", "NTE": [{"3": "n2"}]}]
    assert one["PRB"][0]["OBX"] == [{"1": "2"}]
    assert [p["4"] for p in two["PRB"]] == ["P-2"]
    assert item.facts["order"] == "MSH PID GOL NTE ROL VAR PTH OBX NTE PRB OBX GOL PRB"


def test_a_null_is_kept_and_an_empty_field_left_out():
    (item,) = read(header("PPR^PC1"), person(_8='""', _10=" "), problem())
    assert item.facts["PID"][0]["8"] == '""'
    assert "10" not in item.facts["PID"][0]


def test_segments_outside_a_message_are_an_item_of_their_own():
    raw = body("BHS|^~\\&|A", *PPR, "BHS|^~\\&|A", person(), "BTS|1")
    first, second = read_members({"": raw})
    assert first.kind == "PPR^PC1"
    assert (second.kind, second.issues[0].path) == ("outside-a-message", "MSH")
    assert second.kind not in FEED.kinds


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\xff\xfe garbage", b"PID|1||2", b"BHS|^~\\&\rEVN|A01\r", b'{"a": 1}']
)
def test_what_has_no_header_is_refused_without_an_echo(raw):
    with pytest.raises(NotThisFormatError) as refused:
        list(read_members({"": raw}))
    assert "garbage" not in refused.value.text


@pytest.mark.parametrize("raw", [b"MSH", b"MSH|", b"MSH\r", b"MSH|^~\\&|||||||", b"MSHABC"])
def test_a_header_cut_short_is_an_item_with_an_error(raw):
    (item,) = read_members({"": raw})
    assert ("MSH-9", "missing") in {(i.path, i.code) for i in item.issues}


@given(st.integers(min_value=0, max_value=400))
def test_a_message_cut_anywhere_never_raises(cut):
    raw = body(*PPR, segment("NTE", _3="a note"))
    try:
        items = list(read_members({"": raw[:cut]}))
    except NotThisFormatError:
        assert cut < 3
    else:
        assert len(items) == 1


@given(st.binary(max_size=300))
def test_bytes_after_a_header_never_raise(noise):
    raw = b"MSH|^~\\&|A|RAX|B|C|20261005||PGL^PC6|1|P|2.5\rPID|||1^^^RAX^MR\rGOL|" + noise
    assert list(read_members({"": raw}))


def test_five_megabytes_in_one_field_are_read():
    (item,) = read(*PPR, segment("OBX", _1="1", _2="ED", _5="^IM^PDF^Base64^" + "A" * 5_000_000))
    assert len(item.facts["PRB"][0]["OBX"][0]["5"]) > 5_000_000


@pytest.mark.parametrize(
    ("steps", "shown"),
    [
        (("PRB", 0, "3"), "PRB[1]-3"),
        (("PID", 0, "3", 1), "PID-3[2]"),
        (("GOL", 1, "PRB", 0, "13"), "GOL[2].PRB[1]-13"),
        (("PV1", 0), "PV1"),
        (("PID", 1, "5"), "PID[2]-5"),
        (("order",), "order"),
        (("PRB", 0, "3", "2"), "PRB[1]-3.2"),
    ],
)
def test_places_are_shown_as_senders_write_them(steps, shown):
    assert show(steps) == shown


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_the_end_that_did_not_come_is_told_of_the_last_message_alone(cut):
    raw = body(*PPR)
    first, last = read_members({"": raw + raw[:-cut]})
    assert first.issues == ()
    assert [(i.severity, i.path, i.code) for i in last.issues] == [("warning", "PRB", "no-end")]


@pytest.mark.parametrize("name", ["P", "PR", "PRB"])
def test_a_message_cut_in_the_name_of_a_segment_is_not_applied(name):
    (item,) = read_members({"": body(*PPR) + name.encode()})
    assert ("error", "cut-message") in [(issue.severity, issue.code) for issue in item.issues]


@pytest.mark.parametrize("after", [b"\x1c", b"\x1c\r", b"BTS|1"])
def test_what_stands_after_the_last_segment_is_no_cut(after):
    (item,) = read_members({"": body(*PPR) + after})
    assert item.issues == ()
