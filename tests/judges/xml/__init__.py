"""A reader of FHIR's XML that shares no code with our writer: fhir.resources over lxml."""
