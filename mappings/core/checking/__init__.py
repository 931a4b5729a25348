"""Is this FHIR R4? Structure, codes, invariants, references, and what profiles demand beyond."""
