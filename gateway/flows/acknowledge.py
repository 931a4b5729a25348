"""Senders of HL7 v2 are answered in HL7 v2: one acknowledgement for each message they sent.

In      The body, and the answer the delivery was given.
Out     AA taken; AE with an ERR for each error; AR what is not HL7 v2 at all; CA kept, to be
        applied later. The same answer always makes the same acknowledgements, but for MSH-7.
Pure    Nothing is stored or read here.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from gateway.errors import Fault
from gateway.flows.delivery_answer import MOST_LISTED
from gateway.flows.recognise import recognised
from gateway.flows.unpack import members_of
from mappings.core.outcome import Issue, error
from mappings.core.rows import Feed
from mappings.hospital.ack import acknowledge
from mappings.hospital.message.reader import MEDIA_TYPES

MEDIA_TYPE: Final = MEDIA_TYPES[0]
_LONGEST_ID: Final = 12


def is_wanted(feed: Feed, accept: str) -> bool:
    """Whether this feed takes HL7 v2, and the sender asks to be answered in it."""
    asked = {one.partition(";")[0].strip() for one in accept.lower().split(",")}
    return any(asked & {*one.media_types} & {*MEDIA_TYPES} for one in feed.formats)


def acknowledgements(
    feed: Feed, body: bytes, media_type: str, largest_bytes: int, answer: Any, at: datetime
) -> bytes:
    """One for each message of a delivery that was answered."""
    members = members_of(body, largest_bytes)
    errors = _by_item(answer)
    cut = sum(map(len, errors.values())) >= MOST_LISTED and max(errors)
    made = []
    for _, item in recognised(feed, members, media_type).items():
        wrong = errors.get(item.number, [])
        if cut and item.number > cut:
            wrong = [error("", "not-listed", "see `feed errors`: not all could be listed")]
        code = "AE" if wrong else "CA" if answer["status"] == "accepted" else "AA"
        control_id = f"{_id(answer['delivery'])}-{item.number}"
        made.append(acknowledge(item.facts, code, control_id, at, wrong))
    return b"".join(made)


def refusal(body: bytes, faults: Sequence[Fault], request_id: str, at: datetime) -> bytes:
    """The one for what is not HL7 v2."""
    wrong = [error(fault.path, fault.code, fault.text) for fault in faults]
    return acknowledge(body, "AR", _id(request_id), at, wrong)


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
