"""What a writer says of where a version comes from (`X-Provenance`), kept beside the version.

In      The header's text; the resource that was written, in the transaction that writes it.
Out     A Provenance of its own, whose target is the new version.
Rule    Target, time and labels are the server's: it is labelled as what it tells of, and shown
        where that is. What it names stands in this person's record, and its writer sees it. It
        is told beside the Provenance that the gateway makes, and never in its place. A version is
        named as what it is of; of a person there is none to name.
Errors  FaultyRequestError for a header that cannot be taken; RefusedError.
Source  http://hl7.org/fhir/R4/provenance.html#header
"""

from collections.abc import Mapping
from typing import Any, Final

from uuid_utils import uuid7

from consent.labels import CATEGORY_SYSTEM
from gateway.clock import instant
from gateway.errors import Fault, FaultyRequestError, ForbiddenError, UnprocessableError
from gateway.flows.asking.sent_object import sent_fhir
from gateway.flows.asking.sight import Sight
from gateway.flows.reading.provenance import CATEGORY
from gateway.flows.writing import write_references
from gateway.flows.writing.write_edits import Edit
from gateway.flows.writing.write_unit import RefusedError, Unit
from gateway.store.clear import precise
from gateway.store.clear.columns import current
from gateway.store.record import reads
from gateway.store.record.provenance_sql import TYPE
from gateway.store.writing import team_versions
from mappings.core.checking.validate import validate

HEADER: Final = "X-Provenance"
MOST_BYTES: Final = 8 * 1024
_SERVERS: Final = ("id", "meta", "text", "contained", "target")
_PROVISIONAL: Final = {"target": [{"reference": "CarePlan/x"}], "recorded": "2026-01-01T00:00:00Z"}


def read_told(given: list[str]) -> dict[str, Any] | None:
    """The Provenance of a request's headers, without its target; None without a header."""
    if not given:
        return None
    if len(given) > 1 or len(given[0]) > MOST_BYTES:
        raise _fault("too-long", "", f"one, of at most {MOST_BYTES} bytes")
    try:
        sent = sent_fhir(given[0].encode("latin-1"))
    except FaultyRequestError as found:
        raise FaultyRequestError(
            [Fault(f.code, f"{HEADER}.{f.path}".rstrip("."), f.text) for f in found.faults]
        ) from None
    if not isinstance(sent, dict) or sent.get("resourceType") != TYPE:
        raise _fault("invalid", "resourceType", f"a {TYPE} is expected here")
    for name in _SERVERS:
        if name in sent:
            raise _fault("invalid", name, "is the server's to say: send none")
    problems = validate(sent | _PROVISIONAL, local_references=False)
    if problems:
        raise FaultyRequestError(
            [Fault(p.code, HEADER + p.path.removeprefix(TYPE), p.text) for p in problems]
        )
    return sent


def check_untold(given: list[str]) -> None:
    """Refuse the header where nothing could be kept of it. Errors: FaultyRequestError."""
    if given:
        raise _fault(
            "not-supported", "", "goes with a create, an update or a patch of one resource"
        )


def _fault(code: str, path: str, text: str) -> FaultyRequestError:
    return FaultyRequestError([Fault(code, f"{HEADER}.{path}" if path else HEADER, text)])


async def tell(unit: Unit, told: Mapping[str, Any], edit: Edit, resource_id: str) -> str:
    """Keep what was told of the version that was just written; the id of its Provenance."""
    subject, base_url = edit.looking.subject, unit.site.base_url
    vault = unit.site.store.vault
    row = await reads.find(unit.conn, vault, edit.looking.group, resource_id)
    if row is None:
        raise RefusedError(ForbiddenError(), edit.sight)
    names = {*subject.patient_ids, subject.person_id}
    body = write_references.with_person(told, names, subject.person_id, base_url)
    await _check_named(unit, body, edit.looking, edit.sight)
    body = write_references.with_person(body, names, row.patient_id)
    labels = [
        one
        for one in precise.loads(row.body)["meta"].get("security", [])
        if one.get("system") != CATEGORY_SYSTEM
    ]
    shelf = {"system": CATEGORY_SYSTEM, "code": CATEGORY}
    name = str(uuid7())
    version = f"{row.resource_type}/{resource_id}/_history/{edit.version}"
    made = {
        "resourceType": TYPE,
        "id": name,
        "meta": {"security": [*labels, shelf]},
        "target": [{"reference": version}],
        **{one: value for one, value in body.items() if one not in ("resourceType", "recorded")},
        "recorded": instant(unit.at),
    }
    await team_versions.write_first(unit.conn, vault, row.patient_id, made, unit.hand)
    return name


async def _check_named(unit: Unit, body: Mapping[str, Any], looking: Sight, sight: Sight) -> None:
    named = {
        path: literal if literal.startswith("Patient/") else current(literal)
        for path, literal in write_references.named_in(body, HEADER)
    }
    unseen = await write_references.unseen(unit.conn, looking, named)
    if unseen:
        faults = [Fault("not-found", path, write_references.NO_DATA) for path in unseen]
        raise RefusedError(UnprocessableError(faults), sight)
