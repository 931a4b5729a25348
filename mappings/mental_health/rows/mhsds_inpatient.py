"""MHSDS to FHIR R4: the Mental Health Act and stays in hospital.

In      One row of a table with its context, each under its table's name (message/mhsds.py).
Out     MHS401/403/404/405 Flag (legal status); MHS402 and MHS503 CareTeam; MHS501 and MHS502
        Encounter (spell, ward stay with its leaves) and ServiceRequest (expected discharge);
        MHS504/511/518 Flag; MHS505 and MHS515 Procedure (restrictive interventions).
Rule    Restricted (R), all that tells of the Act, of restraint or of absence without leave. What
        was over when the submission was made is not shown: the row states its own period whole,
        so what an older submission said of it is taken away.
Source  MHSDS v5, v6; FHIR R4; UK Core (legal status).
"""

from functools import partial
from typing import Final

from mappings.core.model import dates, systems
from mappings.core.model.codes import CodeTable, Concept
from mappings.core.model.rows import Kind, Row, Target
from mappings.core.sets import national, national_care
from mappings.core.sets.national_keys import Applies, Filled, InForce, KeyedReference, RowKey
from mappings.core.sets.national_sets import ADMIN, LINE, UNPUBLISHED, ignored, provider_row
from mappings.core.shaping import elements
from mappings.mental_health.codes import mhsds as codes
from mappings.mental_health.rows import mhsds_lapse as lapse
from mappings.mental_health.rows import mhsds_shaping as shaping
from mappings.mental_health.rows.mhsds_names import MHSDS
from mappings.terms.access import Category

_MADE: Final = "MHS000.DateTimeDatSetCreate"
_JOINS_PERIOD: Final = "joins the row to its period under the Act"
_JOINS_STAY: Final = "joins the row to the stay"
_INPATIENT: Final = Concept(systems.ACT_CODE, "IMP", "inpatient encounter")
_SPELL: Final = KeyedReference(elements.ReferenceTo("Encounter"), "spell")
_NO_STATUS: Final = ("98", "99")
"""Legal status not applicable, or not known."""
_RESTRAINT: Final = elements.ReferenceTo("Procedure")


def team_of_one(
    row_id: str, role: str, key: RowKey, *, start: str, end: str, confidentiality: str = "N"
) -> Target:
    """One member of staff who is something to the person, from a day until a day."""
    table = key.table
    return Target(
        "CareTeam",
        key=key,
        reads=key.paths,
        category=Category.MENTAL_HEALTH,
        confidentiality=confidentiality,
        rows=(
            Row(
                f"{row_id}.status", "status", (f"{table}.{end}", _MADE), fn=national.running_status
            ),
            Row(f"{row_id}.name", "name", value=role, why="what the table holds"),
            Row(
                f"{row_id}.role",
                "participant[0].role[0].text",
                value=role,
                why="what the table holds",
            ),
            *codes.STAFF.roles(f"{row_id}.as", "participant[0].role[+]"),
            codes.STAFF.reference(
                f"{row_id}.who", "participant[0].member", f"{table}.CareProfLocalID", must=True
            ),
            Row(
                f"{row_id}.from",
                "participant[0].period.start",
                f"{table}.{start}",
                fn=dates.fhir_date,
            ),
            Row(
                f"{row_id}.until", "participant[0].period.end", f"{table}.{end}", fn=dates.fhir_date
            ),
            provider_row(MHSDS, f"{row_id}.provider", "managingOrganization[0]"),
        ),
    )


def _flag(
    key: RowKey, what: Row, in_force: InForce, *, start: tuple[str, ...], ends: tuple[str, str],
    limit: lapse.Ends | None,
) -> Target:  # fmt: skip
    table = key.table
    return Target(
        "Flag",
        when=in_force,
        key=key,
        reads=key.paths,
        category=Category.MENTAL_HEALTH,
        confidentiality="R",
        rows=(
            Row("flag.status", "status", value="active", why="only what is in force is shown"),
            what,
            national_care.moment("flag.from", "period.start", table, start),
            *_until(table, start, ends, limit),
            provider_row(MHSDS, "flag.provider", "author"),
        ),
    )


def _until(
    table: str, start: tuple[str, ...], ends: tuple[str, str], limit: lapse.Ends | None
) -> tuple[Row, ...]:
    """When it ends: as sent, or at the latest by law; then the period says so."""
    said = tuple(f"{table}.{column}" for column in ends)
    if limit is None:
        return (Row("flag.until", "period.end", said, fn=shaping.until),)
    begun = (f"{table}.{start[0]}", _MADE, *(f"{table}.{column}" for column in start[1:]))
    status = (f"{table}.LegalStatusCode",) if limit.limit is None else ()
    return (
        Row("flag.until", "period.end", (*said, *begun, *status), fn=limit),
        Row("flag.until.why", "period.extension[+]", (*said, *begun, *status), fn=lapse.Why(limit)),
    )


def _flag_kind(
    name: str, title: str, key: RowKey, what: str | CodeTable, *, start: tuple[str, ...],
    end: str, lapses: str = "", limit: lapse.Ends | None = None, left_out: dict[str, str],
) -> Kind:  # fmt: skip
    lapsed = f"{name}.{lapses}" if lapses else ""
    days = (_MADE, f"{name}.{start[0]}", f"{name}.{end}", lapsed)
    legal = f"{name}.LegalStatusCode"
    in_force = InForce(*days) if isinstance(what, str) else Applies(legal, _NO_STATUS, *days)
    if isinstance(what, str):
        said = Row("flag.what", "code.text", value=what, why="what the table holds")
    else:
        said = Row("flag.what", "code", f"{name}.LegalStatusCode", table=what, must=True)
    return MHSDS.kind(
        name,
        title,
        _flag(key, said, in_force, start=start, ends=(end, lapses or end), limit=limit),
        check=partial(shaping.over_faults, in_force),
        whole=key.of,
        ignored=left_out,
    )


_SPELLS: Final = Target(
    "Encounter",
    key=("=spell", "MHS501.HospProvSpellID"),
    category=Category.MENTAL_HEALTH,
    rows=(
        Row("spell.id", "identifier[0]", "MHS501.HospProvSpellID", fn=elements.local_id),
        Row(
            "spell.status",
            "status",
            ("MHS501.DischDateHospProvSpell", "MHS501.HospProvSpellID", _MADE),
            fn=shaping.stay_status,
            must=True,
        ),
        Row("spell.class", "class", value=_INPATIENT.coding(), why="a stay in hospital"),
        Row(
            "spell.period",
            "period",
            (
                "MHS501.StartDateHospProvSpell",
                "MHS501.StartTimeHospProvSpell",
                "MHS501.DischDateHospProvSpell",
                "MHS501.DischTimeHospProvSpell",
            ),
            fn=shaping.period_of,
        ),
        Row("spell.referral", "basedOn[0]", "MHS501.ServiceRequestID", fn=national_care.REFERRAL),
        Row(
            "spell.from",
            "hospitalization.admitSource",
            "MHS501.SourceAdmMHHospProvSpell",
            fn=codes.ADMITTED_FROM,
        ),
        Row(
            "spell.to",
            "hospitalization.dischargeDisposition",
            "MHS501.DestOfDischHospProvSpell",
            fn=codes.DISCHARGED_TO,
        ),
        provider_row(MHSDS, "spell.provider", "serviceProvider"),
    ),
)

_EXPECTED: Final = (
    "MHS501.PlannedDischDateHospProvSpell",
    "MHS501.EstimatedDischDateHospProvSpell",
)

_DISCHARGE: Final = Target(
    "ServiceRequest",
    name="discharge",
    when=Filled(*_EXPECTED),
    key=("=discharge", "MHS501.HospProvSpellID"),
    category=Category.MENTAL_HEALTH,
    rows=(
        Row(
            "discharge.status",
            "status",
            ("MHS501.DischDateHospProvSpell", "MHS501.HospProvSpellID", _MADE),
            fn=shaping.discharge_status,
            must=True,
        ),
        Row("discharge.intent", "intent", value="plan", why="a discharge that is expected"),
        Row(
            "discharge.what",
            "code.text",
            value="Discharge from hospital",
            why="what the columns tell of",
        ),
        Row("discharge.on", "occurrenceDateTime", _EXPECTED, fn=shaping.expected_day),
        Row("discharge.how_sure", "note[+]", _EXPECTED, fn=shaping.expected_note),
        Row("discharge.to", "locationCode[+]", "MHS501.PlannedDestDisch", fn=codes.DISCHARGED_TO),
        Row("discharge.spell", "encounter", "MHS501.HospProvSpellID", fn=_SPELL),
    ),
)

_WARD_STAYS: Final = Target(
    "Encounter",
    key=("=ward-stay", "MHS502.WardStayID"),
    category=Category.MENTAL_HEALTH,
    rows=(
        Row("stay.id", "identifier[0]", "MHS502.WardStayID", fn=elements.local_id),
        Row(
            "stay.status",
            "status",
            gather=shaping.ward_status,
            reads=("MHS502.EndDateWardStay", "MHS502.WardStayID"),
            must=True,
        ),
        Row("stay.class", "class", value=_INPATIENT.coding(), why="a stay in hospital"),
        Row(
            "stay.period",
            "period",
            (
                "MHS502.StartDateWardStay",
                "MHS502.StartTimeWardStay",
                "MHS502.EndDateWardStay",
                "MHS502.EndTimeWardStay",
            ),
            fn=shaping.period_of,
        ),
        Row(
            "stay.spell",
            "partOf",
            "MHS502.HospProvSpellID",
            fn=_SPELL,
        ),
        Row("stay.ward", "location[0].location", "MHS502.WardCode", fn=shaping.ward),
        Row(
            "stay.leave",
            "statusHistory[+]",
            gather=shaping.leaves,
            reads=tuple(
                f"{table}[].{column}"
                for table, columns in shaping.LEAVES.items()
                for column in columns
            ),
            fn=shaping.leave,
        ),
        provider_row(MHSDS, "stay.provider", "serviceProvider"),
    ),
)

_INCIDENTS: Final = Target(
    "Procedure",
    key=("MHS505.RestrictiveIntIncID",),
    category=Category.MENTAL_HEALTH,
    confidentiality="R",
    rows=(
        Row("restraint.id", "identifier[0]", "MHS505.RestrictiveIntIncID", fn=elements.local_id),
        Row("restraint.status", "status", value="completed", why="an incident that happened"),
        Row(
            "restraint.what",
            "code.text",
            value="Restrictive intervention",
            why="what the table holds",
        ),
        Row(
            "restraint.reason",
            "reasonCode[0]",
            "MHS505.RestrictiveIntReason",
            fn=codes.RESTRAINT_REASON,
        ),
        Row(
            "restraint.period",
            "performedPeriod",
            (
                "MHS505.StartDateRestrictiveIntInc",
                "MHS505.StartTimeRestrictiveIntInc",
                "MHS505.EndDateRestrictiveIntInc",
                "MHS505.EndTimeRestrictiveIntInc",
            ),
            fn=shaping.period_of,
        ),
        Row(
            "restraint.spell",
            "encounter",
            "MHS505.HospProvSpellID",
            fn=_SPELL,
        ),
    ),
)

_RESTRAINTS: Final = Target(
    "Procedure",
    name="restraint",
    each="MHS515[]",
    key=("=type", "RestrictiveIntTypeID"),
    category=Category.MENTAL_HEALTH,
    confidentiality="R",
    rows=(
        Row("type.id", "identifier[0]", "RestrictiveIntTypeID", fn=elements.local_id),
        Row("type.status", "status", value="completed", why="something that was done"),
        Row("type.what", "code", "RestrictiveIntType", table=codes.RESTRAINT, must=True),
        Row(
            "type.period",
            "performedPeriod",
            (
                "StartDateRestrictiveIntType",
                "StartTimeRestrictiveIntType",
                "EndDateRestrictiveIntType",
                "EndTimeRestrictiveIntType",
            ),
            fn=shaping.period_of,
        ),
        Row("type.incident", "partOf[0]", "/MHS505.RestrictiveIntIncID", fn=_RESTRAINT),
    ),
)

_REVIEW: Final = "who reviewed the incident afterwards; kept with the delivery"
_INJURY: Final = "injuries are in the clinical record; kept with the delivery"

KINDS: Final = (
    _flag_kind(
        "MHS401",
        "Legal status under the Mental Health Act (MHS401)",
        RowKey("MHS401", "MHActLegalStatusClassPeriodID"),
        codes.LEGAL_STATUS,
        start=("StartDateMHActLegalStatusClass", "StartTimeMHActLegalStatusClass"),
        end="EndDateMHActLegalStatusClass",
        lapses="ExpiryDateMHActLegalStatusClass",
        limit=lapse.Ends(),
        left_out={
            "MHS401.LocalPatientID": "joins the row to the person",
            **ignored(
                "MHS401",
                "the day is enough",
                "EndTimeMHActLegalStatusClass",
                "ExpiryTimeMHActLegalStatusClass",
            ),
            **ignored(
                "MHS401",
                UNPUBLISHED,
                "LegalStatusClassPeriodStartReason",
                "LegalStatusClassPeriodEndReason",
                "MentalCat",
            ),
        },
    ),
    MHSDS.kind(
        "MHS402",
        "Responsible clinician (MHS402)",
        team_of_one(
            "clinician",
            "Responsible clinician",
            RowKey(
                "MHS402",
                "MHActLegalStatusClassPeriodID",
                "CareProfLocalID",
                "StartDateRespClinAssign",
            ),
            start="StartDateRespClinAssign",
            end="EndDateRespClinAssign",
            confidentiality="R",
        ),
        ignored={
            "MHS402.MHActLegalStatusClassPeriodID": _JOINS_PERIOD,
            **codes.STAFF.joins(),
        },
    ),
    _flag_kind(
        "MHS403",
        "Conditional discharge (MHS403)",
        RowKey("MHS403", "MHActLegalStatusClassPeriodID", "StartDateMHCondDisch"),
        "Conditionally discharged under the Mental Health Act",
        start=("StartDateMHCondDisch",),
        end="EndDateMHCondDisch",
        left_out={
            "MHS403.MHActLegalStatusClassPeriodID": _JOINS_PERIOD,
            **ignored("MHS403", UNPUBLISHED, "CondDischEndReason", "AbsDischResp"),
        },
    ),
    _flag_kind(
        "MHS404",
        "Community treatment order (MHS404)",
        RowKey("MHS404", "MHActLegalStatusClassPeriodID", "StartDateCommTreatOrd"),
        "Community treatment order",
        start=("StartDateCommTreatOrd",),
        end="EndDateCommTreatOrd",
        lapses="ExpiryDateCommTreatOrd",
        limit=lapse.Ends(lapse.COMMUNITY_ORDER),
        left_out={
            "MHS404.MHActLegalStatusClassPeriodID": _JOINS_PERIOD,
            "MHS404.CommTreatOrdEndReason": UNPUBLISHED,
        },
    ),
    _flag_kind(
        "MHS405",
        "Recall from a community treatment order (MHS405)",
        RowKey(
            "MHS405",
            "MHActLegalStatusClassPeriodID",
            "StartDateCommTreatOrdRecall",
            "StartTimeCommTreatOrdRecall",
        ),
        "Recalled to hospital from a community treatment order",
        start=("StartDateCommTreatOrdRecall", "StartTimeCommTreatOrdRecall"),
        end="EndDateCommTreatOrdRecall",
        limit=lapse.Ends(lapse.RECALL),
        left_out={
            "MHS405.MHActLegalStatusClassPeriodID": _JOINS_PERIOD,
            "MHS405.EndTimeCommTreatOrdRecall": "the day is enough",
        },
    ),
    MHSDS.kind(
        "MHS501",
        "Hospital stay and expected discharge (MHS501)",
        _SPELLS,
        _DISCHARGE,
        whole=RowKey("MHS501", "HospProvSpellID").of,
        ignored={
            **ignored(
                "MHS501",
                ADMIN,
                "DecidedToAdmitDate",
                "DecidedToAdmitTime",
                "MethAdmMHHospProvSpell",
                "MethOfDischMHHospProvSpell",
                "TransformingCareInd",
                "TransformingCareCategory",
            ),
            "MHS501.PostcodeMainVisitor": "about somebody else",
            "MHS501.PostcodeDischDestHospProvSpell": "the address comes with the person",
        },
    ),
    MHSDS.kind(
        "MHS502",
        "Ward stay (MHS502, MHS509, MHS510, MHS514)",
        _WARD_STAYS,
        check=shaping.leave_faults,
        ignored={
            **ignored(
                "MHS502",
                ADMIN,
                "EndDateMHTrialLeave",
                "MHAdmittedPatientClass",
                "SpecialisedMHServiceCode",
                "SiteIDOfTreat",
                "WardType",
                "WardAge",
                "WardSexTypeCode",
                "IntendClinCareIntenCodeMH",
            ),
            **ignored(
                "MHS502",
                "how a ward is secured is of the ward; the legal status says who may not leave",
                "WardSecLevel",
                "LockedWardInd",
            ),
            **{
                f"{table}[].{column}": why
                for table, times in (
                    ("MHS509", ("StartTimeHomeLeave", "EndTimeHomeLeave")),
                    ("MHS510", ("StartTimeMHLeaveAbs", "EndTimeMHLeaveAbs")),
                    ("MHS514", ("StartTimeMHTrialLeave", "EndTimeMHTrialLeave")),
                )
                for column, why in (
                    ("WardStayID", _JOINS_STAY),
                    *((time, "the day is enough") for time in times),
                    ("RowNumber", LINE),
                )
            },
            "MHS510[].MHLeaveAbsEndReason": UNPUBLISHED,
            "MHS510[].EscortedLeaveIndicator": "not part of the shared plan",
        },
    ),
    MHSDS.kind(
        "MHS503",
        "Professional who cares for the person in hospital (MHS503)",
        team_of_one(
            "professional",
            "Care professional in hospital",
            RowKey("MHS503", "HospProvSpellID", "CareProfLocalID", "StartDateAssCareProf"),
            start="StartDateAssCareProf",
            end="EndDateAssCareProf",
        ),
        ignored={
            "MHS503.HospProvSpellID": _JOINS_STAY,
            **codes.STAFF.joins(),
            "MHS503.TreatFuncCodeMH": ADMIN,
        },
    ),
    _flag_kind(
        "MHS504",
        "Delayed discharge (MHS504)",
        RowKey("MHS504", "HospProvSpellID", "StartDateDelayDisch"),
        "Discharge from hospital is delayed",
        start=("StartDateDelayDisch",),
        end="EndDateDelayDisch",
        left_out={
            "MHS504.HospProvSpellID": _JOINS_STAY,
            **ignored("MHS504", UNPUBLISHED, "DelayDischReason", "AttribToIndic"),
            "MHS504.OrgIDRespLADelayDisch": ADMIN,
        },
    ),
    MHSDS.kind(
        "MHS505",
        "Restrictive intervention (MHS505, MHS515)",
        _INCIDENTS,
        _RESTRAINTS,
        whole=RowKey("MHS505", "RestrictiveIntIncID").of,
        ignored={
            **ignored(
                "MHS505",
                _REVIEW,
                "RestrictiveIntPIReviewHeldPat",
                "RestrictiveIntPIReviewNotHeldReasPat",
                "RestrictiveIntPIReviewHeldCarePers",
            ),
            **ignored(
                "MHS515[]",
                _INJURY,
                "RestraintInjuryPatient",
                "RestraintInjuryCarePers",
                "RestraintInjuryOtherPers",
            ),
            "MHS515[].RestrictiveIntIncID": "joins the intervention to the incident",
            "MHS515[].RowNumber": LINE,
        },
    ),
    _flag_kind(
        "MHS511",
        "Absence without leave (MHS511)",
        RowKey("MHS511", "WardStayID", "StartDateMHAbsWOLeave", "StartTimeMHAbsWOLeave"),
        "Absent from hospital without leave",
        start=("StartDateMHAbsWOLeave", "StartTimeMHAbsWOLeave"),
        end="EndDateMHAbsWOLeave",
        left_out={
            "MHS511.WardStayID": _JOINS_STAY,
            "MHS511.EndTimeMHAbsWOLeave": "the day is enough",
            "MHS511.MHAbsWOLeaveEndReason": UNPUBLISHED,
        },
    ),
    _flag_kind(
        "MHS518",
        "Clinically ready for discharge (MHS518)",
        RowKey("MHS518", "HospProvSpellID", "StartDateClinReadyforDisch"),
        "Clinically ready for discharge from hospital",
        start=("StartDateClinReadyforDisch",),
        end="EndDateClinReadyforDisch",
        left_out={
            "MHS518.HospProvSpellID": _JOINS_STAY,
            **ignored("MHS518", UNPUBLISHED, "ClinReadyforDischDelayReason", "AttribToIndic"),
            "MHS518.OrgIDRespLAClinReadyforDisch": ADMIN,
        },
    ),
    MHSDS.orphan("MHS509", "Home leave whose ward stay was not sent (MHS509)", "MHS502"),
    MHSDS.orphan("MHS510", "Leave of absence whose ward stay was not sent (MHS510)", "MHS502"),
    MHSDS.orphan("MHS514", "Trial leave whose ward stay was not sent (MHS514)", "MHS502"),
    MHSDS.orphan("MHS515", "Intervention whose incident was not sent (MHS515)", "MHS505"),
)
