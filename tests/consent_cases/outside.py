"""The outside cases, seen through this gateway's words: who asks, which row, which policy.

Where they stand: the folder `shared/consent-cases` beside the repository; absent, tests skip.
Their setting is explicit consent and no national rules, so the policy here opens everything to
one role and leaves the whole decision to the Consent.
"""

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta

from consent.from_fhir import labels_of
from consent.labels import CATEGORY_SYSTEM, SENSITIVITIES
from consent.periods import (
    FOREVER,
    MAX_MICROS,
    MIN_MICROS,
    first_moment,
    next_moment,
    to_micros,
)
from consent.policy import AccessSettings, ConsentDefault, Policy
from consent.provisions import PURPOSE_SYSTEM
from consent.rule import Actor, ActorKind
from consent.terms import (
    CATEGORIES,
    Action,
    BreakGlass,
    Caller,
    CallerKind,
    Labels,
    PersonFacts,
    Purpose,
    Relationship,
    RelationshipKind,
    Request,
)
from tests.unit.consent.world import LONG_AGO, document

SETTINGS = AccessSettings(default=ConsentDefault.EXPLICIT, break_glass_overrides_dissent=False)
FOREIGN_PURPOSE = {"FooBar": Purpose.FAMILY_REQUEST}
"""A purpose of the cases' own making stands as one this gateway knows and they do not use."""


def cases(shared_folder, name):
    path = shared_folder / "consent-cases" / name
    return json.loads(path.read_text(encoding="utf-8"))


def open_policy() -> Policy:
    """The role `gp` opened as far as a role can be; no safety set, no secondary purposes."""
    whole = document()
    whole["purposes"]["secondary"] = []
    whole["stops"]["safety"] = []
    whole["break_glass"]["categories"] = []
    role = whole["roles"]["gp"]
    role["purposes"] = [purpose.value for purpose in Purpose]
    role["clearance"], role["own_clearance"] = "V", "V"
    role["sensitivities"] = role["own_sensitivities"] = list(SENSITIVITIES)
    role["view"] = {"all": list(CATEGORIES), "own": [], "none": []}
    return Policy.parse(whole, SETTINGS)


def asker(reference: str, purpose: str) -> Caller:
    """The caller that an actor reference names: an organisation, or somebody of another."""
    kind, _, name = reference.partition("/")
    is_org = kind == "Organization"
    return Caller(
        user_id=f"of-{name}" if is_org else name,
        kind=CallerKind.STAFF,
        role="gp",
        org=name if is_org else "elsewhere",
        purpose=Purpose(FOREIGN_PURPOSE.get(purpose, purpose)),
        client_id="case",
        scopes=frozenset(),
        feeds=frozenset(),
        patient=None,
        assurance="AAL3",
        token_hash="",
    )


def actors_of(consent: dict, members: dict) -> dict:
    """Everybody whom a literal reference of the Consent names."""
    known = {}
    for part in _provisions(consent["provision"]):
        for named in (*part.get("actor", []), *part.get("data", [])):
            reference = named["reference"]["reference"]
            people = members.get(reference, [reference])
            known[reference] = frozenset(_actor(one) for one in people)
    return known


def _actor(reference: str) -> Actor:
    kind, _, name = reference.partition("/")
    organisation = kind == "Organization"
    return Actor(ActorKind.ORGANISATION if organisation else ActorKind.PERSON, name)


def _provisions(part):
    yield part
    for nested in part.get("provision", []):
        yield from _provisions(nested)


def with_known_purposes(consent: dict) -> dict:
    """The Consent with the foreign purpose written as the one that stands for it."""
    ours = deepcopy(consent)
    for part in _provisions(ours["provision"]):
        for purpose in part.get("purpose", []):
            if purpose["code"] in FOREIGN_PURPOSE:
                purpose["system"] = PURPOSE_SYSTEM
                purpose["code"] = FOREIGN_PURPOSE[purpose["code"]].value
    return ours


def row_of(resource: dict) -> Labels:
    """The label columns of a resource as the store would fill them."""
    security = [*resource["meta"]["security"], _category()]
    parts = labels_of(security)
    performer = resource.get("performer", [{"reference": "/"}])[0]["reference"]
    start, end = MIN_MICROS, MAX_MICROS
    if "effectiveDateTime" in resource:
        stated = resource["effectiveDateTime"]
        start, end = to_micros(first_moment(stated)), to_micros(next_moment(stated))
    return Labels(
        category=parts.category,
        confidentiality=parts.confidentiality,
        sensitivities=parts.sensitivities,
        holds=parts.holds,
        legal=parts.legal,
        source_org="",
        author=performer.partition("/")[2],
        start=start,
        end=end,
        resource_type=resource["resourceType"],
        resource_id=resource["id"],
    )


def plain_row(author: str = "") -> Labels:
    normal = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "N"}
    meta = {"security": [normal]}
    resource = {"resourceType": "Observation", "id": "plain", "meta": meta}
    return row_of({**resource, "performer": [{"reference": author or "/"}]})


def _category() -> dict:
    return {"system": CATEGORY_SYSTEM, "code": "observations"}


def links_of(resources: list) -> dict:
    """For each resource, what it refers to and what refers to it."""
    links: dict = {resource["id"]: (set(), set()) for resource in resources}
    for resource in resources:
        target = resource.get("encounter", {}).get("reference", "/").partition("/")[2]
        if target in links:
            links[resource["id"]][0].add(target)
            links[target][1].add(resource["id"])
    return {name: (frozenset(to), frozenset(by)) for name, (to, by) in links.items()}


def known_to(who: Caller, *consents, links=None) -> PersonFacts:
    team = Relationship(RelationshipKind.CASELOAD, who.org, None, LONG_AGO, FOREVER, "case")
    return PersonFacts("case", (team,), consents=consents, links=links or {})


def asked(at: str, who: Caller, purposes: list) -> Request:
    """The request; a second purpose BTG is an emergency access that somebody opened."""
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    opened = BreakGlass(
        user_id=who.user_id,
        person_id="case",
        reason_code="emergency",
        org=who.org,
        role=who.role,
        purpose=who.purpose,
        text_length=24,
        evidence="access-grant/case",
        opened=moment,
        expires=moment + timedelta(hours=1),
    )
    return Request(Action.READ, who.purpose, moment, opened if "BTG" in purposes else None)
