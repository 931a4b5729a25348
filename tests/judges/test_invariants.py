"""Our invariants in Python say what the official FHIRPath says, over every mix of elements."""

from itertools import product
from typing import Any, Final

import pytest

from mappings.core.checking.definition_rules import DEFINITION_RULES
from mappings.core.checking.invariants import RULES as OTHER_RULES
from mappings.core.checking.validate import validate
from mappings.core.r4.elements import TYPES
from mappings.core.r4.invariants import INVARIANTS
from tests.judges import fhirpath
from tests.judges.examples import BY_TYPE, concept

RULES: Final = {**OTHER_RULES, **DEFINITION_RULES}
UCUM = "http://unitsofmeasure.org"
ERROR = "entered-in-error"
CODES = [{"coding": [{"code": code}]} for code in "ab"]
MEASURED: Final[dict[str, list[Any]]] = {
    "value": [1, 0],
    "code": ["a", "1"],
    "system": [UCUM, "http://a"],
}
DATES = ["2024", "2024-02", "2024-02-02", "2025-01-01T00:30:00+01:00", "2024-12-31T23:31:00Z"]
ENTRY = [
    [{"resource": {}}],
    [{"request": {}}, {"response": {}}],
    [{"search": {}}],
    [{"request": {}, "response": {}}],
    [{"fullUrl": "a", "resource": {"meta": {"versionId": "1"}}}] * 2,
    [{"fullUrl": "a"}, {"fullUrl": "b"}],
]

# Elements, and the values each takes in turn; each is also left out.
PARTS: Final[dict[str, dict[str, list[Any]]]] = {
    "Age": MEASURED,
    "AllergyIntolerance": {
        "clinicalStatus": [{"text": "a"}],
        "verificationStatus": [
            concept("allergyintolerance-verification", ERROR),
            concept("allergyintolerance-verification", "confirmed"),
            concept("other", ERROR),
        ],
    },
    "Appointment": {
        "start": ["a"],
        "_end": [{"extension": []}],
        "end": ["a"],
        "status": ["proposed", "booked", "cancelled", "noshow"],
        "cancelationReason": [{"text": "a"}],
    },
    "Appointment.participant": {"type": [[{"text": "a"}]], "actor": [{"display": "a"}]},
    "Attachment": {"data": ["a"], "contentType": ["a/b"]},
    "AuditEvent.entity": {"name": ["a"], "query": ["a"]},
    "Bundle": {
        "type": ["searchset", "history", "batch", "document", "transaction-response"],
        "total": [1],
        "entry": ENTRY,
        "identifier": [{"system": "a"}, {"system": "a", "value": "a"}],
        "timestamp": ["2024-01-01T00:00:00Z"],
    },
    "Bundle.entry": {
        "resource": [{}],
        "request": [{}],
        "response": [{}],
        "fullUrl": ["https://a/b", "https://a/b/_history/1"],
    },
    "CarePlan.activity": {"detail": [{"a": 1}], "reference": [{"display": "a"}]},
    "CodeSystem": {
        "concept": [
            [{"code": "a"}, {"code": "b"}],
            [{"code": "a"}, {"code": "a"}],
            [{"code": "a", "concept": [{"code": "b"}]}, {"code": "c"}],
            [{"code": "a", "concept": [{"code": "b", "concept": [{"code": "a"}]}]}],
        ],
    },
    "ConceptMap.group.element.target": {
        "equivalence": ["narrower", "inexact", "equivalent"],
        "comment": ["a"],
    },
    "ConceptMap.group.unmapped": {
        "mode": ["fixed", "other-map", "provided"],
        "code": ["a"],
        "url": ["https://a"],
    },
    "Condition": {
        "clinicalStatus": [
            concept("condition-clinical", "resolved"),
            concept("condition-clinical", "active"),
            concept("other", "resolved"),
        ],
        "verificationStatus": [
            concept("condition-ver-status", ERROR),
            concept("condition-ver-status", "confirmed"),
        ],
        "abatementString": ["a"],
        "abatementDateTime": ["2024"],
    },
    "Condition.evidence": {"code": [[{"text": "a"}]], "detail": [[{"display": "a"}]]},
    "Condition.stage": {"summary": [{"text": "a"}], "assessment": [[{"display": "a"}]]},
    "Consent": {
        "policy": [[{"uri": "a"}]],
        "policyRule": [{"text": "a"}],
        "patient": [{"display": "a"}],
        "scope": [
            *(
                concept("consentscope", scope)
                for scope in ("patient-privacy", "research", "adr", "treatment", "a")
            ),
            concept("other", "treatment"),
        ],
    },
    "ContactPoint": {"value": ["a"], "system": ["phone"]},
    "Count": {**MEASURED, "value": [1, 1.5]},
    "Distance": MEASURED,
    "DomainResource": {
        "contained": [
            [{"resourceType": "Goal", "id": "g"}],
            [{"resourceType": "Goal", "id": "g", "addresses": [{"reference": "#"}]}],
            [{"resourceType": "Goal", "id": "g", "meta": {"versionId": "1"}}],
            [{"resourceType": "Goal", "id": "g", "meta": {"lastUpdated": "a"}}],
            [{"resourceType": "Goal", "id": "g", "meta": {"security": [{"code": "R"}]}}],
            [{"resourceType": "Goal", "id": "g", "contained": [{"resourceType": "Goal"}]}],
        ],
        "goal": [[{"reference": "#g"}], [{"reference": "#h"}]],
        "instantiatesUri": [["#g"]],
    },
    "Duration": MEASURED,
    "Extension": {
        "extension": [[{"url": "a"}]],
        "valueString": ["a"],
        "valueBoolean": [False],
        "url": ["a"],
    },
    "FamilyMemberHistory": {
        "ageString": ["a"],
        "ageAge": [{"value": 1, "code": "a", "system": UCUM}],
        "bornDate": ["1950"],
        "estimatedAge": [True, False],
    },
    "Goal.target": {"measure": [{"text": "a"}], "detailString": ["a"], "detailInteger": [0]},
    "Group": {"actual": [True, False], "member": [[{"inactive": True}]]},
    "Immunization.education": {"documentType": ["a"], "reference": ["https://a.example"]},
    "List": {
        "mode": ["changes", "working", "snapshot"],
        "emptyReason": [{"text": "a"}],
        "entry": [[{"deleted": True}], [{"date": "2024"}], [{"item": {"display": "a"}}]],
    },
    "MeasureReport": {
        "type": ["data-collection", "summary"],
        "group": [
            [{"stratifier": [{"stratum": [{"value": {"text": "a"}}]}]}],
            [{"stratifier": [{"stratum": [{"component": [{}]}, {"value": {"text": "a"}}]}]}],
            [{"stratifier": [{"stratum": [{}]}]}],
        ],
    },
    "Observation": {
        "dataAbsentReason": [{"text": "a"}],
        "valueString": ["a"],
        "valueBoolean": [False],
        "code": CODES,
        "component": [[{"code": CODES[0]}], [{"code": CODES[1]}, {"code": {"text": "a"}}]],
    },
    "Observation.referenceRange": {
        "low": [{"value": 1}],
        "high": [{"value": 1}],
        "text": ["a"],
        "id": ["a"],
    },
    "OperationDefinition.parameter": {
        "type": ["string", "Reference", "canonical", "code"],
        "part": [[{"name": "a"}]],
        "searchType": ["token"],
        "targetProfile": [["https://a"]],
    },
    "Organization": {
        "identifier": [[{"value": "a"}]],
        "name": ["a"],
        "address": [[{"use": "home"}], [{"use": "work"}]],
        "telecom": [[{"use": "work"}, {"use": "home"}], [{"use": "work"}]],
    },
    "Parameters.parameter": {
        "valueString": ["a"],
        "resource": [{"resourceType": "Flag"}],
        "part": [[{"name": "a"}]],
    },
    "Patient.contact": {
        "name": [{"text": "a"}],
        "telecom": [[{"value": "a"}]],
        "address": [{"text": "a"}],
        "organization": [{"display": "a"}],
        "gender": ["female"],
    },
    "Period": {"start": DATES, "end": DATES},
    "Quantity": {"code": ["a"], "system": ["a"], "value": [1]},
    "Questionnaire": {
        "item": [
            [{"linkId": "1"}, {"linkId": "2"}],
            [{"linkId": "1"}, {"linkId": "1"}],
            [{"linkId": "1", "item": [{"linkId": "2", "item": [{"linkId": "1"}]}]}],
        ],
    },
    "Questionnaire.item": {
        "type": ["group", "display", "choice", "string", "boolean", "url", "date"],
        "item": [[{"linkId": "2"}]],
        "code": [[{"code": "a"}]],
        "required": [True],
        "readOnly": [False],
        "maxLength": [3],
    },
    "Questionnaire.item ": {
        "type": ["group", "display", "choice", "string", "boolean"],
        "item": [[{"linkId": "2"}]],
        "answerOption": [[{"valueString": "a"}]],
        "answerValueSet": ["https://a"],
        "initial": [[{"valueString": "a"}], [{"valueString": "a"}, {"valueString": "b"}]],
        "repeats": [True, False],
        "enableWhen": [[{"question": "1"}] * 2, [{"question": "1"}] * 3],
        "enableBehavior": ["all"],
    },
    "Questionnaire.item.enableWhen": {
        "operator": ["exists", "="],
        "answerBoolean": [True],
        "answerString": ["a"],
    },
    "QuestionnaireResponse.item": {"answer": [[{}]], "item": [[{}]]},
    "Ratio": {"numerator": [{"value": 1}], "denominator": [{"value": 1}], "extension": [[{}]]},
    "SearchParameter": {
        "xpath": ["a"],
        "xpathUsage": ["normal"],
        "chain": [["a"]],
        "type": ["reference", "token"],
    },
    "ServiceRequest": {"orderDetail": [[{"text": "a"}]], "code": [{"text": "a"}]},
    "Task": {"authoredOn": DATES, "lastModified": DATES},
    "Timing.repeat": {
        "duration": [1, -1],
        "durationUnit": ["h"],
        "durationMax": [1],
        "period": [1, -0.5],
        "periodUnit": ["h"],
        "periodMax": [1],
        "count": [1],
        "countMax": [2],
    },
    "Timing.repeat ": {
        "offset": [1],
        "when": [["C"], ["AC"]],
        "timeOfDay": [["08:00:00"]],
    },
    "ValueSet.compose.include": {
        "valueSet": [["https://a"]],
        "system": ["https://a"],
        "concept": [[{"code": "a"}]],
        "filter": [[{"property": "a", "op": "=", "value": "a"}]],
    },
    "ValueSet.expansion.contains": {
        "code": ["a"],
        "display": ["a"],
        "system": ["https://a"],
        "abstract": [True, False],
    },
}
BY_HAND: Final = {"ctm-1", "rng-2"}
ABSENT: Final = object()


def nodes(context):
    """Every mix of the values, with each element that may be missing also left out."""
    parts, kind = PARTS[context], context.strip()
    required = {row[0] for row in TYPES[kind][1] if row[2]}
    fixed = {"resourceType": "CarePlan" if kind == "DomainResource" else kind}
    for values in product(
        *(options if name in required else [ABSENT, *options] for name, options in parts.items())
    ):
        node = {k: v for k, v in zip(parts, values, strict=True) if v is not ABSENT}
        is_resource = kind == "DomainResource" or TYPES[kind][0] in (
            "DomainResource",
            "Resource",
        )
        yield {**fixed, **node} if is_resource else node


def official(context, key, node):
    """What fhirpathpy says of one official invariant."""
    holds = []
    for where in {c for k, _, c, _ in INVARIANTS if k == key and c.startswith(context)}:
        name = where.removeprefix(context).strip(".")
        parts = fhirpath._listed(node.get(name)) if name else [node]
        path = node.get("resourceType", where)
        for part in parts:
            place = fhirpath._Place(part, path if part is node else where, (), node, node)
            holds += [fhirpath._holds(e, place) for k, e in fhirpath._rules(where) if k == key]
    return all(holds)


@pytest.mark.parametrize("context", sorted({part.strip() for part in PARTS}))
def test_a_rule_agrees_with_its_fhirpath(context):
    seen = set()
    for node in (node for part in PARTS if part.strip() == context for node in nodes(part)):
        for rule in RULES[context]:
            if rule.key not in BY_HAND:
                ours = rule.holds(node, node)
                assert ours == official(context, rule.key, node), (rule.key, node)
                seen.add((rule.key, ours))
    keys = {key for key, _ in seen}
    assert {k for k, held in seen if held} == keys
    assert {k for k, held in seen if not held} == keys


def test_every_rule_is_compared():
    compared = {context.strip() for context in PARTS}
    assert {c for c, rules in RULES.items() if not {r.key for r in rules} <= BY_HAND} == compared


HELD_ELSEWHERE: Final = {
    "ref-1": "references.py",
    "txt-1": "narrative.py",
    "txt-2": "narrative.py",
    "ele-1": "validate.py refuses empty objects and companions without an extension",
    "sqty-1": "the tables leave comparator out of SimpleQuantity",
}
LEFT_OUT: Final = {
    "bdl-11": "Composition is not a type of this gateway",
    "bdl-12": "MessageHeader is not a type of this gateway",
}
DEFINITIONS: Final = (
    *("CapabilityStatement", "Measure", "StructureDefinition"),
    *("DataRequirement", "ElementDefinition", "Expression", "TriggerDefinition"),
)


def test_no_official_invariant_is_forgotten():
    ours = {rule.key for rules in RULES.values() for rule in rules}
    official_keys = {
        key
        for key, severity, context, _ in INVARIANTS
        if severity == "error" and context.split(".")[0] not in DEFINITIONS
    }
    assert official_keys == ours | set(HELD_ELSEWHERE) | set(LEFT_OUT)


@pytest.mark.parametrize(
    ("member", "right"),
    [
        ({"reference": "Practitioner/1"}, True),
        ({"reference": "urn:source:Practitioner:1"}, True),
        ({"reference": "#p"}, True),
        ({"identifier": {"value": "a"}}, True),
        ({"reference": "https://a.uk/people"}, True),
        ({"reference": "Patient/1"}, False),
        ({"reference": "#o"}, False),
        ({"type": "CareTeam", "display": "a"}, False),
    ],
)
def test_only_a_practitioner_has_a_deputy(member, right):
    deputy = {"member": member, "onBehalfOf": {"display": "a"}}
    contained = [
        {"resourceType": "Practitioner", "id": "p", "name": [{"text": "#"}]},
        {"resourceType": "Organization", "id": "o", "name": "#"},
    ]
    team = {"resourceType": "CareTeam", "contained": contained, "participant": [deputy]}
    problems = [p.text.split(":")[0] for p in validate(team)]
    assert problems == ([] if right else ["ctm-1"])


@pytest.mark.parametrize(
    ("low", "high", "right"),
    [
        ({"value": 1}, {"value": 2}, True),
        ({"value": 2}, {"value": 2}, True),
        ({"value": 3}, {"value": 2}, False),
        ({"value": 3, "unit": "g"}, {"value": 2, "unit": "kg"}, True),
        ({"unit": "g"}, {"value": 2, "unit": "g"}, True),
        ({"value": 3, "unit": "g"}, {"value": 2, "unit": "g"}, False),
    ],
)
def test_a_range_runs_upwards(low, high, right):
    observation = {**BY_TYPE["Observation"], "valueRange": {"low": low, "high": high}}
    del observation["valueQuantity"]
    assert [p.text.split(":")[0] for p in validate(observation)] == ([] if right else ["rng-2"])


@pytest.mark.parametrize(
    ("start", "end", "right"),
    [
        ("2026-06-01", "2026-06-01T00:10:00+01:00", True),
        ("2026-06-02", "2026-06-01T23:59:59Z", False),
        ("0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-10:00", True),
        ("2026", "9999-12-31T23:00:00-10:00", True),
        ("2026-01-01T00:00:60Z", "2026-01-01T00:00:59Z", True),
    ],
)
def test_a_period_is_wrong_only_where_it_certainly_is(start, end, right):
    plan = {**BY_TYPE["CarePlan"], "period": {"start": start, "end": end}}
    assert (validate(plan) == ()) is right
