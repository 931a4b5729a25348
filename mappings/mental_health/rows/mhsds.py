"""MHSDS 5 and 6 to FHIR R4: the rows a clinician signs off.

In      One row of a table with its context, each under its table's name (message/mhsds.py).
Out     MHS001 Patient; MHS003/004/007/010/011 Observation (social history); MHS006 CareTeam;
        MHS008 CarePlan header, with a Provenance for each agreement and for the last update;
        MHS101 ServiceRequest and CarePlan (discharge plan); MHS105 ServiceRequest; MHS201
        Encounter; MHS202 Procedure, Condition, Observation; MHS601/603/604/605/609 Condition;
        MHS606/607 Observation (survey); MHS701 EpisodeOfCare; MHS702 Encounter (review). The Act
        and stays in hospital: mhsds_inpatient.py; indicators (MHS005): mhsds_indicators.py.
Errors  an attendance code without a meaning, or a score out of range, quarantines the row.
Source  MHSDS v5, v6.0; FHIR R4; UK Core.
Rule    Everything is of the category mental-health, but crisis plans. The data set sends no
        plan status: draft unless implemented or agreed, completed after death
        (national.PLAN_RULES). Every resource says as at which day it holds.
"""

from functools import partial
from typing import Final

from mappings.core.model import dates, systems
from mappings.core.model.codes import Concept
from mappings.core.model.rows import Row, Target
from mappings.core.sets import national, national_care, national_codes, national_days
from mappings.core.sets import national_targets as targets
from mappings.core.sets.national_keys import Filled, RowKey
from mappings.core.sets.national_sets import ADMIN, LINE, UNPUBLISHED, ignored, provider_row
from mappings.core.shaping import elements
from mappings.mental_health.codes import mhsds as codes
from mappings.mental_health.rows import mhsds_indicators, mhsds_inpatient
from mappings.mental_health.rows import mhsds_shaping as shaping
from mappings.mental_health.rows.mhsds_names import MHSDS
from mappings.terms import scores
from mappings.terms.access import Category

_MEASURES: Final = (scores.code_of, scores.value_of, scores.absent_reason)
_CONTACT_DAY: Final = ("MHS201.CareContDate", "MHS201.CareContTime")
_JOINS_PERSON: Final = "joins the row to the person"

_PATIENT: Final = targets.patient(
    MHSDS,
    Category.MENTAL_HEALTH,
    gender="Gender",
    genders=codes.GENDER,
    postcode="Postcode",
    language="LanguageCodePreferred",
    ethnic="EthnicCategory",
    further=(
        Row(
            "person.marital", "maritalStatus", "MHS001.MaritalStatus", table=national_codes.MARITAL
        ),
    ),
)

_COORDINATOR: Final = mhsds_inpatient.team_of_one(
    "coordinator",
    "Care co-ordinator",
    RowKey("MHS006", "LocalPatientID", "CareProfLocalID", "StartDateAssCareCoord"),
    start="StartDateAssCareCoord",
    end="EndDateAssCareCoord",
)

_PLAN: Final = targets.care_plan(
    key="MHS008.CarePlanID",
    implemented="MHS008.CarePlanImplementDate",
    agreed="MHS009[].CarePlanContentAgreedBy",
    died="MHS001.PersDeathDate",
    created=("MHS008.CarePlanCreatDate", "MHS008.CarePlanCreationTime"),
    made="MHS000.DateTimeDatSetCreate",
    category=shaping.plan_category,
    kind=(
        Row("plan.artefact", "category[+]", "MHS008.CarePlanTypeMH", fn=shaping.plan_artefact),
        Row("plan.shared", "category[+]", "MHS008.CarePlanTypeMH", fn=shaping.shared_plan_type),
        Row("plan.type", "category[+]", "MHS008.CarePlanTypeMH", table=codes.PLAN_TYPE),
        Row("plan.title", "title", "MHS008.CarePlanTypeMH", fn=shaping.plan_title),
    ),
    further=(
        Row(
            "plan.family",
            "note[+]",
            ("MHS009[].FamilyCarePlanIndicator", "MHS009[].NoFamilyCarePlanReason"),
            fn=shaping.family_plan,
        ),
    ),
)

_AGREEMENT: Final = targets.agreement(
    MHSDS,
    plan_key="MHS008.CarePlanID",
    table="MHS009",
    by="CarePlanContentAgreedBy",
    on=("CarePlanContentAgreedDate", "CarePlanContentAgreedTime"),
    roles=codes.AGREED_BY,
    category=shaping.plan_category,
)

_UPDATE: Final = targets.update(
    MHSDS,
    plan_key="MHS008.CarePlanID",
    on=("MHS008.CarePlanLastUpdateDate", "MHS008.CarePlanLastUpdateTime"),
    category=shaping.plan_category,
)

_REFERRALS: Final = Target(
    "ServiceRequest",
    key=("MHS101.ServiceRequestID",),
    category=Category.MENTAL_HEALTH,
    rows=(
        Row("referral.id", "identifier[0]", "MHS101.ServiceRequestID", fn=elements.local_id),
        Row(
            "referral.status",
            "status",
            (
                "MHS101.ServDischDate",
                "MHS101.ReferRejectionDate",
                "MHS101.ServiceRequestID",
                MHSDS.head(MHSDS.created),
            ),
            fn=shaping.referral_status,
            must=True,
        ),
        Row("referral.intent", "intent", value="order", why="a referral that was received"),
        Row(
            "referral.what",
            "code.text",
            value="Referral to mental health services",
            why="what the table holds",
        ),
        Row("referral.priority", "priority", "MHS101.ClinRespPriorityType", table=codes.PRIORITY),
        Row("referral.reason", "reasonCode[+]", "MHS101.PrimReasonReferralMH", fn=codes.REASON),
        Row(
            "referral.other_reason",
            "reasonCode[+]",
            "MHS103[].OtherReasonReferMH",
            fn=codes.REASON,
        ),
        Row(
            "referral.received",
            "authoredOn",
            ("MHS101.ReferralRequestReceivedDate", "MHS101.ReferralRequestReceivedTime"),
            fn=national.day_and_time,
        ),
        Row(
            "referral.from",
            "requester",
            "MHS101.OrgIDReferringOrg",
            fn=elements.ods_organisation,
        ),
        Row("referral.team_type", "performerType", "MHS902.ServTeamTypeMH", fn=codes.TEAM_TYPE),
        Row(
            "referral.team_type_5",
            "performerType",
            "MHS102[].ServTeamTypeRefToMH",
            fn=codes.TEAM_TYPE,
        ),
        Row("referral.team", "performer[+]", "MHS101.CareProfTeamLocalID", fn=shaping.team),
        Row(
            "referral.other_team",
            "performer[+]",
            gather=shaping.further_teams,
            reads=(
                "MHS102[].OtherCareProfTeamLocalID",
                "MHS102[].CareProfTeamLocalID",
                "MHS102[].ReferClosureDate",
                "MHS102[].ReferRejectionDate",
            ),
            fn=shaping.further_team,
        ),
        Row(
            "referral.discharged",
            "note[+]",
            ("MHS101.ServDischDate", MHSDS.head(MHSDS.created)),
            fn=national_days.discharge_note,
        ),
    ),
)

_DISCHARGE_STATUS: Final = (
    "MHS101.ServDischDate",
    "MHS106[].DischPlanContentAgreedBy",
    "MHS101.ServiceRequestID",
    MHSDS.head(MHSDS.created),
)

_DISCHARGE_PLAN: Final = Target(
    "CarePlan",
    when=shaping.has_discharge_plan,
    key=("MHS101.ServiceRequestID", "=discharge-plan"),
    category=Category.MENTAL_HEALTH,
    rows=(
        Row(
            "discharge.status",
            "status",
            _DISCHARGE_STATUS,
            fn=shaping.discharge_plan_status,
            must=True,
        ),
        targets.DERIVED,
        Row("discharge.rule", "note[+]", _DISCHARGE_STATUS, fn=shaping.discharge_plan_note),
        Row("discharge.intent", "intent", value="plan", why="a header states an intention"),
        Row(
            "discharge.category",
            "category[0].text",
            value="Discharge plan",
            why="the columns tell of a discharge plan",
        ),
        Row(
            "discharge.title",
            "title",
            value="Discharge plan",
            why="the columns tell of a discharge plan",
        ),
        Row(
            "discharge.created",
            "created",
            ("MHS101.DischPlanCreationDate", "MHS101.DischPlanCreationTime"),
            fn=national.day_and_time,
        ),
        Row(
            "discharge.referral",
            "supportingInfo[0]",
            "MHS101.ServiceRequestID",
            fn=national_care.REFERRAL,
        ),
    ),
)

_DISCHARGE_AGREEMENT: Final = targets.agreement(
    MHSDS,
    plan_key="MHS101.ServiceRequestID",
    table="MHS106",
    by="DischPlanContentAgreedBy",
    on=("DischPlanContentAgreedDate", "DischPlanContentAgreedTime"),
    roles=codes.DISCHARGE_AGREED_BY,
    category=Category.MENTAL_HEALTH,
    word="discharge-plan-agreed",
    plan=shaping.discharge_plan,
)

_DISCHARGE_UPDATE: Final = targets.update(
    MHSDS,
    plan_key="MHS101.ServiceRequestID",
    on=("MHS101.DischPlanLastUpdatedDate", "MHS101.DischPlanLastUpdatedTime"),
    category=Category.MENTAL_HEALTH,
    word="discharge-plan-updated",
    plan=shaping.discharge_plan,
)

_ONWARD: Final = national_care.onward(
    "MHS105",
    on=("OnwardReferDate", "OnwardReferTime"),
    reason="OnwardReferReason",
    reasons=codes.ONWARD_REASON,
    to="OrgIDReceiving",
    category=Category.MENTAL_HEALTH,
)

_CONTACTS: Final = national_care.contact(
    MHSDS,
    key="MHS201.CareContactID",
    category=Category.MENTAL_HEALTH,
    attended="MHS201.AttendStatus",
    cancelled="MHS201.CareContCancelDate",
    on=_CONTACT_DAY,
    attendances=codes.ATTENDANCE,
    not_seen=codes.NOT_SEEN,
    mechanism="MHS201.ConsMechanismMH",
    classes=codes.CONTACT_CLASS,
    minutes="MHS201.ClinContDurOfCareCont",
    referral="MHS201.ServiceRequestID",
)

_ACTIVITY: Final = ("MHS202.CareActID", "MHS202.CareContactID", _CONTACT_DAY)

_ACTIVITIES: Final = (
    national_care.procedure(
        *_ACTIVITY,
        when=Filled("MHS202.Procedure"),
        code=("MHS202.Procedure",),
        codes=national.snomed,
        attended="MHS201.AttendStatus",
        attendances=codes.ATTENDANCE,
        category=Category.MENTAL_HEALTH,
        further=(
            codes.STAFF.reference("procedure.by", "performer[+].actor", "MHS202.CareProfLocalID"),
            codes.STAFF.references(
                "procedure.staff", "performer[+].actor", "MHS206", beside="MHS202"
            ),
        ),
    ),
    national_care.finding(
        *_ACTIVITY,
        code=("MHS202.FindSchemeInUse", "MHS202.Finding"),
        schemes=national_codes.FINDING_SCHEMES,
        category=Category.MENTAL_HEALTH,
    ),
    national_care.observation(
        *_ACTIVITY,
        code=("MHS202.Observation",),
        codes=national.snomed,
        measured=("MHS202.ObsValue", "MHS202.UnitofMeasurement_UCUM"),
        category=Category.MENTAL_HEALTH,
    ),
)

_diagnosis = partial(
    national_care.diagnosis,
    key="ServiceRequestID",
    scheme="DiagSchemeInUse",
    on="CodedDiagTimestamp",
    schemes=national_codes.DIAGNOSIS_SCHEMES,
    category=Category.MENTAL_HEALTH,
)
_circumstance = partial(national_care.circumstance, category=Category.MENTAL_HEALTH)

_REFERRAL_SCORE: Final = national_care.score(
    "MHS606",
    key=("ServiceRequestID", "CodedAssToolType", "AssToolCompTimestamp"),
    code="CodedAssToolType",
    value="PersScore",
    on=Row(
        "score.on",
        "effectiveDateTime",
        "MHS606.AssToolCompTimestamp",
        fn=dates.fhir_date_time,
        must=True,
    ),
    category=Category.MENTAL_HEALTH,
    measures=_MEASURES,
    further=(
        Row("score.referral", "basedOn[0]", "MHS606.ServiceRequestID", fn=national_care.REFERRAL),
        codes.STAFF.reference("score.by", "performer[0]", "MHS606.CareProfLocalID"),
    ),
)

_ACTIVITY_SCORE: Final = national_care.score(
    "MHS607",
    key=("CareActID", "CodedAssToolType"),
    code="CodedAssToolType",
    value="PersScore",
    on=Row("score.on", "effectiveDateTime", _CONTACT_DAY, fn=national.day_and_time, must=True),
    category=Category.MENTAL_HEALTH,
    measures=_MEASURES,
    further=(
        Row("score.referral", "basedOn[0]", "MHS201.ServiceRequestID", fn=national_care.REFERRAL),
        Row("score.contact", "encounter", "MHS202.CareContactID", fn=national_care.CONTACT),
    ),
)

_CPA: Final = Target(
    "EpisodeOfCare",
    key=("MHS701.CPAEpisodeID",),
    category=Category.MENTAL_HEALTH,
    rows=(
        Row("cpa.id", "identifier[0]", "MHS701.CPAEpisodeID", fn=elements.local_id),
        Row(
            "cpa.status",
            "status",
            ("MHS701.EndDateCPA", "MHS701.CPAEpisodeID", MHSDS.head(MHSDS.created)),
            fn=shaping.episode_status,
            must=True,
        ),
        Row(
            "cpa.type",
            "type[0].text",
            value="Care programme approach",
            why="what the table holds",
        ),
        Row("cpa.from", "period.start", "MHS701.StartDateCPA", fn=dates.fhir_date),
        Row("cpa.until", "period.end", "MHS701.EndDateCPA", fn=dates.fhir_date),
        provider_row(MHSDS, "cpa.provider", "managingOrganization"),
    ),
)

_CPA_REVIEW: Final = Target(
    "Encounter",
    key=RowKey("MHS702", "CPAEpisodeID", "CPAReviewDate"),
    category=Category.MENTAL_HEALTH,
    rows=(
        Row("review.status", "status", value="finished", why="a review that was held"),
        Row(
            "review.class",
            "class",
            value=Concept(national.NULL_FLAVOR, "UNK", "unknown").coding(),
            why="the table does not say how it was held",
        ),
        Row(
            "review.type",
            "type[0]",
            value=Concept(systems.SNOMED_CT, "425268008", "Review of care plan").concept(),
            why="what the table holds",
        ),
        Row("review.on", "period.start", "MHS702.CPAReviewDate", fn=dates.fhir_date, must=True),
        Row(
            "review.episode",
            "episodeOfCare[0]",
            "MHS702.CPAEpisodeID",
            fn=elements.ReferenceTo("EpisodeOfCare"),
        ),
        codes.STAFF.reference("review.by", "participant[0].individual", "MHS702.CareProfLocalID"),
        provider_row(MHSDS, "review.provider", "serviceProvider"),
    ),
)

_IDENTITY: Final = "gender identity is never stored in the shared record"
_DAY: Final = "the day is enough"

_ONE_CONTACT: Final = "how one contact was held; what the person needs comes with MHS001, MHS005"
_NO_ADVOCATE: Final = "why a contact had no advocate, in a code whose meaning is not published"

KINDS: Final = (
    MHSDS.kind(
        "MHS001",
        "Person (MHS001, MHS002)",
        _PATIENT,
        reads=tuple(f"MHS002[].{column}" for column in MHSDS.practice),
        ignored={
            **ignored("MHS001", _IDENTITY, "GenderIDCode", "GenderSameAtBirth"),
            "MHS001.OrgIDEduEstab": "the person's school; not part of the shared plan",
            "MHS001.EthnicCategory2021": "UK Core has no codes for it; EthnicCategory is read",
            "MHS001.GPPracticeRegistrations": "a list that MHS002 holds",
            "MHS001.eMED3FitNotes": "a list that MHS014 holds",
            "MHS002[].LocalPatientID": "joins the registration to the person",
            "MHS002[].RowNumber": LINE,
        },
    ),
    MHSDS.kind(
        "MHS003",
        "Where the person lives (MHS003)",
        _circumstance(
            "MHS003",
            what="Accommodation",
            value="AccommodationType",
            values=codes.ACCOMMODATION,
            on="AccommodationTypeDate",
            further=national_care.part(
                "Settled accommodation", "MHS003.SettledAccommodationInd", codes.SETTLED
            ),
        ),
        ignored={
            "MHS003.SCHPlacementType": UNPUBLISHED,
            **ignored(
                "MHS003",
                "when it was recorded is shown",
                "AccommodationTypeStartDate",
                "AccommodationTypeEndDate",
            ),
        },
    ),
    MHSDS.kind(
        "MHS004",
        "Employment (MHS004)",
        _circumstance(
            "MHS004",
            what="Employment",
            value="EmployStatus",
            values=national_codes.EMPLOYMENT,
            on="EmployStatusRecDate",
            further=national_care.part(
                "Weekly hours worked", "MHS004.WeekHoursWorked", national_codes.HOURS
            ),
        ),
        ignored={
            "MHS004.PatPrimEmpContTypeMH": UNPUBLISHED,
            **ignored(
                "MHS004",
                "when it was recorded is shown",
                "EmployStatusStartDate",
                "EmployStatusEndDate",
            ),
        },
    ),
    MHSDS.kind(
        "MHS006",
        "Care co-ordinator (MHS006)",
        _COORDINATOR,
        ignored={
            "MHS006.LocalPatientID": _JOINS_PERSON,
            "MHS006.CareProfServOrTeamTypeAssoc": UNPUBLISHED,
            **codes.STAFF.joins(),
        },
    ),
    MHSDS.kind(
        "MHS007",
        "Disability (MHS007)",
        _circumstance(
            "MHS007",
            what="Disability",
            value="DisabCode",
            values=national_codes.DISABILITY,
            further=national_care.part(
                "Impact as the person sees it", "MHS007.DisabImpacPercep", national_codes.IMPACT
            ),
        ),
        ignored={},
    ),
    MHSDS.kind(
        "MHS008",
        "Care plan header (MHS008, MHS009)",
        _PLAN,
        _AGREEMENT,
        _UPDATE,
        check=shaping.plan_faults,
        whole=RowKey("MHS008", "CarePlanID").of,
        ignored={
            "MHS008.LocalPatientID": _JOINS_PERSON,
            "MHS009[].CarePlanID": "joins the agreement to the plan",
            "MHS009[].RowNumber": LINE,
        },
    ),
    MHSDS.kind(
        "MHS010",
        "Assistive technology (MHS010)",
        _circumstance(
            "MHS010",
            what="Assistive technology",
            value="AssistiveTechnologyFinding",
            values=national.snomed,
            on="AssistiveTechnologyPrescTimestamp",
        ),
        ignored={},
    ),
    MHSDS.kind(
        "MHS011",
        "Social and personal circumstance (MHS011)",
        _circumstance(
            "MHS011",
            what="Social and personal circumstance",
            value="SocPerCircumstance",
            values=national.snomed,
            on="SocPerCircumstanceRecTimestamp",
        ),
        ignored={},
    ),
    MHSDS.kind(
        "MHS101",
        "Referral and discharge plan (MHS101, MHS102, MHS103, MHS106)",
        _REFERRALS,
        _DISCHARGE_PLAN,
        _DISCHARGE_AGREEMENT,
        _DISCHARGE_UPDATE,
        whole=RowKey("MHS101", "ServiceRequestID").of,
        ignored={
            "MHS101.LocalPatientID": _JOINS_PERSON,
            **ignored(
                "MHS101",
                ADMIN,
                "OrgIDComm",
                "NHSServAgreeLineID",
                "SpecialisedMHServiceCode",
                "SourceOfReferralMH",
                "ReferringCareProfessionalType",
                "ReasonOAT",
                "DecisionToTreatDate",
                "DecisionToTreatTime",
            ),
            "MHS101.ServDischTime": "the day of discharge is shown",
            "MHS101.ReferRejectionTime": "the day is enough for the status",
            **ignored("MHS101", UNPUBLISHED, "ReferRejectReason", "ReferClosReason"),
            "MHS101.OtherServiceType": "a list that MHS102 holds",
            "MHS101.PatSelfDirectedDigitalInterventions": "a list that MHS205 holds",
            "MHS101.PresentingComplaints": "a list that MHS609 holds",
            "MHS101.HospitalProviderSpells": "a list that MHS501 holds",
            "MHS902.CareProfTeamLocalID": "joins the team to the referral",
            "MHS102[].ServiceRequestID": "joins the team to the referral",
            **ignored("MHS102[]", _DAY, "ReferClosureTime", "ReferRejectionTime"),
            **ignored("MHS102[]", UNPUBLISHED, "ReferRejectReason", "ReferClosReason"),
            "MHS103[].ServiceRequestID": "joins the reason to the referral",
            "MHS106[].ServiceRequestID": "joins the agreement to the referral",
            **{f"{table}[].RowNumber": LINE for table in ("MHS102", "MHS103", "MHS106")},
        },
    ),
    MHSDS.kind(
        "MHS105",
        "Onward referral (MHS105)",
        _ONWARD,
        ignored={
            **ignored("MHS105", ADMIN, "DecisionToReferDate", "DecisionToReferTime", "OATReason"),
            "MHS105.ReferralProc": "an expression that the reason sums up",
        },
    ),
    MHSDS.kind(
        "MHS201",
        "Care contact (MHS201)",
        _CONTACTS,
        check=shaping.contact_faults,
        ignored={
            **ignored(
                "MHS201",
                _ONE_CONTACT,
                "LanguageCodeTreat",
                "InterpreterPresentInd",
                "ReasonableAdjustmentMade",
            ),
            **ignored("MHS201", _NO_ADVOCATE, "ReasonPatientNoIMCA", "ReasonPatientNoIMHA"),
            **ignored(
                "MHS201",
                ADMIN,
                "OtherCareProfTeamLocalID",
                "CareProfTeamLocalID",
                "OrgIDComm",
                "AdminCatCode",
                "SpecialisedMHServiceCode",
                "ConsType",
                "CareContSubj",
                "ActLocTypeCode",
                "PlaceOfSafetyInd",
                "SiteIDOfTreat",
                "ComPeriMHPartAssessOfferInd",
                "PlannedCareContIndicator",
                "CareContPatientTherMode",
                "EarliestReasonOfferDate",
                "EarliestClinAppDate",
                "CareContCancelReas",
            ),
        },
    ),
    MHSDS.kind(
        "MHS202",
        "Care activity (MHS202, MHS206)",
        *_ACTIVITIES,
        check=shaping.activity_faults,
        ignored={
            "MHS202.ClinContactDurOfCareAct": "the contact's own duration is shown",
            "MHS202.StaffActivities": "a list that MHS206 holds",
            "MHS206[].CareActID": "joins whoever did it to the activity",
            "MHS206[].RowNumber": LINE,
            **codes.STAFF.joins(),
            **codes.STAFF.joins("MHS206"),
        },
    ),
    MHSDS.kind(
        "MHS601",
        "Medical history (MHS601)",
        _diagnosis(
            "MHS601",
            key="LocalPatientID",
            code="PrevDiag",
            words="Previous diagnosis",
            clinical="problem-list-item",
        ),
        check=shaping.previous_diagnosis_faults,
        ignored={},
    ),
    MHSDS.kind(
        "MHS603",
        "Provisional diagnosis (MHS603, version 5)",
        _diagnosis(
            "MHS603",
            code="ProvDiag",
            on="CodedProvDiagTimestamp",
            words="Provisional diagnosis",
            further=(national_care.PROVISIONAL,),
        ),
        check=shaping.provisional_diagnosis_faults,
        ignored={"MHS603.ServiceRequestID": _JOINS_PERSON},
    ),
    MHSDS.kind(
        "MHS604",
        "Primary diagnosis (MHS604)",
        _diagnosis("MHS604", code="PrimDiag", words="Primary diagnosis"),
        check=shaping.primary_diagnosis_faults,
        ignored={"MHS604.ServiceRequestID": _JOINS_PERSON},
    ),
    MHSDS.kind(
        "MHS605",
        "Secondary diagnosis (MHS605)",
        _diagnosis("MHS605", code="SecDiag", words="Secondary diagnosis"),
        check=shaping.secondary_diagnosis_faults,
        ignored={"MHS605.ServiceRequestID": _JOINS_PERSON},
    ),
    MHSDS.kind(
        "MHS606",
        "Scored assessment of a referral (MHS606)",
        _REFERRAL_SCORE,
        check=shaping.referral_score_faults,
        ignored=codes.STAFF.joins(),
    ),
    MHSDS.kind(
        "MHS607",
        "Scored assessment in a care contact (MHS607)",
        _ACTIVITY_SCORE,
        check=shaping.activity_score_faults,
        ignored={"MHS607.CareActID": "joins the score to the contact"},
    ),
    MHSDS.kind(
        "MHS609",
        "Presenting complaint (MHS609)",
        _diagnosis(
            "MHS609",
            scheme="FindSchemeInUse",
            code="PresComp",
            on="PresCompDate",
            words="Presenting complaint",
        ),
        check=shaping.complaint_faults,
        ignored={
            "MHS609.ServiceRequestID": _JOINS_PERSON,
            "MHS609.PresCompCodSig": UNPUBLISHED,
        },
    ),
    MHSDS.kind(
        "MHS701",
        "Care programme approach (MHS701)",
        _CPA,
        ignored={"MHS701.LocalPatientID": _JOINS_PERSON},
    ),
    MHSDS.kind(
        "MHS702",
        "Care programme approach review (MHS702)",
        _CPA_REVIEW,
        ignored=codes.STAFF.joins(),
    ),
    *mhsds_indicators.KINDS,
    *mhsds_inpatient.KINDS,
    MHSDS.orphan("MHS002", "GP registration whose person was not sent (MHS002)", "MHS001"),
    MHSDS.orphan("MHS009", "Agreement whose plan was not sent (MHS009)", "MHS008"),
    MHSDS.orphan("MHS102", "Team whose referral was not sent (MHS102)", "MHS101"),
    MHSDS.orphan("MHS103", "Reason whose referral was not sent (MHS103)", "MHS101"),
    MHSDS.orphan("MHS206", "Staff of an activity that was not sent (MHS206)", "MHS202"),
    MHSDS.orphan("MHS106", "Agreement whose referral was not sent (MHS106)", "MHS101"),
    MHSDS.listing("MHS901", "Care professional who cannot be read (MHS901)"),
    MHSDS.listing("MHS902", "Team that cannot be read (MHS902)"),
)
