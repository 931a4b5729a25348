"""Acknowledgements: who gets what, and what stands in it."""

import hl7
import pytest

from mappings.core.outcome import error, warning
from mappings.hospital.ack import MOST_ERRORS, acknowledge, answers
from tests.unit.mappings.hospital.messages import AT, body, header, person, read


def _ack(kind="ADT^A01^ADT_A01", code="AA", errors=(), **fields):
    raw = body(header(kind, **fields), person())
    made = acknowledge(raw, code, "OURS-1", AT, errors)
    (item,) = read(header(kind, **fields), person())
    assert made == acknowledge(item.facts, code, "OURS-1", AT, errors)
    return made


def test_sender_and_receiver_change_places():
    made = hl7.parse(_ack(_11="T", _12="2.5.1").decode())
    (msh,) = made.segments("MSH")
    said = {number: str(msh[number]) for number in (3, 4, 5, 6, 7, 9, 10, 11, 12)}
    assert said == {
        3: "GW",
        4: "SWL",
        5: "EPR",
        6: "RAX",
        7: "20261006090000+0000",
        9: "ACK^A01^ACK",
        10: "OURS-1",
        11: "T",
        12: "2.5.1",
    }
    assert str(made.segments("MSA")[0]) == "MSA|AA|M-1"


def test_it_ends_with_a_carriage_return_and_has_no_line_feed():
    made = _ack(errors=[error("PRB[1]-3", "missing", "needed")], code="AE")
    assert made.endswith(b"\r")
    assert b"\n" not in made


def test_an_empty_control_id_is_answered_empty():
    assert b"\rMSA|AA|\r" in _ack(_10="")


def test_errors_name_their_place():
    wrong = [
        error("PRB[1]-3.2", "missing", "needed | and ^ not & sent"),
        error("GOL[2].PRB[1]-13", "unmapped-code", "not in the table"),
        error("PID-3[2]", "no-key", "no key"),
        error("", "names-nobody", "names nobody"),
        warning("PV1-2", "unmapped-code", "kept"),
    ]
    lines = _ack(code="AE", errors=wrong, _12="2.5").decode().split("\r")
    assert [line for line in lines if line.startswith("ERR")] == [
        "ERR||PRB^1^3^1^2|101^Required field missing^HL70357|E"
        "||||PRB[1]-3.2: needed \\F\\ and \\S\\ not \\T\\ sent",
        "ERR||PRB^1^13^1|103^Table value not found^HL70357|E||||GOL[2].PRB[1]-13: not in the table",
        "ERR||PID^1^3^2|101^Required field missing^HL70357|E||||PID-3[2]: no key",
        "ERR|||101^Required field missing^HL70357|E||||names nobody",
    ]


def test_versions_before_2_5_get_the_old_error():
    lines = _ack(code="AE", errors=[error("PRB[2]-3", "x", "wrong")], _12="2.4").decode()
    assert "ERR|PRB^2^3^207&Application internal error&HL70357&x&PRB[2]-3: wrong\r" in lines


def test_there_are_not_endless_errors():
    many = [error("PRB[1]-3", "missing", "x")] * 100
    assert _ack(code="AE", errors=many).count(b"ERR|") == MOST_ERRORS


@pytest.mark.parametrize("raw", [b"", b"\x00garbage ASHDOWN", b"PID|1|2", b"MSH", b"MSH|"])
def test_what_cannot_be_read_is_answered_without_an_echo(raw):
    lines = acknowledge(raw, "AR", "OURS-2", AT).split(b"\r")
    assert lines[0].startswith(b"MSH|^~\\&|")
    assert lines[1] == b"MSA|AR|"
    assert b"ASHDOWN" not in b"".join(lines)


def test_no_field_of_theirs_can_break_our_lines():
    raw = body(header("ADT^A01", _10="a\x0bb\\X0D\\c"), person())
    lines = acknowledge(raw, "AA", "OURS-3", AT).decode().split("\r")
    assert len(lines) == 3
    assert all(line[:3] in ("MSH", "MSA", "") for line in lines)


def test_other_delimiters_are_answered_in_the_usual_ones():
    raw = b"MSH^~|\\&^SENDING^200M^RECEIVING^200^20120918^^ADT~A24^77^T^2.4\rPID^1^^1~~~FOO\r"
    lines = acknowledge(raw, "AA", "OURS-4", AT).decode().split("\r")
    assert lines[0].startswith("MSH|^~\\&|RECEIVING|200|SENDING|200M|")
    assert "|ACK^A24^ACK|OURS-4|T|2.4|" in lines[0]
    assert lines[1] == "MSA|AA|77"


@pytest.mark.parametrize(
    ("accept", "application", "failed", "expected"),
    [
        ("", "", False, (False, True)),
        ("", "", True, (False, True)),
        ("AL", "NE", False, (True, False)),
        ("AL", "AL", True, (True, True)),
        ("NE", "NE", True, (False, False)),
        ("ER", "NE", False, (False, False)),
        ("ER", "NE", True, (True, False)),
        ("SU", "NE", False, (True, False)),
        ("SU", "ER", True, (False, True)),
        ("AL", "", False, (True, False)),
        ("al", "ne", False, (True, False)),
    ],
)
def test_what_is_sent_is_theirs_to_say(accept, application, failed, expected):
    raw = body(header("ADT^A01", _15=accept, _16=application), person())
    made = answers(raw, failed=failed)
    assert (made.accept, made.application) == expected


def test_garbage_is_answered_in_the_original_mode():
    assert answers(b"garbage", failed=True).application
