"""fhir-kit-client on node: what a client of others asks of a running gateway."""
