"""Rows written through the store, for labels and flags that no feed or API makes yet."""

from typing import Any, Final

import orjson

from gateway.clock import to_micros
from gateway.identity.person_facts import Fact, Said
from gateway.store.clear.columns import columns_of
from gateway.store.identity.person_facts import Word, take
from gateway.store.record.resources import NewVersion, write_versions
from gateway.store.sealed.lineage_seal import Told, lineage_sealed
from gateway.store.sealed.row_seal import bound, row_aad
from gateway.store.team.team_lineage import NOTHING
from tests.api.service import Service

_ACCESS: Final = "https://care-gateway.example/fhir/CodeSystem"
_HL7: Final = "http://terminology.hl7.org/CodeSystem"
SYSTEMS: Final = {
    "conf": f"{_HL7}/v3-Confidentiality",
    "sens": f"{_HL7}/v3-ActCode",
    "own": f"{_ACCESS}/sensitivity",
    "hold": f"{_ACCESS}/hold",
    "legal": f"{_ACCESS}/legal",
    "category": f"{_ACCESS}/access-category",
}


def labels(**codes: str) -> list[dict[str, str]]:
    """`labels(conf="R", category="care-plan", sens="PSY HIV")`."""
    return [
        {"system": SYSTEMS[name], "code": code}
        for name, several in codes.items()
        for code in several.split()
    ]


def put(
    service: Service,
    person_id: str,
    resource: dict[str, Any],
    org: str = "RQY",
    version: int = 1,
    deleted: bool = False,
    **codes: str,
) -> str:
    """One version of a resource with these labels; its id."""
    at = service.at
    resource_id, kind = resource["id"], resource["resourceType"]
    given = {"conf": "N", "category": "care-plan"} | codes
    updated = at.isoformat().replace("+00:00", "Z")
    meta = {
        "versionId": str(version),
        "lastUpdated": updated,
        "source": f"urn:care-gateway:source:{org}:test",
        "security": labels(**{name: code for name, code in given.items() if code}),
    }
    body = {"resourceType": kind, "id": resource_id, "meta": meta} | {
        name: value for name, value in resource.items() if name not in ("resourceType", "id")
    }

    async def unit(conn: Any) -> None:
        keys = await service.site.store.vault.ensure(conn, [person_id])
        columns = columns_of(body, hasher=keys.hasher)
        labels = bound(org, org, columns, "", 0)
        aad = row_aad(kind, resource_id, version, person_id, labels)
        told = Told(person_id, kind, resource_id, version, 0, "test")
        plain = b"" if deleted else orjson.dumps(body)
        row = NewVersion(
            person_id, resource_id, kind, version, deleted, to_micros(at), org, org, columns,
            keys.seal(person_id, plain, aad), "test", lineage_sealed(keys, told, NOTHING),
            "", "feed", "", "", "",
        )  # fmt: skip
        await write_versions(conn, [row])

    service.write(unit)
    return str(resource_id)


def goal_row(name: str, person_id: str, words: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Goal",
        "id": name,
        "lifecycleStatus": "active",
        "description": {"text": words},
        "subject": {"reference": f"Patient/{person_id}"},
        **more,
    }


def plan_row(name: str, person_id: str, *goals: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "CarePlan",
        "id": name,
        "status": "active",
        "intent": "plan",
        "subject": {"reference": f"Patient/{person_id}"},
        **({"goal": [{"reference": f"Goal/{goal}", "display": "a goal"} for goal in goals]}
           if goals else {}),
        **more,
    }  # fmt: skip


def mark(service: Service, person_id: str, **flags: Any) -> None:
    """State of a person: pds, opted_out, deceased."""

    async def unit(conn: Any) -> None:
        for name, value in flags.items():
            fact = Fact(name.replace("_", "-"))
            told = Said(person_id, fact, {0: "no", 1: "yes"}.get(value, value), decided=True)
            await take(conn, [Word(told, f"{service.at.isoformat()}", "test", 1)])

    service.write(unit)
