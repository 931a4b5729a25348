"""Data table: NHS codes of a hospital stay: how and from where admitted, how and where to.

Source  UK Core code systems for England (admission method, source of admission, discharge method,
        discharge destination); the words are ours.
"""

from typing import Final

from mappings.core.model.codes import CodeTable, Concept

_SYSTEM: Final = "https://fhir.hl7.org.uk/CodeSystem/UKCore-"


def _table(name: str, source: str, rows: dict[str, str]) -> CodeTable:
    system = f"{_SYSTEM}{name}England"
    return CodeTable(
        source=f"NHS Data Dictionary, {source}",
        rows={code: Concept(system, code, words) for code, words in rows.items()},
    )


ADMISSION_METHOD: Final = _table(
    "AdmissionMethod",
    "ADMISSION METHOD CODE (PV1-4)",
    {
        "11": "Planned, from the waiting list",
        "12": "Planned, booked",
        "13": "Planned",
        "21": "Emergency, through the emergency department",
        "22": "Emergency, at a GP's request",
        "23": "Emergency, through the bed bureau",
        "24": "Emergency, from a consultant's clinic",
        "25": "Emergency, by the mental health crisis team",
        "28": "Emergency, by other means",
        "2A": "Emergency, through another provider's emergency department",
        "2B": "Emergency transfer from another provider",
        "2C": "Baby born at home as intended",
        "2D": "Other emergency admission",
        "31": "Maternity, before the birth",
        "32": "Maternity, after the birth",
        "81": "Transfer from another provider, no emergency",
        "82": "Birth in this hospital",
        "83": "Birth outside this hospital",
    },
)

ADMISSION_SOURCE: Final = _table(
    "SourceOfAdmission",
    "SOURCE OF ADMISSION CODE (PV1-14)",
    {
        "19": "Usual place of residence",
        "29": "Temporary place of residence",
        "37": "Court",
        "39": "Penal establishment, court or police station",
        "40": "Penal establishment",
        "41": "Court",
        "42": "Police station",
        "48": "High security psychiatric hospital, Scotland",
        "49": "NHS high security psychiatric unit",
        "50": "NHS medium secure unit",
        "51": "NHS ward for general patients",
        "52": "NHS ward for maternity or newborn babies",
        "53": "NHS ward for mental health or learning disability",
        "54": "NHS care home",
        "65": "Council residential home with care",
        "66": "Council foster care",
        "79": "Babies born in or on the way to hospital",
        "84": "Medium secure unit outside the NHS",
        "85": "Care home outside the NHS",
        "87": "Hospital outside the NHS",
        "88": "Hospice outside the NHS",
    },
)

DISCHARGE_METHOD: Final = _table(
    "DischargeMethod",
    "DISCHARGE METHOD CODE (PV1-36 of one digit)",
    {
        "1": "On clinical advice or with consent",
        "2": "Left by own or a relative's decision",
        "3": "By a tribunal, minister or court",
        "4": "Died",
        "5": "Stillbirth",
        "6": "Left by own decision",
        "7": "Left by a relative's decision",
        "8": "Not applicable",
        "9": "Not known",
    },
)

DISCHARGE_DESTINATION: Final = _table(
    "DischargeDestination",
    "DISCHARGE DESTINATION CODE (PV1-37, or PV1-36 of two digits)",
    {
        "19": "Usual place of residence",
        "29": "Temporary place of residence",
        "30": "Back from high security psychiatric care",
        "37": "Court",
        "38": "Penal establishment or police station",
        "48": "High security psychiatric hospital, Scotland",
        "49": "NHS high security psychiatric unit",
        "50": "NHS medium secure unit",
        "51": "NHS ward for general patients",
        "52": "NHS ward for maternity or newborn babies",
        "53": "NHS ward for mental health or learning disability",
        "54": "NHS care home",
        "65": "Council residential home with care",
        "66": "Council foster care",
        "79": "Died, or stillbirth",
        "84": "Medium secure unit outside the NHS",
        "85": "Care home outside the NHS",
        "87": "Hospital outside the NHS",
        "88": "Hospice outside the NHS",
        "98": "Not discharged",
        "99": "Not known",
    },
)
