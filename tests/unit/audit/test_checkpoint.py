import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.checkpoint import (
    Checkpoint,
    CheckpointError,
    RetiredKeyError,
    Verifier,
    sign,
    verify_by,
)

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
NAME = "log.example/audit"
CHECKPOINT = Checkpoint(NAME, 42, b"r" * 32)
VERIFIER = Verifier(NAME, KEY.public_key())
NOTE = sign(CHECKPOINT, KEY, NAME)

# The example of the Go project's documentation of signed notes.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_SIGNATURE = (
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqd"
    "ngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_signed_elsewhere_opens_with_its_published_key():
    verifier = Verifier.from_text(GO_KEY)
    assert verifier.open_note(f"{GO_TEXT}\n{GO_SIGNATURE}") == GO_TEXT
    assert verifier.to_text() == GO_KEY


def test_a_checkpoint_is_three_lines_an_empty_line_and_a_signature():
    lines = NOTE.split("\n")
    assert lines[:4] == [NAME, "42", "cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=", ""]
    assert lines[4].startswith(f"\u2014 {NAME} ")
    assert lines[5:] == [""]


def test_a_signed_checkpoint_verifies():
    assert VERIFIER.verify(NOTE, NAME) == CHECKPOINT


def test_signatures_of_witnesses_are_passed_over():
    witnessed = NOTE + sign(CHECKPOINT, OTHER, "witness.example").split("\n\n")[1]
    assert VERIFIER.verify(witnessed, NAME) == CHECKPOINT
    before, _, own = NOTE.partition("\n\n")
    first = sign(CHECKPOINT, OTHER, "witness.example").split("\n\n")[1]
    assert VERIFIER.verify(f"{before}\n\n{first}{own}", NAME) == CHECKPOINT


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(0, 255))
def test_no_changed_byte_goes_unseen(place, byte):
    changed = bytearray(NOTE.encode())
    changed[place] = byte
    note = changed.decode("utf-8", "replace")
    if note == NOTE:
        return
    try:
        found = VERIFIER.verify(note, NAME)
    except CheckpointError:
        return
    assert found == CHECKPOINT, "what still verifies says the same"
    assert note.split("\n\n")[0] == NOTE.split("\n\n")[0]


@pytest.mark.parametrize(
    "note",
    [
        "",
        NAME,
        NOTE.split("\n\n")[0] + "\n",
        sign(CHECKPOINT, OTHER, NAME),
        sign(CHECKPOINT, KEY, "another.example"),
        sign(Checkpoint("another.example", 42, b"r" * 32), KEY, NAME),
        NOTE.replace("\n42\n", "\n43\n"),
        NOTE.replace("\n42\n", "\n042\n"),
        f"{NOTE[:-6]}=\n",
        NOTE.rpartition(" ")[0] + " " + NOTE.rpartition(" ")[2][:8] + "\n",
        NOTE.replace("\n42\ncnJy", "\n42\n"),
    ],
)
def test_other_notes_are_refused(note):
    with pytest.raises(CheckpointError):
        VERIFIER.verify(note, NAME)


@pytest.mark.parametrize(
    ("origin", "size", "root", "name"),
    [
        ("two\nlines", 1, b"r" * 32, NAME),
        ("", 1, b"r" * 32, NAME),
        (NAME, -1, b"r" * 32, NAME),
        (NAME, 1, b"short", NAME),
        (NAME, 1, b"r" * 32, "with space"),
        (NAME, 1, b"r" * 32, "with+plus"),
    ],
)
def test_what_a_note_cannot_hold_is_not_signed(origin, size, root, name):
    with pytest.raises(CheckpointError):
        sign(Checkpoint(origin, size, root), KEY, name)


@pytest.mark.parametrize(
    "text", ["", NAME, GO_KEY[:-4], GO_KEY.replace("c74f20a3", "c74f20a4"), "a+b+c"]
)
def test_a_verifier_key_that_does_not_fit_is_refused(text):
    with pytest.raises(CheckpointError):
        Verifier.from_text(text)


@pytest.mark.parametrize(
    ("sizes", "since", "until"), [([], 0, None), (["9"], 9, None), (["0", "9"], 0, 9)]
)
@pytest.mark.parametrize("between", [" ", "  ", "\t"])
def test_a_line_of_keys_is_read_as_it_is_pasted(sizes, since, until, between):
    line = between.join([VERIFIER.to_text(), *sizes])
    assert Verifier.from_line(f"{line}\r\n") == Verifier(NAME, KEY.public_key(), since, until)


@pytest.mark.parametrize(
    "line", ["", " ", VERIFIER.to_text() + " x", VERIFIER.to_text() + " 1 2 3"]
)
def test_a_line_that_holds_no_key_with_its_sizes_is_refused(line):
    with pytest.raises(CheckpointError):
        Verifier.from_line(line)


def test_whoever_signed_a_note_opens_it_and_a_retired_key_is_not_passed_over():
    stranger, retired = (
        Verifier(NAME, OTHER.public_key()),
        Verifier(NAME, KEY.public_key(), 0, CHECKPOINT.size),
    )
    assert verify_by([stranger, VERIFIER], NOTE) == CHECKPOINT
    with pytest.raises(CheckpointError):
        verify_by([stranger], NOTE)
    with pytest.raises(RetiredKeyError):
        verify_by([retired, VERIFIER], NOTE)
