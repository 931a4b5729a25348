"""Schemathesis: cases made from the published description of the service."""
