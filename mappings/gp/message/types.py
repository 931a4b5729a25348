"""Data table: the resource types of FHIR STU3, and those of it and R4 that only define.

Source  FHIR STU3 (3.0.2), value set resource-types; FHIR R4 (4.0.1), resourcelist.html.
"""

from typing import Final

# fmt: off
RESOURCE_TYPES: Final = frozenset({
    "Account", "ActivityDefinition", "AdverseEvent", "AllergyIntolerance", "Appointment",
    "AppointmentResponse", "AuditEvent", "Basic", "Binary", "BodySite", "Bundle",
    "CapabilityStatement", "CarePlan", "CareTeam", "ChargeItem", "Claim", "ClaimResponse",
    "ClinicalImpression", "CodeSystem", "Communication", "CommunicationRequest",
    "CompartmentDefinition", "Composition", "ConceptMap", "Condition", "Consent",
    "Contract", "Coverage", "DataElement", "DetectedIssue", "Device", "DeviceComponent",
    "DeviceMetric", "DeviceRequest", "DeviceUseStatement", "DiagnosticReport",
    "DocumentManifest", "DocumentReference", "EligibilityRequest", "EligibilityResponse",
    "Encounter", "Endpoint", "EnrollmentRequest", "EnrollmentResponse", "EpisodeOfCare",
    "ExpansionProfile", "ExplanationOfBenefit", "FamilyMemberHistory", "Flag", "Goal",
    "GraphDefinition", "Group", "GuidanceResponse", "HealthcareService", "ImagingManifest",
    "ImagingStudy", "Immunization", "ImmunizationRecommendation", "ImplementationGuide",
    "Library", "Linkage", "List", "Location", "Measure", "MeasureReport", "Media",
    "Medication", "MedicationAdministration", "MedicationDispense", "MedicationRequest",
    "MedicationStatement", "MessageDefinition", "MessageHeader", "NamingSystem",
    "NutritionOrder", "Observation", "OperationDefinition", "OperationOutcome",
    "Organization", "Parameters", "Patient", "PaymentNotice", "PaymentReconciliation",
    "Person", "PlanDefinition", "Practitioner", "PractitionerRole", "Procedure",
    "ProcedureRequest", "ProcessRequest", "ProcessResponse", "Provenance", "Questionnaire",
    "QuestionnaireResponse", "ReferralRequest", "RelatedPerson", "RequestGroup",
    "ResearchStudy", "ResearchSubject", "RiskAssessment", "Schedule", "SearchParameter",
    "Sequence", "ServiceDefinition", "Slot", "Specimen", "StructureDefinition",
    "StructureMap", "Subscription", "Substance", "SupplyDelivery", "SupplyRequest", "Task",
    "TestReport", "TestScript", "ValueSet", "VisionPrescription",
})

DEFINITIONS: Final = frozenset({
    "ActivityDefinition", "CapabilityStatement", "CodeSystem", "CompartmentDefinition",
    "ConceptMap", "DataElement", "EventDefinition", "ExampleScenario", "ExpansionProfile",
    "GraphDefinition", "ImplementationGuide", "Library", "Measure", "MessageDefinition",
    "NamingSystem", "OperationDefinition", "PlanDefinition", "SearchParameter",
    "ServiceDefinition", "StructureDefinition", "StructureMap", "TerminologyCapabilities",
    "TestReport", "TestScript", "ValueSet",
})
"""Types of which nothing is ever about a person: they say what records are made of."""
# fmt: on
