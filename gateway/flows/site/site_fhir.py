"""A site's entries as FHIR: its organisations, places, services, and who works there.

In      Entries, as they are stored; the day.
Out     Resources with ids: an ODS code, or the id of the files.
Rule    A practice is an Organization and the Location it works in; borough and localities are
        Locations; a team is an Organization of its practice. A post is a PractitionerRole: once
        it is over, or before it begins, it is not active and says no way to reach anybody. Who has
        no post on that day is not active. Nothing is of a person's record.
Source  http://hl7.org/fhir/R4/healthcareservice.html
Pure    The same entries always give the same resources.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from gateway.flows.site import site_hours
from gateway.flows.site.site_entries import METHODS
from mappings.core.model import systems
from mappings.terms.support import (
    ORGANISATION_KIND,
    ORGANISATION_KINDS,
    SERVICE_KIND,
    SITE_SERVICE_KINDS,
)

Body = Mapping[str, Any]
Resource = dict[str, Any]
TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "Organization": ("practice", "organisation", "mdt"),
    "Location": ("borough", "locality", "practice"),
    "HealthcareService": ("borough", "service"),
    "Practitioner": ("post", "practitioner"),
    "PractitionerRole": ("post",),
}
"""Type -> the kinds of entry it is made from; a service without localities is the borough's."""
_HL7: Final = "http://terminology.hl7.org/CodeSystem/"
_CODES: Final = {"council": "govt", "voluntary": "cg", "team": "team", "other": "other"}
"""HL7's code for a kind of organisation; the rest provide care."""
_PHYSICAL: Final = {"jdn": "Jurisdiction", "area": "Area", "bu": "Building"}


@dataclass(frozen=True, slots=True)
class _Around:
    """What an entry is made in the light of."""

    borough: Body
    day: str
    working: frozenset[str]
    """Who has a post on that day."""


def kinds_of(resource_type: str) -> tuple[str, ...]:
    """The kinds of entry of which each becomes one resource of that type."""
    return tuple(kind for made, kind in _MADE if made == resource_type)


def resources(
    resource_type: str, entries: Iterable[tuple[str, Body]], day: date
) -> Iterator[Resource]:
    """Those of a type, from entries of its kinds, as they are on a day."""
    held, today = list(entries), day.isoformat()
    posts = (body for kind, body in held if kind == "post")
    around = _Around(
        next((body for kind, body in held if kind == "borough"), {}),
        today,
        frozenset(one["practitioner"] for one in posts if _is_held(one, today)),
    )
    for kind, body in held:
        made = _MADE.get((resource_type, kind))
        if made is not None:
            yield made(body, around)


def works_for(entries: Iterable[tuple[str, Body]], user_id: str, org: str, day: date) -> bool:
    """Whether a user is known as a member of staff who has a post in the organisation that day."""
    held, today = list(entries), day.isoformat()
    known = {body["id"] for kind, body in held if kind == "practitioner" and user_id == _user(body)}
    return any(
        body["practitioner"] in known and body["organisation"] == org and _is_held(body, today)
        for kind, body in held
        if kind == "post"
    )


def _user(practitioner: Body) -> str:
    return str(practitioner.get("user_id", ""))


def _is_held(post: Body, day: str) -> bool:
    return bool(post.get("starts", day) <= day <= post.get("ends", day))


def _practice(body: Body, _around: _Around) -> Resource:
    return _organization(body, body["ods"], "general-practice")


def _organisation(body: Body, _around: _Around) -> Resource:
    made = _organization(body, body["ods"], body["kind"])
    return made | _reference("partOf", "Organization", body.get("part_of", ""))


def _mdt(body: Body, _around: _Around) -> Resource:
    made = _organization(body, body["id"], "team")
    return made | _reference("partOf", "Organization", body["practice"])


def _organization(body: Body, name: str, kind: str) -> Resource:
    code = _CODES.get(kind, "prov")
    codings = [
        {"system": ORGANISATION_KIND, "code": kind, "display": ORGANISATION_KINDS[kind]},
        {"system": f"{_HL7}organization-type", "code": code},
    ]
    made = {
        **_head("Organization", name, body),
        "active": True,
        "type": [{"coding": codings, "text": ORGANISATION_KINDS[kind]}],
        **_telecom(body),
    }
    return made | ({"address": [{"text": body["address"]}]} if body.get("address") else {})


def _borough(body: Body, _around: _Around) -> Resource:
    return _location(body, body["id"], "jdn")


def _locality(body: Body, around: _Around) -> Resource:
    made = _location(body, body["id"], "area")
    off = [*body.get("feeds_off", ()), *body.get("features_off", ())]
    if off:
        made["description"] = f"Not joined here: {', '.join(off)}"
    return made | _reference("partOf", "Location", around.borough.get("id", ""))


def _surgery(body: Body, _around: _Around) -> Resource:
    made = _location(body, body["ods"], "bu") | _telecom(body)
    made |= {"address": {"text": body["address"]}} if body.get("address") else {}
    made |= _reference("managingOrganization", "Organization", body["ods"])
    return made | _reference("partOf", "Location", body["locality"])


def _location(body: Body, name: str, physical: str) -> Resource:
    shown = {
        "system": f"{_HL7}location-physical-type",
        "code": physical,
        "display": _PHYSICAL[physical],
    }
    made = {"status": "active", "mode": "instance", "physicalType": {"coding": [shown]}}
    return _head("Location", name, body) | made


def _service(body: Body, around: _Around) -> Resource:
    kind = body["kind"]
    areas = body.get("localities") or [around.borough["id"]]
    coding = {"system": SERVICE_KIND, "code": kind, "display": SITE_SERVICE_KINDS[kind]}
    ways = [
        {
            "coding": [{"system": f"{_HL7}service-referral-method", "code": method}],
            "text": METHODS[method],
        }
        for method in body.get("methods", ())
    ]
    texts = {"extraDetails": body.get("way_in", ""), "comment": body.get("for_whom", "")}
    return {
        **_head("HealthcareService", body["id"], body),
        "active": True,
        **_reference("providedBy", "Organization", body["organisation"]),
        "type": [{"coding": [coding], "text": SITE_SERVICE_KINDS[kind]}],
        "coverageArea": [{"reference": f"Location/{area}"} for area in areas],
        **_telecom(body),
        **{name: text for name, text in texts.items() if text},
        **({"referralMethod": ways} if ways else {}),
        **site_hours.to_fhir(body.get("hours", ()), body.get("closed", ())),
    }


def _practitioner(body: Body, around: _Around) -> Resource:
    name = {"use": "official", "text": body["name"], "family": body["family"]}
    name |= {"given": [body["given"]]} if body.get("given") else {}
    name |= {"prefix": [body["title"]]} if body.get("title") else {}
    numbers = ((systems.SDS_USER, "user_id"), (systems.GMC_NUMBER, "gmc_number"))
    held = [{"system": of, "value": body[key]} for of, key in numbers if body.get(key)]
    return {
        "resourceType": "Practitioner",
        "id": body["id"],
        **({"identifier": held} if held else {}),
        "active": body["id"] in around.working,
        "name": [name],
    }


def _post(body: Body, around: _Around) -> Resource:
    held = _is_held(body, around.day)
    days = (("start", "starts"), ("end", "ends"))
    period = {name: body[key] for name, key in days if key in body}
    services = [{"reference": f"HealthcareService/{one}"} for one in body.get("services", ())]
    return {
        "resourceType": "PractitionerRole",
        "id": body["id"],
        "active": held,
        **({"period": period} if period else {}),
        **_reference("practitioner", "Practitioner", body["practitioner"]),
        **_reference("organization", "Organization", body["organisation"]),
        "code": [{"text": body["name"]}],
        **({"healthcareService": services} if services else {}),
        **(_telecom(body) if held else {}),
    }


def _head(resource_type: str, name: str, body: Body) -> Resource:
    made: Resource = {"resourceType": resource_type, "id": name}
    if "ods" in body:
        made["identifier"] = [{"system": systems.ODS, "value": body["ods"]}]
    return made | {"name": body["name"]}


def _telecom(body: Body) -> Resource:
    ways = [{"system": name, "value": body[name]} for name in ("phone", "email") if body.get(name)]
    return {"telecom": ways} if ways else {}


def _reference(element: str, resource_type: str, name: str) -> Resource:
    return {element: {"reference": f"{resource_type}/{name}"}} if name else {}


_MADE: Final[Mapping[tuple[str, str], Callable[[Body, _Around], Resource]]] = {
    ("Organization", "practice"): _practice,
    ("Organization", "organisation"): _organisation,
    ("Organization", "mdt"): _mdt,
    ("Location", "borough"): _borough,
    ("Location", "locality"): _locality,
    ("Location", "practice"): _surgery,
    ("HealthcareService", "service"): _service,
    ("Practitioner", "practitioner"): _practitioner,
    ("PractitionerRole", "post"): _post,
}
