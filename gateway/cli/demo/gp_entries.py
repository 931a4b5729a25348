"""What a GP record holds of a person: problems, medicines, readings, diary, referrals.

In      The person's chart.
Out     STU3 resources, in the order a practice's system sends them.
Source  GP Connect Access Record: Structured 1.6.
Pure    Yes.
"""

from datetime import timedelta
from typing import Final

from gateway.cli.demo import places
from gateway.cli.demo.gp_chart import RECORDED, Chart, Json, concept, day, label
from gateway.cli.demo.people import SEEN_ON
from gateway.cli.demo.plans import CONDITIONS, LongTerm


def entries_of(chart: Chart) -> list[Json]:
    """Everything recorded."""
    return [
        _encounter(chart),
        *_problems(chart),
        *_medicines(chart),
        *_allergies(chart),
        *_readings(chart),
        *_diary(chart),
        *_referrals(chart),
    ]


def _encounter(chart: Chart) -> Json:
    on = day(20 + chart.dice.below(200))
    return chart.resource(
        "Encounter",
        status="finished",
        type=[{"text": "GP surgery consultation"}],
        subject=chart.subject,
        period={"start": f"{on}{RECORDED}", "end": f"{on}T09:42:00+00:00"},
        serviceProvider=chart.practice,
    )


def _problems(chart: Chart) -> list[Json]:
    return [_problem(chart, CONDITIONS[name]) for name in chart.person.conditions]


def _problem(chart: Chart, condition: LongTerm) -> Json:
    began = day(400 + chart.dice.below(3000))
    significance = {
        "url": "https://fhir.hl7.org.uk/STU3/StructureDefinition/"
        "Extension-CareConnect-ProblemSignificance-1",
        "valueCode": "major" if condition.is_major else "minor",
    }
    made = chart.resource(
        "Condition",
        condition.code,
        extension=[significance],
        clinicalStatus="active",
        category=[{"coding": [_PROBLEM_LIST_ITEM]}],
        code=concept(condition.code, condition.words),
        subject=chart.subject,
        onsetDateTime=began,
        assertedDate=f"{began}{RECORDED}",
        asserter=chart.doctor,
    )
    if condition.sensitivity:
        made["meta"]["security"] = _labels(condition)
    return made


def _labels(condition: LongTerm) -> list[dict[str, str]]:
    return [label("ActCode", condition.sensitivity), label("Confidentiality", "R")]


def _medicines(chart: Chart) -> list[Json]:
    named = ((name, CONDITIONS[name]) for name in chart.person.conditions)
    return [_medicine(chart, name, one) for name, one in named if one.medicine[0]]


def _medicine(chart: Chart, name: str, condition: LongTerm) -> Json:
    code, words, dose = condition.medicine
    since = day(100 + chart.dice.below(700))
    made = chart.resource(
        "MedicationStatement",
        name,
        status="active",
        medicationCodeableConcept=concept(code, words),
        effectivePeriod={"start": since},
        dateAsserted=f"{since}{RECORDED}",
        subject=chart.subject,
        taken="unk",
        dosage=[{"text": dose}],
    )
    if condition.sensitivity:
        made["meta"]["security"] = _labels(condition)
    return made


def _allergies(chart: Chart) -> list[Json]:
    if chart.person.role != "norma" and not chart.dice.is_within(15):
        return []
    return [
        chart.resource(
            "AllergyIntolerance",
            clinicalStatus="active",
            verificationStatus="unconfirmed",
            category=["medication"],
            code=concept("91936005", "Allergy to penicillin"),
            patient=chart.subject,
            assertedDate=f"{day(2000)}{RECORDED}",
        )
    ]


def _readings(chart: Chart) -> list[Json]:
    """Blood pressure with its targets, weight, and the plan that was agreed."""
    taken = day(10 + chart.dice.below(60))
    made = [_reading(chart, "27113001", "Body weight", 55 + chart.dice.below(40), "kg", taken)]
    if "hypertension" in chart.person.conditions:
        upper = 125 + chart.dice.below(40)
        made += [
            _reading(chart, "271649006", "Systolic blood pressure", upper, "mm[Hg]", taken),
            _reading(chart, "315612005", "Target systolic pressure", 140, "mm[Hg]", taken),
        ]
    if chart.has_plan:
        made.append(_said(chart, "288834001", "Agreeing on care plan", day(30)))
    if chart.person.opted_out:
        made.append(_said(chart, "416409005", _REFUSED, day(90)))
    return made


def _said(chart: Chart, code: str, words: str, day: str) -> Json:
    return chart.resource(
        "Observation",
        code,
        status="final",
        code=concept(code, words),
        subject=chart.subject,
        effectiveDateTime=day,
        issued=f"{day}{RECORDED}",
        performer=[chart.doctor],
    )


def _reading(chart: Chart, code: str, words: str, value: int, unit: str, day: str) -> Json:
    quantity = {"value": value, "unit": unit, "system": _UCUM, "code": unit}
    return _said(chart, code, words, day) | {"valueQuantity": quantity}


def _diary(chart: Chart) -> list[Json]:
    if not chart.has_plan:
        return []
    return [
        chart.resource(
            "ProcedureRequest",
            status="active",
            intent="plan",
            code=concept("414919006", "Long-term condition review"),
            subject=chart.subject,
            occurrenceDateTime=(SEEN_ON + timedelta(days=40)).isoformat(),
            authoredOn=f"{day(30)}{RECORDED}",
            requester={"agent": chart.doctor},
        )
    ]


def _referrals(chart: Chart) -> list[Json]:
    if not chart.person.is_known_to(places.COMMUNITY):
        return []
    return [
        chart.resource(
            "ReferralRequest",
            status="active",
            intent="order",
            priority="routine",
            subject=chart.subject,
            authoredOn=f"{day(25)}{RECORDED}",
            requester={"agent": chart.doctor},
            recipient=[{"display": places.COMMUNITY.name}],
            reasonCode=[{"text": "Community rehabilitation"}],
        )
    ]


_UCUM: Final = "http://unitsofmeasure.org"
_REFUSED: Final = "Refused consent for upload to local shared electronic record"
_PROBLEM_LIST_ITEM: Final = {
    "system": "https://fhir.hl7.org.uk/STU3/CodeSystem/CareConnect-ConditionCategory-1",
    "code": "problem-list-item",
    "display": "Problem List Item",
}
