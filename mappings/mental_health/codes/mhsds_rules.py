# ruff: noqa: E501 - one rule, one line
"""Data table: the publisher's rules of single rows of MHSDS 6, for the tables that are read.

Source  NHS England, MHSDS v6 validations (nhsengland/Reusable-Code-Library, BSD-3). Not here:
        rules that need national reference data (organisations, postcodes), rules of uniqueness
        and of parents (the reader has them: core/datasets.py), dates with days of
        grace, and rules of columns that no row maps.
Rule    A line is the rule's id, what the publisher does (refuses the row, the row with all that
        hangs on it, the file, or warns), table, column, check and what it is checked against.
"""

from typing import Final

from mappings.core.sets.national_rules import rules_of

_RULES: Final = """
MHS00118|warn|MHS001|NHSNumberStatus|without|MHS001.NHSNumber
MHS00142|row|MHS001|PersDeathDate|until|MHS000.ReportingPeriodEndDate
MHS00141|row|MHS001|PersDeathDate|from|MHS000.ReportingPeriodStartDate
MHS00309|row|MHS003|AccommodationTypeDate|until|MHS000.ReportingPeriodEndDate
MHS00409|row|MHS004|EmployStatusRecDate|until|MHS000.ReportingPeriodEndDate
MHS00607|row|MHS006|StartDateAssCareCoord|until|MHS000.ReportingPeriodEndDate
MHS00611|row|MHS006|EndDateAssCareCoord|until|MHS000.ReportingPeriodEndDate
MHS00610|row|MHS006|EndDateAssCareCoord|from|MHS000.ReportingPeriodStartDate
MHS00612|row|MHS006|EndDateAssCareCoord|from|MHS006.StartDateAssCareCoord
MHS01008|row|MHS010|AssistiveTechnologyPrescTimestamp|moment|
MHS01106|row|MHS011|SocPerCircumstanceRecTimestamp|moment|
MHS01108|row|MHS011|SocPerCircumstance|blank|
MHS20227|warn|MHS202|UnitofMeasurement_UCUM|with|MHS202.ObsValue
MHS60108|row|MHS601|CodedDiagTimestamp|moment|
MHS50312|row|MHS503|EndDateAssCareProf|from|MHS503.StartDateAssCareProf
MHS50554|row|MHS505|EndDateRestrictiveIntInc|from|MHS505.StartDateRestrictiveIntInc
MHS60409|row|MHS604|CodedDiagTimestamp|moment|
MHS60509|row|MHS605|CodedDiagTimestamp|moment|
MHS60609|row|MHS606|AssToolCompTimestamp|moment|
MHS70113|row|MHS701|EndDateCPA|from|MHS701.StartDateCPA
MHS01007|row|MHS010|AssistiveTechnologyFinding|snomed|
MHS01109|row|MHS011|SocPerCircumstance|snomed|
MHS20230|row|MHS202|Procedure|snomed|
MHS00101|row|MHS001|LocalPatientID|blank|
MHS00102|row|MHS001|LocalPatientID|form|an0..20
MHS00151|row|MHS001|OrgIDLocalPatientID|blank|
MHS00152|row|MHS001|OrgIDLocalPatientID|form|an3..5
MHS00111|warn|MHS001|NHSNumber|blank|
MHS00165|row|MHS001|NHSNumber|form|n10..10
MHS00115|row|MHS001|NHSNumberStatus|form|an2..2
MHS00116|warn|MHS001|NHSNumberStatus|codes|01 02 03 04 05 06 07
MHS00120|warn|MHS001|PersonBirthDate|blank|
MHS00167|row|MHS001|PersonBirthDate|date|
MHS00168|row|MHS001|PersonBirthDate|until|MHS000.ReportingPeriodEndDate
MHS00123|warn|MHS001|Postcode|blank|
MHS00130|row|MHS001|Gender|form|an1..1
MHS00131|warn|MHS001|Gender|codes|1 2 9 X
MHS00138|row|MHS001|LanguageCodePreferred|form|an2..2
MHS00140|row|MHS001|PersDeathDate|date|
MHS00201|row|MHS002|LocalPatientID|blank|
MHS00202|row|MHS002|LocalPatientID|form|an0..20
MHS00203|row|MHS002|GMPReg|blank|
MHS00204|row|MHS002|GMPReg|form|an6..8
MHS00210|row|MHS002|StartDateGMPRegistration|date|
MHS00212|row|MHS002|StartDateGMPRegistration|from|MHS001.PersonBirthDate
MHS00213|row|MHS002|EndDateGMPRegistration|date|
MHS00214|row|MHS002|EndDateGMPRegistration|from|MHS000.ReportingPeriodStartDate
MHS00216|row|MHS002|EndDateGMPRegistration|from|MHS002.StartDateGMPRegistration
MHS00215|row|MHS002|EndDateGMPRegistration|until|MHS000.ReportingPeriodEndDate
MHS00301|row|MHS003|LocalPatientID|blank|
MHS00302|row|MHS003|LocalPatientID|form|an0..20
MHS00303|row|MHS003|AccommodationType|blank|
MHS00304|row|MHS003|AccommodationType|form|an2..2
MHS00305|warn|MHS003|AccommodationType|codes|01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 98
MHS00306|row|MHS003|SettledAccommodationInd|form|an1..1
MHS00307|warn|MHS003|SettledAccommodationInd|codes|9 N Y Z
MHS00308|row|MHS003|AccommodationTypeDate|date|
MHS00403|row|MHS004|LocalPatientID|blank|
MHS00404|row|MHS004|LocalPatientID|form|an0..20
MHS00405|row|MHS004|EmployStatus|blank|
MHS00406|row|MHS004|EmployStatus|form|an2..2
MHS00407|warn|MHS004|EmployStatus|codes|01 02 03 04 05 06 07 08 ZZ
MHS00408|row|MHS004|EmployStatusRecDate|date|
MHS00410|row|MHS004|WeekHoursWorked|form|an2..2
MHS00411|warn|MHS004|WeekHoursWorked|codes|01 02 03 04 97 98 99
MHS00503|row|MHS005|LocalPatientID|blank|
MHS00504|row|MHS005|LocalPatientID|form|an0..20
MHS00505|row|MHS005|ConstSuperReqDueToDis|form|an1..1
MHS00506|warn|MHS005|ConstSuperReqDueToDis|codes|N Y
MHS00527|row|MHS005|ParentalResp|form|an1..1
MHS00528|warn|MHS005|ParentalResp|codes|N X Y Z
MHS00507|row|MHS005|YoungCarer|form|an1..1
MHS00508|warn|MHS005|YoungCarer|codes|N X Y Z
MHS00509|row|MHS005|LACStatus|form|an1..1
MHS00510|warn|MHS005|LACStatus|codes|N X Y
MHS00511|row|MHS005|CPP|form|an1..1
MHS00512|warn|MHS005|CPP|codes|1 2 3 X
MHS00523|row|MHS005|ExBAFIndicator|form|an2..2
MHS00524|warn|MHS005|ExBAFIndicator|codes|02 03 05 UU ZZ
MHS00525|row|MHS005|OffenceHistory|form|an1..1
MHS00526|warn|MHS005|OffenceHistory|codes|1 2 3 X
MHS00533|row|MHS005|ReasonableAdjustmentInd|form|an1..1
MHS00534|warn|MHS005|ReasonableAdjustmentInd|codes|N Y
MHS00538|row|MHS005|IMCARequired|form|an1..1
MHS00537|warn|MHS005|IMCARequired|codes|N Y
MHS00539|row|MHS005|IMHARequired|form|an1..1
MHS00540|warn|MHS005|IMHARequired|codes|N Y
MHS00541|row|MHS005|IMCAAssigned|form|an1..1
MHS00542|warn|MHS005|IMCAAssigned|codes|N Y
MHS00544|row|MHS005|IMHAAssigned|form|an1..1
MHS00545|warn|MHS005|IMHAAssigned|codes|N Y
MHS00547|row|MHS005|LDStatus|form|an1..1
MHS00548|warn|MHS005|LDStatus|codes|1 2 3 4 5 U X Z
MHS00549|row|MHS005|AutismStatus|form|an1..1
MHS00550|warn|MHS005|AutismStatus|codes|1 2 3 4 5 U X Z
MHS00603|row|MHS006|LocalPatientID|blank|
MHS00604|row|MHS006|LocalPatientID|form|an0..20
MHS00605|row|MHS006|StartDateAssCareCoord|blank|
MHS00606|row|MHS006|StartDateAssCareCoord|date|
MHS00608|row|MHS006|CareProfLocalID|form|an0..20
MHS00609|row|MHS006|EndDateAssCareCoord|date|
MHS00703|row|MHS007|LocalPatientID|blank|
MHS00704|row|MHS007|LocalPatientID|form|an0..20
MHS00705|row|MHS007|DisabCode|blank|
MHS00706|row|MHS007|DisabCode|form|an2..2
MHS00707|warn|MHS007|DisabCode|codes|01 02 03 04 05 06 07 08 09 10 NN XX ZZ
MHS00708|row|MHS007|DisabImpacPercep|form|an2..2
MHS00709|warn|MHS007|DisabImpacPercep|codes|01 02 03 04
MHS00813|row|MHS008|CarePlanID|blank|
MHS00814|row|MHS008|CarePlanID|form|an0..20
MHS00815|row|MHS008|LocalPatientID|blank|
MHS00816|row|MHS008|LocalPatientID|form|an0..20
MHS00817|row|MHS008|CarePlanTypeMH|blank|
MHS00818|row|MHS008|CarePlanTypeMH|form|an2..2
MHS00819|warn|MHS008|CarePlanTypeMH|codes|10 11 12 13 14
MHS00820|row|MHS008|CarePlanCreatDate|blank|
MHS00821|row|MHS008|CarePlanCreatDate|date|
MHS00822|row|MHS008|CarePlanCreatDate|until|MHS000.ReportingPeriodEndDate
MHS00829|row|MHS008|CarePlanCreationTime|time|
MHS00823|row|MHS008|CarePlanLastUpdateDate|date|
MHS00824|row|MHS008|CarePlanLastUpdateDate|from|MHS008.CarePlanCreatDate
MHS00825|row|MHS008|CarePlanLastUpdateDate|until|MHS000.ReportingPeriodEndDate
MHS00830|row|MHS008|CarePlanLastUpdateTime|time|
MHS00826|row|MHS008|CarePlanImplementDate|date|
MHS00827|row|MHS008|CarePlanImplementDate|until|MHS000.ReportingPeriodEndDate
MHS00828|row|MHS008|CarePlanImplementDate|from|MHS008.CarePlanCreatDate
MHS00902|row|MHS009|CarePlanID|blank|
MHS00903|row|MHS009|CarePlanID|form|an0..20
MHS00912|row|MHS009|FamilyCarePlanIndicator|form|an1..1
MHS00913|warn|MHS009|FamilyCarePlanIndicator|codes|9 N X Y
MHS00915|row|MHS009|NoFamilyCarePlanReason|form|an2..2
MHS00916|warn|MHS009|NoFamilyCarePlanReason|codes|01 02 03 08 98
MHS00904|row|MHS009|CarePlanContentAgreedBy|blank|
MHS00905|row|MHS009|CarePlanContentAgreedBy|form|an2..2
MHS00906|warn|MHS009|CarePlanContentAgreedBy|codes|10 12 13 14 15 16 17
MHS00907|row|MHS009|CarePlanContentAgreedDate|date|
MHS00908|row|MHS009|CarePlanContentAgreedDate|from|MHS008.CarePlanCreatDate
MHS00909|row|MHS009|CarePlanContentAgreedDate|until|MHS000.ReportingPeriodEndDate
MHS00910|row|MHS009|CarePlanContentAgreedTime|time|
MHS01003|row|MHS010|LocalPatientID|blank|
MHS01004|row|MHS010|LocalPatientID|form|an0..20
MHS01006|row|MHS010|AssistiveTechnologyFinding|blank|
MHS01005|row|MHS010|AssistiveTechnologyFinding|form|n6..18
MHS01009|row|MHS010|AssistiveTechnologyPrescTimestamp|until|MHS000.ReportingPeriodEndDate
MHS01103|row|MHS011|LocalPatientID|blank|
MHS01104|row|MHS011|LocalPatientID|form|an0..20
MHS01111|row|MHS011|SocPerCircumstance|form|n6..18
MHS01107|row|MHS011|SocPerCircumstanceRecTimestamp|until|MHS000.ReportingPeriodEndDate
MHS10104|row|MHS101|ServiceRequestID|blank|
MHS10105|row|MHS101|ServiceRequestID|form|an0..20
MHS10106|row|MHS101|LocalPatientID|blank|
MHS10107|row|MHS101|LocalPatientID|form|an0..20
MHS10153|row|MHS101|CareProfTeamLocalID|blank|
MHS10154|row|MHS101|CareProfTeamLocalID|form|an0..20
MHS10111|row|MHS101|ReferralRequestReceivedDate|blank|
MHS10112|row|MHS101|ReferralRequestReceivedDate|date|
MHS10113|row|MHS101|ReferralRequestReceivedDate|until|MHS000.ReportingPeriodEndDate
MHS10115|row|MHS101|ReferralRequestReceivedTime|time|
MHS10119|row|MHS101|OrgIDReferringOrg|form|an3..8
MHS10123|row|MHS101|ClinRespPriorityType|form|an1..1
MHS10124|warn|MHS101|ClinRespPriorityType|codes|1 2 3 4
MHS10125|row|MHS101|PrimReasonReferralMH|form|an2..2
MHS10126|warn|MHS101|PrimReasonReferralMH|codes|01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 18 19 20 21 22 23 24 25 26 27 28 29 30 31
MHS10136|row|MHS101|DischPlanCreationDate|date|
MHS10137|row|MHS101|DischPlanCreationDate|from|MHS101.ReferralRequestReceivedDate
MHS10138|row|MHS101|DischPlanCreationDate|until|MHS000.ReportingPeriodEndDate
MHS10144|row|MHS101|DischPlanCreationTime|time|
MHS10139|row|MHS101|DischPlanLastUpdatedDate|date|
MHS10141|row|MHS101|DischPlanLastUpdatedDate|until|MHS000.ReportingPeriodEndDate
MHS10145|row|MHS101|DischPlanLastUpdatedTime|time|
MHS10127|row|MHS101|ServDischDate|date|
MHS10128|row|MHS101|ServDischDate|from|MHS101.ReferralRequestReceivedDate
MHS10129|row|MHS101|ServDischDate|from|MHS000.ReportingPeriodStartDate
MHS10131|row|MHS101|ServDischDate|until|MHS000.DateTimeDatSetCreate
MHS10157|row|MHS101|ReferRejectionDate|date|
MHS10158|warn|MHS101|ReferRejectionDate|until|MHS000.ReportingPeriodEndDate
MHS10159|row|MHS101|ReferRejectionDate|from|MHS000.ReportingPeriodStartDate
MHS10160|row|MHS101|ReferRejectionDate|until|MHS000.DateTimeDatSetCreate
MHS10161|row|MHS101|ReferRejectionDate|from|MHS101.ReferralRequestReceivedDate
MHS10202|row|MHS102|ServiceRequestID|blank|
MHS10203|row|MHS102|ServiceRequestID|form|an0..20
MHS10232|row|MHS102|OtherCareProfTeamLocalID|form|an0..20
MHS10212|row|MHS102|ReferClosureDate|date|
MHS10213|row|MHS102|ReferClosureDate|from|MHS000.ReportingPeriodStartDate
MHS10214|row|MHS102|ReferClosureDate|until|MHS000.DateTimeDatSetCreate
MHS10216|row|MHS102|ReferClosureDate|until|MHS101.ServDischDate
MHS10215|warn|MHS102|ReferClosureDate|until|MHS000.ReportingPeriodEndDate
MHS10217|row|MHS102|ReferRejectionDate|date|
MHS10220|warn|MHS102|ReferRejectionDate|until|MHS000.ReportingPeriodEndDate
MHS10218|row|MHS102|ReferRejectionDate|from|MHS000.ReportingPeriodStartDate
MHS10219|row|MHS102|ReferRejectionDate|until|MHS000.DateTimeDatSetCreate
MHS10221|row|MHS102|ReferRejectionDate|until|MHS101.ServDischDate
MHS10301|row|MHS103|ServiceRequestID|blank|
MHS10302|row|MHS103|ServiceRequestID|form|an0..20
MHS10303|row|MHS103|OtherReasonReferMH|blank|
MHS10304|row|MHS103|OtherReasonReferMH|form|an2..2
MHS10305|warn|MHS103|OtherReasonReferMH|codes|01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 18 19 20 21 22 23 24 25 26 27 28 29 30 31
MHS10501|row|MHS105|ServiceRequestID|blank|
MHS10502|row|MHS105|ServiceRequestID|form|an0..20
MHS10503|row|MHS105|OnwardReferDate|blank|
MHS10504|row|MHS105|OnwardReferDate|date|
MHS10521|row|MHS105|OnwardReferDate|from|MHS000.ReportingPeriodStartDate
MHS10522|row|MHS105|OnwardReferDate|until|MHS000.ReportingPeriodEndDate
MHS10514|row|MHS105|OnwardReferTime|time|
MHS10506|row|MHS105|OnwardReferReason|form|an2..2
MHS10507|warn|MHS105|OnwardReferReason|codes|01 02 03 04 96 98 99
MHS10518|row|MHS105|OrgIDReceiving|form|an3..8
MHS10602|row|MHS106|ServiceRequestID|blank|
MHS10603|row|MHS106|ServiceRequestID|form|an0..20
MHS10611|row|MHS106|DischPlanContentAgreedBy|blank|
MHS10605|row|MHS106|DischPlanContentAgreedBy|form|an2..2
MHS10609|warn|MHS106|DischPlanContentAgreedBy|codes|10 12 13 14 15 16 17 18
MHS10606|row|MHS106|DischPlanContentAgreedDate|date|
MHS10607|row|MHS106|DischPlanContentAgreedDate|until|MHS000.ReportingPeriodEndDate
MHS10608|row|MHS106|DischPlanContentAgreedDate|from|MHS101.DischPlanCreationDate
MHS10610|row|MHS106|DischPlanContentAgreedTime|time|
MHS20101|row|MHS201|CareContactID|blank|
MHS20102|row|MHS201|CareContactID|form|an0..20
MHS20103|row|MHS201|ServiceRequestID|blank|
MHS20104|row|MHS201|ServiceRequestID|form|an0..20
MHS20106|row|MHS201|CareContDate|blank|
MHS20107|row|MHS201|CareContDate|date|
MHS20167|row|MHS201|CareContDate|from|MHS000.ReportingPeriodStartDate
MHS20168|row|MHS201|CareContDate|until|MHS000.ReportingPeriodEndDate
MHS20109|row|MHS201|CareContTime|time|
MHS20114|row|MHS201|ClinContDurOfCareCont|form|n0..4
MHS20119|row|MHS201|ConsMechanismMH|form|an2..2
MHS20120|warn|MHS201|ConsMechanismMH|codes|01 02 04 05 09 10 11 12 13 98
MHS20127|row|MHS201|AttendStatus|form|an1..1
MHS20128|warn|MHS201|AttendStatus|codes|2 3 4 5 6 7
MHS20133|row|MHS201|CareContCancelDate|date|
MHS20201|row|MHS202|CareActID|blank|
MHS20202|row|MHS202|CareActID|form|an0..20
MHS20203|row|MHS202|CareContactID|blank|
MHS20204|row|MHS202|CareContactID|form|an0..20
MHS20229|row|MHS202|Procedure|form|an6..56
MHS20212|row|MHS202|FindSchemeInUse|form|an2..2
MHS20213|warn|MHS202|FindSchemeInUse|codes|01 04
MHS20215|row|MHS202|Finding|form|an4..18
MHS20220|row|MHS202|Observation|form|n6..18
MHS20222|row|MHS202|ObsValue|form|an0..10
MHS20223|row|MHS202|UnitofMeasurement_UCUM|form|an0..20
MHS20605|row|MHS206|CareActID|blank|
MHS20606|row|MHS206|CareActID|form|an0..20
MHS20607|row|MHS206|CareProfLocalID|blank|
MHS20608|row|MHS206|CareProfLocalID|form|an0..20
MHS40101|row|MHS401|MHActLegalStatusClassPeriodID|blank|
MHS40102|row|MHS401|MHActLegalStatusClassPeriodID|form|an0..20
MHS40103|row|MHS401|LocalPatientID|blank|
MHS40104|row|MHS401|LocalPatientID|form|an0..20
MHS40105|row|MHS401|StartDateMHActLegalStatusClass|blank|
MHS40106|row|MHS401|StartDateMHActLegalStatusClass|date|
MHS40107|row|MHS401|StartDateMHActLegalStatusClass|until|MHS000.ReportingPeriodEndDate
MHS40108|row|MHS401|StartTimeMHActLegalStatusClass|blank|
MHS40109|row|MHS401|StartTimeMHActLegalStatusClass|time|
MHS40112|row|MHS401|ExpiryDateMHActLegalStatusClass|date|
MHS40114|row|MHS401|EndDateMHActLegalStatusClass|date|
MHS40115|row|MHS401|EndDateMHActLegalStatusClass|from|MHS000.ReportingPeriodStartDate
MHS40116|row|MHS401|EndDateMHActLegalStatusClass|until|MHS000.ReportingPeriodEndDate
MHS40117|row|MHS401|EndDateMHActLegalStatusClass|from|MHS401.StartDateMHActLegalStatusClass
MHS40121|row|MHS401|LegalStatusCode|form|an2..2
MHS40122|warn|MHS401|LegalStatusCode|codes|01 02 03 04 05 06 07 08 09 10 12 13 14 15 16 17 18 19 20 31 32 35 36 37 38 98 99
MHS40204|row|MHS402|MHActLegalStatusClassPeriodID|blank|
MHS40205|row|MHS402|MHActLegalStatusClassPeriodID|form|an0..20
MHS40206|row|MHS402|StartDateRespClinAssign|blank|
MHS40207|row|MHS402|StartDateRespClinAssign|date|
MHS40208|row|MHS402|StartDateRespClinAssign|until|MHS000.ReportingPeriodEndDate
MHS40209|row|MHS402|CareProfLocalID|blank|
MHS40210|row|MHS402|CareProfLocalID|form|an0..20
MHS40211|row|MHS402|EndDateRespClinAssign|date|
MHS40212|row|MHS402|EndDateRespClinAssign|from|MHS000.ReportingPeriodStartDate
MHS40213|row|MHS402|EndDateRespClinAssign|until|MHS000.ReportingPeriodEndDate
MHS40214|row|MHS402|EndDateRespClinAssign|from|MHS402.StartDateRespClinAssign
MHS40304|row|MHS403|MHActLegalStatusClassPeriodID|blank|
MHS40305|row|MHS403|MHActLegalStatusClassPeriodID|form|an0..20
MHS40306|row|MHS403|StartDateMHCondDisch|blank|
MHS40307|row|MHS403|StartDateMHCondDisch|date|
MHS40308|row|MHS403|StartDateMHCondDisch|until|MHS000.ReportingPeriodEndDate
MHS40309|row|MHS403|EndDateMHCondDisch|date|
MHS40310|row|MHS403|EndDateMHCondDisch|from|MHS000.ReportingPeriodStartDate
MHS40311|row|MHS403|EndDateMHCondDisch|until|MHS000.ReportingPeriodEndDate
MHS40312|row|MHS403|EndDateMHCondDisch|from|MHS403.StartDateMHCondDisch
MHS40404|row|MHS404|MHActLegalStatusClassPeriodID|blank|
MHS40405|row|MHS404|MHActLegalStatusClassPeriodID|form|an0..20
MHS40406|row|MHS404|StartDateCommTreatOrd|blank|
MHS40407|row|MHS404|StartDateCommTreatOrd|date|
MHS40408|row|MHS404|StartDateCommTreatOrd|until|MHS000.ReportingPeriodEndDate
MHS40409|row|MHS404|ExpiryDateCommTreatOrd|date|
MHS40410|row|MHS404|EndDateCommTreatOrd|date|
MHS40411|row|MHS404|EndDateCommTreatOrd|from|MHS000.ReportingPeriodStartDate
MHS40412|row|MHS404|EndDateCommTreatOrd|until|MHS000.ReportingPeriodEndDate
MHS40413|row|MHS404|EndDateCommTreatOrd|from|MHS404.StartDateCommTreatOrd
MHS40504|row|MHS405|MHActLegalStatusClassPeriodID|blank|
MHS40505|row|MHS405|MHActLegalStatusClassPeriodID|form|an0..20
MHS40506|row|MHS405|StartDateCommTreatOrdRecall|blank|
MHS40507|row|MHS405|StartDateCommTreatOrdRecall|date|
MHS40508|row|MHS405|StartDateCommTreatOrdRecall|until|MHS000.ReportingPeriodEndDate
MHS40509|row|MHS405|StartTimeCommTreatOrdRecall|blank|
MHS40510|row|MHS405|StartTimeCommTreatOrdRecall|time|
MHS40511|row|MHS405|EndDateCommTreatOrdRecall|date|
MHS40512|row|MHS405|EndDateCommTreatOrdRecall|from|MHS000.ReportingPeriodStartDate
MHS40513|row|MHS405|EndDateCommTreatOrdRecall|until|MHS000.ReportingPeriodEndDate
MHS40514|row|MHS405|EndDateCommTreatOrdRecall|from|MHS405.StartDateCommTreatOrdRecall
MHS50104|row|MHS501|HospProvSpellID|blank|
MHS50105|row|MHS501|HospProvSpellID|form|an0..20
MHS50106|row|MHS501|ServiceRequestID|blank|
MHS50107|row|MHS501|ServiceRequestID|form|an0..20
MHS50108|row|MHS501|StartDateHospProvSpell|blank|
MHS50109|row|MHS501|StartDateHospProvSpell|date|
MHS50110|row|MHS501|StartDateHospProvSpell|until|MHS000.ReportingPeriodEndDate
MHS50111|row|MHS501|StartTimeHospProvSpell|time|
MHS50112|row|MHS501|SourceAdmMHHospProvSpell|form|an2..2
MHS50113|warn|MHS501|SourceAdmMHHospProvSpell|codes|19 29 37 40 42 49 51 52 53 55 56 66 87 88 98 99
MHS50130|row|MHS501|EstimatedDischDateHospProvSpell|date|
MHS50116|row|MHS501|PlannedDischDateHospProvSpell|date|
MHS50128|row|MHS501|PlannedDestDisch|form|an2..2
MHS50129|warn|MHS501|PlannedDestDisch|codes|19 29 30 37 40 42 48 49 50 51 52 53 55 56 66 79 84 87 88 89 98 99
MHS50117|row|MHS501|DischDateHospProvSpell|date|
MHS50118|row|MHS501|DischDateHospProvSpell|from|MHS000.ReportingPeriodStartDate
MHS50119|row|MHS501|DischDateHospProvSpell|until|MHS000.ReportingPeriodEndDate
MHS50120|row|MHS501|DischDateHospProvSpell|from|MHS501.StartTimeHospProvSpell
MHS50121|row|MHS501|DischTimeHospProvSpell|time|
MHS50124|row|MHS501|DestOfDischHospProvSpell|form|an2..2
MHS50125|warn|MHS501|DestOfDischHospProvSpell|codes|19 29 30 37 40 42 48 49 50 51 52 53 55 56 66 79 84 87 88 89 98 99
MHS50205|row|MHS502|WardStayID|blank|
MHS50206|row|MHS502|WardStayID|form|an0..20
MHS50241|row|MHS502|WardCode|form|an0..12
MHS50207|row|MHS502|HospProvSpellID|blank|
MHS50208|row|MHS502|HospProvSpellID|form|an0..20
MHS50209|row|MHS502|StartDateWardStay|blank|
MHS50210|row|MHS502|StartDateWardStay|date|
MHS50211|row|MHS502|StartDateWardStay|until|MHS000.ReportingPeriodEndDate
MHS50230|row|MHS502|StartDateWardStay|from|MHS501.StartDateHospProvSpell
MHS50231|row|MHS502|StartDateWardStay|until|MHS501.DischDateHospProvSpell
MHS50212|row|MHS502|StartTimeWardStay|time|
MHS50213|row|MHS502|EndDateWardStay|date|
MHS50214|row|MHS502|EndDateWardStay|from|MHS000.ReportingPeriodStartDate
MHS50215|row|MHS502|EndDateWardStay|until|MHS000.ReportingPeriodEndDate
MHS50216|row|MHS502|EndDateWardStay|from|MHS502.StartDateWardStay
MHS50232|row|MHS502|EndDateWardStay|from|MHS501.StartDateHospProvSpell
MHS50233|row|MHS502|EndDateWardStay|until|MHS501.DischDateHospProvSpell
MHS50217|row|MHS502|EndTimeWardStay|time|
MHS50302|row|MHS503|HospProvSpellID|blank|
MHS50303|row|MHS503|HospProvSpellID|form|an0..20
MHS50304|row|MHS503|CareProfLocalID|blank|
MHS50305|row|MHS503|CareProfLocalID|form|an0..20
MHS50306|row|MHS503|StartDateAssCareProf|blank|
MHS50307|row|MHS503|StartDateAssCareProf|date|
MHS50308|row|MHS503|StartDateAssCareProf|until|MHS000.ReportingPeriodEndDate
MHS50316|row|MHS503|StartDateAssCareProf|from|MHS501.StartDateHospProvSpell
MHS50317|row|MHS503|StartDateAssCareProf|until|MHS501.DischDateHospProvSpell
MHS50309|row|MHS503|EndDateAssCareProf|date|
MHS50310|row|MHS503|EndDateAssCareProf|from|MHS000.ReportingPeriodStartDate
MHS50311|row|MHS503|EndDateAssCareProf|until|MHS000.ReportingPeriodEndDate
MHS50318|row|MHS503|EndDateAssCareProf|from|MHS501.StartDateHospProvSpell
MHS50319|row|MHS503|EndDateAssCareProf|until|MHS501.DischDateHospProvSpell
MHS50501|row|MHS505|RestrictiveIntIncID|blank|
MHS50502|row|MHS505|RestrictiveIntIncID|form|an0..20
MHS50542|row|MHS505|HospProvSpellID|blank|
MHS50543|row|MHS505|HospProvSpellID|form|an0..20
MHS50544|row|MHS505|StartDateRestrictiveIntInc|blank|
MHS50545|row|MHS505|StartDateRestrictiveIntInc|date|
MHS50546|row|MHS505|StartDateRestrictiveIntInc|until|MHS000.ReportingPeriodEndDate
MHS50547|row|MHS505|StartDateRestrictiveIntInc|from|MHS501.StartDateHospProvSpell
MHS50548|row|MHS505|StartDateRestrictiveIntInc|until|MHS501.DischDateHospProvSpell
MHS50549|row|MHS505|StartTimeRestrictiveIntInc|time|
MHS50551|row|MHS505|EndDateRestrictiveIntInc|date|
MHS50552|row|MHS505|EndDateRestrictiveIntInc|from|MHS000.ReportingPeriodStartDate
MHS50553|row|MHS505|EndDateRestrictiveIntInc|until|MHS000.ReportingPeriodEndDate
MHS50555|row|MHS505|EndDateRestrictiveIntInc|until|MHS501.DischDateHospProvSpell
MHS50550|row|MHS505|EndTimeRestrictiveIntInc|time|
MHS50539|row|MHS505|RestrictiveIntReason|form|n2..2
MHS50540|warn|MHS505|RestrictiveIntReason|codes|10 11 12 13 14 15 16 17 18 19 98 99
MHS50902|row|MHS509|WardStayID|blank|
MHS50903|row|MHS509|WardStayID|form|an0..20
MHS50904|row|MHS509|StartDateHomeLeave|blank|
MHS50905|row|MHS509|StartDateHomeLeave|date|
MHS50906|row|MHS509|StartDateHomeLeave|until|MHS000.ReportingPeriodEndDate
MHS50914|row|MHS509|StartDateHomeLeave|from|MHS502.StartDateWardStay
MHS50915|row|MHS509|StartDateHomeLeave|until|MHS502.EndDateWardStay
MHS50908|row|MHS509|EndDateHomeLeave|date|
MHS50910|row|MHS509|EndDateHomeLeave|from|MHS000.ReportingPeriodStartDate
MHS50911|row|MHS509|EndDateHomeLeave|until|MHS000.ReportingPeriodEndDate
MHS50912|row|MHS509|EndDateHomeLeave|from|MHS509.StartDateHomeLeave
MHS50916|row|MHS509|EndDateHomeLeave|from|MHS502.StartDateWardStay
MHS50917|row|MHS509|EndDateHomeLeave|until|MHS502.EndDateWardStay
MHS51002|row|MHS510|WardStayID|blank|
MHS51003|row|MHS510|WardStayID|form|an0..20
MHS51004|row|MHS510|StartDateMHLeaveAbs|blank|
MHS51005|row|MHS510|StartDateMHLeaveAbs|date|
MHS51006|row|MHS510|StartDateMHLeaveAbs|until|MHS000.ReportingPeriodEndDate
MHS51015|row|MHS510|StartDateMHLeaveAbs|from|MHS502.StartDateWardStay
MHS51016|row|MHS510|StartDateMHLeaveAbs|until|MHS502.EndDateWardStay
MHS51008|row|MHS510|EndDateMHLeaveAbs|date|
MHS51009|row|MHS510|EndDateMHLeaveAbs|from|MHS000.ReportingPeriodStartDate
MHS51010|row|MHS510|EndDateMHLeaveAbs|until|MHS000.ReportingPeriodEndDate
MHS51011|row|MHS510|EndDateMHLeaveAbs|from|MHS510.StartDateMHLeaveAbs
MHS51017|row|MHS510|EndDateMHLeaveAbs|from|MHS502.StartDateWardStay
MHS51018|row|MHS510|EndDateMHLeaveAbs|until|MHS502.EndDateWardStay
MHS51102|row|MHS511|WardStayID|blank|
MHS51103|row|MHS511|WardStayID|form|an0..20
MHS51104|row|MHS511|StartDateMHAbsWOLeave|blank|
MHS51105|row|MHS511|StartDateMHAbsWOLeave|date|
MHS51106|row|MHS511|StartDateMHAbsWOLeave|until|MHS000.ReportingPeriodEndDate
MHS51115|row|MHS511|StartDateMHAbsWOLeave|from|MHS502.StartDateWardStay
MHS51116|row|MHS511|StartDateMHAbsWOLeave|until|MHS502.EndDateWardStay
MHS51107|row|MHS511|StartTimeMHAbsWOLeave|time|
MHS51108|row|MHS511|EndDateMHAbsWOLeave|date|
MHS51109|row|MHS511|EndDateMHAbsWOLeave|from|MHS000.ReportingPeriodStartDate
MHS51110|row|MHS511|EndDateMHAbsWOLeave|until|MHS000.ReportingPeriodEndDate
MHS51111|row|MHS511|EndDateMHAbsWOLeave|from|MHS511.StartDateMHAbsWOLeave
MHS51117|row|MHS511|EndDateMHAbsWOLeave|from|MHS502.StartDateWardStay
MHS51118|row|MHS511|EndDateMHAbsWOLeave|until|MHS502.EndDateWardStay
MHS51402|row|MHS514|WardStayID|blank|
MHS51403|row|MHS514|WardStayID|form|an0..20
MHS51404|row|MHS514|StartDateMHTrialLeave|blank|
MHS51405|row|MHS514|StartDateMHTrialLeave|date|
MHS51406|row|MHS514|StartDateMHTrialLeave|until|MHS000.ReportingPeriodEndDate
MHS51407|row|MHS514|StartDateMHTrialLeave|from|MHS502.StartDateWardStay
MHS51408|row|MHS514|StartDateMHTrialLeave|until|MHS502.EndDateWardStay
MHS51539|row|MHS515|RestrictiveIntIncID|blank|
MHS51540|row|MHS515|RestrictiveIntIncID|form|an0..20
MHS51501|row|MHS515|RestrictiveIntTypeID|blank|
MHS51502|row|MHS515|RestrictiveIntTypeID|form|an0..20
MHS51410|row|MHS514|EndDateMHTrialLeave|date|
MHS51415|row|MHS514|EndDateMHTrialLeave|until|MHS502.EndDateWardStay
MHS51411|row|MHS514|EndDateMHTrialLeave|from|MHS000.ReportingPeriodStartDate
MHS51412|row|MHS514|EndDateMHTrialLeave|until|MHS000.ReportingPeriodEndDate
MHS51413|row|MHS514|EndDateMHTrialLeave|from|MHS514.StartDateMHTrialLeave
MHS51546|row|MHS515|RestrictiveIntType|blank|
MHS51510|row|MHS515|RestrictiveIntType|form|an2..2
MHS51511|warn|MHS515|RestrictiveIntType|codes|01 04 05 06 07 08 09 10 11 12 13 14 15 16 17 99
MHS51536|row|MHS515|StartDateRestrictiveIntType|blank|
MHS51513|row|MHS515|StartDateRestrictiveIntType|date|
MHS51537|row|MHS515|StartDateRestrictiveIntType|until|MHS000.ReportingPeriodEndDate
MHS51541|row|MHS515|StartDateRestrictiveIntType|from|MHS505.StartDateRestrictiveIntInc
MHS51542|row|MHS515|StartDateRestrictiveIntType|until|MHS505.EndDateRestrictiveIntInc
MHS51517|row|MHS515|StartTimeRestrictiveIntType|time|
MHS51518|row|MHS515|EndDateRestrictiveIntType|date|
MHS51519|row|MHS515|EndDateRestrictiveIntType|from|MHS000.ReportingPeriodStartDate
MHS51543|row|MHS515|EndDateRestrictiveIntType|from|MHS515.StartDateRestrictiveIntType
MHS51544|row|MHS515|EndDateRestrictiveIntType|until|MHS505.EndDateRestrictiveIntInc
MHS51547|row|MHS515|EndDateRestrictiveIntType|from|MHS505.StartDateRestrictiveIntInc
MHS51520|row|MHS515|EndDateRestrictiveIntType|until|MHS000.ReportingPeriodEndDate
MHS51523|row|MHS515|EndTimeRestrictiveIntType|time|
MHS51805|row|MHS518|HospProvSpellID|blank|
MHS51806|row|MHS518|HospProvSpellID|form|an0..20
MHS51807|row|MHS518|StartDateClinReadyforDisch|blank|
MHS51808|row|MHS518|StartDateClinReadyforDisch|date|
MHS51809|row|MHS518|StartDateClinReadyforDisch|until|MHS000.ReportingPeriodEndDate
MHS51810|row|MHS518|StartDateClinReadyforDisch|from|MHS501.StartDateHospProvSpell
MHS51811|row|MHS518|StartDateClinReadyforDisch|until|MHS501.DischDateHospProvSpell
MHS51812|row|MHS518|EndDateClinReadyforDisch|date|
MHS51813|row|MHS518|EndDateClinReadyforDisch|from|MHS000.ReportingPeriodStartDate
MHS51814|row|MHS518|EndDateClinReadyforDisch|until|MHS000.ReportingPeriodEndDate
MHS51815|row|MHS518|EndDateClinReadyforDisch|from|MHS518.StartDateClinReadyforDisch
MHS51816|row|MHS518|EndDateClinReadyforDisch|from|MHS501.StartDateHospProvSpell
MHS51817|row|MHS518|EndDateClinReadyforDisch|until|MHS501.DischDateHospProvSpell
MHS60101|row|MHS601|LocalPatientID|blank|
MHS60102|row|MHS601|LocalPatientID|form|an0..20
MHS60103|row|MHS601|DiagSchemeInUse|blank|
MHS60104|row|MHS601|DiagSchemeInUse|form|an2..2
MHS60105|warn|MHS601|DiagSchemeInUse|codes|02 06
MHS60106|row|MHS601|PrevDiag|blank|
MHS60107|row|MHS601|PrevDiag|form|an4..18
MHS60109|row|MHS601|CodedDiagTimestamp|until|MHS000.ReportingPeriodEndDate
MHS60401|row|MHS604|ServiceRequestID|blank|
MHS60402|row|MHS604|ServiceRequestID|form|an0..20
MHS60403|row|MHS604|DiagSchemeInUse|blank|
MHS60404|row|MHS604|DiagSchemeInUse|form|an2..2
MHS60405|warn|MHS604|DiagSchemeInUse|codes|02 06
MHS60406|row|MHS604|PrimDiag|blank|
MHS60407|row|MHS604|PrimDiag|form|an4..18
MHS60410|row|MHS604|CodedDiagTimestamp|until|MHS000.ReportingPeriodEndDate
MHS60501|row|MHS605|ServiceRequestID|blank|
MHS60502|row|MHS605|ServiceRequestID|form|an0..20
MHS60503|row|MHS605|DiagSchemeInUse|blank|
MHS60504|row|MHS605|DiagSchemeInUse|form|an2..2
MHS60505|warn|MHS605|DiagSchemeInUse|codes|02 06
MHS60506|row|MHS605|SecDiag|blank|
MHS60507|row|MHS605|SecDiag|form|an4..18
MHS60510|row|MHS605|CodedDiagTimestamp|until|MHS000.ReportingPeriodEndDate
MHS60601|row|MHS606|ServiceRequestID|blank|
MHS60602|row|MHS606|ServiceRequestID|form|an0..20
MHS60603|row|MHS606|CodedAssToolType|blank|
MHS60604|row|MHS606|CodedAssToolType|form|n6..18
MHS60605|row|MHS606|PersScore|blank|
MHS60606|row|MHS606|PersScore|form|an0..5
MHS60608|row|MHS606|AssToolCompTimestamp|blank|
MHS60618|row|MHS606|AssToolCompTimestamp|from|MHS000.ReportingPeriodStartDate
MHS60616|row|MHS606|AssToolCompTimestamp|until|MHS000.ReportingPeriodEndDate
MHS60614|row|MHS606|CareProfLocalID|form|an0..20
MHS60701|row|MHS607|CareActID|blank|
MHS60702|row|MHS607|CareActID|form|an0..20
MHS60703|row|MHS607|CodedAssToolType|blank|
MHS60704|row|MHS607|CodedAssToolType|form|n6..18
MHS60705|row|MHS607|PersScore|blank|
MHS60706|row|MHS607|PersScore|form|an0..5
MHS60905|row|MHS609|ServiceRequestID|blank|
MHS60906|row|MHS609|ServiceRequestID|form|an0..20
MHS60907|row|MHS609|FindSchemeInUse|blank|
MHS60908|row|MHS609|FindSchemeInUse|form|an2..2
MHS60909|warn|MHS609|FindSchemeInUse|codes|02 06
MHS60910|row|MHS609|PresComp|blank|
MHS60911|row|MHS609|PresComp|form|an4..18
MHS60916|row|MHS609|PresCompDate|date|
MHS60917|warn|MHS609|PresCompDate|until|MHS000.ReportingPeriodEndDate
MHS70103|row|MHS701|CPAEpisodeID|blank|
MHS70104|row|MHS701|CPAEpisodeID|form|an0..20
MHS70105|row|MHS701|LocalPatientID|blank|
MHS70106|row|MHS701|LocalPatientID|form|an0..20
MHS70107|row|MHS701|StartDateCPA|blank|
MHS70108|row|MHS701|StartDateCPA|date|
MHS70109|row|MHS701|StartDateCPA|until|MHS000.ReportingPeriodEndDate
MHS70110|row|MHS701|EndDateCPA|date|
MHS70111|row|MHS701|EndDateCPA|from|MHS000.ReportingPeriodStartDate
MHS70112|row|MHS701|EndDateCPA|until|MHS000.ReportingPeriodEndDate
MHS70201|row|MHS702|CPAEpisodeID|blank|
MHS70202|row|MHS702|CPAEpisodeID|form|an0..20
MHS70203|row|MHS702|CPAReviewDate|blank|
MHS70204|row|MHS702|CPAReviewDate|date|
MHS70205|row|MHS702|CPAReviewDate|until|MHS000.ReportingPeriodEndDate
MHS70208|row|MHS702|CareProfLocalID|form|an0..20
MHS90207|row|MHS902|OrgIDCareProfTeamLocalID|blank|
MHS90208|row|MHS902|OrgIDCareProfTeamLocalID|form|an3..5
MHS90209|row|MHS902|ServTeamTypeMH|blank|
MHS90210|row|MHS902|ServTeamTypeMH|form|an3..3
MHS90211|warn|MHS902|ServTeamTypeMH|codes|A01 A02 A05 A06 A07 A08 A09 A10 A11 A12 A13 A14 A15 A16 A17 A18 A19 A20 A21 A22 A23 A24 A25 B01 B02 C01 C02 C04 C05 C06 C07 C08 C10 D01 D02 D03 D04 D05 D06 D07 D08 E01 E02 E03 E04 F01 F02 F03 F05 F06 F07 Z01 Z02
MHS90212|row|MHS902|ServTeamIntAgeGroup|blank|
MHS90213|row|MHS902|ServTeamIntAgeGroup|form|an2..2
MHS90214|warn|MHS902|ServTeamIntAgeGroup|codes|01 02 03 04
MHS10140|row|MHS101|DischPlanLastUpdatedDate|from|MHS101.DischPlanCreationDate
"""

RULES: Final = rules_of("6", "MHS000.DatSetVer", _RULES)
