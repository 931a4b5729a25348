"""One record, read: search, includes, provenance, who somebody is."""
