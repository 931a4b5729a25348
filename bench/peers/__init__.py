"""Side by side with a public FHIR server, on one machine, under one load, in one run."""
