"""The cast and the facts that tests of access decisions are built from."""

import tomllib
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from consent.decision import compile_filter
from consent.labels import HOLDS, LEGAL, SENSITIVITIES, mask_of
from consent.periods import FOREVER, MAX_MICROS, MIN_MICROS, to_micros
from consent.policy import AccessSettings, ConsentDefault, PermissionToView, Policy
from consent.rule import Actor, ActorKind, ConsentRule, Provision
from consent.terms import (
    Action,
    BreakGlass,
    Caller,
    HomeVisit,
    Labels,
    PersonFacts,
    ProxyAuthority,
    Purpose,
    Relationship,
    RelationshipKind,
    Request,
)

REPOSITORY = Path(__file__).resolve().parents[3]
POLICY_FILE = REPOSITORY / "consent" / "policy.toml"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PRACTICE, HOSPITAL, TRUST, COUNCIL = "H85001", "RAX01", "RQY01", "X26"
RECORDED = AccessSettings(permission=PermissionToView.RECORDED)
EXPLICIT = AccessSettings(default=ConsentDefault.EXPLICIT)

ORGS = {
    "gp": PRACTICE,
    "receptionist": PRACTICE,
    "hospital-doctor": HOSPITAL,
    "mental-health-nurse": TRUST,
    "social-worker": COUNCIL,
    "home-care": "HC001",
    "provider": TRUST,
}


def document() -> dict:
    return tomllib.loads(POLICY_FILE.read_text(encoding="utf-8"))


IMPLIED = AccessSettings()


@cache
def policy(settings: AccessSettings = IMPLIED) -> Policy:
    return Policy.parse(document(), settings)


def caller(role: str, **changes) -> Caller:
    kind = policy().roles[role].kind
    facts: dict = {
        "user_id": f"u-{role}",
        "kind": kind,
        "role": role,
        "org": ORGS.get(role, f"org-{role}"),
        "purpose": Purpose.TREATMENT,
        "client_id": "client",
        "scopes": frozenset(),
        "feeds": frozenset(),
        "patient": "alice" if kind in ("patient", "proxy") else None,
        "assurance": "AAL3",
        "token_hash": "0" * 64,
    }
    return Caller(**{**facts, **changes})


def relationship(org: str, kind=RelationshipKind.REFERRAL, **changes) -> Relationship:
    facts = {"user_id": None, "start": LONG_AGO, "end": FOREVER, "evidence": f"{kind}-{org}"}
    return Relationship(kind=kind, org=org, **{**facts, **changes})


EVERYBODY = tuple(
    relationship(ORGS.get(role, f"org-{role}"), RelationshipKind.CASELOAD)
    for role in policy().roles
)


def person(*consents: ConsentRule, **changes) -> PersonFacts:
    facts = {"person_id": "alice", "relationships": EVERYBODY, "consents": consents}
    return PersonFacts(**{**facts, **changes})


def request(action=Action.READ, purpose=Purpose.TREATMENT, at=NOW, **changes) -> Request:
    return Request(action, purpose, at, **changes)


def break_glass(who: Caller, **changes) -> BreakGlass:
    facts = {
        "user_id": who.user_id,
        "person_id": "alice",
        "reason_code": "emergency",
        "org": who.org,
        "role": who.role,
        "purpose": "TREAT",
        "text_length": 25,
        "evidence": "access-grant/g-1",
        "opened": NOW - timedelta(minutes=5),
        "expires": NOW + timedelta(hours=3),
    }
    return BreakGlass(**{**facts, **changes})


def item(category="care-plan", level=1, sens=(), holds=(), legal=(), **changes) -> Labels:
    facts = {
        "source_org": "OTHER",
        "author": "",
        "start": MIN_MICROS,
        "end": MAX_MICROS,
        "resource_type": "CarePlan",
        "resource_id": "plan-1",
    }
    return Labels(
        category,
        level,
        mask_of(sens, SENSITIVITIES),
        mask_of(holds, HOLDS),
        mask_of(legal, LEGAL),
        **{**facts, **changes},
    )


def dated(first: datetime, after: datetime) -> dict:
    return {"start": to_micros(first), "end": to_micros(after)}


def visit(place: str, start=NOW, end=NOW + timedelta(hours=1), evidence="visit-1") -> HomeVisit:
    return HomeVisit(place, start, end, evidence)


def proxy(user_id="u-proxy", basis="parental-responsibility", **changes) -> ProxyAuthority:
    facts = {"accepted": True, "start": LONG_AGO, "end": FOREVER, "evidence": "proxy-1"}
    return ProxyAuthority(user_id=user_id, basis=basis, **{**facts, **changes})


def org(code: str) -> frozenset[Actor]:
    return frozenset({Actor(ActorKind.ORGANISATION, code)})


def somebody(user_id: str) -> frozenset[Actor]:
    return frozenset({Actor(ActorKind.PERSON, user_id)})


def in_role(role: str) -> frozenset[Actor]:
    return frozenset({Actor(ActorKind.ROLE, role)})


def deny(*nested: Provision, active=True, binds_break_glass=False, conversation=False, **sides):
    root = Provision(permit=False, **sides)
    return ConsentRule(root, nested, active, binds_break_glass, conversation)


def permit(*nested: Provision, active=True, **sides) -> ConsentRule:
    return ConsentRule(Provision(permit=True, **sides), nested, active)


def sees(who: Caller, about: PersonFacts, row: Labels, asked=None, settings=None) -> bool:
    rules = policy(settings or IMPLIED)
    return compile_filter(who, about, asked or request(), rules).allows(row)
