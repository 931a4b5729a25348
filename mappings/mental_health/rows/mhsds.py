"""MHSDS 6 to FHIR R4: the rows a clinician signs off.

In      One row of a table with its context, each under its table's name (message/mhsds.py).
Out     MHS001 Patient; MHS006 CareTeam; MHS008 CarePlan header, with a Provenance for each
        agreement and for the last update; MHS101 ServiceRequest; MHS201 Encounter; MHS604/605
        Condition; MHS606/607 Observation (survey).
Errors  an attendance code without a meaning, or a score out of range, quarantines the row.
Source  MHSDS v6.0; FHIR R4; UK Core.
Rule    Everything is of the category mental-health, but crisis plans. The data set sends no
        plan status: draft unless implemented or agreed, completed after death
        (national.PLAN_RULES).
"""

from collections.abc import Mapping
from typing import Any, Final

from mappings.core import dates, elements, national, systems
from mappings.core.codes import Concept
from mappings.core.rows import Kind, Row, Target
from mappings.mental_health.codes import mhsds as codes
from mappings.mental_health.rows import mhsds_shaping as shaping
from mappings.terms import scores
from mappings.terms.access import Category

_ENVELOPE: Final = {
    "MHS000.DatSetVer": "version of the submission; kept with the delivery",
    "MHS000.OrgIDSubmit": "who sent the file, not who cares for the person",
    "MHS000.PrimSystemInUse": "the provider's software",
    "MHS000.ReportingPeriodStartDate": "the window of the submission; read for absence",
    "MHS000.ReportingPeriodEndDate": "the window of the submission; read for absence",
    "MHS000.RowNumber": "a line number",
}
_LINE: Final = "a line number"
_ADMIN: Final = "commissioning and administration, not care; kept with the delivery"

_REFERRAL: Final = elements.ReferenceTo("ServiceRequest")
_CONTACT: Final = elements.ReferenceTo("Encounter")
_PLAN_REFERENCE: Final = elements.ReferenceTo("CarePlan")

_PATIENT: Final = Target(
    "Patient",
    category=Category.MENTAL_HEALTH,
    rows=(
        Row(
            "person.local",
            "identifier[+]",
            ("MHS001.LocalPatientID", "MHS001.OrgIDLocalPatientID"),
            fn=national.local_identifier,
        ),
        Row(
            "person.nhs",
            "identifier[+]",
            ("MHS001.NHSNumber", "MHS001.NHSNumberStatus"),
            fn=national.traced_nhs_number,
        ),
        Row("person.born", "birthDate", "MHS001.PersonBirthDate", fn=dates.fhir_date),
        Row("person.died", "deceasedDateTime", "MHS001.PersDeathDate", fn=dates.fhir_date),
        Row("person.gender", "gender", "MHS001.Gender", table=codes.GENDER),
        Row("person.postcode", "address[0].postalCode", "MHS001.Postcode", fn=national.postcode),
        Row(
            "person.language",
            "communication[0].language",
            "MHS001.LanguageCodePreferred",
            fn=national.language,
        ),
        Row(
            "person.gp",
            "generalPractitioner[0]",
            gather=shaping.registered_practice,
            reads=("MHS002[].GMPReg",),
            fn=elements.ods_organisation,
        ),
        Row(
            "person.provider",
            "managingOrganization",
            "MHS000.OrgIDProvider",
            fn=elements.ods_organisation,
        ),
    ),
)

_CARE_TEAM: Final = Target(
    "CareTeam",
    key=national.RowKey("MHS006", "LocalPatientID", "CareProfLocalID", "StartDateAssCareCoord"),
    category=Category.MENTAL_HEALTH,
    rows=(
        Row(
            "coordinator.status",
            "status",
            ("MHS006.EndDateAssCareCoord", "MHS000.DateTimeDatSetCreate"),
            fn=national.team_status,
        ),
        Row("coordinator.name", "name", value="Care co-ordinator", why="what the table holds"),
        Row(
            "coordinator.role",
            "participant[0].role[0].text",
            value="Care co-ordinator",
            why="what the table holds",
        ),
        Row(
            "coordinator.who",
            "participant[0].member",
            "MHS006.CareProfLocalID",
            fn=national.staff,
            must=True,
        ),
        Row(
            "coordinator.from",
            "participant[0].period.start",
            "MHS006.StartDateAssCareCoord",
            fn=dates.fhir_date,
        ),
        Row(
            "coordinator.until",
            "participant[0].period.end",
            "MHS006.EndDateAssCareCoord",
            fn=dates.fhir_date,
        ),
        Row(
            "coordinator.provider",
            "managingOrganization[0]",
            "MHS000.OrgIDProvider",
            fn=elements.ods_organisation,
        ),
    ),
)

_STATUS_SOURCES: Final = (
    "MHS008.CarePlanImplementDate",
    "MHS009[].CarePlanContentAgreedBy",
    "MHS001.PersDeathDate",
    "MHS008.CarePlanID",
)

_PLAN: Final = Target(
    "CarePlan",
    key=("MHS008.CarePlanID",),
    category=shaping.plan_category,
    rows=(
        Row("plan.id", "identifier[0]", "MHS008.CarePlanID", fn=elements.local_id),
        Row("plan.status", "status", _STATUS_SOURCES, fn=national.local_plan_status, must=True),
        Row(
            "plan.derived",
            "meta.tag[+]",
            value=national.DERIVED_STATUS,
            why="the data set sends no plan status",
        ),
        Row("plan.rule", "note[+]", _STATUS_SOURCES, fn=national.plan_status_note),
        Row("plan.intent", "intent", value="plan", why="a header states an intention"),
        Row("plan.artefact", "category[+]", "MHS008.CarePlanTypeMH", fn=shaping.plan_artefact),
        Row("plan.type", "category[+]", "MHS008.CarePlanTypeMH", table=codes.PLAN_TYPE),
        Row("plan.title", "title", "MHS008.CarePlanTypeMH", fn=shaping.plan_title),
        Row(
            "plan.created",
            "created",
            ("MHS008.CarePlanCreatDate", "MHS008.CarePlanCreationTime"),
            fn=national.day_and_time,
        ),
        Row("plan.start", "period.start", "MHS008.CarePlanImplementDate", fn=dates.fhir_date),
        Row(
            "plan.family",
            "note[+]",
            ("MHS009[].FamilyCarePlanIndicator", "MHS009[].NoFamilyCarePlanReason"),
            fn=shaping.family_plan,
        ),
    ),
)

_AGREEMENT: Final = Target(
    "Provenance",
    name="agreement",
    each=shaping.agreements,
    key=shaping.agreement_key,
    category=shaping.plan_category,
    reads=(
        "MHS009[].CarePlanContentAgreedBy",
        "MHS009[].CarePlanContentAgreedDate",
        "MHS009[].CarePlanContentAgreedTime",
    ),
    rows=(
        Row("agreement.plan", "target[0]", "/MHS008.CarePlanID", fn=_PLAN_REFERENCE),
        Row(
            "agreement.on",
            "occurredDateTime",
            ("CarePlanContentAgreedDate", "CarePlanContentAgreedTime"),
            fn=national.day_and_time,
        ),
        Row(
            "agreement.recorded",
            "recorded",
            "/MHS000.DateTimeDatSetCreate",
            fn=dates.fhir_instant,
            must=True,
        ),
        Row("agreement.what", "activity.text", value="agreed", why="the table lists who agreed"),
        Row("agreement.role", "agent[0].role[0]", "CarePlanContentAgreedBy", fn=codes.AGREED_BY),
        Row(
            "agreement.who",
            "agent[0].who.display",
            value="As the role says; the data set names nobody",
            why="MHS009 holds a code for who agreed, and no name",
        ),
    ),
)

_UPDATE: Final = Target(
    "Provenance",
    name="update",
    when=shaping.was_updated,
    key=shaping.update_key,
    category=shaping.plan_category,
    rows=(
        Row("update.plan", "target[0]", "MHS008.CarePlanID", fn=_PLAN_REFERENCE),
        Row(
            "update.on",
            "occurredDateTime",
            ("MHS008.CarePlanLastUpdateDate", "MHS008.CarePlanLastUpdateTime"),
            fn=national.day_and_time,
        ),
        Row(
            "update.recorded",
            "recorded",
            "MHS000.DateTimeDatSetCreate",
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
            "MHS000.OrgIDProvider",
            fn=elements.ods_organisation,
            must=True,
        ),
    ),
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
            ("MHS101.ServDischDate", "MHS101.ReferRejectionDate", "MHS101.ServiceRequestID"),
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
        Row("referral.reason", "reasonCode[0]", "MHS101.PrimReasonReferralMH", fn=codes.REASON),
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
        Row("referral.team", "performer[+]", "MHS101.CareProfTeamLocalID", fn=shaping.team),
        Row(
            "referral.other_team",
            "performer[+]",
            gather=shaping.other_teams,
            reads=(
                "MHS102[].OtherCareProfTeamLocalID",
                "MHS102[].ReferClosureDate",
                "MHS102[].ReferRejectionDate",
            ),
            fn=shaping.other_team,
        ),
        Row("referral.discharged", "note[+]", "MHS101.ServDischDate", fn=shaping.discharge_note),
    ),
)

_CONTACTS: Final = Target(
    "Encounter",
    key=("MHS201.CareContactID",),
    category=Category.MENTAL_HEALTH,
    rows=(
        Row("contact.id", "identifier[0]", "MHS201.CareContactID", fn=elements.local_id),
        Row(
            "contact.status",
            "status",
            (
                "MHS201.AttendStatus",
                "MHS201.CareContCancelDate",
                "MHS201.CareContDate",
                "MHS000.DateTimeDatSetCreate",
                "MHS201.CareContactID",
            ),
            fn=national.attendance,
            table=codes.ATTENDANCE,
            must=True,
        ),
        Row(
            "contact.class",
            "class",
            ("MHS201.ConsMechanismMH", "MHS201.CareContactID"),
            fn=shaping.contact_class,
            must=True,
        ),
        Row("contact.not_seen", "type[+]", "MHS201.AttendStatus", fn=shaping.not_seen),
        Row(
            "contact.when",
            "period.start",
            ("MHS201.CareContDate", "MHS201.CareContTime"),
            fn=national.day_and_time,
        ),
        Row("contact.length", "length", "MHS201.ClinContDurOfCareCont", fn=national.minutes),
        Row("contact.referral", "basedOn[0]", "MHS201.ServiceRequestID", fn=_REFERRAL),
        Row(
            "contact.provider",
            "serviceProvider",
            "MHS000.OrgIDProvider",
            fn=elements.ods_organisation,
        ),
    ),
)


def _condition(table: str, column: str, words: str) -> Target:
    return Target(
        "Condition",
        key=national.RowKey(table, "ServiceRequestID", column, "CodedDiagTimestamp"),
        category=Category.MENTAL_HEALTH,
        rows=(
            Row(
                "diagnosis.category",
                "category[0]",
                value=Concept(
                    systems.CONDITION_CATEGORY, "encounter-diagnosis", "Encounter Diagnosis"
                ).concept(words),
                why="a diagnosis made in the course of a referral",
            ),
            Row(
                "diagnosis.code",
                "code",
                (f"{table}.DiagSchemeInUse", f"{table}.{column}"),
                fn=shaping.diagnosis,
                must=True,
            ),
            Row(
                "diagnosis.on",
                "recordedDate",
                f"{table}.CodedDiagTimestamp",
                fn=dates.fhir_date_time,
            ),
        ),
    )


def _score(table: str, *rows: Row, key: tuple[str, ...]) -> Target:
    both = (f"{table}.CodedAssToolType", f"{table}.PersScore")
    return Target(
        "Observation",
        key=national.RowKey(table, *key),
        category=Category.MENTAL_HEALTH,
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
    "MHS606",
    Row(
        "score.on",
        "effectiveDateTime",
        "MHS606.AssToolCompTimestamp",
        fn=dates.fhir_date_time,
        must=True,
    ),
    Row("score.referral", "basedOn[0]", "MHS606.ServiceRequestID", fn=_REFERRAL),
    Row("score.by", "performer[0]", "MHS606.CareProfLocalID", fn=national.staff),
    key=("ServiceRequestID", "CodedAssToolType", "AssToolCompTimestamp"),
)

_ACTIVITY_SCORE: Final = _score(
    "MHS607",
    Row(
        "score.on",
        "effectiveDateTime",
        ("MHS201.CareContDate", "MHS201.CareContTime"),
        fn=national.day_and_time,
        must=True,
    ),
    Row("score.referral", "basedOn[0]", "MHS201.ServiceRequestID", fn=_REFERRAL),
    Row("score.contact", "encounter", "MHS202.CareContactID", fn=_CONTACT),
    key=("CareActID", "CodedAssToolType"),
)


def _kind(name: str, title: str, *targets: Target, ignored: Mapping[str, str], **more: Any) -> Kind:
    return Kind(
        name=name,
        title=title,
        targets=targets,
        ignored={**_ENVELOPE, f"{name}.RowNumber": _LINE, **ignored},
        person=shaping.person,
        named_at="MHS001.LocalPatientID",
        time=shaping.time,
        reads=(
            "MHS000.DateTimeDatSetCreate",
            "MHS000.OrgIDProvider",
            *(table for table in _CONTEXT if table != name),
            *more.pop("reads", ()),
        ),
        **more,
    )


_CONTEXT: Final = ("MHS001", "MHS101", "MHS201", "MHS202")
"""Where a row's person is found; only the columns needed for that are joined."""


def _orphan(name: str, title: str, parent: str) -> Kind:
    why = f"cannot be used without its {parent} row; kept with the delivery"
    return Kind(
        name=name,
        title=title,
        targets=(),
        ignored={"MHS000": "the submission's header", name: why},
        person=national.nobody,
        named_at="MHS001.LocalPatientID",
        time=shaping.time,
    )


_IDENTITY: Final = "gender identity is never stored in the shared record"

KINDS: Final = (
    _kind(
        "MHS001",
        "Person (MHS001, MHS002)",
        _PATIENT,
        reads=tuple(f"MHS002[].{column}" for column in shaping.GP),
        ignored={
            "MHS001.GenderIDCode": _IDENTITY,
            "MHS001.GenderSameAtBirth": _IDENTITY,
            "MHS001.OrgIDEduEstab": "the person's school; not part of the shared plan",
            "MHS001.MaritalStatus": "not part of the shared plan",
            "MHS001.EthnicCategory": "not part of the shared plan",
            "MHS001.EthnicCategory2021": "not part of the shared plan",
            "MHS001.GPPracticeRegistrations": "a list that MHS002 holds",
            "MHS001.eMED3FitNotes": "a list that MHS014 holds",
            "MHS002[].LocalPatientID": "joins the registration to the person",
            "MHS002[].RowNumber": _LINE,
        },
    ),
    _kind(
        "MHS006",
        "Care co-ordinator (MHS006)",
        _CARE_TEAM,
        ignored={
            "MHS006.LocalPatientID": "joins the co-ordinator to the person",
            "MHS006.CareProfServOrTeamTypeAssoc": "a team type whose meaning is not published",
        },
    ),
    _kind(
        "MHS008",
        "Care plan header (MHS008, MHS009)",
        _PLAN,
        _AGREEMENT,
        _UPDATE,
        check=shaping.plan_faults,
        ignored={
            "MHS008.LocalPatientID": "joins the plan to the person",
            "MHS009[].CarePlanID": "joins the agreement to the plan",
            "MHS009[].RowNumber": _LINE,
        },
    ),
    _kind(
        "MHS101",
        "Referral (MHS101, MHS102)",
        _REFERRALS,
        ignored={
            "MHS101.LocalPatientID": "joins the referral to the person",
            "MHS101.OrgIDComm": _ADMIN,
            "MHS101.NHSServAgreeLineID": _ADMIN,
            "MHS101.SpecialisedMHServiceCode": _ADMIN,
            "MHS101.SourceOfReferralMH": _ADMIN,
            "MHS101.ReferringCareProfessionalType": _ADMIN,
            "MHS101.ReasonOAT": _ADMIN,
            "MHS101.DecisionToTreatDate": _ADMIN,
            "MHS101.DecisionToTreatTime": _ADMIN,
            "MHS101.DischPlanCreationDate": "dates of a discharge plan that is not sent",
            "MHS101.DischPlanCreationTime": "dates of a discharge plan that is not sent",
            "MHS101.DischPlanLastUpdatedDate": "dates of a discharge plan that is not sent",
            "MHS101.DischPlanLastUpdatedTime": "dates of a discharge plan that is not sent",
            "MHS101.ServDischTime": "the day of discharge is shown",
            "MHS101.ReferRejectionTime": "the day is enough for the status",
            "MHS101.ReferRejectReason": "a code whose meaning is not published",
            "MHS101.ReferClosReason": "a code whose meaning is not published",
            "MHS101.OtherServiceType": "a list that MHS102 holds",
            "MHS101.PatSelfDirectedDigitalInterventions": "a list that MHS205 holds",
            "MHS101.PresentingComplaints": "a list that MHS609 holds",
            "MHS101.HospitalProviderSpells": "a list that MHS501 holds",
            "MHS902.CareProfTeamLocalID": "joins the team to the referral",
            "MHS102[].ServiceRequestID": "joins the team to the referral",
            "MHS102[].ReferClosureTime": "the day is enough",
            "MHS102[].ReferRejectionTime": "the day is enough",
            "MHS102[].ReferRejectReason": "a code whose meaning is not published",
            "MHS102[].ReferClosReason": "a code whose meaning is not published",
            "MHS102[].RowNumber": _LINE,
        },
    ),
    _kind(
        "MHS201",
        "Care contact (MHS201)",
        _CONTACTS,
        ignored={
            f"MHS201.{column}": _ADMIN
            for column in (
                "OtherCareProfTeamLocalID",
                "OrgIDComm",
                "AdminCatCode",
                "SpecialisedMHServiceCode",
                "ConsType",
                "CareContSubj",
                "ActLocTypeCode",
                "PlaceOfSafetyInd",
                "SiteIDOfTreat",
                "LanguageCodeTreat",
                "InterpreterPresentInd",
                "ComPeriMHPartAssessOfferInd",
                "PlannedCareContIndicator",
                "CareContPatientTherMode",
                "EarliestReasonOfferDate",
                "EarliestClinAppDate",
                "CareContCancelReas",
                "ReasonableAdjustmentMade",
                "ReasonPatientNoIMCA",
                "ReasonPatientNoIMHA",
            )
        },
    ),
    _kind(
        "MHS604",
        "Primary diagnosis (MHS604)",
        _condition("MHS604", "PrimDiag", "Primary diagnosis"),
        check=shaping.primary_diagnosis_faults,
        ignored={"MHS604.ServiceRequestID": "joins the diagnosis to the person"},
    ),
    _kind(
        "MHS605",
        "Secondary diagnosis (MHS605)",
        _condition("MHS605", "SecDiag", "Secondary diagnosis"),
        check=shaping.secondary_diagnosis_faults,
        ignored={"MHS605.ServiceRequestID": "joins the diagnosis to the person"},
    ),
    _kind(
        "MHS606",
        "Scored assessment of a referral (MHS606)",
        _REFERRAL_SCORE,
        check=shaping.referral_score_faults,
        ignored={},
    ),
    _kind(
        "MHS607",
        "Scored assessment in a care contact (MHS607)",
        _ACTIVITY_SCORE,
        check=shaping.activity_score_faults,
        ignored={"MHS607.CareActID": "joins the score to the contact"},
    ),
    _orphan("MHS002", "GP registration whose person was not sent (MHS002)", "MHS001"),
    _orphan("MHS009", "Agreement whose plan was not sent (MHS009)", "MHS008"),
    _orphan("MHS102", "Team whose referral was not sent (MHS102)", "MHS101"),
)
