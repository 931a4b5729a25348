"""Consents as other countries, releases and engines write them, on invented people.

The shapes are theirs, the words are ours. Each says what its author would expect, which was written
down before it was run: what it hides from whom, of the rows of this module. Those that are refused
stand in `strangers_refused`.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from consent.labels import CATEGORY_SYSTEM, CONFIDENTIALITY_SYSTEM, SENSITIVITY_SYSTEM
from consent.provisions import (
    ACTION_SYSTEM,
    PURPOSE_SYSTEM,
    ROLE_CLASS_SYSTEM,
    ROLE_SYSTEM,
    TYPE_SYSTEM,
)
from tests.unit.consent.fhir_consents import USER, actor, coded, consent_resource
from tests.unit.consent.world import COUNCIL, HOSPITAL, PRACTICE, TRUST, dated, item


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


ROWS = {
    "plan": item(source_org=TRUST, author="u-x", resource_id="c"),
    "goal": item(
        "support-plan",
        source_org=COUNCIL,
        resource_type="Goal",
        resource_id="g",
        **dated(_day(2025, 1, 1), _day(2025, 7, 1)),
    ),
    "medicine": item(
        "medicines",
        source_org=PRACTICE,
        resource_type="MedicationRequest",
        resource_id="m",
        **dated(_day(2022, 6, 1), _day(2022, 6, 2)),
    ),
    "letter": item(
        "documents",
        2,
        source_org=HOSPITAL,
        resource_type="DocumentReference",
        resource_id="b",
        **dated(_day(2021, 12, 1), _day(2022, 2, 1)),
    ),
    "mind": item(
        "mental-health", 2, ["PSY"], source_org=TRUST, resource_type="Condition", resource_id="a"
    ),
    "allergy": item(
        "safety", source_org=PRACTICE, resource_type="AllergyIntolerance", resource_id="s"
    ),
}
OPEN = {
    "gp": frozenset(ROWS),
    "hospital-doctor": frozenset(ROWS) - {"mind"},
    "social-worker": frozenset({"plan", "goal", "allergy"}),
    "mental-health-nurse": frozenset(ROWS),
}
"""What each role sees of the rows while no consent speaks."""
EVERYTHING = frozenset(ROWS)
ALL_BUT_SAFETY = EVERYTHING - {"allergy"}


@dataclass(frozen=True)
class Read:
    """One that is read: the rows it hides from each role, and from nobody else."""

    name: str
    consent: dict
    hides: dict[str, frozenset[str]]
    purpose: str = "TREAT"
    only: dict[str, frozenset[str]] = field(default_factory=dict)
    """What each role sees where nothing is shown that no consent permits."""


def label(code, system=SENSITIVITY_SYSTEM):
    return {"system": system, "code": code}


def level(code):
    return label(code, CONFIDENTIALITY_SYSTEM)


def kind(code, system=TYPE_SYSTEM):
    return {"system": system, "code": code}


def why(code, system=PURPOSE_SYSTEM):
    return {"system": system, "code": code}


def data(reference, meaning="instance"):
    return {"meaning": meaning, "reference": {"reference": reference}}


def root(**provision):
    return consent_resource(provision=provision)


def under(*exceptions, **provision):
    return root(**provision, provision=list(exceptions))


ASKER = actor("IRCP", COUNCIL)

_NURSE = "mental-health-nurse"
_TO_ALL = dict.fromkeys(OPEN, ALL_BUT_SAFETY)
_MIND = {"gp": frozenset({"mind"}), _NURSE: frozenset({"mind"})}
_LETTER = frozenset({"letter"})

READ = [
    Read("a national opt-out of everything", root(type="deny"), _TO_ALL),
    Read(
        "the same after a conversation on a date",
        consent_resource(
            provision={"type": "deny"},
            verification=[{"verified": True, "verificationDate": "2026-02-01"}],
        ),
        dict.fromkeys(OPEN, EVERYTHING),
    ),
    Read(
        "an opt-out with a deny within it, of which one engine says that it permits",
        under({"type": "deny", "actor": [ASKER]}, type="deny"),
        _TO_ALL,
    ),
    Read(
        "a Canadian lockbox: one member of staff",
        root(type="deny", actor=[actor("IRCP", "u-gp", USER)]),
        {"gp": ALL_BUT_SAFETY},
    ),
    Read(
        "a Canadian lockbox: one organisation, and the member of it who is trusted",
        under(
            {"type": "permit", "actor": [actor("PRCP", "u-social-worker", USER)]},
            type="deny",
            actor=[actor("IRCP", COUNCIL), actor("IRCP", HOSPITAL)],
        ),
        {"hospital-doctor": ALL_BUT_SAFETY},
    ),
    Read(
        "one of a council's teams, whose code has a hyphen",
        root(type="deny", actor=[actor("IRCP", "LA-123")]),
        {},
    ),
    Read(
        "one member of staff, known by a name",
        root(type="deny", actor=[actor("IRCP", "Åsa Öberg", USER)]),
        {},
    ),
    Read(
        "everything that one provider holds",
        root(type="deny", actor=[actor("PROV", TRUST, role_system=ROLE_CLASS_SYSTEM)]),
        dict.fromkeys(OPEN, frozenset({"plan", "mind"})),
    ),
    Read(
        "everything that one person wrote, as an actor",
        root(type="deny", actor=[actor("AUT", "u-x", USER)]),
        dict.fromkeys(OPEN, frozenset({"plan"})),
    ),
    Read(
        "everything that one person wrote, as data",
        root(
            type="deny",
            data=[{"meaning": "authoredby", "reference": actor("AUT", "u-x", USER)["reference"]}],
        ),
        dict.fromkeys(OPEN, frozenset({"plan"})),
    ),
    Read(
        "segmented data: a sensitivity, to everybody",
        under({"type": "deny", "securityLabel": [label("PSY")]}),
        _MIND,
    ),
    Read(
        "segmented data: a sensitivity, but for those who treat it",
        under(
            {"type": "permit", "actor": [actor("IRCP", TRUST)]},
            type="deny",
            securityLabel=[label("PSY")],
        ),
        {"gp": frozenset({"mind"})},
    ),
    Read(
        "an exchange: what is normal, and no more",
        root(securityLabel=[level("N")]),
        {**_MIND, "hospital-doctor": _LETTER}
        | {role: frozenset({"mind", "letter"}) for role in ("gp", _NURSE)},
    ),
    Read(
        "an exchange: what is normal, and what is restricted to one organisation",
        under(
            {
                "type": "permit",
                "securityLabel": [level("R")],
                "actor": [actor("IRCP", HOSPITAL)],
            },
            securityLabel=[level("N")],
        ),
        {role: frozenset({"mind", "letter"}) for role in ("gp", _NURSE)},
    ),
    Read(
        "a span of time, to everybody: what has no date may lie in it",
        root(type="deny", dataPeriod={"start": "2022", "end": "2022"}),
        dict.fromkeys(OPEN, frozenset({"plan", "medicine", "letter", "mind"})),
    ),
    Read(
        "nothing but a span of time: what has no date may lie beyond it",
        root(dataPeriod={"end": "2024-12-31"}),
        dict.fromkeys(OPEN, frozenset({"plan", "goal", "mind"})),
    ),
    Read("no marketing", root(type="deny", purpose=[why("HMARKT")]), {}),
    Read("no treatment", root(type="deny", purpose=[why("TREAT")]), _TO_ALL),
    Read(
        "no treatment, asked as its co-ordination",
        root(type="deny", purpose=[why("TREAT")]),
        _TO_ALL,
        purpose="COC",
    ),
    Read(
        "no treatment, asked as management of care",
        root(type="deny", purpose=[why("TREAT")]),
        _TO_ALL,
        purpose="CAREMGT",
    ),
    Read(
        "no treatment, asked as treatment in an emergency",
        root(type="deny", purpose=[why("TREAT")]),
        {role: rows for role, rows in _TO_ALL.items() if role != "social-worker"},
        purpose="ETREAT",
    ),
    Read(
        "treatment with medicines alone, asked as its co-ordination",
        root(purpose=[why("TREAT")], code=[coded(CATEGORY_SYSTEM, "medicines")]),
        dict.fromkeys(OPEN, ALL_BUT_SAFETY - {"medicine"}),
        purpose="COC",
    ),
    Read(
        "an emergency alone, asked as treatment",
        under({"type": "permit", "purpose": [why("ETREAT")]}, type="deny"),
        _TO_ALL,
    ),
    Read(
        "an emergency alone, asked in one",
        under({"type": "permit", "purpose": [why("ETREAT")]}, type="deny"),
        {},
        purpose="ETREAT",
    ),
    Read(
        "a profession",
        root(type="deny", actor=[actor("IRCP", "social-worker", ROLE_SYSTEM)]),
        {"social-worker": ALL_BUT_SAFETY},
    ),
    Read(
        "a Swiss list of those who are let in: nobody is shut out where care implies consent",
        root(actor=[actor("IRCP", HOSPITAL)]),
        {},
        only={"hospital-doctor": OPEN["hospital-doctor"]},
    ),
    Read(
        "let in to normal data, with one sensitivity for those who treat it",
        under(
            {
                "type": "permit",
                "securityLabel": [level("R"), label("PSY")],
                "actor": [actor("IRCP", TRUST)],
            },
            securityLabel=[level("N")],
        ),
        {"gp": frozenset({"mind", "letter"}), "hospital-doctor": _LETTER},
        only={
            "gp": ALL_BUT_SAFETY - {"mind", "letter"} | {"allergy"},
            "hospital-doctor": EVERYTHING - {"mind", "letter"},
            "social-worker": OPEN["social-worker"],
            _NURSE: EVERYTHING,
        },
    ),
    Read(
        "documents, to everybody but where they were written",
        under(
            {"type": "permit", "actor": [actor("IRCP", HOSPITAL)]},
            type="deny",
            **{"class": [kind("DocumentReference")]},
        ),
        {"gp": _LETTER, _NURSE: _LETTER},
    ),
    Read(
        "a shelf of the record",
        root(type="deny", code=[coded(CATEGORY_SYSTEM, "mental-health")]),
        _MIND,
    ),
    Read("one item", root(type="deny", data=[data("Condition/a")]), _MIND),
    Read(
        "nothing is collected: what is there is still read",
        root(type="deny", action=[coded(ACTION_SYSTEM, "collect")]),
        {},
    ),
    Read(
        "an opt-out that is over",
        root(type="deny", period={"end": "2026-03-09"}),
        {},
    ),
    Read(
        "an opt-out on its last day",
        root(type="deny", period={"end": "2026-03-10"}),
        _TO_ALL,
    ),
    Read(
        "an exception that is over, of an opt-out that is not",
        under({"type": "permit", "period": {"end": "2026-03-09"}}, type="deny"),
        _TO_ALL,
    ),
    Read(
        "an opt-out that was withdrawn",
        consent_resource(status="inactive", provision={"type": "deny"}),
        {},
    ),
    Read(
        "an opt-out that nobody has signed yet",
        consent_resource(status="proposed", provision={"type": "deny"}),
        {},
    ),
]
