"""One frame: into the inbox, by the same flow as HTTP, and answered as its sender asks.

In      A frame, and the source it came from.
Out     The bytes to send back: no, one or two frames, and what to do once they are sent. What they
        say is on disk.
Errors  None raised: a failure of ours is answered as one (AR, CE), and its kind is noted.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from uuid_utils import uuid7

from gateway.clock import Clock
from gateway.errors import Fault, GatewayError, NotTheFormatError, TooLargeError
from gateway.flows.asking.record_answer import OUTCOMES, Outcomes
from gateway.flows.intake import acknowledge
from gateway.flows.intake.batches import LONG_BYTES
from gateway.flows.intake.push_update import Push, push, refuse
from gateway.flows.site.site import Site
from gateway.mllp.connection import Answer
from gateway.mllp.framing import TOO_LARGE, Frame, framed
from gateway.mllp.sources import Source

_FAILED: Final = Fault("transient", "", "the message could not be recorded; send it again")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Inbox:
    """Where messages go."""

    site: Site
    clock: Clock
    unpacked_bytes: int
    under_way: dict[int, Outcomes] = field(default_factory=dict)
    """What was recorded of each message whose answer is not yet sent."""


async def answered(inbox: Inbox, source: Source, frame: Frame) -> Answer:
    """Take what stood in a frame; what to send back, framed. It is under way until it is sent."""
    told = Outcomes()
    before = OUTCOMES.set(told)
    inbox.under_way[id(told)] = told
    try:
        content = await _answered(inbox, source, frame)
    except BaseException:
        del inbox.under_way[id(told)]
        raise
    finally:
        OUTCOMES.reset(before)
    return Answer(content, lambda: inbox.under_way.pop(id(told)))


def _ended(frame: Frame) -> bytes:
    """A block came to its end, and so did its last segment, with a carriage return or without."""
    is_short = frame.fault is None and not frame.content.endswith((b"\r", b"\n", b"\0"))
    return frame.content + b"\r" if is_short else frame.content


async def _answered(inbox: Inbox, source: Source, frame: Frame) -> bytes:
    what = Push(
        feed=source.feed,
        caller=source.caller,
        body=_ended(frame),
        media_type=acknowledge.MEDIA_TYPE,
        request_id=str(uuid7()),
        at=inbox.clock(),
        largest_bytes=inbox.unpacked_bytes,
    )
    try:
        made = await _taken(inbox.site, source, what, frame.fault)
    except NotTheFormatError as reason:
        made = _refused(source, what, reason.faults)
    except TooLargeError:
        made = _refused(source, what, [TOO_LARGE])
    except Exception as fault:  # noqa: BLE001 - whoever waits is told that it failed
        level = _log.warning if isinstance(fault, GatewayError) else _log.error
        level("mllp-failed", fault=type(fault).__name__, feed=source.feed.name)
        made = _refused(source, what, [_FAILED], failed=True)
    return b"".join(map(framed, made))


async def _taken(site: Site, source: Source, what: Push, fault: Fault | None) -> list[bytes]:
    if fault is not None:
        reason = NotTheFormatError([fault])
        await refuse(site.store, what, reason)
        raise reason
    answer = await push(site.store, what)
    given = (what.feed, what.body, what.largest_bytes, answer, what.at, source.mode)
    if len(what.body) > LONG_BYTES:
        return await asyncio.to_thread(acknowledge.replies, *given)
    return acknowledge.replies(*given)


def _refused(
    source: Source, what: Push, faults: Sequence[Fault], *, failed: bool = False
) -> list[bytes]:
    return acknowledge.refusals(
        what.body, faults, what.request_id, what.at, source.mode, failed=failed
    )
