"""A child, and who acts for people, as these tests record it."""

from typing import Any, Final

from consent.terms import Purpose
from tests.api.messages import HYPERTENSION, gp_record
from tests.api.service import Headers, Service
from tests.api.world import PRACTICE, World
from tests.unit.consent.proxy_consents import authority

SAM: Final = {
    "id": "6f1c7a10-0000-4000-8000-000000000301",
    "nhs_number": "9990000301",
    "family": "LINDEN",
    "given": "Sam",
    "born": "2016-01-02",
}
MUM: Final = "sams-mother"


def a_child(service: Service, born: str = SAM["born"]) -> str:
    """Sam, ten years old where nothing else is said; the id."""
    record = gp_record(PRACTICE, {**SAM, "born": born}, [HYPERTENSION])
    service.push("gp", PRACTICE, record, "application/fhir+json")
    world = World(service)
    return world.person(SAM, world.gp)


def acting(
    person_id: str, user: str = MUM, basis: str = "parental-responsibility", **changes: Any
) -> dict[str, Any]:
    """The Consent on which that user acts for the person."""
    return authority(user, basis, patient={"reference": f"Patient/{person_id}"}, **changes)


def recorded(service: Service, *args: Any, who: Headers | None = None, **changes: Any) -> dict:
    """The same, recorded; by the practice, where nobody else is named."""
    answer = service.create(acting(*args, **changes), who or World(service).gp)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def proxy(service: Service, person_id: str, user: str = MUM) -> Headers:
    """Somebody who signed in to act for that person."""
    return service.token("proxy", user, patient=person_id, purpose=Purpose.FAMILY_REQUEST)


def again(service: Service, consent: dict[str, Any], who: Headers, **changes: Any) -> Any:
    """The Consent as it stands, sent again with these changes."""
    path, tag = f"Consent/{consent['id']}", f'W/"{consent["meta"]["versionId"]}"'
    return service.ask("PUT", path, who, json=consent | changes, headers={"If-Match": tag})
