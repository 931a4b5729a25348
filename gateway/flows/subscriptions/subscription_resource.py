"""A Subscription as its owner writes it and as it is served: the profile of the R4 backport.

In      The resource that was sent; where notices may go; the longest life.
Out     Asked, checked as a whole; the resource as served.
Rule    Ids only, or nothing at all: content is fetched by who may read it, under the Filter of that
        moment. A filter narrows to people by id, and whether somebody of that id is here is not
        looked at: it gives no answer that another id would not.
Errors  UnprocessableError, with every fault.
Source  HL7 Subscriptions R5 Backport 1.1, profile backport-subscription.
Pure    Resources in, values out.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from consent.periods import first_moment
from gateway.clock import instant, to_micros
from gateway.errors import Fault, UnprocessableError
from gateway.flows.subscriptions.subscription_reach import Reach, fault_of
from gateway.flows.subscriptions.subscription_topics import BY_URL, Topic
from gateway.store.leaving.subscriptions import ALTERED, OFF, Standing
from mappings.core.checking.validate import validate
from mappings.core.model import systems

_BACKPORT: Final = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
PROFILE: Final = f"{_BACKPORT}backport-subscription"
_FILTER: Final = f"{_BACKPORT}backport-filter-criteria"
_CONTENT: Final = f"{_BACKPORT}backport-payload-content"
_CHANNEL: Final = f"{_BACKPORT}backport-channel-type"
_HEARTBEAT: Final = f"{_BACKPORT}backport-heartbeat-period"
_TIMEOUT: Final = f"{_BACKPORT}backport-timeout"
_MOST_EVENTS: Final = f"{_BACKPORT}backport-max-count"
SIGNING_KEY: Final = f"{systems.OWN}/StructureDefinition/subscription-signing-key"
ID_ONLY, EMPTY = "id-only", "empty"
_MEDIA_TYPES: Final = ("application/fhir+json", "application/json")
_REFERENCE: Final = re.compile(r"(?:Patient/)?([A-Za-z0-9.-]{1,64})", re.ASCII)
_HEADER: Final = re.compile(
    r"([A-Za-z][A-Za-z0-9-]{0,63}): ?([\x21-\x7e](?:[\x20-\x7e]{0,1000}))", re.A
)
_NOT_THEIRS: Final = re.compile(
    r"host|content-.*|transfer-.*|connection|upgrade|te|trailer|expect|proxy-.*|webhook-.*", re.I
)
_MOST_HEADERS: Final = 5
_MOST_PEOPLE: Final = 200
_TEXTS: Final = {
    "receiver": "The address did not take a notice; it is tried again",
    "given-up": "The address took no notice for so long that it is switched off",
    "ended": "It is over: write it again to go on",
    "unregistered": "The system that asked for it is not registered any more",
    ALTERED: "It is not as it was written, and nothing is told any more: delete it",
}
"""What is told of each fault."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an owner asks for."""

    topic: Topic
    people: tuple[frozenset[str], ...]
    """The ids that each filter names; no filter: everybody."""
    content: str
    endpoint: str
    """Empty where the owner fetches what there is."""
    headers: Mapping[str, str] = field(repr=False)
    heartbeat: int
    timeout: int
    most: int
    ends_at: int
    off: bool


def read(resource: Mapping[str, Any], reach: Reach, at: datetime, latest: datetime) -> Asked:
    """What is asked for. Errors: UnprocessableError."""
    faults = [Fault(one.code, one.path, one.text) for one in validate(resource)]
    if faults:
        raise UnprocessableError(faults)
    reading = _Reading(resource, reach, at, latest)
    asked = reading.asked()
    if asked is None or reading.faults:
        raise UnprocessableError(reading.faults)
    return asked


def stored(resource: Mapping[str, Any], reach: Reach) -> Asked:
    """What was asked for, of a resource that was read before."""
    moment = first_moment("2000-01-01")
    asked = _Reading({**resource, "end": None}, reach, moment, moment).asked()
    if asked is None:
        raise UnprocessableError([])
    return asked


class _Reading:
    """One resource being read, with what is wrong of it."""

    def __init__(
        self, resource: Mapping[str, Any], reach: Reach, at: datetime, latest: datetime
    ) -> None:
        self.resource, self.reach, self.at, self.latest = resource, reach, at, latest
        self.channel: Mapping[str, Any] = resource["channel"]
        self.faults: list[Fault] = []

    def asked(self) -> Asked | None:
        """Everything; None without a topic."""
        topic = BY_URL.get(self.resource["criteria"])
        if topic is None:
            self._fault("not-supported", "criteria", "one of: " + ", ".join(BY_URL))
            return None
        self._check_type()
        return Asked(
            topic, self._people(topic), self._content(), self._endpoint(), self._headers(),
            self._number(_HEARTBEAT, "valueUnsignedInt", (60, 604_800), 0),
            self._number(_TIMEOUT, "valueUnsignedInt", (1, 30), 10),
            self._number(_MOST_EVENTS, "valuePositiveInt", (1, 100), 20),
            self._ends_at(), self.resource["status"] == OFF,
        )  # fmt: skip

    def _fault(self, code: str, path: str, text: str) -> None:
        self.faults.append(Fault(code, f"Subscription.{path}", text))

    def _check_type(self) -> None:
        beside = _extensions(self.channel.get("_type"), _CHANNEL)
        if self.channel["type"] != "rest-hook" or any(beside):
            self._fault("not-supported", "channel.type", "rest-hook alone; without an endpoint"
                        " what there is waits for $events")  # fmt: skip

    def _people(self, topic: Topic) -> tuple[frozenset[str], ...]:
        found = []
        for one in _extensions(self.resource.get("_criteria"), _FILTER):
            kind, _, query = str(one.get("valueString", "")).partition("?")
            pairs = parse_qsl(query, keep_blank_values=True)
            matched = [_REFERENCE.fullmatch(part) for _, v in pairs for part in v.split(",")]
            ids = frozenset(part[1] for part in matched if part)
            by_patient = len(pairs) == 1 and pairs[0][0] in ("patient", "subject")
            if kind not in topic.types or not by_patient or not all(matched):
                text = f"{min(topic.types)}?patient=Patient/id, and no other filter"
                self._fault("not-supported", "criteria.extension", text)
            found.append(ids)
        if sum(map(len, found)) > _MOST_PEOPLE:
            self._fault("too-costly", "criteria.extension", f"at most {_MOST_PEOPLE} people")
        return tuple(found)

    def _content(self) -> str:
        if self.channel.get("payload") not in _MEDIA_TYPES:
            self._fault("not-supported", "channel.payload", "application/fhir+json")
        said = [one.get("valueCode") for one in _extensions(self.channel.get("_payload"), _CONTENT)]
        if said in ([ID_ONLY], [EMPTY]):
            return str(said[0])
        text = (
            "id-only or empty, in the extension backport-payload-content: what is recorded of"
            " somebody is fetched by who may read it then, and is sent to no address"
        )
        self._fault("not-supported", "channel.payload.extension", text)
        return EMPTY

    def _endpoint(self) -> str:
        url = str(self.channel.get("endpoint", ""))
        fault = fault_of(url, self.reach) if url else ""
        if fault:
            self._fault("value", "channel.endpoint", fault)
        return url

    def _headers(self) -> dict[str, str]:
        lines = self.channel.get("header", [])
        found = [_HEADER.fullmatch(line) for line in lines]
        if len(lines) > _MOST_HEADERS or not all(
            one and not _NOT_THEIRS.fullmatch(one[1]) for one in found
        ):
            text = f"at most {_MOST_HEADERS} lines `Name: value`, of names that are not ours to set"
            self._fault("value", "channel.header", text)
        return {one[1]: one[2].strip() for one in found if one}

    def _number(self, url: str, value: str, within: tuple[int, int], usual: int) -> int:
        said = [one.get(value) for one in _extensions(self.channel, url)]
        if not said:
            return usual
        number, (least, most) = said[0], within
        if len(said) > 1 or not isinstance(number, int) or not least <= number <= most:
            text = f"{url.rpartition('/')[2]}: from {least} to {most}"
            self._fault("value", "channel.extension", text)
            return usual
        return number

    def _ends_at(self) -> int:
        said = self.resource.get("end")
        try:
            ends = first_moment(said) if said else self.latest
        except (ValueError, OverflowError):
            ends = self.at
        if ends <= self.at and said:
            self._fault("value", "end", "a moment to come")
        return to_micros(min(ends, self.latest))


def _extensions(element: Any, url: str) -> Iterator[Mapping[str, Any]]:
    for one in (element or {}).get("extension", ()):
        if one.get("url") == url:
            yield one


def shown(row: Standing, resource: Mapping[str, Any], key: bytes = b"") -> dict[str, Any]:
    """The resource as its owner is shown it, with the key of its notices where one is given."""
    given = {name: one for name, one in resource.items() if name not in _OURS}
    channel = dict(resource["channel"])
    others = [one for one in channel.get("extension", ()) if one.get("url") != SIGNING_KEY]
    if key:
        text = f"whsec_{base64.b64encode(key).decode()}"
        others.append({"url": SIGNING_KEY, "valueString": text})
    channel.pop("extension", None)
    channel |= {"extension": others} if others else {}
    meta = {
        "versionId": str(row.version),
        "lastUpdated": instant(row.updated_at),
        "profile": [PROFILE],
    }
    made: dict[str, Any] = {"resourceType": "Subscription", "id": row.subscription_id, "meta": meta}
    made |= given | {"status": row.status, "end": instant(row.ends_at), "channel": channel}
    return made | ({"error": text_of(row.fault)} if row.fault else {})


_OURS: Final = ("resourceType", "id", "meta", "status", "end", "error", "text")


def text_of(fault: str) -> str:
    """What is wrong with a subscription, in words."""
    return _TEXTS[fault]
