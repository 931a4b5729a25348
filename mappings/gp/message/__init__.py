"""What GP systems send: FHIR STU3 bundles, in their own words."""
