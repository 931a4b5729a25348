"""Senders of HL7 v2 are answered in HL7 v2: one acknowledgement for each message they sent.

In      The body, and the answer the delivery was given.
Out     AA taken; AE with an ERR for each error; AR what is not HL7 v2 at all, or is a message
        without a type; CA kept, to be applied later. Over a connection, who asks for it is told
        CA, CE or CR as well. The same answer always makes the same acknowledgements, but for MSH-7.
Pure    Nothing is stored or read here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.errors import Fault
from gateway.flows.intake.delivery_answer import MOST_LISTED
from gateway.flows.intake.recognise import recognised
from gateway.flows.intake.unpack import members_of
from mappings.core.model.outcome import Issue, error
from mappings.core.model.rows import Feed
from mappings.hospital.ack import Mode, acknowledge, answers, batch, is_batch
from mappings.hospital.message.reader import MEDIA_TYPES

MEDIA_TYPE: Final = MEDIA_TYPES[0]
_LONGEST_ID: Final = 12


def is_hl7(feed: Feed) -> bool:
    """Whether this feed takes HL7 v2."""
    return any({*one.media_types} & {*MEDIA_TYPES} for one in feed.formats)


def is_wanted(feed: Feed, accept: str) -> bool:
    """Whether this feed takes HL7 v2, and the sender asks to be answered in it."""
    asked = {one.partition(";")[0].strip() for one in accept.lower().split(",")}
    return is_hl7(feed) and bool(asked & {*MEDIA_TYPES})


@dataclass(frozen=True, slots=True)
class _Told:
    """One message, and what becomes known of it."""

    facts: Mapping[str, Any]
    control_id: str
    code: str
    wrong: list[Issue]


def acknowledgements(
    feed: Feed, body: bytes, media_type: str, largest_bytes: int, answer: Any, at: datetime
) -> bytes:
    """One for each message of a delivery that was answered."""
    told = _told(feed, body, media_type, largest_bytes, answer)
    return b"".join(acknowledge(one.facts, one.code, one.control_id, at, one.wrong) for one in told)


def replies(
    feed: Feed, body: bytes, largest_bytes: int, answer: Any, at: datetime, mode: Mode
) -> list[bytes]:
    """What is sent to who waits on a connection: first that it is kept, then what became of it.

    Each is one acknowledgement, or for several messages a batch of them; none where none of the
    messages asks for one.
    """
    told = list(_told(feed, body, MEDIA_TYPE, largest_bytes, answer))
    kept, applied = [], []
    for one in told:
        wanted = answers(one.facts, kept=True, applied=one.code == "AA", mode=mode)
        if wanted.accept:
            kept.append(acknowledge(one.facts, "CA", f"C{one.control_id}", at))
        if wanted.application:
            applied.append(acknowledge(one.facts, one.code, one.control_id, at, one.wrong))
    if len(told) == 1 and not is_batch(body):
        return [*kept, *applied]
    made = _id(answer["delivery"])
    both = ((f"{made}-C", kept), (f"{made}-A", applied))
    return [batch(body, parts, control_id, at) for control_id, parts in both if parts]


def refusal(body: bytes, faults: Sequence[Fault], request_id: str, at: datetime) -> bytes:
    """The one for what is not HL7 v2."""
    return acknowledge(body, "AR", _id(request_id), at, _wrong(faults))


def refusals(
    body: bytes,
    faults: Sequence[Fault],
    request_id: str,
    at: datetime,
    mode: Mode,
    *,
    failed: bool = False,
) -> list[bytes]:
    """The same to who waits on a connection; `failed` where not the message is at fault."""
    wanted = answers(body, kept=False, applied=False, mode=mode)
    codes = [("CE" if failed else "CR")] * wanted.accept + ["AR"] * wanted.application
    return [acknowledge(body, code, _id(request_id), at, _wrong(faults)) for code in codes]


def _wrong(faults: Sequence[Fault]) -> list[Issue]:
    return [error(fault.path, fault.code, fault.text) for fault in faults]


def _told(
    feed: Feed, body: bytes, media_type: str, largest_bytes: int, answer: Any
) -> Iterator[_Told]:
    members = members_of(body, largest_bytes)
    errors = _by_item(answer)
    cut = sum(map(len, errors.values())) >= MOST_LISTED and max(errors)
    for _, item in recognised(feed, members, media_type).items():
        wrong = errors.get(item.number, [])
        if cut and item.number > cut:
            wrong = [error("", "not-listed", "see `feed errors`: not all could be listed")]
        code = _rejection(wrong) if wrong else "CA" if answer["status"] == "accepted" else "AA"
        yield _Told(item.facts, f"{_id(answer['delivery'])}-{item.number}", code, wrong)


def _rejection(wrong: list[Issue]) -> str:
    """AR for a message whose header says too little to know what it is, else AE."""
    unreadable = any(one.code == "missing" and one.path.startswith("MSH") for one in wrong)
    return "AR" if unreadable else "AE"


def _by_item(answer: Any) -> dict[int, list[Issue]]:
    found: dict[int, list[Issue]] = {}
    for one in answer["issues"]:
        if one["severity"] == "error":
            issue = error(one["path"], one["code"], one["text"])
            found.setdefault(one["item"], []).append(issue)
    return found


def _id(text: str) -> str:
    """The last of an id, short enough for MSH-10."""
    return re.sub(r"[^0-9A-Za-z]", "", text)[-_LONGEST_ID:]
