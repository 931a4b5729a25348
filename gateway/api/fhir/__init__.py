"""The FHIR routes, what is declared of them, and where provider systems push."""
