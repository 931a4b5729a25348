"""MLLP: the bytes of a connection to frames, and an answer to a frame.

In      Bytes as they come, in pieces of any size.
Out     Frames in their order: what stood in each, or what could be read of it and its fault.
Rule    The search goes from the front, once over each byte. Taken as sent: an end block (1C)
        without its carriage return, a start block (0B) that is missing or doubled, a doubled end
        block, line ends and blanks between frames. An end block with text after it, or a start
        block with no header after it, is a character of the text; so an end block with nothing
        after it yet ends a frame only once nothing came for a moment (`settled`).
        What may be cut short is never given out as whole. In which pieces the bytes came changes
        nothing.
Source  HL7 v2 Minimal Lower Layer Protocol, release 1; frames of real senders.
Pure    No socket and no clock.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from gateway.errors import Fault

START: Final = b"\x0b"
END: Final = b"\x1c"
_CARRIAGE_RETURN: Final = b"\r"
_BETWEEN: Final = b"\r\n\t \x00" + END
_AFTER_END: Final = frozenset(_CARRIAGE_RETURN + b"\n" + START + END)
_HEADERS: Final = (b"MSH", b"FHS", b"BHS")
_BLOCK: Final = re.compile(rb"\x1c|\x0b+")
_HEAD_BYTES: Final = 4096
"""So much is kept of a frame that is too large: enough for its header."""

CUT: Final = Fault(
    "structure", "", "the frame has no end block (1C 0D) and may be cut short; send it again whole"
)
TOO_LARGE: Final = Fault("too-long", "", "the frame is larger than this service takes")


@dataclass(frozen=True, slots=True)
class Frame:
    """What stood between two blocks; with a fault, as far as it was read."""

    content: bytes = field(repr=False)
    fault: Fault | None = None


class Framer:
    """Takes one connection's bytes apart."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._buffer = bytearray()
        self._inside = False
        self._searched = 0
        self._head: bytes | None = None

    @property
    def is_inside(self) -> bool:
        """Whether a frame has begun and not ended."""
        return self._inside

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that end in these bytes."""
        self._buffer += data
        frames = []
        while (frame := self._next()) is not None:
            frames.append(frame)
        return frames

    @property
    def may_have_ended(self) -> bool:
        """Whether an end block came, and nothing after it."""
        return self._inside and self._buffer.endswith(END)

    def settled(self) -> Frame:
        """The frame that may have ended, now that nothing came after it."""
        size = len(self._buffer)
        return self._frame(size - 1, size)

    def end(self) -> Frame | None:
        """What had begun when no more came."""
        if self.may_have_ended:
            return self.settled()
        return self._frame(len(self._buffer), len(self._buffer), CUT) if self._inside else None

    def _next(self) -> Frame | None:
        if not self._inside and not self._begin():
            return None
        while found := _BLOCK.search(self._buffer, self._searched):
            place, after = found.span()
            follows = bytes(self._buffer[after : after + len(_HEADERS[0])])
            if found[0] == END:
                if not follows:
                    break
                if follows[0] in _AFTER_END:
                    return self._frame(place, after)
            elif place == 0 and self._head is None:
                del self._buffer[:after]  # the start block, come more than once
                continue
            elif follows in _HEADERS:
                return self._frame(place, place, CUT)
            elif len(follows) < len(_HEADERS[0]):
                break
            self._searched = after
        else:
            place = len(self._buffer)
        self._searched = place
        if place > self._largest or self._head is not None:
            self._shorten(place)
        return None

    def _begin(self) -> bool:
        """Whether a frame has begun; what stands between frames is left out."""
        del self._buffer[: len(self._buffer) - len(self._buffer.lstrip(_BETWEEN))]
        self._inside, self._searched, self._head = bool(self._buffer), 0, None
        return self._inside

    def _shorten(self, up_to: int) -> None:
        """Keep no more of a frame that is too large than its head."""
        if self._head is None:
            self._head = bytes(self._buffer[: min(_HEAD_BYTES, self._largest)])
        del self._buffer[:up_to]
        self._searched -= up_to

    def _frame(self, end: int, after: int, fault: Fault | None = None) -> Frame:
        if end > self._largest or self._head is not None:
            self._shorten(0)
            content, fault = self._head or b"", TOO_LARGE
        else:
            content = bytes(self._buffer[:end])
        del self._buffer[:after]
        self._inside = False
        return Frame(content, fault)


def framed(content: bytes) -> bytes:
    """An answer as it goes over the wire."""
    return START + content + END + _CARRIAGE_RETURN
