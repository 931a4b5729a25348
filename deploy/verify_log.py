"""Verify a care gateway's log without the gateway: this file and the package `cryptography`.

    python verify_log.py log EXPORT [--checkpoint NOTE ...] --key VERIFIER-KEY ...
    python verify_log.py record PROOF --key VERIFIER-KEY ...

EXPORT  lines of `care-gateway audit export`; PROOF the JSON of `care-gateway audit prove --json`.
NOTE    a signed checkpoint that somebody kept, or a folder of them (*.txt); a key is a line of
        `/log/keys`, one for each key that signed: the key, and behind it from which size of the
        log on it signs, and below which, where that is not all.

Prints one line, and below it the entry that was proved. Exit 0 where everything holds; 1 with the
first entry that is not as it was written; 2 for what cannot be read.

Source  RFC 6962 section 2.1 (hashes), RFC 9162 section 2.1.3.2 (inclusion), C2SP signed-note.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Checkpoint = tuple[int, bytes]
"""Size and root."""


class UnreadableError(Exception):
    """What was given is not what it should be."""


class RetiredKeyError(Exception):
    """A checkpoint of that size, signed by a key that signs other sizes."""


def leaf(record: bytes) -> bytes:
    """The leaf hash of a record."""
    return hashlib.sha256(b"\x00" + record).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash above two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def open_note(text: str, keys: Sequence[str]) -> Checkpoint:
    """Size and root of a checkpoint that one of the keys signed. Errors: UnreadableError,
    RetiredKeyError."""
    body, _, signatures = text.rpartition("\n\n")
    body += "\n"
    for name, public, since, until in map(_key, keys):
        for line in signatures.splitlines():
            parts = line.split(" ")
            if len(parts) == 3 and parts[0] == "\N{EM DASH}" and parts[1] == name:
                try:
                    public.verify(base64.b64decode(parts[2], validate=True)[4:], body.encode())
                except (InvalidSignature, ValueError):
                    continue
                _origin, size, root, *_more = body.splitlines()
                if int(size) < since or (until is not None and int(size) >= until):
                    raise RetiredKeyError(int(size))
                return int(size), base64.b64decode(root)
    raise UnreadableError("a checkpoint that none of the keys signed")


def verify_log(lines: Iterable[bytes], checkpoints: Sequence[Checkpoint]) -> tuple[int | None, str]:
    """The first bad entry and why; (None, what was verified) where there is none."""
    wanted: dict[int, bytes] = {}
    for size, root in checkpoints:
        if wanted.setdefault(size, root) != root:
            return size, "the log was forked: two checkpoints of this size have different roots"
    peaks: list[bytes] = []
    size, root, kept = 0, hashlib.sha256().digest(), 0
    for number, record, told, root_after in _entries(lines):
        if number != size:
            return size, "an entry is missing, or out of order"
        if leaf(record) != told:
            return size, "the record was changed"
        root = _push(peaks, size, told)
        size += 1
        if root != root_after:
            return size - 1, "the root after this entry is another"
        if wanted.get(size, root) != root:
            return kept, "the log was rewritten here or later: a checkpoint has another root"
        kept = size if size in wanted else kept
    if wanted and max(wanted) > size:
        return size, "the log was cut: a checkpoint is longer"
    return None, f"{size} entries, root {root.hex()}, {len(wanted)} checkpoints"


def verify_record(proof: dict[str, object], checkpoint: Checkpoint) -> bool:
    """Whether the record of the proof is in the log that the checkpoint speaks of."""
    size, root = checkpoint
    number, steps = int(str(proof["seq"])), [bytes.fromhex(str(s)) for s in _list(proof["proof"])]
    found = leaf(base64.b64decode(str(proof["record"]), validate=True))
    if not 0 <= number < size:
        return False
    place, last = number, size - 1
    for step in steps:
        if not last:
            return False
        if place % 2 or place == last:
            found = node(step, found)
            while not place % 2 and place:
                place, last = place // 2, last // 2
        else:
            found = node(found, step)
        place, last = place // 2, last // 2
    return not last and found == root


def _push(peaks: list[bytes], size: int, found: bytes) -> bytes:
    """Add a leaf to the complete subtrees of a tree of that size; the new root."""
    while size % 2:
        found, size = node(peaks.pop(), found), size // 2
    peaks.append(found)
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node(peak, root)
    return root


def _entries(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes, bytes, bytes]]:
    for line in lines:
        try:
            row = json.loads(line)
            record, number = base64.b64decode(row["record"], validate=True), row["seq"]
            if type(number) is not int:
                raise TypeError
            yield number, record, bytes.fromhex(row["leaf"]), bytes.fromhex(row["root"])
        except (ValueError, KeyError, TypeError):
            raise UnreadableError("not an exported log") from None


def _key(text: str) -> tuple[str, Ed25519PublicKey, int, int | None]:
    """A name, its key, and the sizes of the log that it signs: from one on, below another."""
    try:
        line, *sizes = text.split()
        name, _id, encoded = line.split("+", 2)
        material = base64.b64decode(encoded, validate=True)
        if material[:1] != b"\x01" or len(sizes) > 2:
            raise ValueError
        since = int(sizes[0]) if sizes else 0
        until = int(sizes[1]) if len(sizes) == 2 else None
        return name, Ed25519PublicKey.from_public_bytes(material[1:]), since, until
    except ValueError:
        raise UnreadableError("not a verifier key of Ed25519") from None


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise UnreadableError("not a proof")
    return value


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code."""
    parser = argparse.ArgumentParser(description="Verify a care gateway's log.")
    parser.add_argument("what", choices=("log", "record"), help="all entries, or one")
    parser.add_argument("file", type=Path, help="of `audit export`, or of `audit prove --json`")
    notes = "a checkpoint that somebody kept, or a folder of them (*.txt); repeatable"
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], help=notes)
    key = "a line of /log/keys, whole; repeatable"
    parser.add_argument("--key", action="append", required=True, help=key)
    given = parser.parse_args(arguments)
    try:
        files = [file for path in given.checkpoint for file in _files(path)]
        notes = [file.read_text(encoding="utf-8") for file in files]
        if given.what == "record":
            return _main_record(given.file, notes, given.key)
        held = [open_note(text, given.key) for text in notes]
        with given.file.open("rb") as lines:
            bad, told = verify_log(lines, held)
    except RetiredKeyError as fault:
        _say(f"entry {fault.args[0]}: a checkpoint of this size is signed by a key of other sizes")
        return 1
    except (OSError, ValueError, KeyError, UnreadableError) as fault:
        known = isinstance(fault, UnreadableError)
        _say(f"cannot be read: {fault if known else 'not the file it should be'}")
        return 2
    _say(f"ok: {told}" if bad is None else f"entry {bad}: {told}")
    return 0 if bad is None else 1


def _files(path: Path) -> list[Path]:
    found = sorted(path.glob("*.txt")) if path.is_dir() else [path]
    if not found:
        raise UnreadableError("a folder without a checkpoint (*.txt)")
    return found


def _main_record(file: Path, notes: list[str], keys: Sequence[str]) -> int:
    proof = json.loads(file.read_bytes())
    held = [open_note(text, keys) for text in notes or [proof["checkpoint"]]]
    good = all(verify_record(proof, one) for one in held)
    _say(f"ok: entry {proof['seq']} is in the log" if good else "the proof does not hold")
    if good:
        _say(base64.b64decode(str(proof["record"])).decode(errors="replace"))
    return 0 if good else 1


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
