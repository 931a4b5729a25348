"""Whether a Consent that is sent says only what access can be decided by.

In      The indexed R4 record; one in STU3.
Out     Issues; Limits: the Consents about privacy, and which of them close what the practice
        holds. What cannot be computed leaves the record.
Rule    A Consent about privacy is taken only in the words of the strict profile: permit or deny,
        from when until when, which organisation or person asks or holds. In any other words it
        is not half-applied: while it is in force what the practice holds is closed to others, as
        by a refusal to share, because data must not be shown against a limit that is not
        understood. So does one that is refused for another reason. What was taken of it before
        stands beside that, and the same one, sent again so that it is taken or not in force,
        opens it.
Source  FHIR R4 Consent; the strict profile is docs/policy.md's.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mappings.core.checking.validate import validate
from mappings.core.model import systems
from mappings.core.model.outcome import Issue, error
from mappings.core.model.paths import Steps, dotted, presented
from mappings.core.model.rows import local_reference
from mappings.gp.assemble.record import Record, identifier_key
from mappings.gp.assemble.sent import SentRecord

_PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_ACT_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_ROLES: Final = frozenset((_PARTICIPATION, code) for code in ("IRCP", "PRCP", "CST"))
_ACTORS: Final = {
    systems.ODS: re.compile(r"[A-Z0-9]+", re.ASCII),
    systems.SDS_USER: re.compile(r"[!-~]+"),
}
"""Who can be named, and how their codes are written."""
_CATEGORIES: Final = frozenset(
    {
        *(("http://loinc.org", code) for code in ("59284-0", "64292-6", "57016-8", "57017-6")),
        *((_ACT_CODE, code) for code in ("INFA", "INFAO", "INFASO", "IDSCL")),
    }
)
"""Kinds of consent to sharing; of another kind, such as to research, nothing is computed."""
_ROOT: Final = frozenset({"type", "period", "actor", "provision"})
_NESTED: Final = _ROOT - {"provision"}
_NOT_IN_FORCE: Final = frozenset({"draft", "proposed", "rejected", "inactive", "entered-in-error"})
_ASIDE: Final = {(systems.CONSENT_SCOPE, code) for code in ("adr", "research", "treatment")}
"""Scopes that say nothing of who may see the record."""
_STATED: Final = frozenset(
    {"identifier", "status", "scope", "category", "dateTime", "performer", "organization"}
    | {"policy", "provision"}
)
_APART: Final = frozenset(
    {"resourceType", "id", "meta", "language", "text", "patient", "fhir_comments"}
)
"""Elements that are no part of the rule."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A Consent about privacy, and whether what the practice holds is closed for it."""

    steps: Steps
    closes: bool


Limits = Mapping[str, Limit]
"""By the name of the Consent at its source: one that closes, where several have it."""


def check(record: SentRecord) -> tuple[list[Issue], Limits]:
    """Take out the Consents that cannot be computed, with the reasons for each."""
    others = {issue.path for issue in record.issues if issue.code == "other-person"}
    issues: list[Issue] = []
    limits: dict[str, Limit] = {}
    for position, consent in enumerate(record.facts.get("Consent") or ()):
        steps: Steps = ("Consent", position)
        is_sound = record.is_sound(steps)
        made = _as_carried(record, steps) if is_sound else consent
        if dotted((*steps, "patient")) in others or not _is_about_privacy(made):
            continue
        beyond = list(dict.fromkeys(_beyond(record, steps, made))) if is_sound else []
        issues += [
            error(presented((*steps, at)), "consent-not-computable", _WORDS) for at in beyond
        ]
        if beyond:
            del record.keys[steps]
        issues += _limited(limits, steps, consent, record.is_sound(steps))
    return issues, limits


def check_former(record: Record) -> tuple[list[Issue], Limits]:
    """The Consents of a record in STU3; none of them is computed."""
    issues: list[Issue] = []
    limits: dict[str, Limit] = {}
    for position, sent in enumerate(record.facts.get("Consent") or ()):
        consent = sent if isinstance(sent, dict) else {}
        if _is_about_privacy(consent):
            issues += _limited(limits, ("Consent", position), consent, False)
    return issues, limits


def _limited(
    limits: dict[str, Limit], steps: Steps, consent: Mapping[str, Any], is_taken: bool
) -> Iterator[Issue]:
    """Note the Consent, and say so where it closes."""
    closes = not is_taken and str(consent.get("status")) not in _NOT_IN_FORCE
    name = str(consent.get("id") or identifier_key(dict(consent)) or _by_its_words(consent))
    if name not in limits or closes:
        limits[name] = Limit(steps, closes)
    if closes:
        yield error(dotted(steps), "consent-needs-reading", _CLOSED)


def _by_its_words(consent: Mapping[str, Any]) -> str:
    """The name of one without a name: all that it says but its status, so that the same one, no
    longer in force, ends what it closed, and no other does."""
    said = {name: one for name, one in consent.items() if name not in _APART | {"status"}}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:24]


def _beyond(record: SentRecord, steps: Steps, made: dict[str, Any]) -> Iterator[str]:
    """The elements for which it would not be taken, or not be read as it is meant."""
    if record.keys[steps] is None:
        yield "id"
    unread = [name for name in record.get(steps) if name not in _STATED | _APART]
    extended = [name for name, value in made.items() if name != "identifier" and _extended(value)]
    beyond = [*unread, *extended, *_beyond_profile(made)]
    yield from beyond
    person = {"reference": local_reference("Patient", record.person)}
    whole = {"resourceType": "Consent", "patient": person, **made}
    for problem in validate(whole) if not beyond else ():
        yield re.split(r"[.\[]", problem.path.partition(".")[2])[0]


def _as_carried(record: SentRecord, steps: Steps) -> dict[str, Any]:
    """The elements as they would stand in the resource."""
    many = {"identifier", "category", "performer", "organization", "policy", "verification"}
    return {
        name: [one.value for one in found] if name in many else found[0].value
        for name, found in record.elements[steps].items()
        if found
    }


def _is_about_privacy(consent: Mapping[str, Any]) -> bool:
    """Unless every code of its scope is one that decides nothing about the record: words alone,
    or a code of somebody's own, may mean privacy."""
    said = _codes(consent.get("scope"))
    return not said or not said <= _ASIDE


def _beyond_profile(consent: Mapping[str, Any]) -> Iterator[str]:
    """The elements that the profile has otherwise."""
    scope = consent.get("scope")
    if _codes(scope) != {(systems.CONSENT_SCOPE, "patient-privacy")}:
        yield "scope"
    categories = [_codes(one) for one in consent.get("category") or ()]
    if not all(said and said <= _CATEGORIES for said in categories):
        yield "category"
    if not consent.get("dateTime"):
        yield "dateTime"
    performers = consent.get("performer") or []
    if not performers or not all({"reference", "identifier"} & set(one) for one in performers):
        yield "performer"
    policies = consent.get("policy") or []
    if not policies or not all(
        set(one) <= {"uri", "authority"} and one.get("uri") for one in policies
    ):
        yield "policy"
    provision = consent.get("provision") or {}
    inner = provision.get("provision", [])
    if not _is_plain(provision, _ROOT) or not all(_is_plain(one, _NESTED) for one in inner):
        yield "provision"


def _extended(value: Any) -> bool:
    """Whether an extension stands anywhere in it."""
    if isinstance(value, list):
        return any(map(_extended, value))
    if not isinstance(value, dict):
        return False
    names = value.keys()
    return any(one == "extension" or one.startswith("_") for one in names) or any(
        map(_extended, value.values())
    )


def _is_plain(provision: Any, known: frozenset[str]) -> bool:
    if not isinstance(provision, dict) or not set(provision) <= known:
        return False
    actors = provision.get("actor", [])
    return provision.get("type") in ("permit", "deny") and all(map(_is_known, actors))


def _is_known(actor: Any) -> bool:
    """An organisation or a member of staff, by a national number, who asks or holds."""
    if not isinstance(actor, dict) or set(actor) != {"role", "reference"}:
        return False
    role, identifier = _codes(actor["role"]), actor["reference"].get("identifier") or {}
    is_holder = role == {(_PARTICIPATION, "CST")}
    system = str(identifier.get("system"))
    allowed = (systems.ODS,) if is_holder else _ACTORS
    if len(role) != 1 or not role <= _ROLES or system not in allowed:
        return False
    if identifier.get("use") == "old" or "period" in identifier:
        return False
    return _ACTORS[system].fullmatch(str(identifier.get("value"))) is not None


def _codes(concept: Any) -> set[tuple[str, str]]:
    held = concept.get("coding") if isinstance(concept, dict) else None
    coded = [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []
    return {(str(one.get("system")), str(one.get("code"))) for one in coded}


_WORDS: Final = (
    "says more, or less, than access can be decided by: permit or deny, a period, and who asks"
    " or holds by ODS code or staff number; say it so, or record it as a Consent over FHIR"
)
_CLOSED: Final = (
    "is in force and cannot be applied; until it can be, what this practice holds of the person is"
    " closed to everybody else"
)
