"""MHSDS indicators of a person (MHS005) to FHIR R4.

In      One row of MHS005 with its person (message/mhsds.py).
Out     Flag, for the safeguarding role alone: child protection, a looked-after child, offences.
        Condition: a learning disability or autism that is confirmed. Observation: reasonable
        adjustments, supervision, caring, parental responsibility, advocates, the armed forces.
Rule    A row says all of its person's indicators: what an older one said beside it is taken away.
Source  MHSDS v6; NHS Data Model and Dictionary (codes/mhsds_indicators.py).
"""

from functools import partial
from typing import Final

from mappings.core.model.rows import Row
from mappings.core.sets import national_flags
from mappings.core.sets.national_keys import RowKey
from mappings.core.sets.national_sets import UNPUBLISHED, ignored
from mappings.mental_health.codes import mhsds_indicators as codes
from mappings.mental_health.rows.mhsds_names import MHSDS
from mappings.terms.access import Category

_PERSON: Final = "MHS005.LocalPatientID"
_STANDS: Final = Row("flag.status", "status", value="active", why="as the submission says")
_flag = partial(national_flags.protection, MHSDS, whose=_PERSON, category=Category.SAFEGUARDING)
_condition = partial(
    national_flags.confirmed, code="1", whose=_PERSON, category=Category.MENTAL_HEALTH
)
_indicated = partial(national_flags.indicated, whose=_PERSON, category=Category.MENTAL_HEALTH)

_FLAGS: Final = (
    _flag(
        "MHS005.CPP",
        "child-protection",
        about="Child protection",
        none=("1", "X"),
        status=Row("flag.status", "status", "MHS005.CPP", fn=codes.protected_now),
        what=Row("flag.what", "code", "MHS005.CPP", table=codes.CHILD_PROTECTION),
    ),
    _flag(
        "MHS005.LACStatus",
        "looked-after-child",
        about="Looked-after child",
        none=("N", "X"),
        status=_STANDS,
        what=Row("flag.what", "code", "MHS005.LACStatus", table=codes.LOOKED_AFTER),
    ),
    _flag(
        "MHS005.OffenceHistory",
        "offence-history",
        about="Offence history",
        none=("1", "X"),
        status=_STANDS,
        what=Row("flag.what", "code", "MHS005.OffenceHistory", table=codes.OFFENCES),
    ),
)

_CONDITIONS: Final = (
    _condition("MHS005.LDStatus", "learning-disability", "Learning disability"),
    _condition("MHS005.AutismStatus", "autism", "Autism"),
)

_OBSERVATIONS: Final = (
    *(
        _indicated(f"MHS005.{column}", word, what, codes.YES_NO)
        for column, word, what in (
            ("ReasonableAdjustmentInd", "reasonable-adjustment", "Reasonable adjustments needed"),
            (
                "ConstSuperReqDueToDis",
                "constant-supervision",
                "Constant supervision and care needed because of a disability",
            ),
            ("YoungCarer", "young-carer", "Young carer"),
            ("ParentalResp", "parental-responsibility", "Parental responsibility for a child"),
            ("IMCARequired", "capacity-advocate", "Independent mental capacity advocate needed"),
            (
                "IMCAAssigned",
                "capacity-advocate-assigned",
                "Independent mental capacity advocate assigned",
            ),
            ("IMHARequired", "health-advocate", "Independent mental health advocate needed"),
            (
                "IMHAAssigned",
                "health-advocate-assigned",
                "Independent mental health advocate assigned",
            ),
        )
    ),
    _indicated(
        "MHS005.ExBAFIndicator",
        "armed-forces",
        "Service in the British armed forces",
        codes.ARMED_FORCES,
        confidentiality="R",
    ),
)

KINDS: Final = (
    MHSDS.kind(
        "MHS005",
        "Indicators of the person (MHS005)",
        *_FLAGS,
        *_CONDITIONS,
        *_OBSERVATIONS,
        check=partial(national_flags.unknown_codes, "MHS005", codes.KNOWN),
        whole=RowKey("MHS005", "LocalPatientID").of,
        ignored={
            "MHS005.LACLegalStatus": UNPUBLISHED,
            "MHS005.EducationalAssessOutcome": "not part of the shared plan",
            **ignored(
                "MHS005",
                "waiting-time measurement of early intervention; kept with the delivery",
                "ProPsychDate",
                "EmerPsychDate",
                "ManPsychDate",
                "PsychPrescDate",
                "PsychTreatDate",
            ),
        },
    ),
)
