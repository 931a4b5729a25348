"""CSDS 1.6 to FHIR R4: the rows a clinician signs off.

In      One row of a table with its context, each under its table's name (message/csds.py).
Out     CYP001 Patient; CYP004 CarePlan header, with a Provenance for each agreement and for the
        last update; CYP101 ServiceRequest; CYP201 Encounter; CYP606/607/608 Condition;
        CYP609/612 Observation (survey).
Errors  an attendance code without a meaning, or a score out of range, quarantines the row.
Source  CSDS v1.6; FHIR R4; UK Core.
Rule    The data set sends no plan status: draft unless implemented or agreed, completed after
        death (national.PLAN_RULES).
"""

from collections.abc import Mapping
from typing import Any, Final

from mappings.community.codes import csds as codes
from mappings.community.rows import csds_shaping as shaping
from mappings.core import dates, elements, national, systems
from mappings.core.codes import Concept
from mappings.core.rows import Kind, Row, Target
from mappings.terms import plans, scores
from mappings.terms.access import Category

_ENVELOPE: Final = {
    "CYP000.Version": "version of the submission; kept with the delivery",
    "CYP000.OrgID_Submitter": "who sent the file, not who cares for the person",
    "CYP000.PrimarySystem": "the provider's software",
    "CYP000.RP_StartDate": "the window of the submission; read for absence",
    "CYP000.RP_EndDate": "the window of the submission; read for absence",
    "CYP000.RowNumber": "a line number",
}
_LINE: Final = "a line number"
_ADMIN: Final = "commissioning and administration, not care; kept with the delivery"

_REFERRAL: Final = elements.ReferenceTo("ServiceRequest")
_CONTACT: Final = elements.ReferenceTo("Encounter")
_PLAN_REFERENCE: Final = elements.ReferenceTo("CarePlan")

_PATIENT: Final = Target(
    "Patient",
    category=Category.DEMOGRAPHICS,
    rows=(
        Row(
            "person.local",
            "identifier[+]",
            ("CYP001.LocalPatientID", "CYP001.OrgID_LocalPatientID"),
            fn=national.local_identifier,
        ),
        Row(
            "person.nhs",
            "identifier[+]",
            ("CYP001.NHSNumber", "CYP001.NHSNumber_Status"),
            fn=national.traced_nhs_number,
        ),
        Row("person.born", "birthDate", "CYP001.DateOfBirth", fn=dates.fhir_date),
        Row("person.died", "deceasedDateTime", "CYP001.DateOfDeath", fn=dates.fhir_date),
        Row("person.gender", "gender", "CYP001.Gender", table=codes.GENDER),
        Row("person.postcode", "address[0].postalCode", "CYP001.Postcode", fn=national.postcode),
        Row(
            "person.language",
            "communication[0].language",
            "CYP001.LanguagePreferred",
            fn=national.language,
        ),
        Row(
            "person.gp",
            "generalPractitioner[0]",
            gather=shaping.registered_practice,
            reads=("CYP002[].OrgID_GP",),
            fn=elements.ods_organisation,
        ),
        Row(
            "person.provider",
            "managingOrganization",
            "CYP000.OrgID_Provider",
            fn=elements.ods_organisation,
        ),
    ),
)

_STATUS_SOURCES: Final = (
    "CYP004.Plan_ImplementDate",
    "CYP005[].Plan_AgreedBy",
    "CYP001.DateOfDeath",
    "CYP004.PlanID",
)

_PLAN: Final = Target(
    "CarePlan",
    key=("CYP004.PlanID",),
    category=Category.CARE_PLAN,
    rows=(
        Row("plan.id", "identifier[0]", "CYP004.PlanID", fn=elements.local_id),
        Row("plan.status", "status", _STATUS_SOURCES, fn=national.local_plan_status, must=True),
        Row(
            "plan.derived",
            "meta.tag[+]",
            value=national.DERIVED_STATUS,
            why="the data set sends no plan status",
        ),
        Row("plan.rule", "note[+]", _STATUS_SOURCES, fn=national.plan_status_note),
        Row("plan.intent", "intent", value="plan", why="a header states an intention"),
        Row(
            "plan.artefact",
            "category[+]",
            value=plans.CARE_PLAN.concept(),
            why="the table holds care plans",
        ),
        Row("plan.type", "category[+]", "CYP004.Plan_Type", fn=codes.PLAN_TYPE),
        Row(
            "plan.created",
            "created",
            ("CYP004.Plan_CreatedDate", "CYP004.Plan_CreatedTime"),
            fn=national.day_and_time,
        ),
        Row("plan.start", "period.start", "CYP004.Plan_ImplementDate", fn=dates.fhir_date),
    ),
)

_AGREEMENT: Final = Target(
    "Provenance",
    name="agreement",
    each=shaping.agreements,
    key=shaping.agreement_key,
    category=Category.CARE_PLAN,
    reads=(
        "CYP005[].Plan_AgreedBy",
        "CYP005[].Plan_AgreedDate",
        "CYP005[].Plan_AgreedTime",
    ),
    rows=(
        Row("agreement.plan", "target[0]", "/CYP004.PlanID", fn=_PLAN_REFERENCE),
        Row(
            "agreement.on",
            "occurredDateTime",
            ("Plan_AgreedDate", "Plan_AgreedTime"),
            fn=national.day_and_time,
        ),
        Row(
            "agreement.recorded",
            "recorded",
            "/CYP000.FileCreation_DateTime",
            fn=dates.fhir_instant,
            must=True,
        ),
        Row("agreement.what", "activity.text", value="agreed", why="the table lists who agreed"),
        Row("agreement.role", "agent[0].role[0]", "Plan_AgreedBy", fn=codes.AGREED_BY),
        Row(
            "agreement.who",
            "agent[0].who.display",
            value="As the role says; the data set names nobody",
            why="CYP005 holds a code for who agreed, and no name",
        ),
    ),
)

_UPDATE: Final = Target(
    "Provenance",
    name="update",
    when=shaping.was_updated,
    key=shaping.update_key,
    category=Category.CARE_PLAN,
    rows=(
        Row("update.plan", "target[0]", "CYP004.PlanID", fn=_PLAN_REFERENCE),
        Row(
            "update.on",
            "occurredDateTime",
            ("CYP004.Plan_LastUpdateDate", "CYP004.Plan_LastUpdateTime"),
            fn=national.day_and_time,
        ),
        Row(
            "update.recorded",
            "recorded",
            "CYP000.FileCreation_DateTime",
            fn=dates.fhir_instant,
            must=True,
        ),
        Row(
            "update.what",
            "activity",
            value=Concept(national.DATA_OPERATION, "UPDATE", "revise").concept(),
            why="the columns say when the plan was last updated",
        ),
        Row(
            "update.who",
            "agent[0].who",
            "CYP000.OrgID_Provider",
            fn=elements.ods_organisation,
            must=True,
        ),
    ),
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
            ("CYP101.Discharge_Date", "CYP101.ServiceRequestID"),
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
        Row("referral.reason", "reasonCode[0]", "CYP101.PrimaryReferralReason", fn=codes.REASON),
        Row(
            "referral.received",
            "authoredOn",
            ("CYP101.ReferralRequest_ReceivedDate", "CYP101.ReferralRequest_ReceivedTime"),
            fn=national.day_and_time,
        ),
        Row(
            "referral.from",
            "requester",
            "CYP101.OrgID_Referring",
            fn=elements.ods_organisation,
        ),
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
        Row("referral.discharged", "note[+]", "CYP101.Discharge_Date", fn=shaping.discharge_note),
    ),
)

_CONTACTS: Final = Target(
    "Encounter",
    key=("CYP201.CareContactID",),
    category=Category.ENCOUNTERS,
    rows=(
        Row("contact.id", "identifier[0]", "CYP201.CareContactID", fn=elements.local_id),
        Row(
            "contact.status",
            "status",
            (
                "CYP201.AttendanceStatus",
                "CYP201.Contact_CancellationDate",
                "CYP201.Contact_Date",
                "CYP000.FileCreation_DateTime",
                "CYP201.CareContactID",
            ),
            fn=national.attendance,
            table=codes.ATTENDANCE,
            must=True,
        ),
        Row(
            "contact.class",
            "class",
            ("CYP201.ConsMechanism", "CYP201.CareContactID"),
            fn=shaping.contact_class,
            must=True,
        ),
        Row("contact.not_seen", "type[+]", "CYP201.AttendanceStatus", fn=shaping.not_seen),
        Row(
            "contact.when",
            "period.start",
            ("CYP201.Contact_Date", "CYP201.Contact_Time"),
            fn=national.day_and_time,
        ),
        Row("contact.length", "length", "CYP201.CareContact_Duration", fn=national.minutes),
        Row("contact.referral", "basedOn[0]", "CYP201.ServiceRequestID", fn=_REFERRAL),
        Row(
            "contact.provider",
            "serviceProvider",
            "CYP000.OrgID_Provider",
            fn=elements.ods_organisation,
        ),
    ),
)


def _condition(table: str, column: str, words: str, *rows: Row) -> Target:
    return Target(
        "Condition",
        key=national.RowKey(table, "ServiceRequestID", column, f"{column}_Date"),
        category=Category.PROBLEMS,
        rows=(
            Row(
                "diagnosis.category",
                "category[0]",
                value=Concept(
                    systems.CONDITION_CATEGORY, "encounter-diagnosis", "Encounter Diagnosis"
                ).concept(words),
                why="a diagnosis made in the course of a referral",
            ),
            *rows,
            Row(
                "diagnosis.code",
                "code",
                (f"{table}.Diagnosis_Scheme", f"{table}.{column}"),
                fn=shaping.diagnosis,
                must=True,
            ),
            Row(
                "diagnosis.on",
                "recordedDate",
                f"{table}.{column}_Date",
                fn=dates.fhir_date_time,
            ),
        ),
    )


_PROVISIONAL: Final = Row(
    "diagnosis.provisional",
    "verificationStatus",
    value=Concept(systems.CONDITION_VERIFICATION, "provisional", "Provisional").concept(),
    why="the table holds provisional diagnoses",
)


def _score(table: str, *rows: Row, key: tuple[str, ...]) -> Target:
    both = (f"{table}.SNOMED_ID", f"{table}.Score")
    return Target(
        "Observation",
        key=national.RowKey(table, *key),
        category=Category.OBSERVATIONS,
        rows=(
            Row("score.status", "status", value="final", why="an assessment that was completed"),
            Row(
                "score.category",
                "category[0]",
                value=national.OBSERVATION_SURVEY,
                why="a coded scored assessment",
            ),
            Row("score.code", "code", both[0], fn=scores.code_of, must=True),
            Row("score.value", "valueQuantity", both, fn=scores.value_of),
            Row("score.absent", "dataAbsentReason", both, fn=scores.absent_reason),
            *rows,
        ),
    )


_REFERRAL_SCORE: Final = _score(
    "CYP609",
    Row(
        "score.on",
        "effectiveDateTime",
        "CYP609.AssessmentCompletion_Date",
        fn=dates.fhir_date_time,
        must=True,
    ),
    Row("score.referral", "basedOn[0]", "CYP609.ServiceRequestID", fn=_REFERRAL),
    key=("ServiceRequestID", "SNOMED_ID", "AssessmentCompletion_Date"),
)

_ACTIVITY_SCORE: Final = _score(
    "CYP612",
    Row(
        "score.on",
        "effectiveDateTime",
        ("CYP201.Contact_Date", "CYP201.Contact_Time"),
        fn=national.day_and_time,
        must=True,
    ),
    Row("score.referral", "basedOn[0]", "CYP201.ServiceRequestID", fn=_REFERRAL),
    Row("score.contact", "encounter", "CYP202.CareContactID", fn=_CONTACT),
    key=("CareActivityID", "SNOMED_ID"),
)


def _kind(name: str, title: str, *targets: Target, ignored: Mapping[str, str], **more: Any) -> Kind:
    return Kind(
        name=name,
        title=title,
        targets=targets,
        ignored={**_ENVELOPE, f"{name}.RowNumber": _LINE, **ignored},
        person=shaping.person,
        named_at="CYP001.LocalPatientID",
        time=shaping.time,
        reads=(
            "CYP000.FileCreation_DateTime",
            "CYP000.OrgID_Provider",
            *(table for table in _CONTEXT if table != name),
            *more.pop("reads", ()),
        ),
        **more,
    )


_CONTEXT: Final = ("CYP001", "CYP101", "CYP201", "CYP202")
"""Where a row's person is found; only the columns needed for that are joined."""


def _orphan(name: str, title: str, parent: str) -> Kind:
    why = f"cannot be used without its {parent} row; kept with the delivery"
    return Kind(
        name=name,
        title=title,
        targets=(),
        ignored={"CYP000": "the submission's header", name: why},
        person=national.nobody,
        named_at="CYP001.LocalPatientID",
        time=shaping.time,
    )


_INDICATOR: Final = "safeguarding and disability indicators are not shared from this data set"
_END_OF_LIFE: Final = "end-of-life wishes come with the plan itself, not from an indicator"
_JOINS_PERSON: Final = "joins the row to the person"

KINDS: Final = (
    _kind(
        "CYP001",
        "Person (CYP001, CYP002)",
        _PATIENT,
        reads=tuple(f"CYP002[].{column}" for column in shaping.GP),
        ignored={
            "CYP001.OrgID_EducationEstablishment": "the person's school",
            "CYP001.EthnicCategory": "not part of the shared plan",
            "CYP001.EthnicCategory2021": "not part of the shared plan",
            "CYP001.Relationship_MainCarer": "a code whose meaning is not published",
            "CYP001.HVFAV_Date": "health visitor's first visit; not part of the shared plan",
            "CYP001.ChildLookedAfter_Indicator": _INDICATOR,
            "CYP001.Safeguarding_Indicator": _INDICATOR,
            "CYP001.Disability_SupervisionAndCare_Indicator": _INDICATOR,
            "CYP001.EducationAssessment": "not part of the shared plan",
            "CYP001.DiscussedPreferredDeathLocation_Indicator": _END_OF_LIFE,
            "CYP001.RiskOfUnexpectedDeath_Indicator": _END_OF_LIFE,
            "CYP001.DeathLocationPreferred_Type": _END_OF_LIFE,
            "CYP001.DeathLocationActual_Type": _END_OF_LIFE,
            "CYP001.NotAtPreferredLocation_Reason": _END_OF_LIFE,
            "CYP001.NHSNumber_Mother": "a third person's number; never stored with this one",
            "CYP001.NHSNumberStatus_Mother": "about a third person's number",
            "CYP002[].LocalPatientID": "joins the registration to the person",
            "CYP002[].RowNumber": _LINE,
        },
    ),
    _kind(
        "CYP004",
        "Care plan header (CYP004, CYP005)",
        _PLAN,
        _AGREEMENT,
        _UPDATE,
        ignored={
            "CYP004.LocalPatientID": _JOINS_PERSON,
            "CYP005[].PlanID": "joins the agreement to the plan",
            "CYP005[].RowNumber": _LINE,
        },
    ),
    _kind(
        "CYP101",
        "Referral (CYP101, CYP102)",
        _REFERRALS,
        ignored={
            "CYP101.LocalPatientID": _JOINS_PERSON,
            "CYP101.OrgID_Commissioner": _ADMIN,
            "CYP101.ServiceLineAgreement": _ADMIN,
            "CYP101.SourceOfReferral": _ADMIN,
            "CYP101.Referring_StaffGroup": _ADMIN,
            "CYP101.Discharge_LetterIssuedDate": "the letter itself is not sent",
            "CYP102[].ServiceRequestID": "joins the team to the referral",
            "CYP102[].Referral_ClosureReason": "a code whose meaning is not published",
            "CYP102[].Referral_RejectionReason": "a code whose meaning is not published",
            "CYP102[].RowNumber": _LINE,
        },
    ),
    _kind(
        "CYP201",
        "Care contact (CYP201)",
        _CONTACTS,
        ignored={
            f"CYP201.{column}": _ADMIN
            for column in (
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
            )
        },
    ),
    _kind(
        "CYP606",
        "Provisional diagnosis (CYP606)",
        _condition("CYP606", "ProvisionalDiagnosis", "Provisional diagnosis", _PROVISIONAL),
        check=shaping.provisional_diagnosis_faults,
        ignored={"CYP606.ServiceRequestID": _JOINS_PERSON},
    ),
    _kind(
        "CYP607",
        "Primary diagnosis (CYP607)",
        _condition("CYP607", "PrimaryDiagnosis", "Primary diagnosis"),
        check=shaping.primary_diagnosis_faults,
        ignored={"CYP607.ServiceRequestID": _JOINS_PERSON},
    ),
    _kind(
        "CYP608",
        "Secondary diagnosis (CYP608)",
        _condition("CYP608", "SecondaryDiagnosis", "Secondary diagnosis"),
        check=shaping.secondary_diagnosis_faults,
        ignored={"CYP608.ServiceRequestID": _JOINS_PERSON},
    ),
    _kind(
        "CYP609",
        "Scored assessment of a referral (CYP609)",
        _REFERRAL_SCORE,
        check=shaping.referral_score_faults,
        ignored={},
    ),
    _kind(
        "CYP612",
        "Scored assessment in a care contact (CYP612)",
        _ACTIVITY_SCORE,
        check=shaping.activity_score_faults,
        ignored={"CYP612.CareActivityID": "joins the score to the contact"},
    ),
    _orphan("CYP002", "GP registration whose person was not sent (CYP002)", "CYP001"),
    _orphan("CYP005", "Agreement whose plan was not sent (CYP005)", "CYP004"),
    _orphan("CYP102", "Team whose referral was not sent (CYP102)", "CYP101"),
)
