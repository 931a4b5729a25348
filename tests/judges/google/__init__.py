"""Google's FHIR R4 protocol buffers as a judge, in an environment of its own."""
