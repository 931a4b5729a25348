"""Files for organisations that have no FHIR: what changed for their own people."""
