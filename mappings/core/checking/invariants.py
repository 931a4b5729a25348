"""Data table: the official invariants of the types the gateway writes or takes, in Python.

In      node: an object that is right in every other way; top: the resource it stands in.
Out     RULES: type or backbone path -> rules; a rule holds or is broken.
Source  r4/invariants.py, by the official keys; a test holds each to its FHIRPath expression.
Pure    Nothing here looks outside its arguments.

A comparison FHIRPath cannot decide (2024 against 2024-05) breaks no rule. Held elsewhere: ref-1
in references.py, txt-1 and txt-2 in narrative.py, ele-1 and sqty-1 in validate.py; of forms and
terminology in definition_rules.py. Left out: warnings, and other definitions. Read as meant: app-4
says 'no-show', which is no code of the value set; ppc-2 to ppc-5 name the system of a consent's
scope 'something'.
"""

from typing import Final, NamedTuple

from mappings.core.checking.presence import (
    Node,
    Test,
    after,
    coded,
    entries_at,
    has,
    has_choice,
    needs,
    not_both,
    one_of,
)
from mappings.core.checking.references import type_pointed_to

_UCUM: Final = "http://unitsofmeasure.org"


class Rule(NamedTuple):
    """One invariant: its official key, whether it holds, and our words for what it asks."""

    key: str
    holds: Test
    text: str


def _distinct_entries(node: Node, _top: Node) -> bool:
    if node.get("type") == "history":
        return True
    seen = [
        entry["fullUrl"] + str(entry.get("resource", {}).get("meta", {}).get("versionId", ""))
        for entry in entries_at(node, "entry")
        if "fullUrl" in entry
    ]
    return len(seen) == len(set(seen))


def _fragments(value: object) -> set[str]:
    """Every text inside that starts with #."""
    found, waiting = set(), [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, str):
            if inner[:1] == "#":
                found.add(inner)
        elif isinstance(inner, dict):
            waiting.extend(inner.values())
        elif isinstance(inner, list):
            waiting.extend(inner)
    return found


def _contained_used(node: Node, _top: Node) -> bool:
    contained = node.get("contained")
    if not contained:
        return True
    mentioned = _fragments(node)
    return all("#" + c.get("id", "") in mentioned or "#" in _fragments(c) for c in contained)


def _member_may_have_deputy(node: Node, top: Node) -> bool:
    if not has(node, "onBehalfOf"):
        return True
    return type_pointed_to(node.get("member", {}), top) in ("", "Practitioner")


def _component_repeats_code(node: Node, top: Node) -> bool:
    if not has_choice(node, "value"):
        return True
    codings = list(entries_at(top, "code", "coding"))
    return not any(c in codings for c in entries_at(node, "component", "code", "coding"))


def _range_ordered(node: Node, _top: Node) -> bool:
    low, high = node.get("low", {}), node.get("high", {})
    if any(low.get(part) != high.get(part) for part in ("unit", "system", "code")):
        return True
    return bool("value" not in low or "value" not in high or low["value"] <= high["value"])


def _measured(node: Node) -> bool:
    return (has(node, "code") or not has(node, "value")) and node.get("system", _UCUM) == _UCUM


def _meal_alone(node: Node, _top: Node) -> bool:
    when = node.get("when", ())
    return not has(node, "offset") or bool(when and not set(when) & {"C", "CM", "CD", "CV"})


def _parameter_is_one_thing(node: Node, _top: Node) -> bool:
    holds = (has_choice(node, "value"), has(node, "resource"), has(node, "part"))
    return sum(holds) == 1


def _entries_have(element: str, *types: str) -> Test:
    return lambda node, _top: all(
        has(entry, element) == (node.get("type") in types) for entry in entries_at(node, "entry")
    )


def _not_home(name: str) -> Test:
    return lambda node, _top: all(entry.get("use") != "home" for entry in entries_at(node, name))


def _entered_in_error(node: Node, system: str) -> bool:
    return coded(node.get("verificationStatus"), system, "entered-in-error")


def _of_somebody(scope: str) -> Test:
    return lambda n, _: has(n, "patient") or not coded(n.get("scope"), "consentscope", scope)


_SCOPES: Final = {
    "ppc-2": "patient-privacy",
    "ppc-3": "research",
    "ppc-4": "adr",
    "ppc-5": "treatment",
}
_ALLERGY: Final = "allergyintolerance-verification"
_NEGATIVE: Final = "must not be negative"

RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "Age": (
        Rule(
            "age-1",
            lambda n, _: _measured(n) and n.get("value", 1) > 0,
            "an age is positive, with a UCUM unit code",
        ),
    ),
    "AllergyIntolerance": (
        Rule(
            "ait-1",
            lambda n, _: _entered_in_error(n, _ALLERGY) or has(n, "clinicalStatus"),
            "a clinical status is needed unless entered in error",
        ),
        Rule(
            "ait-2",
            lambda n, _: not (_entered_in_error(n, _ALLERGY) and has(n, "clinicalStatus")),
            "what was entered in error has no clinical status",
        ),
    ),
    "Appointment": (
        Rule("app-2", lambda n, _: has(n, "start") == has(n, "end"), "start and end go together"),
        Rule(
            "app-3",
            lambda n, _: (
                (has(n, "start") and has(n, "end"))
                or n.get("status") in ("proposed", "cancelled", "waitlist")
            ),
            "start and end are needed unless proposed, cancelled or on a waiting list",
        ),
        Rule(
            "app-4",
            lambda n, _: (
                not has(n, "cancelationReason") or n.get("status") in ("noshow", "cancelled")
            ),
            "only a cancelled or missed appointment has a reason for cancelling",
        ),
    ),
    "Appointment.participant": (
        Rule("app-1", one_of("type", "actor"), "a type or an actor is needed"),
    ),
    "Attachment": (Rule("att-1", needs("data", "contentType"), "data needs a content type"),),
    "AuditEvent.entity": (Rule("sev-1", not_both("name", "query"), "a name or a query, not both"),),
    "Bundle": (
        Rule(
            "bdl-1",
            lambda n, _: not has(n, "total") or n.get("type") in ("searchset", "history"),
            "only a search set or a history has a total",
        ),
        Rule(
            "bdl-2",
            lambda n, _: (
                n.get("type") == "searchset"
                or not any(has(entry, "search") for entry in entries_at(n, "entry"))
            ),
            "only the entries of a search set have search",
        ),
        Rule(
            "bdl-3",
            _entries_have("request", "batch", "transaction", "history"),
            "entries of a batch, transaction or history have a request, others none",
        ),
        Rule(
            "bdl-4",
            _entries_have("response", "batch-response", "transaction-response", "history"),
            "entries of a response or history have a response, others none",
        ),
        Rule("bdl-7", _distinct_entries, "each full URL and version stands once"),
        Rule(
            "bdl-9",
            lambda n, _: (
                n.get("type") != "document"
                or ("identifier" in n and all(has(n["identifier"], p) for p in ("system", "value")))
            ),
            "a document has an identifier with system and value",
        ),
        Rule(
            "bdl-10",
            lambda n, _: n.get("type") != "document" or "timestamp" in n,
            "a document has a timestamp",
        ),
    ),
    "Bundle.entry": (
        Rule("bdl-5", one_of("resource", "request", "response"), "an entry holds something"),
        Rule(
            "bdl-8",
            lambda n, _: "/_history/" not in n.get("fullUrl", ""),
            "a full URL names no version",
        ),
    ),
    "CarePlan.activity": (
        Rule("cpl-3", not_both("detail", "reference"), "a detail or a reference, not both"),
    ),
    "CareTeam.participant": (
        Rule("ctm-1", _member_may_have_deputy, "only a practitioner acts on behalf of someone"),
    ),
    "Condition": (
        Rule(
            "con-4",
            lambda n, _: (
                not has_choice(n, "abatement")
                or coded(
                    n.get("clinicalStatus"),
                    "condition-clinical",
                    "inactive",
                    "remission",
                    "resolved",
                )
            ),
            "an abatement needs a clinical status of inactive, remission or resolved",
        ),
        Rule(
            "con-5",
            lambda n, _: (
                not (has(n, "clinicalStatus") and _entered_in_error(n, "condition-ver-status"))
            ),
            "what was entered in error has no clinical status",
        ),
    ),
    "Condition.evidence": (
        Rule("con-2", one_of("code", "detail"), "a code or a detail is needed"),
    ),
    "Condition.stage": (
        Rule("con-1", one_of("summary", "assessment"), "a summary or an assessment is needed"),
    ),
    "Consent": (
        Rule("ppc-1", one_of("policy", "policyRule"), "a policy or a rule is needed"),
        *(
            Rule(key, _of_somebody(scope), f"a consent of scope {scope} names its patient")
            for key, scope in _SCOPES.items()
        ),
    ),
    "ContactPoint": (Rule("cpt-2", needs("value", "system"), "a value needs a system"),),
    "Count": (
        Rule(
            "cnt-3",
            lambda n, _: (
                _measured(n) and n.get("code", "1") == "1" and float(n.get("value", 1)).is_integer()
            ),
            "a count is whole, with the UCUM code 1",
        ),
    ),
    "Distance": (Rule("dis-1", lambda n, _: _measured(n), "a distance has a UCUM unit code"),),
    "DomainResource": (
        Rule(
            "dom-2",
            lambda n, _: not any(has(c, "contained") for c in n.get("contained", ())),
            "a contained resource contains none",
        ),
        Rule("dom-3", _contained_used, "a contained resource is referred to, or refers back"),
        Rule(
            "dom-4",
            lambda n, _: (
                not any(
                    has(c.get("meta", {}), "versionId", "lastUpdated")
                    for c in n.get("contained", ())
                )
            ),
            "a contained resource has no version and no time of update",
        ),
        Rule(
            "dom-5",
            lambda n, _: not any("security" in c.get("meta", {}) for c in n.get("contained", ())),
            "a contained resource has no security label",
        ),
    ),
    "Duration": (
        Rule(
            "drt-1",
            lambda n, _: (
                not has(n, "code") or (n.get("system", _UCUM) == _UCUM and has(n, "value"))
            ),
            "a unit code needs the UCUM system and a value",
        ),
    ),
    "Extension": (
        Rule(
            "ext-1",
            lambda n, _: ("extension" in n) != has_choice(n, "value"),
            "an extension has a value or extensions, not both",
        ),
    ),
    "FamilyMemberHistory": (
        Rule(
            "fhs-1",
            lambda n, _: not (has_choice(n, "age") and has_choice(n, "born")),
            "an age or a birth date, not both",
        ),
        Rule(
            "fhs-2",
            lambda n, _: has_choice(n, "age") or "estimatedAge" not in n,
            "what is estimated is an age",
        ),
    ),
    "Goal.target": (
        Rule(
            "gol-1",
            lambda n, _: not has_choice(n, "detail") or has(n, "measure"),
            "a detail needs a measure",
        ),
    ),
    "Group": (
        Rule(
            "grp-1",
            lambda n, _: not has(n, "member") or n.get("actual") is True,
            "only an actual group has members",
        ),
    ),
    "Immunization.education": (
        Rule(
            "imm-1", one_of("documentType", "reference"), "a document's type or address is needed"
        ),
    ),
    "List": (
        Rule(
            "lst-1",
            not_both("emptyReason", "entry"),
            "a list with entries has no reason for being empty",
        ),
        Rule(
            "lst-2",
            lambda n, _: (
                n.get("mode") == "changes"
                or not any(has(entry, "deleted") for entry in entries_at(n, "entry"))
            ),
            "only a list of changes has deleted entries",
        ),
        Rule(
            "lst-3",
            lambda n, _: (
                n.get("mode") == "working"
                or not any(has(entry, "date") for entry in entries_at(n, "entry"))
            ),
            "only a working list has dates of entries",
        ),
    ),
    "MeasureReport": (
        Rule(
            "mrp-1",
            lambda n, _: n.get("type") != "data-collection" or not has(n, "group"),
            "a data collection has no groups",
        ),
        Rule(
            "mrp-2",
            lambda n, _: all(
                has(s, "value") != has(s, "component")
                for s in entries_at(n, "group", "stratifier", "stratum")
            ),
            "a stratum has a value or components, not both",
        ),
    ),
    "Observation": (
        Rule(
            "obs-6",
            lambda n, _: not (has(n, "dataAbsentReason") and has_choice(n, "value")),
            "a value or a reason for its absence, not both",
        ),
        Rule("obs-7", _component_repeats_code, "no component repeats the code beside a value"),
    ),
    "Observation.referenceRange": (
        Rule("obs-3", one_of("low", "high", "text"), "a low, a high or a text is needed"),
    ),
    "Organization": (
        Rule("org-1", one_of("identifier", "name"), "an identifier or a name is needed"),
        Rule("org-2", _not_home("address"), "no address of an organisation is a home"),
        Rule("org-3", _not_home("telecom"), "no telecom of an organisation is a home's"),
    ),
    "Parameters.parameter": (
        Rule("inv-1", _parameter_is_one_thing, "a value, a resource or parts: exactly one"),
    ),
    "Patient.contact": (
        Rule(
            "pat-1",
            one_of("name", "telecom", "address", "organization"),
            "a name, telecom, address or organisation is needed",
        ),
    ),
    "Period": (
        Rule(
            "per-1",
            lambda n, _: not after(n.get("start"), n.get("end")),
            "a period does not end before it starts",
        ),
    ),
    "Quantity": (Rule("qty-3", needs("code", "system"), "a unit code needs its system"),),
    "QuestionnaireResponse.item": (
        Rule("qrs-1", not_both("answer", "item"), "answers or items, not both"),
    ),
    "Range": (Rule("rng-2", _range_ordered, "low is not more than high"),),
    "Ratio": (
        Rule(
            "rat-1",
            lambda n, _: (
                has(n, "numerator") == has(n, "denominator") and has(n, "numerator", "extension")
            ),
            "numerator and denominator go together",
        ),
    ),
    "ServiceRequest": (
        Rule("prr-1", needs("orderDetail", "code"), "an order detail needs a code"),
    ),
    "Task": (
        Rule(
            "inv-1",
            lambda n, _: not after(n.get("authoredOn"), n.get("lastModified")),
            "last modified is not before authored",
        ),
    ),
    "Timing.repeat": (
        Rule("tim-1", needs("duration", "durationUnit"), "a duration needs a unit"),
        Rule("tim-2", needs("period", "periodUnit"), "a period needs a unit"),
        Rule("tim-4", lambda n, _: n.get("duration", 0) >= 0, _NEGATIVE),
        Rule("tim-5", lambda n, _: n.get("period", 0) >= 0, _NEGATIVE),
        Rule("tim-6", needs("periodMax", "period"), "a greatest period needs a period"),
        Rule("tim-7", needs("durationMax", "duration"), "a greatest duration needs a duration"),
        Rule("tim-8", needs("countMax", "count"), "a greatest count needs a count"),
        Rule("tim-9", _meal_alone, "an offset needs a moment that is not a meal itself"),
        Rule("tim-10", not_both("timeOfDay", "when"), "a time of day or a moment, not both"),
    ),
}
