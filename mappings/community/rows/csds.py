"""CSDS 1.5 and 1.6 to FHIR R4: the rows a clinician signs off.

In      One row of a table with its context, each under its table's name (message/csds.py).
Out     CYP001 Patient, and where they would wish to die (restricted); CYP003/006/007/401/404/602
        Observation (social history); CYP004 CarePlan header, with a Provenance for each agreement
        and for the last update; CYP101 and CYP105 ServiceRequest; CYP201 Encounter; CYP202
        Procedure, Condition, Observation; CYP601/606/607/608 Condition; CYP609/612 Observation
        (survey); CYP611 Observation (vital signs).
Errors  an attendance code without a meaning, or a score out of range, quarantines the row.
Source  CSDS v1.5, v1.6; FHIR R4; UK Core.
Rule    The data set sends no plan status: draft unless implemented or agreed, completed after
        death (national.PLAN_RULES). Every resource says as at which day it holds.
"""

from functools import partial
from typing import Final

from mappings.community.codes import csds as codes
from mappings.community.codes.csds_rules import RULES
from mappings.community.rows import csds_shaping as shaping
from mappings.core.model import dates, systems
from mappings.core.model.codes import Concept
from mappings.core.model.rows import Row, Target
from mappings.core.sets import (
    national,
    national_care,
    national_codes,
    national_days,
    national_flags,
)
from mappings.core.sets import national_targets as targets
from mappings.core.sets.national_keys import Filled, RowKey, Using
from mappings.core.sets.national_sets import ADMIN, LINE, UNPUBLISHED, Names, ignored
from mappings.core.shaping import elements
from mappings.terms import plans, scores
from mappings.terms.access import Category

CSDS: Final = Names(
    header="CYP000",
    version="Version",
    provider="OrgID_Provider",
    submitter="OrgID_Submitter",
    system="PrimarySystem",
    starts="RP_StartDate",
    ends="RP_EndDate",
    created="FileCreation_DateTime",
    person="CYP001",
    claim=(
        "LocalPatientID",
        "OrgID_LocalPatientID",
        "NHSNumber",
        "DateOfBirth",
        "NHSNumber_Status",
        "DateOfDeath",
    ),
    registration="CYP002",
    practice=("OrgID_GP", "GPRegistration_StartDate", "GPRegistration_EndDate"),
    contexts=("CYP001", "CYP101", "CYP201", "CYP202"),
    rules=RULES,
)
_MEASURES: Final = (scores.code_of, scores.value_of, scores.absent_reason)
_CONTACT_DAY: Final = ("CYP201.Contact_Date", "CYP201.Contact_Time")
_JOINS_PERSON: Final = "joins the row to the person"

_PATIENT: Final = targets.patient(
    CSDS,
    Category.DEMOGRAPHICS,
    gender="Gender",
    genders=codes.GENDER,
    postcode="Postcode",
    language="LanguagePreferred",
    ethnic="EthnicCategory",
)

_at_end_of_life = partial(
    national_flags.indicated,
    whose="CYP001.LocalPatientID",
    category=Category.CARE_PLAN,
    confidentiality="R",
)
_WISHES: Final = (
    _at_end_of_life(
        "CYP001.DeathLocationPreferred_Type",
        "preferred-place-of-death",
        "Preferred place of death",
        codes.DEATH_PLACE,
    ),
    _at_end_of_life(
        "CYP001.DiscussedPreferredDeathLocation_Indicator",
        "preferred-place-of-death-discussed",
        "Preferred place of death discussed",
        codes.DEATH_PLACE_DISCUSSED,
    ),
)
"""A wish, of which a team at the end of life must know; home carers read their own plan."""

_PLAN: Final = targets.care_plan(
    key="CYP004.PlanID",
    implemented="CYP004.Plan_ImplementDate",
    agreed="CYP005[].Plan_AgreedBy",
    died="CYP001.DateOfDeath",
    created=("CYP004.Plan_CreatedDate", "CYP004.Plan_CreatedTime"),
    made=CSDS.head(CSDS.created),
    category=Category.CARE_PLAN,
    kind=(
        Row(
            "plan.artefact",
            "category[+]",
            value=plans.CARE_PLAN.concept(),
            why="the table holds care plans",
        ),
        Row("plan.type", "category[+]", "CYP004.Plan_Type", fn=codes.PLAN_TYPE),
    ),
)

_AGREEMENT: Final = targets.agreement(
    CSDS,
    plan_key="CYP004.PlanID",
    table="CYP005",
    by="Plan_AgreedBy",
    on=("Plan_AgreedDate", "Plan_AgreedTime"),
    roles=codes.AGREED_BY,
    category=Category.CARE_PLAN,
)

_UPDATE: Final = targets.update(
    CSDS,
    plan_key="CYP004.PlanID",
    on=("CYP004.Plan_LastUpdateDate", "CYP004.Plan_LastUpdateTime"),
    category=Category.CARE_PLAN,
)

_REFERRALS: Final = Target(
    "ServiceRequest",
    key=("CYP101.ServiceRequestID",),
    category=Category.REFERRALS,
    rows=(
        Row("referral.id", "identifier[0]", "CYP101.ServiceRequestID", fn=elements.local_id),
        Row(
            "referral.status",
            "status",
            ("CYP101.Discharge_Date", "CYP101.ServiceRequestID", CSDS.head(CSDS.created)),
            fn=shaping.referral_status,
            must=True,
        ),
        Row("referral.intent", "intent", value="order", why="a referral that was received"),
        Row(
            "referral.what",
            "code.text",
            value="Referral to community health services",
            why="what the table holds",
        ),
        Row("referral.priority", "priority", "CYP101.Priority_Type", table=codes.PRIORITY),
        Row("referral.reason", "reasonCode[+]", "CYP101.PrimaryReferralReason", fn=codes.REASON),
        Row(
            "referral.other_reason",
            "reasonCode[+]",
            "CYP103[].ReferralReason_Other",
            fn=codes.REASON,
        ),
        Row(
            "referral.received",
            "authoredOn",
            ("CYP101.ReferralRequest_ReceivedDate", "CYP101.ReferralRequest_ReceivedTime"),
            fn=national.day_and_time,
        ),
        Row("referral.from", "requester", "CYP101.OrgID_Referring", fn=elements.ods_organisation),
        Row("referral.team_type", "performerType", "CYP102[].TeamType", fn=codes.TEAM_TYPE),
        Row(
            "referral.team",
            "performer[+]",
            gather=shaping.teams,
            reads=(
                "CYP102[].TeamID_Local",
                "CYP102[].Referral_ClosureDate",
                "CYP102[].Referral_RejectionDate",
            ),
            fn=shaping.team,
        ),
        Row(
            "referral.discharged",
            "note[+]",
            ("CYP101.Discharge_Date", CSDS.head(CSDS.created)),
            fn=national_days.discharge_note,
        ),
    ),
)

_ONWARD: Final = national_care.onward(
    "CYP105",
    on=("Onward_ReferralDate",),
    reason="Onward_ReferralReason",
    reasons=codes.ONWARD_REASON,
    to="OrgID_Receiving",
    category=Category.REFERRALS,
)

_CONTACTS: Final = national_care.contact(
    CSDS,
    key="CYP201.CareContactID",
    category=Category.ENCOUNTERS,
    attended="CYP201.AttendanceStatus",
    cancelled="CYP201.Contact_CancellationDate",
    on=_CONTACT_DAY,
    attendances=codes.ATTENDANCE,
    not_seen=codes.NOT_SEEN,
    mechanism="CYP201.ConsMechanism",
    classes=codes.CONTACT_CLASS,
    minutes="CYP201.CareContact_Duration",
    referral="CYP201.ServiceRequestID",
)

_ACTIVITY: Final = ("CYP202.CareActivityID", "CYP202.CareContactID", _CONTACT_DAY)

_ACTIVITIES: Final = (
    national_care.procedure(
        *_ACTIVITY,
        when=Filled("CYP202.CodedProcedure", "CYP202.Activity_Type"),
        code=("CYP202.Procedure_Scheme", "CYP202.CodedProcedure", "CYP202.Activity_Type"),
        codes=shaping.done,
        attended="CYP201.AttendanceStatus",
        attendances=codes.ATTENDANCE,
        category=Category.ENCOUNTERS,
        further=(
            Row("procedure.type", "category", "CYP202.Activity_Type", fn=codes.ACTIVITY_TYPE),
            codes.STAFF.reference(
                "procedure.by", "performer[0].actor", "CYP202.CareProfessionalID_Local"
            ),
        ),
    ),
    national_care.finding(
        *_ACTIVITY,
        code=("CYP202.Finding_Scheme", "CYP202.CodedFinding"),
        schemes=national_codes.FINDING_SCHEMES,
        category=Category.PROBLEMS,
    ),
    national_care.observation(
        *_ACTIVITY,
        code=("CYP202.Observation_Scheme", "CYP202.CodedObservation"),
        codes=Using(national.diagnosis, codes.OBSERVATION_SCHEMES),
        measured=("CYP202.ObservationValue", "CYP202.UC_UnitOfMeasurement"),
        category=Category.OBSERVATIONS,
    ),
)


def _measured(column: str, code: str, display: str, unit: str) -> Target:
    return Target(
        "Observation",
        name=column,
        when=Filled(f"CYP611.{column}"),
        key=("CYP611.CareActivityID", f"={column}"),
        category=Category.OBSERVATIONS,
        rows=(
            Row("sign.status", "status", value="final", why="measured"),
            Row(
                "sign.category",
                "category[0]",
                value=Concept(systems.OBSERVATION_CATEGORY, "vital-signs", "Vital Signs").concept(),
                why="a body measurement",
            ),
            Row(
                "sign.code",
                "code",
                value=Concept(systems.LOINC, code, display).concept(),
                why="what the column holds",
            ),
            Row(
                "sign.value",
                "valueQuantity",
                f"CYP611.{column}",
                fn=national.Unit(unit),
                must=True,
            ),
            Row("sign.on", "effectiveDateTime", _CONTACT_DAY, fn=national.day_and_time),
            Row("sign.contact", "encounter", "CYP202.CareContactID", fn=national_care.CONTACT),
        ),
    )


_diagnosis = partial(
    national_care.diagnosis,
    scheme="Diagnosis_Scheme",
    schemes=national_codes.DIAGNOSIS_SCHEMES,
    category=Category.PROBLEMS,
)
_referral_diagnosis = partial(_diagnosis, key="ServiceRequestID")
_circumstance = partial(national_care.circumstance, category=Category.OBSERVATIONS)

_REFERRAL_SCORE: Final = national_care.score(
    "CYP609",
    key=("ServiceRequestID", "SNOMED_ID", "AssessmentCompletion_Date"),
    code="SNOMED_ID",
    value="Score",
    on=Row(
        "score.on",
        "effectiveDateTime",
        "CYP609.AssessmentCompletion_Date",
        fn=dates.fhir_date_time,
        must=True,
    ),
    category=Category.OBSERVATIONS,
    measures=_MEASURES,
    further=(
        Row("score.referral", "basedOn[0]", "CYP609.ServiceRequestID", fn=national_care.REFERRAL),
    ),
)

_ACTIVITY_SCORE: Final = national_care.score(
    "CYP612",
    key=("CareActivityID", "SNOMED_ID"),
    code="SNOMED_ID",
    value="Score",
    on=Row("score.on", "effectiveDateTime", _CONTACT_DAY, fn=national.day_and_time, must=True),
    category=Category.OBSERVATIONS,
    measures=_MEASURES,
    further=(
        Row("score.referral", "basedOn[0]", "CYP201.ServiceRequestID", fn=national_care.REFERRAL),
        Row("score.contact", "encounter", "CYP202.CareContactID", fn=national_care.CONTACT),
    ),
)

_FACTOR_KEY: Final = RowKey("CYP402", "LocalPatientID", "SafeguardingFactors_Type")
_FACTOR: Final = national_flags.safeguarding(
    CSDS,
    _FACTOR_KEY,
    (
        Row("flag.status", "status", value="active", why="as the submission says"),
        Row("flag.what", "code", "CYP402.SafeguardingFactors_Type", fn=codes.FACTOR, must=True),
    ),
    category=Category.SAFEGUARDING,
    reads=_FACTOR_KEY.paths,
)
_PROTECTION_KEY: Final = RowKey("CYP403", "LocalPatientID", "CPP_Reason", "CPP_StartDate")
_PROTECTION: Final = national_flags.safeguarding(
    CSDS,
    _PROTECTION_KEY,
    (
        Row(
            "flag.status",
            "status",
            ("CYP403.CPP_EndDate", CSDS.head(CSDS.created)),
            fn=national.running_status,
        ),
        Row("flag.what", "code", "CYP403.CPP_Reason", table=codes.PROTECTED_FROM, must=True),
        Row("flag.from", "period.start", "CYP403.CPP_StartDate", fn=dates.fhir_date),
        Row("flag.until", "period.end", "CYP403.CPP_EndDate", fn=dates.fhir_date),
    ),
    category=Category.SAFEGUARDING,
    reads=_PROTECTION_KEY.paths,
    defaults={"status": "active"},
)

_INDICATOR: Final = "safeguarding and disability indicators are not shared from this data set"
_OF_DEATH: Final = "of the death itself, which no plan of the living holds; kept with the delivery"
_UNSHARED: Final = "not part of the shared plan"
_JUDGED: Final = "a judgement without its reason, author or day; it comes with the plan itself"

KINDS: Final = (
    CSDS.kind(
        "CYP001",
        "Person (CYP001, CYP002)",
        _PATIENT,
        *_WISHES,
        reads=tuple(f"CYP002[].{column}" for column in CSDS.practice),
        whole=RowKey("CYP001", "LocalPatientID").of,
        ignored={
            "CYP001.OrgID_EducationEstablishment": "the person's school",
            "CYP001.OrgID_Responsible": ADMIN,
            "CYP001.EthnicCategory2021": "UK Core has no codes for it; EthnicCategory is read",
            "CYP001.Relationship_MainCarer": UNPUBLISHED,
            "CYP001.HVFAV_Date": "health visitor's first visit; not part of the shared plan",
            **ignored(
                "CYP001",
                _INDICATOR,
                "ChildLookedAfter_Indicator",
                "Safeguarding_Indicator",
                "Disability_SupervisionAndCare_Indicator",
            ),
            "CYP001.EducationAssessment": _UNSHARED,
            "CYP001.RiskOfUnexpectedDeath_Indicator": _JUDGED,
            **ignored(
                "CYP001",
                _OF_DEATH,
                "DeathLocationActual_Type",
                "NotAtPreferredLocation_Reason",
            ),
            "CYP001.NHSNumber_Mother": "a third person's number; never stored with this one",
            "CYP001.NHSNumberStatus_Mother": "about a third person's number",
            "CYP002[].LocalPatientID": "joins the registration to the person",
            "CYP002[].OrgID_GPResponsible": ADMIN,
            "CYP002[].RowNumber": LINE,
        },
    ),
    CSDS.kind(
        "CYP003",
        "Where the person lives (CYP003)",
        _circumstance(
            "CYP003",
            what="Accommodation",
            value="AccommStatus",
            values=codes.ACCOMMODATION,
            on="AccommStatus_Date",
        ),
        ignored={},
    ),
    CSDS.kind(
        "CYP004",
        "Care plan header (CYP004, CYP005)",
        _PLAN,
        _AGREEMENT,
        _UPDATE,
        check=shaping.plan_faults,
        whole=RowKey("CYP004", "PlanID").of,
        ignored={
            "CYP004.LocalPatientID": _JOINS_PERSON,
            "CYP005[].PlanID": "joins the agreement to the plan",
            "CYP005[].RowNumber": LINE,
        },
    ),
    CSDS.kind(
        "CYP006",
        "Social and personal circumstance (CYP006)",
        _circumstance(
            "CYP006",
            what="Social and personal circumstance",
            value="SNOMED_ID",
            values=national.snomed,
            on="Circumstance_RecordedDate",
        ),
        ignored={},
    ),
    CSDS.kind(
        "CYP007",
        "Employment (CYP007)",
        _circumstance(
            "CYP007",
            what="Employment",
            value="EmploymentStatus",
            values=national_codes.EMPLOYMENT,
            on="EmploymentStatus_RecordedDate",
            further=national_care.part(
                "Weekly hours worked", "CYP007.WeeklyHoursWorked", national_codes.HOURS
            ),
        ),
        ignored={},
    ),
    CSDS.kind(
        "CYP101",
        "Referral (CYP101, CYP102, CYP103)",
        _REFERRALS,
        ignored={
            "CYP101.LocalPatientID": _JOINS_PERSON,
            **ignored(
                "CYP101",
                ADMIN,
                "OrgID_Commissioner",
                "ServiceLineAgreement",
                "SourceOfReferral",
                "Referring_StaffGroup",
            ),
            "CYP101.Discharge_LetterIssuedDate": "the letter itself is not sent",
            "CYP102[].ServiceRequestID": "joins the team to the referral",
            "CYP102[].Referral_ClosureReason": UNPUBLISHED,
            "CYP102[].Referral_RejectionReason": UNPUBLISHED,
            "CYP102[].RowNumber": LINE,
            "CYP103[].ServiceRequestID": "joins the reason to the referral",
            "CYP103[].RowNumber": LINE,
        },
    ),
    CSDS.kind("CYP105", "Onward referral (CYP105)", _ONWARD, ignored={}),
    CSDS.kind(
        "CYP201",
        "Care contact (CYP201)",
        _CONTACTS,
        check=shaping.contact_faults,
        ignored=ignored(
            "CYP201",
            ADMIN,
            "TeamID_Local",
            "OrgID_Commissioner",
            "AdminCategory",
            "Consultation_Type",
            "CareContact_Subject",
            "Activity_LocationType",
            "Treatment_OrgSiteID",
            "GroupTherapyIndicator",
            "ReasonableOffer_Date",
            "ClinicallyAppropriate_Date",
            "Contact_CancellationReason",
            "ReplacementAppointment_OfferedDate",
            "ReplacementAppointment_BookedDate",
        ),
    ),
    CSDS.kind(
        "CYP202",
        "Care activity (CYP202)",
        *_ACTIVITIES,
        check=shaping.activity_faults,
        ignored={
            "CYP202.CareActivity_Duration": "the contact's own duration is shown",
            **codes.STAFF.joins(),
        },
    ),
    CSDS.kind(
        "CYP401",
        "Special educational need (CYP401)",
        _circumstance(
            "CYP401",
            what="Special educational need",
            value="EducationNeed_Type",
            values=codes.EDUCATION_NEED,
        ),
        ignored={},
    ),
    CSDS.kind("CYP402", "Safeguarding vulnerability factor (CYP402)", _FACTOR, ignored={}),
    CSDS.kind("CYP403", "Child protection plan (CYP403)", _PROTECTION, ignored={}),
    CSDS.kind(
        "CYP404",
        "Assistive technology (CYP404)",
        _circumstance(
            "CYP404",
            what="Assistive technology",
            value="SNOMED_ID",
            values=national.snomed,
            on="SNOMED_Date",
        ),
        ignored={},
    ),
    CSDS.kind(
        "CYP601",
        "Medical history (CYP601)",
        _diagnosis(
            "CYP601",
            key="LocalPatientID",
            code="PreviousDiagnosis",
            on="Diagnosis_Date",
            words="Previous diagnosis",
            clinical="problem-list-item",
        ),
        check=shaping.previous_diagnosis_faults,
        ignored={},
    ),
    CSDS.kind(
        "CYP602",
        "Disability (CYP602)",
        _circumstance(
            "CYP602",
            what="Disability",
            value="Disability",
            values=national_codes.DISABILITY,
            further=national_care.part(
                "Impact as the person sees it",
                "CYP602.DisabilityImpactPerception",
                national_codes.IMPACT,
            ),
        ),
        ignored={},
    ),
    CSDS.kind(
        "CYP606",
        "Provisional diagnosis (CYP606)",
        _referral_diagnosis(
            "CYP606",
            code="ProvisionalDiagnosis",
            on="ProvisionalDiagnosis_Date",
            words="Provisional diagnosis",
            further=(national_care.PROVISIONAL,),
        ),
        check=shaping.provisional_diagnosis_faults,
        ignored={"CYP606.ServiceRequestID": _JOINS_PERSON},
    ),
    CSDS.kind(
        "CYP607",
        "Primary diagnosis (CYP607)",
        _referral_diagnosis(
            "CYP607",
            code="PrimaryDiagnosis",
            on="PrimaryDiagnosis_Date",
            words="Primary diagnosis",
        ),
        check=shaping.primary_diagnosis_faults,
        ignored={"CYP607.ServiceRequestID": _JOINS_PERSON},
    ),
    CSDS.kind(
        "CYP608",
        "Secondary diagnosis (CYP608)",
        _referral_diagnosis(
            "CYP608",
            code="SecondaryDiagnosis",
            on="SecondaryDiagnosis_Date",
            words="Secondary diagnosis",
        ),
        check=shaping.secondary_diagnosis_faults,
        ignored={"CYP608.ServiceRequestID": _JOINS_PERSON},
    ),
    CSDS.kind(
        "CYP609",
        "Scored assessment of a referral (CYP609)",
        _REFERRAL_SCORE,
        check=shaping.referral_score_faults,
        ignored={},
    ),
    CSDS.kind(
        "CYP611",
        "Body measurement in a care contact (CYP611)",
        _measured("Weight", "29463-7", "Body weight", "kg"),
        _measured("Height", "8302-2", "Body height", "m"),
        _measured("Length", "8306-3", "Body height --lying", "cm"),
        ignored={"CYP611.CareActivityID": "joins the measurement to the contact"},
    ),
    CSDS.kind(
        "CYP612",
        "Scored assessment in a care contact (CYP612)",
        _ACTIVITY_SCORE,
        check=shaping.activity_score_faults,
        ignored={"CYP612.CareActivityID": "joins the score to the contact"},
    ),
    CSDS.orphan("CYP002", "GP registration whose person was not sent (CYP002)", "CYP001"),
    CSDS.orphan("CYP005", "Agreement whose plan was not sent (CYP005)", "CYP004"),
    CSDS.orphan("CYP102", "Team whose referral was not sent (CYP102)", "CYP101"),
    CSDS.orphan("CYP103", "Reason whose referral was not sent (CYP103)", "CYP101"),
    CSDS.listing("CYP901", "Care professional who cannot be read (CYP901)"),
)
