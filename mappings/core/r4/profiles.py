"""What profiles of UK Core and Interweave demand of a resource beyond R4.

PROFILES    url -> (type, version, status, facts); a fact is (element id, kind, value):
            min, max      how often, in each element around it
            slice         slices are told apart by the value at this path
            is            a slice of extensions: the url of its members
            fixed         the value
            types         of a choice
            targets       types that a reference may point to
            codes         the required value set
            rule          key and FHIRPath of an invariant
EXTENSIONS  url -> (elements and types it may stand on, facts).
VALUE_SETS  required sets that are listed: id -> ((system, codes), ...).
Source  HL7 UK Core, Apache-2.0 (C) HL7 UK; Interweave FHIR implementation guide, CC0. Their
        versions stand with each.
Made by tools/make_profile_tables.py; never edited by hand.
"""

# fmt: off
# ruff: noqa: E501
from typing import Final

Fact = tuple[str, str, str]

PROFILES: Final[dict[str, tuple[str, str, str, tuple[Fact, ...]]]] = {
    "https://fhir.interweavedigital.nhs.uk/R4/StructureDefinition/Interweave-CarePlan": ("CarePlan", "0.0.1", "draft", (
        ("CarePlan.meta.id", "max", "0"),
        ("CarePlan.meta.extension", "max", "0"),
        ("CarePlan.meta.tag", "slice", "system"),
        ("CarePlan.meta.tag:Source", "max", "1"),
        ("CarePlan.meta.tag:Source.id", "max", "0"),
        ("CarePlan.meta.tag:Source.extension", "max", "0"),
        ("CarePlan.meta.tag:Source.system", "fixed", "https://fhir.interweavedigital.nhs.uk/Source"),
        ("CarePlan.meta.tag:Source.version", "max", "0"),
        ("CarePlan.meta.tag:Source.code", "min", "1"),
        ("CarePlan.meta.tag:Source.display", "min", "1"),
        ("CarePlan.meta.tag:Provenance", "max", "1"),
        ("CarePlan.meta.tag:Provenance.id", "max", "0"),
        ("CarePlan.meta.tag:Provenance.extension", "max", "0"),
        ("CarePlan.meta.tag:Provenance.system", "fixed", "https://fhir.interweavedigital.nhs.uk/Provenance"),
        ("CarePlan.meta.tag:Provenance.version", "max", "0"),
        ("CarePlan.meta.tag:Provenance.code", "min", "1"),
        ("CarePlan.meta.tag:Provenance.display", "min", "1"),
        ("CarePlan.identifier", "slice", "system"),
        ("CarePlan.identifier.id", "max", "0"),
        ("CarePlan.identifier.extension", "max", "0"),
        ("CarePlan.identifier:localIdentifier", "max", "1"),
        ("CarePlan.identifier:localIdentifier.id", "max", "0"),
        ("CarePlan.identifier:localIdentifier.extension", "max", "0"),
        ("CarePlan.identifier:localIdentifier.system", "fixed", "https://fhir.interweavedigital.nhs.uk/Id/local-carePlan-identifier"),
        ("CarePlan.identifier:localIdentifier.value", "min", "1"),
        ("CarePlan.identifier:localIdentifier.period", "max", "0"),
        ("CarePlan.instantiatesCanonical", "max", "0"),
        ("CarePlan.instantiatesUri", "max", "0"),
        ("CarePlan.subject", "targets", "Patient"),
        ("CarePlan.subject.id", "max", "0"),
        ("CarePlan.subject.extension", "max", "0"),
        ("CarePlan.subject.reference", "min", "1"),
        ("CarePlan.subject.display", "min", "1"),
        ("CarePlan.encounter.id", "max", "0"),
        ("CarePlan.encounter.extension", "max", "0"),
        ("CarePlan.encounter.reference", "min", "1"),
        ("CarePlan.period.id", "max", "0"),
        ("CarePlan.period.extension", "max", "0"),
        ("CarePlan.contributor", "max", "0"),
        ("CarePlan.supportingInfo", "max", "0"),
        ("CarePlan.activity.id", "max", "0"),
        ("CarePlan.activity.extension", "max", "0"),
        ("CarePlan.activity.detail.id", "max", "0"),
        ("CarePlan.activity.detail.extension", "max", "0"),
        ("CarePlan.activity.detail.instantiatesCanonical", "max", "0"),
        ("CarePlan.activity.detail.instantiatesUri", "max", "0"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-AllergyIntolerance": ("AllergyIntolerance", "2.5.0", "active", (
        ("AllergyIntolerance.code", "min", "1"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Appointment": ("Appointment", "1.4.0", "active", (
        ("Appointment.extension:deliveryChannel", "max", "1"),
        ("Appointment.extension:deliveryChannel", "is", "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeliveryChannel"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-CarePlan": ("CarePlan", "2.2.0", "draft", (
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-CareTeam": ("CareTeam", "2.1.0", "draft", (
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Condition": ("Condition", "2.6.0", "active", (
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-DiagnosticReport": ("DiagnosticReport", "3.0.0", "active", (
        ("DiagnosticReport.performer.extension:deviceReference", "max", "1"),
        ("DiagnosticReport.performer.extension:deviceReference", "is", "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeviceReference"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Encounter": ("Encounter", "2.3.0", "active", (
        ("Encounter.extension:dischargeMethod", "max", "1"),
        ("Encounter.extension:dischargeMethod", "is", "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DischargeMethod"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-HealthcareService": ("HealthcareService", "1.3.0", "active", (
        ("HealthcareService.communication", "codes", "http://hl7.org/fhir/ValueSet/all-languages"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Immunization": ("Immunization", "2.4.0", "active", (
        ("Immunization", "rule", "ukcore-imm-001 (status != 'not-done') or (status = 'not-done' and statusReason.exists())"),
        ("Immunization.extension:vaccinationProcedure", "max", "1"),
        ("Immunization.extension:vaccinationProcedure", "is", "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-List": ("List", "2.2.0", "active", (
        ("List.extension:careSettingType", "max", "1"),
        ("List.extension:careSettingType", "is", "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-CareSettingType"),
        ("List.extension:relatedProblemHeader", "max", "1"),
        ("List.extension:relatedProblemHeader", "is", "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-RelatedProblemHeader"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Location": ("Location", "2.2.0", "active", (
        ("Location.identifier", "slice", "system"),
        ("Location.identifier:odsSiteCode", "max", "1"),
        ("Location.identifier:odsSiteCode.system", "fixed", "https://fhir.nhs.uk/Id/ods-site-code"),
        ("Location.identifier:odsSiteCode.value", "min", "1"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-MedicationRequest": ("MedicationRequest", "2.5.0", "active", (
        ("MedicationRequest.substitution", "min", "1"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-MedicationStatement": ("MedicationStatement", "2.5.0", "active", (
        ("MedicationStatement.identifier.system", "min", "1"),
        ("MedicationStatement.identifier.value", "min", "1"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Observation": ("Observation", "3.0.0", "active", (
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Organization": ("Organization", "2.5.1", "active", (
        ("Organization.identifier", "slice", "system"),
        ("Organization.identifier:odsOrganisationCode", "max", "1"),
        ("Organization.identifier:odsOrganisationCode.system", "fixed", "https://fhir.nhs.uk/Id/ods-organization-code"),
        ("Organization.identifier:odsOrganisationCode.value", "min", "1"),
        ("Organization.identifier:odsSiteCode", "max", "1"),
        ("Organization.identifier:odsSiteCode.system", "fixed", "https://fhir.nhs.uk/Id/ods-site-code"),
        ("Organization.identifier:odsSiteCode.value", "min", "1"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient": ("Patient", "2.6.0", "active", (
        ("Patient.extension:deathNotificationStatus", "is", "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus"),
        ("Patient.extension:deathNotificationStatus.extension", "min", "1"),
        ("Patient.extension:ethnicCategory", "max", "1"),
        ("Patient.extension:ethnicCategory", "is", "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory"),
        ("Patient.identifier", "slice", "system"),
        ("Patient.identifier:nhsNumber", "max", "1"),
        ("Patient.identifier:nhsNumber.extension:nhsNumberVerificationStatus", "max", "1"),
        ("Patient.identifier:nhsNumber.extension:nhsNumberVerificationStatus", "is", "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"),
        ("Patient.identifier:nhsNumber.system", "fixed", "https://fhir.nhs.uk/Id/nhs-number"),
        ("Patient.identifier:nhsNumber.value", "min", "1"),
        ("Patient.communication.extension:proficiency", "max", "1"),
        ("Patient.communication.extension:proficiency", "is", "http://hl7.org/fhir/StructureDefinition/patient-proficiency"),
        ("Patient.communication.language", "codes", "http://hl7.org/fhir/ValueSet/all-languages"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Practitioner": ("Practitioner", "2.4.0", "active", (
        ("Practitioner.communication", "codes", "http://hl7.org/fhir/ValueSet/all-languages"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-PractitionerRole": ("PractitionerRole", "2.4.0", "active", (
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-RelatedPerson": ("RelatedPerson", "2.5.0", "active", (
        ("RelatedPerson.communication.language", "codes", "http://hl7.org/fhir/ValueSet/all-languages"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/UKCore-ServiceRequest": ("ServiceRequest", "2.5.0", "active", (
        ("ServiceRequest.extension:sourceOfServiceRequest", "max", "1"),
        ("ServiceRequest.extension:sourceOfServiceRequest", "is", "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-SourceOfServiceRequest"),
        ("ServiceRequest.extension:coverage", "max", "1"),
        ("ServiceRequest.extension:coverage", "is", "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-Coverage"),
    )),
}

EXTENSIONS: Final[dict[str, tuple[tuple[str, ...], tuple[Fact, ...]]]] = {
    "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AdmissionMethod": (("Encounter.hospitalization", ), (
        ("Extension.value[x]", "min", "1"),
        ("Extension.value[x]", "types", "CodeableConcept"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DischargeMethod": (("Encounter", ), (
        ("Extension.value[x]", "min", "1"),
        ("Extension.value[x]", "types", "CodeableConcept"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory": (("Patient", ), (
        ("Extension.value[x]", "min", "1"),
        ("Extension.value[x]", "types", "CodeableConcept"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus": (("Identifier", ), (
        ("Extension.extension", "max", "0"),
        ("Extension.value[x]", "min", "1"),
        ("Extension.value[x]", "codes", "https://fhir.hl7.org.uk/ValueSet/UKCore-NHSNumberVerificationStatus"),
        ("Extension.value[x]", "types", "CodeableConcept"),
    )),
    "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure": (("Immunization", ), (
        ("Extension.value[x]", "min", "1"),
        ("Extension.value[x]", "types", "CodeableConcept"),
    )),
}

VALUE_SETS: Final[dict[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "https://fhir.hl7.org.uk/ValueSet/UKCore-NHSNumberVerificationStatus": (
        ("https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland", ("01", "02", "03", "04", "05", "06", "07", "08", )),
        ("https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusWales", ("nn", "01", "02", "03", "04", "05", "06", "07", "08", )),
        ("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", ("NI", )),
    ),
}
