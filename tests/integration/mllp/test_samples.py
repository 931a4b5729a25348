"""Every real hospital sample over a socket: each is answered, as each of its messages asks."""

import re

import pytest

from mappings.core.model.outcome import NotThisFormatError
from mappings.hospital.ack import answers
from mappings.hospital.message.reader import OUTSIDE, read
from tests.integration.mllp.talking import codes, message, served

pytestmark = pytest.mark.anyio
NO_MESSAGE = {"pyhl7_sample_bad_batch.hl7", "pyhl7_sample_bad_file.hl7"}


def _expected(body: bytes) -> list[bool]:
    """For keeping and for taking: whether some message asks to be told."""
    wanted = [answers(item.facts, kept=True, applied=True) for item in read({"": body})]
    return [any(one.accept for one in wanted), any(one.application for one in wanted)]


async def test_every_sample_is_answered(tmp_path, shared_folder):
    files = sorted((shared_folder / "samples" / "hospital").glob("*.hl7*"))
    assert len(files) > 40
    async with served(f"sqlite:///{tmp_path}/x.db", tmp_path) as running:
        peer = await running.peer()
        for number, file in enumerate(files):
            body = file.read_bytes()
            wanted = [True] if file.name in NO_MESSAGE else [one for one in _expected(body) if one]
            await peer.send(b"\x0b" + body + b"\x1c\r")
            found = [await peer.answer() for _ in wanted]
            (probe,) = await peer.ask(message(f"after-{number}", person=str(number)))
            assert codes(probe)[0][0] == "AA", file.name
            said = {code for answer in found for code, _ in codes(answer)}
            assert ("AR" in said) is _has_no_header(body), file.name
            assert said <= {"AA", "AE", "AR", "CA"}, file.name
            assert all(re.match(rb"(MSH|BHS)\|\^~\\&\|", answer) for answer in found), file.name
        states = [state for state, _ in await running.deliveries()]
        assert states.count("refused") == len(NO_MESSAGE)
        assert len(states) == 2 * len(files)


def _has_no_header(body: bytes) -> bool:
    """Whether some of it stands outside any message."""
    try:
        return any(item.kind == OUTSIDE for item in read({"": body}))
    except NotThisFormatError:
        return True
