"""The parts of one person's GP record share these: ids, labels, references, days.

Out     Chart: the person with the references that join the parts of their record.
Pure    Yes.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from gateway.cli.demo.dice import Dice
from gateway.cli.demo.people import SEEN_ON, Person

SNOMED: Final = "http://snomed.info/sct"
PROFILE: Final = "https://fhir.nhs.uk/STU3/StructureDefinition/CareConnect-GPC-"
RECORDED: Final = "T09:30:00+00:00"
_LABELS: Final = "http://terminology.hl7.org/CodeSystem/v3-"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chart:
    """One person's record at their practice."""

    person: Person
    dice: Dice

    @property
    def subject(self) -> Json:
        """Reference to the person."""
        return {"reference": f"Patient/{self.guid('patient')}"}

    @property
    def doctor(self) -> Json:
        """Reference to the doctor who signs."""
        return {"reference": f"Practitioner/{self.guid('doctor')}"}

    @property
    def practice(self) -> Json:
        """Reference to the practice."""
        return {"reference": f"Organization/{self.guid('practice')}"}

    @property
    def has_plan(self) -> bool:
        """Whether a care plan was agreed with the person."""
        return self.person.role == "norma" or len(self.person.conditions) > 1

    def guid(self, *names: object) -> str:
        """A GUID that is the same each time for the same thing of the same person."""
        text = "|".join(map(str, (self.person.practice.code, self.person.number, *names)))
        digest = hashlib.sha256(text.encode()).hexdigest().upper()
        return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))

    def resource(self, kind: str, *names: object, **content: Any) -> Json:
        """A resource with the practice's own identifier."""
        number = self.guid(kind, *names)
        own = {"system": f"https://gp-system.example/{self.person.practice.code}", "value": number}
        return {
            "resourceType": kind,
            "id": number,
            "meta": {"profile": [f"{PROFILE}{kind}-1"]},
            "identifier": [own],
            **content,
        }


def concept(code: str, words: str) -> Json:
    """A SNOMED CT code with its words."""
    return {"coding": [{"system": SNOMED, "code": code, "display": words}]}


def label(system: str, code: str) -> dict[str, str]:
    """A security label."""
    return {"system": f"{_LABELS}{system}", "code": code}


def day(days_before: int) -> str:
    """A day before the one the borough is seen on."""
    return (SEEN_ON - timedelta(days=days_before)).isoformat()
