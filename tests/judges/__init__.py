"""Outside judges of FHIR R4: they share no code with fhir.resources or the validator."""
