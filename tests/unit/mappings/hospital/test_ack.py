"""Acknowledgements: who gets what, and what stands in it."""

import hl7
import pytest

from mappings.core.model.outcome import error, warning
from mappings.hospital.ack import MOST_ERRORS, Mode, acknowledge, answers, batch, is_batch
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


KEPT, REFUSED = {"kept": True}, {"kept": False, "applied": False}


@pytest.mark.parametrize(
    ("accept", "application", "became", "expected"),
    [
        ("", "", KEPT | {"applied": True}, (False, True)),
        ("", "", KEPT | {"applied": False}, (False, True)),
        ("", "", REFUSED, (False, True)),
        ("AL", "NE", KEPT | {"applied": True}, (True, False)),
        ("AL", "NE", KEPT | {"applied": False}, (True, False)),
        ("AL", "NE", REFUSED, (True, False)),
        ("AL", "AL", KEPT | {"applied": False}, (True, True)),
        ("AL", "AL", REFUSED, (True, False)),
        ("NE", "AL", REFUSED, (False, True)),
        ("NE", "NE", KEPT | {"applied": False}, (False, False)),
        ("NE", "NE", REFUSED, (False, False)),
        ("ER", "NE", KEPT | {"applied": False}, (False, False)),
        ("ER", "AL", REFUSED, (True, False)),
        ("SU", "NE", KEPT | {"applied": False}, (True, False)),
        ("SU", "ER", KEPT | {"applied": True}, (True, False)),
        ("SU", "ER", KEPT | {"applied": False}, (True, True)),
        ("SU", "AL", REFUSED, (False, True)),
        ("AL", "", KEPT | {"applied": True}, (True, False)),
        ("al", "ne ", KEPT | {"applied": True}, (True, False)),
        ("USA", "?", KEPT | {"applied": True}, (False, True)),
    ],
)
def test_what_is_sent_is_theirs_to_say(accept, application, became, expected):
    raw = body(header("ADT^A01", _15=accept, _16=application), person())
    made = answers(raw, **became)
    assert (made.accept, made.application) == expected


@pytest.mark.parametrize("said", [("", ""), ("NE", "NE"), ("AL", "AL")])
def test_a_source_may_be_answered_in_one_mode_whatever_it_says(said):
    raw = body(header("ADT^A01", _15=said[0], _16=said[1]), person())
    original = answers(raw, kept=True, applied=False, mode=Mode.ORIGINAL)
    commit = answers(raw, kept=True, applied=False, mode=Mode.COMMIT)
    assert (original.accept, original.application) == (False, True)
    assert (commit.accept, commit.application) == (True, False)


def test_garbage_is_answered_in_the_original_mode():
    assert answers(b"garbage", kept=False, applied=False).application


def test_an_acknowledgement_is_not_acknowledged():
    raw = acknowledge(body(header("ADT^A01"), person()), "AA", "OURS-5", AT)
    for mode in Mode:
        made = answers(raw, kept=True, applied=False, mode=mode)
        assert not made.accept
        assert not made.application


def _batch(envelope):
    raw = b"\r".join([*envelope, body(header("ADT^A01"), person())])
    return raw, batch(raw, [acknowledge(raw, "AA", "OURS-6", AT)], "OURS-7", AT)


def test_a_batch_is_answered_by_a_batch():
    raw, made = _batch([b"FHS|^~\\&|F", b"BHS|^~\\&|PAS|RAX|GW|SWL|2026||N|C|B-1"])
    assert is_batch(raw)
    found = hl7.parse_batch(made.decode())
    assert str(found.header) == "BHS|^~\\&|GW|SWL|PAS|RAX|20261006090000+0000||||OURS-7|B-1"
    assert [str(one.segments("MSA")[0]) for one in found] == ["MSA|AA|M-1"]
    assert str(found.trailer) == "BTS|1"


def test_a_file_without_a_batch_is_answered_by_a_batch():
    _, made = _batch([b"\nFHS^~|\\&^PAS^R|AX^GW"])
    assert made.startswith(b"BHS|^~\\&|GW||PAS|R\\F\\AX|")


def test_several_messages_without_an_envelope_are_answered_by_a_batch():
    raw, made = _batch([])
    assert not is_batch(raw)
    assert made.startswith(b"BHS|^~\\&|GW|SWL|EPR|RAX|")
    assert b"|OURS-7|\r" in made
