"""The codes of every value set FHIR R4 requires for the types of elements.py.

VALUE_SETS      id -> ((system, codes), ...).
UNBOUNDED       id -> system: required sets whose codes nobody can list.
RESOURCE_TYPES  every R4 resource type, checked here or not.
Source  HL7's package hl7.fhir.r4.core 4.0.1 (CC0).
Made by tools/make_r4_tables.py; never edited by hand.
"""

# fmt: off
# ruff: noqa: E501
from typing import Final

VALUE_SETS: Final[dict[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "FHIR-version": (
        ("http://hl7.org/fhir/FHIR-version", ("0.01", "0.05", "0.06", "0.11", "0.0.80", "0.0.81", "0.0.82", "0.4.0", "0.5.0", "1.0.0", "1.0.1", "1.0.2", "1.1.0", "1.4.0", "1.6.0", "1.8.0", "3.0.0", "3.0.1", "3.3.0", "3.5.0", "4.0.0", "4.0.1", )),
    ),
    "address-type": (
        ("http://hl7.org/fhir/address-type", ("postal", "physical", "both", )),
    ),
    "address-use": (
        ("http://hl7.org/fhir/address-use", ("home", "work", "temp", "old", "billing", )),
    ),
    "administrative-gender": (
        ("http://hl7.org/fhir/administrative-gender", ("male", "female", "other", "unknown", )),
    ),
    "all-types": (
        ("http://hl7.org/fhir/data-types", ("Address", "Age", "Annotation", "Attachment", "BackboneElement", "CodeableConcept", "Coding", "ContactDetail", "ContactPoint", "Contributor", "Count", "DataRequirement", "Distance", "Dosage", "Duration", "Element", "ElementDefinition", "Expression", "Extension", "HumanName", "Identifier", "MarketingStatus", "Meta", "Money", "MoneyQuantity", "Narrative", "ParameterDefinition", "Period", "Population", "ProdCharacteristic", "ProductShelfLife", "Quantity", "Range", "Ratio", "Reference", "RelatedArtifact", "SampledData", "Signature", "SimpleQuantity", "SubstanceAmount", "Timing", "TriggerDefinition", "UsageContext", "base64Binary", "boolean", "canonical", "code", "date", "dateTime", "decimal", "id", "instant", "integer", "markdown", "oid", "positiveInt", "string", "time", "unsignedInt", "uri", "url", "uuid", "xhtml", )),
        ("http://hl7.org/fhir/resource-types", ("Account", "ActivityDefinition", "AdverseEvent", "AllergyIntolerance", "Appointment", "AppointmentResponse", "AuditEvent", "Basic", "Binary", "BiologicallyDerivedProduct", "BodyStructure", "Bundle", "CapabilityStatement", "CarePlan", "CareTeam", "CatalogEntry", "ChargeItem", "ChargeItemDefinition", "Claim", "ClaimResponse", "ClinicalImpression", "CodeSystem", "Communication", "CommunicationRequest", "CompartmentDefinition", "Composition", "ConceptMap", "Condition", "Consent", "Contract", "Coverage", "CoverageEligibilityRequest", "CoverageEligibilityResponse", "DetectedIssue", "Device", "DeviceDefinition", "DeviceMetric", "DeviceRequest", "DeviceUseStatement", "DiagnosticReport", "DocumentManifest", "DocumentReference", "DomainResource", "EffectEvidenceSynthesis", "Encounter", "Endpoint", "EnrollmentRequest", "EnrollmentResponse", "EpisodeOfCare", "EventDefinition", "Evidence", "EvidenceVariable", "ExampleScenario", "ExplanationOfBenefit", "FamilyMemberHistory", "Flag", "Goal", "GraphDefinition", "Group", "GuidanceResponse", "HealthcareService", "ImagingStudy", "Immunization", "ImmunizationEvaluation", "ImmunizationRecommendation", "ImplementationGuide", "InsurancePlan", "Invoice", "Library", "Linkage", "List", "Location", "Measure", "MeasureReport", "Media", "Medication", "MedicationAdministration", "MedicationDispense", "MedicationKnowledge", "MedicationRequest", "MedicationStatement", "MedicinalProduct", "MedicinalProductAuthorization", "MedicinalProductContraindication", "MedicinalProductIndication", "MedicinalProductIngredient", "MedicinalProductInteraction", "MedicinalProductManufactured", "MedicinalProductPackaged", "MedicinalProductPharmaceutical", "MedicinalProductUndesirableEffect", "MessageDefinition", "MessageHeader", "MolecularSequence", "NamingSystem", "NutritionOrder", "Observation", "ObservationDefinition", "OperationDefinition", "OperationOutcome", "Organization", "OrganizationAffiliation", "Parameters", "Patient", "PaymentNotice", "PaymentReconciliation", "Person", "PlanDefinition", "Practitioner", "PractitionerRole", "Procedure", "Provenance", "Questionnaire", "QuestionnaireResponse", "RelatedPerson", "RequestGroup", "ResearchDefinition", "ResearchElementDefinition", "ResearchStudy", "ResearchSubject", "Resource", "RiskAssessment", "RiskEvidenceSynthesis", "Schedule", "SearchParameter", "ServiceRequest", "Slot", "Specimen", "SpecimenDefinition", "StructureDefinition", "StructureMap", "Subscription", "Substance", "SubstanceNucleicAcid", "SubstancePolymer", "SubstanceProtein", "SubstanceReferenceInformation", "SubstanceSourceMaterial", "SubstanceSpecification", "SupplyDelivery", "SupplyRequest", "Task", "TerminologyCapabilities", "TestReport", "TestScript", "ValueSet", "VerificationResult", "VisionPrescription", )),
        ("http://hl7.org/fhir/abstract-types", ("Type", "Any", )),
    ),
    "allergy-intolerance-category": (
        ("http://hl7.org/fhir/allergy-intolerance-category", ("food", "medication", "environment", "biologic", )),
    ),
    "allergy-intolerance-criticality": (
        ("http://hl7.org/fhir/allergy-intolerance-criticality", ("low", "high", "unable-to-assess", )),
    ),
    "allergy-intolerance-type": (
        ("http://hl7.org/fhir/allergy-intolerance-type", ("allergy", "intolerance", )),
    ),
    "allergyintolerance-clinical": (
        ("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", ("active", "inactive", "resolved", )),
    ),
    "allergyintolerance-verification": (
        ("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", ("unconfirmed", "confirmed", "refuted", "entered-in-error", )),
    ),
    "appointmentstatus": (
        ("http://hl7.org/fhir/appointmentstatus", ("proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow", "entered-in-error", "checked-in", "waitlist", )),
    ),
    "audit-event-action": (
        ("http://hl7.org/fhir/audit-event-action", ("C", "R", "U", "D", "E", )),
    ),
    "audit-event-outcome": (
        ("http://hl7.org/fhir/audit-event-outcome", ("0", "4", "8", "12", )),
    ),
    "binding-strength": (
        ("http://hl7.org/fhir/binding-strength", ("required", "extensible", "preferred", "example", )),
    ),
    "bundle-type": (
        ("http://hl7.org/fhir/bundle-type", ("document", "message", "transaction", "transaction-response", "batch", "batch-response", "history", "searchset", "collection", )),
    ),
    "capability-statement-kind": (
        ("http://hl7.org/fhir/capability-statement-kind", ("instance", "capability", "requirements", )),
    ),
    "care-plan-activity-kind": (
        ("http://hl7.org/fhir/resource-types", ("Appointment", "CommunicationRequest", "DeviceRequest", "MedicationRequest", "NutritionOrder", "Task", "ServiceRequest", "VisionPrescription", )),
    ),
    "care-plan-activity-status": (
        ("http://hl7.org/fhir/care-plan-activity-status", ("not-started", "scheduled", "in-progress", "on-hold", "completed", "cancelled", "stopped", "unknown", "entered-in-error", )),
    ),
    "care-plan-intent": (
        ("http://hl7.org/fhir/request-intent", ("proposal", "plan", "order", "option", )),
    ),
    "care-team-status": (
        ("http://hl7.org/fhir/care-team-status", ("proposed", "active", "suspended", "inactive", "entered-in-error", )),
    ),
    "codesystem-content-mode": (
        ("http://hl7.org/fhir/codesystem-content-mode", ("not-present", "example", "fragment", "complete", "supplement", )),
    ),
    "codesystem-hierarchy-meaning": (
        ("http://hl7.org/fhir/codesystem-hierarchy-meaning", ("grouped-by", "is-a", "part-of", "classified-with", )),
    ),
    "composition-status": (
        ("http://hl7.org/fhir/composition-status", ("preliminary", "final", "amended", "entered-in-error", )),
    ),
    "concept-map-equivalence": (
        ("http://hl7.org/fhir/concept-map-equivalence", ("relatedto", "equivalent", "equal", "wider", "subsumes", "narrower", "specializes", "inexact", "unmatched", "disjoint", )),
    ),
    "concept-property-type": (
        ("http://hl7.org/fhir/concept-property-type", ("code", "Coding", "string", "integer", "boolean", "dateTime", "decimal", )),
    ),
    "conceptmap-unmapped-mode": (
        ("http://hl7.org/fhir/conceptmap-unmapped-mode", ("provided", "fixed", "other-map", )),
    ),
    "condition-clinical": (
        ("http://terminology.hl7.org/CodeSystem/condition-clinical", ("active", "recurrence", "relapse", "inactive", "remission", "resolved", )),
    ),
    "condition-ver-status": (
        ("http://terminology.hl7.org/CodeSystem/condition-ver-status", ("unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error", )),
    ),
    "conditional-delete-status": (
        ("http://hl7.org/fhir/conditional-delete-status", ("not-supported", "single", "multiple", )),
    ),
    "conditional-read-status": (
        ("http://hl7.org/fhir/conditional-read-status", ("not-supported", "modified-since", "not-match", "full-support", )),
    ),
    "consent-data-meaning": (
        ("http://hl7.org/fhir/consent-data-meaning", ("instance", "related", "dependents", "authoredby", )),
    ),
    "consent-provision-type": (
        ("http://hl7.org/fhir/consent-provision-type", ("deny", "permit", )),
    ),
    "consent-state-codes": (
        ("http://hl7.org/fhir/consent-state-codes", ("draft", "proposed", "active", "rejected", "inactive", "entered-in-error", )),
    ),
    "constraint-severity": (
        ("http://hl7.org/fhir/constraint-severity", ("error", "warning", )),
    ),
    "contact-point-system": (
        ("http://hl7.org/fhir/contact-point-system", ("phone", "fax", "email", "pager", "url", "sms", "other", )),
    ),
    "contact-point-use": (
        ("http://hl7.org/fhir/contact-point-use", ("home", "work", "temp", "old", "mobile", )),
    ),
    "contributor-type": (
        ("http://hl7.org/fhir/contributor-type", ("author", "editor", "reviewer", "endorser", )),
    ),
    "days-of-week": (
        ("http://hl7.org/fhir/days-of-week", ("mon", "tue", "wed", "thu", "fri", "sat", "sun", )),
    ),
    "detectedissue-severity": (
        ("http://hl7.org/fhir/detectedissue-severity", ("high", "moderate", "low", )),
    ),
    "device-nametype": (
        ("http://hl7.org/fhir/device-nametype", ("udi-label-name", "user-friendly-name", "patient-reported-name", "manufacturer-name", "model-name", "other", )),
    ),
    "device-status": (
        ("http://hl7.org/fhir/device-status", ("active", "inactive", "entered-in-error", "unknown", )),
    ),
    "diagnostic-report-status": (
        ("http://hl7.org/fhir/diagnostic-report-status", ("registered", "partial", "preliminary", "final", "amended", "corrected", "appended", "cancelled", "entered-in-error", "unknown", )),
    ),
    "discriminator-type": (
        ("http://hl7.org/fhir/discriminator-type", ("value", "exists", "pattern", "type", "profile", )),
    ),
    "document-mode": (
        ("http://hl7.org/fhir/document-mode", ("producer", "consumer", )),
    ),
    "document-reference-status": (
        ("http://hl7.org/fhir/document-reference-status", ("current", "superseded", "entered-in-error", )),
    ),
    "document-relationship-type": (
        ("http://hl7.org/fhir/document-relationship-type", ("replaces", "transforms", "signs", "appends", )),
    ),
    "encounter-location-status": (
        ("http://hl7.org/fhir/encounter-location-status", ("planned", "active", "reserved", "completed", )),
    ),
    "encounter-status": (
        ("http://hl7.org/fhir/encounter-status", ("planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled", "entered-in-error", "unknown", )),
    ),
    "episode-of-care-status": (
        ("http://hl7.org/fhir/episode-of-care-status", ("planned", "waitlist", "active", "onhold", "finished", "cancelled", "entered-in-error", )),
    ),
    "event-capability-mode": (
        ("http://hl7.org/fhir/event-capability-mode", ("sender", "receiver", )),
    ),
    "event-status": (
        ("http://hl7.org/fhir/event-status", ("preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown", )),
    ),
    "event-timing": (
        ("http://hl7.org/fhir/event-timing", ("MORN", "MORN.early", "MORN.late", "NOON", "AFT", "AFT.early", "AFT.late", "EVE", "EVE.early", "EVE.late", "NIGHT", "PHS", )),
        ("http://terminology.hl7.org/CodeSystem/v3-TimingEvent", ("HS", "WAKE", "C", "CM", "CD", "CV", "AC", "ACM", "ACD", "ACV", "PC", "PCM", "PCD", "PCV", )),
    ),
    "extension-context-type": (
        ("http://hl7.org/fhir/extension-context-type", ("fhirpath", "element", "extension", )),
    ),
    "filter-operator": (
        ("http://hl7.org/fhir/filter-operator", ("=", "is-a", "descendent-of", "is-not-a", "regex", "in", "not-in", "generalizes", "exists", )),
    ),
    "flag-status": (
        ("http://hl7.org/fhir/flag-status", ("active", "inactive", "entered-in-error", )),
    ),
    "fm-status": (
        ("http://hl7.org/fhir/fm-status", ("active", "cancelled", "draft", "entered-in-error", )),
    ),
    "goal-status": (
        ("http://hl7.org/fhir/goal-status", ("proposed", "planned", "accepted", "active", "on-hold", "completed", "cancelled", "entered-in-error", "rejected", )),
    ),
    "group-type": (
        ("http://hl7.org/fhir/group-type", ("person", "animal", "practitioner", "device", "medication", "substance", )),
    ),
    "history-status": (
        ("http://hl7.org/fhir/history-status", ("partial", "completed", "entered-in-error", "health-unknown", )),
    ),
    "http-verb": (
        ("http://hl7.org/fhir/http-verb", ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", )),
    ),
    "identifier-use": (
        ("http://hl7.org/fhir/identifier-use", ("usual", "official", "temp", "secondary", "old", )),
    ),
    "immunization-status": (
        ("http://hl7.org/fhir/event-status", ("completed", "entered-in-error", "not-done", )),
    ),
    "issue-severity": (
        ("http://hl7.org/fhir/issue-severity", ("fatal", "error", "warning", "information", )),
    ),
    "issue-type": (
        ("http://hl7.org/fhir/issue-type", ("invalid", "structure", "required", "value", "invariant", "security", "login", "unknown", "expired", "forbidden", "suppressed", "processing", "not-supported", "duplicate", "multiple-matches", "not-found", "deleted", "too-long", "code-invalid", "extension", "too-costly", "business-rule", "conflict", "transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled", "informational", )),
    ),
    "item-type": (
        ("http://hl7.org/fhir/item-type", ("group", "display", "question", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url", "choice", "open-choice", "attachment", "reference", "quantity", )),
    ),
    "link-type": (
        ("http://hl7.org/fhir/link-type", ("replaced-by", "replaces", "refer", "seealso", )),
    ),
    "list-mode": (
        ("http://hl7.org/fhir/list-mode", ("working", "snapshot", "changes", )),
    ),
    "list-status": (
        ("http://hl7.org/fhir/list-status", ("current", "retired", "entered-in-error", )),
    ),
    "location-mode": (
        ("http://hl7.org/fhir/location-mode", ("instance", "kind", )),
    ),
    "location-status": (
        ("http://hl7.org/fhir/location-status", ("active", "suspended", "inactive", )),
    ),
    "measure-improvement-notation": (
        ("http://terminology.hl7.org/CodeSystem/measure-improvement-notation", ("increase", "decrease", )),
    ),
    "measure-report-status": (
        ("http://hl7.org/fhir/measure-report-status", ("complete", "pending", "error", )),
    ),
    "measure-report-type": (
        ("http://hl7.org/fhir/measure-report-type", ("individual", "subject-list", "summary", "data-collection", )),
    ),
    "medication-statement-status": (
        ("http://hl7.org/fhir/CodeSystem/medication-statement-status", ("active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "unknown", "not-taken", )),
    ),
    "medication-status": (
        ("http://hl7.org/fhir/CodeSystem/medication-status", ("active", "inactive", "entered-in-error", )),
    ),
    "medicationrequest-intent": (
        ("http://hl7.org/fhir/CodeSystem/medicationrequest-intent", ("proposal", "plan", "order", "original-order", "reflex-order", "filler-order", "instance-order", "option", )),
    ),
    "medicationrequest-status": (
        ("http://hl7.org/fhir/CodeSystem/medicationrequest-status", ("active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown", )),
    ),
    "name-use": (
        ("http://hl7.org/fhir/name-use", ("usual", "official", "temp", "nickname", "anonymous", "old", "maiden", )),
    ),
    "narrative-status": (
        ("http://hl7.org/fhir/narrative-status", ("generated", "extensions", "additional", "empty", )),
    ),
    "network-type": (
        ("http://hl7.org/fhir/network-type", ("1", "2", "3", "4", "5", )),
    ),
    "observation-status": (
        ("http://hl7.org/fhir/observation-status", ("registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown", )),
    ),
    "operation-kind": (
        ("http://hl7.org/fhir/operation-kind", ("operation", "query", )),
    ),
    "operation-parameter-use": (
        ("http://hl7.org/fhir/operation-parameter-use", ("in", "out", )),
    ),
    "participantrequired": (
        ("http://hl7.org/fhir/participantrequired", ("required", "optional", "information-only", )),
    ),
    "participationstatus": (
        ("http://hl7.org/fhir/participationstatus", ("accepted", "declined", "tentative", "needs-action", )),
    ),
    "property-representation": (
        ("http://hl7.org/fhir/property-representation", ("xmlAttr", "xmlText", "typeAttr", "cdaText", "xhtml", )),
    ),
    "provenance-entity-role": (
        ("http://hl7.org/fhir/provenance-entity-role", ("derivation", "revision", "quotation", "source", "removal", )),
    ),
    "publication-status": (
        ("http://hl7.org/fhir/publication-status", ("draft", "active", "retired", "unknown", )),
    ),
    "quantity-comparator": (
        ("http://hl7.org/fhir/quantity-comparator", ("<", "<=", ">=", ">", )),
    ),
    "questionnaire-answers-status": (
        ("http://hl7.org/fhir/questionnaire-answers-status", ("in-progress", "completed", "amended", "entered-in-error", "stopped", )),
    ),
    "questionnaire-enable-behavior": (
        ("http://hl7.org/fhir/questionnaire-enable-behavior", ("all", "any", )),
    ),
    "questionnaire-enable-operator": (
        ("http://hl7.org/fhir/questionnaire-enable-operator", ("exists", "=", "!=", ">", "<", ">=", "<=", )),
    ),
    "reaction-event-severity": (
        ("http://hl7.org/fhir/reaction-event-severity", ("mild", "moderate", "severe", )),
    ),
    "reference-handling-policy": (
        ("http://hl7.org/fhir/reference-handling-policy", ("literal", "logical", "resolves", "enforced", "local", )),
    ),
    "reference-version-rules": (
        ("http://hl7.org/fhir/reference-version-rules", ("either", "independent", "specific", )),
    ),
    "related-artifact-type": (
        ("http://hl7.org/fhir/related-artifact-type", ("documentation", "justification", "citation", "predecessor", "successor", "derived-from", "depends-on", "composed-of", )),
    ),
    "request-intent": (
        ("http://hl7.org/fhir/request-intent", ("proposal", "plan", "directive", "order", "original-order", "reflex-order", "filler-order", "instance-order", "option", )),
    ),
    "request-priority": (
        ("http://hl7.org/fhir/request-priority", ("routine", "urgent", "asap", "stat", )),
    ),
    "request-status": (
        ("http://hl7.org/fhir/request-status", ("draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown", )),
    ),
    "resource-aggregation-mode": (
        ("http://hl7.org/fhir/resource-aggregation-mode", ("contained", "referenced", "bundled", )),
    ),
    "resource-slicing-rules": (
        ("http://hl7.org/fhir/resource-slicing-rules", ("closed", "open", "openAtEnd", )),
    ),
    "resource-types": (
        ("http://hl7.org/fhir/resource-types", ("Account", "ActivityDefinition", "AdverseEvent", "AllergyIntolerance", "Appointment", "AppointmentResponse", "AuditEvent", "Basic", "Binary", "BiologicallyDerivedProduct", "BodyStructure", "Bundle", "CapabilityStatement", "CarePlan", "CareTeam", "CatalogEntry", "ChargeItem", "ChargeItemDefinition", "Claim", "ClaimResponse", "ClinicalImpression", "CodeSystem", "Communication", "CommunicationRequest", "CompartmentDefinition", "Composition", "ConceptMap", "Condition", "Consent", "Contract", "Coverage", "CoverageEligibilityRequest", "CoverageEligibilityResponse", "DetectedIssue", "Device", "DeviceDefinition", "DeviceMetric", "DeviceRequest", "DeviceUseStatement", "DiagnosticReport", "DocumentManifest", "DocumentReference", "DomainResource", "EffectEvidenceSynthesis", "Encounter", "Endpoint", "EnrollmentRequest", "EnrollmentResponse", "EpisodeOfCare", "EventDefinition", "Evidence", "EvidenceVariable", "ExampleScenario", "ExplanationOfBenefit", "FamilyMemberHistory", "Flag", "Goal", "GraphDefinition", "Group", "GuidanceResponse", "HealthcareService", "ImagingStudy", "Immunization", "ImmunizationEvaluation", "ImmunizationRecommendation", "ImplementationGuide", "InsurancePlan", "Invoice", "Library", "Linkage", "List", "Location", "Measure", "MeasureReport", "Media", "Medication", "MedicationAdministration", "MedicationDispense", "MedicationKnowledge", "MedicationRequest", "MedicationStatement", "MedicinalProduct", "MedicinalProductAuthorization", "MedicinalProductContraindication", "MedicinalProductIndication", "MedicinalProductIngredient", "MedicinalProductInteraction", "MedicinalProductManufactured", "MedicinalProductPackaged", "MedicinalProductPharmaceutical", "MedicinalProductUndesirableEffect", "MessageDefinition", "MessageHeader", "MolecularSequence", "NamingSystem", "NutritionOrder", "Observation", "ObservationDefinition", "OperationDefinition", "OperationOutcome", "Organization", "OrganizationAffiliation", "Parameters", "Patient", "PaymentNotice", "PaymentReconciliation", "Person", "PlanDefinition", "Practitioner", "PractitionerRole", "Procedure", "Provenance", "Questionnaire", "QuestionnaireResponse", "RelatedPerson", "RequestGroup", "ResearchDefinition", "ResearchElementDefinition", "ResearchStudy", "ResearchSubject", "Resource", "RiskAssessment", "RiskEvidenceSynthesis", "Schedule", "SearchParameter", "ServiceRequest", "Slot", "Specimen", "SpecimenDefinition", "StructureDefinition", "StructureMap", "Subscription", "Substance", "SubstanceNucleicAcid", "SubstancePolymer", "SubstanceProtein", "SubstanceReferenceInformation", "SubstanceSourceMaterial", "SubstanceSpecification", "SupplyDelivery", "SupplyRequest", "Task", "TerminologyCapabilities", "TestReport", "TestScript", "ValueSet", "VerificationResult", "VisionPrescription", )),
    ),
    "restful-capability-mode": (
        ("http://hl7.org/fhir/restful-capability-mode", ("client", "server", )),
    ),
    "search-comparator": (
        ("http://hl7.org/fhir/search-comparator", ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap", )),
    ),
    "search-entry-mode": (
        ("http://hl7.org/fhir/search-entry-mode", ("match", "include", "outcome", )),
    ),
    "search-modifier-code": (
        ("http://hl7.org/fhir/search-modifier-code", ("missing", "exact", "contains", "not", "text", "in", "not-in", "below", "above", "type", "identifier", "ofType", )),
    ),
    "search-param-type": (
        ("http://hl7.org/fhir/search-param-type", ("number", "date", "string", "token", "reference", "composite", "quantity", "uri", "special", )),
    ),
    "search-xpath-usage": (
        ("http://hl7.org/fhir/search-xpath-usage", ("normal", "phonetic", "nearby", "distance", "other", )),
    ),
    "sort-direction": (
        ("http://hl7.org/fhir/sort-direction", ("ascending", "descending", )),
    ),
    "structure-definition-kind": (
        ("http://hl7.org/fhir/structure-definition-kind", ("primitive-type", "complex-type", "resource", "logical", )),
    ),
    "subscription-channel-type": (
        ("http://hl7.org/fhir/subscription-channel-type", ("rest-hook", "websocket", "email", "sms", "message", )),
    ),
    "subscription-status": (
        ("http://hl7.org/fhir/subscription-status", ("requested", "active", "error", "off", )),
    ),
    "system-restful-interaction": (
        ("http://hl7.org/fhir/restful-interaction", ("transaction", "batch", "search-system", "history-system", )),
    ),
    "task-intent": (
        ("http://hl7.org/fhir/task-intent", ("unknown", )),
        ("http://hl7.org/fhir/request-intent", ("proposal", "plan", "order", "original-order", "reflex-order", "filler-order", "instance-order", "option", )),
    ),
    "task-status": (
        ("http://hl7.org/fhir/task-status", ("draft", "requested", "received", "accepted", "rejected", "ready", "cancelled", "in-progress", "on-hold", "failed", "completed", "entered-in-error", )),
    ),
    "trigger-type": (
        ("http://hl7.org/fhir/trigger-type", ("named-event", "periodic", "data-changed", "data-added", "data-modified", "data-removed", "data-accessed", "data-access-ended", )),
    ),
    "type-derivation-rule": (
        ("http://hl7.org/fhir/type-derivation-rule", ("specialization", "constraint", )),
    ),
    "type-restful-interaction": (
        ("http://hl7.org/fhir/restful-interaction", ("read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type", )),
    ),
    "udi-entry-type": (
        ("http://hl7.org/fhir/udi-entry-type", ("barcode", "rfid", "manual", "card", "self-reported", "unknown", )),
    ),
    "units-of-time": (
        ("http://unitsofmeasure.org", ("s", "min", "h", "d", "wk", "mo", "a", )),
    ),
    "versioning-policy": (
        ("http://hl7.org/fhir/versioning-policy", ("no-version", "versioned", "versioned-update", )),
    ),
}

UNBOUNDED: Final[dict[str, str]] = {
    "currencies": "urn:iso:std:iso:4217",
    "mimetypes": "urn:ietf:bcp:13",
}

RESOURCE_TYPES: Final = frozenset((
    "Account",
    "ActivityDefinition",
    "AdverseEvent",
    "AllergyIntolerance",
    "Appointment",
    "AppointmentResponse",
    "AuditEvent",
    "Basic",
    "Binary",
    "BiologicallyDerivedProduct",
    "BodyStructure",
    "Bundle",
    "CapabilityStatement",
    "CarePlan",
    "CareTeam",
    "CatalogEntry",
    "ChargeItem",
    "ChargeItemDefinition",
    "Claim",
    "ClaimResponse",
    "ClinicalImpression",
    "CodeSystem",
    "Communication",
    "CommunicationRequest",
    "CompartmentDefinition",
    "Composition",
    "ConceptMap",
    "Condition",
    "Consent",
    "Contract",
    "Coverage",
    "CoverageEligibilityRequest",
    "CoverageEligibilityResponse",
    "DetectedIssue",
    "Device",
    "DeviceDefinition",
    "DeviceMetric",
    "DeviceRequest",
    "DeviceUseStatement",
    "DiagnosticReport",
    "DocumentManifest",
    "DocumentReference",
    "EffectEvidenceSynthesis",
    "Encounter",
    "Endpoint",
    "EnrollmentRequest",
    "EnrollmentResponse",
    "EpisodeOfCare",
    "EventDefinition",
    "Evidence",
    "EvidenceVariable",
    "ExampleScenario",
    "ExplanationOfBenefit",
    "FamilyMemberHistory",
    "Flag",
    "Goal",
    "GraphDefinition",
    "Group",
    "GuidanceResponse",
    "HealthcareService",
    "ImagingStudy",
    "Immunization",
    "ImmunizationEvaluation",
    "ImmunizationRecommendation",
    "ImplementationGuide",
    "InsurancePlan",
    "Invoice",
    "Library",
    "Linkage",
    "List",
    "Location",
    "Measure",
    "MeasureReport",
    "Media",
    "Medication",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationKnowledge",
    "MedicationRequest",
    "MedicationStatement",
    "MedicinalProduct",
    "MedicinalProductAuthorization",
    "MedicinalProductContraindication",
    "MedicinalProductIndication",
    "MedicinalProductIngredient",
    "MedicinalProductInteraction",
    "MedicinalProductManufactured",
    "MedicinalProductPackaged",
    "MedicinalProductPharmaceutical",
    "MedicinalProductUndesirableEffect",
    "MessageDefinition",
    "MessageHeader",
    "MolecularSequence",
    "NamingSystem",
    "NutritionOrder",
    "Observation",
    "ObservationDefinition",
    "OperationDefinition",
    "OperationOutcome",
    "Organization",
    "OrganizationAffiliation",
    "Parameters",
    "Patient",
    "PaymentNotice",
    "PaymentReconciliation",
    "Person",
    "PlanDefinition",
    "Practitioner",
    "PractitionerRole",
    "Procedure",
    "Provenance",
    "Questionnaire",
    "QuestionnaireResponse",
    "RelatedPerson",
    "RequestGroup",
    "ResearchDefinition",
    "ResearchElementDefinition",
    "ResearchStudy",
    "ResearchSubject",
    "RiskAssessment",
    "RiskEvidenceSynthesis",
    "Schedule",
    "SearchParameter",
    "ServiceRequest",
    "Slot",
    "Specimen",
    "SpecimenDefinition",
    "StructureDefinition",
    "StructureMap",
    "Subscription",
    "Substance",
    "SubstanceNucleicAcid",
    "SubstancePolymer",
    "SubstanceProtein",
    "SubstanceReferenceInformation",
    "SubstanceSourceMaterial",
    "SubstanceSpecification",
    "SupplyDelivery",
    "SupplyRequest",
    "Task",
    "TerminologyCapabilities",
    "TestReport",
    "TestScript",
    "ValueSet",
    "VerificationResult",
    "VisionPrescription",
))
