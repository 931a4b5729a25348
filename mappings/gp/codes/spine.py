"""What the error codes of Spine and GP Connect mean, in our words.

Source  GP Connect, Spine-ErrorOrWarningCode-1.
"""

from collections.abc import Mapping
from typing import Final

INSTEAD: Final = "the GP system answered with an error instead of a record"
UNNAMED: Final = "it gives no reason that is known here"

MEANING: Final[Mapping[str, str]] = {
    "NO_RELATIONSHIP": "the practice has no legitimate relationship with this person",
    "NO_PATIENT_CONSENT": "the person has not agreed to this being shared",
    "NO_ORGANISATIONAL_CONSENT": "the practice has not agreed to share",
    "INVALID_NHS_NUMBER": "the NHS number asked for is not a valid one",
    "INVALID_PATIENT_DEMOGRAPHICS": "the NHS number could not be traced nationally",
    "PATIENT_NOT_FOUND": "the practice has no such patient",
    "PATIENT_SENSITIVE": "the record is marked sensitive",
    "NOT_IMPLEMENTED": "the system does not offer this",
    "ACCESS_DENIED": "the practice's system refused access",
    "ACCESS_DENIED_SSL": "the connection was refused",
    "ASID_CHECK_FAILED": "the asking system is not accredited",
    "INVALID_RESOURCE": "the request was not right",
    "INVALID_PARAMETER": "the request was not right",
    "BAD_REQUEST": "the request was not right",
    "REFERENCE_NOT_FOUND": "something the request named was not found",
    "NO_RECORD_FOUND": "there is no such record",
    "INTERNAL_SERVER_ERROR": "the practice's system failed; ask again later",
}
