"""GP Connect structured records, as a practice's system answers: one STU3 bundle per person.

In      A person of the borough.
Out     The JSON bytes of the bundle: patient, practice, doctor, problems, medicines, readings,
        targets, diary entries, referrals, and the seven lists of a whole record.
Source  GP Connect Access Record: Structured 1.6; FHIR STU3; CareConnect profiles.
Pure    Yes.
"""

import hashlib
from datetime import timedelta
from typing import Any, Final

import orjson

from gateway.cli.demo import places
from gateway.cli.demo.dice import Dice
from gateway.cli.demo.people import SEEN_ON, Person
from gateway.cli.demo.plans import CONDITIONS, LongTerm

_SNOMED: Final = "http://snomed.info/sct"
_PROFILE: Final = "https://fhir.nhs.uk/STU3/StructureDefinition/CareConnect-GPC-"
_LABELS: Final = "http://terminology.hl7.org/CodeSystem/v3-"
_VERIFIED: Final = "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-NHSNumberVerificationStatus-1"
_MADE: Final = f"{SEEN_ON.isoformat()}T06:00:00+00:00"
_RECORDED: Final = "T09:30:00+00:00"

_LISTS: Final = {
    "717711000000103": ("Problems", ("Condition",)),
    "886921000000105": ("Allergies and adverse reactions", ("AllergyIntolerance",)),
    "1149501000000101": ("List of consultations", ("Encounter",)),
    "826501000000100": ("Miscellaneous record", ("Observation",)),
    "792931000000107": ("Outbound referral", ("ReferralRequest",)),
    "714311000000108": ("Patient recall administration", ("ProcedureRequest",)),
    "933361000000108": ("Medications and medical devices", ("MedicationStatement",)),
}

Json = dict[str, Any]


def structured_record(person: Person, seed: int = 1) -> bytes:
    """The whole record of one person, as their practice holds it."""
    writer = _Writer(person, Dice("gp", seed, person.number))
    resources = writer.written()
    bundle = {
        "resourceType": "Bundle",
        "id": writer.guid("bundle"),
        "meta": {
            "lastUpdated": _MADE,
            "profile": [
                "https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-StructuredRecord-Bundle-1"
            ],
        },
        "type": "collection",
        "entry": [{"resource": resource} for resource in resources],
    }
    return orjson.dumps(bundle)


class _Writer:
    """Writes one person's record; references join its parts."""

    def __init__(self, person: Person, dice: Dice) -> None:
        self.person = person
        self.dice = dice
        self.subject = {"reference": f"Patient/{self.guid('patient')}"}
        self.doctor = {"reference": f"Practitioner/{self.guid('doctor')}"}
        self.practice = {"reference": f"Organization/{self.guid('practice')}"}

    def guid(self, *names: object) -> str:
        """A GUID that is the same each time for the same thing of the same person."""
        text = "|".join(map(str, (self.person.practice.code, self.person.number, *names)))
        digest = hashlib.sha256(text.encode()).hexdigest().upper()
        return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))

    def written(self) -> list[Json]:
        """Every resource, in the order a practice's system sends them."""
        entries = [
            self._encounter(),
            *self._problems(),
            *self._medicines(),
            *self._allergies(),
            *self._readings(),
            *self._diary(),
            *self._referrals(),
        ]
        head = [self._patient(), self._organization(), self._practitioner()]
        return [*head, *entries, *self._lists(entries)]

    def _resource(self, kind: str, *names: object, **content: Any) -> Json:
        number = self.guid(kind, *names)
        own = {
            "system": f"https://gp-system.example/{self.person.practice.code}",
            "value": number,
        }
        return {
            "resourceType": kind,
            "id": number,
            "meta": {"profile": [f"{_PROFILE}{kind}-1"]},
            "identifier": [own],
            **content,
        }

    def _patient(self) -> Json:
        person = self.person
        verified = {"system": _VERIFIED, "code": "01", "display": "Number present and verified"}
        status = {
            "url": f"{_PROFILE.replace('CareConnect', 'Extension-CareConnect')}"
            "NHSNumberVerificationStatus-1",
            "valueCodeableConcept": {"coding": [verified]},
        }
        made = self._resource(
            "Patient",
            active=True,
            name=[{"use": "official", "family": person.family, "given": [person.given]}],
            gender=person.gender,
            birthDate=person.born.isoformat(),
            generalPractitioner=[self.doctor],
            managingOrganization=self.practice,
        )
        made["id"] = self.guid("patient")
        made["identifier"] = [
            {
                "extension": [status],
                "system": "https://fhir.nhs.uk/Id/nhs-number",
                "value": person.nhs_number,
            },
            {"system": made["identifier"][0]["system"], "value": f"EM-{person.number:06}"},
        ]
        return self._with_home(made)

    def _with_home(self, made: Json) -> Json:
        """Home and telephone; for a restricted person the practice sends a label instead."""
        person = self.person
        if person.sensitivity:
            code = "V" if person.sensitivity.startswith("very") else "R"
            made["meta"]["security"] = [_label("Confidentiality", code)]
            return made
        made["address"] = [
            {
                "use": "home",
                "line": [person.street],
                "city": person.town,
                "postalCode": person.postcode,
            }
        ]
        made["telecom"] = [{"system": "phone", "value": person.phone, "use": "home"}]
        return made

    def _organization(self) -> Json:
        practice = self.person.practice
        ods = {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": practice.code}
        made = self._resource("Organization", name=practice.name)
        return made | {"id": self.guid("practice"), "identifier": [ods]}

    def _practitioner(self) -> Json:
        practice = self.person.practice
        number = {
            "system": "https://fhir.hl7.org.uk/Id/gmp-number",
            "value": practice.gp_number,
        }
        made = self._resource(
            "Practitioner", name=[{"use": "official", "family": practice.gp, "prefix": ["Dr"]}]
        )
        return made | {"id": self.guid("doctor"), "identifier": [number]}

    def _encounter(self) -> Json:
        on = self._day(20 + self.dice.below(200))
        return self._resource(
            "Encounter",
            status="finished",
            type=[{"text": "GP surgery consultation"}],
            subject=self.subject,
            period={"start": f"{on}{_RECORDED}", "end": f"{on}T09:42:00+00:00"},
            serviceProvider=self.practice,
        )

    def _problems(self) -> list[Json]:
        return [self._problem(CONDITIONS[name]) for name in self.person.conditions]

    def _problem(self, condition: LongTerm) -> Json:
        began = self._day(400 + self.dice.below(3000))
        significance = {
            "url": "https://fhir.hl7.org.uk/STU3/StructureDefinition/"
            "Extension-CareConnect-ProblemSignificance-1",
            "valueCode": "major" if condition.is_major else "minor",
        }
        made = self._resource(
            "Condition",
            condition.code,
            extension=[significance],
            clinicalStatus="active",
            category=[{"coding": [_PROBLEM_LIST_ITEM]}],
            code=_concept(condition.code, condition.words),
            subject=self.subject,
            onsetDateTime=began,
            assertedDate=f"{began}{_RECORDED}",
            asserter=self.doctor,
        )
        if condition.sensitivity:
            made["meta"]["security"] = [
                _label("ActCode", condition.sensitivity),
                _label("Confidentiality", "R"),
            ]
        return made

    def _medicines(self) -> list[Json]:
        named = ((name, CONDITIONS[name]) for name in self.person.conditions)
        return [self._medicine(name, one) for name, one in named if one.medicine[0]]

    def _medicine(self, name: str, condition: LongTerm) -> Json:
        code, words, dose = condition.medicine
        since = self._day(100 + self.dice.below(700))
        made = self._resource(
            "MedicationStatement",
            name,
            status="active",
            medicationCodeableConcept=_concept(code, words),
            effectivePeriod={"start": since},
            dateAsserted=f"{since}{_RECORDED}",
            subject=self.subject,
            taken="unk",
            dosage=[{"text": dose}],
        )
        if condition.sensitivity:
            made["meta"]["security"] = [
                _label("ActCode", condition.sensitivity),
                _label("Confidentiality", "R"),
            ]
        return made

    def _allergies(self) -> list[Json]:
        if self.person.role != "norma" and not self.dice.is_within(15):
            return []
        return [
            self._resource(
                "AllergyIntolerance",
                clinicalStatus="active",
                verificationStatus="unconfirmed",
                category=["medication"],
                code=_concept("91936005", "Allergy to penicillin"),
                patient=self.subject,
                assertedDate=f"{self._day(2000)}{_RECORDED}",
            )
        ]

    def _readings(self) -> list[Json]:
        """Blood pressure with its targets, weight, and the plan that was agreed."""
        taken = self._day(10 + self.dice.below(60))
        made = [self._reading("27113001", "Body weight", 55 + self.dice.below(40), "kg", taken)]
        if "hypertension" in self.person.conditions:
            upper = 125 + self.dice.below(40)
            made += [
                self._reading("271649006", "Systolic blood pressure", upper, "mm[Hg]", taken),
                self._reading("315612005", "Target systolic pressure", 140, "mm[Hg]", taken),
            ]
        if self._has_plan():
            made.append(self._said("288834001", "Agreeing on care plan", self._day(30)))
        if self.person.opted_out:
            made.append(self._said("416409005", _REFUSED, self._day(90)))
        return made

    def _has_plan(self) -> bool:
        return self.person.role == "norma" or len(self.person.conditions) > 1

    def _said(self, code: str, words: str, day: str) -> Json:
        return self._resource(
            "Observation",
            code,
            status="final",
            code=_concept(code, words),
            subject=self.subject,
            effectiveDateTime=day,
            issued=f"{day}{_RECORDED}",
            performer=[self.doctor],
        )

    def _reading(self, code: str, words: str, value: int, unit: str, day: str) -> Json:
        quantity = {"value": value, "unit": unit, "system": _UCUM, "code": unit}
        return self._said(code, words, day) | {"valueQuantity": quantity}

    def _diary(self) -> list[Json]:
        if not self._has_plan():
            return []
        return [
            self._resource(
                "ProcedureRequest",
                status="active",
                intent="plan",
                code=_concept("414919006", "Long-term condition review"),
                subject=self.subject,
                occurrenceDateTime=(SEEN_ON + timedelta(days=40)).isoformat(),
                authoredOn=f"{self._day(30)}{_RECORDED}",
                requester={"agent": self.doctor},
            )
        ]

    def _referrals(self) -> list[Json]:
        if not self.person.is_known_to(places.COMMUNITY):
            return []
        return [
            self._resource(
                "ReferralRequest",
                status="active",
                intent="order",
                priority="routine",
                subject=self.subject,
                authoredOn=f"{self._day(25)}{_RECORDED}",
                requester={"agent": self.doctor},
                recipient=[{"display": places.COMMUNITY.name}],
                reasonCode=[{"text": "Community rehabilitation"}],
            )
        ]

    def _lists(self, entries: list[Json]) -> list[Json]:
        return [self._list(code, *held, entries) for code, held in _LISTS.items()]

    def _list(self, code: str, title: str, kinds: tuple[str, ...], entries: list[Json]) -> Json:
        items = [
            {"item": {"reference": f"{entry['resourceType']}/{entry['id']}"}}
            for entry in entries
            if entry["resourceType"] in kinds
        ]
        made = {
            "resourceType": "List",
            "meta": {"profile": [f"{_PROFILE}List-1"]},
            "status": "current",
            "mode": "snapshot",
            "title": title,
            "code": _concept(code, title),
            "subject": self.subject,
            "date": _MADE,
            "orderedBy": {
                "coding": [{"system": "http://hl7.org/fhir/list-order", "code": "event-date"}]
            },
        }
        return made | ({"entry": items} if items else {"emptyReason": _EMPTY})

    def _day(self, days_before: int) -> str:
        return (SEEN_ON - timedelta(days=days_before)).isoformat()


def _concept(code: str, words: str) -> Json:
    return {"coding": [{"system": _SNOMED, "code": code, "display": words}]}


def _label(system: str, code: str) -> dict[str, str]:
    return {"system": f"{_LABELS}{system}", "code": code}


_UCUM: Final = "http://unitsofmeasure.org"
_REFUSED: Final = "Refused consent for upload to local shared electronic record"
_PROBLEM_LIST_ITEM: Final = {
    "system": "https://fhir.hl7.org.uk/STU3/CodeSystem/CareConnect-ConditionCategory-1",
    "code": "problem-list-item",
    "display": "Problem List Item",
}
_EMPTY: Final = {
    "coding": [
        {
            "system": "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-ListEmptyReasonCode-1",
            "code": "no-content-recorded",
            "display": "No Content Recorded",
        }
    ]
}
