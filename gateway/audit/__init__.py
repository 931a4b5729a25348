"""The audit log: entries, Merkle tree, checkpoints, FHIR view; pure of the database."""
