"""GP Connect Access Record: Structured, as its consumer: what is asked, and what was answered.

In      A source of the sources file; the NHS number of somebody registered with that practice.
Out     Answer: the bundle as sent, or a word of ours for why there is none.
Rule    The number stands in the body alone, which is sent to the configured address and to no
        other: redirections are not followed, proxies of the environment not used. An answer about
        anybody else than who was asked for is none.
Errors  ConfigurationError for certificates that cannot be used.
Source  GP Connect 1.6 (`$gpc.getstructuredrecord`), Spine Secure Proxy headers, and its unsecured
        JSON Web Token of who asks and why (RFC 7519 section 6).
"""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import orjson

from gateway.errors import ConfigurationError
from gateway.sources import GpConnectSource
from mappings.core.model import systems
from mappings.core.shaping.identifiers import normalised

MEDIA_TYPE: Final = "application/fhir+json"
OPERATION: Final = "Patient/$gpc.getstructuredrecord"
INTERACTION: Final = "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1"
_SDS_ROLE: Final = "https://fhir.nhs.uk/Id/sds-role-profile-id"
_LIFE: Final = timedelta(minutes=5)
_LATER: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_SAID: Final = frozenset(
    {
        *("PATIENT_NOT_FOUND", "NO_PATIENT_CONSENT", "NO_RELATIONSHIP", "INVALID_NHS_NUMBER"),
        *(
            "INVALID_PATIENT_DEMOGRAPHICS",
            "ACCESS_DENIED",
            "ACCESS_DENIED_SSL",
            "ASID_CHECK_FAILED",
        ),
        *("ORGANISATION_NOT_FOUND", "PRACTITIONER_NOT_FOUND", "NOT_IMPLEMENTED", "BAD_REQUEST"),
        *("INVALID_PARAMETER", "INVALID_RESOURCE", "INTERNAL_SERVER_ERROR", "NO_RECORD_FOUND"),
    }
)
_INCLUDED: Final = (
    ("includeAllergies", {"name": "includeResolvedAllergies", "valueBoolean": True}),
    ("includeMedication", {"name": "includePrescriptionIssues", "valueBoolean": True}),
    ("includeConsultations", None),
    ("includeProblems", None),
    ("includeImmunisations", None),
    ("includeUncategorisedData", None),
    ("includeInvestigations", None),
    ("includeReferrals", None),
    ("includeDiaryEntries", None),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a practice answered."""

    body: bytes = field(default=b"", repr=False)
    """Empty where there is no record to take."""
    reason: str = ""
    later: bool = False
    """Whether asking again soon may help."""


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice that can be asked, while its connection is open."""

    source: GpConnectSource
    client: httpx.AsyncClient
    largest_bytes: int

    async def structured_record(self, nhs_number: str, trace_id: str, at: datetime) -> Answer:
        """The whole record of one person."""
        address = f"{self.source.base_url.rstrip('/')}/{OPERATION}"
        body = orjson.dumps(parameters(nhs_number))
        asked = self.client.stream(
            "POST", address, content=body, headers=headers(self.source, trace_id, at)
        )
        try:
            async with asyncio.timeout(self.source.timeout_seconds), asked as answer:
                content = await self._content(answer)
                return _answer(answer.status_code, content, nhs_number)
        except (TimeoutError, httpx.TransportError):
            return Answer(reason="not-reached", later=True)
        except httpx.HTTPError:
            return Answer(reason="unfit-answer")

    async def _content(self, answer: httpx.Response) -> bytes | None:
        """The bytes; None where there are too many of them, or they are packed."""
        if answer.headers.get("content-encoding", "identity") != "identity":
            return None
        found = bytearray()
        async for part in answer.aiter_raw():
            found += part
            if len(found) > self.largest_bytes:
                return None
        return bytes(found)


@asynccontextmanager
async def opened(source: GpConnectSource, largest_bytes: int) -> AsyncIterator[Practice]:
    """The practice, to be asked for one person after the other."""
    async with httpx.AsyncClient(
        verify=_tls(source),
        timeout=source.timeout_seconds,
        follow_redirects=False,
        trust_env=False,
    ) as client:
        yield Practice(source, client, largest_bytes)


def _tls(source: GpConnectSource) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=source.authority_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if source.certificate_file is not None:
            context.load_cert_chain(source.certificate_file, source.private_key_file)
    except (OSError, ValueError):
        text = f"sources file: {source.name}: certificates that can be read and used"
        raise ConfigurationError(text) from None
    return context


def parameters(nhs_number: str) -> dict[str, Any]:
    """What is asked: everything that the record is read for."""
    named = {"system": systems.NHS_NUMBER, "value": nhs_number}
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "patientNHSNumber", "valueIdentifier": named},
            *({"name": name} | ({"part": [part]} if part else {}) for name, part in _INCLUDED),
        ],
    }


def headers(source: GpConnectSource, trace_id: str, at: datetime) -> dict[str, str]:
    """Who asks whom, for what, and why; nothing of whom it is about."""
    return {
        "Accept": MEDIA_TYPE,
        "Accept-Encoding": "identity",
        "Content-Type": MEDIA_TYPE,
        "Ssp-TraceID": trace_id,
        "Ssp-From": source.from_asid,
        "Ssp-To": source.to_asid,
        "Ssp-InteractionID": INTERACTION,
        "Authorization": f"Bearer {_token(source, at)}",
    }


def _token(source: GpConnectSource, at: datetime) -> str:
    """The statement of who asks, which by the specification nobody signs: TLS says who we are."""
    head = {"alg": "none", "typ": "JWT"}
    return f"{_part(head)}.{_part(_claims(source, at))}."


def _part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(content)).rstrip(b"=").decode()


def _claims(source: GpConnectSource, at: datetime) -> dict[str, Any]:
    by, now = source.practitioner, int(at.timestamp())
    return {
        "iss": source.consumer_url,
        "sub": by.user_id,
        "aud": source.base_url,
        "iat": now,
        "exp": now + int(_LIFE.total_seconds()),
        "reason_for_request": "directcare",
        "requested_scope": "patient/*.read",
        "requesting_device": {
            "resourceType": "Device",
            "identifier": [{"system": source.consumer_url, "value": "care-gateway"}],
            "model": "care-gateway",
        },
        "requesting_organization": {
            "resourceType": "Organization",
            "identifier": [{"system": systems.ODS, "value": source.consumer_org}],
            "name": source.consumer_name,
        },
        "requesting_practitioner": {
            "resourceType": "Practitioner",
            "id": by.user_id,
            "identifier": [
                {"system": systems.SDS_USER, "value": by.user_id},
                {"system": _SDS_ROLE, "value": by.role_profile_id},
            ],
            "name": [{"family": by.family, "given": [by.given]}],
        },
    }


def _answer(status: int, content: bytes | None, nhs_number: str) -> Answer:
    if content is None:
        return Answer(reason="too-large-or-packed")
    try:
        found = orjson.loads(content) if content else None
    except ValueError:
        found = None
    if status != httpx.codes.OK:
        return Answer(reason=_said(status, found), later=status in _LATER)
    if not isinstance(found, dict) or found.get("resourceType") != "Bundle":
        return Answer(reason="unfit-answer")
    if _people(found) != {nhs_number}:
        return Answer(reason="about-somebody-else")
    return Answer(content)


def _said(status: int, found: Any) -> str:
    """The practice's own code where it is one that we know; else the status."""
    try:
        codes = [one["code"] for one in found["issue"][0]["details"]["coding"]]
    except (LookupError, TypeError):
        codes = []
    known = next((code for code in codes if code in _SAID), "")
    return known.lower().replace("_", "-") or f"status-{status}"


def _people(bundle: dict[str, Any]) -> set[str]:
    """Every NHS number of a Patient of the bundle."""
    try:
        return {
            normalised(str(one["value"]))
            for entry in bundle.get("entry", ())
            if entry["resource"]["resourceType"] == "Patient"
            for one in entry["resource"].get("identifier", ())
            if one.get("system") == systems.NHS_NUMBER and one.get("value")
        }
    except (LookupError, TypeError, AttributeError):
        return set()
